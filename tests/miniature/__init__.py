"""A miniature of llvm-project and a downstream of it, to test the whole gate on in seconds."""

from tests.miniature.culprits import CONFIGURATIONS, CULPRITS, FLAVOURS, STAGES, Culprit, Expected, expected
from tests.miniature.history import (
    DEFAULT_PLAN,
    STEPS,
    Miniature,
    create,
    create_synthetic,
    isolated,
    spread,
)
from tests.miniature.specials import CARRIED_PATCH, SPECIALS

__all__ = [
    "CARRIED_PATCH",
    "CONFIGURATIONS",
    "CULPRITS",
    "DEFAULT_PLAN",
    "FLAVOURS",
    "SPECIALS",
    "STAGES",
    "STEPS",
    "Culprit",
    "Expected",
    "Miniature",
    "create",
    "create_synthetic",
    "expected",
    "isolated",
    "spread",
]
