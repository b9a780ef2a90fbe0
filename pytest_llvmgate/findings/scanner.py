"""The streaming scan: blocks of clean lines to groups of events, each with the edge in whose output it stands.

Memory is bounded by the number of *different* errors, not by the log: events are grouped as they are completed, and
only the first few of a group keep their lines. Time goes into lines that matter: what a passed edge printed is skipped
as a whole, and so are blocks without any text that a parser looks for.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from pytest_llvmgate.findings import events
from pytest_llvmgate.findings.context import ErrorLine
from pytest_llvmgate.findings.groups import MOST_GROUPS, Group, Progress, Scan, group_key
from pytest_llvmgate.findings.lines import decode, plain_quotes
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.findings.parsers.languages import IN_FRONT, NUMBERED
from pytest_llvmgate.findings.repeats import LEARN_AFTER, Habits
from pytest_llvmgate.findings.routing import Router
from pytest_llvmgate.kinds.catalogue import CRASH, FILECHECK, LLVM_FATAL, SCRIPT_ERROR, TABLEGEN, TESTS_FAILED, kind_of
from pytest_llvmgate.kinds.description import Family
from pytest_llvmgate.kinds.facts import FORM, SCOPE, TEST
from pytest_llvmgate.owners.llvms_names import is_llvms_name

_MOST_ERROR_LINES: Final = 40
_MOST_CONTEXT: Final = 200
_LEAN_LINES: Final = 12
"""Lines kept with an event whose like was seen before: enough for the frames."""
_TAIL_HEAD: Final = 40
TAIL: Final = 80
"""Lines of an edge's output that are kept for an unrecognised failure: the first ``_TAIL_HEAD``, then the last."""

_STATUS: Final = re.compile(r"^\[(?: *\d+%)? *(\d+)/(\d+)[^\]\n]{0,40}\](?:\[[^\]\n]{0,60}\])? (.*)$")
_STATUS_LINE: Final = re.compile(rb"\n\[(?: *\d+%)? *(\d+)/(\d+)[^\]\n]{0,40}\](?:\[[^\]\n]{0,60}\])? ")
_PERCENT: Final = re.compile(r"^\[ *(\d+)%\] (.*)$")
_FAILED_LINE: Final = re.compile(rb"\nFAILED: ")
_FAILED: Final = re.compile(r"^FAILED: (?:\[code=(-?\d+)\] )?(.*)$")
_IS_MESSAGE: Final = re.compile(
    r"(?>(?:[^\s:]++|:[\\/])+)(?::\d+){0,2}: (?:fatal )?(?:error|undefined reference)|In file included from"
)
"""An error where ninja prints the command."""
_IS_FRAME: Final = re.compile(r"# [.`\w]|\s*(?:#\d+ |\d+ +\S+ +0x|@ |PC: |\*{3} \S)")
"""A line of a stack dump or of lit's frame, which says nothing of its reason."""
_OF_AN_END: Final = frozenset({LLVM_FATAL, SCRIPT_ERROR})
"""How programs end by an error, whose reason they may have told before in words of their own."""
_ERROR: Final = re.compile(r"(?:fatal )?error: (?P<message>.{1,500})")
_LINKED: Final = re.compile(r" -o (\S+)")
_BUILD_DIRECTORY: Final = re.compile(
    r"^(?:-- Build files have been written to: |(?:ninja|\S*make(?:\[\d+\])?): Entering directory [`']"
    r"|Change Dir: ')(/[^'\n]*)",
    re.MULTILINE,
)
_FAILURE: Final = re.compile(
    r"^Process completed with exit code [1-9]|^Finished: FAILURE|^ERROR: (?:Job|Build) (?:failed|step)"
    r"|^#=+ ERROR while "
    r"|^(?:ERROR: )?(?:failed to solve: )?process .* did not complete successfully: exit code: [1-9]|^Build FAILED\.$"
)
"""How CI services, and opam, say that a command failed."""
_SERVICE_WORDS: Final = (b"Process completed with exit code", b"The operation was canceled")
_SUCCESSES: Final = ("ninja: no work to do", "100% tests passed", "Testing Time: ")
_FRAME: Final = b"*" * 20
"""What lit prints in front of a test's output and behind it."""
_TEST: Final = re.compile(r"^\*{20} TEST '(?P<name>[^']{1,500})' (?P<code>\w+) ")
_EXPLANATION: Final = "substitution failed:"
"""Behind such a note GCC explains with ``error:`` lines why a candidate does not fit."""
_INCLUDES: Final = ("In file included from", "Included from")
_INTRODUCTIONS: Final = (*_INCLUDES, "Traceback (most recent")


