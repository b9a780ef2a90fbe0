"""The verdict in GitHub's own places: annotations on the downstream's lines.

Format and limits: GitHub Docs, "Workflow commands for GitHub Actions" (10 annotations of a kind per step).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Final

from pytest_llvmgate.model import NOTE, Verdict
from pytest_llvmgate.printable import cleaned
from pytest_llvmgate.verdict.problems import ReportedProblem, problems

_MOST: Final = 10


def workflow_commands(verdict: Verdict) -> Iterator[str]:
    """Workflow commands, root causes first; each must be printed at the start of a line."""
    verdict = cleaned(verdict)
    yield from (_of_problem(problem, verdict) for problem in itertools.islice(problems(verdict), _MOST))
    notes = [result.facts[NOTE] for result in verdict.results if NOTE in result.facts]
    notes += [*verdict.notes, *verdict.patterns]
    yield from (_command("notice", {"title": "llvmgate"}, note) for note in notes[:_MOST])


def _of_problem(problem: ReportedProblem, verdict: Verdict) -> str:
    line = problem.place.line
    place = {"file": problem.place.path, "line": line, "col": problem.place.column if line else None}
    title = f"{problem.kind} against LLVM {verdict.candidate.short}"
    properties = {"title": title, **{name: str(value) for name, value in place.items() if value}}
    return _command("warning" if problem.excused else "error", properties, problem.message)


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    shown = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items())
    return f"::{name} {shown}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """Percent-encode what would end a command or a property."""
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text
