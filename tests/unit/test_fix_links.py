"""Libraries that a link lacks: the entry is written where the project writes such, and linkcheck looks again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.fixable import commit_all
from tests.unit.git_kit import git

CMAKE = """\
cmake_minimum_required(VERSION 3.20)
project(linked LANGUAGES CXX)
option(BUILD_SHARED_LIBS "" ON)
add_link_options(-Wl,-z,defs)
add_library(deepest deepest.cpp)
add_library(deep deep.cpp)
add_library(top top.cpp)
target_link_libraries(top PUBLIC
  deepest
)
"""
SOURCES = {
    "deepest.cpp": "int deepest() { return 1; }\n",
    "deep.cpp": "int deepest();\nint deep() { return deepest(); }\n",
    "top.cpp": "int deep();\nint deepest();\nint top() { return deep() + deepest(); }\n",
}


@pytest.fixture
def red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two libraries do not link, each for one that it does not name; the log lies beside the build directory."""
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@example.org")
    root = tmp_path / "linked"
    root.mkdir()
    for name, text in {**SOURCES, "CMakeLists.txt": CMAKE}.items():
        (root / name).write_text(text)
    commit_all(root, "As it was")
    subprocess.run(["cmake", "-G", "Ninja", "-S", root, "-B", tmp_path / "build"], check=True, capture_output=True)
    done = subprocess.run(["ninja", "-C", tmp_path / "build", "-k0"], capture_output=True, text=True, check=False)
    (tmp_path / "log").write_text(done.stdout)
    return root


def test_entries_are_added_until_every_library_links(red: Path) -> None:
    build = red.parent / "build"
    assert main(["fix", str(red.parent / "log"), "--build", str(build), "--write"]) == 0
    assert git(red, "status", "--porcelain") == ""
    git(red, "merge", "-q", "--ff-only", "llvmgate-fix")
    text = (red / "CMakeLists.txt").read_text()
    assert "target_link_libraries(deep PUBLIC deepest)" in text
    assert "  deepest\n  deep\n)" in text
    subprocess.run(["ninja", "-C", build], check=True, capture_output=True)


def test_a_library_that_nobody_has_is_left(red: Path) -> None:
    (red / "deepest.cpp").write_text("int other() { return 1; }\n")
    commit_all(red, "Nobody has it")
    done = subprocess.run(["ninja", "-C", red.parent / "build", "-k0"], capture_output=True, text=True, check=False)
    (red.parent / "log").write_text(done.stdout)
    assert main(["fix", str(red.parent / "log"), "--build", str(red.parent / "build")]) == 1
    outcome = json.loads((red.parent / "build/llvmgate-fix/outcome.json").read_text())
    assert any(cause["left"] for cause in outcome["causes"])
    assert "deepest" not in outcome["patches"].get(".", "").replace(" deepest\n", "")
