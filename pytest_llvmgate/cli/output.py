"""What a command prints, on its way out: nothing of it controls the terminal, nothing is a CI service's command."""

from __future__ import annotations

import argparse
import json
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from os import fstat
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

from pytest_llvmgate.printable import in_ci, printable, without_commands

if TYPE_CHECKING:
    from pytest_llvmgate.model import Finding

_OWN_COLOURS: Final = re.compile(r"(\x1b\[(?:[012]|3[1-3])(?:;(?:[012]|3[1-3]))?m)")
_BEGINS_A_COMMAND: Final = re.compile("#(?=#)|(?<=section_start):|(?<=section_end):|(?<=travis_fold):")


class Output:
    """A text stream before another: whole lines pass through ``fit``. Everything else is the other stream's."""

    def __init__(self, stream: TextIO, fit: Callable[[str], str]) -> None:
        self._stream = stream
        self._fit = fit
        self._begun: list[str] = []

    def write(self, text: str) -> int:
        """Pass on the lines that are whole; keep the rest until they are."""
        whole, newline, rest = text.rpartition("\n")
        if newline:
            self._stream.write(self._fit("".join((*self._begun, whole))) + newline)
            self._begun = []
        if rest:
            self._begun.append(rest)
        return len(text)

    def flush(self) -> None:
        """Pass on what is there."""
        if self._begun:
            begun, self._begun = "".join(self._begun), []
            self._stream.write(self._fit(begun))
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def tell_service(commands: Iterable[str]) -> None:
    """Write commands of the gate's own to the CI service that reads standard output; their words are escaped."""
    stream = sys.stdout
    stream.flush()
    behind = stream._stream if isinstance(stream, Output) else stream
    behind.write("".join(f"{command}\n" for command in commands))


def show(arguments: argparse.Namespace, data: object, lines: Iterable[str]) -> None:
    """Print an answer: its data (a dataclass, or plain values) where ``--json`` asks for them, else its lines."""
    if arguments.json:
        from pytest_llvmgate.codec import dumps

        sys.stdout.write(dumps(data))
        return
    for line in lines:
        print(line)


def told(findings: Iterable[Finding]) -> Iterator[str]:
    """What a prediction has found, as lines for people."""
    for finding in findings:
        place = f"{finding.locations[0]}: " if finding.locations else ""
        owner = f" [{finding.component}]" if finding.component else ""
        yield f"{place}{finding.headline}{owner}"
        yield from (f"    {line}" for line in finding.evidence)
        yield from (f"    -> {line}" for line in finding.advice)


@contextmanager
def guarded_output(*, as_json: bool = False, verbatim: bool = False) -> Iterator[None]:
    """Standard output and error of one command.

    ``as_json``: the output is JSON, in which everything can be said by escapes. ``verbatim``: a patch, which has to
    stay as it is on its way to a file or a program.
    """
    before = sys.stdout, sys.stderr
    fit = _json if as_json else _text(sys.stdout)
    verbatim = verbatim and is_exact()
    guards = (
        sys.stdout if verbatim else cast("TextIO", Output(sys.stdout, fit)),
        cast("TextIO", Output(sys.stderr, _text(sys.stderr))),
    )
    sys.stdout, sys.stderr = guards
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for guard in guards:
            with suppress(OSError, ValueError):  # told by whoever flushed before
                guard.flush()


def _text(stream: TextIO) -> Callable[[str], str]:
    read_by_ci = in_ci() and not _is_file(stream)
    has_colours = stream.isatty()

    def fit(text: str) -> str:
        parts = _OWN_COLOURS.split(text) if has_colours else [text]
        text = "".join(part if number % 2 else printable(part) for number, part in enumerate(parts))
        return without_commands(text) if read_by_ci else text

    return fit


def is_exact() -> bool:
    """Whether a patch on standard output arrives as it is: a terminal and a CI service would obey what is in it."""
    return _is_file(sys.stdout) or not (in_ci() or sys.stdout.isatty())


def _is_file(stream: TextIO) -> bool:
    """Whether the stream leads into a file, which no CI service reads line by line."""
    try:
        return stat.S_ISREG(fstat(stream.fileno()).st_mode)
    except (OSError, ValueError, AttributeError):
        return False


def _json(text: str) -> str:
    """The same JSON: what does not print, and what begins a command, said by escapes (RFC 8259, section 7)."""
    text = _BEGINS_A_COMMAND.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    return character if character.isprintable() or character in "\n\t" else json.dumps(character)[1:-1]
