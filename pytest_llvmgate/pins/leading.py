"""Which pin leads: what a project is on is what its first pin says. One judgement for tables, history and bumps.

The configuration's order is its word on it; :mod:`pytest_llvmgate.pins.places` puts what is found into that order. A
pin of the project itself leads one inside a component; a pin that is ignored, or of another group, never leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from pytest_llvmgate.config.settings import PinSpec, Policy

T = TypeVar("T")


def is_own(spec: PinSpec) -> bool:
    """Whether the downstream's own commit says it, with no component in between."""
    return spec.is_direct or (not spec.file and not spec.through)


def leaders(
    items: Iterable[T], *, spec: Callable[[T], PinSpec], own: Callable[[T], bool], group: str = ""
) -> tuple[T, ...]:
    """What speaks for a project, the first first: its own pins, or all where it has none, given the spec of each."""
    compared = [one for one in items if spec(one).policy is not Policy.IGNORE and spec(one).group == group]
    return tuple(one for one in compared if own(one)) or tuple(compared)
