"""A thousand changed JUnit files through report in every form: a page, or an error, and never a traceback."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.verdicts import junit, mhlo_breaks_shared

INPUTS: Final = 1_000
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
