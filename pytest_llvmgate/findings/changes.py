"""One change in LLVM, one cause: errors about what went together are joined, with all their places.

Without a clone nothing names the commit; what was changed (the class, the conversion, the interface's method, the
family of names) and how stand for it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Final

from pytest_llvmgate.findings.fates import OWN_CAUSES
from pytest_llvmgate.findings.groups import Group, Key, Scan, is_of_the_standard
from pytest_llvmgate.findings.parsers.compiler_messages import unconverted
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import ENUMERATION, FATE, FILE, FORM, NAME, NAMES, OPTION, SCOPE, VERSION
from pytest_llvmgate.objects.cxx_names import bare_type, last_name, names_a_class
from pytest_llvmgate.owners.file_owners import is_in_llvm_install
from pytest_llvmgate.owners.llvms_names import is_llvms_include, is_llvms_library, is_llvms_name

_SHORTEST_FAMILY: Final = 9
"""Letters that names of one namespace must begin with in common to be of one family."""
INITIALIZE: Final = re.compile(
    r"^LLVMInitialize(?P<target>[A-Z]\w*?)(?:TargetInfo|TargetMC|Target|AsmPrinter|AsmParser|Disassembler)$"
)
"""The functions of LLVM's C API that make a target known."""


def join(scan: Scan) -> None:
    """Join what one change broke."""
    _join_said_at_once(scan)
    _join_two_llvms(scan)
    _name_bases(scan)
    _join_by(scan, _target, _name_target)
    _join_by(scan, _conversion, _keep_first)
    _join_by(scan, _record, _keep_as_it_is)
    _join_by(scan, _not_found, _keep_as_it_is)
    _join_by(scan, _built, _keep_as_it_is)
    _join_by(scan, _source_tree, _name_headers)
    _join_by(scan, _refusal, _name_all)
    _join_by(scan, _enumeration, _name_enumerators)
    _join_by(scan, _standard, _name_all)
    _join_by(scan, _class, _name_members)
    _join_by(scan, _method, _name_all)
    _join_by(scan, _handled, _name_handed)
    _join_named_after(scan)
    _join_unqualified(scan)
    _join_families(scan)
    _join_classes(scan)
    _join_uses_of_changed_classes(scan)


def _join_by(scan: Scan, key_of: Callable[[Group], str], name: Callable[[list[Group], str], None]) -> None:
    """Make one group of those with the same key; ``name`` says what it is called then."""
    found: dict[tuple[str, str], list[Key]] = {}
    for key, group in scan.groups.items():
        if said := key_of(group):
            fate = group.facts.get(FATE, "")
            same = fate in OWN_CAUSES or key_of is _conversion
            found.setdefault((said, "" if same else fate), []).append(key)
    for (said, _), keys in found.items():
        if key_of is _conversion:
            keys.sort(key=lambda key: scan.groups[key].form != "convert")
            if scan.groups[keys[0]].form != "convert" and not _as_conversion(scan.groups[keys[0]], said):
                continue
        is_pointer = key_of is _handled and _NO_POINTER.search(scan.groups[keys[0]].first.message) is not None
        if len(keys) > 1 or key_of is _target or is_pointer:  # which one error alone tells
            name([scan.groups[key] for key in keys], said)
            scan.join(keys)


_SAID_AT_ONCE: Final = frozenset({kinds.TOOL_OPTION, kinds.LINK_ERROR, kinds.LIBRARY_MISSING})
_NEXT: Final = 4
"""Lines between what a program complains of in one go."""


def _join_said_at_once(scan: Scan) -> None:
    """What one run of a program complains of in the same words, of one name after another."""
    runs: list[list[Key]] = []
    last: tuple[str, int] = ("", 0)
    for key, group in scan.in_order():
        said = _said(group)
        line = group.first.line
        if said and last[0] == said and line - last[1] <= _NEXT:
            runs[-1].append(key)
        else:
            runs.append([key])
        last = (said, line)
    for keys in runs:
        groups = [scan.groups[key] for key in keys]
        if len(keys) >= (_A_WHOLE if groups[0].kind == kinds.LIBRARY_MISSING else 2):
            groups[0].facts[NAMES] = ", ".join(group.facts.get(OPTION, group.identifier) for group in groups)
            if not groups[0].form:
                groups[0].facts[FORM] = "several"
            scan.join(keys)


