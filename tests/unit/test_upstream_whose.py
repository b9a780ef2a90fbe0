"""Whose commit a name, a URL or a path speaks of: LLVM's, or that of a project with LLVM or MLIR in its name."""

from __future__ import annotations

import pytest

from pytest_llvmgate.pins.known import component_of
from pytest_llvmgate.upstream.whose import is_llvm_name, is_llvm_url, is_mlir_name


@pytest.mark.parametrize(
    "name",
    [
        "LLVM_COMMIT",
        "llvm-project",
        "llvmCommit",
        "OUR_LLVM_REVISION",
        "MLIR_WOMBAT_LLVM_COMMIT",
        "llvm_hash",
        "LLVM_PROJECT_VERSION",
        "llvm-version-imex",
        "LLVM_COMMIT_17",
        "pinned-llvm-version",
    ],
)
def test_a_name_of_llvm(name: str) -> None:
    assert is_llvm_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "LLVM_SPIRV_COMMIT",
        "SPIRV_LLVM_TRANSLATOR_TAG",
        "llvm_test_suite_rev",
        "llvmlite_version",
        "mlir_wallaby_hash",
        "STABLEHLO_COMMIT",
        "LLVM_DIALECTS_SHA",
        "FIRST_COMPATIBLE_LLVM_COMMIT",
        "MIN_LLVM_REVISION",
        "hash",
    ],
)
def test_a_name_of_another_project(name: str) -> None:
    assert not is_llvm_name(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MLIR_COMMIT", True),
        ("mlir-hash", True),
        ("MLIR_SHA1", True),
        ("MLIR_AIE_COMMIT", False),
        ("TORCH_MLIR_COMMIT", False),
        ("MLIR_WOMBAT_RE2_COMMIT", False),
        ("COMMIT", False),
    ],
)
def test_a_name_of_mlir_alone(name: str, expected: bool) -> None:
    assert is_mlir_name(name) is expected


@pytest.mark.parametrize(
    ("url", "path", "expected"),
    [
        ("https://github.com/zoo/wombat-plugin-llvm.git", "third_party/llvm-project", True),
        ("https://github.com/zoo/wombat-llvm.git", "external/llvm", True),
        ("https://github.com/zoo/llvm.git", "deps/compiler", True),
        ("https://github.com/zoo/llvm-project-fork.git", "deps/x", True),
        ("https://gitlab.com/zoo/riscv-llvm-project", "x", True),
        ("https://github.com/zoo/wombat-llvm.git", "deps/wombat", False),
        ("https://github.com/llvm/llvm-test-suite", "suite", False),
        ("https://github.com/zoo/llvm-mingw", "mingw", False),
        ("https://github.com/zoo/llvm-project-prebuilt", "prebuilt", False),
        ("https://github.com/KhronosGroup/SPIRV-LLVM-Translator", "llvm-spirv", False),
        ("https://github.com/zoo/mlir-wallaby", "mlir-wallaby", False),
        ("https://github.com/zoo/compiler", "llvm", False),
    ],
)
def test_a_submodule_is_llvm_by_its_url_and_path(url: str, path: str, expected: bool) -> None:
    assert is_llvm_url(url, path) is expected


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("STABLEHLO_COMMIT", "stablehlo"),
        ("MLIR_WOMBAT_TORCH_MLIR_COMMIT", "torch-mlir"),
        ("XLA_COMMIT", "xla"),
        ("ENZYMEXLA_COMMIT", "Enzyme-JAX"),
        ("imex-version", "mlir-extensions"),
        ("triton-hash", "triton"),
        ("SHARDY_VERSION", "shardy"),
        ("FLATBUFFERS_VERSION", None),
        ("pytorch-hash", None),
        ("commit", None),
    ],
)
def test_the_component_that_a_name_speaks_of(name: str, component: str | None) -> None:
    found = component_of(name)
    assert (found.name if found else None) == component
