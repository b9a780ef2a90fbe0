"""Rules that need nothing but the findings: a downstream's own advice."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from pytest_llvmgate.findings.context import Advice, DiagnosisContext
from pytest_llvmgate.model import Finding


def add_advice(findings: tuple[Finding, ...], context: DiagnosisContext) -> tuple[Finding, ...]:
    """Put what ``[[advice]]`` says in front of what the gate says itself: the project's own word counts more."""
    if not context.advice:
        return findings
    return tuple(_advised(finding, context.advice) for finding in findings)


def _advised(finding: Finding, advice: tuple[Advice, ...]) -> Finding:
    own = tuple(_text(one) for one in advice if matches(finding, one.match))
    return replace(finding, advice=(*own, *finding.advice)) if own else finding


def _text(advice: Advice) -> str:
    return f"{advice.text} ({advice.link})" if advice.link else advice.text


def matches(finding: Finding, pattern: str) -> bool:
    """Whether the expression is found in the headline, the kind, the identifier, or a line of evidence."""
    expression = _compiled(pattern)
    texts = (finding.headline, finding.kind, finding.identifier, *finding.evidence)
    return any(expression.search(text) for text in texts)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
