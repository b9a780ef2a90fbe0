"""Two thousand changed JUnit files and JSON verdicts through report, in every form: no traceback, no markup."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_llvmgate import model
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.codec import dumps
from pytest_llvmgate.kinds import facts
from pytest_llvmgate.plugin.option_names import FORMS as NAMES
from tests.support.verdicts import junit, mhlo_breaks_shared

INPUTS: Final = 1_000
FACTS: Final = sorted({value for room in (facts, model) for value in vars(room).values() if isinstance(value, str)})
EVIL: Final = "&lt;img src=x onerror=alert(1)&gt;"
PIECES: Final = (
    EVIL, "nan", "inf", "1e308", "-1", "x", "", "&#13;&#13;# H", "../../../../etc/passwd", "/etc/passwd", "[1]", "{",
    '[{"kind":1}]', "[" * 3000, "1/2/99999999999999999999999", "9" * 5000, "\u202e", "&#x9b;2J", "`", "|", "a" * 10_000,
)  # fmt: skip


def mutated(rng: random.Random, text: str) -> str:
    for _ in range(rng.randrange(1, 4)):
        quotes = [at for at, character in enumerate(text) if character == '"']
        number = rng.randrange(0, len(quotes) - 1)
        start, end = quotes[number], quotes[number + 1]
        match rng.randrange(8):
            case 0:
                text = text[:start] + text[rng.randrange(start, len(text)) :]
            case 1:
                start = text.rfind(" ", 0, start)
                text = text[:start] + text[end + 1 :]
            case _:
                text = text[: start + 1] + rng.choice(PIECES).replace('"', "&quot;") + text[end:]
    return text


FORMS: Final = ([], *([f"--{form}"] for form in NAMES))
VALUES: Final = (
    *PIECES, "[]", "{}", "null", "[[1]]", '{"a":', '{"static": 1}', '{"static": ["x"]}', '["x", 1]', "[" * 100_000,
    0, -1, 1e308, 10**400, None, [], {}, True, ["x"], {"x": "y"}, "passed", "skipped", "c0::build", "llvm::static",
)  # fmt: skip


TEXTS: Final = [each for each in VALUES if isinstance(each, str)]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield (*path, key)
        yield from places(each, (*path, key))


def mutated_json(rng: random.Random, whole: str) -> str:
    data = json.loads(whole)
    for result in data["results"]:
        if rng.random() < 0.3:
            result["facts"] |= {name: rng.choice(TEXTS) for name in rng.sample(FACTS, 3)}
    for _ in range(rng.randrange(0, 3)):
        *above, key = rng.choice(list(places(data)))
        parent: Any = data
        for each in above:
            parent = parent[each]
        fitting = [each for each in VALUES if type(each) is type(parent[key])]
        parent[key] = rng.choice(fitting if fitting and rng.random() < 0.8 else VALUES)
    return json.dumps(data)


def test_mutated_verdicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng, seen = random.Random(14), Counter[int]()
    whole = dumps(mhlo_breaks_shared())
    path = tmp_path / "b.json"
    for _ in range(INPUTS):
        path.write_text(mutated_json(rng, whole), encoding="utf-8", errors="surrogatepass")
        form = rng.choice(FORMS)
        code = main(["report", *form, str(path)])
        said = capsys.readouterr()
        assert "a defect of the gate" not in said.err, (form, path.read_text()[:5000])
        assert "root:" not in said.out
        assert form in (["--json"], ["--sarif"], ["--code-quality"]) or "\u202e" not in said.out
        assert form != ["--html"] or "<img" not in said.out
        seen[code] += 1
    print(dict(seen))
    assert set(seen) <= {0, 1, 4}
    assert seen[1] > INPUTS // 20


def test_mutated_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng, seen = random.Random(14), Counter[int]()
    whole = junit(tmp_path / "a.xml", mhlo_breaks_shared()).read_text(encoding="utf-8")
    for _ in range(INPUTS):
        path = tmp_path / "b.xml"
        path.write_text(mutated(rng, whole), encoding="utf-8")
        form = rng.choice(([], ["--html"], ["--markdown"], ["--json"]))
        code = main(["report", *form, str(path)])
        said = capsys.readouterr().out
        assert "root:" not in said
        assert "\u202e" not in said
        assert "\x9b" not in said
        assert form != ["--html"] or "<img" not in said
        seen[code] += 1
    print(dict(seen))
    assert set(seen) <= {0, 1, 4}
    assert seen[1] > INPUTS // 10
