"""The miniature really builds, in every flavour, and its culprits break the downstream as the table says.

A part of the table, so that this stays under two minutes on two cores; ``python -m tests.miniature.verify`` does all.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_llvmgate.findings.diagnose import diagnose
from tests.miniature import CONFIGURATIONS, CULPRITS, FLAVOURS, Miniature, create
from tests.miniature.builds import BuildError, build_downstream, build_llvm, checkout, run_stages, supply
from tests.miniature.downstream import TinyC, create_downstream
from tests.miniature.verify import Observation, observe

LIBRARY = {"static": "libMLIRIR.a", "shared": "libMLIRIR.so", "dylib": "libMLIR.so"}


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    return create(tmp_path_factory.mktemp("miniature") / "llvm-project")


@pytest.fixture(scope="module")
def tinyc(tmp_path_factory: pytest.TempPathFactory, miniature: Miniature) -> TinyC:
    return create_downstream(tmp_path_factory.mktemp("downstream"), miniature)


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Build directories that go from commit to commit, what they showed at a green one, and a copy of its prefixes."""

    work: Path
    start: str
    observations: list[Observation]
    prefixes: dict[str, Path]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, miniature: Miniature, tinyc: TinyC) -> Walk:
    work, store = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("prefixes")
    start = miniature.before("hlo-link-library-dropped")
    observations = list(observe(miniature, start, tinyc.root, work))
    for flavour in ("static", "shared"):
        shutil.copytree(work / f"prefix-{flavour}", store / flavour, symlinks=True)
    dylib = supply(miniature, start, "dylib", store)
    return Walk(
        work=work,
        start=start,
        observations=observations,
        prefixes={f: store / f for f in ("static", "shared")} | {"dylib": dylib},
    )


