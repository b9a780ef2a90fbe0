"""The words of findings: one sentence per class, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_llvmgate.findings.groups import Group
from pytest_llvmgate.model import Confidence, Layer, Location

_HEADLINES: Final[Mapping[str, str]] = {
    "header-missing": "Header '{id}' is not found{at}",
    "generated-header-missing": "Generated header '{id}' does not exist when it is included{at}",
    "header-not-included": "'{id}' is used but only declared: a header that defines it is no longer included{at}",
    "api-deprecated": "'{id}' is deprecated, and warnings are errors{at}",
    "cmake-target-missing": "CMake target '{id}' does not exist{by}",
    "cmake-export": "Target '{id}' is not in any export set, but exported target '{by_name}' requires it",
    "cmake-command-missing": "CMake command '{id}' is unknown{at}",
    "cmake-module-missing": "CMake file or directory '{id}' does not exist{at}",
    "cmake-version": "CMake's version does not fit: {message}",
    "source-missing": "Source file '{id}' does not exist{at}",
    "compiler-broken": "The compiler does not work: {message}",
    "library-missing": "Library '{id}' is not found by the linker{in_edge}",
    "duplicate-symbol": "'{id}' is defined more than once{in_edge}",
    "loader": "A program does not start, because '{id}' is not found at run time",
    "llvm-linked-twice": "LLVM is linked twice into one program: {message}",
    "abi-mismatch": "LLVM and this code are built with different settings: '{id}' does not resolve",
    "promised-interface": "Dialect '{dialect}' promises the interface {interface}, and nobody registered it",
    "llvm-fatal": "LLVM stopped: {message}",
    "crash": "A program crashed: {message}",
    "tool-option": "'{tool}' does not know the option '{option}'",
    "tool-missing": "The program '{id}' is not found or cannot be run",
    "build-file-missing": "'{id}' is needed{by} and nothing makes it",
    "git-unreachable": "git cannot get '{id}' from the remote: nobody can check this pin out",
    "patch-failed": "A carried patch no longer applies: '{id}'",
    "network": "The network failed: {message}",
    "out-of-memory": "The machine ran out of memory{in_edge}",
    "out-of-disk": "The machine ran out of disk space or files{in_edge}",
    "compiler-crash": "The compiler itself crashed{in_edge}",
    "timeout": "The command did not end in time",
}

_FORMS: Final[Mapping[str, str]] = {
    "not-member": "'{name}' is gone from '{scope}'{at}",
    "undeclared": "'{id}' is not declared{at}",
    "override": "{overrides} overrides nothing any more{pure_now}{at}",
    "abstract": "'{id}' is abstract{pure_now}{at}",
    "no-declaration": "'{id}' matches no declaration any more{at}",
    "no-match": "No overload of '{id}' takes these arguments any more{at}",
    "private": "'{id}' is not accessible any more{at}",
    "deleted": "'{id}' is deleted{at}",
    "ambiguous": "'{id}' is ambiguous{at}",
    "convert": "'{id}' does not convert any more{at}",
    "unqualified": "Code generated into {generated} uses {names} without a namespace: it no longer lies inside of one{at}",
}

_ADVICE: Final[Mapping[str, str]] = {
    "header-missing": "Look for the header's new place in LLVM, and change the #include.",
    "generated-header-missing": "Add the TableGen target that makes it to the library's DEPENDS in its CMakeLists.txt.",
    "header-not-included": "Include the header that defines it: LLVM's own headers no longer bring it along.",
    "cmake-target-missing": "Look for the target's new name in LLVM, or check that the submodule's checkout is current.",
    "cmake-export": "Install the library into the same export set, or do not make the exported target require it.",
    "cmake-command-missing": "Check that AddMLIR, AddLLVM and TableGen are included, and look for the command's new name.",
    "library-missing": "Look for the library's new name in LLVM, and change the LINK_LIBS entry.",
    "loader": "Install the library with the program, or set its RPATH; run the installed program to check.",
    "llvm-linked-twice": "Link LLVM once: use either libLLVM/libMLIR or the static archives in all libraries of the program.",
    "promised-interface": "Register the external models of the dialect where the program fills its DialectRegistry.",
    "tool-option": "Look in the tool's --help for the option's successor.",
    "git-unreachable": "Pin a commit that a branch or tag of the remote contains, or push it there.",
    "patch-failed": "Rebase the patch on the candidate, or drop it when upstream has taken it.",
    "network": "Run it again.",
    "out-of-memory": "Not LLVM's fault: run fewer jobs at once (and fewer links: -DLLVM_PARALLEL_LINK_JOBS=1), or give the machine more memory.",
    "out-of-disk": "Not LLVM's fault: make room on the disk, and run it again.",
    "compiler-crash": "Not LLVM's fault: use another compiler, or report the crash to its makers.",
    "filecheck": "Update the CHECK lines where only the printed form changed.",
}


def headline(group: Group, *, layer: Layer, component: str, place: Location | None) -> str:
    """One sentence for the group."""
    event = group.first
    facts = event.facts
    template = _HEADLINES.get(group.kind) or _FORMS.get(facts.get("form", "")) or "{message}{at}"
    by = facts.get("by", "")
    values = {
        "id": group.identifier,
        "name": facts.get("name", group.identifier),
        "scope": facts.get("scope", ""),
        "at": f" ({place})" if place else "",
        "by": f" (needed by '{by}')" if by else "",
        "by_name": by,
        "in_edge": f" ({event.edge.description or event.edge.output})" if event.edge and event.edge.description else "",
        "message": shorten(event.message),
        "dialect": facts.get("dialect", ""),
        "interface": facts.get("interface", ""),
        "overrides": f"'{facts.get('overrides') or group.identifier}'",
        "pure_now": f": {facts['pure']} must be implemented" if facts.get("pure") else "",
        "generated": facts.get("generated", ""),
        "names": facts.get("names", ""),
        "tool": facts.get("tool", ""),
        "option": facts.get("option", ""),
    }
    text = template.format_map(values)
    return f"LLVM itself is broken: {text}" if layer is Layer.LLVM and not component else text


def shorten(message: str, limit: int = 160) -> str:
    """A message that fits into a headline."""
    text = " ".join(message.split())
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def confidence(group: Group) -> Confidence:
    """How far the message alone proves the cause."""
    if group.kind in {"compile-error", "cmake-error", "tool-error", "link-error", "script-error", "crash"}:
        return Confidence.LIKELY
    return Confidence.CERTAIN if group.kind in _ADVICE or group.kind.startswith("api") else Confidence.LIKELY


def advice(group: Group, *, layer: Layer, component: str) -> tuple[str, ...]:
    """What to do, as far as the class alone tells."""
    steps = [_ADVICE[group.kind]] if group.kind in _ADVICE else []
    if layer is Layer.LLVM:
        steps.append("The failing code is LLVM's own: choose another commit; in a bisection, skip this one.")
    elif layer is Layer.COMPONENT and component:
        steps.append(f"The change belongs into {component}: move its pin to a commit that has it, or carry a patch.")
    return tuple(steps)
