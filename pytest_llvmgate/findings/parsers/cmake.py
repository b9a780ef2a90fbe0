"""CMake's errors: blocks that it wraps at 77 columns, joined before anything is matched."""

# ruff: noqa: ARG002  (all parsers share one interface)
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.findings.events import SUMMARY, Event, LineParser, View, summary
from pytest_llvmgate.findings.parsers.absent import absent_thing, lacking_llvm, say_absent
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import BY, REASON, SORT
from pytest_llvmgate.model import Location

_HEAD: Final = re.compile(
    r"^\s*CMake (?:Internal )?Error(?: \(dev\))?(?:(?: at"
    r"| in) (?P<path>(?:[A-Za-z]:)?[^:]+?)(?::(?P<line>\d+))?(?: \((?P<command>[\w.]+)\))?)?:\s*(?P<rest>.*)$"
)
_WITHOUT_HEAD: Final = re.compile(
    r"(?:The (?:imported|dependency) target|The link interface of target|Unknown CMake command) \""
    r"|Could not find a (?:package )?configuration file|By not providing \"Find"
)
"""Sentences of nobody's but CMake's."""
_STACK: Final = re.compile(r"^\s+(?P<path>\S.*?):(?P<line>\d+) \((?P<command>\S+)\)$")


@dataclass(frozen=True, kw_only=True)
class _MessageRule:
    kind: str
    pattern: re.Pattern[str]
    sort: str = ""
    """Tells apart what one class has in common: ``incomplete``, ``absent``, ``version``, ``refused``."""


def _rule(kind: str, *patterns: str, sort: str = "") -> tuple[_MessageRule, ...]:
    return tuple(_MessageRule(kind=kind, pattern=re.compile(pattern), sort=sort) for pattern in patterns)


