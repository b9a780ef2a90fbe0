"""The words of findings: one sentence per class, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pytest_llvmgate.findings.groups import Group
from pytest_llvmgate.findings.lines import plain_quotes
from pytest_llvmgate.model import Confidence, Layer, Location
from pytest_llvmgate.objects.cxx_names import function_name

_BY_KIND: Final[Mapping[str, str]] = {
    "header-missing": "Header '{id}' is not found{at}",
    "generated-header-missing": "Generated header '{id}' does not exist when it is included{at}",
    "header-not-included": "'{id}' is used but only declared: a header that defines it is no longer included{at}",
    "api-deprecated": "'{id}' is deprecated, and warnings are errors{at}",
    "tablegen": "TableGen: {message}{at}",
    "cmake-target-missing": "CMake target {targets} does not exist{by}{at}",
    "cmake-export": "Target '{id}' is in no export set, but the exported target '{by_name}' requires it{at}",
    "cmake-command-missing": "CMake command '{id}' is unknown{at}",
    "cmake-module-missing": "CMake file or directory '{id}' does not exist{at}",
    "cmake-version": "CMake's version does not fit: {message}{at}",
    "cmake-error": "CMake: {message}{at}",
    "bazel-error": "Bazel: {message}{at}",
    "source-missing": "Source file '{id}' does not exist{at}",
    "compiler-broken": "The {id} compiler does not work: {message}",
    "library-missing": "The linker does not find library '{id}'{in_edge}",
    "duplicate-symbol": "'{id}' is defined more than once{in_edge}",
    "link-error": "The link fails{in_edge}: {message}",
    "loader": "{program} does not start: '{id}' is not found at run time{tests}",
    "llvm-linked-twice": "LLVM is in the program twice: {message}",
    "abi-mismatch": "LLVM and this code are built with different settings: '{id}' does not resolve",
    "promised-interface": "Dialect '{dialect}' promises the interface {interface}, and nobody registered it",
    "llvm-fatal": "{program} was stopped by LLVM: {message}{tests}",
    "crash": "{program} crashed: {message}{tests}{in_edge}",
    "ir-error": "A tool rejects its input: {message}{tests}{at}",
    "tool-option": "'{tool}' does not know the option '{option}'",
    "tool-missing": "The program '{id}' is not found or cannot be run{tests}",
    "script-error": "A script of the build failed: {message}{in_edge}",
    "build-file-missing": "'{id}' does not exist and nothing makes it{by}",
    "git-unreachable": "git cannot get '{id}': the pin is not on the remote{submodule}",
    "git-error": "git: {message}",
    "patch-failed": "A carried patch no longer applies: '{id}'",
    "network": "The network failed: {message}",
    "out-of-memory": "The machine ran out of memory{in_edge}",
    "out-of-disk": "The machine ran out of disk space or open files{in_edge}",
    "compiler-crash": "The compiler itself crashed{in_edge}",
    "timeout": "The command did not end in time",
}
_BY_SORT: Final[Mapping[str, str]] = {
    "incomplete": "The LLVM install is incomplete: target '{id}' names a file that does not exist{file}",
    "refused": "CMake package '{id}' was found and refuses to be used{reason}{at}",
    "version": "CMake package '{id}' is not there in the requested version {version}{at}",
    "absent": "CMake does not find the package '{id}'{at}",
}
_BY_FORM: Final[Mapping[str, str]] = {
    "directive": "'{id}' is refused by the header that it is defined for: {message}{at}",
    "not-member": "'{name}' is gone from '{scope}'{at}",
    "undeclared": "'{id}' is not declared{at}",
    "override": "'{overrides}' overrides nothing any more{pure}{at}",
    "abstract": "'{id}' is abstract{pure}{at}",
    "no-declaration": "'{id}' matches no declaration any more{at}",
    "private": "'{id}' is not accessible any more{at}",
    "const": "'{id}' cannot be called on a const object (any more){at}",
    "deleted": "'{id}' is deleted{at}",
    "ambiguous": "'{id}' is ambiguous{at}",
    "unqualified": "Code generated into {generated} uses {names} without a namespace: it no longer lies "
    "inside of one{at}",
}
_ADVICE: Final[Mapping[str, str]] = {
    "header-missing": "Look for the header's new place in LLVM, and change the #include.",
    "generated-header-missing": "Add the TableGen target that makes it to the library's DEPENDS in its CMakeLists.txt.",
    "header-not-included": "Include the header that defines it: LLVM's own headers no longer bring it along.",
    "cmake-target-missing": "Look for the target's new name in LLVM, or check that the submodule's "
    "checkout is current.",
    "cmake-export": "Install the library into the same export set, or do not make the exported target require it.",
    "cmake-command-missing": "Check that TableGen, AddLLVM and AddMLIR are included, and look for its new name.",
    "library-missing": "Look for the library's new name in LLVM, and change the LINK_LIBS entry.",
    "loader": "Install the library with the program or set its RPATH, and check by running the installed tool.",
    "llvm-linked-twice": "Link LLVM once: either libLLVM/libMLIR or the static archives, in all "
    "libraries of the program.",
    "promised-interface": "Register the external models of the dialect where the program fills its DialectRegistry.",
    "tool-option": "Look in the tool's --help for the option's successor.",
    "git-unreachable": "Pin a commit that a branch or tag of the remote contains, or push it there.",
    "patch-failed": "Rebase the patch on the candidate, or drop it when upstream has taken it.",
    "network": "Run it again; where there is no network, give CMake a copy: FETCHCONTENT_SOURCE_DIR_<NAME>.",
    "out-of-memory": "Not LLVM's fault: run fewer jobs at once, with LLVM_PARALLEL_LINK_JOBS=1, or on a "
    "larger machine.",
    "out-of-disk": "Not LLVM's fault: make room on the disk, and run it again.",
    "compiler-crash": "Not LLVM's fault: use another compiler, or report the crash to its makers.",
    "cmake-module-missing": "If it belongs to a submodule, check it out: git submodule update --init --recursive.",
    "duplicate-symbol": "Remove one of the definitions, or the library that brings the second one.",
    "build-file-missing": "If it is a library of LLVM, look for its new name; else make it a dependency.",
}
_ADVICE_BY_SORT: Final[Mapping[str, str]] = {
    "incomplete": "Use a complete install of LLVM: this is the environment, not an API.",
    "absent": "Install it, or point CMake to it (<name>_DIR or CMAKE_PREFIX_PATH): this is the "
    "environment, not an API.",
    "version": "Change the version that the project asks for, or use an LLVM that has it.",
}
_ADVICE_BY_FORM: Final[Mapping[str, str]] = {
    "directive": "Look into the header at that line for what it takes instead.",
    "unqualified": "Qualify the names in the .td file, as in ::llvm::isa<::mlir::IntegerType>($_self).",
    "no-match": "Compare the call with the declarations that the candidate has.",
}
_GUESSES: Final = frozenset(
    {"compile-error", "cmake-error", "tool-error", "link-error", "script-error", "crash", "ir-error"}
)


def headline(group: Group, *, layer: Layer, component: str, place: Location | None) -> str:
    """One sentence for the group."""
    facts = group.first.facts
    template = _BY_SORT.get(facts.get("sort", "")) or _BY_KIND.get(group.kind) or _by_form(group)
    text = template.format_map(_values(group, place))
    return f"LLVM itself is broken: {text}" if layer is Layer.LLVM and not component else text


def _by_form(group: Group) -> str:
    form = group.first.facts.get("form", "")
    if form == "no-match" and "name" in group.first.facts:
        return "No overload of '{id}' takes these arguments any more{at}"
    if form == "convert" and " -> " in group.identifier:
        return "'{source}' does not convert to '{target}' any more{at}"
    return _BY_FORM.get(form) or "{message}{at}"


def _values(group: Group, place: Location | None) -> dict[str, str]:
    event = group.first
    facts = event.facts
    by, pure, names = facts.get("by", ""), facts.get("pure", ""), facts.get("names", "")
    source, _, target = group.identifier.partition(" -> ")
    program = facts.get("program", "")
    edge = event.edge.description or event.edge.output if event.edge else ""
    return {
        "id": short_symbol(group.identifier) if group.kind == "duplicate-symbol" else group.identifier,
        "message": shorten(f"assertion '{facts['assertion']}' failed" if facts.get("assertion") else event.message),
        "at": f" ({place})" if place else "",
        "tests": f" (in {len(group.tests)} tests)" if len(group.tests) > 1 else "",
        "in_edge": f" ({edge})" if edge else "",
        "by": f" (needed by '{by}')" if by else "",
        "by_name": by,
        "targets": ", ".join(f"'{name}'" for name in names.split(", ")) if names else f"'{group.identifier}'",
        "program": f"'{program}'" if program else "A program",
        "submodule": f" (submodule {facts['submodule']})" if facts.get("submodule") else "",
        "file": f" ({facts['file']})" if facts.get("file") else "",
        "reason": f": {shorten(facts['reason'])}" if facts.get("reason") else "",
        "pure": f": {pure} must be implemented now" if pure else "",
        "overrides": facts.get("overrides") or group.identifier,
        "names": names,
        "source": source,
        "target": target,
        **{key: facts.get(key, "") for key in _PLAIN},
        "name": facts.get("name") or group.identifier,
    }


_PLAIN: Final = ("scope", "dialect", "interface", "tool", "option", "version", "generated")


def shorten(message: str, limit: int = 160) -> str:
    """A message that fits into a headline."""
    text = " ".join(message.split())
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def short_symbol(symbol: str) -> str:
    """A symbol that fits into a headline: a function without its parameters' types, a mangled name demangled."""
    name = symbol.partition("@@")[0]
    if name.startswith("_Z"):
        from pytest_llvmgate.objects.demangle import demangle

        name = demangle([name])[name]
    if " for " in name or "(" not in name or name.endswith("()"):
        return name
    return f"{function_name(name)}(...)"


