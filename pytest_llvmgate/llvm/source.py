"""The supplier ``source``: any commit of llvm-project, built once per machine, resumed when interrupted.

``building/<key>`` of the cache keeps the work tree and the build tree until the install is whole; a run that was ended
in between, in whatever way, is taken up there by the next one. ninja redoes what a kill cut off: an output without an
entry in its log counts as not made.
"""

from __future__ import annotations

import platform
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.carry.carried import Patch, llvm_patches
from pytest_llvmgate.codec import dumps, write_atomically
from pytest_llvmgate.config.settings import Config, RevisionRule
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.exports import Imported, private, read_exports
from pytest_llvmgate.llvm.flavours import DISTRIBUTION, PACKAGE_COMPONENTS, options, projects
from pytest_llvmgate.llvm.prefix import read_prefix, verify_revision
from pytest_llvmgate.llvm.prefix_cache import BUILD_FILE, Cache, CachedLlvm, EntryInfo, entry_key
from pytest_llvmgate.llvm.same_objects import COMMANDS, write_commands
from pytest_llvmgate.llvm.source_tree import Sources, check_out
from pytest_llvmgate.llvm.supply import Request
from pytest_llvmgate.llvm.toolchain import Toolchain, find_launcher, start_server
from pytest_llvmgate.process.memory import GIB, available_memory, fitting, own_cores
from pytest_llvmgate.process.run import Completed, run

_SUPPLIER_VERSION: Final = "2"
"""Part of the cache key: raised when the supplier builds or lays out its entries otherwise."""
_CONFIGURED: Final = "llvmgate-configured"
_FLAGS: Final = ("CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS")
_C_COMPILERS: Final = (("clang++", "clang"), ("g++", "gcc"), ("c++", "cc"))
_REPOSITORY: Final = "llvm-project"
_WITHOUT_DEBUG_INFO: Final = ("Release", "MinSizeRel")
_LINKER: Final = 2 * GIB
_LINKER_WITH_DEBUG_INFO: Final = 12 * GIB
"""What linking one of LLVM's programs takes; LLVM's own page "Building LLVM with CMake" says 15 GB with gold."""

_MACHINE: Final = re.compile(
    rb"(?P<disk>No space left on device|Disk quota exceeded)"
    rb"|Killed signal terminated program|virtual memory exhausted|Cannot allocate memory|out of memory"
)
"""What the C library, GCC and LLVM print when it is the machine that fails."""
_TOO_LITTLE: Final = 16 << 20
"""Free bytes with which nothing of LLVM is built. Not all programs say that the disk was full: CMake may end with 0."""

_ADVICE: Final = {
    "configure": "if the log blames an option, mend [llvm.source]; else choose a neighbouring commit",
    "build": "the downstream has no part in this: choose a neighbouring commit, or mend it by a [[carry]]",
}


class BrokenLlvmError(SupplyError):
    """LLVM itself does not build at the candidate."""

    def __init__(self, message: str, *, stage: str, source: Path, build: Path, log: Path, returncode: int) -> None:
        super().__init__(message, where=str(log), hint=_ADVICE.get(stage, _ADVICE["build"]))
        self.stage = stage
        self.source = source
        self.build = build
        self.returncode = returncode


@dataclass(frozen=True, kw_only=True)
class SourceBuild:
    """One source build, with all that it takes."""

    config: Config
    sha: str
    flavour: str
    toolchain: Toolchain
    log: Path
    deadline: float
    """Monotonic seconds."""
    on_wait: Callable[[str], None]
    cache: Cache
    patches: tuple[Patch, ...]
    options: Mapping[str, str]
    identity: Mapping[str, str]

    @property
    def tree(self) -> Path:
        """Where it is built."""
        return self.cache.root / "building" / entry_key(self.identity)

    @property
    def source(self) -> Path:
        """The work tree."""
        return self.tree / "source"

    @property
    def build(self) -> Path:
        """CMake's build directory."""
        return self.tree / "build"

    @property
    def entry(self) -> Path:
        """Where it will be installed."""
        return self.cache.root / "entries" / entry_key(self.identity)

    @property
    def remaining(self) -> float:
        """Seconds until the deadline."""
        return max(1.0, self.deadline - time.monotonic())


