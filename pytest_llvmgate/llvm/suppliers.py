"""The suppliers: what produces a toolchain prefix for (candidate, flavour). One module for each: ``from_<kind>``."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol, cast

from pytest_llvmgate.config.load import shown
from pytest_llvmgate.config.settings import Config, RevisionRule, SupplierKind
from pytest_llvmgate.errors import SupplyError, ToolError
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, names_revision, verify_revision
from pytest_llvmgate.llvm.supply import Request, Supply, cached
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.model import Revision


class Supplier(Protocol):
    """What the module of a supplier has."""

    MAKES_ANY: bool
    """It can make the LLVM of any commit, in time."""

    def supply(self, config: Config, request: Request) -> Supply:
        """Get the LLVM, making it if need be. Raises ``SupplyError`` or ``ToolError``."""

    def identities(
        self, config: Config, revision: Revision, flavour: str, toolchain: Callable[[], Toolchain] | None
    ) -> tuple[dict[str, str], ...]:
        """What the keys of the cache's entries for a commit and flavour are made from; empty where it has none."""

    def supplied(
        self, config: Config, shas: Sequence[str], flavour: str, toolchain: Callable[[], Toolchain]
    ) -> frozenset[str]:
        """The commits among ``shas`` whose LLVM is there."""


@cache
def supplier(kind: SupplierKind) -> Supplier:
    """The module of a supplier, imported when it is asked for."""
    return cast("Supplier", importlib.import_module(f"pytest_llvmgate.llvm.from_{kind}"))


def supply(config: Config, request: Request) -> Supply:
    """Get and verify the LLVM that the config's supplier has for the candidate.

    Raises :class:`SupplyError` or :class:`ToolError` with what is missing and what to do.
    """
    if config.llvm.supplier is None:
        raise SupplyError(
            "no supplier is configured: expected a table [llvm] that says where the LLVM comes from",
            where=shown(config.path),
            hint='add [llvm] with supplier = "prefix" and prefix = "/path/to/llvm-install", or supplier = "wheels"',
        )
    found = supplier(config.llvm.supplier).supply(config, request)
    rule, candidate, tagged = config.llvm.revision, request.candidate, config.llvm.tagged
    remark = verify_revision(found.prefix, candidate.sha, rule, name=candidate.name, tagged=tagged)
    remarks = "; ".join(filter(None, (found.remark, remark)))
    return replace(found, remark=remarks)


def identities(
    config: Config, revision: Revision, flavour: str, toolchain: Callable[[], Toolchain] | None
) -> tuple[dict[str, str], ...]:
    """What the keys of the cache's entries for a commit and flavour are made from; empty where it has none.

    Raises :class:`SupplyError` and :class:`ToolError`.
    """
    if config.llvm.supplier is None:
        return ()
    return supplier(config.llvm.supplier).identities(config, revision, flavour, toolchain)


def knows_whose(config: Config) -> bool:
    """Whether an install is one commit's, by its place or its own word; else it is the candidate's alone, on trust."""
    is_users = config.llvm.supplier is SupplierKind.PREFIX and not names_revision(config.llvm.prefix)
    return not is_users or config.llvm.revision is RevisionRule.RECORDED


def at_hand(
    config: Config,
    revision: Revision,
    flavour: str,
    toolchain: Callable[[], Toolchain] | None = None,
    *,
    trusted: bool = False,
) -> ToolchainPrefix | None:
    """The verified install of a commit if it is there already; None when it would have to be made, or is not right.

    An install that records no revision is taken on trust for the commit that the user asks to gate, ``trusted``. It is
    another commit's only where the configuration says which install is whose.
    """
    if config.llvm.supplier is None:
        return None
    from pytest_llvmgate.llvm import from_prefix

    rule = config.llvm.revision if trusted or knows_whose(config) else RevisionRule.RECORDED
    try:
        if config.llvm.supplier is SupplierKind.PREFIX:
            prefix = from_prefix.installed(config, revision, flavour)
        else:  # what the others have made or fetched lies in the cache
            prefix = cached(identities(config, revision, flavour, toolchain))
        verify_revision(prefix, revision.sha, rule, name=revision.name, tagged=config.llvm.tagged)
    except (SupplyError, ToolError):
        return None
    return prefix
