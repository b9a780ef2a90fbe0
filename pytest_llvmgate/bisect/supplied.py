"""For which commits an LLVM is there already, can be made, or cannot be had."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.llvm.suppliers import supplier
from pytest_llvmgate.stages.build_tools import toolchain_on_path

CACHED_COST: Final = 0.3
"""Of judging a commit whose LLVM is there, where building one costs 1."""
_NEAR_COST: Final = 0.9
_NEAR: Final = 16
"""Commits from one that was built, within which most objects come out of the compiler cache."""


@dataclass(frozen=True)
class Supplied:
    """What is known of the LLVMs of some commits."""

    at_hand: frozenset[str]
    """Full SHAs whose LLVM is there, in every flavour that is needed."""
    makes_any: bool
    """The supplier makes the others; otherwise they cannot be judged."""

    def has(self, sha: str) -> bool:
        """Whether this commit can be judged at all, as far as is known."""
        return self.makes_any or sha in self.at_hand

    def costs(self, shas: Iterable[str], more: Iterable[str] = ()) -> Callable[[int], float]:
        """What judging each position costs. ``more`` are commits whose LLVM has been made since."""
        there = {*self.at_hand, *more}
        known = {position for position, sha in enumerate(shas) if sha in there}
        near = {position + away for position in known for away in range(-_NEAR, _NEAR + 1)}

        def cost(position: int) -> float:
            if position in known:
                return CACHED_COST
            return _NEAR_COST if position in near else 1.0

        return cost


def find_supplied(config: Config, shas: Iterable[str], flavours: Iterable[str]) -> Supplied:
    """Look for the LLVM of every commit of ``shas`` in every one of ``flavours``.

    Raises what the supplier raises for a setting that is wrong.
    """
    wanted, needed = list(shas), list(flavours)
    if config.llvm.supplier is None or not needed:
        return Supplied(frozenset(), makes_any=True)
    kind = supplier(config.llvm.supplier)
    there = [kind.supplied(config, wanted, flavour, this_toolchain) for flavour in needed]
    return Supplied(frozenset.intersection(*there), makes_any=kind.MAKES_ANY)


this_toolchain: Final = cache(toolchain_on_path)
"""What this machine builds LLVM with, as the gate would; asked once. Raises ``ToolError``."""