def identity(config: Config, sha: str, flavour: str, toolchain: Toolchain) -> dict[str, str]:
    """Everything that the install depends on: what the cache's key is made from. Raises :class:`SupplyError`."""
    chosen, store = options(config.llvm.source, flavour), config.llvm.source.store
    made_of = {
        "supplier": "source",
        "supplier-version": _SUPPLIER_VERSION,
        "sha": sha,
        "flavour": flavour,
        "patches": "\n".join(patch.digest for patch in llvm_patches(config, sha)),
        "options": "\n".join(f"{name}={value}" for name, value in sorted(chosen.items())),
        "flags": "\n".join(f"{name}={toolchain.env[name]}" for name in _FLAGS if toolchain.env.get(name)),
        "compiler": f"{toolchain.cxx}: {toolchain.compiler}",
        "platform": f"{sys.platform}-{platform.machine()}",
    }
    # What a store has is believed where that store is named: a change that names another fills none of these entries.
    return made_of | ({"store": store} if store else {})


def provide(config: Config, request: Request) -> tuple[CachedLlvm, bool]:
    """The LLVM of a commit and flavour, from the cache or built now; whether that took up an interrupted build.

    Raises :class:`BrokenLlvmError`, :class:`PatchError <pytest_llvmgate.carry.applying.PatchError>`, and
    :class:`SupplyError` or :class:`ToolError` for what is missing.
    """
    job = prepare(config, request)
    resumed: list[bool] = []
    entry = cached_build(
        job.cache, job.identity, lambda directory: resumed.append(_make(job, directory)), job.tree, request
    )
    return entry, any(resumed)


def cached_build(
    cache: Cache, identity: Mapping[str, str], make: Callable[[Path], None], tree: Path, request: Request
) -> CachedLlvm:
    """The entry of the cache, made if it is not there; of ``tree``, in which it is made, nothing is kept then."""
    entry = cache.provide(identity, make, on_wait=request.on_wait, check=read_prefix)
    if not entry.hit:
        with cache.lock(entry.info.key, request.on_wait):
            cache.discard(tree)
    return entry


def prepare(config: Config, request: Request) -> SourceBuild:
    """A source build as it would be done; nothing is done yet. Raises :class:`SupplyError`."""
    sha, flavour = request.candidate.sha, request.flavour
    return SourceBuild(
        config=config,
        sha=sha,
        flavour=flavour,
        toolchain=request.tools,
        log=request.log,
        deadline=time.monotonic() + request.timeout,
        on_wait=request.on_wait,
        cache=Cache(cache_root()),
        patches=llvm_patches(config, sha),
        options=options(config.llvm.source, flavour),
        identity=identity(config, sha, flavour, request.tools),
    )


def patches_remark(config: Config, sha: str) -> str:
    """``base X + 2 carried``; empty without patches."""
    count = len(llvm_patches(config, sha))
    return f"base {sha[:12]} + {count} carried" if count else ""


def _make(job: SourceBuild, directory: Path) -> bool:
    """Build and install into ``directory``; whether an earlier attempt was taken up."""
    resumed = configured(job)
    job = replace(job, toolchain=replace(job.toolchain, env=_environment(job)))
    _build(job)
    _install(job, directory)
    verify_revision(read_prefix(directory), job.sha, RevisionRule.RECORDED)
    write_commands(job.build, job.tree, directory / COMMANDS)
    return resumed


def configured(job: SourceBuild) -> bool:
    """Bring the work tree and the build tree to where a build can start; whether an earlier attempt had."""
    describe(job.tree, job.identity)
    there = check_out(_sources(job), job.source, job.cache)
    resumed = there and (job.tree / _CONFIGURED).is_file()
    if resumed:
        job.on_wait(f"taking up the build of LLVM {job.sha[:12]} ({job.flavour}) where it was interrupted")
    else:
        _configure(replace(job, toolchain=replace(job.toolchain, env=_environment(job))))
    return resumed


def describe(tree: Path, identity: Mapping[str, str]) -> None:
    """Write into the tree of a build what is being made there."""
    tree.mkdir(parents=True, exist_ok=True)
    info = EntryInfo(key=entry_key(identity), identity=identity, made=time.time())
    write_atomically(tree / BUILD_FILE, dumps(info))


def _sources(job: SourceBuild) -> Sources:
    return Sources(
        address=job.config.llvm.source.repository or job.config.llvm.repository,
        root=job.config.root,
        sha=job.sha,
        patches=job.patches,
        projects=projects(job.options),
        log=job.log,
        timeout=job.remaining,
        on_wait=job.on_wait,
    )