_A_WHOLE: Final = 4
"""Libraries of LLVM's that must be missing together to say that an install has none, and not that one was renamed."""


def _said(group: Group) -> str:
    """The words of a complaint without the names in it; empty for what is not said of one name after another."""
    if group.kind not in _SAID_AT_ONCE or (
        group.kind == kinds.LIBRARY_MISSING and not is_llvms_library(group.identifier)
    ):
        return ""
    edge = group.first.edge.output if group.first.edge is not None else ""
    if FILE in group.facts:
        return f"{group.kind} {edge} {group.facts[FILE]}"
    words = re.findall(r"(?<!\S)[a-z]+:?(?!\S)", group.first.message)
    return f"{group.kind} {edge} {' '.join(words)}"


def _names(groups: Iterable[Group]) -> str:
    return ", ".join(sorted({group.facts.get(NAME) or group.identifier for group in groups}))


_OF_VERSION: Final = re.compile(
    r"/(?:llvm|clang)[-@/]?v?(?P<version>\d{1,2}(?:\.\d{1,2})?)[\w.-]{0,60}/(?:[^/]++/){0,6}?include/"
    r"(?:llvm|clang|mlir|lld)(?:-c)?/"
)
"""A directory of headers that names the version of LLVM that they are of."""


def _join_two_llvms(scan: Scan) -> None:
    """Headers of one LLVM that include those of another: whatever they say, the include path is the cause."""
    found = {key: _versions(group) for key, group in scan.groups.items() if group.form}
    mixed = next((versions for versions in found.values() if len(versions) > 1), None)
    if mixed is None:
        return
    keys = [key for key, versions in found.items() if versions & mixed]
    group = scan.groups[keys[0]]
    said = " and of ".join(sorted(mixed))
    group.kind, group.identifier = kinds.LLVM_LINKED_TWICE, kinds.LLVM_LINKED_TWICE
    group.facts[FORM] = "versions"
    group.first.message = f"headers of LLVM {said} are included together ({group.first.message})"
    scan.join(keys)


def _versions(group: Group) -> frozenset[str]:
    """The versions of LLVM through whose headers the compiler came to an error, where their paths tell."""
    events = group.sites.values()
    places = [place for event in events for place in (event.place, *event.includes, *event.frames) if place is not None]
    found = (match["version"] for place in places if (match := _OF_VERSION.search(place.path)))
    return frozenset(version if version.startswith("3") else version.partition(".")[0] for version in found)


def _name_bases(scan: Scan) -> None:
    """Clang without source lines does not name the base class that it lacks; the constructor's initializer does."""
    bases = {
        group.first.place.path: key for key, group in scan.groups.items() if group.form == "base" and group.first.place
    }
    for group in list(scan.groups.values()) if bases else ():
        place = group.first.place
        if place is not None and place.path in bases and "data member or base class" in group.first.message:
            group.absorb(scan.groups.pop(bases.pop(place.path)))


# -- what is joined ---------------------------------------------------------------------------------------------------


def _target(group: Group) -> str:
    """The target of LLVM whose initialisation is not declared: this LLVM is built without it."""
    match = INITIALIZE.match(group.identifier) if group.form == "undeclared" else None
    return match["target"] if match else ""


def _name_target(groups: list[Group], target: str) -> None:
    first = groups[0]
    first.facts.update({FORM: "target", VERSION: target, NAMES: _names(groups)})
    first.kind, first.identifier = kinds.API_REMOVED, f"LLVMInitialize{target}"


def _conversion(group: Group) -> str:
    """The type that no longer converts to types of LLVM: what one of them does not take any more, none does.

    A call that has no other reason than that such an argument does not convert is about the conversion, too.
    """
    source, arrow, target = group.identifier.partition(" -> ")
    if group.form == "convert" and arrow:
        return _bare_source(source) if _takes_many(target) else ""
    if group.form == "not-member":  # a template of LLVM's takes it for a range
        place = group.first.place
        is_in_llvm = place is not None and is_in_llvm_install(place.path)
        return _bare_source(group.facts.get(SCOPE, "")) if is_in_llvm else ""
    if group.form != "no-match":
        return ""
    sources = {_bare_source(source) for source, target in _refused(group) if _takes_many(target)}
    return next(iter(sources)) if len(sources) == 1 else ""


