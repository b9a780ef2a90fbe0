"""The derived shared flavour against a truly built one, on the miniature: what is installed, offered and linked."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix
from pytest_llvmgate.llvm.same_objects import write_commands
from tests.miniature import Miniature, create
from tests.miniature.builds import Run, build_downstream, run_stages
from tests.miniature.builds import supply as build
from tests.miniature.downstream import create_downstream
from tests.slow.test_llvm_source import TARGETS, ask, config, machine, objects, whole  # noqa: F401 - two fixtures
from tests.support.configs import load
from tests.support.shared_libraries import differences, dynamic, libraries

AXES = "[axes.linkage]\nstatic = { flavour = 'static' }\nshared = { flavour = 'shared' }\n"
NOT_PIC = {"LLVM_ENABLE_PIC": "OFF", "CMAKE_CXX_FLAGS": "-fno-pie", "CMAKE_EXE_LINKER_FLAGS": "-no-pie"}
TRAP = """\
cmake_minimum_required(VERSION 3.20)
project(trap LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 17)
find_package(MLIR REQUIRED CONFIG)
add_library(trap SHARED trap.cpp)
target_include_directories(trap PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_link_options(trap PRIVATE -Wl,-z,defs)
target_link_libraries(trap PRIVATE @USES@)
"""


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    return create(tmp_path_factory.mktemp("miniature") / "llvm-project", commits=("filler",))


def both(directory: Path, miniature: Miniature) -> tuple[ToolchainPrefix, ToolchainPrefix]:
    """The derived and the built shared flavour."""
    derived = ask(config(directory, miniature, AXES), miniature.base, "shared")
    assert derived.origin == "derived from source"
    assert derived.remark.startswith("derived from the static flavour: ")
    built = ask(config(directory, miniature, f"derive = false\n{AXES}"), miniature.base, "shared")
    assert built.origin == "source (built)"
    return derived.prefix, built.prefix


def test_what_is_derived_from_source_is_what_is_built(miniature: Miniature, tmp_path: Path) -> None:
    derived, built = both(tmp_path, miniature)
    again = ask(config(tmp_path, miniature, AXES), miniature.base, "shared")
    assert (again.origin, again.prefix) == ("derived (from the cache) from source", derived)
    assert again.remark.startswith("derived from the static flavour: ")
    assert whole(tmp_path)
    assert libraries(derived.llvm_root)
    assert differences(derived.llvm_root, built.llvm_root) == []
    assert (derived.llvm_root / "include/llvm/Config/llvm-config.h").read_text() == (
        built.llvm_root / "include/llvm/Config/llvm-config.h"
    ).read_text()


def test_a_downstream_builds_and_runs_on_the_derived_one(miniature: Miniature, tmp_path: Path) -> None:
    derived = ask(config(tmp_path, miniature, AXES), miniature.base, "shared").prefix
    tinyc = create_downstream(tmp_path / "downstream", miniature)
    run = build_downstream(tinyc.root, tmp_path / "build", derived.llvm_root, "shared-mhlo_on")
    assert run.passed, run.log[-3000:]
    needed = dynamic(tmp_path / "build/installed/bin/tiny-opt")[1]
    assert [name for name in needed if name.startswith("libMLIR")]


def trap(directory: Path, prefix: Path, uses: str, code: str) -> Run:
    """A library of a downstream that links ``uses`` and no more."""
    source = directory / "trap"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    (source / "CMakeLists.txt").write_text(TRAP.replace("@USES@", uses))
    (source / "trap.cpp").write_text(code)
    where = f"-DMLIR_DIR={prefix}/lib/cmake/mlir"
    return run_stages(
        {
            "configure": [["cmake", "-G", "Ninja", "-S", str(source), "-B", str(source / "build"), where]],
            "build": [["ninja", "-C", str(source / "build")]],
        }
    )


CODE = '#include "llvm/Demangle/Demangle.h"\nbool f() { return llvm::isMangled("x"); }\n'


def test_what_only_a_static_llvm_hands_on_is_not_offered(miniature: Miniature, tmp_path: Path) -> None:
    """LLVMSupport links LLVMDemangle without a keyword: PUBLIC when static, PRIVATE when shared."""
    static = ask(config(tmp_path, miniature, AXES), miniature.base, "static").prefix.llvm_root
    derived, built = (prefix.llvm_root for prefix in both(tmp_path, miniature))
    assert trap(tmp_path, static, "LLVMSupport", CODE).passed
    for prefix in (derived, built):
        run = trap(tmp_path, prefix, "LLVMSupport", CODE)
        assert run.stage == "build"
        assert "isMangled" in run.log
        assert trap(tmp_path, prefix, "LLVMSupport LLVMDemangle", CODE).passed


def test_from_a_prefix_by_the_rule(miniature: Miniature, tmp_path: Path) -> None:
    prefix = build(miniature, miniature.base, "static", tmp_path / "prefixes")
    more = f"{AXES}[llvm]\nsupplier = 'prefix'\nprefix = '{tmp_path}/prefixes/{{sha}}-static'\n"
    found = ask(load(tmp_path, more), miniature.base, "shared")
    assert found.origin.startswith("derived from prefix ")
    assert "other than a true one: whether LINK_LIBS of" in found.remark
    derived = found.prefix.llvm_root
    assert read_prefix(derived).revision == miniature.base
    assert trap(tmp_path, derived, "LLVMSupport", CODE).stage == "build", "no more is offered than by a shared LLVM"
    assert trap(tmp_path, derived, "LLVMSupport LLVMDemangle", CODE).passed
    tinyc = create_downstream(tmp_path / "downstream", miniature)
    run = build_downstream(tinyc.root, tmp_path / "build", derived, "shared-mhlo_on")
    assert run.passed, run.log[-3000:]
    assert not list(prefix.glob("lib/*.so")), "the user's install is only read"


def test_objects_that_are_not_position_independent_are_refused(miniature: Miniature, tmp_path: Path) -> None:
    build(miniature, miniature.base, "static", tmp_path / "prefixes", options=NOT_PIC)
    more = f"{AXES}[llvm]\nsupplier = 'prefix'\nprefix = '{tmp_path}/prefixes/{{sha}}-static'\n"
    with pytest.raises(SupplyError, match=r"not position-independent \(compiled without -fPIC\)") as caught:
        ask(load(tmp_path, more), miniature.base, "shared")
    assert "derive = false" in str(caught.value)


def _record_otherwise(build: Path, tree: Path, file: Path) -> None:
    write_commands(build, tree, file)
    file.write_text(re.sub(r"(?m)^(.*LLVMSupport.*)\t.*\t", r"\1\tother\t", file.read_text()))


def test_a_source_build_whose_objects_are_not_known_to_serve_is_built_in_full(
    miniature: Miniature, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = config(tmp_path, miniature, AXES)
    # While it is built: a file that is changed in an entry later is damage, and the entry is built again.
    with monkeypatch.context() as patched:
        patched.setattr("pytest_llvmgate.llvm.source.write_commands", _record_otherwise)
        ask(asked, miniature.base, "static")
    found = ask(asked, miniature.base, "shared")
    assert found.origin == "source (built)"
    assert (
        "built in full: the shared flavour cannot be derived: lib/Support/CMakeFiles/LLVMSupport.dir/" in found.remark
    )
    assert "compiled in another way when shared" in found.remark


def test_options_of_one_flavour_alone_forbid_to_derive_it(miniature: Miniature, tmp_path: Path) -> None:
    more = f"{TARGETS}[llvm.source.flavours.shared]\ncmake = {{ LLVM_ENABLE_ASSERTIONS = 'OFF' }}\n{AXES}"
    found = ask(config(tmp_path, miniature, more), miniature.base, "shared")
    assert (found.origin, found.remark) == ("source (built)", "")