class Scanner:
    """Feeds lines to parsers and keeps the place in the build. One per log."""

    def __init__(self, parsers: Sequence[events.Parser]) -> None:
        self.scan = Scan()
        self.before: list[str] = []
        self.edge: events.Edge | None = None
        self.function = ""
        self.test = ""
        self._router = Router(parsers)
        self._progress = Progress()
        self._open: events.Event | None = None
        self._opener: events.Parser | None = None
        self._is_lean = False
        self._is_framed = False
        self._is_explaining = False
        self._tentative: list[events.Event] = []
        self._withheld: list[events.Event] = []
        self._names_failures = False
        self._last_edge: events.Edge | None = None
        self._expect_command = False
        self._seen_places: set[tuple[str, int]] = set()
        self._known_failures: set[int] = set()
        self._contexts: dict[str, tuple[str, ...]] = {}
        self._primary: Group | None = None
        self._last_line = ""
        self._last_number = 0
        self._habits = Habits()

    # -- blocks -------------------------------------------------------------------------------------------------------

    def run(self, blocks: Iterable[bytes]) -> Scan:
        """Scan all blocks and return what was found."""
        number = 0
        last = b"\n"
        for block in blocks:
            if block:
                last = block
                number = self._block(block, number)
        self._close()
        if self.edge is not None and not self.edge.is_makes:
            self.edge.is_cut = "stopped" not in self.scan.marks
        self._leave_edge()
        self._release_withheld()
        scan = self.scan
        scan.ends_within_line = not last.endswith(b"\n")
        scan.lines = number
        scan.edges = self._progress.edges
        scan.tail = [decode(line) for line in last[-4000:].rstrip(b"\n").split(b"\n")[-_TAIL_HEAD:]]
        return scan

    def _release_withheld(self) -> None:
        """An excerpt may have a status line and the errors, and not the line ``FAILED:`` between (nor has samurai any).

        So what stands behind status lines counts after all, where a log never says which edges failed, nor that all
        passed.
        """
        edges = self._progress.edges
        is_success = "succeeded" in self.scan.marks or (edges is not None and not edges.not_reached)
        is_stopped = bool(self.scan.marks & {"stopped", "failed"})
        if self._names_failures or (is_success and not is_stopped):
            return
        for event in self._withheld:
            is_last = self._withheld[-1].edge is event.edge and event.edge is self._last_edge
            if event.certain and not event.facts.get("summary") and (is_stopped or is_last):
                self._accept(event)

    def _block(self, block: bytes, number: int) -> int:
        """Take a block apart at ninja's status lines, and leave out the outputs of edges that passed."""
        self._names_failures = self._names_failures or b"FAILED: " in block
        may_skip = b"\r" not in block
        joined = b"\n" + block  # so that the block's first line is found, too; indexes then are the block's own
        failures = deque(match.start() for match in _FAILED_LINE.finditer(joined))
        start, passes = 0, False
        looked, framed = 0, self._is_framed
        for match in _STATUS_LINE.finditer(joined):
            at = match.start()
            framed, looked = _is_framed(joined, looked, at, framed), at
            if framed:
                continue
            while failures and failures[0] < start:
                failures.popleft()
            failed = failures[0] if failures and failures[0] < at else -1
            is_known = failed >= 0 and start > 0 and self._is_known_failure(block[failed:at])
            passed = passes and failed < 0 and (self._names_failures or b"error" not in block[start:at])
            if may_skip and (is_known or passed):
                self._leave_passed()
                number += block.count(b"\n", start, at)
            elif may_skip and failed >= 0 and start > 0 and self._is_nothing_new(block[start:at], number):
                number += block.count(b"\n", start, at)
            elif at > start:
                number = self._segment(block[start:at], number)
            finished, total = int(match[1]), int(match[2])
            self._progress.note(finished, total)
            start, passes = at, finished < total
            self._is_framed = False
        return self._segment(block[start:], number)

    def _is_known_failure(self, output: bytes) -> bool:
        """The same command failed with the same words before: a build that was tried again in the same log."""
        key = hash(output)
        if key in self._known_failures:
            self._progress.failed()
            return True
        if len(self._known_failures) < MOST_GROUPS * 25:
            self._known_failures.add(key)
        return False

    def _is_nothing_new(self, output: bytes, number: int) -> bool:
        """A failed edge with errors that are all known to add nothing is counted as a whole."""
        if self._habits.is_idle() or output.count(b"\nFAILED: ") != 1:
            return False
        status, failed, command, *lines = [*decode(output).rstrip("\n").split("\n"), "", ""]
        outcomes = self._habits.outcomes(lines) if _FAILED.match(failed) else None
        if not outcomes:
            return False
        self._leave_passed()
        self._status(status, number + 1)
        self._failed(failed, number + 2)
        edge = self.edge
        if edge is not None:
            edge.command, edge.explained = command[:20_000], True
        self._leave_edge()
        self.scan.errors += len(outcomes)
        for group in outcomes:
            if group is not None:
                group.count += 1
                group.note_edge(edge)
        return True

    def _segment(self, segment: bytes, number: int) -> int:
        """A status line and what follows, up to the next one or to the end of the block."""
        if not segment:
            return number
        if b"\r" not in segment and self._is_quiet(segment):
            self._glance(segment, number)
            return number + segment.count(b"\n") + (not segment.endswith(b"\n"))
        return self._lines(segment, number)

    def _leave_passed(self) -> None:
        """The edge before this segment ends; the segment's own edge passed."""
        if self._open is not None:
            self._close()
        if self.edge is not None or self._tentative:
            self._leave_edge()
        self.before.clear()

    def _is_quiet(self, segment: bytes) -> bool:
        """Nothing is under way, and nothing in the segment could concern a parser."""
        if self._open is not None or self._expect_command or (self.edge is not None and self.edge.failed):
            return False
        return not self._router.concerns(segment) and not any(words in segment for words in _SERVICE_WORDS)

    def _glance(self, segment: bytes, number: int) -> None:
        """What a quiet segment may still say: which edge is next, and that configuring was completed."""
        if segment[:1] == b"[":
            self._status(decode(segment.partition(b"\n")[0]), number + 1)
        for match in _BUILD_DIRECTORY.finditer(decode(segment)) if b"-- Build files" in segment else ():
            self._note_build(match)
        self.before.clear()

    def _lines(self, segment: bytes, number: int) -> int:
        lines = decode(segment).split("\n")
        if not lines[-1]:
            lines.pop()
        for line in lines:
            number += 1
            if self._is_lean and not self.before and _is_noise(line):
                if self._open is not None and not self._open.detail:  # the source line itself
                    self._open.detail.append(line)
                if line[:1] != " ":
                    self._is_explaining = line.endswith(_EXPLANATION)
                continue
            for piece in line.split("\r"):
                self._line(piece, number)
        return number

    # -- lines --------------------------------------------------------------------------------------------------------

    def _line(self, line: str, number: int) -> None:
        if line[:1] == " " and self._indented(line):
            return
        if self._is_marker(line, number):
            return
        if self._expect_command:
            self._expect_command = False
            if not _IS_MESSAGE.match(line):  # people cut the command out
                if self.edge is not None:
                    self.edge.command = line[:20_000]
                return
        elif line.startswith(": && ") and (match := _LINKED.search(line)):  # they cut the lines in front of it
            self._enter_edge(events.Edge(outputs=(match[1],), command=line[:20_000], line=number, failed=True))
            self.scan.failed_edges += [edge for edge in (self.edge,) if edge is not None]
            return
        line = line.removeprefix("# | ")  # how lit's own shell shows what a command printed
        self._keep_tail(line)
        if self._open is not None and (line.startswith(">>>") or ": note: " in line):
            self._other(plain_quotes(line))
            return
        if "rror" not in line and (_is_context(line) or (self.before and NUMBERED.match(line))):
            self._introduce(line)
        else:
            self._text(line, number)

    def _is_marker(self, line: str, number: int) -> bool:
        first = line[:1]
        if first == "*" and line.startswith(_FRAME.decode()):
            self._is_framed = _TEST.match(line) is not None
        return (first == "[" and not self._is_framed and self._status(line, number)) or (
            first == "F" and self._failed(line, number)
        )

    def _text(self, line: str, number: int) -> None:
        text = plain_quotes(line)
        for parser in self._router.candidates(line):
            event = parser.parse(text, self)
            if event is not None and not event.certain and self._is_quoted(text):
                break
            if event is not None:
                if text.startswith("-- Configuring incomplete"):
                    self.scan.marks.add("unconfigured")
                self._begin(event, parser, line, number)
                return
        self._other(text)
        if self._last_line is text:
            self._last_number = number

    def _is_quoted(self, text: str) -> bool:
        """Whether a word that proves nothing by itself is part of what CMake says, which quotes what it ran."""
        is_cmakes = self._open is not None and kind_of(self._open.kind).family is Family.CMAKE
        return is_cmakes and text[:1] == " "

    def _indented(self, line: str) -> bool:
        """Indented lines in the middle of something: most of what is in a failing log."""
        if self._expect_command or "rror" in line or "ndefined reference to" in line:
            return False
        if self.before:
            if len(self.before) < _MOST_CONTEXT and " | " not in line:
                self.before.append(line)
            return True
        if self._open is None or self._opener is None or not self._opener.continues(self._open, line):
            return False
        self._attach(self._open, line)
        return True

    def _attach(self, event: events.Event, text: str) -> None:
        if event.room > 0:
            event.detail.append(text)
            event.room -= 1

    def _other(self, text: str) -> None:
        """A line that begins nothing: it continues what is open, or is context of what comes next, or ends both."""
        if self._open is not None and self._opener is not None and self._opener.continues(self._open, text):
            for line in (*self.before, text):  # includes in front of a note belong to the note
                self._attach(self._open, line)
            self.before.clear()
            if text[:1] != " ":
                self._is_explaining = text.endswith(_EXPLANATION)
        else:
            if text.strip() and ": note: " not in text:
                self._close()
                if self.before:
                    self._remember_context(text.partition(":")[0], tuple(self.before))
            if text or not (self.before and IN_FRONT.match(self.before[0])):
                self.before.clear()
            if text and not _IS_FRAME.match(text):
                self._last_line = text
            self._marks(text)

    def _introduce(self, line: str) -> None:
        """Includes, instantiations, functions: context of what comes next, be it a note of what is open."""
        text = plain_quotes(line)
        if "in function" in text:
            self.function = text
        if len(self.before) < _MOST_CONTEXT:
            self.before.append(text)

    def _marks(self, text: str) -> None:
        if text.startswith("ninja: build stopped"):
            self._leave_edge()
            self.scan.marks.add("interrupted" if "interrupted" in text else "stopped")
            self.scan.marks.discard("unconfigured")
        elif match := _BUILD_DIRECTORY.match(text):
            self._note_build(match)
        elif _FAILURE.search(text):
            self.scan.marks.add("failed")
        elif text.startswith(_SUCCESSES):
            self.scan.marks.add("succeeded")
        elif "The operation was canceled" in text or text.startswith("ninja: interrupted"):
            self.scan.marks.add("cancelled")
        elif match := _TEST.match(text):
            self._enter_test(match["name"], text, failed=match["code"] == "FAILED")

    def _enter_test(self, name: str, text: str, *, failed: bool) -> None:
        """The output of one lit test: where nothing else tells which tests failed, this does."""
        self.test = name
        if failed and len(self.scan.uncertain) < MOST_GROUPS:
            facts = {TEST: name}
            self.scan.uncertain.append(
                events.Event(kind=TESTS_FAILED, identifier=name, message=text, text=text, certain=False, facts=facts)
            )

    def _note_build(self, match: re.Match[str]) -> None:
        self.scan.build = match[1]
        if match[0].startswith("-- Build files"):
            self.scan.marks.add("succeeded")

    def _keep_tail(self, line: str) -> None:
        """Output of an edge, which may have failed, for as long as nothing in it is recognised."""
        edge = self.edge
        if edge is None or edge.explained or line.startswith("ninja: ") or "*** [" in line:
            return
        edge.tail.append(line[:2000])
        if len(edge.tail) > 2 * TAIL:
            del edge.tail[_TAIL_HEAD : len(edge.tail) - _TAIL_HEAD]

    # -- edges --------------------------------------------------------------------------------------------------------

    def _status(self, line: str, number: int) -> bool:
        if match := _STATUS.match(line):
            finished, total = int(match[1]), int(match[2])
            self._progress.note(finished, total)
            self._enter_edge(events.Edge(description=match[3], line=number, is_last=finished >= total))
            return True
        if match := _PERCENT.match(line):
            self._enter_edge(events.Edge(description=match[2], line=number, is_last=True, is_makes=True))
            return True
        return False

    def _enter_edge(self, edge: events.Edge) -> None:
        self._close()
        self._leave_edge()
        self.before.clear()
        self.edge = self._last_edge = edge

    def _failed(self, text: str, number: int) -> bool:
        match = _FAILED.match(text)
        if match is None or " :: " in text or ": " in match[2] or match[2].startswith("("):
            return False
        self._close()
        if self.edge is not None and self.edge.failed:
            self._leave_edge()
        if self.edge is None:  # what stands in front then is a console edge's, whose status line is cut off
            self.edge = events.Edge(line=number)
        self._is_framed = False
        edge = self.edge
        edge.failed = True
        edge.exit_code = int(match[1]) if match[1] else None
        edge.outputs = tuple(match[2].split())
        self.scan.failed_edges.append(edge)
        self._progress.failed(was_counted=number <= edge.line + 1)
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
        self.function = self.test = ""
        self._seen_places.clear()
        self._contexts.clear()
        self._primary = None
        for event in self._tentative:
            event.edge = edge
            if edge is None or edge.is_last:
                self._settle(event)
            elif not self._names_failures and len(self._withheld) < MOST_GROUPS:
                self._withheld.append(event)
        self._tentative.clear()

    def _settle(self, event: events.Event) -> None:
        """An event outside of failed edges."""
        self._complete_edge(event)
        if event.certain:
            self._accept(event)
        elif len(self.scan.uncertain) < MOST_GROUPS:
            self.scan.uncertain.append(event)

    def _complete_edge(self, event: events.Event) -> None:
        """After the output of a command, make says which file it was to make, and that it failed."""
        edge, target, file = event.edge, event.facts.get(events.MAKE_TARGET, ""), event.facts.get(events.MAKE_FILE, "")
        if edge is None or not edge.is_makes or edge.failed:
            return
        is_old = not file and target.rpartition("/")[2] == edge.output.rpartition("/")[2] != ""  # of make before 4
        if not is_old and not file.endswith("/build.make"):
            return
        edge.failed = True
        edge.directory = file.partition("/CMakeFiles/")[0]
        edge.outputs = (target,)
        status = re.match(r"Error (\d+)", event.facts.get(events.MAKE_WHY, ""))
        edge.exit_code = int(status[1]) if status else None
        self.scan.failed_edges.append(edge)

    # -- events -------------------------------------------------------------------------------------------------------

    def _begin(self, event: events.Event, parser: events.Parser, printed: str, number: int) -> None:
        self._close()
        event.line = number
        event.text = printed
        event.edge = self.edge
        if event.kind == CRASH and not event.before and self._last_line.strip():
            event.before = (self._last_line[:500],)
        if event.kind in _OF_AN_END and number - self._last_number == 1 and (said := _ERROR.match(self._last_line)):
            event.message = f"{said['message']} ({event.message})" if event.message else said["message"]
            event.identifier = normalise(said["message"])
        event.follow_on = event.follow_on or self._is_explaining
        self._is_explaining = False
        if event.room == events.KEPT_LINES:
            known = self.scan.groups.get(group_key(event))
            if known is not None and known.count >= 3:
                event.room = _LEAN_LINES
                event.is_known = self._is_lean = True
        self._inherit_context(event)
        self._open, self._opener = event, parser
        self.before.clear()

    def _inherit_context(self, event: events.Event) -> None:
        """GCC prints includes and instantiations once for all messages that share them."""
        if event.place is None:
            return
        path = event.place.path
        if not event.before:
            event.before = self._contexts.get(path, ())
        elif event.before[0].startswith(_INCLUDES) or path not in self._contexts:
            self._remember_context(path, event.before)
        else:
            includes = tuple(line for line in self._contexts[path] if line.startswith((*_INCLUDES, " ")))
            event.before = (*includes, *event.before)
            self._remember_context(path, event.before)

    def _remember_context(self, path: str, lines: tuple[str, ...]) -> None:
        if len(self._contexts) < _MOST_CONTEXT:
            self._contexts[path] = lines

    def _close(self) -> None:
        event, parser = self._open, self._opener
        if event is None or parser is None:
            return
        self._open = self._opener = None
        self._is_lean = False
        for one in parser.finish(event):
            one.line = one.line or event.line
            one.text = one.text or event.text
            one.edge = event.edge
            if self.test:
                one.facts.setdefault(TEST, self.test)
            if self.edge is not None and self.edge.failed:
                self._accept(one)
            elif len(self._tentative) < MOST_GROUPS * 5:
                self._tentative.append(one)

    def _accept(self, event: events.Event) -> None:
        scan = self.scan
        if event.kind == events.ERROR_LIMIT:
            scan.stopped_units += 1
            return
        if event.facts.get(events.SUMMARY):
            if len(scan.uncertain) < MOST_GROUPS:
                scan.uncertain.append(event)
            return
        scan.errors += 1
        if event.edge is not None:
            event.edge.explained = True
            event.edge.tail.clear()
        group: Group | None = None
        if not self._is_repeated(event):
            if (cause := self._followed(event)) is not None:
                cause.follow_ons += 1
                return
            if (group := self._count(event)) is None:
                return
        if scan.errors > LEARN_AFTER:
            self._habits.learn(event.text, group)

    def _followed(self, event: events.Event) -> Group | None:
        """What an event that says nothing by itself follows from; each test of lit fails for itself."""
        if self._primary is not None and self._primary.facts.get(TEST) != event.facts.get(TEST):
            self._primary = None
        is_dump = event.kind == CRASH and TEST in event.facts
        return self._primary if event.follow_on and not is_dump else None

    def _count(self, event: events.Event) -> Group | None:
        if len(self.scan.error_lines) < _MOST_ERROR_LINES:
            self.scan.error_lines.append(ErrorLine(number=event.line, text=event.text))
        group = self.scan.add(event)
        if group is not None and not event.follow_on and event.kind not in {TESTS_FAILED, FILECHECK}:
            self._primary = group
        return group

    def _is_repeated(self, event: events.Event) -> bool:
        """A further error at the same line of the same unit, or from an instantiation that begins at that line.

        Another member that is gone from the same class of LLVM's, or is asked for by a macro, is a cause of its own.
        """
        if event.place is None or event.place.line is None:
            return False
        if FORM not in event.facts and event.kind != TABLEGEN:
            return False
        entry = event.frames[-1] if event.frames else event.place
        place = (entry.path, entry.line or 0)
        of_syntax = (f"{entry.path}:", place[1])  # which hides no name of LLVM's that is gone
        is_name = event.form == "not-member" and is_llvms_name(event.identifier)
        is_known = place in self._seen_places or (of_syntax in self._seen_places and not is_name)
        self._seen_places.add(of_syntax if event.follow_on else place)
        if not is_name:
            return is_known
        is_said = (event.identifier, entry.line or 0) in self._seen_places
        of_class = (event.facts.get(SCOPE, ""), entry.line or 0)
        is_direct = not event.frames and of_class in self._seen_places
        self._seen_places |= {(event.identifier, entry.line or 0), of_class}
        is_of_macro = any("note: expanded from macro" in line for line in event.detail)
        return is_known and (is_said or not (is_direct or is_of_macro))


def _is_framed(joined: bytes, start: int, end: int, before: bool) -> bool:
    """Whether what stands at the end is a lit test's output, in which ``[1/3]`` is no status line of the build's."""
    at = joined.rfind(b"\n" + _FRAME, start, end)
    framed = before if at < 0 else joined.startswith(b" TEST '", at + 1 + len(_FRAME))
    return framed and joined.find(b"\nFAILED: ", max(at, start), end) < 0


def _is_noise(line: str) -> bool:
    """Source lines, carets and candidates behind an error whose like was shown before."""
    if line[:1] == " ":
        return "rror" not in line
    return ": note: " in line and "nstantiat" not in line and "requested" not in line


def _is_context(line: str) -> bool:
    """Whether the line introduces messages behind it: includes, the function, the instantiation."""
    if line.startswith(_INTRODUCTIONS) or "   required " in line or "   recursively required " in line:
        return True
    if ": in function " in line or (line.startswith(('File "', "In ")) and IN_FRONT.match(line)):
        return True
    return line[-1:] == ":" and (": In " in line or ": At " in line or IN_FRONT.match(line) is not None)
