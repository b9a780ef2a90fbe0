"""The streaming scan: blocks of clean lines to groups of events, each with the edge in whose output it stands.

Memory is bounded by the number of *different* errors, not by the log: events are grouped as they are completed, and only
the first few of a group keep their lines. Time is dominated by lines that matter: blocks without any parser's marker
are skipped as a whole.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.findings.context import ErrorLine
from pytest_llvmgate.findings.events import KEPT_LINES, Edge, Event, Parser
from pytest_llvmgate.findings.lines import decode, plain_quotes
from pytest_llvmgate.model import Edges, Location

MOST_GROUPS: Final = 4000
"""Different causes that are told apart in one log; the rest is counted."""
MOST_SITES: Final = 2000
MOST_ERROR_LINES: Final = 40
TAIL_HEAD: Final = 40
TAIL: Final = 80
"""Lines of an edge's output that are kept for an unrecognised failure: the first ``TAIL_HEAD``, then the last."""

_STATUS: Final = re.compile(rb"^\[\s*(\d+)/(\d+)[^\]\n]{0,40}\] (.*)$")
_PERCENT: Final = re.compile(rb"^\[ *(\d+)%\] (.*)$")
_STATUS_IN_BLOCK: Final = re.compile(rb"(?:^|[\n\r])\[\s*(\d+)/(\d+)[^\]\n\r]{0,40}\] ([^\n\r]*)")
_FAILED: Final = re.compile(r"^FAILED: (?:\[code=(-?\d+)\] )?(.*)$")
_CONTEXT_LINE: Final = re.compile(
    r"^(?:In file included from|Included from) |: In (?:\S+ )*(?:function|instantiation|constructor|destructor|substitution|lambda)"
    r"|: At (?:global|top|namespace) (?:scope|level)|:   (?:recursively )?required |^\S+: in function |^Traceback \(most recent"
)
_MAKE_DONE: Final = re.compile(r"^\S*make(?:\[\d+\])?: \*\*\* ")


@dataclass(slots=True, kw_only=True)
class Group:
    """All events of one kind and identifier (and, for links, one linked library)."""

    kind: str
    identifier: str
    first: Event
    samples: list[Event] = field(default_factory=list)
    """The first few events, with their lines; ``first`` is among them."""
    sites: dict[tuple[str, int], Event] = field(default_factory=dict)
    """Distinct places as printed, each with its first event (without lines)."""
    edges: dict[str, Edge] = field(default_factory=dict)
    count: int = 0
    follow_ons: int = 0
    """Errors dropped because they follow from this one."""

    def add(self, event: Event) -> None:
        """Count one more event of the group."""
        self.count += 1
        if len(self.samples) < 3:
            self.samples.append(event)
        place = site_of(event)
        if place not in self.sites and len(self.sites) < MOST_SITES:
            self.sites[place] = event
        if event.edge is not None and len(self.edges) < MOST_SITES:
            self.edges.setdefault(event.edge.output, event.edge)


def site_of(event: Event) -> tuple[str, int]:
    """The place as printed, or the log line where the tool names none."""
    if event.place is None:
        return (event.facts.get("symbol", ""), 0 if "symbol" in event.facts else event.line)
    outer = event.frames[-1] if event.frames and event.kind.startswith("api") else event.place
    return (
        (f"{event.place.path}:{event.place.line}", 0) if outer is event.place else (str(event.place), hash(str(outer)))
    )


@dataclass(slots=True, kw_only=True)
class Scan:
    """What the scanner found."""

    groups: dict[tuple[str, str, str], Group] = field(default_factory=dict)
    failed_edges: list[Edge] = field(default_factory=list)
    error_lines: list[ErrorLine] = field(default_factory=list)
    edges: Edges | None = None
    lines: int = 0
    errors: int = 0
    repeated: int = 0
    limits: dict[str, int] = field(default_factory=dict)
    """What stopped early: ``compiler``, ``linker``, ``header`` -> how many units."""
    marks: set[str] = field(default_factory=set)
    """Facts about the log as a whole: ``stopped``, ``interrupted``, ``configured``, ``cancelled``."""
    ends_within_line: bool = False
    tail: list[str] = field(default_factory=list)
    """The last lines of the log."""
    uncertain: list[Event] = field(default_factory=list)
    """Events outside of failed edges that count only where a failure is known."""


