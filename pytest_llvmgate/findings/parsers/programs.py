"""The dynamic loader, LLVM's own fatal errors and crashes, ninja, make, command-line tools and scripts."""

# ruff: noqa: ARG002  (all parsers share one interface)
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_llvmgate.findings.events import MAKE_FILE, MAKE_TARGET, MAKE_WHY, SUMMARY, Event, LineParser, View
from pytest_llvmgate.findings.parsers.compiler import tablegen_event
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.kinds.catalogue import (
    ABI_MISMATCH,
    BAZEL_ERROR,
    BUILD_FILE_MISSING,
    CMAKE_TARGET_MISSING,
    CRASH,
    LLVM_FATAL,
    LLVM_LINKED_TWICE,
    LOADER,
    PROMISED_INTERFACE,
    SCRIPT_ERROR,
    TOOL_ERROR,
    TOOL_MISSING,
    TOOL_OPTION,
)
from pytest_llvmgate.kinds.facts import (
    ASSERTION,
    BY,
    DIALECT,
    INTERFACE,
    LIBRARY,
    NAME,
    OPTION,
    PROGRAM,
    STORAGE,
    SYMBOL,
    TOOL,
    VERSION,
)
from pytest_llvmgate.model import Location

_LIBRARY_GONE: Final = re.compile(
    r"(?P<lib>[^\s:'\"]+?\.(?:so(?:\.[\w.]+)?|dylib|dll))(?:'|\")?: cannot open shared object file"
    r"|Library not loaded: (?P<lib2>\S+)|Error loading shared library (?P<lib3>[^:]+):"
)
_PROGRAM: Final = re.compile(r"^(?:[^:]*?:\s)?(?P<program>[^\s:]+): error while loading shared libraries")
_SYMBOL: Final = re.compile(
    r"symbol lookup error: (?P<lib>\S+): undefined symbol: (?P<symbol>[^\s,]+)"
    r"|Error relocating (?P<lib2>\S+): (?P<symbol2>\S+): symbol not found"
    r"|ImportError: (?P<lib3>\S+): undefined symbol: (?P<symbol3>\S+)|Symbol not found: (?P<symbol4>\S+)"
)
_VERSION: Final = re.compile(r"version '(?P<version>[\w.]+)' not found \(required by (?P<by>[^)]+)\)")
_TWICE: Final = re.compile(r"CommandLine Error: Option '(?P<option>[^']+)' registered more than once")
_STORAGE: Final = re.compile(r"can't create \w+ '(?P<name>[^']+)' because storage uniquer isn't initialized")
_PROMISED: Final = re.compile(
    r"checking for an interface \('?(?P<interface>[^')]+)'?\) that was promised by dialect "
    r"'(?P<dialect>[^']+)' but never implemented"
)
_ASSERT: Final = re.compile(r"^(?:.*?: )?(?P<path>[^\s:]+):(?P<line>\d+): .*?Assertion '(?P<what>.+)' failed\.?")


class LoaderParser(LineParser):
    """A program that does not start: a library is not found, or is another one than at link time."""

    name = "loader"
    markers = (
        "shared object file", "ibrary not loaded", "symbol lookup error", "Error loading shared",
        "Error relocating", "ImportError: ", "' not found (required", "Symbol not found:", "shared libraries",
    )  # fmt: skip

    def parse(self, text: str, view: View) -> Event | None:
        """See :class:`~pytest_llvmgate.findings.events.Parser`."""
        if match := _LIBRARY_GONE.search(text):
            library = next(group for group in match.groups() if group).rpartition("/")[2]
            event = Event(kind=LOADER, identifier=library, message=text, facts={LIBRARY: library})
            if program := _PROGRAM.match(text):
                event.facts[PROGRAM] = program["program"].rpartition("/")[2]
            return event
        if match := _SYMBOL.search(text):
            symbol = match["symbol"] or match["symbol2"] or match["symbol3"] or match["symbol4"]
            library = (match["lib"] or match["lib2"] or match["lib3"] or "").rpartition("/")[2]  # the one that lacks it
            kind = ABI_MISMATCH if "ABIBreakingChecks" in symbol else LOADER
            return Event(kind=kind, identifier=symbol, message=text, facts={SYMBOL: symbol, BY: library})
        if match := _VERSION.search(text):
            return Event(kind=LOADER, identifier=match["version"], message=text, facts={VERSION: match["version"]})
        return None


