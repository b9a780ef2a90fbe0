"""The verdict as a comment for a pull request: Markdown behind a marker, by which a later run finds and replaces it."""

from __future__ import annotations

from typing import Final

from pytest_llvmgate.model import Verdict
from pytest_llvmgate.verdict import markdown

MARKER: Final = "<!-- llvmgate: verdict -->"
_LIMIT: Final = 60_000
"""Bytes. GitHub takes 65,536 characters in a comment."""


def render(verdict: Verdict) -> str:
    """The marker, and below it as much of the verdict as a comment holds."""
    return f"{MARKER}\n{markdown.render(verdict, limit=_LIMIT)}"
