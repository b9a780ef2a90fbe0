"""The suppliers: what produces a toolchain prefix for (candidate, flavour)."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.load import fill, shown
from pytest_llvmgate.config.schema import Config, SupplierKind, WheelSet
from pytest_llvmgate.errors import SupplyError, ToolError
from pytest_llvmgate.llvm import source
from pytest_llvmgate.llvm.cache import Cache, Entry, cache_root
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix, verify_revision
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.model import Revision
from pytest_llvmgate.process.run import describe_command, run

_WHEELS_SUPPLIER_VERSION: Final = "1"
"""Part of the cache key: raised when the supplier lays out its entries otherwise."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a supplier."""

    candidate: Revision
    flavour: str
    log: Path
    timeout: float
    """Seconds."""
    on_wait: Callable[[str], None]
    """Told, in words, what is being waited for."""
    toolchain: Callable[[], Toolchain] | None = None
    """Finds what a source build takes; asked only when one is needed."""


@dataclass(frozen=True, kw_only=True)
class Supply:
    """A verified toolchain prefix, and how it came."""

    prefix: ToolchainPrefix
    origin: str
    """In words, for the report: ``wheels (cached)``, ``prefix /opt/llvm``."""
    remark: str = ""
    saved: float = 0.0
    """Seconds that the cache saved."""


def supply(config: Config, request: Request) -> Supply:
    """Get and verify the LLVM that the config's supplier has for the candidate.

    Raises :class:`SupplyError` or :class:`ToolError` with what is missing and what to do.
    """
    suppliers = {
        SupplierKind.PREFIX: _from_prefix,
        SupplierKind.WHEELS: _from_wheels,
        SupplierKind.SOURCE: _from_source,
    }
    if config.llvm.supplier is None:
        raise SupplyError(
            "no supplier is configured: expected a table [llvm] that says where the LLVM comes from",
            where=shown(config.path),
            hint='add [llvm] with supplier = "prefix" and prefix = "/path/to/llvm-install", or supplier = "wheels"',
        )
    found = suppliers[config.llvm.supplier](config, request)
    remark = verify_revision(found.prefix, request.candidate.sha, config.llvm.revision)
    remarks = "; ".join(filter(None, (found.remark, remark)))
    return Supply(prefix=found.prefix, origin=found.origin, remark=remarks, saved=found.saved)


def _from_prefix(config: Config, request: Request) -> Supply:
    root = _prefix_root(config, request.candidate, request.flavour)
    return Supply(prefix=read_prefix(root), origin=f"prefix {shown(root)}")


def _prefix_root(config: Config, revision: Revision, flavour: str) -> Path:
    if "{tag}" in config.llvm.prefix and not revision.name:
        raise SupplyError(
            f"llvm.prefix = {config.llvm.prefix!r} needs a tag, and {revision.short} has none in [llvm.tags]"
        )
    values = {"sha": revision.sha, "short": revision.short, "tag": revision.name, "flavour": flavour}
    return Path(os.path.normpath(config.root / Path(fill(config.llvm.prefix, values)).expanduser()))


def _from_source(config: Config, request: Request) -> Supply:
    if request.toolchain is None:
        raise SupplyError("a source build takes a toolchain, and none was given")
    built = source.provide(
        config,
        request.candidate.sha,
        request.flavour,
        request.toolchain(),
        log=request.log,
        timeout=request.timeout,
        on_wait=request.on_wait,
    )
    made = "an interrupted build, taken up" if built.resumed else "built"
    return Supply(
        prefix=read_prefix(built.entry.path),
        origin=f"source ({'from the cache' if built.entry.hit else made})",
        remark=built.remark,
        saved=_saved(built.entry),
    )


def identities(
    config: Config, revision: Revision, flavour: str, toolchain: Callable[[], Toolchain] | None
) -> tuple[dict[str, str], ...]:
    """What the keys of the cache's entries for a commit and flavour are made from; empty where it has none.

    Raises :class:`SupplyError` and :class:`ToolError`.
    """
    if config.llvm.supplier is SupplierKind.WHEELS:
        served = [each for each in config.llvm.wheels if each.revision == revision.sha]
        return tuple(_wheels_identity(each) for each in served if not each.flavours or flavour in each.flavours)
    if config.llvm.supplier is SupplierKind.SOURCE and toolchain is not None:
        return (source.identity(config, revision.sha, flavour, toolchain()),)
    return ()