_RULES: Final = (
    *_rule(
        kinds.CMAKE_EXPORT,
        r'install\(EXPORT "(?P<export>[^"]+)" .{0,600}includes target "(?P<by>[^"]++)" which requires target '
        r'"(?P<name>[^"]+)"',
        r'export called with target "(?P<by>[^"]+)" which requires target "(?P<name>[^"]+)"',
    ),
    *_rule(
        kinds.CMAKE_PACKAGE,
        r'The imported target "(?P<name>[^"]+)" references the file "(?P<file>[^"]+)" but this file does not exist',
        r"The following imported targets are referenced, but are missing: (?P<name>\S+(?: \S+)*)",
        sort="incomplete",
    ),
    *_rule(
        kinds.CMAKE_PACKAGE,
        r"Found package configuration file: (?P<file>\S+) but it set (?P<name>\w+)_FOUND to FALSE "
        r".*?Reason given by package: (?P<reason>.*)",
        r"Found package configuration file: (?P<file>\S+) but it set (?P<name>\w+)_FOUND to FALSE",
        r"Some \(but not all\) targets in this export set were already defined",
        sort="refused",
    ),
    *_rule(
        kinds.CMAKE_PACKAGE,
        r'Could not find a configuration file for package "(?P<name>[^"]+)" that (?:is compatible with'
        r"|exactly matches) "
        r'requested version (?:range )?"(?P<version>[^"]+)"',
        r'Could NOT find (?P<name>\w+): Found unsuitable version "[^"]*", but required is (?:exact '
        r'version |at least )?"(?P<version>[^"]+)"',
        sort="version",
    ),
    *_rule(
        kinds.CMAKE_PACKAGE,
        r'Could not find a (?:package )?configuration file(?: for package| provided by) "(?P<name>[^"]+)"',
        r'By not providing "Find\w++\.cmake" .{0,600}?package configuration file provided by "(?P<name>[^"]+)"',
        r"Could NOT find (?P<name>\w+)",
        r"package '(?P<name>[^']+)' (?:not found|is required)",
        r"The following required packages were not found: (?P<name>.*)",
        r"not found \(install via 'pip install (?P<name>[\w.-]+)",  # MLIRDetectPythonEnv's words
        sort="absent",
    ),
    *_rule(
        kinds.CMAKE_PACKAGE,
        r'The link interface of target "(?P<by>[^"]+)" contains: (?P<name>\S+::\S+) but the target was not found',
        sort="interface",
    ),
    *_rule(
        kinds.CMAKE_TARGET_MISSING,
        r'The link interface of target "(?P<by>[^"]+)" contains: (?P<name>\S+) but the target was not found',
        r'The dependency target "(?P<name>[^"]+)" of target "(?P<by>[^"]+)" does not exist',
        r'Target "(?P<by>[^"]+)" links to:? (?P<name>\S+) but the target was not found',
        r'Target "(?P<by>[^"]+)" links to target "(?P<name>[^"]+)" but the target was not found',
        r'Cannot specify .{0,300} for (?:imported )?target "(?P<name>[^"]+)" which is not built',
        r" non-existent target:? \"?(?P<name>[\w:.+-]++)",
        r'No target "(?P<name>[^"]+)"',
        r'The (?:utility|link interface of|INTERFACE_LIBRARY) target "(?P<name>[^"]+)"',
        r'(?:Can not|can not|Cannot|cannot) find target (?:to add properties to: )?"?(?P<name>[\w:.+-]+)',
        r'Objects of target "(?P<name>[^"]+)" referenced but (?:is not|no such target)',
        r'Error evaluating generator expression: \$<TARGET[^<>]*+> .{0,300}target[: ]"?(?P<name>[\w:.+-]++)',
        r"^(?>.*?(?:add_custom_command|add_dependencies|install) )(?:.*?)(?:TARGETS given target"
        r"|target) \"(?P<name>[^\"]++)\" (?:which )?does not exist",
        r"No SOURCES given to target: (?P<name>\S+)",
    ),
    *_rule(
        kinds.CMAKE_COMMAND_MISSING,
        r'Unknown CMake command "(?P<name>(?i:[^"]*(?:llvm|mlir|clang|lld|tablegen|tblgen|lit)[^"]*))"',
    ),
    *_rule(kinds.CMAKE_COMMAND_MISSING, r'Unknown CMake command "(?P<name>[^"]+)"', sort="another"),
    *_rule(
        kinds.CMAKE_MODULE_MISSING,
        r"include could not find (?:requested|load) file: (?P<name>[\w-]+)(?![\w./-])",
        sort="module",
    ),
    *_rule(
        kinds.CMAKE_MODULE_MISSING,
        r"include could not find (?:requested|load) file: (?P<name>\S+)",
        r"could not find (?:requested )?(?:load )?file: (?P<name>\S+)",
        r'add_subdirectory given source "(?P<name>[^"]+)" which is not an existing directory',
        r'The source directory "(?P<name>[^"]+)" does not (?:appear to contain|exist)',
        r"The source directory (?P<name>\S+) does not contain a CMakeLists",
    ),
    *_rule(kinds.SOURCE_MISSING, r"Cannot find source file: (?P<name>\S+)", r"Cannot find (?P<name>\S+) in the source"),
    *_rule(
        kinds.COMPILER_BROKEN,
        r'The (?P<name>[\w+]+) compiler "[^"]*" is not able to compile a simple test program',
        r"\b(?P<name>CMAKE_\w++(?<=_COMPILER))(?: not set|: .{0,300} is not a full path)",
        r"No (?P<name>CMAKE_\w+_COMPILER) could be found",
    ),
    *_rule(
        kinds.COMPILER_BROKEN,
        r"^[Hh]ost (?P<name>compiler|GCC|Clang|Visual Studio|MSVC|Apple Clang) ",
        r"^(?P<name>[\w+]+) version (?:must|should) be (?:at least|newer)",
        r"The (?P<name>CMAKE_\w++(?<=_COMPILER)): .{0,300} is not a full path",
        sort="program",
    ),
    *_rule(
        kinds.TOOL_MISSING,
        r"^Running '(?P<name>[^']+)' '[^']*' failed with",
        r"CMake was unable to find a build program corresponding to \"(?P<name>[^\"]+)\"",
        sort="program",
    ),
    *_rule(
        kinds.CMAKE_PACKAGE,
        r"variables are used in this project, but they are set to NOTFOUND\. .*?correctly in the CMake files:"
        r" (?P<name>\S+)",
        sort="library",
    ),
    *_rule(
        kinds.CMAKE_PACKAGE,
        r"(?i)(?:expected|requires?|needs?|wants?|need) (?:to be )?(?:at least )?(?P<name>LLVM|MLIR"
        r"|Clang)(?: version)? v?(?P<version>\d[\w.]*+)\b.{0,200}\b(?:found|got|but|have|is)\b",
        r"(?i)(?:found|unsupported|incompatible) (?P<name>LLVM|MLIR"
        r"|Clang)(?: version)? v?\d[\w.]*\b.{0,40}(?:expected|required?|requires|need(?:ed|s)?"
        r"|supported)[^\d]{0,40}(?P<version>\d[\w.]*)",
        sort="version",
    ),
    *_rule(
        kinds.PATCH_FAILED,
        r"(?i)(?:could not|cannot|failed to|unable to) apply (?:the |all |any )?(?P<name>[\w./-]*+) ?patch(?:es)?\b",
        r"(?i)(?:could not|cannot|failed to|unable to) apply (?P<name>[\w./-]++(?<=\.patch))",
    ),
    *_rule(kinds.CMAKE_ERROR, r"^(?P<name>[\w-]+) isn't a known project", sort="project"),
    *_rule(kinds.CMAKE_ERROR, r"^file cannot create directory: (?P<name>\S+?)\.?(?: Maybe|$)", sort="denied"),
    *_rule(
        kinds.CMAKE_ERROR,
        r'cannot create target "(?P<name>[^"]+)" because an imported target with the same name already exists',
        sort="exists",
    ),
    *_rule(kinds.NETWORK, r"Each download failed!.{0,400}?downloading '(?:\w+://)?(?P<name>[\w.-]+)", sort="download"),
    *_rule(kinds.CMAKE_VERSION, r"CMake (?P<name>\S+) or (?:higher|newer|later) is required", sort="old"),
    *_rule(
        kinds.CMAKE_VERSION,
        r"Compatibility with CMake < (?P<name>\S+) has been removed",
    ),
    *_rule(
        kinds.CMAKE_PACKAGE,
        r"\b(?P<name>LLVM|MLIR|Clang)(?: version)? v?(?P<version>\d[\d.]*) or (?:higher|newer|later|above|greater)\b",
        r"(?i)\brequires? (?:at least )?(?P<name>LLVM|MLIR|Clang)(?: version)? ?>?=? ?(?P<version>\d[\d.]*)",
        sort="version",
    ),
    *_rule(
        kinds.COMPILER_BROKEN,
        r"\b(?P<name>[A-Z][\w+]+)(?: version)? v?\d[\d.]* or (?:higher|newer|later|above|greater) "
        r"(?:is |are )?(?:required|needed)",
        sort="program",
    ),
)