@pytest.fixture(scope="module")
def prefixes(walk: Walk) -> dict[str, Path]:
    return walk.prefixes


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_prefix_is_of_its_flavour_and_records_its_revision(walk: Walk, prefixes: dict[str, Path], flavour: str) -> None:
    prefix = prefixes[flavour]
    assert (prefix / "lib" / LIBRARY[flavour]).exists()
    header = (prefix / "include/llvm/Support/VCSRevision.h").read_text()
    assert f'#define LLVM_REVISION "{walk.start}"' in header
    config = (prefix / "lib/cmake/llvm/LLVMConfig.cmake").read_text()
    for line in (
        "set(LLVM_ENABLE_RTTI OFF)",
        "set(LLVM_ENABLE_ASSERTIONS ON)",
        f"set(LLVM_ENABLE_SHARED_LIBS {'ON' if flavour == 'shared' else 'OFF'})",
        f"set(LLVM_LINK_LLVM_DYLIB {'ON' if flavour == 'dylib' else 'OFF'})",
    ):
        assert line in config
    done = subprocess.run([prefix / "bin/mlir-opt", "--show-dialects"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["arith", "func", "linalg", "sparse_tensor", "tensor", "tosa"]


def test_link_libs_without_a_keyword_are_transitive_in_a_static_export_only(prefixes: dict[str, Path]) -> None:
    def interface(flavour: str, library: str) -> set[str]:
        text = (prefixes[flavour] / "lib/cmake/mlir/MLIRTargets.cmake").read_text()
        match = re.search(rf'set_target_properties\({library} PROPERTIES\s+INTERFACE_LINK_LIBRARIES "([^"]*)"', text)
        return set(match[1].split(";")) if match else set()

    assert {"MLIRTensorDialect", "LLVMSupport"} <= interface("static", "MLIRLinalgDialect")
    assert interface("shared", "MLIRLinalgDialect") == set()
    assert "MLIRTensorDialect" in interface("shared", "MLIRLinalgTransforms")


def test_everything_is_green_where_nothing_is_broken(walk: Walk) -> None:
    assert [observation.what for observation in walk.observations] == ["static", "shared", *CONFIGURATIONS]
    assert [observation.run.log for observation in walk.observations if not observation.run.passed] == []


def test_downstream_is_green_on_a_dylib(prefixes: dict[str, Path], tinyc: TinyC, tmp_path: Path) -> None:
    run = build_downstream(tinyc.root, tmp_path / "build", prefixes["dylib"], "static-mhlo_on")
    assert run.passed, run.log
    tool = tmp_path / "build/installed/bin/tiny-opt"
    loaded = subprocess.run(["ldd", tool], capture_output=True, text=True, check=True).stdout
    assert "libLLVM.so" in loaded


def test_distribution_installs_its_components_alone(miniature: Miniature, tmp_path: Path) -> None:
    components = (
        "LLVMDemangle",
        "LLVMSupport",
        "MLIRSupport",
        "MLIRIR",
        "mlir-tblgen",
        "cmake-exports",
        "llvm-headers",
    )
    source = checkout(miniature, "initial", tmp_path / "source")
    run = run_stages(
        {
            "configure": [
                [
                    *("cmake", "-G", "Ninja", "-S", str(source / "llvm"), "-B", str(tmp_path / "build")),
                    *("-DCMAKE_BUILD_TYPE=Release", "-DLLVM_ENABLE_PROJECTS=mlir", "-DLLVM_INCLUDE_TESTS=OFF"),
                    f"-DLLVM_DISTRIBUTION_COMPONENTS={';'.join((*components, 'mlir-cmake-exports', 'mlir-headers'))}",
                    f"-DCMAKE_INSTALL_PREFIX={tmp_path / 'prefix'}",
                ]
            ],
            "build": [["ninja", "-C", str(tmp_path / "build"), "-j2", "install-distribution"]],
        }
    )
    assert run.passed, run.log
    installed = {path.name for path in (tmp_path / "prefix/lib").glob("lib*")}
    assert installed == {"libLLVMDemangle.a", "libLLVMSupport.a", "libMLIRSupport.a", "libMLIRIR.a"}
    assert [path.name for path in (tmp_path / "prefix/bin").iterdir()] == ["mlir-tblgen"]
    built = {path.name for path in (tmp_path / "build/lib").glob("lib*.a")}
    assert "libMLIRTransforms.a" not in built


def test_an_llvm_that_does_not_build_is_not_supplied(miniature: Miniature, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="flushAllStreams"):
        supply(miniature, "llvm-broken", "static", tmp_path)
    assert not list(tmp_path.glob(f"{miniature.sha('llvm-broken')}*"))


def test_an_llvm_may_be_broken_in_one_flavour(miniature: Miniature, tmp_path: Path) -> None:
    source = checkout(miniature, "shared-llvm-broken", tmp_path / "source")
    run = build_llvm(source, tmp_path / "build", tmp_path / "prefix", "shared")
    assert run.stage == "build"
    assert "undefined reference to `llvm::isELF(llvm::StringRef)'" in run.log


@pytest.fixture(
    scope="module",
    params=[
        "hlo-link-library-dropped",
        "behaviour-changed",
        "link-library-dropped",
        "accessors-removed",
        "target-renamed",
    ],
)
def observations(request: pytest.FixtureRequest, miniature: Miniature, tinyc: TinyC, walk: Walk) -> list[Observation]:
    """What LLVM's flavours and the downstream's configurations do at a commit of the default history."""
    return list(observe(miniature, request.param, tinyc.root, walk.work))


def test_breaks_pile_up_as_the_table_says(observations: list[Observation]) -> None:
    assert len(observations) == 6
    assert [str(observation) for observation in observations if not observation.agrees] == []


def test_diagnosis_finds_the_table_s_findings(observations: list[Observation]) -> None:
    for observation in observations:
        wanted = {(CULPRITS[name].kind, CULPRITS[name].identifier) for name in observation.expected.culprits}
        found = {finding.key for finding in diagnose([observation.run.log.encode()]).findings}
        assert wanted <= found, str(observation)
        assert wanted or not found, str(observation)