def _refused(group: Group) -> list[tuple[str, str]]:
    """The types of arguments that candidates do not take, each with the one that they take."""
    notes = (unconverted(line) for sample in group.samples for line in sample.detail)
    return [(one.source, one.target) for one in notes if one is not None]


def _as_conversion(group: Group, source: str) -> bool:
    """Make of a call in vain what it is: the function is the project's own, so that not it has changed."""
    for line in (line for sample in group.samples for line in sample.detail):
        refused = unconverted(line)
        if refused and not _LLVM_FILE.search(line.partition(": note:")[0]) and ": note:" in line:
            target = bare_type(refused.target)
            group.identifier, group.facts[FORM] = f"{source} -> {target}", "convert"
            group.facts[NAME] = last_name(target)
            return True
    return False


_LLVM_FILE: Final = re.compile(r"^(?>.*?/(?:include|lib/llvm-\d++)/)(?:.*/)?(?:llvm|mlir|clang)/")
_FAMILIES: Final = re.compile(
    r"(?:ArrayRef|Range|StringRef|Twine|function_ref|TypedValue|OpFoldResult|Value|Attribute|Type)\b"
)
"""Types of LLVM's that many functions take: a conversion to one is missed from many calls."""


def _takes_many(target: str) -> bool:
    return bool(_FAMILIES.search(bare_type(target)))


def _bare_source(source: str) -> str:
    """The type without the namespaces, which compilers print or not; nothing for types that say nothing."""
    name = _bare(source)
    return name if "_t" in name or name[:1].isupper() or _IS_LLVMS.match(source) else ""


_IS_LLVMS: Final = re.compile(r"(?:const )?(?:llvm|mlir|clang)::\w")


def _keep_first(groups: list[Group], said: str) -> None:
    converts = [group for group in groups if group.form == "convert"]
    targets = sorted({last_name(group.identifier.partition(" -> ")[2]) for group in converts})
    groups[0].facts[NAMES] = ", ".join(targets)
    groups[0].identifier = f"{said} -> {targets[0]}" if len(targets) > 1 else groups[0].identifier


def _record(group: Group) -> str:
    """What TableGen says of one record after another: the same of all of them."""
    if group.kind != kinds.TABLEGEN:
        return ""
    first, *others = re.split(r"(?<=')(?= in | of )", group.first.message, maxsplit=1)
    return f"{first}{re.sub(_QUOTED, '', others[0])}" if others else ""


_QUOTED: Final = r"'[^']*'"


def _built(group: Group) -> str:
    """The operation of which no builder takes these arguments: ``create`` hands them on to ``build``."""
    is_builder = group.form == "no-match" and group.facts.get(NAME) in {"build", "create"}
    operation = last_name(bare_type(group.facts.get(SCOPE, "")))
    return operation if is_builder and operation.endswith("Op") else ""


def _not_found(group: Group) -> str:
    """Libraries that CMake did not find, whose variables are linked all the same."""
    return "NOTFOUND" if group.kind == kinds.LIBRARY_MISSING and group.identifier.endswith("-NOTFOUND") else ""


def _keep_as_it_is(groups: list[Group], said: str) -> None:
    """The first stands for all."""


def _refusal(group: Group) -> str:
    """The file that asks for one macro after another, by ``#error``: the build that defines them all is missing."""
    place = group.first.place
    return place.path if place is not None and group.first.message.startswith("#error ") else ""


def _source_tree(group: Group) -> str:
    """Headers that are included by where they lie in LLVM's sources."""
    is_header = group.form in {"header", "another"} and _IN_SOURCES.match(group.identifier) is not None
    return "sources" if is_header else ""


_IN_SOURCES: Final = re.compile(r"(?:llvm-project/)?(?:llvm|mlir|clang|lld)/include/")


def _name_headers(groups: list[Group], said: str) -> None:
    _name_all(groups, said)
    groups[0].facts[FORM] = "sources"


def _name_all(groups: list[Group], said: str) -> None:  # noqa: ARG001 (all namers share one interface)
    groups[0].facts[NAMES] = ", ".join(sorted(group.identifier for group in groups))


def _standard(group: Group) -> str:
    """The file of the project's that lacks includes of standard headers, which LLVM's headers brought along before."""
    place = group.first.place
    is_own = place is not None and not is_in_llvm_install(place.path) and is_of_the_standard(group)
    return place.path if place is not None and is_own else ""


