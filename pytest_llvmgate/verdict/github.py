"""The verdict in GitHub's own places: annotations on the downstream's lines.

Format and limits: GitHub Docs, "Workflow commands for GitHub Actions" (10 annotations of a kind per step).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Final

from pytest_llvmgate.model import NOTE, Finding, StageResult, Verdict
from pytest_llvmgate.printable import cleaned
from pytest_llvmgate.verdict.problems import is_excused, message_of

_MOST: Final = 10


def workflow_commands(verdict: Verdict) -> Iterator[str]:
    """Workflow commands, root causes first; each must be printed at the start of a line."""
    verdict = cleaned(verdict)
    errors = [_of_finding(finding, verdict) for finding in verdict.findings]
    errors += [_of_result(result) for result in verdict.failed if not result.findings]
    yield from errors[:_MOST]
    notes = [result.facts[NOTE] for result in verdict.results if NOTE in result.facts]
    notes += [*verdict.notes, *verdict.patterns]
    yield from (_command("notice", {"title": "llvmgate"}, note) for note in notes[:_MOST])


def _of_finding(finding: Finding, verdict: Verdict) -> str:
    title = f"{finding.kind} against LLVM {verdict.candidate.short}"
    level = "warning" if is_excused(finding, verdict) else "error"
    return _command(level, {"title": title, **_place(finding)}, message_of(finding, verdict))


def _place(finding: Finding) -> Mapping[str, str]:
    """The first place inside the downstream: GitHub shows annotations on the repository's own files alone."""
    for location in finding.locations:
        if not PurePath(location.path).is_absolute() and not location.path.startswith(".llvmgate"):
            line = {"line": str(location.line)} if location.line else {}
            column = {"col": str(location.column)} if location.line and location.column else {}
            return {"file": location.path, **line, **column}
    return {}


def _of_result(result: StageResult) -> str:
    place = {name: result.facts[name] for name in ("file", "line") if result.facts.get(name)}
    return _command("error", {"title": result.node, **place}, result.reason)


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    shown = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items())
    return f"::{name} {shown}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """Percent-encode what would end a command or a property."""
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text
