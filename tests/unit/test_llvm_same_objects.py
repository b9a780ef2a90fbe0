"""Whether a shared build would compile what the static one has compiled."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pytest_llvmgate.llvm.same_objects import COMMANDS, Builds, difference, write_commands
from tests.support.toy import git

HARMLESS = """\
#if defined(_WIN32) && defined(LLVM_EXPORTS)
#define LLVM_ABI __declspec(dllexport)
#else
#define LLVM_ABI
#endif
"""
HARMFUL = "#ifdef LLVM_EXPORTS\n#define LLVM_ABI 1\n#else\n#define LLVM_ABI 2\n#endif\n"


def build(tree: Path, *flags: str, target: str = "LLVMSupport", header: str = "") -> Path:
    """A configured build of one file, as CMake's compile_commands.json has it."""
    directory = tree / "build"
    (directory / "include/llvm/Config").mkdir(parents=True)
    (directory / "include/llvm/Config/llvm-config.h").write_text(header)
    output = f"lib/Support/CMakeFiles/{target}.dir/x.cpp.o"
    words = ["c++", f"-I{directory}/include", *flags, "-o", output, "-c", f"{tree}/source/llvm/lib/x.cpp"]
    entry = {"directory": str(directory), "file": f"{tree}/source/llvm/lib/x.cpp", "output": output, "arguments": words}
    (directory / "compile_commands.json").write_text(json.dumps([entry]))
    return directory


def sources(tree: Path, header: str) -> Path:
    place = tree / "source"
    (place / "llvm/include").mkdir(parents=True)
    (place / "llvm/include/Compiler.h").write_text(header)
    git(place, "init", "-q")
    git(place, "add", "--all")
    return place


def compared(
    directory: Path, static: tuple[str, ...], shared: tuple[str, ...], *, header: str = HARMLESS, configured: str = ""
) -> str:
    install, tree = directory / "install", directory / "shared"
    built = build(directory / "static", *static)
    (install / "include/llvm/Config").mkdir(parents=True)
    (install / "include/llvm/Config/llvm-config.h").write_text("")
    write_commands(built, directory / "static", install / COMMANDS)
    builds = Builds(
        static=install,
        build=build(tree, *shared, header=configured),
        source=sources(tree, header),
        tree=tree,
        cxx="c++",
        env=os.environ,
    )
    return difference(builds, ["LLVMSupport"])


@pytest.mark.parametrize(
    ("static", "shared"),
    [
        (("-O2",), ("-O2",)),
        (("-O2",), ("-O2", "-fPIC")),
        (("-fPIE",), ("-fPIC",)),
        ((), ("-DLLVM_EXPORTS", "-DLLVMSupport_EXPORTS")),
        (("-Dalways_EXPORTS",), ("-Dalways_EXPORTS",)),
        (("-isystem", "/usr/include/libxml2", "-O2"), ("-O2",)),
    ],
)
def test_differences_by_design_are_none(tmp_path: Path, static: tuple[str, ...], shared: tuple[str, ...]) -> None:
    assert compared(tmp_path, static, shared) == ""


def test_an_object_library_of_its_own_when_shared(tmp_path: Path) -> None:
    install, tree = tmp_path / "install", tmp_path / "shared"
    install.mkdir()
    write_commands(build(tmp_path / "static", target="LLVMDiff"), tmp_path / "static", install / COMMANDS)
    shared = build(tree, "-fPIC", target="obj.LLVMDiff")
    builds = Builds(static=install, build=shared, source=sources(tree, ""), tree=tree, cxx="c++", env=os.environ)
    assert difference(builds, ["LLVMDiff"]) == ""


def test_hidden_symbols_are_a_difference(tmp_path: Path) -> None:
    assert "compiled in another way when shared" in compared(tmp_path, ("-fvisibility=hidden",), ())


def test_default_visibility_spelled_out_is_none(tmp_path: Path) -> None:
    text = (
        '#ifdef LLVM_EXPORTS\n#define LLVM_EXTERNAL_VISIBILITY __attribute__((visibility("default")))\n'
        "#else\n#define LLVM_EXTERNAL_VISIBILITY\n#endif\nLLVM_EXTERNAL_VISIBILITY void f();\n"
    )
    assert compared(tmp_path, (), ("-DLLVM_EXPORTS",), header=text) == ""


def test_another_command(tmp_path: Path) -> None:
    found = compared(tmp_path, ("-O2",), ("-O3",))
    assert found == "lib/Support/CMakeFiles/LLVMSupport.dir/x.cpp.o is compiled in another way when shared"


def test_a_macro_that_changes_a_header(tmp_path: Path) -> None:
    found = compared(tmp_path, (), ("-DLLVM_EXPORTS",), header=HARMFUL)
    assert found == "llvm/include/Compiler.h comes out differently with LLVM_EXPORTS"


def test_a_macro_that_code_asks_for(tmp_path: Path) -> None:
    (tmp_path / "shared/source/llvm/lib").mkdir(parents=True)
    (tmp_path / "shared/source/llvm/lib/x.cpp").write_text("#ifdef x_EXPORTS\n#endif\n")
    assert compared(tmp_path, (), ("-Dx_EXPORTS",)) == "llvm/lib/x.cpp asks for x_EXPORTS"


def test_a_configured_header_that_nobody_heeds_and_one_that_counts(tmp_path: Path) -> None:
    line = "#define LLVM_BUILD_SHARED_LIBS\n"
    assert compared(tmp_path / "one", (), (), configured=line) == ""
    heeding = '#include "llvm/Config/llvm-config.h"\n#ifdef LLVM_BUILD_SHARED_LIBS\nint x;\n#endif\n'
    found = compared(tmp_path / "two", (), (), configured=line, header=heeding)
    assert found == "llvm/include/Compiler.h comes out differently with LLVM_BUILD_SHARED_LIBS"


def test_a_header_that_cannot_be_read_by_itself_is_not_taken_for_harmless(tmp_path: Path) -> None:
    found = compared(tmp_path, (), ("-DLLVM_EXPORTS",), header='#include "gone.h"\n#ifdef LLVM_EXPORTS\n#endif\n')
    assert "comes out differently" in found


def test_an_install_that_records_nothing(tmp_path: Path) -> None:
    builds = Builds(static=tmp_path, build=tmp_path, source=tmp_path, tree=tmp_path, cxx="c++", env={})
    assert difference(builds, ["x"]) == "how the static flavour was compiled is not recorded"
