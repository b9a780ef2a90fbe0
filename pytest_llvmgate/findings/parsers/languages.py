"""Compilers of other languages, each with a form of its own for the place: Rust, Go, Nim, OCaml, Crystal, Java ..."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_llvmgate.findings.events import Event, LineParser, View, summary
from pytest_llvmgate.findings.parsers.absent import is_about_the_machine, tells_status
from pytest_llvmgate.findings.parsers.compiler_messages import missed_of_c_api, normalise
from pytest_llvmgate.kinds.catalogue import API_REMOVED, COMPILE_ERROR, TOOL_ERROR
from pytest_llvmgate.kinds.facts import FORM, NAME
from pytest_llvmgate.model import Location

_PLACED: Final = re.compile(
    r"^(?:(?:\[error\] )?\s*+(?P<go>[^\s:()]++(?:(?<=\.go)|(?<=\.scala))):(?P<line>\d++)(?::(?P<column>\d++))?:"
    r" (?P<message>(?!(?:fatal )?error: |warning: |note: )\S.*)"
    r"|(?P<java>[^\s:]++(?<=\.java)):(?P<line5>\d++): error: (?P<message5>.*)"
    r"|(?P<nim>[^\s:()]++(?<=\.nim))\((?P<line2>\d++), (?P<column2>\d++)\) Error: (?P<message2>.*)"
    r"|e: (?:file://)?(?P<kotlin>[^\s:]++): ?\(?(?P<line3>\d++)[:,] ?(?P<column3>\d++)\)?:? (?P<message3>.*)"
    r"|\[ERROR\] (?P<maven>[^\s:]++):\[(?P<line4>\d++),(?P<column4>\d++)\] (?P<message4>.*))$"
)
_RUST: Final = re.compile(r"^error\[E\d++\]: (?P<message>.*)$")
_RUSTS_PLACE: Final = re.compile(r"^ {1,8}--> (?P<path>.{1,1000}?):(?P<line>\d++):(?P<column>\d++)$")
_CGO: Final = re.compile(r"^could not determine (?:kind of name for|what) C\.\w++")
_SAID: Final = re.compile(r"^(?:Fatal )?Error(?: \([^()]{1,80}\))?: (?P<message>.*)$")
IN_FRONT: Final = re.compile(
    r"^(?:File \"(?P<ocaml>[^\"\n]++)\", lines? (?P<line>\d++)(?:-\d++)?, characters (?P<column>\d++)"
    r"|In (?P<crystal>[^\s:]++(?<=\.cr)):(?P<line2>\d++):(?P<column2>\d++)$"
    r"|(?P<fortran>[^\s:]++):(?P<line3>\d++):(?P<column3>\d++):$)"
)
"""Where some compilers say the place: above the source line that they show, and the message below that."""

NUMBERED: Final = re.compile(r"\d+ \| ")
"""A source line that they show, which begins with its number."""


class LanguageParser(LineParser):
    """A place in a source file that is none of C or C++, and what is wrong there."""

    name = "language"
    markers = (".go:", ".scala:", ".nim(", "e: ", "[ERROR] ", "rror[E", "rror: ", "rror (", "could not determine ")

    def parse(self, text: str, view: View) -> Event | None:
        if match := _PLACED.match(text):
            place, message = _parts(match)
            return summary(TOOL_ERROR, "status", text) if tells_status(message) else _about(message, place)
        if match := _RUST.match(text):
            return _about(match["message"], None)
        if _CGO.match(text):
            return _about(text, None)
        said = _SAID.match(text) if view.before else None
        in_front = IN_FRONT.match(view.before[0]) if said else None
        return _about(said["message"], _parts(in_front)[0]) if said and in_front else None

    def continues(self, event: Event, text: str) -> bool:
        """Numbered source lines, too."""
        return super().continues(event, text) or NUMBERED.match(text) is not None

    def finish(self, event: Event) -> Sequence[Event]:
        """Rustc tells the place in the line behind, javac the name."""
        if event.message == "cannot find symbol" and event.detail:
            named = next((line for line in event.detail if "symbol:" in line), "")
            whole = _about(f"{event.message} {' '.join(named.split())}", event.place)
            event.kind, event.identifier, event.message, event.facts = (
                whole.kind, whole.identifier, whole.message, whole.facts
            )  # fmt: skip
        match = next((match for line in event.detail[:2] if (match := _RUSTS_PLACE.match(line))), None)
        if match is not None and event.place is None:
            event.place = _place(match["path"], match["line"], match["column"])
        return (event,)


def _parts(match: re.Match[str]) -> tuple[Location, str]:
    """The place and the message, if it has one, of whichever form it is."""
    path, line, *others = (group for group in match.groups() if group is not None)
    column = others.pop(0) if others and others[0].isdecimal() else None
    return _place(path, line, column), others[0] if others else ""


def _place(path: str, line: str, column: str | None) -> Location:
    return Location(path=path.replace("\\", "/"), line=int(line), column=int(column) if column else None)


def _about(message: str, place: Location | None) -> Event:
    """An error of a binding that misses a function of LLVM's C API is about that, any other about the code."""
    if not (name := missed_of_c_api(message)):
        facts = {FORM: "absent" if is_about_the_machine(message) else "other"}
        return Event(kind=COMPILE_ERROR, identifier=normalise(message), message=message, place=place, facts=facts)
    facts = {FORM: "undeclared", NAME: name}
    return Event(kind=API_REMOVED, identifier=name, message=message, place=place, facts=facts)
