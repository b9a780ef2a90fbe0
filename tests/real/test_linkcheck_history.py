"""Shared-library breaks of real projects, in their shape: what linkcheck says of each from a static build alone.

The libraries bear the names that they had there. Each case takes out what was missing; a static build passes in all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from link_projects import GCC_BFD, build, write_project

from pytest_llvmgate.linkcheck.prediction import LinkcheckResult, run_linkcheck
from pytest_llvmgate.linkcheck.shared_tree import LinkcheckOptions
from pytest_llvmgate.model import Layer
from pytest_llvmgate.owners.by_tree import find_layers

LLVM = """\
add_mini_library(ArithDialect arith.cpp)
add_mini_library(TensorDialect tensor.cpp)
add_mini_library(QuantDialect quant.cpp)
add_mini_library(SparseTensorDialect sparse.cpp)
add_mini_library(LinalgDialect linalg.cpp LINK_LIBS ArithDialect TensorDialect QuantDialect SparseTensorDialect)
"""
MHLO = """\
add_mini_library(StablehloBase base.cpp)
add_mini_library(StablehloAssemblyFormat assembly_format.cpp)
add_mini_library(StablehloTypeInference type_inference.cpp LINK_LIBS
  StablehloBase
  )
add_mini_library(MhloDialect hlo_ops.cpp LINK_LIBS
  LinalgDialect
  QuantDialect
  SparseTensorDialect
  StablehloAssemblyFormat
  StablehloTypeInference
  )
add_mini_library(MhloAnalysis shape_component_analysis.cpp LINK_LIBS
  ArithDialect
  TensorDialect
  MhloDialect
  )
"""
OWN = """\
add_subdirectory(llvm)
add_subdirectory(mhlo)
add_mini_library(OMONNXToMhlo onnx_to_mhlo.cpp LINK_LIBS MhloDialect MhloAnalysis)
add_mini_library(OMInstrument instrument.cpp)
add_mini_library(OMInstrumentONNX instrument_onnx.cpp)
add_mini_library(OMOpTransform op_transform.cpp)
add_mini_library(OMDisposableGarbageCollector garbage_collector.cpp)
add_mini_library(OMCompilerUtils compiler_utils.cpp LINK_LIBS
  OMONNXToMhlo
  OMDisposableGarbageCollector
  OMInstrument
  OMInstrumentONNX
  OMOpTransform
  )
add_executable(onnx-mlir-opt opt.cpp)
target_link_libraries(onnx-mlir-opt PRIVATE
  OMDisposableGarbageCollector
  OMCompilerUtils OMInstrument OMInstrumentONNX OMOpTransform OMONNXToMhlo MhloAnalysis MhloDialect
  StablehloAssemblyFormat StablehloTypeInference StablehloBase LinalgDialect)
"""
CALLS: Mapping[str, tuple[str, ...]] = {
    "llvm/arith": (),
    "llvm/tensor": (),
    "llvm/quant": (),
    "llvm/sparse": (),
    "llvm/linalg": ("arith", "tensor", "quant", "sparse"),
    "mhlo/base": (),
    "mhlo/assembly_format": (),
    "mhlo/type_inference": ("base",),
    "mhlo/hlo_ops": ("linalg", "quant", "sparse", "assembly_format", "type_inference"),
    "mhlo/shape_component_analysis": ("arith", "tensor", "hlo_ops"),
    "onnx_to_mhlo": ("hlo_ops", "shape_component_analysis"),
    "instrument": (),
    "instrument_onnx": (),
    "garbage_collector": (),
    "op_transform": (),
    "compiler_utils": ("onnx_to_mhlo", "garbage_collector", "instrument", "instrument_onnx", "op_transform"),
}
"""A source file per library: it defines a function of its own name, and calls these."""


def source(name: str, calls: tuple[str, ...]) -> str:
    declared = "".join(f"int {each}();\n" for each in calls)
    return f"{declared}int {name}() {{ return {' + '.join(f'{each}()' for each in calls) or '1'}; }}\n"


def write_history(root: Path, removed: Mapping[str, tuple[str, ...]]) -> Path:
    texts = {"lib/CMakeLists.txt": OWN, "lib/mhlo/CMakeLists.txt": MHLO, "lib/llvm/CMakeLists.txt": LLVM}
    for library, entries in removed.items():
        for entry in entries:
            pattern = rf"((?:add_mini_library|target_link_libraries)\({library} [^)]*)\n  {entry}\n"
            cut = {name: re.sub(pattern, r"\1\n", text) for name, text in texts.items()}
            assert sum(cut[name] != texts[name] for name in texts) == 1
            texts = cut
    files = {f"lib/{path}.cpp": source(path.rpartition("/")[2], calls) for path, calls in CALLS.items()}
    files |= texts
    files["lib/opt.cpp"] = source("main", ("compiler_utils", "garbage_collector"))
    return write_project(root, files, lib=texts["lib/CMakeLists.txt"])


def check(root: Path) -> LinkcheckResult:
    build(root, root / "build", *GCC_BFD)  # raises where the static build does not pass
    return run_linkcheck(
        root / "build",
        scratch=root / "scratch",
        layers=find_layers(root, [root / "lib/mhlo"]),
        options=LinkcheckOptions(confirm=True, timeout=120),
    )


HISTORY: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "tensorflow/tensorflow#56844": {"MhloDialect": ("QuantDialect",)},
    "tensorflow/mlir-hlo#51": {"MhloDialect": ("SparseTensorDialect",)},
    # Two libraries of one target, which a linker tells together.
    "tensorflow/tensorflow#58477": {"MhloDialect": ("StablehloAssemblyFormat", "StablehloTypeInference")},
    # Two targets, one of which links the other: a build stops at the first, and the second waits for the next run.
    "onnx/onnx-mlir#1829": {
        "StablehloTypeInference": ("StablehloBase",),
        "MhloDialect": ("SparseTensorDialect", "StablehloTypeInference"),
    },
    # An analysis library whose users brought everything that it needs itself.
    "onnx/onnx-mlir#1519": {"MhloAnalysis": ("ArithDialect", "TensorDialect", "MhloDialect")},
    # The downstream's own; found by hand in January 2026.
    "Xilinx/onnx-mlir#535": {
        "OMCompilerUtils": ("OMInstrument", "OMInstrumentONNX", "OMOpTransform"),
        "onnx-mlir-opt": ("OMDisposableGarbageCollector",),
    },
}


@pytest.mark.parametrize("case", HISTORY)
def test_it_would_have_been_told(tmp_path: Path, case: str) -> None:
    result = check(write_history(tmp_path, HISTORY[case]))
    suggested = {target: {each.target_name for each in found} for target, found in result.suggestions.items() if found}
    assert suggested == {target: set(entries) for target, entries in HISTORY[case].items()}
    assert result.confirmation is not None
    assert result.confirmation.agrees
    assert result.confirmation.found
    for finding in result.findings:
        is_own = finding.facts["linked"].startswith(("OM", "onnx"))
        assert (finding.layer, finding.component) == ((Layer.DOWNSTREAM, "") if is_own else (Layer.COMPONENT, "mhlo"))
        assert any("The change belongs into mhlo" in line for line in finding.advice) != is_own


def test_the_project_without_removals_links(tmp_path: Path) -> None:
    result = check(write_history(tmp_path, {}))
    assert (result.fails, result.findings) == (False, ())
