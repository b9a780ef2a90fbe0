"""The supplier ``wheels``: Python packages that hold an LLVM."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.load import shown
from pytest_llvmgate.config.settings import Config, WheelSet
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import SupplyError, ToolError
from pytest_llvmgate.llvm import shared
from pytest_llvmgate.llvm.prefix_cache import Cache
from pytest_llvmgate.llvm.supply import Request, Supply, derived, of_entry
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.llvm.wheel_records import contradictions
from pytest_llvmgate.model import Revision
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text
from pytest_llvmgate.process.environment import command_environment
from pytest_llvmgate.process.run import describe_command, run

MAKES_ANY: Final = False
_VERSION: Final = "1"
"""Part of the cache key: raised when the supplier lays out its entries otherwise."""


def supply(config: Config, request: Request) -> Supply:
    """The wheels of the candidate, installed into the cache, or the shared flavour derived from them."""
    wheels = _choose_wheels(config, request)
    if not _is_derived(config, wheels, request.flavour):
        return _installed(wheels, request)
    asked = _identity_from_wheels(config, wheels, request.flavour)
    if Cache(cache_root()).find(asked) is None:
        static = _installed(wheels, request)
        if not shared.is_static(static.prefix):
            return static
    entry, remark = shared.from_install(
        wheels.revision, _wheels_identity(wheels), lambda: _installed(wheels, request).prefix, request, owned=True
    )
    return derived(entry, remark, "wheels")


def _choose_wheels(config: Config, request: Request) -> WheelSet:
    of_revision = [wheels for wheels in config.llvm.wheels if wheels.revision == request.candidate.sha]
    for wheels in of_revision:
        if _serves(config, wheels, request.flavour):
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


def _serves(config: Config, wheels: WheelSet, flavour: str) -> bool:
    """Whether wheels give an LLVM of the flavour: as they are, or by deriving it."""
    return not wheels.flavours or flavour in wheels.flavours or _is_derived(config, wheels, flavour)


def _is_derived(config: Config, wheels: WheelSet, flavour: str) -> bool:
    """Whether the flavour is derived from these wheels: no shared LLVM is said to be in them."""
    has_static = not wheels.flavours or shared.STATIC in wheels.flavours
    return shared.wanted(config, flavour) and flavour not in wheels.flavours and has_static


def _identity_from_wheels(config: Config, wheels: WheelSet, flavour: str) -> dict[str, str]:
    own = _wheels_identity(wheels)
    return shared.identity(wheels.revision, own) if _is_derived(config, wheels, flavour) else own


def _wheels_identity(wheels: WheelSet) -> dict[str, str]:
    return {
        "supplier": "wheels",
        "supplier-version": _VERSION,
        "sha": wheels.revision,
        "requirements": "\n".join(wheels.requirements),
        "platform": f"{sys.platform}-{platform.machine()}",
    }


def _installed(wheels: WheelSet, request: Request) -> Supply:
    entry = Cache(cache_root()).provide(
        _wheels_identity(wheels), lambda directory: _install_wheels(directory, wheels, request), on_wait=request.on_wait
    )
    return of_entry(entry, f"wheels ({'from the cache' if entry.hit else 'installed'})")


def _install_wheels(directory: Path, wheels: WheelSet, request: Request) -> None:
    requirements = directory / "llvmgate-requirements.txt"
    requirements.write_text("".join(f"{line}\n" for line in wheels.requirements), encoding="utf-8")
    # Wheels only: a source distribution would run code of its own here.
    common = ["--no-deps", "--only-binary=:all:", "--target", str(directory), "-r", str(requirements)]
    command = [*_installer(), *common]
    done = run(command, cwd=directory, env=command_environment(), log=request.log, timeout=request.timeout)
    if not done.ok:
        raise SupplyError(
            f"the wheels could not be installed ({done.ending}): {_last_line(request.log)}",
            where=str(request.log),
            hint=f"try it by hand: {describe_command(command)}",
        )
    if problem := next(contradictions(directory), ""):
        raise SupplyError(
            f"the wheels are damaged: {problem}",
            where=str(request.log),
            hint="run again; if it says so again, memory, the disk or the wheel itself is at fault",
        )


def _installer() -> Sequence[str]:
    if importlib.util.find_spec("pip") is not None:
        # -I: the downstream's checkout, the current directory, must not offer a pip of its own.
        return (sys.executable, "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-compile")
    if uv := shutil.which("uv"):
        return (uv, "pip", "install", "--python", sys.executable)
    raise ToolError(f"expected pip in {sys.prefix} or uv on PATH, found neither", hint=f"{sys.executable} -m ensurepip")


def _last_line(log: Path) -> str:
    lines = read_plain_text(log, LARGEST_MADE).strip().splitlines()
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["it printed nothing"])[-1]


def identities(
    config: Config, revision: Revision, flavour: str, toolchain: Callable[[], Toolchain] | None
) -> tuple[dict[str, str], ...]:
    """What the keys of the cache's entries for a commit and flavour are made from."""
    served = [each for each in config.llvm.wheels if each.revision == revision.sha]
    return tuple(_identity_from_wheels(config, each, flavour) for each in served if _serves(config, each, flavour))


def supplied(config: Config, shas: Sequence[str], flavour: str, toolchain: Callable[[], Toolchain]) -> frozenset[str]:
    """The commits among ``shas`` that wheels are configured for."""
    served = {each.revision for each in config.llvm.wheels if _serves(config, each, flavour)}
    return frozenset(served.intersection(shas))