def _environment(job: SourceBuild) -> dict[str, str]:
    """Paths below the build's directory become relative for the launcher, so that different builds share its hits."""
    tree = str(job.tree)
    return {**job.toolchain.env, "CCACHE_BASEDIR": tree, "CCACHE_NOHASHDIR": "1", "SCCACHE_BASEDIRS": tree}


def cmake_arguments(job: SourceBuild) -> list[str]:
    """The ``-D`` arguments of the configure."""
    own = {
        "CMAKE_INSTALL_PREFIX": str(job.entry),
        "CMAKE_MAKE_PROGRAM": job.toolchain.ninja,
        "CMAKE_CXX_COMPILER": job.toolchain.cxx,
        "CMAKE_EXPORT_COMPILE_COMMANDS": "ON",
        # What git says is the candidate, too: patches are not committed. These hold where LLVM cannot ask git.
        "LLVM_FORCE_VC_REVISION": job.sha,
        "LLVM_FORCE_VC_REPOSITORY": _REPOSITORY,
    }
    if (links := _links_at_once(job.options, is_farm=job.config.build.jobs is not None)) is not None:
        own["LLVM_PARALLEL_LINK_JOBS"] = str(links)
    if c_compiler := _c_compiler(job.toolchain):
        own["CMAKE_C_COMPILER"] = c_compiler
    if launcher := find_launcher(job.config.llvm.source.launcher, job.toolchain.env):
        start_server(launcher, _environment(job))
        own |= dict.fromkeys(("CMAKE_C_COMPILER_LAUNCHER", "CMAKE_CXX_COMPILER_LAUNCHER"), ";".join(launcher))
    return [f"-D{name}={value}" for name, value in (own | dict(job.options)).items()]


def _links_at_once(options: Mapping[str, str], *, is_farm: bool) -> int | None:
    """How many linkers fit into the memory; None where all that runs at once may link.

    Not part of the identity: no object differs. LLVM's own pool of link jobs holds them; compilers go on beside.
    """
    cores = own_cores()
    build_type = options.get("CMAKE_BUILD_TYPE", "Release")
    found = fitting(
        cores, _LINKER if build_type in _WITHOUT_DEBUG_INFO else _LINKER_WITH_DEBUG_INFO, available_memory()
    )
    return found if is_farm or found < cores else None


def _c_compiler(toolchain: Toolchain) -> str:
    """The C compiler that belongs to the C++ compiler; empty leaves the choice to CMake, and to ``CC``."""
    if toolchain.env.get("CC"):
        return ""
    path = Path(toolchain.cxx)
    for cxx, c in _C_COMPILERS:
        sibling = path.with_name(re.sub(rf"{re.escape(cxx)}(?=$|-)", c, path.name, count=1))
        if sibling.name != path.name and sibling.is_file():
            return str(sibling)
    return ""


def _configure(job: SourceBuild) -> None:
    job.on_wait(f"configuring LLVM {job.sha[:12]} ({job.flavour})")
    shutil.rmtree(job.build, ignore_errors=True)  # half of an earlier configure
    job.build.mkdir(parents=True)
    command = [job.toolchain.cmake, "-S", str(job.source / "llvm"), "-B", str(job.build), "-G", "Ninja"]
    if job.config.llvm.source.targets:
        # CMake exports no library without what it links: a first configure of everything tells what that is.
        everything = {name: value for name, value in job.options.items() if name != DISTRIBUTION}
        _step(job, "configure", [*command, *cmake_arguments(replace(job, options=everything))])
        job = replace(job, options={**job.options, DISTRIBUTION: ";".join(_with_what_they_link(job))})
    _step(job, "configure", [*command, *cmake_arguments(job)])
    if not (job.build / "build.ninja").is_file():
        raise _of_the_machine(job, "configure", 0) or SupplyError(
            "expected CMake to write build.ninja, it has not", where=str(job.log)
        )
    write_atomically(job.tree / _CONFIGURED, f"{job.sha}\n")


def _with_what_they_link(job: SourceBuild) -> tuple[str, ...]:
    """The components that are asked for, and all libraries that they link, as the build tree's own exports say."""
    known: dict[str, Imported] = {}
    for package in sorted(job.build.glob("lib*/cmake/*")):
        known |= read_exports(package, job.build)
    wanted = dict.fromkeys(job.options[DISTRIBUTION].split(";"))
    todo = list(wanted)
    while todo:
        library = known.get(todo.pop())
        links = (*library.links, *library.needs) if library else ()
        new = [name for name in (private(entry) or entry for entry in links) if name in known and name not in wanted]
        wanted |= dict.fromkeys(new)
        todo += new
    return tuple(wanted)


