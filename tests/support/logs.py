"""A log as it is pasted, without a context: what the gate finds in it."""

from __future__ import annotations

from pytest_llvmgate.findings import diagnose
from pytest_llvmgate.model import Finding


def findings(log: str) -> tuple[Finding, ...]:
    """All that is found."""
    return diagnose([log.encode()]).findings


def only(log: str) -> Finding:
    """The one thing that is found."""
    (finding,) = findings(log)
    return finding
