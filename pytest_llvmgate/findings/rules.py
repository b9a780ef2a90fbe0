"""Rules that need nothing but the findings: a downstream's own advice."""

from __future__ import annotations

from dataclasses import replace

from pytest_llvmgate.config.settings import AdviceSpec
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.model import Finding
from pytest_llvmgate.user_expression import is_found


def add_advice(findings: tuple[Finding, ...], context: DiagnosisContext) -> tuple[Finding, ...]:
    """Put what ``[[advice]]`` says in front of what the gate says itself: the project's own word counts more."""
    if not context.advice:
        return findings
    return tuple(_advised(finding, context.advice) for finding in findings)


def _advised(finding: Finding, advice: tuple[AdviceSpec, ...]) -> Finding:
    own = tuple(text for one in advice if (text := _own_word(finding, one)))
    return replace(finding, advice=(*own, *finding.advice)) if own else finding


def _own_word(finding: Finding, advice: AdviceSpec) -> str:
    try:
        return _text(advice) if matches(finding, advice.match) else ""
    except GateError as error:  # a diagnosis is worth more than the advice
        return f"[[advice]]: {error.problems[0].message}"


def _text(advice: AdviceSpec) -> str:
    return f"{advice.text} ({advice.link})" if advice.link else advice.text


def matches(finding: Finding, pattern: str) -> bool:
    """Whether the expression is found in the headline, the kind, the identifier, or a line of evidence.

    Raises ``GateError`` when to search takes too long.
    """
    texts = (finding.headline, finding.kind, finding.identifier, *finding.evidence)
    return any(is_found(pattern, text) for text in texts)
