"""What parsers see and say: the edge of the build at which the log stands, and events."""

# ruff: noqa: ARG002  (all parsers share one interface)
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from pytest_llvmgate.kinds.facts import FORM
from pytest_llvmgate.model import Location

SUMMARY: Final = "summary"
"""Key in an event's facts: it sums up errors that stand elsewhere, and is never a finding of its own."""
MAKE_TARGET: Final = "make-target"
"""Key in the facts of make's own complaint: the file that it was to make."""
MAKE_FILE: Final = "make-file"
"""The same: the makefile."""
MAKE_WHY: Final = "make-why"
"""The same: ``Error 1``."""
ERROR_LIMIT: Final = "error-limit"
"""The kind of an event that is counted and never a finding: a compiler stopped because of the number of errors."""
DSO_MISSING: Final = "dso-missing"
"""The kind of an event that says more of others: the linker itself names the library that it was not given."""
KEPT_LINES: Final = 60
"""Lines of detail kept with the first event of a kind."""


@dataclass(slots=True, kw_only=True)
class Edge:
    """One command of the build system and its output: what ninja calls an edge."""

    description: str = ""
    """What the status line says: ``Linking CXX shared library lib/libFoo.so``."""
    outputs: tuple[str, ...] = ()
    command: str = ""
    directory: str = ""
    """Where make ran it, relative to the top of the build tree; ninja runs everything at the top."""
    line: int = 0
    """1-based line of the log at which it fails, or begins."""
    exit_code: int | None = None
    failed: bool = False
    is_last: bool = False
    """Its status counter had reached the total, so what follows may be another program's output."""
    is_makes: bool = False
    """A target of make's: nothing tells where its output ends, nor at once whether it failed."""
    tail: list[str] = field(default_factory=list)
    """The first and last lines of its output, for a failure that nothing else explains."""
    is_cut: bool = False
    """The log ends in its output."""
    explained: bool = False
    """Some parser recognised an error in its output."""

    @property
    def output(self) -> str:
        """The first output, or the last word of the description."""
        return self.outputs[0] if self.outputs else self.description.rpartition(" ")[2]

    @property
    def links(self) -> str:
        """``shared``, ``executable``, ``static`` or empty: what kind of link this edge is."""
        if match := _LINKS.search(self.description):
            return "shared" if match[1] in {"shared", "module"} or "shared" in match[1] else match[1]
        if _SHARED_NAME.search(self.output):
            return "shared"
        return ""

    @property
    def linked_target(self) -> str:
        """The name of the linked target as CMake has it, as far as its file name tells: ``libFoo.so.22`` is ``Foo``."""
        name = self.output.replace("\\", "/").rpartition("/")[2]
        return _LIBRARY.sub(r"\1", name)


_LINKS: Final = re.compile(r"\bLinking \w+ (shared library|shared module|module|executable|static library|CXX shared)")
_SHARED_NAME: Final = re.compile(r"\.(?:so(?:\.[\d.]{1,40}\w{0,40})?|dylib|dll)$")
_LIBRARY: Final = re.compile(
    r"^(?:lib(?=.*\.(?:so|dylib|a)))?(.+?)(?:\.so(?:\.[\w.]{1,60})?|(?:\.[\d.]{1,40})?\.dylib|\.dll|\.exe|\.a|\.lib)?$"
)


@dataclass(slots=True, kw_only=True)
class Event:
    """One error message of one tool, with the lines that belong to it."""

    kind: str
    """The class of failure that the message alone suggests; rules may know better."""
    identifier: str
    message: str
    """The message in one line, without its location."""
    line: int = 0
    """1-based line of the log; filled in by the scanner."""
    text: str = ""
    """The line as it was printed; filled in by the scanner."""
    place: Location | None = None
    """Where the tool says that the error is (path as printed)."""
    frames: tuple[Location, ...] = ()
    """Where the compiler came from, innermost first: instantiations (CMake: calls)."""
    includes: tuple[Location, ...] = ()
    """Through which files the place was included, innermost first."""
    code: str = ""
    """The source line that the tool shows."""
    before: tuple[str, ...] = ()
    """Lines in front of the message that belong to it."""
    detail: list[str] = field(default_factory=list)
    """Lines behind the message that belong to it."""
    edge: Edge | None = None
    follow_on: bool = False
    """Of a sort that usually follows from another error in the same unit."""
    certain: bool = True
    """Proves by itself that something failed. Otherwise it counts only where a failure is known."""
    facts: dict[str, str] = field(default_factory=dict)
    is_known: bool = False
    """Its like was seen several times: only its place still matters."""
    room: int = KEPT_LINES
    """How many lines of detail it still takes."""

    @property
    def form(self) -> str:
        """Which shape its message has, of those that its kind knows."""
        return self.facts.get(FORM, "")

    @property
    def trail(self) -> tuple[Location, ...]:
        """Where the tool points, then how it came there, innermost first."""
        return (*([self.place] if self.place is not None else []), *self.frames)


def summary(kind: str, identifier: str, text: str) -> Event:
    """What only sums up errors that stand elsewhere, or says with which status a command ended."""
    return Event(kind=kind, identifier=identifier, message=text, certain=False, facts={SUMMARY: "yes"})


class View(Protocol):
    """What a parser may know of the lines around the one it looks at."""

    @property
    def before(self) -> Sequence[str]:
        """Lines of context (includes, instantiations, ``in function``) directly in front."""

    edge: Edge | None
    """The edge at which the log stands."""
    function: str
    """The linker's last ``in function`` line."""


class Parser(Protocol):
    """Recognises what one tool (or family of tools) prints. Stateless: everything comes in through the arguments."""

    @property
    def name(self) -> str:
        """For messages about the parser itself."""

    @property
    def markers(self) -> tuple[str, ...]:
        """A line is handed over only if it contains one of these."""

    def parse(self, text: str, view: View) -> Event | None:
        """The event that begins with this line (quotes are plain), or ``None``."""

    def continues(self, event: Event, text: str) -> bool:
        """Whether this later line, which no parser took as a beginning, belongs to ``event``."""

    def finish(self, event: Event) -> Sequence[Event]:
        """What the event turns out to be once its lines are complete: often just itself."""


class LineParser:
    """Base for parsers whose messages are one line, with indented lines of detail behind."""

    name = "line"
    markers: tuple[str, ...] = ()

    def parse(self, text: str, view: View) -> Event | None:
        raise NotImplementedError

    def continues(self, event: Event, text: str) -> bool:
        return text[:1] in {" ", "\t"}

    def finish(self, event: Event) -> Sequence[Event]:
        return (event,)
