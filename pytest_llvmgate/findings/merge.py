"""The same finding in several logs, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pytest_llvmgate.findings.causes import ranked
from pytest_llvmgate.model import Finding


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings with equal keys as one, with all its configurations and places; most important first."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        known = found.get(finding.key)
        found[finding.key] = finding if known is None else _joined(known, finding)
    return ranked(found.values())


def _joined(first: Finding, other: Finding) -> Finding:
    return replace(
        first,
        configurations=tuple(dict.fromkeys((*first.configurations, *other.configurations))),
        locations=tuple(dict.fromkeys((*first.locations, *other.locations))),
        sites=max(first.sites, other.sites),
        advice=tuple(dict.fromkeys((*first.advice, *other.advice))),
        facts={**other.facts, **first.facts},
    )
