"""What is known of public LLVM downstreams: where they write their LLVM commit, now and in older layouts, and how they
are built against an installed LLVM.

Facts were read from the projects' own histories in November 2026. Several entries of one pin name are its places over
time, the newest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pytest_llvmgate.config.settings import HopSpec, PinSpec, Policy
from pytest_llvmgate.pins.readers import GITLINK
from pytest_llvmgate.upstream.whose import (
    LLVM,
    hosted_name,
    is_bound,
    is_llvm_url,
    repository_name,
    subject_of,
    without_port,
    words_of,
)

_VERSION_FILE: Final = "build_tools/llvm_version.txt"


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """A policy other than ``equal`` that a project means to have for a component."""

    policy: Policy
    reason: str


@dataclass(frozen=True, kw_only=True)
class Build:
    """How a project is built against an installed LLVM, as far as it is known."""

    targets: tuple[str, ...] = ()
    cmake: Mapping[str, str] = field(default_factory=dict)
    check: tuple[str, ...] = ()
    """Targets that run tests."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A public downstream."""

    upstream: str
    """``owner/name`` on GitHub."""
    pins: tuple[PinSpec, ...]
    """Its own pins and their duplicates, in every layout."""
    evidence: tuple[tuple[str, ...], ...] = ()
    """Sets of paths; a tree that has all of one set is this project."""
    since: Mapping[str, str] = field(default_factory=dict)
    """File to the day (ISO 8601) from which on it holds the pin, where it took the place of another."""
    aliases: tuple[str, ...] = ()
    """Other names, in lower case, by which variables and files speak of it."""
    relaxed: Mapping[str, Relaxed] = field(default_factory=dict)
    """Component name to the policy that its pin has here."""
    build: Build = field(default_factory=Build)

    @property
    def name(self) -> str:
        """The repository's name, by which its clones and submodules are recognised."""
        return self.upstream.rpartition("/")[2]


def _link(path: str) -> PinSpec:
    return PinSpec(name=LLVM, file=path, reader=GITLINK)


def _sha_file(path: str) -> PinSpec:
    return PinSpec(name=LLVM, file=path, reader="sha-file")


def _bazel(path: str = "third_party/llvm/workspace.bzl", name: str = LLVM) -> PinSpec:
    return PinSpec(name=name, file=path, reader="starlark", key="LLVM_COMMIT")


def _hop(upstream: str, file: str, reader: str = "starlark", key: str = "") -> HopSpec:
    """To a project of GitHub whose clone lies beside this one."""
    clone = f"../{repository_name(upstream)}"
    return HopSpec(file=file, reader=reader, key=key, repository=clone, url=f"https://github.com/{upstream}")


_LAGS: Final = Relaxed(policy=Policy.ADVISORY, reason="moves on its own schedule; this project carries what is needed")