def _build(job: SourceBuild) -> None:
    job.on_wait(f"building LLVM {job.sha[:12]} ({job.flavour})")
    # LLVM's components install all headers that are there; the one that tells the revision none of them generates.
    targets = ["distribution", "llvm_vcsrevision_h"] if _is_distribution(job) else []
    _step(job, "build", [*_ninja(job), "-k", "0", *targets])


def _install(job: SourceBuild, directory: Path) -> None:
    """Install into a stage below the build and move that to ``directory``.

    ``DESTDIR`` and the real prefix, so that whatever records where it is installed records the right place.
    """
    job.on_wait(f"installing LLVM {job.sha[:12]} ({job.flavour})")
    stage = job.tree / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    env = {**job.toolchain.env, "DESTDIR": str(stage)}
    job = replace(job, toolchain=replace(job.toolchain, env=env))
    if _is_distribution(job):
        _step(job, "install", [*_ninja(job), "install-distribution"])
    else:
        _step(job, "install", [job.toolchain.cmake, "--install", str(job.build)])
    installed = stage / job.entry.relative_to(job.entry.anchor)
    if not installed.is_dir():
        raise SupplyError("expected an installed LLVM, found that nothing was installed", where=str(job.log))
    installed.rename(directory)


def install_packages(job: SourceBuild) -> Path:
    """Install the CMake packages of a tree that is configured and not built; where they are then."""
    stage = job.tree / "packages"
    shutil.rmtree(stage, ignore_errors=True)
    job = replace(job, toolchain=replace(job.toolchain, env={**job.toolchain.env, "DESTDIR": str(stage)}))
    for component in PACKAGE_COMPONENTS:
        _step(job, "install", [job.toolchain.cmake, "--install", str(job.build), "--component", component])
    return stage / job.entry.relative_to(job.entry.anchor)


def _is_distribution(job: SourceBuild) -> bool:
    return any(name.partition(":")[0] == DISTRIBUTION for name in job.options)


def _ninja(job: SourceBuild) -> list[str]:
    jobs = ["-j", str(job.toolchain.jobs)] if job.toolchain.jobs else []
    return [job.toolchain.ninja, "-C", str(job.build), *jobs]


def _step(job: SourceBuild, stage: str, command: Sequence[str]) -> None:
    start = job.log.stat().st_size if job.log.exists() else 0
    with job.toolchain.core():
        done = run(
            command,
            cwd=job.build,
            env=job.toolchain.env,
            log=job.log,
            timeout=job.remaining,
            on_output=job.toolchain.on_output,
            is_named=True,
        )
    if not done.ok:
        raise _of_the_machine(job, stage, start) or _broken(job, stage, done)


def _of_the_machine(job: SourceBuild, stage: str, start: int) -> SupplyError | None:
    """What LLVM has no part in, as far as the log tells from ``start`` on; None for everything else."""
    with job.log.open("rb") as log:
        log.seek(start)
        found = next((match for match in map(_MACHINE.search, log) if match), None)
    is_full = shutil.disk_usage(job.tree).free < _TOO_LITTLE or (found is not None and found["disk"] is not None)
    if found is None and not is_full:
        return None
    trouble = "the disk is full" if is_full else "the machine has run out of memory"
    do = "make room (llvmgate cache list, llvmgate cache prune)" if is_full else "have less run beside it"
    return SupplyError(
        f"LLVM {job.sha[:12]} ({job.flavour}) was not ready: {trouble} ({stage})",
        where=str(job.log),
        hint=f"{do} and run again: it resumes where it was",
    )


def _broken(job: SourceBuild, stage: str, done: Completed) -> SupplyError:
    what = f"LLVM {job.sha[:12]} ({job.flavour})"
    if done.timed_out or done.returncode < 0:
        return SupplyError(
            f"{what} was not ready: {stage} {done.ending}",
            where=str(job.log),
            hint="run again: it resumes where it was (timeouts.llvm gives it longer)",
        )
    patched = f", with {len(job.patches)} carried patches applied" if job.patches else ""
    return BrokenLlvmError(
        f"{what} itself does not {stage} ({done.ending}){patched}",
        stage=stage,
        source=job.source,
        build=job.build,
        log=job.log,
        returncode=done.returncode,
    )
