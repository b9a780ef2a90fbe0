"""The one order of causes, and the one way to make one cause of the same finding in several places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Final, TypeVar

from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import TextForm, Tier
from pytest_llvmgate.kinds.facts import FACTS, FAILED_EDGES, NOT_FROM_THIS_BUMP, PREDICTED_BY, SUCCESSOR
from pytest_llvmgate.model import Confidence, Finding, Layer

_SAY_LITTLE: Final = frozenset({Tier.OTHERS, Tier.OUTPUT})
"""Behind such words that call a machine's something, there may be anybody's."""
_T = TypeVar("_T")
_CERTAINTY: Final = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.GUESS)
_OF_ALL: Final = frozenset({NOT_FROM_THIS_BUMP, PREDICTED_BY})
"""Facts of a merged finding only where each of its findings has them: one that is new, or was built, is so for good."""


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings with equal keys as one, which has the places, advice and facts of all; most important first."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.key, []).append(finding)
    return ranked(reduce(_joined, same) for same in found.values())


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Most important first: what a maintainer gains by mending it.

    What the baseline has, too, is last. The machine and the checkout come before code, because nothing behind them
    counts. Then the cause that blocks the most, by doublings, and has the most places, by fours; among these the
    certain before the probable, and what comes first in a build. What nobody understands is behind all that
    somebody does.
    """
    return tuple(sorted(findings, key=_rank))


def _rank(finding: Finding) -> tuple[int, ...]:
    tier = kind_of(finding.kind).tier
    is_rest = finding.identifier == finding.kind  # of several causes that have findings of their own
    configurations = max(1, len(finding.configurations))
    return (
        NOT_FROM_THIS_BUMP in finding.facts,
        not (tier is Tier.SURROUNDINGS or (finding.layer is Layer.MACHINE and tier not in _SAY_LITTLE)),
        finding.confidence is Confidence.GUESS,
        is_rest,
        -(_blocked(finding) * configurations).bit_length(),
        -(((finding.sites * configurations).bit_length() + 1) // 2),
        _CERTAINTY.index(finding.confidence),
        tier,
        -configurations,
        finding.log_line or 0,
    )


def _blocked(finding: Finding) -> int:
    """How much waits for it in one configuration: failed edges, or places where the log does not tell edges."""
    edges = finding.facts.get(FAILED_EDGES, "")
    return int(edges) if edges.isdecimal() and int(edges) else finding.sites


def _joined(one: Finding, other: Finding) -> Finding:
    """Both as one. What was built says more than what was predicted, and what came first more than what came later."""
    if PREDICTED_BY in one.facts and PREDICTED_BY not in other.facts:
        one, other = other, one
    owner = one if one.layer is not Layer.UNKNOWN else other
    return replace(
        one,
        layer=owner.layer,
        component=owner.component,
        configurations=_union(one.configurations, other.configurations),
        locations=_union(one.locations, other.locations),
        evidence=one.evidence or other.evidence,
        sites=max(one.sites, other.sites),
        confidence=min(one.confidence, other.confidence, key=_CERTAINTY.index),
        advice=one.advice if _foretold(one, other) else _union(one.advice, other.advice),
        facts=_joined_facts(one.facts, other.facts),
    )


def _foretold(one: Finding, other: Finding) -> bool:
    """Whether the other says before the build what the first says after it: each knows a successor of its own."""
    return PREDICTED_BY not in one.facts and PREDICTED_BY in other.facts and SUCCESSOR in one.facts and bool(one.advice)


def _union(one: Iterable[_T], other: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _joined_facts(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    names = [name for name in _union(one, other) if name not in _OF_ALL or (name in one and name in other)]
    return {name: _joined_fact(name, one.get(name, ""), other.get(name, "")) for name in names}


def _joined_fact(name: str, one: str, other: str) -> str:
    """Lists are put together and counts are those of the larger; anything else is the first one's."""
    form = FACTS[name].form if name in FACTS else TextForm.TEXT
    if not one or not other or one == other:
        return one or other
    if form in {TextForm.NAMES, TextForm.LINES}:
        separator = ", " if form is TextForm.NAMES else "\n"
        return separator.join(_union(one.split(separator), other.split(separator)))
    if form is TextForm.NUMBER and one.isdecimal() and other.isdecimal():
        return str(max(int(one), int(other)))
    return one