_CONSEQUENCE: Final = re.compile(
    r"No SOURCES given to target|Cannot determine link language for target|No cmake_minimum_required command is present"
    r"|No project\(\) command is present|^configure_file Problem configuring file|^Error generating(?: file)? \S"
)


_OF_INSTALL: Final = re.compile(r"(?:^|/)(LLVM|MLIR|Clang|LLD)Config\.cmake$")
"""An installed package that names files of its own which are not there."""
_NOT_FOUND: Final = "The following variables are used in this project"


class CMakeParser(LineParser):
    """``CMake Error at file:line (command):`` and its paragraphs."""

    name = "cmake"
    markers = (
        "CMake Error",
        "CMake Internal Error",
        "CMake Generate step failed",
        "Configuring incomplete",
    )

    def parse(self, text: str, view: View) -> Event | None:
        if text.startswith(("-- Configuring incomplete", "CMake Generate step failed", "-- Generating done")):
            return summary(kinds.CMAKE_ERROR, "configure", text)
        match = _HEAD.match(text)
        if match is None:
            return None
        line = match["line"]
        place = Location(path=match["path"], line=int(line) if line else None) if match["path"] else None
        return Event(kind=kinds.CMAKE_ERROR, identifier="", message=match["rest"], place=place, room=400)

    def continues(self, event: Event, text: str) -> bool:
        """Indented text, blank lines inside of it, and the call stack."""
        if event.facts.get(SUMMARY):
            return False
        if not text.strip():
            return not _is_over(event.detail)
        if event.message.startswith(_NOT_FOUND) and not text.startswith(("CMake ", "-- ")):
            return True  # a list at the line's begin
        if not event.message and not any(line[:1] in {" ", "\t"} for line in event.detail):
            return _goes_on(event.detail, text)
        return text[:1] in {" ", "\t"} or text.startswith("Call Stack (most recent call first)")

    def finish(self, event: Event) -> Sequence[Event]:
        """Join the wrapped lines, classify, and read the call stack."""
        if event.facts.get(SUMMARY):
            return (event,)
        body, stack = _split(event.detail)
        event.message = unwrap([event.message, *body]).strip()
        event.frames = tuple(
            Location(path=match["path"], line=int(match["line"])) for line in stack if (match := _STACK.match(line))
        )
        while event.detail and not event.detail[-1].strip():
            event.detail.pop()
        _classify(event)
        if event.kind == kinds.COMPILER_BROKEN:
            event.message = next((line.strip() for line in body if _IN_QUOTED.search(line)), event.message)
        return (event,)


