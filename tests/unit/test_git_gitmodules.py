from __future__ import annotations

from pathlib import Path

import pytest
from git_kit import git
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_llvmgate.git.gitmodules import parse_gitmodules


def paths(text: str) -> list[tuple[str, str, str]]:
    return [(module.name, module.path, module.url) for module in parse_gitmodules(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ('[submodule "a"]\n\tpath = x/a\n\turl = u\n', [("a", "x/a", "u")]),
        ('[submodule "a"]\r\n\tpath = x/a\r\n\turl = u\r\n', [("a", "x/a", "u")]),
        ('[submodule "a"] path = x\n', [("a", "x", "")]),
        ('[submodule "a"]\npath=x/\n', [("a", "x", "")]),
        ('[Submodule "a \\"b\\""]\nPath = "x y" # why\n', [('a "b"', "x y", "")]),
        ('[submodule "a"]\npath = x ; why\nurl = "u#1"\n', [("a", "x", "u#1")]),
        ('# [submodule "a"]\n#path = x\n', []),
        ('[submodule "a"]\nurl = u\n', []),
        ('[core]\npath = x\n[submodule "a"]\npath = y\n[other "z"]\npath = q\n', [("a", "y", "")]),
        ('[submodule "a"]\npath = x\\\ny\n', [("a", "xy", "")]),
        ('[submodule "a"]\npath = one\n[submodule "a"]\nurl = u\npath = two\n', [("a", "two", "u")]),
        ('\ufeff[submodule "a"]\npath = x\n', [("a", "x", "")]),
        ("no section\npath = x\n", []),
    ],
)
def test_sections(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert paths(text) == expected


def test_the_branch() -> None:
    (module,) = parse_gitmodules('[submodule "a"]\npath = x\nbranch = release/1\n')
    assert module.branch == "release/1"


VALUES = st.text(alphabet='ab/.-_ #;"\\é', min_size=1, max_size=12).filter(lambda value: value.strip(" /") != "")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=VALUES, path=VALUES, url=VALUES)
def test_it_reads_what_git_writes(tmp_path: Path, name: str, path: str, url: str) -> None:
    file = tmp_path / "gitmodules"
    file.unlink(missing_ok=True)
    for key, value in (("path", path), ("url", url)):
        git(tmp_path, "config", "--file", str(file), f"submodule.{name}.{key}", value)
    assert paths(file.read_text(encoding="utf-8")) == [(name, path.rstrip("/"), url)]
