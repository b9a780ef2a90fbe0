"""What a project's own CMakePresets.json asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.cmake.presets import preset_values
from tests.support.toy import make_llvm


def write(root: Path, *presets: object, name: str = "CMakePresets.json", **more: object) -> Path:
    (root / name).write_text(json.dumps({"version": 6, "configurePresets": presets, **more}))
    return root


def test_a_preset_has_what_it_inherits_the_nearest_first(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"name": "base", "hidden": True, "cacheVariables": {"A": "1", "B": "1", "C": "1", "D": None}},
        {"name": "more", "hidden": True, "cacheVariables": {"B": "2", "C": "2"}},
        {
            "name": "dev",
            "inherits": ["more", "base"],
            "cacheVariables": {"C": {"type": "BOOL", "value": True}, "E": False},
        },
    )
    assert preset_values(tmp_path) == {"dev": {"A": "1", "B": "2", "C": "TRUE", "E": "FALSE"}}


def test_files_that_are_included_count_once_and_inside_of_the_tree(tmp_path: Path) -> None:
    root = tmp_path / "p"
    root.mkdir()
    write(tmp_path, {"name": "outside"}, name="x.json")
    write(
        root, {"name": "b", "inherits": "a"}, name="b.json", include=["CMakePresets.json", "../x.json", "$env{X}.json"]
    )
    write(root, {"name": "a", "inherits": "b", "cacheVariables": {"X": "1"}}, include=["b.json", 7])
    assert preset_values(root) == {"a": {"X": "1"}, "b": {"X": "1"}}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"configurePresets": 3}', '{"configurePresets": [3, {}]}', "[" * 99999]
)
def test_what_is_no_file_of_presets_has_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "CMakePresets.json").write_text(text)
    assert preset_values(tmp_path) == {}


def test_preflight_looks_at_what_a_preset_builds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_llvm(tmp_path / "llvm")
    root = tmp_path / "p"
    (root / "extra").mkdir(parents=True)
    (root / "CMakeLists.txt").write_text("option(EXTRA x OFF)\nif(EXTRA)\n  add_subdirectory(extra)\nendif()\n")
    (root / "extra/CMakeLists.txt").write_text("")
    (root / "extra/a.cpp").write_text('#include "llvm/ADT/Nowhere.h"\n')
    command = ["preflight", str(tmp_path / "llvm"), "--source", str(root)]
    assert main(command) == 0
    write(root, {"name": "all", "cacheVariables": {"EXTRA": "ON"}})
    assert main(command) == 1
    assert "llvm/ADT/Nowhere.h" in capsys.readouterr().out
