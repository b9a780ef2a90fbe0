"""The flavour ``shared`` where nobody supplies one: derived from the static install, once, into the cache."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.settings import Config, SupplierKind
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.llvm import source
from pytest_llvmgate.llvm.derive import VERSION, Truth, derive
from pytest_llvmgate.llvm.exports import export_files, read_exports
from pytest_llvmgate.llvm.flavours import options
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix
from pytest_llvmgate.llvm.prefix_cache import Cache, CachedLlvm, entry_key
from pytest_llvmgate.llvm.relink import RelinkError, Relinking
from pytest_llvmgate.llvm.same_objects import CONFIG_HEADER, Builds, difference
from pytest_llvmgate.llvm.supply import Request
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.plain_file import text_of
from pytest_llvmgate.platform_facts import has_elf

SHARED: Final = "shared"
STATIC: Final = "static"
_REMARK_FILE: Final = "llvmgate-derived.txt"
"""In an entry: what was derived, and what is not certain."""


def wanted(config: Config, flavour: str) -> bool:
    """Whether a flavour is one to derive. ELF only: other linkers have no ``--whole-archive``."""
    return flavour == SHARED and config.llvm.derive and has_elf()


def is_static(prefix: ToolchainPrefix) -> bool:
    """Whether LLVM's own libraries are archives in an install."""
    return any(each.is_static for each in read_exports(prefix.llvm_dir, prefix.llvm_root).values())


def identity(sha: str, static: dict[str, str]) -> dict[str, str]:
    """What the key of a derived entry is made from: that of the static one; ``sha`` is what that records, if any."""
    return {
        "supplier": "derived",
        "supplier-version": VERSION,
        "sha": sha,
        "flavour": SHARED,
        "from": "\n".join(f"{name}={value}" for name, value in sorted(static.items()) if name != "sha"),
    }


def prefix_identity(prefix: ToolchainPrefix) -> dict[str, str]:
    """What tells an install of the user's from another one at the same place: sizes and times of what is relinked."""
    digest = hashlib.sha256()
    for directory, root in prefix.places:
        archives = [each.location for each in read_exports(directory, root).values() if each.is_static]
        for path in (*export_files(directory), *(path for path in archives if path is not None and path.is_file())):
            status = path.stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return {"supplier": "prefix", "prefix": str(prefix.llvm_root), "content": digest.hexdigest()}


def from_install(
    sha: str, static: dict[str, str], prefix: Callable[[], ToolchainPrefix], request: Request, *, owned: bool
) -> tuple[CachedLlvm, str]:
    """The derived entry, and the remark on it: from wheels, or from a prefix. Raises :class:`SupplyError`."""
    cache, asked = Cache(cache_root()), identity(sha, static)
    tree = cache.root / "building" / entry_key(asked)

    def make(directory: Path) -> None:
        _announce(request, sha)
        source.describe(tree, asked)
        static = prefix()
        derived = derive(static, directory, _relinking(request, tree, static), owned=owned)
        write_atomically(directory / _REMARK_FILE, f"{derived.remark}\n")

    entry = source.cached_build(cache, asked, make, tree, request)
    return entry, _remark(entry.path)


def _announce(request: Request, sha: str) -> None:
    request.on_wait(f"deriving the shared flavour of {f'LLVM {sha[:12]}' if sha else 'LLVM'} from the static one")


def _relinking(request: Request, tree: Path, static: ToolchainPrefix) -> Relinking:
    return Relinking(
        directory=tree / "relink",
        toolchain=request.tools,
        packages={"LLVM_DIR": static.llvm_dir, **({"MLIR_DIR": static.mlir_dir} if static.mlir_dir else {})},
        log=request.log,
        timeout=request.timeout,
    )


def _remark(entry: Path) -> str:
    return text_of(entry / _REMARK_FILE).strip()


# -- from source --------------------------------------------------------------------------------------------------


def source_wanted(config: Config, flavour: str) -> bool:
    """Whether a source build of the flavour is derived: from a static one that is asked for anyway.

    Only where the two differ in nothing but the kind of library.
    """
    if not wanted(config, flavour) or config.llvm.supplier is not SupplierKind.SOURCE or STATIC not in config.flavours:
        return False
    static, shared = options(config.llvm.source, STATIC), options(config.llvm.source, SHARED)
    return {**static, "BUILD_SHARED_LIBS": "ON"} == shared


def source_identity(config: Config, sha: str, toolchain: Toolchain) -> dict[str, str]:
    """What the key of a derived source build is made from. Raises :class:`SupplyError`."""
    return identity(sha, source.identity(config, sha, STATIC, toolchain))


def from_source(config: Config, request: Request) -> tuple[CachedLlvm, str]:
    """The derived entry of a commit, and the remark on it; the static one is built first if need be.

    Raises :class:`RelinkError` when the objects do not serve, and what a source build raises.
    """
    cache, asked = Cache(cache_root()), source_identity(config, request.candidate.sha, request.tools)
    if (entry := cache.find(asked)) is not None:
        return entry, _remark(entry.path)
    static, _ = source.provide(config, replace(request, flavour=STATIC))
    job = replace(source.prepare(config, request), identity=asked)
    entry = source.cached_build(
        cache, asked, lambda directory: _make(job, static.path, directory, request), job.tree, request
    )
    return entry, _remark(entry.path)


def _make(job: source.SourceBuild, install: Path, directory: Path, request: Request) -> None:
    """Configure a shared tree, never to be compiled: it says what would be compiled, linked and handed on."""
    _announce(request, job.sha)
    source.configured(job)
    static = read_prefix(install)
    reason = _difference(job, install, static)
    if reason:
        raise RelinkError(f"the shared flavour cannot be derived: {reason}")
    installed = source.install_packages(job)
    true = Truth(packages=_packages_of(installed), config_header=job.build / CONFIG_HEADER)
    derived = derive(static, directory, _relinking(request, job.tree, static), true=true, owned=True)
    write_atomically(directory / _REMARK_FILE, f"{derived.remark}\n")


def _difference(job: source.SourceBuild, install: Path, static: ToolchainPrefix) -> str:
    """Why a shared build would not compile what the static one has compiled; empty when it would."""
    archives = [each.name for place in static.places for each in read_exports(*place).values() if each.is_static]
    builds = Builds(
        static=install, build=job.build, source=job.source, tree=job.tree, cxx=job.toolchain.cxx, env=job.toolchain.env
    )
    try:
        return difference(builds, archives)
    except GateError as error:
        return error.problems[0].message


def _packages_of(root: Path) -> ToolchainPrefix:
    """The CMake packages alone: what they name is not there yet."""
    found = {name: next(iter(sorted(root.glob(f"lib*/cmake/{name}"))), None) for name in ("llvm", "mlir")}
    if found["llvm"] is None:
        raise RelinkError(
            "the shared flavour cannot be derived: a shared tree of this LLVM installs no CMake package by itself",
            where=os.fspath(root),
        )
    return ToolchainPrefix(llvm_dir=found["llvm"], mlir_dir=found["mlir"])
