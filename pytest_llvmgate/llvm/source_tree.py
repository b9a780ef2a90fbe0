"""The sources of a candidate: a work tree of our own, over the objects of the user's clone or of a fetch of one commit.

The user's clone is only read. The work tree's repository borrows its objects (``objects/info/alternates``), which costs
nothing and, other than ``git worktree add``, leaves no trace in it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.carry.applying import apply_patch, check_target
from pytest_llvmgate.carry.carried import Patch
from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.user_paths import user_path
from pytest_llvmgate.errors import GateError, SupplyError
from pytest_llvmgate.git import process
from pytest_llvmgate.git.borrowed_objects import borrow_objects
from pytest_llvmgate.git.process import GitFailure
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import is_full_sha
from pytest_llvmgate.llvm.prefix_cache import URL_FILE, Cache
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.process.run import run

# Neither ``ext::`` nor any other helper that runs what the address says.
_URL: Final = re.compile(r"(?:https?|git|ssh|file)://[^\s]+|[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:[^\s]+")
_ANY_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BIG: Final = (
    *("bolt", "clang", "clang-tools-extra", "compiler-rt", "cross-project-tests", "flang", "flang-rt", "libclc"),
    *("libcxx", "libcxxabi", "libunwind", "lld", "lldb", "llvm-libgcc", "offload", "openmp", "orc-rt", "polly", "pstl"),
)
"""Directories that a build of other projects has no use for; most of a checkout. What is not listed is checked out."""
_DONE: Final = "llvmgate-sources-done"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Which sources are wanted, and how to get them."""

    address: str
    """The repository, as the configuration names it."""
    root: Path
    """What a relative path is relative to."""
    sha: str
    patches: tuple[Patch, ...] = ()
    projects: frozenset[str] = frozenset()
    """Top directories that are needed for certain."""
    log: Path
    timeout: float
    """Seconds."""
    on_wait: Callable[[str], None]

    @property
    def shown(self) -> str:
        """The address without what may be a password or a token."""
        return _shown_address(self.address)


def check_out(sources: Sources, directory: Path, cache: Cache) -> bool:
    """Bring ``directory`` to the wanted sources; True when an earlier run had done so already.

    Raises :class:`PatchError <pytest_llvmgate.carry.applying.PatchError>`, and :class:`SupplyError` when the commit
    cannot be had.
    """
    if not is_full_sha(sources.sha):
        raise SupplyError(f"expected a full SHA, found {sources.sha!r}")
    done = directory.parent / _DONE
    if done.is_file() and directory.is_dir():
        return True
    if directory.exists():
        shutil.rmtree(directory)  # half of a checkout: whoever made it was killed
    with object_store(sources, cache) as objects:
        _make_work_tree(sources, directory, objects)
        for patch in sources.patches:
            check_target(patch, Repository.at(objects.parent), sources.sha)
            apply_patch(patch, process.at(directory), "the candidate")
    if not (directory / "llvm/CMakeLists.txt").is_file():
        raise SupplyError(
            f"expected llvm-project, found no llvm/CMakeLists.txt in {sources.sha[:12]} of {sources.shown}",
            hint="point llvm.source.repository at a clone of llvm-project",
        )
    write_atomically(done, f"{sources.sha}\n")
    return False


@contextmanager
def object_store(sources: Sources, cache: Cache) -> Iterator[Path]:
    """The directory of git objects that the wanted commit lies in: the user's clone's, or our own after a fetch.

    Raises :class:`SupplyError` when the commit cannot be had.
    """
    if is_url(sources.address):
        with _fetched(sources, cache) as objects:
            yield objects
    else:
        yield _local_objects(sources)


def _shown_address(address: str) -> str:
    """Without what may be a password or a token."""
    return re.sub(r"(?<=://)[^@/]*@", "", address)


def is_url(address: str) -> bool:
    """Whether an address names a remote, not a path. Raises :class:`SupplyError` for schemes that are not allowed."""
    if _URL.fullmatch(address):
        return True
    if "://" in address or "::" in address or (_ANY_SCHEME.match(address) and "@" in address):
        raise SupplyError(
            f"expected a repository with an address of https, ssh, git or file, found {_shown_address(address)!r}",
            hint="set llvm.source.repository to such an address, or to the path of a local clone",
        )
    return False


def _local_objects(sources: Sources) -> Path:
    path = user_path(sources.address, root=sources.root, key="llvm.source.repository").resolve()
    try:
        repository = Repository.open(path, bare=True)
    except GitFailure as error:
        if not path.is_dir():
            raise _no_clone(path, sources) from error
        raise SupplyError(error.problems[0].message, where=sources.shown, hint=error.problems[0].hint) from error
    except GateError as error:
        raise _no_clone(path, sources) from error
    if repository.root is not None and repository.root.resolve() != path:
        raise _no_clone(path, sources)  # a submodule without a checkout: git went up to the superproject
    if not repository.has_commit(sources.sha):
        raise SupplyError(
            f"expected the commit {sources.sha} in the clone {sources.shown}, it is not there",
            hint=f"git -C {shell_word(str(path))} fetch origin {sources.sha}",
        )
    return repository.common_dir / "objects"


