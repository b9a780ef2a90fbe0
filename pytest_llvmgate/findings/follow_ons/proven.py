"""What follows from another error, as the log proves: taken out as a whole, and counted there."""

from __future__ import annotations

from pytest_llvmgate.findings.follow_ons import (
    absences,
    broken_declarations,
    broken_interfaces,
    crashes,
    downloads,
    neighbours,
)
from pytest_llvmgate.findings.groups import Scan


def drop(scan: Scan) -> None:
    """Take out the groups that follow from others. A later step sees what the earlier ones left."""
    broken_declarations.drop(scan)
    broken_interfaces.drop(scan)
    crashes.drop(scan)
    absences.drop(scan)
    downloads.drop(scan)
    neighbours.drop(scan)
