"""A component's edits as a patch with a message, and the ``[[carry]]`` table that carries it until it is there."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_llvmgate.config.toml_lines import quoted
from pytest_llvmgate.fix.cure_commits import message_of_cause
from pytest_llvmgate.fix.outcome import Cause
from pytest_llvmgate.kinds.facts import CULPRIT

_WEEKS: Final = 4
"""That a carry is proposed for: long enough for a review, short enough to be asked for again."""


def as_mail(diff: str, causes: Sequence[Cause]) -> str:
    """The diff as ``git am``, ``git apply`` and a ``[[carry]]`` take it."""
    subject, parts = "Follow LLVM", [message_of_cause(cause) for cause in causes]
    if len(parts) == 1:
        subject, _, parts[0] = parts[0].partition("\n")
    # A line of a message must not look like the beginning of a diff.
    body = "\n".join(parts).strip().replace("\n--- ", "\n - ").replace("\ndiff --git", "\n diff --git")
    head = f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nSubject: [PATCH] {subject}\n\n"
    return f"{head}{body}\n---\n{diff}" if body else f"{head}---\n{diff}"


def carry_table(component: str, file: str, causes: Sequence[Cause], today: datetime.date) -> str:
    """The table for ``llvmgate.toml``, for the patch copied to ``file``."""
    return "\n".join(_table(component, file, causes, today)) + "\n"


def _table(component: str, file: str, causes: Sequence[Cause], today: datetime.date) -> Iterator[str]:
    reason = "; ".join(dict.fromkeys(cause.finding.headline for cause in causes))
    yield "[[carry]]"
    yield f"name = {quoted(re.sub(r'[^A-Za-z0-9_.-]+', '-', component).strip('-') + '-follows-llvm')}"
    yield f"component = {quoted(component)}"
    yield f"reason = {quoted(f'it has not followed LLVM yet: {reason}'[:300])}"
    yield f"patches = [{quoted(file)}]"
    yield f"until = {today + datetime.timedelta(weeks=_WEEKS)}"
    culprits = dict.fromkeys(cause.finding.facts.get(CULPRIT, "") for cause in causes)
    if len(culprits) == 1 and (sha := next(iter(culprits))):
        yield f"cause = {quoted(sha)}"
