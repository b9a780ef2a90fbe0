"""One git repository: its head, its trees, its blobs, its submodules, seen only through a private view."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git import process
from pytest_llvmgate.git.gitmodules import LARGEST, Submodule, parse_gitmodules
from pytest_llvmgate.git.objects import GitObject, read_objects
from pytest_llvmgate.git.private_view import view_of
from pytest_llvmgate.git.process import GitFailure
from pytest_llvmgate.model import Downstream
from pytest_llvmgate.plain_file import read_plain
from pytest_llvmgate.printable import shell_word

_READ_WHOLE: Final = (
    "HEAD",
    "config",
    "packed-refs",
    "shallow",
    "info/attributes",
    "info/exclude",
)
"""Files of a repository that git reads to their end, whatever they are (gitrepository-layout(5))."""

_MOST_STORES: Final = 100
"""Stores of objects that one repository borrows from, at first and second hand."""


class EntryKind(StrEnum):
    """What lies at a path."""

    FILE = "file"
    LINK = "symbolic link"
    GITLINK = "gitlink"
    DIRECTORY = "directory"


_MODES: Final = {"160000": EntryKind.GITLINK, "120000": EntryKind.LINK, "040000": EntryKind.DIRECTORY}
"""What git's octal modes stand for; the others are files'."""


@dataclass(frozen=True, kw_only=True)
class TreeEntry:
    """What a tree or the index holds at a path."""

    path: str
    kind: EntryKind
    sha: str
    """Of the blob or tree; for a gitlink, the commit that it names."""


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository, with or without a work tree. Open one with :meth:`open`."""

    git_dir: Path
    """The directory with HEAD and the index (for a linked work tree, its own)."""
    common_dir: Path
    """The directory with the objects and refs."""
    root: Path | None
    """The top of the work tree; ``None`` for a bare repository or a submodule's store without a checkout."""
    is_shallow: bool = False

    @classmethod
    def open(cls, path: Path, *, bare: bool = False) -> Repository:
        """The repository that ``path`` lies in. ``bare``: one without a work tree will do.

        Raises ``RepositoryError`` with what to do about it, ``ToolError`` without git.
        """
        if not path.is_dir():
            raise RepositoryError(f"{path} is not a directory")
        found = _locate(path)
        if found.root is None and not bare:
            raise RepositoryError(
                f"{path} is a bare repository; a checkout (work tree) is needed",
                hint=f"git clone {shell_word(str(path))} DIRECTORY, then run the gate there",
            )
        return found

    @classmethod
    def at(cls, git_dir: Path) -> Repository:
        """The repository of ``git_dir`` (a linked work tree's, too), without a work tree and without asking git."""
        is_linked = git_dir.parent.name == "worktrees" and (git_dir / "commondir").is_file()
        common = git_dir.parent.parent if is_linked else git_dir
        return cls(git_dir=git_dir, common_dir=common, root=None, is_shallow=(common / "shallow").exists())

    @property
    def work_tree(self) -> Path:
        """The top of the work tree. Raises ``RepositoryError`` where there is none."""
        if self.root is None:
            raise RepositoryError(f"{self.git_dir} has no work tree")
        return self.root

    @property
    def display(self) -> str:
        """The path by which a user knows this repository."""
        return str(self.root or self.git_dir)

    def run(self, *arguments: str, stdin: bytes = b"", ok: Sequence[int] = (0,), users_settings: bool = False) -> bytes:
        """Run a git command on this repository and return its output.

        None of the repository's own configuration is obeyed; ``users_settings``: the user's is, see :mod:`process`.
        """
        return process.run(arguments, place=self.place, stdin=stdin, ok=ok, users_settings=users_settings)

    def names(self, *arguments: str, ok: Sequence[int] = (0,), users_settings: bool = False) -> list[str]:
        """What a command lists with NUL behind each (``-z``), as paths have it."""
        output = self.run(*arguments, ok=ok, users_settings=users_settings)
        return [name for name in output.decode("utf-8", "surrogateescape").split("\0") if name]

    def records(self, *arguments: str) -> Iterator[bytes]:
        """The records of a command that ends each with NUL (``log -z``), one by one while git still writes."""
        return process.records(arguments, place=self.place)

    def log_of(self, commits: Iterable[str], *words: str) -> bytes:
        """What ``git log`` prints of just these commits, each once, in one process; nothing for none.

        Raises ``GitFailure`` for one that is not there.
        """
        wanted = "".join(f"{sha}\n" for sha in dict.fromkeys(commits))
        return self.run("log", "--no-walk=unsorted", "--stdin", *words, stdin=wanted.encode()) if wanted else b""

    @property
    def view(self) -> Path:
        """What git sees of this repository. Raises ``RepositoryError`` where there is no room for it."""
        return view_of(self.git_dir, self.common_dir)

    @property
    def place(self) -> tuple[str, ...]:
        """The options by which git finds this repository."""
        # The work tree is named, too: `core.worktree` may point at a checkout that is gone, which is how
        # `git submodule deinit` leaves a submodule's store behind.
        view = self.view
        tree = self.root or view
        return ("-C", str(tree), f"--git-dir={view}", f"--work-tree={tree}")

    def check_out(self, commit: str) -> None:
        """Bring the work tree to a commit, detached, as ``git checkout`` does."""
        self.run("checkout", "--quiet", "--detach", commit, users_settings=True)
        self.move_head(commit)

    def move_head(self, commit: str) -> None:
        """Make a detached HEAD name another commit; index and files stay."""
        process.run(["update-ref", "--no-deref", "HEAD", commit], place=(f"--git-dir={self.git_dir}",))

    def head(self) -> str:
        """Full SHA of HEAD; empty before the first commit."""
        return self.commit_at("HEAD")

    def commit_at(self, name: str) -> str:
        """Full SHA of the commit that a reference (or ``X^1``) leads to; empty where there is none."""
        return self.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", ok=(0, 1)).decode().strip()

    def commits_named(self, names: Iterable[str]) -> dict[str, str]:
        """Full SHA of the commit that each of ``names`` leads to. What leads to none, or to several, is left out."""
        wanted = list(dict.fromkeys(names))
        requests = "".join(f"{name}^{{commit}}\n" for name in wanted).encode("utf-8", "surrogateescape")
        words = ("cat-file", "--batch-check=%(objectname) %(objecttype)")
        answers = self.run(*words, stdin=requests).decode("utf-8", "surrogateescape").splitlines() if wanted else ()
        told = zip(wanted, answers, strict=True)
        return {name: line.split(" ")[0] for name, line in told if line.endswith(" commit")}

    def merge_base(self, one: str, other: str) -> str:
        """Full SHA of the last commit that two have in common; empty where there is none."""
        return self.run("merge-base", one, other, ok=(0, 1)).decode().partition("\n")[0]

    def branch(self) -> str:
        """The branch that HEAD is on; empty when detached."""
        return os.fsdecode(self.run("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1)).rstrip(b"\n"))

    def describe(self) -> Downstream:
        """Head, branch (readable, whatever its bytes) and whether any tracked file differs, in submodules, too."""
        # git would look into submodules by the submodules' own configuration.
        words = ("--porcelain=v2", "--branch", "-z", "--no-renames", "--ignore-submodules=dirty")
        # The user's filters (Git LFS) take part: without them, what they changed on checkout would seem changed.
        status = self.run("status", *words, "--untracked-files=no", users_settings=True)
        lines = status.decode("utf-8", "backslashreplace").split("\0")
        headers = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# "))
        head = headers.get("branch.oid", "")
        branch = headers.get("branch.head", "")
        return Downstream(
            root=self.display,
            commit="" if head == "(initial)" else head,
            branch="" if branch == "(detached)" else branch,
            dirty=any(line and not line.startswith("# ") for line in lines) or any(self._dirty_submodules()),
        )

    def _dirty_submodules(self) -> Iterator[bool]:
        if self.root is None or not (self.root / ".gitmodules").exists():
            return
        for line in self.names("ls-files", "--stage", "-z", "--full-name"):
            checkout = self.root / line.partition("\t")[2]
            if line.startswith("160000 ") and os.path.lexists(checkout / ".git"):
                yield Repository.open(checkout).describe().dirty

    def has_commit(self, sha: str) -> bool:
        """Whether that commit is in this clone."""
        try:
            self.run("cat-file", "-e", f"{sha}^{{commit}}")
        except GitFailure:
            return False
        return True

    def relative(self, path: Path) -> str:
        """``path`` relative to the work tree, with forward slashes; empty for the top itself."""
        try:
            inside = path.resolve().relative_to(self.work_tree.resolve())
        except ValueError:
            raise RepositoryError(f"{path} is not inside {self.work_tree}") from None
        except (OSError, RuntimeError) as error:  # Python 3.11 and 3.12 raise RuntimeError for a loop of links
            raise RepositoryError(f"{path} cannot be followed: {error}") from None
        return "" if inside == Path() else inside.as_posix()

    def entries(self, paths: Iterable[str], *, commit: str) -> dict[str, TreeEntry]:
        """What the tree of ``commit`` holds at each of ``paths``; a path that is not there is not in the answer."""
        wanted = [checked_path(path) for path in paths]
        if not wanted:
            return {}
        listed = self.names("ls-tree", "-z", "--full-tree", commit, "--", *wanted)
        found = {entry.path: entry for entry in map(_tree_entry, listed)}
        return {path: found[path] for path in wanted if path in found}  # a directory's siblings may be listed too

    def entry(self, path: str, *, commit: str) -> TreeEntry | None:
        """What the tree of ``commit`` holds at ``path``."""
        return self.entries([path], commit=commit).get(path)

    def index_gitlinks(self) -> dict[str, str]:
        """Path to commit of every gitlink in the index: what the next commit would record.

        Raises ``RepositoryError`` for one that a merge has left in conflict.
        """
        links: dict[str, str] = {}
        for line in self.names("ls-files", "--stage", "-z", "--full-name"):
            if not line.startswith("160000 "):
                continue
            meta, path = line.split("\t", 1)
            _, sha, stage = meta.split(" ")
            if stage != "0":
                raise RepositoryError(
                    f"the gitlink {path} is in conflict", hint=f"resolve the merge, then: git add {shell_word(path)}"
                )
            links[path] = sha
        return links

    def read(self, path: str, *, commit: str) -> bytes | None:
        """The content of a file at ``commit``; ``None`` where there is none."""
        entry = self.entry(path, commit=commit)
        if entry is None or entry.kind is not EntryKind.FILE:
            return None
        return self.blob(entry.sha)

    def blob(self, sha: str) -> bytes:
        """The content of a blob. Raises ``RepositoryError`` where it is not there, or too large to be read."""
        (found,) = self.objects([sha])
        if found is None:
            size = int(self.run("cat-file", "-s", sha))
            raise RepositoryError(f"expected a file of a few MiB, found one of {size >> 20} MiB (object {sha[:12]})")
        return found.data

    def objects(self, names: Iterable[str]) -> Iterator[GitObject | None]:
        """The objects that are named, through one ``git cat-file --batch``; see :func:`.objects.read_objects`."""
        return read_objects(self.place, names)

    def blobs(self, commit: str, *directories: str) -> dict[str, str]:
        """Path to blob of the plain files of a commit below ``directories`` (all for none)."""
        lines = self.names("ls-tree", "-r", "-z", "--full-tree", commit, "--", *directories)
        entries = (line.partition("\t") for line in lines)
        return {path: meta.split(" ")[2] for meta, _, path in entries if meta.startswith("100")}

    def contents(self, objects: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
        """Name and content of each blob; ``objects`` are their names in git. Those that cannot be read are left out."""
        for name, found in zip(objects, self.objects(objects.values()), strict=True):
            if found is not None and found.type == "blob":
                yield name, found.data

    def submodules(self, *, commit: str | None = None) -> tuple[Submodule, ...]:
        """The sections of ``.gitmodules``, of the work tree or at a commit."""
        data = self._gitmodules() if commit is None else self.read(".gitmodules", commit=commit) or b""
        return parse_gitmodules(data.decode("utf-8", "surrogateescape"))

    def _gitmodules(self) -> bytes:
        file = self.work_tree / ".gitmodules"
        try:
            return read_plain(file, LARGEST)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise RepositoryError(f".gitmodules cannot be read: {error.strerror}", where=str(file)) from None

    def submodule_stores(self, path: str, submodules: Iterable[Submodule] = ()) -> tuple[Repository, ...]:
        """Every local repository that may hold the commits of the submodule at ``path``, the checkout's first.

        That is the checkout (absorbed or an embedded clone), then what git keeps in ``modules/`` under the
        submodule's name or path, also after ``git submodule deinit`` and for a linked work tree.
        """
        names = [module.name for module in submodules if module.path == path]
        candidates = [] if self.root is None else [self.root / path]
        for directory in dict.fromkeys((self.git_dir, self.common_dir)):
            candidates += [directory / "modules" / name for name in (*names, path) if _is_safe(name)]
        stores: dict[Path, Repository] = {}
        for candidate in candidates:
            store = _store(candidate)
            if store:
                stores.setdefault(store.git_dir, store)  # the checkout, found first, knows its work tree
        return tuple(stores.values())


def checked_path(path: str) -> str:
    """``path``, if it is relative and stays inside its tree. Raises ``RepositoryError``."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\n" in path or "\0" in path:
        raise RepositoryError(f"not a path inside a repository: {path!r}")
    return path


def _is_safe(name: str) -> bool:
    """Whether a submodule's name may become part of a path (git's own rule since CVE-2018-11235)."""
    return bool(name) and not name.startswith("/") and ".." not in PurePosixPath(name).parts


def _locate(path: Path) -> Repository:
    arguments = (
        "rev-parse",
        "--absolute-git-dir",
        "--git-common-dir",  # relative to where git is told to stand: --path-format is git 2.31's
        "--is-shallow-repository",
        "--is-inside-work-tree",
        "--show-cdup",
    )
    if _looks_bare(path):  # it may have come with a tree: git is not even asked where it is
        return _bare(path)
    try:  # nothing that is asked here has git start anything
        output = process.run(arguments, place=process.at(path), users_settings=True).decode("utf-8", "surrogateescape")
    except GitFailure as error:
        raise _not_located(path, error) from None
    git_dir, common_dir, shallow, inside, up = [*output.split("\n"), ""][:5]
    found = Repository(
        git_dir=Path(git_dir),
        common_dir=(path / common_dir).resolve(),
        root=(path / up).resolve() if inside == "true" else None,
        is_shallow=shallow == "true",
    )
    if found.root is None and found.git_dir.name == ".git" and found.git_dir not in (path, *path.parents):
        raise RepositoryError(
            f"{path} is not in the work tree of its repository: core.worktree names another directory",
            where=str(found.common_dir / "config"),
            hint=f"run the gate there, or: git -C {shell_word(str(path))} config --unset core.worktree",
        )
    return found


def _looks_bare(path: Path) -> bool:
    """Whether ``path`` itself is a repository without a work tree (gitrepository-layout(5))."""
    parts = (path / "HEAD", path / "objects", path / "refs")
    return not os.path.lexists(path / ".git") and all(os.path.lexists(part) for part in parts)


def _bare(path: Path) -> Repository:
    """A repository without a work tree, if git can read it to an end: a link to a device would give it no end."""
    found = Repository.at(path.absolute())
    for directory in dict.fromkeys((found.git_dir, found.common_dir)):
        endless = next((part for part in _read_whole(directory) if not _has_an_end(part)), None)
        if endless is not None:
            shown = os.path.relpath(endless, found.git_dir)
            raise RepositoryError(
                f"{path} is no repository that can be read: expected a file at {shown}", where=str(path)
            )
    return found


def _has_an_end(part: Path) -> bool:
    """Git before 1.5 wrote symbolic refs as links, whose targets need not be there."""
    try:
        is_there = os.path.lexists(part)
        return part.is_file() or not is_there or (part.is_symlink() and str(part.readlink()).startswith("refs/"))
    except OSError:
        return False


def _read_whole(directory: Path) -> Iterator[Path]:
    """The files that git reads to their end; and links to directories below ``refs``, since it follows them."""
    yield from (directory / name for name in _READ_WHOLE)
    for base, directories, names in os.walk(directory / "refs"):
        below = (Path(base, name) for name in directories)
        yield from (*(Path(base, name) for name in names), *(each for each in below if each.is_symlink()))
    stores = [directory / "objects"]
    for store in stores:  # which grows: an alternate has alternates
        yield store / "info/alternates"
        stores += (each for each in _alternates(store) if each not in stores)
        if len(stores) > _MOST_STORES:
            raise RepositoryError(f"expected at most {_MOST_STORES} alternates, found more", where=str(directory))


def _alternates(store: Path) -> list[Path]:
    """The object stores that one names (gitrepository-layout(5)); no escapes, by which a name may be any other."""
    try:
        text = read_plain(store / "info/alternates", LARGEST).decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RepositoryError(f"alternates cannot be read: {error.strerror}", where=str(store)) from None
    lines = [line for line in text.split("\n") if line and line[0] != "#"]
    if "\0" in text or any(line[0] == '"' for line in lines):
        raise RepositoryError("expected names of directories in info/alternates, found escapes", where=str(store))
    return [store / line for line in lines]


def _not_located(path: Path, error: GitFailure) -> RepositoryError:
    if "not a git repository" in error.stderr:
        if place := next((each / ".git" for each in (path, *path.parents) if os.path.lexists(each / ".git")), None):
            return RepositoryError(
                "git takes this for no repository", where=str(place), hint="see whether it may be read, and is whole"
            )
        return RepositoryError(f"{path} is not in a git repository", hint="run the gate in a checkout of the project")
    if "bare repository" in error.stderr:
        return RepositoryError(
            f"{path} lies in a bare repository; a checkout (work tree) is needed",
            hint="run the gate in a checkout of the project",
        )
    return error


def _store(candidate: Path) -> Repository | None:
    """The repository *at* that path. Git's own search would go on upwards and find the superproject."""
    if (candidate / ".git").exists():
        return _locate(candidate)
    return _bare(candidate) if (candidate / "HEAD").is_file() else None


def _tree_entry(line: str) -> TreeEntry:
    meta, path = line.split("\t", 1)
    mode, _, sha = meta.split(" ")
    return TreeEntry(path=path, kind=_MODES.get(mode, EntryKind.FILE), sha=sha)