def _enumeration(group: Group) -> str:
    """The enumeration of an enumerator that is gone: it became a scoped one, or got other enumerators."""
    return group.facts.get(ENUMERATION, "") if group.form in {"not-member", "undeclared"} else ""


def _name_enumerators(groups: list[Group], said: str) -> None:
    groups[0].facts.update({FORM: "enumerators", NAMES: _names(groups), ENUMERATION: said})


def _class(group: Group) -> str:
    """The class whose member is gone."""
    scope = bare_type(group.facts.get(SCOPE, ""))
    is_class = names_a_class(scope) or scope == "std::optional"  # which took llvm::Optional's place, with other members
    return scope if group.form == "not-member" and is_class else ""


def _name_members(groups: list[Group], scope: str) -> None:
    first = groups[0]
    first.facts.update({FORM: "members", NAMES: _names(groups)})
    first.identifier = f"{scope}::{_names(groups).split(', ')[0]}"


def _method(group: Group) -> str:
    """The method that several classes define or override in vain: that of an interface which they share."""
    name = group.facts.get(NAME, "")
    return f"{group.form} {name}" if group.form in {"no-declaration", "override"} and name else ""


def _handled(group: Group) -> str:
    """The class that is handed on as a value or a reference instead of a pointer now, or the other way round."""
    if match := _NO_POINTER.search(group.first.message):
        pairs = {(handed := _bare(match["type"] or match["type2"]), handed)}
    elif group.form in {"convert", "handed"}:
        source, _, target = group.identifier.partition(" -> ")
        pairs = {(_bare(source), _bare(target))}
    elif group.form == "no-match":
        pairs = {(_bare(source), _bare(target)) for source, target in _refused(group)}
    else:
        return ""
    same = [pair[0] for pair in pairs if len(set(pair)) == 1]
    return same[0] if len(pairs) == len(same) == 1 and names_a_class(same[0]) else ""


_NO_POINTER: Final = re.compile(
    r"(?:member reference type |indirection requires pointer operand \()'(?P<type>[\w:]++)[ *&]*'"
    r"(?: is (?:not )?a pointer| (?:\(aka [^()]*+\) )?invalid)|base operand of '->' has non-pointer type "
    r"'(?:const )?(?P<type2>[\w:]++)"
)


def _name_handed(groups: list[Group], said: str) -> None:
    groups[0].kind = kinds.API_CHANGED
    groups[0].facts.update({FORM: "handed", NAME: said})


def _bare(name: str) -> str:
    return last_name(bare_type(name))


def join_headers(scan: Scan) -> None:
    """A header that is gone, and what it declared, missed where other headers had brought it along."""
    headers = {
        group.identifier: key
        for key, group in scan.groups.items()
        if group.kind == kinds.HEADER_MISSING and is_llvms_include(group.identifier)
    }
    of_class = {header.rpartition("/")[2].removesuffix(".h"): key for header, key in headers.items()}
    for key, group in list(scan.groups.items()):
        if group.form not in {"not-member", "undeclared"} or not is_llvms_name(group.identifier):
            continue
        cause = headers.get(group.declared_in) or of_class.get(group.facts.get(NAME, ""))
        if cause is not None:
            scan.join([cause, key])


def _join_named_after(scan: Scan) -> None:
    """A class that is gone, and what LLVM calls after it: its matcher, and what makes one."""
    gone = {
        group.facts.get(NAME, ""): key
        for key, group in scan.groups.items()
        if group.form == "not-member" and is_llvms_name(group.identifier)
    }
    for name, key in gone.items():
        after = name.removeprefix("get")
        cause = gone.get(f"{after[:1].upper()}{after[1:]}") if name[:1].islower() else None
        if cause is not None:
            scan.join([cause, key])


def _join_unqualified(scan: Scan) -> None:
    """A name that is gone from a namespace of LLVM's, where that is said and where ``using namespace`` says it."""
    gone = {
        group.facts.get(NAME, ""): key
        for key, group in scan.groups.items()
        if is_llvms_name(scope := group.facts.get(SCOPE, "")) and not names_a_class(scope)
        if group.form in {"not-member", "undeclared"}
    }
    for key, group in list(scan.groups.items()):
        cause = gone.get(group.identifier) if group.form == "undeclared" and group.kind == kinds.API_REMOVED else None
        if cause is not None:
            scan.join([cause, key])


# -- families of names ------------------------------------------------------------------------------------------------


