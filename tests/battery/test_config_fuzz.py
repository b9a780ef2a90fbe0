"""Ten thousand configurations: each is accepted, or refused with the exit code for bad input."""

from __future__ import annotations

import copy
import datetime
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import tomli_w

from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.errors import GateError

INPUTS: Final = 10_000
WHOLE: Final[dict[str, Any]] = {
    "pin": [
        {"name": "llvm", "file": "v.txt", "reader": "sha-file", "only": {"mhlo": "on"}},
        {"name": "c", "component": "tp/c", "file": "v", "policy": "advisory", "reason": "x"},
        {"name": "r", "file": "v", "reader": "regex", "pattern": "(?P<sha>[0-9a-f]{40})"},
        {"name": "t", "file": "v", "key": "k", "group": "g", "policy": "ignore", "reason": "x",
         "through": [{"file": "w", "repository": "../o", "url": "https://example.org/o", "reader": "sha-file"}]},
    ],
    "llvm": {
        "supplier": "wheels", "prefix": "/opt/{sha}/{flavour}", "repository": "../l", "tags": {"t": "a" * 40},
        "wheels": [{"revision": "a" * 40, "tag": "t", "requirements": ["a==1"], "flavours": ["static"]}],
        "source": {"repository": "x", "cmake": {"A": True, "B": 1}, "targets": ["t"], "launcher": "ccache",
                   "store": "../s", "flavours": {"shared": {"cmake": {"C": "ON"}}}},
        "archive": "https://example.org/{tag}.tar.xz", "checksum": "{archive}.sha256", "sha256": {"a" * 40: "b" * 64},
        "platform": "p", "derive": False, "revision": "unrecorded", "main": "origin/main",
    },
    "axes": {
        "linkage": {"static": {"cmake": {"S": "OFF"}, "flavour": "static"}, "shared": {"env": {"E": "1"}}},
        "mhlo": {"on": {"cmake": {"M": "ON"}, "only": {"linkage": ["static", "shared"]}}, "off": {}},
    },
    "exclude": [{"linkage": "shared", "mhlo": "off"}],
    "configuration": [{"name": "extra", "options": {"linkage": "static"}, "cmake": {"Z": "1"}}],
    "build": {"source": ".", "cmake": {"C": "1"}, "env": {"G": "1"}, "check": [["{install}/bin/x", "--v"]],
              "launcher": ["ccache", "x"], "jobs": 3, "share_objects": False, "targets": ["t"], "install": False,
              "install_targets": ["i"]},
    "timeouts": {"llvm": 1, "configure": 2.5},
    "advice": [{"match": "x.*y", "text": "t", "link": "l"}],
    "carry": [{"name": "c", "until": datetime.date(2030, 1, 1), "reason": "r", "component": "hlo", "patches": ["p"],
               "cause": "a" * 12, "upstream": "b" * 40, "owner": "o", "issue": "1"},
              {"name": "f", "until": datetime.date(2030, 1, 1), "reason": "r", "fork": "upstream/main"}],
    "hold": [{"until": datetime.date(2030, 1, 1), "reason": "r", "configurations": "linkage=static", "pins": ["llvm"]}],
    "update": {"cadence": "weekly", "siblings": ["../s"]},
    "bump": {"run": [["python3", "tools/x.py", "{sha}"]]}, "roll": {"branch": "llvm-roll", "fix": "review"},
    "gate": {"stop_after": "preflight"}, "preflight": {"enabled": True, "policy": "report", "tablegen": False},
    "syntax": {"enabled": True, "precompile": False}, "linkcheck": {"policy": "fail", "llvm": "auto", "confirm": True},
}  # fmt: skip
TEXTS: Final = (
    "", " ", "\x01", "a\nb", "\u202e", "../../etc/passwd", "/etc/passwd", "..", "~nosuchuser/x", "~", "{", "{}",
    "{sha.__class__}", "$(id)", "--upload-pack=x", "CON", "objects", "verdict.json", "x" * 300, "x" * 100_000,
    "(a+)+$", "(?P<sha>", "(", "[", "a=b", "a=b,c=d", "mhlo=on", "9999-12-31", "99999999999999999999 times a week",
    "daily", "A" * 40, "llvmgate.toml", ".git", "on", "ext::sh -c x", "\U0010ffff", "k" * 256, "\0", "é",
)  # fmt: skip
OTHERS: Final = (
    0, 1, -1, 10**18, 10**400, -(10**400), 1.5, 1e308, float("inf"), float("nan"), True, False, [], {},
    datetime.date(1, 1, 1), datetime.date(9999, 12, 31), datetime.datetime(2026, 1, 1, 1, 1), datetime.time(1, 2),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield (*path, key)
        yield from places(each, (*path, key))


def mutated(rng: random.Random) -> str:
    data = {name: copy.deepcopy(value) for name, value in WHOLE.items() if rng.random() < 0.65}
    for _ in range(rng.randrange(1, 5)):
        known = list(places(data))
        if not known:
            break
        *above, key = rng.choice(known)
        parent: Any = data
        for each in above:
            parent = parent[each]
        scalar = rng.choice(TEXTS) if rng.random() < 0.6 else rng.choice(OTHERS)
        match rng.randrange(4):
            case 0:
                del parent[key]
            case 1 if isinstance(parent, dict):
                parent[rng.choice(TEXTS)] = scalar
            case 2 if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[key]))
            case _:
                parent[key] = scalar
    text = tomli_w.dumps(data)
    if rng.random() < 0.1 and text:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice((*TEXTS, "[[pin]]\n", '"""', "'''", "#", "\r", "0x" + "f" * 5000)) + text[at:]
    return text


def test_mutated_configurations(tmp_path: Path) -> None:
    rng, path, seen, slowest = random.Random(14), tmp_path / "llvmgate.toml", Counter[str](), 0.0
    for _ in range(INPUTS):
        path.write_text(mutated(rng), encoding="utf-8", errors="surrogatepass")
        start = time.process_time()
        try:
            load_config(path)
            seen["accepted"] += 1
        except GateError as error:
            seen["refused" if error.exit_code == 4 and str(error) else "refused without a word"] += 1
        slowest = max(slowest, time.process_time() - start)
    print(dict(seen), f"the slowest took {slowest:.2f} s")
    assert slowest < 5
    assert "refused without a word" not in seen
    assert min(seen["accepted"], seen["refused"]) > INPUTS // 50