class LlvmParser(LineParser):
    """``LLVM ERROR:``, assertions, and what LLVM prints when it crashes."""

    name = "llvm"
    markers = (
        "LLVM ERROR", "CommandLine Error", "Assertion ", "Stack dump:", "PLEASE submit", "storage uniquer",
        "UNREACHABLE executed", "AddressSanitizer", "Segmentation fault", "terminate called", "Subprocess aborted",
        "Aborted",
    )  # fmt: skip

    def parse(self, text: str, view: View) -> Event | None:
        """See :class:`~pytest_llvmgate.findings.events.Parser`."""
        if match := _TWICE.search(text):
            return Event(
                kind=LLVM_LINKED_TWICE, identifier=LLVM_LINKED_TWICE, message=text, facts={OPTION: match["option"]}
            )
        if match := _STORAGE.search(text):
            return Event(
                kind=LLVM_LINKED_TWICE, identifier=LLVM_LINKED_TWICE, message=text, facts={STORAGE: match["name"]}
            )
        if match := _PROMISED.search(text):
            facts = {INTERFACE: match["interface"], DIALECT: match["dialect"]}
            return Event(
                kind=PROMISED_INTERFACE,
                identifier=f"{match['interface']} of {match['dialect']}",
                message=text,
                facts=facts,
            )
        if match := _ASSERT.search(text):
            place = Location(path=match["path"], line=int(match["line"]))
            program = text.partition(":")[0].rpartition("/")[2]
            facts = {PROGRAM: program if " " not in program else "", ASSERTION: match["what"]}
            return Event(kind=CRASH, identifier=normalise(match["what"]), message=text, place=place, facts=facts)
        return self._fatal(text)

    @staticmethod
    def _fatal(text: str) -> Event | None:
        _, found, message = text.partition("LLVM ERROR: ")
        if found and "out of memory" not in message and "No space left" not in message:
            if "inconsistency in registered CommandLine options" in message:
                return Event(kind=LLVM_LINKED_TWICE, identifier=LLVM_LINKED_TWICE, message=text, follow_on=True)
            return Event(kind=LLVM_FATAL, identifier=normalise(message), message=text)
        if match := re.search(r"^(?P<what>.*?)\s*UNREACHABLE executed at (?P<path>[^:]+):(?P<line>\d+)", text):
            place = Location(path=match["path"], line=int(match["line"]))
            return Event(kind=CRASH, identifier=normalise(match["what"]) or "UNREACHABLE", message=text, place=place)
        if match := re.search(r"ERROR: (?P<what>\w+Sanitizer: [\w-]+)", text):
            return Event(kind=CRASH, identifier=match["what"], message=text)
        if text.startswith(("PLEASE submit", "Stack dump:")) or re.search(
            r"Segmentation fault|^Aborted|terminate called", text
        ):
            return Event(kind=CRASH, identifier="crash", message=text, follow_on=True, certain=False, room=20)
        return None


class ToolParser(LineParser):
    """Programs that an edge runs: unknown options, missing tools, TableGen without a place, Python tracebacks."""

    name = "tool"
    markers = (
        "Unknown command line argument", "not found", "o such file", "ermission denied", "Error: ", "rror: ",
        "xception: ", "Error:", "unknown argument", "nrecognized command", "unknown option", "or the --",
        "or the -",
    )  # fmt: skip

    _OPTION: Final = re.compile(
        r"^(?P<tool>[^\s:]+): (?:Unknown command line argument '(?P<option>[^']+)'"
        r"|[Ff]or the (?P<option2>--?[\w-]+)\S* option: (?P<why>.*))"
    )
    _DRIVER: Final = re.compile(
        r"^(?:.*[/\\])?(?P<tool>[\w.+-]+): (?:fatal )?error: (?:unknown argument:? "
        r"|unrecognized command[- ]line option |invalid value )'?(?P<option>[^\s']+)"
    )
    _MISSING: Final = re.compile(
        r"^(?:/bin/)?(?:ba|da|z)?sh: (?:line )?(?:\d+: )?(?P<tool>[^:]+): (?P<why>(?:command )?not found"
        r"|No such file or directory|[Pp]ermission denied|inaccessible or not found)"
        r"|^/usr/bin/env: '?(?P<tool2>[^':]+)'?: No such file"
        r"|^(?P<tool3>'[^']+')(?: is not recognized as an internal|: command not found)"
    )
    _PYTHON: Final = re.compile(
        r"^(?P<type>(?:[A-Za-z_]\w*\.)*[A-Za-z_]*(?:Error|Exception|Interrupt)): (?P<message>.*)$"
    )
    _TBLGEN: Final = re.compile(r"^(?:\S*tblgen\S*: )?(?:error|fatal error): (?P<message>.*)$")
    _OTHER: Final = re.compile(
        r"^(?P<tool>(?:\S*[/\\])?[\w.+-]+): (?P<severity>fatal error|error|fatal): (?P<message>.*)$"
    )

    def parse(self, text: str, view: View) -> Event | None:
        """See :class:`~pytest_llvmgate.findings.events.Parser`."""
        if match := self._OPTION.match(text) or self._DRIVER.match(text):
            groups = match.groupdict()
            option = groups["option"] or groups.get("option2") or ""
            tool = match["tool"].rpartition("/")[2]
            return Event(
                kind=TOOL_OPTION, identifier=f"{tool} {option}", message=text, facts={TOOL: tool, OPTION: option}
            )
        if match := self._MISSING.match(text):
            tool = (match["tool"] or match["tool2"] or match["tool3"]).strip("' ").rpartition("/")[2]
            return Event(kind=TOOL_MISSING, identifier=tool, message=text, facts={TOOL: tool})
        if match := self._PYTHON.match(text):
            identifier = normalise(f"{match['type']}: {match['message']}")
            place = _python_place(view.before)
            return Event(
                kind=SCRIPT_ERROR,
                identifier=identifier,
                message=text,
                place=place,
                before=tuple(view.before),
                certain=False,
            )
        return self._general(text, view)

    def _general(self, text: str, view: View) -> Event | None:
        match = self._TBLGEN.match(text)
        if match and view.edge and "tblgen" in view.edge.command:
            return tablegen_event(None, match["message"])
        if match := self._OTHER.match(text):
            tool = match["tool"].rpartition("/")[2]
            identifier = normalise(f"{tool}: {match['message']}")
            return Event(kind=TOOL_ERROR, identifier=identifier, message=text, certain=False, facts={TOOL: tool})
        return None