PROJECTS: Final = (
    Project(
        upstream="onnx/onnx-mlir",
        evidence=(("utils/clone-mlir.sh", "MLIR.cmake"), ("utils/clone-mlir.sh", "src/Dialect/ONNX")),
        pins=(
            PinSpec(name=LLVM, file="utils/clone-mlir.sh", reader="git-checkout"),
            PinSpec(name="docs-linux", file="docs/BuildOnLinuxOSX.md", reader="markdown"),
            PinSpec(name="docs-windows", file="docs/BuildOnWindows.md", reader="markdown"),
        ),
        build=Build(
            targets=("onnx-mlir-opt", "onnx-mlir"),
            check=("check-onnx-lit",),
            note="needs an LLVM with RTTI and exceptions (LLVM_ENABLE_RTTI, LLVM_ENABLE_EH)",
        ),
    ),
    Project(
        upstream="llvm/torch-mlir",
        evidence=(
            ("externals/llvm-project", "lib/Dialect/Torch"),
            ("external/llvm-project", "lib/Dialect/Torch"),
            ("external/llvm-project", "include/npcomp"),
        ),
        pins=(_link("externals/llvm-project"), _link("external/llvm-project")),
        relaxed={"stablehlo": _LAGS, "mlir-hlo": _LAGS},
        build=Build(
            targets=("torch-mlir-opt",),
            cmake={"TORCH_MLIR_OUT_OF_TREE_BUILD": "ON"},
            check=("check-torch-mlir",),
        ),
    ),
    Project(
        upstream="tensorflow/mlir-hlo",
        aliases=("mhlo",),
        evidence=(
            (_VERSION_FILE, "mhlo/IR"),
            (_VERSION_FILE, "tools/mlir-hlo-opt"),
            (_VERSION_FILE, "lib/Dialect/mhlo"),
        ),
        pins=(
            _sha_file(_VERSION_FILE),
            _bazel("WORKSPACE", "bazel"),
            PinSpec(name="stablehlo", component="stablehlo", file=_VERSION_FILE, reader="sha-file"),
            replace(
                _bazel("WORKSPACE.bazel", "stablehlo-bazel"),
                component="stablehlo",
                policy=Policy.IGNORE,
                reason="the vendored stablehlo is not built by its own Bazel files",
            ),
        ),
        build=Build(targets=("mlir-hlo-opt",), check=("check-mlir-hlo",)),
    ),
    Project(
        upstream="openxla/stablehlo",
        evidence=((_VERSION_FILE, "stablehlo/dialect"), (_VERSION_FILE, "stablehlo/CMakeLists.txt")),
        pins=(
            _sha_file(_VERSION_FILE),
            _bazel("third_party/llvm/workspace.bzl", "bazel"),
            _bazel("WORKSPACE.bazel", "bazel"),
            _bazel("WORKSPACE", "bazel"),
        ),
        build=Build(targets=("stablehlo-opt",), check=("check-stablehlo-tests",)),
    ),
    Project(
        upstream="iree-org/iree",
        evidence=(("third_party/llvm-project", "runtime/src/iree"), ("third_party/llvm-project", "iree/compiler")),
        pins=(_link("third_party/llvm-project"),),
        relaxed={"stablehlo": _LAGS, "torch-mlir": _LAGS, "mlir-hlo": _LAGS},
        build=Build(
            targets=("iree-opt",),
            cmake={"IREE_BUILD_BUNDLED_LLVM": "OFF"},
            note="llvm-project is a fork with carried reverts: compare bases with same-base and a clone",
        ),
    ),
    Project(
        upstream="llvm/circt",
        evidence=(("llvm", "include/circt"),),
        pins=(_link("llvm"),),
        build=Build(targets=("circt-opt",), check=("check-circt",)),
    ),
    Project(
        upstream="triton-lang/triton",
        evidence=(("cmake/llvm-info.json",), ("cmake/llvm-hash.txt", "python/triton")),
        pins=(
            PinSpec(name=LLVM, file="cmake/llvm-info.json", reader="json", key="llvm_hash"),
            _sha_file("cmake/llvm-hash.txt"),
        ),
        since={"cmake/llvm-info.json": "2026-06-01"},
        build=Build(targets=("triton-opt",), note="Triton is built by its setup.py; give the gate its CMake values"),
    ),
    Project(
        upstream="microsoft/triton-shared",
        evidence=(("triton-hash.txt", "triton_shared.cc"), ("triton", "triton_shared.cc"), ("triton", "triton-san")),
        pins=tuple(
            replace(pin, through=(_hop("triton-lang/triton", "triton-hash.txt", "sha-file"),))
            for pin in (
                _sha_file("cmake/llvm-hash.txt"),
                PinSpec(name=LLVM, file="cmake/llvm-info.json", reader="json", key="llvm_hash"),
            )
        ),
        build=Build(note="triton-shared is built as a plugin of Triton, from Triton's tree"),
    ),
    Project(
        upstream="openxla/xla",
        aliases=("openxla",),
        evidence=(("third_party/llvm/workspace.bzl", "xla"), ("third_party/llvm/workspace.bzl", "tensorflow")),
        pins=(
            _bazel(),
            PinSpec(
                name="stablehlo",
                file=_VERSION_FILE,
                reader="sha-file",
                through=(_hop("openxla/stablehlo", "third_party/stablehlo/workspace.bzl", key="STABLEHLO_COMMIT"),),
                policy=Policy.ADVISORY,
                reason="StableHLO follows this project; a patch file carries the difference",
            ),
        ),
        build=Build(note="built by Bazel: the gate's build stages need a CMake project, the pins do not"),
    ),
    Project(
        upstream="google/heir",
        evidence=(("bazel/extensions.bzl", "lib/Dialect/Secret"), ("bazel/import_llvm.bzl", "tools/heir-opt.cpp")),
        pins=(_bazel("bazel/extensions.bzl"), _bazel("bazel/import_llvm.bzl")),
        build=Build(note="built by Bazel: the gate's build stages need a CMake project, the pins do not"),
    ),
    Project(
        upstream="Xilinx/mlir-aie",
        evidence=(("utils/clone-llvm.sh", "include/aie"),),
        pins=(PinSpec(name=LLVM, file="utils/clone-llvm.sh", reader="shell-variable", key="LLVM_PROJECT_COMMIT"),),
        build=Build(targets=("aie-opt",), check=("check-aie",)),
    ),
)

