"""The source supplier on the miniature llvm-project: builds for real, interrupted and broken ones among them.

All share one ccache, as on a real machine, so that most compile commands run once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.prefix_cache import BUILD_FILE, Cache
from pytest_llvmgate.llvm.source import BrokenLlvmError
from pytest_llvmgate.llvm.suppliers import supply
from pytest_llvmgate.llvm.supply import Request, Supply
from pytest_llvmgate.llvm.upkeep import faults, items
from pytest_llvmgate.model import Revision
from pytest_llvmgate.stages.build_tools import toolchain_on_path
from tests.miniature import CARRIED_PATCH, Miniature, create
from tests.miniature.builds import slow_compiler
from tests.miniature.downstream import create_downstream
from tests.support.carries import carry
from tests.support.configs import load
from tests.support.processes import marked, wait_for

TARGETS = "source.targets = ['LLVMSupport', 'LLVMDemangle']\nsource.cmake = { LLVM_ENABLE_PROJECTS = '' }\n"
"""A build of a few seconds."""
PROGRAM = """
import sys
from pathlib import Path
from tests.slow.test_llvm_source import ask
from pytest_llvmgate.config.load import load_config
print(ask(load_config(Path(sys.argv[1])), sys.argv[2], "static", told=lambda text: print(text, flush=True)).origin)
"""


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    plan = ("filler", "patch-context-changed", "llvm-broken")
    return create(tmp_path_factory.mktemp("miniature") / "llvm-project", commits=plan)


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ccache")


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, objects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CCACHE_DIR", str(objects))


def ask(config: Config, sha: str, flavour: str, told: object = None) -> Supply:
    request = Request(
        candidate=Revision(sha=sha),
        flavour=flavour,
        log=config.root / "llvm.log",
        timeout=300.0,
        on_wait=told if callable(told) else (lambda _: None),
        toolchain=partial(toolchain_on_path, 2),
    )
    return supply(config, request)


def config(directory: Path, miniature: Miniature, more: str = "") -> Config:
    return load(directory, f"[llvm]\nsupplier = 'source'\nrepository = '{miniature.repository}'\n{more}")


def whole(directory: Path) -> bool:
    found = items(Cache(directory / "cache"))
    return [item.kind.value for item in found] == ["entry"] * len(found) and not any(map(faults, found))


def compiled(directory: Path) -> int:
    return len(list((directory / "cache/building").glob("*/build/**/*.o")))


@pytest.mark.parametrize(("flavour", "library"), [("static", "libMLIRIR.a"), ("shared", "libMLIRIR.so")])
def test_a_flavour_is_built_once_and_works_where_it_is_moved_to(
    miniature: Miniature, tmp_path: Path, flavour: str, library: str
) -> None:
    asked = config(tmp_path, miniature)
    first = ask(asked, miniature.base, flavour)
    assert first.origin == "source (built)"
    assert first.prefix.revision == miniature.base
    assert (first.prefix.llvm_root / "lib" / library).is_file()
    second = ask(asked, miniature.base, flavour)
    assert (second.origin, second.prefix) == ("source (from the cache)", first.prefix)
    assert second.saved > 0.5
    assert whole(tmp_path)
    moved = tmp_path / "moved"
    shutil.copytree(first.prefix.llvm_root, moved, symlinks=True)
    shutil.rmtree(first.prefix.llvm_root)
    exports = "".join(path.read_text() for path in moved.glob("lib/cmake/*/*.cmake"))
    assert str(tmp_path) not in exports
    done = subprocess.run([moved / "bin/mlir-opt", "--show-dialects"], capture_output=True, text=True, check=True)
    assert "linalg" in done.stdout.split()


@pytest.mark.parametrize("flavour", ["static", "shared"])
def test_targets_bring_what_they_link(miniature: Miniature, tmp_path: Path, flavour: str) -> None:
    asked = config(tmp_path, miniature, "derive = false\nsource.targets = ['MLIRSupport', 'mlir-tblgen']\n")
    found = ask(asked, miniature.base, flavour).prefix.llvm_root
    libraries = {path.name.partition(".")[0] for path in found.glob("lib/lib*")}
    assert libraries == {"libLLVMDemangle", "libLLVMSupport", "libMLIRSupport"}
    project = tmp_path / "downstream"
    project.mkdir()
    (project / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(one LANGUAGES CXX)\nfind_package(MLIR REQUIRED CONFIG)\n"
        "add_executable(one one.cpp)\ntarget_link_libraries(one MLIRSupport LLVMSupport)\n"
        "target_include_directories(one PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})\n"
    )
    (project / "one.cpp").write_text('#include "llvm/Support/raw_ostream.h"\nint main() { llvm::outs() << 1u; }\n')
    where = f"-DMLIR_DIR={found}/lib/cmake/mlir"
    subprocess.run(["cmake", "-G", "Ninja", "-S", project, "-B", project / "build", where], check=True)
    subprocess.run(["ninja", "-C", project / "build"], check=True)
    assert subprocess.run([project / "build/one"], capture_output=True, text=True, check=True).stdout == "1"


def test_the_revision_is_told_even_where_no_target_needs_it(miniature: Miniature, tmp_path: Path) -> None:
    asked = config(
        tmp_path, miniature, "source.targets = ['LLVMDemangle']\nsource.cmake = { LLVM_ENABLE_PROJECTS = '' }\n"
    )
    assert ask(asked, miniature.base, "static").prefix.revision == miniature.base


def test_a_torn_entry_is_built_again(miniature: Miniature, tmp_path: Path) -> None:
    asked = config(tmp_path, miniature, TARGETS)
    first = ask(asked, miniature.base, "static")
    assert sorted(path.name for path in first.prefix.llvm_root.glob("lib/*.a")) == [
        "libLLVMDemangle.a",
        "libLLVMSupport.a",
    ]
    (first.prefix.llvm_root / "lib/libLLVMSupport.a").unlink()
    assert ask(asked, miniature.base, "static").origin == "source (built)"
    assert whole(tmp_path)


def test_a_patched_llvm_from_a_remote(miniature: Miniature, tmp_path: Path) -> None:
    (tmp_path / "deeper.patch").write_text(CARRIED_PATCH)
    more = f"{TARGETS}source.repository = 'file://{miniature.repository}'\n{carry('deeper.patch')}"
    found = ask(config(tmp_path, miniature, more), miniature.base, "static")
    assert found.remark == f"base {miniature.base[:12]} + 1 carried"
    assert found.prefix.revision == miniature.base


def test_a_build_that_was_killed_is_taken_up(miniature: Miniature, tmp_path: Path) -> None:
    asked = config(tmp_path, miniature, "source.launcher = 'none'\n")
    command = [sys.executable, "-c", PROGRAM, str(asked.path), miniature.base]
    with marked() as mark:
        victim = subprocess.Popen(
            command, env=mark.env, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert wait_for(lambda: compiled(tmp_path) >= 8, 120)
        victim.kill()
        victim.communicate()
        assert mark.gone(within=20)
    (tree,) = (tmp_path / "cache/building").iterdir()
    assert json.loads((tree / BUILD_FILE).read_text())["identity"]["sha"] == miniature.base
    assert compiled(tmp_path) >= 8
    (tmp_path / "llvm.log").unlink()
    told: list[str] = []
    found = ask(asked, miniature.base, "static", told.append)
    assert found.origin == "source (an interrupted build, taken up)"
    assert told[0] == f"taking up the build of LLVM {miniature.base[:12]} (static) where it was interrupted"
    log = (tmp_path / "llvm.log").read_text()
    assert "-S " not in log, "it was not configured again"
    assert whole(tmp_path)


def test_two_at_once_build_it_once(miniature: Miniature, tmp_path: Path) -> None:
    launcher = slow_compiler(tmp_path, 2.0)["CMAKE_CXX_COMPILER_LAUNCHER"]
    values = f"LLVM_ENABLE_PROJECTS = '', CMAKE_CXX_COMPILER_LAUNCHER = '{launcher}'"
    more = f"source.targets = ['LLVMSupport', 'LLVMDemangle']\nsource.cmake = {{ {values} }}\n"
    asked = config(tmp_path, miniature, more)
    command = [sys.executable, "-c", PROGRAM, str(asked.path), miniature.base]
    start = partial(subprocess.Popen, command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)
    first = start()
    assert wait_for(lambda: any((tmp_path / "cache/building").glob("*/build/CMakeCache.txt")), 60)
    second = start()
    assert second.stdout is not None
    told = second.stdout.readline()  # with the first still at work: its compiler takes its time
    assert first.poll() is None
    assert told.startswith(f"waiting for process {first.pid} on ")
    assert first.communicate(timeout=120)[0].splitlines()[-1] == "source (built)"
    assert second.communicate(timeout=120)[0].splitlines()[-1] == "source (from the cache)"


def test_of_many_at_once_one_builds(miniature: Miniature, tmp_path: Path) -> None:
    asked = config(tmp_path, miniature, TARGETS)
    command = [sys.executable, "-c", PROGRAM, str(asked.path), miniature.base]
    all_ = [
        subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    ends = sorted(process.communicate(timeout=120)[0].splitlines()[-1] for process in all_)
    assert ends == ["source (built)", *["source (from the cache)"] * 3]
    assert whole(tmp_path)


def test_an_llvm_that_does_not_build_is_told_as_such(miniature: Miniature, tmp_path: Path) -> None:
    with pytest.raises(BrokenLlvmError) as caught:
        ask(config(tmp_path, miniature, TARGETS), miniature.sha("llvm-broken"), "static")
    assert caught.value.stage == "build"
    assert "itself does not build (exit code 1)" in str(caught.value)
    with pytest.raises(SupplyError, match="itself does not build"):
        ask(config(tmp_path, miniature, TARGETS), miniature.sha("llvm-broken"), "static")


@pytest.mark.parametrize("broken", ["llvm-broken", "patch-context-changed"])
def test_the_gate_tells_the_cause_and_skips_what_needs_that_llvm(
    miniature: Miniature, tmp_path: Path, broken: str
) -> None:
    values = {"supplier": "source", "repository": str(miniature.repository)}
    tinyc = create_downstream(tmp_path, miniature, llvm=values)
    if broken == "patch-context-changed":
        (tinyc.root / "deeper.patch").write_text(CARRIED_PATCH)
        tinyc.config.write_text(f"{tinyc.config.read_text()}{carry('deeper.patch')}")
    command = [sys.executable, "-m", "pytest", f"--llvm-sha={miniature.sha(broken)}", "-k", "static and not pins"]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GITHUB_"))}
    done = subprocess.run(command, cwd=tinyc.root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    (verdict,) = (tinyc.root / ".llvmgate").glob("*/verdict.json")
    results = {f"{each['group']}::{each['stage']}": each for each in json.loads(verdict.read_text())["results"]}
    llvm = results["llvm::static"]
    assert llvm["outcome"] == "failed"
    finding = llvm["findings"][0]
    if broken == "llvm-broken":
        assert finding["layer"] == "llvm"
        assert "flushAllStreams" in finding["headline"]
    else:
        assert (finding["kind"], finding["identifier"]) == ("patch-failed", "deeper.patch")
    skipped = results["static-mhlo_on::build"]
    assert (skipped["outcome"], skipped["reason"].partition(": ")[0]) == ("skipped", "llvm::static failed")
