"""lit tests whose expected output is another now: lit writes it anew on a copy, where this lit can."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.fixable import commit_all
from tests.unit.git_kit import git

CMAKE = """\
cmake_minimum_required(VERSION 3.20)
project(small LANGUAGES NONE)
configure_file(test/lit.site.cfg.py.in test/lit.site.cfg.py @ONLY)
add_custom_target(check-small COMMAND {python} {lit} -v ${{CMAKE_BINARY_DIR}}/test USES_TERMINAL)
"""
FILES = {
    "test/lit.site.cfg.py.in": 'lit_config.load_config(config, "@CMAKE_SOURCE_DIR@/test/lit.cfg.py")\n',
    "test/lit.cfg.py": (
        "import os, lit.formats\nconfig.name = 'SMALL'\nconfig.test_format = lit.formats.ShTest(False)\n"
        "config.suffixes = ['.test']\nconfig.test_source_root = os.path.dirname(__file__)\n"
    ),
    "test/form.test": "RUN: echo new > %t\nRUN: diff %S/Inputs/form.expected %t\n",
    "test/Inputs/form.expected": "old\n",
    "test/other.test": "RUN: echo fine\n",
    "test/fails.test": "RUN: false\n",
}


@pytest.fixture
def red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two of three tests fail; the log lies beside the build directory."""
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    return _red(tmp_path, str(Path(sys.executable).with_name("lit")))


def _red(tmp_path: Path, lit: str) -> Path:
    root, build = tmp_path / "small", tmp_path / "build"
    for name, text in {**FILES, "CMakeLists.txt": CMAKE.format(python=sys.executable, lit=lit)}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    commit_all(root, "As it was")
    subprocess.run(["cmake", "-G", "Ninja", "-S", root, "-B", build], check=True, capture_output=True)
    done = subprocess.run(["ninja", "-C", build, "check-small"], capture_output=True, text=True, check=False)
    (tmp_path / "log").write_text(done.stdout)
    return root


def test_an_expected_file_is_written_anew_and_what_fails_otherwise_is_left(red: Path) -> None:
    build = red.parent / "build"
    assert main(["fix", str(red.parent / "log"), "--build", str(build)]) == 1
    assert git(red, "status", "--porcelain") == ""
    patch = (build / "llvmgate-fix/small.patch").read_text()
    assert patch.startswith("--- a/test/Inputs/form.expected\n+++ b/test/Inputs/form.expected\n")
    assert "-old\n+new\n" in patch
    causes = json.loads((build / "llvmgate-fix/outcome.json").read_text())["causes"]
    assert any("fails.test" in str(cause["finding"]) and cause["left"] for cause in causes)


def test_a_lit_that_cannot_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As those before LLVM 21."""
    real = shutil.which("lit", path=str(Path(sys.executable).parent))
    old = tmp_path / "old/lit.py"
    old.parent.mkdir()
    old.write_text(
        f"import subprocess, sys\nif '--help' in sys.argv: sys.exit()\n"
        f"sys.exit(subprocess.call([sys.executable, {real!r}, *sys.argv[1:]]))\n"
    )
    root = _red(tmp_path, str(old))
    assert main(["fix", str(tmp_path / "log"), "--build", str(tmp_path / "build")]) == 1
    assert "has no --update-tests" in capsys.readouterr().err
    assert not (tmp_path / "build/llvmgate-fix/small.patch").exists()
    assert git(root, "status", "--porcelain") == ""