_IN_QUOTED: Final = re.compile(
    r"(?:^|[\s:])(?:fatal )?error ?: (?!linker command failed)\S|^\s*(?:\S*/)?ld(?:\.\w+)?: |: not found$"
)
"""What is wrong, in the output of a program that CMake quotes."""


def without_head(lines: Sequence[str]) -> Event | None:
    """What CMake says in an excerpt that lacks its first line, in which it would say where."""
    begin = next((number for number, line in enumerate(lines) if _WITHOUT_HEAD.match(line.strip())), None)
    if begin is None or any("CMake Warning" in line for line in lines[:begin]):
        return None
    event = Event(kind=kinds.CMAKE_ERROR, identifier="", message="", line=begin + 1, text=lines[begin], certain=False)
    parser = CMakeParser()
    for line in lines[begin:]:
        if not parser.continues(event, line):
            break
        event.detail.append(line)
    (event,) = parser.finish(event)
    return event


def _goes_on(detail: Sequence[str], text: str) -> bool:
    """Whether text belongs to a message whose indentation was lost on the way: up to the next blank line but one."""
    if text[:1] in {" ", "\t"} or text.startswith("Call Stack"):
        return True
    is_others = text.startswith(("CMake ", "-- ", "make", "gmake", "ninja", "FAILED", "[", "$ ", "+ "))
    blocks = sum(not line.strip() for line in detail if detail[0].strip())
    return not is_others and blocks == 0


def _is_over(detail: Sequence[str]) -> bool:
    """Two blank lines end a block, and so does the blank line behind a call stack."""
    if not detail:
        return False
    return not detail[-1].strip() and (len(detail) > 1 and not detail[-2].strip())


def _split(detail: Sequence[str]) -> tuple[list[str], list[str]]:
    for index, line in enumerate(detail):
        if line.startswith("Call Stack"):
            return list(detail[:index]), list(detail[index + 1 :])
    return list(detail), []


def unwrap(lines: Sequence[str]) -> str:
    """Paragraphs that CMake wrapped, as one line; each word keeps one blank to the next."""
    return " ".join(" ".join(line.split()) for line in lines if line.strip())


def _without_names(event: Event) -> str:
    """The message; what a command of CMake's own says of one target after another, without their names."""
    head = _HEAD.match(event.text)
    return (
        event.message if head is None or head["command"] in {"message", None} else _QUOTED.sub('"..."', event.message)
    )


_QUOTED: Final = re.compile(r'"[^"]*+"')
_CONSIDERED: Final = re.compile(r"onfig\.cmake, version: (\d[\w.]*+)|Found unsuitable version \"([^\"]++)\"")
"""Versions that were there and not accepted."""
_OF_PACKAGE: Final = re.compile(r"but it set (\w+)_FOUND to FALSE")


def _classify(event: Event) -> None:
    event.follow_on = _CONSEQUENCE.search(event.message) is not None
    for rule in _RULES:
        if match := rule.pattern.search(event.message):
            groups = match.groupdict()
            event.kind = rule.kind
            name = (groups.get("name") or "").strip().rstrip(".,")
            event.identifier = name or normalise(event.message)
            event.facts.update({key: value for key, value in groups.items() if value})
            event.facts.update(name=name, sort=rule.sort)
            if found := dict.fromkeys(one for match in _CONSIDERED.findall(event.message) for one in match if one):
                event.facts[REASON] = f"found {', '.join(found)}"
            if rule.sort == "incomplete":
                package = _OF_PACKAGE.search(event.message)
                event.facts[BY] = package[1] if package is not None else "LLVM"
            if (
                rule.kind == kinds.CMAKE_MODULE_MISSING
                and event.place is not None
                and _OF_INSTALL.search(event.place.path)
            ):
                event.kind, event.identifier = kinds.CMAKE_PACKAGE, _OF_INSTALL.search(event.place.path)[1]  # type: ignore[index]
                event.facts.update(file=name, sort="incomplete", by="LLVM")
            return
    event.identifier = normalise(_without_names(event)) or "CMake Error"
    if event.place is None and event.message.startswith("The source directory "):
        event.facts[SORT] = "call"
    if name := lacking_llvm(event.message) or absent_thing(event.message):
        say_absent(event, name)
