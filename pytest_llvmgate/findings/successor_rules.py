"""What a gone header, target, library, option or declaration is called in the candidate."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import Subject
from pytest_llvmgate.kinds.facts import FORM, NAME, OPTION, PURE, PURE_AT, SCOPE, SUCCESSOR, SUCCESSOR_AT, TOOL
from pytest_llvmgate.model import Finding
from pytest_llvmgate.surface.install_index import Declared, PrefixIndex, existing, index_of

MOST_LOOKUPS: Final = 40
"""Findings for which a successor is looked up: enough for a screen, bounded in time."""

RENAMES: Final = {
    "Arithmetic": "Arith",
    "StandardOps": "Func",
    "Mesh": "Shard",
    "Linalg/IR/LinalgOps": "Linalg/IR/Linalg",
    "LoopOps": "SCF",
    "llvm/Support/Host.h": "llvm/TargetParser/Host.h",
    "llvm/Passes/PassPlugin.h": "llvm/Plugins/PassPlugin.h",
}
"""Renames in MLIR's and LLVM's history that no similarity of names reveals."""


@dataclass(frozen=True, kw_only=True)
class Successor:
    """What takes the place of something that is gone."""

    name: str
    where: str = ""
    """``file:line`` in the candidate, as one would include the file."""
    text: str = ""
    """The declaration."""
    how: str = ""
    """Why it is believed to be the successor: ``same name``, ``nearest name`` ..."""

    def sentence(self) -> str:
        """One line of advice."""
        at = f" ({self.where})" if self.where else ""
        shown = f": {self.text}" if self.text else ""
        return f"In the candidate: {self.name}{at}, {self.how}{shown}"


def add_successors(findings: tuple[Finding, ...], context: DiagnosisContext) -> tuple[Finding, ...]:
    """The rule: give each finding whose subject is gone its likely successors in the candidate's install."""
    prefixes = existing(context.prefixes)
    if not prefixes:
        return findings
    index = index_of(prefixes)
    return tuple(
        _with_successors(finding, index) if number < MOST_LOOKUPS else finding
        for number, finding in enumerate(findings)
    )


def _with_successors(finding: Finding, index: PrefixIndex) -> Finding:
    find = _FINDERS.get(kind_of(finding.kind).subject)
    found = find(finding, index)[:3] if find is not None else []
    if not found:
        return finding
    facts = {SUCCESSOR: found[0].name, **({SUCCESSOR_AT: found[0].where} if found[0].where else {})}
    return replace(
        finding,
        advice=(*(successor.sentence() for successor in found), *finding.advice),
        facts={**finding.facts, **facts},
    )


# -- headers ----------------------------------------------------------------------------------------------------------


def _header(finding: Finding, index: PrefixIndex) -> list[Successor]:
    return header_successors(finding.facts.get(NAME) or finding.identifier, index)


def header_successors(name: str, index: PrefixIndex) -> list[Successor]:
    """The same file elsewhere, a known rename, or the most similar path."""
    if name in index.files:
        return [Successor(name=name, how="it is there: the include path lacks the install's include directory")]
    for old, new in RENAMES.items():
        renamed = name.replace(old, new)
        if renamed != name and renamed in index.files:
            return [Successor(name=renamed, how="renamed")]
    base = posixpath.basename(name)
    same = [path for path in index.files if posixpath.basename(path) == base]
    if same:
        return [Successor(name=path, how="moved") for path in _nearest(name, same, cutoff=0.0)]
    suffix = posixpath.splitext(name)[1]
    stem = posixpath.splitext(base)[0]
    alike = [path for path in index.files if path.endswith(suffix) and _shares_start(posixpath.basename(path), stem)]
    return [Successor(name=path, how="the nearest name") for path in _nearest(name, alike, cutoff=0.75)]


def _shares_start(name: str, stem: str) -> bool:
    return name[:3].lower() == stem[:3].lower()


def _nearest(name: str, names: Iterable[str], *, cutoff: float, count: int = 3) -> list[str]:
    return difflib.get_close_matches(name, list(names), n=count, cutoff=cutoff)


# -- CMake ------------------------------------------------------------------------------------------------------------


def _target(finding: Finding, index: PrefixIndex) -> list[Successor]:
    name = finding.identifier
    if name.endswith("IncGen"):
        return []
    return _library_names(name, index.targets)