def _from_wheels(config: Config, request: Request) -> Supply:
    wheels = _choose_wheels(config, request)
    entry = Cache(cache_root()).provide(
        _wheels_identity(wheels),
        lambda directory: _install_wheels(directory, wheels, request),
        on_wait=request.on_wait,
    )
    return Supply(
        prefix=read_prefix(entry.path),
        origin=f"wheels ({'from the cache' if entry.hit else 'installed'})",
        saved=_saved(entry),
    )


def _wheels_identity(wheels: WheelSet) -> dict[str, str]:
    return {
        "supplier": "wheels",
        "supplier-version": _WHEELS_SUPPLIER_VERSION,
        "sha": wheels.revision,
        "requirements": "\n".join(wheels.requirements),
        "platform": f"{sys.platform}-{platform.machine()}",
    }


def at_hand(
    config: Config, revision: Revision, flavour: str, toolchain: Callable[[], Toolchain] | None = None
) -> ToolchainPrefix | None:
    """The verified install of a commit if it is there already; None when it would have to be made, or is not right."""
    try:
        if config.llvm.supplier is SupplierKind.PREFIX:
            prefix = read_prefix(_prefix_root(config, revision, flavour))
        else:
            cache = Cache(cache_root())
            entries = [cache.find(identity) for identity in identities(config, revision, flavour, toolchain)]
            prefix = read_prefix(next(entry.path for entry in entries if entry is not None))
        verify_revision(prefix, revision.sha, config.llvm.revision)
    except (SupplyError, ToolError, StopIteration):
        return None
    return prefix


def _saved(entry: Entry) -> float:
    return entry.info.duration if entry.hit else 0.0


def _choose_wheels(config: Config, request: Request) -> WheelSet:
    of_revision = [wheels for wheels in config.llvm.wheels if wheels.revision == request.candidate.sha]
    for wheels in of_revision:
        if not wheels.flavours or request.flavour in wheels.flavours:
            return wheels
    if of_revision:
        raise SupplyError(
            f"expected wheels of {request.candidate} for the flavour {request.flavour!r}, found none",
            where=f"{shown(config.path)}:{of_revision[0].line}",
            hint="add the flavour to 'flavours' of these wheels, or a further [[llvm.wheels]] table",
        )
    known = ", ".join(str(Revision(sha=wheels.revision, name=wheels.tag)) for wheels in config.llvm.wheels)
    raise SupplyError(
        f"expected wheels of LLVM {request.candidate.sha}, found wheels of {known or 'no commit at all'}",
        where=shown(config.path),
        hint="add a [[llvm.wheels]] table for it, or choose one of these commits",
    )


def _install_wheels(directory: Path, wheels: WheelSet, request: Request) -> None:
    requirements = directory / "llvmgate-requirements.txt"
    requirements.write_text("".join(f"{line}\n" for line in wheels.requirements), encoding="utf-8")
    # Wheels only: a source distribution would run code of its own here.
    common = ["--no-deps", "--only-binary=:all:", "--target", str(directory), "-r", str(requirements)]
    command = [*_installer(), *common]
    done = run(command, cwd=directory, env=os.environ, log=request.log, timeout=request.timeout)
    if not done.ok:
        raise SupplyError(
            f"the wheels could not be installed ({done.ending}): {_last_line(request.log)}",
            where=str(request.log),
            hint=f"try it by hand: {describe_command(command)}",
        )


def _installer() -> Sequence[str]:
    if importlib.util.find_spec("pip") is not None:
        # -I: the downstream's checkout, the current directory, must not offer a pip of its own.
        return (sys.executable, "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-compile")
    if uv := shutil.which("uv"):
        return (uv, "pip", "install", "--python", sys.executable)
    raise ToolError(
        f"expected pip in {sys.prefix} or uv on PATH, found neither",
        hint=f"{sys.executable} -m ensurepip",
    )


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["it printed nothing"])[-1]
