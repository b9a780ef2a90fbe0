"""The supplier ``prefix``: installs that the user keeps."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.load import fill, shown
from pytest_llvmgate.config.settings import Config, RevisionRule
from pytest_llvmgate.config.user_paths import user_path
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm import shared
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, names_revision, read_prefix, verify_revision
from pytest_llvmgate.llvm.supply import Request, Supply, cached, derived
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.model import Revision

MAKES_ANY: Final = False


def supply(config: Config, request: Request) -> Supply:
    """The install, or the shared flavour derived from it."""
    root = _prefix_root(config, request.candidate, request.flavour)
    if (static := _static_prefix(config, request.candidate, request.flavour)) is None:
        return Supply(prefix=read_prefix(root), origin=f"prefix {shown(root)}", was_there=True)
    found = read_prefix(static)
    verify_revision(found, request.candidate.sha, config.llvm.revision)
    made = shared.prefix_identity(found)
    # By the install's own word, not the candidate's: one that records nothing is the same under any commit's name.
    entry, remark = shared.from_install(found.revision, made, lambda: found, request, owned=False)
    return derived(entry, remark, f"prefix {shown(static)}")


def _static_prefix(config: Config, revision: Revision, flavour: str) -> Path | None:
    """The install that the flavour is derived from; None where the user supplies the flavour itself."""
    root = _prefix_root(config, revision, flavour)
    if not shared.wanted(config, flavour):
        return None
    if "{flavour}" in config.llvm.prefix:
        static = _prefix_root(config, revision, shared.STATIC)
        return static if static.is_dir() and not root.exists() else None
    return root if shared.is_static(read_prefix(root)) else None


def _prefix_root(config: Config, revision: Revision, flavour: str) -> Path:
    if "{tag}" in config.llvm.prefix and not revision.name:
        raise SupplyError(
            f"llvm.prefix = {config.llvm.prefix!r} needs a tag, and {revision.short} has none in [llvm.tags]"
        )
    values = {"sha": revision.sha, "short": revision.short, "tag": revision.name, "flavour": flavour}
    return Path(os.path.normpath(user_path(fill(config.llvm.prefix, values), root=config.root, key="llvm.prefix")))


def installed(config: Config, revision: Revision, flavour: str) -> ToolchainPrefix:
    """The user's install that is there, or what the cache has derived from it. Raises ``SupplyError``."""
    static = _static_prefix(config, revision, flavour)
    if static is None:
        return read_prefix(_prefix_root(config, revision, flavour))
    found = read_prefix(static)
    return cached([shared.identity(found.revision, shared.prefix_identity(found))])


def identities(
    config: Config, revision: Revision, flavour: str, toolchain: Callable[[], Toolchain] | None
) -> tuple[dict[str, str], ...]:
    """An install is no entry of the cache."""
    return ()


def supplied(config: Config, shas: Sequence[str], flavour: str, toolchain: Callable[[], Toolchain]) -> frozenset[str]:
    """The commits among ``shas`` whose install is there: an install that may be anybody's must say whose it is."""
    return frozenset(sha for sha in shas if _is_there(config, Revision(sha=sha, name=config.llvm.tag_of(sha)), flavour))


def _is_there(config: Config, revision: Revision, flavour: str) -> bool:
    try:
        root = _prefix_root(config, revision, flavour)
        if not names_revision(config.llvm.prefix):  # else it is verified when it is used
            verify_revision(read_prefix(root), revision.sha, RevisionRule.RECORDED)
    except SupplyError:
        return False
    return root.is_dir()