def _no_clone(path: Path, sources: Sources) -> SupplyError:
    return SupplyError(
        f"expected a clone of llvm-project at {path}, found none",
        where=f"llvm.source.repository = {sources.shown!r}",
        hint=f"clone it there; for a submodule: git submodule update --init {shell_word(sources.shown)}",
    )


@contextmanager
def _fetched(sources: Sources, cache: Cache) -> Iterator[Path]:
    """The object store of a repository of our own that has the commit, fetched now if need be. Nobody prunes it."""
    name = f"git-{hashlib.sha256(sources.address.encode()).hexdigest()[:16]}"
    store = cache.root / "git" / name
    with cache.lock(name, sources.on_wait):
        if not (store / "HEAD").is_file():
            process.run(["init", "--quiet", "--bare", "--template=", "--", str(store)])
        write_atomically(store / URL_FILE, f"{sources.shown}\n")
        # A reference is made after the fetch has ended, so it says that all is there.
        asked = ["rev-parse", "--quiet", "--verify", f"refs/llvmgate/{sources.sha}"]
        if not process.run(asked, place=(f"--git-dir={store}",), ok=(0, 1)):
            sources.on_wait(f"fetching {sources.sha[:12]} from {sources.shown}")
            _fetch(sources, store)
        yield store / "objects"


def _fetch(sources: Sources, store: Path) -> None:
    place = (f"--git-dir={store}",)
    # shallow.lock of a fetch that was killed: we hold the cache's lock, so nobody else is at work.
    (store / "shallow.lock").unlink(missing_ok=True)
    words = ["fetch", "--depth=1", "--no-tags", "--no-write-fetch-head", "--", sources.address, sources.sha]
    ok, said = _logged(sources, words, place)
    if not ok:
        raise _refused(sources, said)
    process.run(["update-ref", f"refs/llvmgate/{sources.sha}", sources.sha], place=place)


def _refused(sources: Sources, said: str) -> SupplyError:
    by_clone = "clone it, fetch what is needed there, and set llvm.source.repository to the clone"
    if "unadvertised object" in said or "allow request" in said:
        return SupplyError(
            f"{sources.shown} does not hand out single commits, so {sources.sha[:12]} cannot be fetched from it",
            where=str(sources.log),
            hint=f"{by_clone}; or have uploadpack.allowAnySHA1InWant set on the server",
        )
    if "not our ref" in said:
        return SupplyError(
            f"{sources.shown} has no commit {sources.sha}, or does not hand it out",
            where=str(sources.log),
            hint=f"check the SHA; if it is right, {by_clone}",
        )
    lines = [line for line in said.splitlines() if line.strip()]
    first = next((line for line in lines if line.startswith(("fatal:", "error:"))), (lines or ["git said nothing"])[-1])
    return SupplyError(
        f"{sources.sha[:12]} cannot be fetched from {sources.shown}: {first}",
        where=str(sources.log),
        hint="check the address and the network; what was done is kept",
    )


def _make_work_tree(sources: Sources, directory: Path, objects: Path) -> None:
    place = process.at(directory)
    process.run(["init", "--quiet", "--template=", "--", str(directory)])
    info = directory / ".git/info"
    info.mkdir(parents=True, exist_ok=True)
    borrow_objects(directory / ".git", objects.parent)
    for name, value in (("core.autocrlf", "false"), ("core.sparseCheckout", "true"), ("gc.auto", "0")):
        process.run(["config", name, value], place=place)
    (info / "sparse-checkout").write_text("".join(f"{line}\n" for line in _wanted(sources)), encoding="utf-8")
    sources.on_wait(f"checking out {sources.sha[:12]}")
    ok, said = _logged(sources, ["checkout", "--quiet", "--force", "--detach", sources.sha], place)
    if not ok:
        last = ([line for line in said.splitlines() if line.strip()] or ["git said nothing"])[-1]
        raise SupplyError(
            f"{sources.sha[:12]} of {sources.shown} cannot be checked out: {last}",
            where=str(sources.log),
            hint="a partial clone lacks what it has not fetched: fetch it there, or use a full or a shallow clone",
        )


def _wanted(sources: Sources) -> Sequence[str]:
    """The patterns of a sparse checkout: all but the big directories that nothing asks for."""
    patched = {path.partition("/")[0] for patch in sources.patches for path in patch.files}
    if "all" in sources.projects:
        return ["/*"]
    return ["/*", *(f"!/{name}/" for name in _BIG if name not in sources.projects | patched)]


def _logged(sources: Sources, words: Sequence[str], place: Sequence[str]) -> tuple[bool, str]:
    """Run a git command that may take long, under guard and into the log; whether it went well, and what it said."""
    said: list[bytes] = []
    done = run(
        process.command(words, place=place),
        cwd=sources.root,
        env=process.environment(users_settings=True),
        log=sources.log,
        timeout=sources.timeout,
        on_output=said.append,
    )
    text = b"".join(said).decode("utf-8", "replace")
    return done.ok, f"{text}\n{done.ending}" if done.timed_out else text