def _join_families(scan: Scan) -> None:
    """Names of one namespace that begin alike and are missed in the same file: one header has them, or none."""
    scopes: dict[tuple[str, str], list[Key]] = {}
    for key, group in scan.groups.items():
        place = group.first.place
        if group.form in {"not-member", "undeclared"} and group.kind == kinds.API_REMOVED and place is not None:
            scopes.setdefault((group.facts.get(SCOPE, ""), place.path), []).append(key)
    for keys in scopes.values():
        for family in _families(keys, scan):
            groups = [scan.groups[key] for key in family]
            groups[0].facts.update({NAMES: _names(groups)})
            scan.join(family)


def _families(keys: list[Key], scan: Scan) -> list[list[Key]]:
    named = sorted(((last_name(scan.groups[key].identifier), key) for key in keys), key=itemgetter(0))
    families: list[list[Key]] = []
    first = ""
    for name, key in named:  # in this order, names that begin alike follow each other
        if families and _is_family(first, name):
            families[-1].append(key)
        else:
            first = name
            families.append([key])
    return [sorted(family, key=lambda key: scan.groups[key].first.line) for family in families if len(family) > 1]


def _is_family(one: str, other: str) -> bool:
    common = os.path.commonprefix([one, other])  # noqa: RUF071 (letters are meant)
    words = common[: common.rfind("_") + 1] if "_" in common else ""
    is_of_enumeration = (
        re.match(r"(?:CX[A-Z][A-Za-z]*+|(?!LLVM|MLIR|CLANG)[A-Z]{2,}+)_", words) is not None
    )  # of libclang, DW_TAG_x
    return is_of_enumeration or (len(words) >= _SHORTEST_FAMILY and words.count("_") > 1)


def _join_classes(scan: Scan) -> None:
    """The same members, gone from one class after another: those of a family of classes, which lost them together."""
    found: list[tuple[frozenset[str], Key]] = []
    for key, group in sorted(scan.groups.items(), key=lambda item: -len(item[1].units)):
        if group.form not in {"members", "not-member"} or not _class_of_llvm(group):
            continue
        names = frozenset(_names([group]).split(", ")) | frozenset(group.facts.get(NAMES, "").split(", ")) - {""}
        known = next((known for one, known in found if one & names and (one <= names or names <= one)), None)
        if known is None:
            found.append((names, key))
            continue
        scan.join([known, key])


def _class_of_llvm(group: Group) -> str:
    scope = bare_type(group.facts.get(SCOPE, ""))
    return scope if is_llvms_name(scope) and names_a_class(scope) else ""


# -- classes whose use changed ----------------------------------------------------------------------------------------

_CONSTRUCTS: Final = re.compile(r"matching constructor|not have a default constructor")
_USES: Final = re.compile(r"(?:operands? to binary expression|functional-style cast|initialization of|no match for)")


def _join_uses_of_changed_classes(scan: Scan) -> None:
    """Operators, constructors and conversions of a class of LLVM that has lost members are of the same change."""
    changed = {last_name(scope): key for key, group in scan.groups.items() if (scope := _changed_class(group))}
    for key, group in list(scan.groups.items()):
        if group.kind not in {kinds.API_CHANGED, kinds.COMPILE_ERROR} or key not in scan.groups:
            continue
        named = [_handled(group)]
        if _USES.search(group.first.message) and key not in changed.values():
            quoted = [_bare(name) for name in re.findall(r"'([^']+)'", group.first.message)]
            named += quoted[:1] if "binary" in group.first.message else quoted  # a stream that takes no such class
        cause = next((found for name in named if (found := changed.get(name, key)) != key), None)
        if cause in scan.groups:
            _absorb_use(scan, cause, key)


def _absorb_use(scan: Scan, cause: Key, use: Key) -> None:
    """A member that LLVM's own header misses is a consequence of how the class is used: there, the use tells more."""
    group = scan.groups[cause]
    if group.first.place is not None and is_in_llvm_install(group.first.place.path) and group.form != "no-match":
        cause, use = use, cause
    scan.join([cause, use])


def _changed_class(group: Group) -> str:
    """The class of LLVM that a group is about: one that lost members, or a constructor."""
    if group.form in {"members", "not-member"}:
        return _class_of_llvm(group)
    is_constructor = _CONSTRUCTS.search(group.first.message) is not None and is_llvms_name(group.identifier)
    return group.identifier if is_constructor else ""
