"""Commits between those that matter: many, varied, and without consequence for any build's outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.miniature.edits import Edit, Remark, Write


@dataclass(frozen=True, kw_only=True)
class Filler:
    """A commit whose title ends in the number of its pull request."""

    title: str
    edits: tuple[Edit, ...]


_HEADERS: Final = (
    "mlir/include/mlir/IR/Operation.h",
    "mlir/include/mlir/Pass/Pass.h",
    "llvm/include/llvm/ADT/StringRef.h",
    "mlir/include/mlir/IR/Dialect.h",
    "llvm/include/llvm/Analysis/CallGraph.h",
)
_SOURCES: Final = (
    "mlir/lib/Transforms/CSE.cpp",
    "llvm/lib/IR/Module.cpp",
    "mlir/lib/Parser/Parser.cpp",
    "llvm/lib/Target/AArch64/AArch64TargetMachine.cpp",
    "mlir/lib/Dialect/Tensor/IR/TensorDialect.cpp",
)
_DEFINITIONS: Final = (
    "mlir/include/mlir/IR/OpBase.td",
    "mlir/include/mlir/Dialect/Arith/IR/ArithOps.td",
)
_LISTS: Final = (
    "mlir/lib/Dialect/Func/IR/CMakeLists.txt",
    "llvm/lib/Demangle/CMakeLists.txt",
)


def _pick(choices: tuple[str, ...], number: int) -> str:
    return choices[number // 7 % len(choices)]


def _docs(number: int) -> Filler:
    page = f"llvm/docs/notes/page-{number % 40:02}.md"
    return Filler(title="[docs] Clarify a release note", edits=(Write(page, f"# Note\n\nAs of change {number}.\n"),))


def _clang(number: int) -> Filler:
    path = f"clang/lib/Sema/Sema{number % 60:02}.cpp"
    text = f"// Nothing here is built.\nint check{number}();\n"
    return Filler(title="[clang][Sema] Diagnose one more mistake", edits=(Write(path, text),))


def _target(number: int) -> Filler:
    path = f"llvm/lib/Target/RISCV/RISCVSchedule{number % 30:02}.td"
    return Filler(title="[RISCV] Update a scheduling model", edits=(Write(path, f"// Latency of change {number}.\n"),))


def _tests(number: int) -> Filler:
    path = f"mlir/test/Dialect/generated-{number % 50:02}.mlir"
    text = f"// RUN: mlir-opt %s | FileCheck %s\n// CHECK: func.func @f{number}\nfunc.func @f{number}\n"
    return Filler(title="[mlir][test] Add a test (NFC)", edits=(Write(path, text),))


def _header(number: int) -> Filler:
    edits = (Remark(_pick(_HEADERS, number), f"change {number}"),)
    return Filler(title="[NFC] Fix a comment in a header", edits=edits)


def _source(number: int) -> Filler:
    edits = (Remark(_pick(_SOURCES, number), f"change {number}"),)
    return Filler(title="[NFC] Clean up an implementation", edits=edits)


def _definitions(number: int) -> Filler:
    edits = (Remark(_pick(_DEFINITIONS, number), f"change {number}"),)
    return Filler(title="[mlir][ods] Describe a trait better (NFC)", edits=edits)


def _lists(number: int) -> Filler:
    return Filler(
        title="[cmake] Comment on a library (NFC)", edits=(Remark(_pick(_LISTS, number), f"change {number}"),)
    )


FILLERS: Final[dict[str, Callable[[int], Filler]]] = {
    "docs": _docs,
    "clang": _clang,
    "target": _target,
    "tests": _tests,
    "header": _header,
    "source": _source,
    "definitions": _definitions,
    "lists": _lists,
}
"""By what they touch. ``header``, ``source``, ``definitions`` and ``lists`` are read by a build of the downstream or of
what it links; the others cannot matter to it."""

_ROTATION: Final = (
    "docs",
    "clang",
    "source",
    "target",
    "tests",
    "header",
    "clang",
    "docs",
    "definitions",
    "target",
    "lists",
)


def filler(step: str, number: int) -> Filler:
    """The commit for a step ``filler`` (kinds in turn) or ``filler:<kind>``; ``number`` makes its contents unique."""
    _, _, kind = step.partition(":")
    return FILLERS[kind or _ROTATION[number % len(_ROTATION)]](number)
