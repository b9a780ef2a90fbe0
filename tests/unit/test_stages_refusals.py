"""The doctor: where the project's CMake files refuse what this machine has, this LLVM above all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.unit.test_stages_readiness import complaints, project, roomy_machine

__all__ = ["roomy_machine"]

pytestmark = pytest.mark.skipif(not shutil.which("c++"), reason="needs a C++ compiler")


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ("find_program(TOOL llvmgate-nowhere)\nif(NOT TOOL)\n  message(SEND_ERROR none)\nendif()\n", True),
        ("find_program(TOOL cmake)\nif(NOT TOOL)\n  message(SEND_ERROR none)\nendif()\n", False),
        ("find_program(TOOL llvmgate-nowhere HINTS ${X})\nif(NOT TOOL)\n  message(SEND_ERROR none)\nendif()\n", False),
    ],
)
def test_a_program_that_is_not_there_decides_conditions(tmp_path: Path, lists: str, *, told: bool) -> None:
    root = project(tmp_path, lists)
    assert ("CMake will fail at CMakeLists.txt:5: none" in complaints(root)) == told


def test_a_refusal_says_what_its_variables_are_worth(tmp_path: Path) -> None:
    root = project(tmp_path, 'set(WANTED 22)\nmessage(FATAL_ERROR "only ${WANTED} is supported, not ${WHO_KNOWS}")\n')
    assert "CMake will stop at CMakeLists.txt:4: only 22 is supported, not ${WHO_KNOWS}" in complaints(root)


def test_a_package_of_llvm_s_that_this_install_has_not_is_told(tmp_path: Path) -> None:
    root = project(tmp_path, "find_package(Clang REQUIRED CONFIG)\nfind_package(LLD)\n")
    (found,) = [each for each in complaints(root) if "asks for" in each]
    assert found.startswith("CMakeLists.txt:3 asks for Clang; this LLVM has no ClangConfig.cmake\n    -> ")
    text = (root / "llvmgate.toml").read_text()
    for way in ("Clang_DIR", "Clang_ROOT", "CMAKE_PREFIX_PATH"):
        (root / "llvmgate.toml").write_text(text.replace("[build.cmake]", f'[build.cmake]\n{way} = "/opt/clang"'))
        assert not any("asks for" in each for each in complaints(root))


def test_a_package_of_llvm_s_whose_archives_are_not_there_is_told(tmp_path: Path) -> None:
    """A distribution's -dev package of LLVM may bring Clang's CMake files without the archives."""
    root = project(tmp_path, "find_package(Clang REQUIRED CONFIG)\n")
    clang = root / "llvm/lib/cmake/clang"
    clang.mkdir()
    (clang / "ClangConfig.cmake").write_text("")
    assert not any("asks for" in each for each in complaints(root))
    check = "list(APPEND _cmake_import_check_targets clangBasic )\n"
    check += 'list(APPEND _cmake_import_check_files_for_clangBasic "${_IMPORT_PREFIX}/lib/libclangBasic.a" )\n'
    (clang / "ClangTargets-release.cmake").write_text(check)
    (found,) = [each for each in complaints(root) if "asks for" in each]
    assert "asks for Clang; this LLVM is incomplete (" in found
    assert "libclangBasic.a" in found


@pytest.mark.parametrize("words", ["${WANTED} REQUIRED", "15...30 REQUIRED", "20.1 REQUIRED"])
def test_a_version_that_llvm_s_package_does_not_accept_is_told(tmp_path: Path, words: str) -> None:
    """Of a range, LLVM's package sees the lower end."""
    root = project(tmp_path, f"set(WANTED 15)\nfind_package(LLVM {words} CONFIG)\n")
    (found,) = [each for each in complaints(root) if "the project asks for LLVM " in each]
    assert "(CMakeLists.txt:4)" in found


def test_an_install_that_nobody_makes_is_told_with_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path)
    text = (root / "llvmgate.toml").read_text()
    (root / "llvmgate.toml").write_text(text.replace('prefix = "llvm"', 'prefix = "llvm_version.txt"'))
    main(["doctor", "-C", str(root)])
    assert f"expected an installed LLVM at {root}/llvm_version.txt, found a file" in capsys.readouterr().out