def _library(finding: Finding, index: PrefixIndex) -> list[Successor]:
    return _library_names(finding.identifier, index.libraries | index.targets)


def _library_names(name: str, known: frozenset[str]) -> list[Successor]:
    bare = name.rpartition("::")[2].rpartition("/")[2].removeprefix("lib").partition(".")[0]
    guesses = [bare, f"{bare}Dialect", bare.removesuffix("Dialect"), f"MLIR{bare}", f"MLIR{bare}Dialect", f"{bare}IR"]
    for old, new in RENAMES.items():
        if old in bare:
            guesses += [bare.replace(old, new), f"{bare.replace(old, new)}Dialect"]
    exact = [guess for guess in dict.fromkeys(guesses) if guess in known]
    near = [other for other in _nearest(bare, known, cutoff=0.8) if other not in exact]
    return [Successor(name=guess, how="a target of the install") for guess in exact[:2]] + [
        Successor(name=other, how="the nearest name") for other in near[: 2 - len(exact[:2])]
    ]


def _command(finding: Finding, index: PrefixIndex) -> list[Successor]:
    name = finding.identifier.lower()
    if name in index.commands:
        file = index.commands[name]
        return [Successor(name=name, where=file, how=f"include({file.removesuffix('.cmake')}) before its first use")]
    near = _nearest(name, index.commands, cutoff=0.75)
    return [Successor(name=other, where=index.commands[other], how="the nearest name") for other in near[:2]]


def _option(finding: Finding, index: PrefixIndex) -> list[Successor]:
    option = finding.facts.get(OPTION, "")
    known = index.options(finding.facts.get(TOOL, ""))
    return [Successor(name=other, how="the nearest option") for other in _nearest(option, known, cutoff=0.7)[:2]]


# -- TableGen ---------------------------------------------------------------------------------------------------------


def _tablegen(finding: Finding, index: PrefixIndex) -> list[Successor]:
    name = finding.facts.get(NAME, "")
    if name.endswith(".td"):
        return header_successors(name, index)
    if not re.fullmatch(r"\w+", name):
        return []
    return [
        Successor(name=name, where=str(found), text=found.text, how=f'include "{found.file}"')
        for found in index.definitions_in_td(name)[:2]
    ]


# -- declarations -----------------------------------------------------------------------------------------------------


def _declaration(finding: Finding, index: PrefixIndex) -> list[Successor]:
    """Same name elsewhere, the class's own members, or the nearest name."""
    name, scope = finding.facts.get(NAME, ""), finding.facts.get(SCOPE, "")
    if not re.fullmatch(r"~?\w+", name):
        return []
    form = finding.facts.get(FORM, "")
    if name == "build" and scope:
        return _builders(scope, index)
    if form in {"convert", "override", "abstract"}:
        return _conversions(finding, index) if form == "convert" else _pure(finding)
    own = _members(name, scope, index) if scope else []
    elsewhere = _elsewhere(name, scope, index)
    nearest = _nearest_functions(name, index) if not own and not elsewhere else []
    return [*own, *elsewhere, *nearest]


def _builders(scope: str, index: PrefixIndex) -> list[Successor]:
    """The builders that an operation has now."""
    body = index.class_body(scope.rpartition("::")[2])
    if body is None:
        return []
    file, line, text = body
    found = []
    for match in re.finditer(r"^\s*static void build\((?P<parameters>[^;{]*)\);", text, re.MULTILINE):
        parameters = re.sub(r"::?mlir::|::llvm::", "", " ".join(match["parameters"].split()))
        parameters = re.sub(r"^OpBuilder &\w+, OperationState &\w+(?:, ?)?", "", parameters)
        number = line + text.count("\n", 0, match.start("parameters"))
        found.append(
            Successor(name=f"{scope}::build", where=f"{file}:{number}", text=parameters, how="a builder it has")
        )
    useful = [
        one for one in found if "ArrayRef<NamedAttribute>" not in one.text and "TypeRange resultTypes" not in one.text
    ]
    return useful or found


