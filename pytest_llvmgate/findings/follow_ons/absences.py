"""What is missing because something else is: without llvm-config no headers, without a submodule no targets."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.findings.groups import Scan
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.owners.llvms_names import is_llvms_include


def drop(scan: Scan) -> None:
    """Take out what is missing because something else is."""
    _drop_of_programs(scan)
    _drop_of_llvm_config(scan)
    _join_absent_llvm(scan)
    _drop_of_programs_to_be_built(scan)
    _drop_of_absent_directories(scan)
    _join_runtime(scan)
    _drop_of_libraries(scan)


def _join_runtime(scan: Scan) -> None:
    """A driver that does not find its runtime finds no part of it: neither start files nor libraries."""
    parts = [
        key for key, group in scan.in_order() if group.kind == kinds.LIBRARY_MISSING and _PART.match(group.identifier)
    ]
    for key in parts[1:]:
        scan.attribute(key, to=scan.groups[parts[0]])


_PART: Final = re.compile(r"crt\w*\.o$|gcc(?:_\w+)?$|clang_rt\.")


def _drop_of_absent_directories(scan: Scan) -> None:
    """A submodule that is not checked out has no targets and no commands either: ``third_party/pybind11`` explains
    that ``pybind11_add_module`` is unknown.
    """
    absent = {
        group.identifier.rstrip("/").rpartition("/")[2].lower(): group
        for group in scan.groups.values()
        if group.kind == kinds.CMAKE_MODULE_MISSING and not group.identifier.endswith(".cmake")
    }
    for key, group in scan.of_kind(kinds.CMAKE_TARGET_MISSING, kinds.CMAKE_COMMAND_MISSING):
        name = group.identifier.lower()
        cause = next((absent[one] for one in absent if len(one) > 2 and name.startswith(one)), None)
        scan.attribute(key, to=cause)


_BUILTIN: Final = re.compile(
    r"^(?:std(?:def|arg|bool|int|align|io|lib)|limits|float|iso646|mm_malloc|\w*mmintrin|string|math|unistd|errno|assert|ctype"
    r"|time|signal|fcntl|pthread|inttypes|wchar|locale|features|sys/\w+|bits/\w+|gnu/stubs\S*"
    r"|__clang_\w+|opencl-c(?:-base)?)\.h$"
)
_IN_EVERY_LLVM: Final = frozenset(
    [
        "llvm/Config/llvm-config.h",
        "llvm/IR/Module.h",
        "llvm/IR/LLVMContext.h",
        "llvm/IR/Function.h",
        "llvm/IR/Value.h",
        "llvm/IR/Metadata.h",
        "llvm/IR/Type.h",
        "llvm/IR/DerivedTypes.h",
        "llvm/IR/Instructions.h",
        "llvm/IR/Verifier.h",
        "llvm/IR/IRBuilder.h",
        "llvm-c/Core.h",
        "llvm/ADT/StringRef.h",
        "llvm/ADT/ArrayRef.h",
        "llvm/ADT/SmallVector.h",
        "llvm/ADT/STLExtras.h",
        "llvm/Support/raw_ostream.h",
        "llvm/Support/Casting.h",
        "clang/AST/Decl.h",
        "clang/AST/ASTContext.h",
        "clang/Basic/Version.h",
        "clang-c/Index.h",
        "mlir/IR/Operation.h",
        "mlir/IR/MLIRContext.h",
        "mlir/IR/BuiltinOps.h",
        "mlir/Pass/Pass.h",
        "mlir-c/IR.h",
    ]
)
"""Headers of LLVM 13 to 22 that have not moved: not to find them is to have no LLVM on the include path."""


def _drop_of_llvm_config(scan: Scan) -> None:
    """Without llvm-config no include directory is passed; a header that the compiler brings itself is no project's."""
    tool = next(
        (
            group
            for group in scan.groups.values()
            if group.kind == kinds.TOOL_MISSING and "llvm-config" in group.identifier
        ),
        None,
    )
    for key, group in scan.of_kind(kinds.HEADER_MISSING):
        if _BUILTIN.match(group.identifier):
            group.facts[fact.FORM] = "builtin"
        elif tool is None and group.identifier in _IN_EVERY_LLVM:
            group.facts[fact.FORM] = "none"
        elif tool is not None and tool.first.line < group.first.line and is_llvms_include(group.identifier):
            scan.attribute(key, to=tool)


def _join_absent_llvm(scan: Scan) -> None:
    """That there is no LLVM is said by the script that looked for it, and by the shell that found no llvm-config."""
    absent = [
        key
        for key, group in scan.in_order()
        if (group.kind == kinds.TOOL_MISSING and "llvm-config" in group.identifier)
        or (group.kind == kinds.CMAKE_PACKAGE and re.match(r"(?i)llvm(?:-config.*)?$", group.identifier))
    ]
    for key in absent[1:]:
        scan.attribute(key, to=scan.groups[absent[0]])


def _drop_of_libraries(scan: Scan) -> None:
    """A linker that does not find a library goes on, and then has not what that library defines either."""
    missing = [
        (re.sub(r"\W.*", "", group.identifier.removeprefix("lib")).lower(), group)
        for group in scan.groups.values()
        if group.kind == kinds.LIBRARY_MISSING
    ]
    for key, group in scan.of_kind(kinds.UNDEFINED_SYMBOL):
        for name, one in missing:
            near = abs(group.first.line - one.first.line) <= _ONE_LINK and one.first.edge == group.first.edge
            if near and len(name) > 2 and name in group.identifier.lower():
                scan.attribute(key, to=one)
                break


_ONE_LINK: Final = 6
"""Lines between two complaints of one run of a linker."""


def _drop_of_programs_to_be_built(scan: Scan) -> None:
    """A program that lies in a build directory is not there because the build failed."""
    for key, group in scan.of_kind(kinds.TOOL_MISSING):
        if _IN_BUILD.search(group.first.message):
            cause = next((one for one in scan.groups.values() if one.first.line < group.first.line), None)
            scan.attribute(key, to=cause)


_IN_BUILD: Final = re.compile(
    r"(?:^|[\s/])(?:\./|[\w.-]{0,60}build[\w.-]{0,60}/)[^\s:]{1,400}: (?:No such file|not found)"
)


def _drop_of_programs(scan: Scan) -> None:
    """CMake without a build program, or with a compiler that is refused, has no compilers either."""
    causes = [group for group in scan.groups.values() if group.facts.get("sort") == "program"]
    for key, group in scan.of_kind(kinds.COMPILER_BROKEN):
        if group not in causes and causes and "CMAKE_" in group.identifier:
            scan.attribute(key, to=causes[0])