def _python_place(before: Sequence[str]) -> Location | None:
    """The innermost frame of a traceback that is the project's own file."""
    found = [match for line in before if (match := re.match(r'\s+File "([^"]+)", line (\d+)', line))]
    own = [match for match in found if "site-packages" not in match[1] and not match[1].startswith("<")]
    return Location(path=own[-1][1], line=int(own[-1][2])) if own else None


class BuildToolParser(LineParser):
    """ninja, make and MSBuild about their own graph."""

    name = "build-tool"
    markers = ("ninja: ", "*** ", "error MSB", "fatal error U1077")

    _NEEDED: Final = re.compile(
        r"^ninja: error: '(?P<name>[^']+)', needed by '(?P<by>[^']+)', missing and no known rule to make it"
    )
    _MAKE_RULE: Final = re.compile(r"\*\*\* No rule to make target '(?P<name>[^']+)'(?:, needed by '(?P<by>[^']+)')?")
    _MAKE: Final = re.compile(
        r"^\S*make(?:\[\d+\])?: \*\*\* \[(?:(?P<file>[^\]]*?):(?P<line>\d+): )?(?P<target>[^\]]+)\] (?P<why>.*)$"
    )

    def parse(self, text: str, view: View) -> Event | None:
        """See :class:`~pytest_llvmgate.findings.events.Parser`."""
        if match := self._NEEDED.match(text) or self._MAKE_RULE.search(text):
            name, by = match["name"], match["by"] or ""
            return Event(kind=BUILD_FILE_MISSING, identifier=normalise(name), message=text, facts={NAME: name, BY: by})
        if text.startswith("ninja: error: rebuilding"):  # because an edge, shown above, failed
            return Event(kind=TOOL_ERROR, identifier="ninja", message=text, certain=False, facts={SUMMARY: "yes"})
        if match := re.match(r"^ninja: error: unknown target '(?P<name>[^']+)'", text):
            return Event(kind=CMAKE_TARGET_MISSING, identifier=match["name"], message=text, facts={NAME: match["name"]})
        if match := re.match(r"^ninja: error: (?:loading 'build\.ninja': )?(?P<message>.*)", text):
            return Event(kind=TOOL_ERROR, identifier=f"ninja: {normalise(match['message'])}", message=text)
        if match := self._MAKE.match(text):
            facts = {
                SUMMARY: "yes",
                MAKE_TARGET: match["target"],
                MAKE_WHY: match["why"],
                MAKE_FILE: match["file"] or "",
            }
            return Event(kind=TOOL_ERROR, identifier="make", message=text, certain=False, facts=facts)
        return None

    def finish(self, event: Event) -> Sequence[Event]:
        """See :class:`~pytest_llvmgate.findings.events.Parser`."""
        return (event,)


class BazelParser(LineParser):
    """Bazel about its own targets; what compilers print below speaks for itself."""

    name = "bazel"
    markers = ("ERROR: /", "ERROR: no such", "ERROR: Analysis of", "ERROR: Build did NOT", "ERROR: Skipping")

    _PLACED: Final = re.compile(r"^ERROR: (?P<path>/[^:\s]+):(?P<line>\d+):\d+: (?P<message>.*)$")
    _BARE: Final = re.compile(r"^ERROR: (?P<message>(?:no such|Skipping|Analysis of).*)$")

    def parse(self, text: str, view: View) -> Event | None:
        """See :class:`~pytest_llvmgate.findings.events.Parser`."""
        if text.startswith("ERROR: Build did NOT"):
            return Event(kind=BAZEL_ERROR, identifier="bazel", message=text, certain=False, facts={SUMMARY: "yes"})
        if match := self._PLACED.match(text):
            is_command = "failed: (" in match["message"]
            place = Location(path=match["path"], line=int(match["line"]))
            return Event(
                kind=BAZEL_ERROR,
                identifier=normalise(match["message"]),
                message=match["message"],
                place=place,
                certain=not is_command,
                facts={SUMMARY: "yes"} if is_command else {},
            )
        if match := self._BARE.match(text):
            return Event(
                kind=BAZEL_ERROR, identifier=normalise(match["message"]), message=match["message"], follow_on=True
            )
        return None