class Scanner:
    """Feeds lines to parsers and keeps the place in the build."""

    def __init__(self, parsers: Sequence[Parser]) -> None:
        self.scan = Scan()
        self.before: list[str] = []
        self.edge: Edge | None = None
        self.function = ""
        self.test = ""
        self._parsers = parsers
        self._routes = [(marker, parser) for parser in parsers for marker in parser.markers]
        self._markers = tuple(dict.fromkeys(marker for marker, _ in self._routes))
        self._block_markers = (*self._markers, b"FAILED: ", b"build stopped", b"interrupted", b"\rFAILED")
        self._open: Event | None = None
        self._opener: Parser | None = None
        self._tentative: list[Event] = []
        self._expect_command = False
        self._progress: list[list[int]] = []
        self._seen_places: set[tuple[str, int | None]] = set()
        self._primary: Group | None = None
        self._pending_make: list[Event] = []

    # -- blocks -------------------------------------------------------------------------------------------------------

    def run(self, blocks: Iterable[bytes]) -> Scan:
        """Scan all blocks and return what was found."""
        number = 0
        last = b"\n"
        for block in blocks:
            if not block:
                continue
            last = block[-1:]
            if self._is_quiet(block):
                self._skip(block)
                number += block.count(b"\n")
                continue
            number = self._lines(block, number)
        self._close()
        self._leave_edge()
        self.scan.ends_within_line = last != b"\n"
        self.scan.lines = number + (1 if self.scan.ends_within_line else 0)
        self._finish_progress()
        return self.scan

    def _is_quiet(self, block: bytes) -> bool:
        """Nothing is under way and no marker occurs: the block can be skipped."""
        if self._open is not None or (self.edge is not None and self.edge.failed):
            return False
        return not any(marker in block for marker in self._block_markers)

    def _skip(self, block: bytes) -> None:
        self.before.clear()
        for last in deque(_STATUS_IN_BLOCK.finditer(block), maxlen=1):
            self._enter_edge(int(last[1]), int(last[2]), last[3], 0)
        tail = block[-4000:].rstrip(b"\n").split(b"\n")[-TAIL_HEAD:]
        self.scan.tail = [decode(line) for line in tail]

    def _lines(self, block: bytes, number: int) -> int:
        has_returns = b"\r" in block
        lines = block.split(b"\n")
        ends_whole = lines[-1] == b""
        if ends_whole:
            lines.pop()
        for raw in lines:
            number += 1
            if has_returns and b"\r" in raw:
                for piece in raw.split(b"\r"):
                    if piece:
                        self._line(piece, number)
            else:
                self._line(raw, number)
        self.scan.tail = [decode(line) for line in lines[-TAIL_HEAD:]]
        return number if ends_whole else number - 1

    # -- lines --------------------------------------------------------------------------------------------------------

    def _line(self, raw: bytes, number: int) -> None:
        first = raw[:1]
        if first == b" " and self._quick(raw):
            return
        if first == b"[" and self._status(raw, number):
            return
        if first == b"F" and self._failed(decode(raw), number):
            return
        parsers = self._candidates(raw)
        if not parsers and self._open is None and not self.before and not (self.edge is not None and self.edge.failed):
            if b"n" in raw:  # "In file included", "in function", "required from", "ninja:"
                self._context(decode(raw))
            return
        printed = decode(raw)
        text = plain_quotes(printed)
        if self._expect_command:
            self._expect_command = False
            if self.edge is not None:
                self.edge.command = printed[:20_000]
            return
        self._output(printed, text, number, parsers)

    def _quick(self, raw: bytes) -> bool:
        """Indented lines in the middle of something: most of what is in a failing log."""
        if b"rror" in raw or self._expect_command:
            return False
        if self.before:
            if len(self.before) < 200:
                self.before.append(decode(raw))
            return True
        if self._open is not None:
            if self._open.room > 0:
                self._attach(self._open, decode(raw))
                return True
            if self._open.kind in _WHOLE_BLOCKS:
                return True
            return b">>>" not in raw
        return False

    def _candidates(self, raw: bytes) -> list[Parser]:
        found: list[Parser] = []
        for marker, parser in self._routes:
            if marker in raw and parser not in found:
                found.append(parser)
        return found

    def _output(self, printed: str, text: str, number: int, parsers: Sequence[Parser]) -> None:
        edge = self.edge
        if edge is not None and edge.failed:
            keep_tail(edge.tail, printed)
        for parser in parsers:
            event = parser.parse(text, self)
            if event is not None:
                self._begin(event, parser, printed, number)
                return
        if self._open is not None and self._opener is not None and self._opener.continues(self._open, text):
            for line in (*self.before, text):  # includes in front of a note belong to the note
                if self._open.room > 0:
                    self._attach(self._open, line)
            self.before.clear()
            return
        self._context(text)

    def _attach(self, event: Event, text: str) -> None:
        event.detail.append(text)
        event.room -= 1
        if self.edge is not None and self.edge.failed:
            keep_tail(self.edge.tail, text)

    def _context(self, text: str) -> None:
        """A line that belongs to nothing known: perhaps the context of what comes next."""
        if _CONTEXT_LINE.search(text):
            if "in function" in text:
                self.function = text
            if len(self.before) < 200:
                self.before.append(text)
            return
        if text.strip() and ": note: " not in text:
            self._close()
        self.before.clear()
        self._marks(text)

    def _marks(self, text: str) -> None:
        if text.startswith("ninja: build stopped"):
            self._leave_edge()
            self.scan.marks.add("interrupted" if "interrupted" in text else "stopped")
        elif text.startswith("-- Build files have been written to"):
            self.scan.marks.add("configured")
        elif "The operation was canceled" in text or text.startswith("ninja: interrupted"):
            self.scan.marks.add("cancelled")
        elif text.startswith(("******************** TEST '", "TEST '")):
            self.test = text.partition("'")[2].partition("'")[0]

    # -- edges --------------------------------------------------------------------------------------------------------

    def _status(self, raw: bytes, number: int) -> bool:
        if match := _STATUS.match(raw):
            self._enter_edge(int(match[1]), int(match[2]), match[3], number)
            return True
        if match := _PERCENT.match(raw):
            self._close()
            self._leave_edge()
            self.before.clear()
            self.edge = Edge(description=decode(match[2]), line=number, is_last=True)
            return True
        return False

    def _enter_edge(self, finished: int, total: int, description: bytes, number: int) -> None:
        self._close()
        self._leave_edge()
        self.before.clear()
        self.function = ""
        if not self._progress or finished < self._progress[-1][0]:
            self._progress.append([0, 0, 0])
        self._progress[-1][0] = finished
        self._progress[-1][1] = total
        self.edge = Edge(description=decode(description), line=number, is_last=finished >= total)

    def _failed(self, text: str, number: int) -> bool:
        match = _FAILED.match(text)
        if match is None or text.startswith("FAILED: (") or " :: " in text:
            return False
        self._close()
        edge = self.edge
        if edge is None or edge.failed:
            self._leave_edge()
            edge = self.edge = Edge()
        edge.failed = True
        edge.line = edge.line or number
        edge.exit_code = int(match[1]) if match[1] else None
        edge.outputs = tuple(match[2].split())
        self.scan.failed_edges.append(edge)
        if not self._progress:
            self._progress.append([0, 0, 0])
        self._progress[-1][2] += 1
        self._expect_command = True
        for event in self._tentative:  # a console edge prints its output before ninja says that it failed
            event.edge = edge
            self._accept(event)
        self._tentative.clear()
        return True

    def _leave_edge(self) -> None:
        """What a passed edge printed is no failure; what stands outside of edges may be."""
        edge, self.edge = self.edge, None
        self._expect_command = False
        self.function = ""
        self._seen_places.clear()
        self._primary = None
        if edge is None or edge.is_last:
            for event in self._tentative:
                event.edge = edge if edge is not None and edge.description else None
                self._settle(event)
        self._tentative.clear()

    def _settle(self, event: Event) -> None:
        """An event outside of failed edges."""
        if event.certain:
            self._accept(event)
        elif len(self.scan.uncertain) < MOST_GROUPS:
            self.scan.uncertain.append(event)

    # -- events -------------------------------------------------------------------------------------------------------

    def _begin(self, event: Event, parser: Parser, printed: str, number: int) -> None:
        self._close()
        event.line = number
        event.text = printed
        event.edge = self.edge
        if self.scan.groups.get(group_key(event)) is not None and event.room == KEPT_LINES:
            event.room = 24  # enough for the frames
        self._open, self._opener = event, parser
        self.before.clear()

    def _close(self) -> None:
        event, parser = self._open, self._opener
        if event is None or parser is None:
            return
        self._open = self._opener = None
        for one in parser.finish(event):
            one.line = one.line or event.line
            one.text = one.text or event.text
            one.edge = event.edge
            if self.test:
                one.facts.setdefault("test", self.test)
            if self.edge is not None and self.edge.failed:
                self._accept(one)
            elif len(self._tentative) < MOST_GROUPS * 5:
                self._tentative.append(one)

    def _accept(self, event: Event) -> None:
        scan = self.scan
        if event.kind == "error-limit":
            scan.limits["compiler"] = scan.limits.get("compiler", 0) + 1
            return
        if event.facts.get("summary"):
            scan.uncertain.append(event)
            return
        scan.errors += 1
        if event.edge is not None:
            event.edge.explained = True
        if self._is_repeated(event):
            scan.repeated += 1
            return
        if event.follow_on and self._primary is not None:
            self._primary.follow_ons += 1
            return
        if len(scan.error_lines) < MOST_ERROR_LINES:
            scan.error_lines.append(ErrorLine(number=event.line, text=event.text))
        group = add_to_groups(scan.groups, event)
        if group is not None and not event.follow_on:
            self._primary = group

    def _is_repeated(self, event: Event) -> bool:
        """A further error at the same line of the same unit."""
        if event.place is None or event.place.line is None or event.frames:
            return False
        place = (event.place.path, event.place.line)
        if place in self._seen_places:
            return True
        self._seen_places.add(place)
        return False

    def _finish_progress(self) -> None:
        runs = [run for run in self._progress if run[1]]
        failing = [run for run in runs if run[2]] or runs[-1:]
        if failing:
            finished, total, failed = failing[-1]
            self.scan.edges = Edges(finished=finished, total=total, failed=failed)


_WHOLE_BLOCKS: Final = frozenset({"cmake-error"})


def group_key(event: Event) -> tuple[str, str, str]:
    """What makes two events one cause at the scanner's level: rules may join groups further."""
    linked = event.edge.library if event.edge is not None and event.kind == "undefined-symbol" else ""
    return (event.kind, event.identifier, linked)


def add_to_groups(groups: dict[tuple[str, str, str], Group], event: Event) -> Group | None:
    """Put the event into its group; ``None`` when there are too many groups already."""
    key = group_key(event)
    group = groups.get(key)
    if group is None:
        if len(groups) >= MOST_GROUPS:
            return None
        group = groups[key] = Group(kind=event.kind, identifier=event.identifier, first=event)
    group.add(event)
    return group


def keep_tail(tail: list[str], line: str) -> None:
    """Keep the first ``TAIL_HEAD`` lines of an output and the last of the rest."""
    tail.append(line[:2000])
    if len(tail) > 2 * TAIL:
        del tail[TAIL_HEAD : len(tail) - TAIL_HEAD]


def places(group: Group) -> Iterator[Location]:
    """The distinct places of a group, in the order of the log."""
    for event in group.sites.values():
        if event.place is not None:
            yield event.place
