"""The suppliers: what produces a toolchain prefix for (candidate, flavour)."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.load import fill, shown
from pytest_llvmgate.config.settings import Config, SupplierKind, WheelSet
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import SupplyError, ToolError
from pytest_llvmgate.llvm import shared, source
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix, verify_revision
from pytest_llvmgate.llvm.prefix_cache import Cache, Entry
from pytest_llvmgate.llvm.relink import RelinkError
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
    if (static := _static_prefix(config, request.candidate, request.flavour)) is None:
        return Supply(prefix=read_prefix(root), origin=f"prefix {shown(root)}")
    found = read_prefix(static)
    verify_revision(found, request.candidate.sha, config.llvm.revision)
    made = shared.prefix_identity(found)
    entry, remark = shared.from_install(request.candidate.sha, made, lambda: found, _work(request), owned=False)
    return _derived(entry, remark, f"prefix {shown(static)}")


def _static_prefix(config: Config, revision: Revision, flavour: str) -> Path | None:
    """The install that the flavour is derived from; None where the user supplies the flavour itself."""
    root = _prefix_root(config, revision, flavour)
    if not shared.wanted(config, flavour):
        return None
    if "{flavour}" in config.llvm.prefix:
        static = _prefix_root(config, revision, shared.STATIC)
        return static if static.is_dir() and not root.exists() else None
    return root if shared.is_static(read_prefix(root)) else None


def _work(request: Request) -> shared.Work:
    if request.toolchain is None:
        raise SupplyError("the shared flavour is linked with a toolchain, and none was given")
    return shared.Work(toolchain=request.toolchain(), log=request.log, timeout=request.timeout, on_wait=request.on_wait)


def _derived(entry: Entry, remark: str, origin: str) -> Supply:
    how = "derived (from the cache)" if entry.hit else "derived"
    return Supply(prefix=read_prefix(entry.path), origin=f"{how} from {origin}", remark=remark, saved=_saved(entry))


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
    if not shared.source_wanted(config, request.flavour):
        return _built(config, request, request.toolchain())
    try:
        found = shared.from_source(config, request.candidate.sha, _work(request))
    except RelinkError as error:
        request.on_wait("building the shared flavour in full")
        full = _built(config, request, request.toolchain())
        return replace(
            full, remark="; ".join(filter(None, (full.remark, f"built in full: {error.problems[0].message}")))
        )
    remark = "; ".join(filter(None, (source.patches_remark(config, request.candidate.sha), found.remark)))
    return _derived(found.entry, remark, "source")


def _built(config: Config, request: Request, toolchain: Toolchain) -> Supply:
    built = source.provide(
        config,
        request.candidate.sha,
        request.flavour,
        toolchain,
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
        return tuple(_identity_from_wheels(config, each, flavour) for each in served if serves(config, each, flavour))
    if config.llvm.supplier is SupplierKind.SOURCE and toolchain is not None:
        if shared.source_wanted(config, flavour):
            return (shared.source_identity(config, revision.sha, toolchain()),)
        return (source.identity(config, revision.sha, flavour, toolchain()),)
    return ()


def serves(config: Config, wheels: WheelSet, flavour: str) -> bool:
    """Whether wheels give an LLVM of the flavour: as they are, or by deriving it."""
    return not wheels.flavours or flavour in wheels.flavours or _is_derived(config, wheels, flavour)


def _is_derived(config: Config, wheels: WheelSet, flavour: str) -> bool:
    """Whether the flavour is derived from these wheels: no shared LLVM is said to be in them."""
    return shared.wanted(config, flavour) and flavour not in wheels.flavours and _has_static(wheels)


def _has_static(wheels: WheelSet) -> bool:
    return not wheels.flavours or shared.STATIC in wheels.flavours


def _identity_from_wheels(config: Config, wheels: WheelSet, flavour: str) -> dict[str, str]:
    own = _wheels_identity(wheels)
    return shared.identity(wheels.revision, own) if _is_derived(config, wheels, flavour) else own


def _from_wheels(config: Config, request: Request) -> Supply:
    wheels = _choose_wheels(config, request)
    if not _is_derived(config, wheels, request.flavour):
        return _installed(wheels, request)
    asked = _identity_from_wheels(config, wheels, request.flavour)
    if Cache(cache_root()).find(asked) is None:
        static = _installed(wheels, request)
        if not shared.is_static(static.prefix):
            return static
    entry, remark = shared.from_install(
        wheels.revision,
        _wheels_identity(wheels),
        lambda: _installed(wheels, request).prefix,
        _work(request),
        owned=True,
    )
    return _derived(entry, remark, "wheels")


def _installed(wheels: WheelSet, request: Request) -> Supply:
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
            prefix = _prefix_at_hand(config, revision, flavour)
        else:
            cache = Cache(cache_root())
            entries = [cache.find(identity) for identity in identities(config, revision, flavour, toolchain)]
            prefix = read_prefix(next(entry.path for entry in entries if entry is not None))
        verify_revision(prefix, revision.sha, config.llvm.revision)
    except (SupplyError, ToolError, StopIteration):
        return None
    return prefix


def _prefix_at_hand(config: Config, revision: Revision, flavour: str) -> ToolchainPrefix:
    static = _static_prefix(config, revision, flavour)
    if static is None:
        return read_prefix(_prefix_root(config, revision, flavour))
    made = shared.identity(revision.sha, shared.prefix_identity(read_prefix(static)))
    if (entry := Cache(cache_root()).find(made)) is None:
        raise SupplyError(f"expected the shared flavour of {static} in the cache, it is not there yet")
    return read_prefix(entry.path)


def _saved(entry: Entry) -> float:
    return entry.info.duration if entry.hit else 0.0


def _choose_wheels(config: Config, request: Request) -> WheelSet:
    of_revision = [wheels for wheels in config.llvm.wheels if wheels.revision == request.candidate.sha]
    for wheels in of_revision:
        if serves(config, wheels, request.flavour):
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
