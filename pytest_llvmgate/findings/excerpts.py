"""What an excerpt says in plain words, where no parser knew a message in it: people cut logs to what they see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Scan
from pytest_llvmgate.findings.lines import plain_quotes
from pytest_llvmgate.findings.parsers.absent import REPORT, absent_thing, is_only_status, lacking_llvm, say_absent
from pytest_llvmgate.findings.parsers.cmake import without_head
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.kinds.catalogue import CMAKE_PACKAGE, IR_ERROR

_LOOKED_AT: Final = 500
"""Characters of a line that are looked at."""
_MOST_LINES: Final = 4
"""Lines that a sentence takes."""
_CLEAR: Final = re.compile(
    r"(?i:\berror\b)(?: \w{1,12}){0,8} ?:(?: *\S|$)|\b[A-Z]\w{2,40}(?:Error|Exception): \S"
    r"|: (?:No such file or directory|command not found|Permission denied)$|^FAILED: |^==\d{1,9}==(?!WARNING)\S"
)
"""A line that says of itself that something is wrong, whoever printed it."""
_PLAIN: Final = re.compile(
    r"(?i)\b(?:failed|cannot|can't|couldn't|could not|unable to|not found|no such|no suitable|unsupported|not supported"
    r"|undefined|unhandled|unknown|invalid|incompatible|mismatch(?:ed)?|refused|denied|aborted"
    r"|not (?:recognized|installed|available)"
    r"|do(?:es)?(?: not|n't) (?:exist|match|support|have|fit))\b"
)
"""English for the same."""
_HARMLESS: Final = re.compile(
    r"(?i)^(?:\d{1,9} warnings? and )?\d{1,9} errors? generated\b"
    r"|\b(?:0|no) (?:errors?|failures?|failed)\b|\b0 tests? failed|expected failures?|\bbad exit status from\b"
)


def absence(scan: Scan) -> Event | None:
    """That LLVM, or something else, is not there or does not serve, said in a sentence of nobody's that is known."""
    if (event := without_head(scan.tail)) is not None:
        event.line += scan.before_tail
        return event
    lines = [plain_quotes(line.strip()) for line in scan.tail]
    for number, line in enumerate(lines):
        name = "" if REPORT.match(line) else lacking_llvm(line) or absent_thing(line)
        if name:
            said = " ".join(_sentence(lines[number : number + _MOST_LINES]))
            at = scan.before_tail + number + 1
            text = scan.tail[number]
            event = Event(kind=CMAKE_PACKAGE, identifier=name, message=said, line=at, text=text, certain=False)
            say_absent(event, name)
            return event
    return None


_VALUE: Final = re.compile(
    r"(?:[%@][\w.$\"-]+(?: = |$)|(?:i\d+|ptr|void|half|float|double|label|metadata|[{<\[]).{0,400}[%@][\w\".])"
)
"""A value of LLVM's IR, as its verifier shows it below what it says."""


def rejected(scan: Scan) -> Event | None:
    """What LLVM's verifier says, in whatever words: a sentence, and below it the value that it is about."""
    for number, (line, below) in enumerate(zip(scan.tail, scan.tail[1:], strict=False)):
        if _VALUE.match(below.lstrip()) and re.match(r"[A-Z][a-z]+ .{4,200}$", line.strip()) and "=" not in line:
            said, at = plain_quotes(line.strip()), scan.before_tail + number + 1
            return Event(kind=IR_ERROR, identifier=normalise(said), message=said, line=at, text=line, certain=False)
    return None


def _sentence(lines: Sequence[str]) -> Sequence[str]:
    """Its lines, up to the full stop or an empty one."""
    for number, line in enumerate(lines):
        if not line:
            return lines[:number]
        if line.endswith((".", "!")):
            return lines[: number + 1]
    return lines[:1] if len(lines[0]) < _SHORT else lines


_SHORT: Final = 40
"""A line without a full stop that is shorter was not wrapped."""


def complaint(tail: Sequence[str], *, plainly: bool) -> str:
    """The line that says what is wrong: the first that calls itself an error, else (``plainly``) one in plain words."""
    serious = [line for line in tail if not (_HARMLESS.search(line[:_LOOKED_AT]) or is_only_status(line))]
    clear = _called_error(serious)
    told = [line for line in serious if not REPORT.match(line.strip())]
    plain = next((line for line in told if plainly and _PLAIN.search(line[:_LOOKED_AT])), "")
    return clear or plain or _before_status(tail)


def wrapper(tail: Sequence[str], *, plainly: bool) -> str:
    """What says that something else failed: by name, or no more than (``plainly``) that it ended."""
    left = (line for line in tail if plainly and _LEFT.search(line[:_LOOKED_AT]))
    return _called_error(tail) or next(left, "")


def _called_error(lines: Sequence[str]) -> str:
    """The first line that calls itself an error, or is one by its form."""
    said = [line for line in lines if _CLEAR.search(line[:_LOOKED_AT])]
    return next((line for line in said if not _NAME.search(line)), next(iter(said), ""))


_NAME: Final = re.compile(r"rror: [\w-]+$")
"""An error that is called by a name, and that is all."""


_LEFT: Final = re.compile(
    r"(?i)\bBUILD FAILED\b|\bexit(?:ed)?(?: with)?(?: (?:code|status|signal))?:? (?:ExitFailure )?\(?-?[1-9]"
)
"""That a command ended with a status other than zero, and nothing else."""


def _before_status(lines: Sequence[str]) -> str:
    """What was printed last in front of the first word on how a command ended; empty where that is all there is."""
    end = next((number for number, line in enumerate(lines) if is_only_status(line)), 0)
    said = (line for line in reversed(lines[:end]) if line.strip() and not _COMMAND.match(line.lstrip()))
    last = next(said, "")
    return "" if _ANNOUNCED.match(last) or REPORT.match(last.strip()) or _HARMLESS.search(last[:_LOOKED_AT]) else last


_COMMAND: Final = re.compile(r"[$>] |\+{1,9} ")
"""How shells show what they run."""
_ANNOUNCED: Final = re.compile(r"[^A-Za-z]{0,20}[A-Z][a-z]{1,20}ing\b")
"""What is to be done next, and says nothing of how it went."""