_XLA_OF_JAX: Final = _hop("openxla/xla", "third_party/xla/revision.bzl", key="XLA_COMMIT")
_JAX: Final = _hop("jax-ml/jax", "workspace.bzl", key="JAX_COMMIT")

COMPONENTS: Final = (
    *PROJECTS,
    Project(
        upstream="tensorflow/tensorflow",
        pins=(_bazel("third_party/xla/third_party/llvm/workspace.bzl"), _bazel()),
        since={"third_party/xla/third_party/llvm/workspace.bzl": "2023-07-01"},
    ),
    Project(upstream="openxla/shardy", pins=(_bazel(),)),
    Project(upstream="jax-ml/jax", pins=(replace(_bazel(), through=(_XLA_OF_JAX,)),)),
    Project(
        upstream="EnzymeAD/Enzyme-JAX", aliases=("enzymexla",), pins=(replace(_bazel(), through=(_JAX, _XLA_OF_JAX)),)
    ),
    Project(upstream="intel/mlir-extensions", aliases=("imex",), pins=(_sha_file(_VERSION_FILE),)),
    Project(
        upstream="tenstorrent/tt-mlir",
        aliases=("ttmlir",),
        pins=(PinSpec(name=LLVM, file="env/CMakeLists.txt", reader="cmake", key="LLVM_PROJECT_VERSION"),),
    ),
    Project(upstream="Xilinx/mlir-air", pins=(PinSpec(name=LLVM, file="utils/clone-llvm.sh"),)),
    Project(upstream="llvm/Polygeist", pins=(_link("llvm-project"),)),
    Project(upstream="intel/graph-compiler", pins=(_sha_file("cmake/llvm-version.txt"),)),
)
"""Projects that others take LLVM through: the known ones, and some of which no more is known than their pin."""

_UPSTREAMS: Final = {project.name: project.upstream for project in COMPONENTS} | {
    LLVM: "llvm/llvm-project",
    "onnx": "onnx/onnx",
}
"""Repository name to where it comes from, so that a fork is noticed."""


def project_named(name: str) -> Project | None:
    """The known project of that repository name, or of the one that it is a port of: ``triton-windows``."""
    wanted = name.lower().replace("_", "-")
    found = next((one for one in COMPONENTS if wanted in {one.name.lower(), *one.aliases}), None)
    base = without_port(wanted)
    return project_named(base) if found is None and base != wanted else found


def component_of(name: str) -> Project | None:
    """The known project that a variable, key or file speaks of: ``MLIR_WOMBAT_STABLEHLO_COMMIT``, ``imex-version.txt``.

    The name's last words decide, and the longest project's name wins: ``TORCH_MLIR_COMMIT`` is Torch-MLIR's.
    """
    if is_bound(name):
        return None
    words = [word for word in subject_of(name) if word not in {"git", "commit", "version"}]
    found = [one for one in COMPONENTS for alias in (one.name, *one.aliases) if _ends_in(words, words_of(alias))]
    return max(found, key=lambda one: len(words_of(one.name)), default=None)


def _ends_in(words: Sequence[str], end: tuple[str, ...]) -> bool:
    return tuple(words[-len(end) :]) == end or "".join(words[-len(end) :]) == "".join(end)


def fork_of(url: str) -> tuple[str, str] | None:
    """``owner/name`` of a fork of a known project, and of that project; ``None`` for everything else."""
    name = hosted_name(url)
    upstream = _UPSTREAMS.get(LLVM if is_llvm_url(url) else repository_name(url))
    if name is None or upstream is None or name.lower() == upstream.lower():
        return None
    return name, upstream


def recognised(paths: set[str]) -> tuple[Project, tuple[str, ...]] | None:
    """The project that has these paths (files, gitlinks and directories), and the evidence for it."""
    for project in PROJECTS:
        for wanted in project.evidence:
            if paths.issuperset(wanted):
                return project, wanted
    return None