def confidence(group: Group) -> Confidence:
    """How far the message alone proves the cause."""
    form = group.first.facts.get("form")
    if group.kind in _GUESSES or form in {"undeclared", "other", "static-assert"}:
        return Confidence.LIKELY
    return Confidence.CERTAIN


def advice(group: Group, *, layer: Layer, component: str) -> tuple[str, ...]:
    """What to do, as far as the class alone tells."""
    facts = group.first.facts
    own = (
        _ADVICE_BY_SORT.get(facts.get("sort", ""))
        or _ADVICE.get(group.kind)
        or _ADVICE_BY_FORM.get(facts.get("form", ""))
    )
    steps = [own] if own else []
    if facts.get("form") == "no-match" and (nearest := nearest_overload(group.first.detail)):
        steps.insert(0, nearest)
    if layer is Layer.MACHINE and group.kind == "cmake-target-missing":
        is_python = group.identifier.startswith("MLIRPython")
        lacks, option = (
            ("Python bindings", "MLIR_ENABLE_BINDINGS_PYTHON")
            if is_python
            else ("test utilities", "LLVM_INSTALL_UTILS")
        )
        steps = [f"LLVM's {lacks} are not in this install: build it with {option}=ON."]
    elif layer is Layer.MACHINE and facts.get("sort") == "version":
        steps = [f"Install a {group.identifier} of the version that is asked for: this is the environment, not an API."]
    elif layer is Layer.LLVM:
        steps = ["The failing code is LLVM's own: choose another commit; in a bisection, skip this one."]
    elif layer is Layer.COMPONENT and component and group.kind != "cmake-module-missing":
        steps.append(f"The change belongs into {component}: move its pin to a commit that has it, or carry a patch.")
    return tuple(steps)


_NO_CONVERSION: Final = re.compile(
    r"no known conversion from '(?P<source>[^']+)'(?: \(aka '[^']*'\))? to '(?P<target>[^']+)'"
    r".*? for (?P<at>\d+)\w\w argument"
    r"|no known conversion for argument (?P<at2>\d+) from '(?P<source2>[^']+)' to '(?P<target2>[^']+)'"
)


def nearest_overload(detail: Sequence[str]) -> str:
    """What the overload lacks that takes the most of the arguments, in the compiler's words; empty if none says so."""
    best, said = 0, ""
    for line in detail:
        if "no known conversion" in line and (match := _NO_CONVERSION.search(plain_quotes(line))):
            at = int(match["at"] or match["at2"])
            if at > best:
                source, target = match["source"] or match["source2"], match["target"] or match["target2"]
                best, said = at, f"The nearest overload takes a '{target}' as argument {at}, not a '{source}'."
    return said