def _members(name: str, scope: str, index: PrefixIndex) -> list[Successor]:
    """What the class has instead: the same name with another signature, else a similar one."""
    body = index.class_body(scope.rpartition("::")[2])
    if body is None:
        return []
    file, first, text = body
    places = {match[1]: match.start() for match in re.finditer(r"(?<![\w.>])(\w{3,})\s*\(", text)}
    names = [name] if name in places else _nearest(name, places, cutoff=0.75)[:1]
    return [
        Successor(
            name=f"{scope}::{other}",
            where=f"{file}:{first + text.count(chr(10), 0, places[other])}",
            text=_line_of(text, places[other]),
            how="what it has now" if other == name else "the nearest member",
        )
        for other in names
    ]


def _line_of(text: str, offset: int) -> str:
    begin = text.rfind("\n", 0, offset) + 1
    return text[begin : text.find("\n", offset)].strip()


def _conversions(finding: Finding, index: PrefixIndex) -> list[Successor]:
    """Members of the class that return what it used to convert to."""
    source, _, target = finding.identifier.partition(" -> ")
    wanted = re.escape(target.rpartition("::")[2])
    body = index.class_body(source.rpartition("::")[2]) if re.fullmatch(r"[\w:]+", source) else None
    if body is None or not re.fullmatch(r"\w+", wanted):
        return []
    file, first, text = body
    found = re.finditer(rf"\b{wanted}\s+(?P<name>\w+)\(\)\s*const", text)
    return [
        Successor(
            name=f"{source}::{match['name']}()",
            where=f"{file}:{first + text.count(chr(10), 0, match.start())}",
            how=f"a member that returns {target}",
        )
        for match in sorted(found, key=lambda match: target.rpartition("::")[2] not in match["name"])[:2]
    ]


def _pure(finding: Finding) -> list[Successor]:
    """What has to be overridden now, where the compiler's notes say it."""
    where = finding.facts.get(PURE_AT, "")
    names = finding.facts.get(PURE, "")
    return [Successor(name=names, where=where, how="must be implemented now")] if names and where else []


def _elsewhere(name: str, scope: str, index: PrefixIndex) -> list[Successor]:
    found = sorted(index.declarations(name), key=lambda declared: _rank(declared, scope))
    return [
        Successor(name=name, where=str(declared), text=declared.text, how="the same name elsewhere")
        for declared in _distinct(found)[:2]
    ]


def _distinct(found: Sequence[Declared]) -> list[Declared]:
    files: dict[str, Declared] = {}
    for declared in found:
        files.setdefault(declared.file, declared)
    return list(files.values())


def _rank(declared: Declared, scope: str) -> tuple[bool, bool, int]:
    """Free functions of general headers before members of anything; the scope's own words count."""
    words = {part.lower() for part in scope.split("::") if part not in {"mlir", "llvm", ""}}
    near = any(word in declared.file.lower() for word in words)
    general = declared.file.startswith(("llvm/Support/Casting", "llvm/ADT/STLExtras", "mlir/Support"))
    return (not general, not near, len(declared.file))


def _nearest_functions(name: str, index: PrefixIndex) -> list[Successor]:
    """Functions whose names begin alike and share most of the letters."""
    start = re.match(r"[a-z]+", name)
    if start is None or len(name) < 6:
        return []
    alike = index.function_names(start[0])
    found = []
    for other in _nearest(name, alike, cutoff=0.72)[:2]:
        file = alike[other]
        declared = next(iter(index.declarations(other)), None)
        found.append(
            Successor(
                name=other,
                where=str(declared) if declared else file,
                text=declared.text if declared else "",
                how="the nearest name",
            )
        )
    return found


def _definition(finding: Finding, index: PrefixIndex) -> list[Successor]:
    """The header that defines a class of which only a declaration was seen."""
    name = finding.facts.get(NAME, "")
    body = index.class_body(name) if re.fullmatch(r"\w+", name) else None
    if body is None:
        return []
    file, line, _ = body
    header = file if not file.endswith(".inc") else file.removesuffix(".inc")
    return [Successor(name=f'#include "{header}"', where=f"{file}:{line}", how="which defines it")]


_FINDERS: Final[dict[Subject, Callable[[Finding, PrefixIndex], list[Successor]]]] = {
    Subject.HEADER: _header,
    Subject.TYPE: _definition,
    Subject.DECLARATION: _declaration,
    Subject.TARGET: _target,
    Subject.COMMAND: _command,
    Subject.LIBRARY: _library,
    Subject.OPTION: _option,
    Subject.TABLEGEN: _tablegen,
}
