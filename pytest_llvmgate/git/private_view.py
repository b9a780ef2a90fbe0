"""What git sees of a repository: its objects, refs and index, and none of its configuration.

A repository's configuration can name programs under dozens of keys (git-config(1): filters, fsmonitor, signatures,
transports, ...), more with each version of git. So none of it is handed to git. For every repository that is read there
is a directory of this process with links to what holds data, and a ``config`` of ours in which the few settings stand
that say how data is to be read. ``hooks``, ``info/grafts``, included files and ``config.worktree`` do not exist there.
Layout: gitrepository-layout(5).
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git.config_syntax import Variable, parse, quoted
from pytest_llvmgate.plain_file import open_plain
from pytest_llvmgate.scratch import scratch_root

_SHARED: Final = ("objects", "refs", "packed-refs", "shallow", "reftable", "info/exclude", "info/attributes")
_OF_A_WORK_TREE: Final = ("index", "info/sparse-checkout")
_OF_A_LINKED_ONE: Final = ("refs", "reftable")
_BOOLEAN: Final = "true|false|yes|no|on|off|1|0"
_SAFE: Final = {
    "core.filemode": _BOOLEAN,
    "core.ignorecase": _BOOLEAN,
    "core.symlinks": _BOOLEAN,
    "core.precomposeunicode": _BOOLEAN,
    "core.trustctime": _BOOLEAN,
    "core.checkstat": "default|minimal",
    "core.autocrlf": f"{_BOOLEAN}|input",
    "core.eol": "lf|crlf|native",
    "core.sparsecheckout": _BOOLEAN,
    "core.sparsecheckoutcone": _BOOLEAN,
    "core.repositoryformatversion": "[01]",
    "index.sparse": _BOOLEAN,
    "extensions.objectformat": "sha1|sha256",
    "extensions.refstorage": "files|reftable",
}
"""Keys that say how data is to be read, and the values that they may have. None can name a program or a file."""
_WHO: Final = ("user.name", "user.email")
"""Who commits here: any text, shown in commits and nowhere run."""
_MOST: Final = 1 << 20
"""Bytes of a configuration file; more is no configuration."""
_HEAD_MOST: Final = 4096


class _Views:
    """The views of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._known: dict[tuple[Path, Path], Path] = {}
        self._signatures: dict[Path, object] = {}

    def of(self, git_dir: Path, common_dir: Path) -> Path:
        with self._lock:
            key = (git_dir, common_dir)
            view = self._known.get(key) if self._owner == os.getpid() else None
            if view is None or not view.is_dir():
                view = self._make(git_dir, common_dir)
                self._known[key] = view
            self._refresh(view, git_dir, common_dir)
            return view

    def _make(self, git_dir: Path, common_dir: Path) -> Path:
        if self._owner != os.getpid():  # a child that was forked has a directory of its own
            self._owner = os.getpid()
            self._known.clear()
            self._signatures.clear()
        place = Path(tempfile.mkdtemp(prefix="git-", dir=scratch_root()))
        main = place / "main"
        _link(main, common_dir, _SHARED)
        (main / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
        if git_dir == common_dir:
            _link(main, git_dir, _OF_A_WORK_TREE)
            return main
        linked = place / "linked"
        _link(linked, git_dir, (*_OF_A_WORK_TREE, *_OF_A_LINKED_ONE))
        (linked / "commondir").write_text("../main\n", encoding="ascii")
        return linked

    def _refresh(self, view: Path, git_dir: Path, common_dir: Path) -> None:
        """Bring along what is copied, not linked: HEAD moves, settings change, a split index gets another half."""
        _rewrite(view / "HEAD", _head(git_dir))
        for name in _names(git_dir):
            if name.startswith("sharedindex.") and not (view / name).is_symlink():
                (view / name).symlink_to(git_dir / name)
        signature = tuple(_signature(path) for path in _config_files(git_dir, common_dir))
        if self._signatures.get(view) != signature:
            _rewrite(view.parent / "main/config", _config(git_dir, common_dir))
            self._signatures[view] = signature


_VIEWS: Final = _Views()


def view_of(git_dir: Path, common_dir: Path) -> Path:
    """The directory to hand to ``git --git-dir`` for a repository, up to date.

    Raises ``RepositoryError`` where it cannot be made: no room for temporary files.
    """
    try:
        return _VIEWS.of(git_dir, common_dir)
    except OSError as error:
        raise RepositoryError(
            f"no directory for git could be made: {error.strerror or error}",
            where=error.filename and str(error.filename),
            hint="make room for temporary files, or set TMPDIR to a directory that can be written",
        ) from error


def _link(view: Path, git_dir: Path, names: tuple[str, ...]) -> None:
    view.mkdir(exist_ok=True)
    (view / "info").mkdir(exist_ok=True)
    for name in names:
        if name != "reftable" or (git_dir / name).is_dir():  # what is not there may come: a link to nothing will do
            (view / name).symlink_to(git_dir / name)


def _names(directory: Path) -> list[str]:
    with suppress(OSError):
        return os.listdir(directory)  # noqa: PTH208 - names are all that is asked for
    return []


def _head(git_dir: Path) -> str:
    """HEAD's content; that of an unborn branch where it cannot be read."""
    path = git_dir / "HEAD"
    with suppress(OSError):
        if path.is_symlink():  # as git before 1.5 wrote it
            return f"ref: {os.readlink(path)}\n"  # noqa: PTH115 - as it is written
        return _read(path, _HEAD_MOST)
    return "ref: refs/heads/main\n"


def _read(path: Path, most: int) -> str:
    with open_plain(path) as stream:
        return stream.read(most).decode("utf-8", "surrogateescape")


def _rewrite(path: Path, text: str) -> None:
    """Bring a file of ours up to date; whoever reads it meanwhile has the old one or the new one."""
    data = text.encode("utf-8", "surrogateescape")
    with suppress(OSError):
        if path.read_bytes() == data:
            return
    write_atomically(path, data)


def _config_files(git_dir: Path, common_dir: Path) -> tuple[Path, ...]:
    return (common_dir / "config", git_dir / "config.worktree")


def _signature(path: Path) -> object:
    with suppress(OSError):
        status = path.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns
    return None


def _config(git_dir: Path, common_dir: Path) -> str:
    """The view's configuration: what is safe of the repository's own, and no submodule ever recursed into."""
    main, worktree = (_variables(path) for path in _config_files(git_dir, common_dir))
    by_key = {_key(each): each.value for each in main}
    if by_key.get("extensions.worktreeconfig", "").lower() in {"true", "yes", "on", "1"}:
        main += worktree
    lines = ["[core]", "\tbare = false"]
    for each in main:
        key = _key(each)
        if each.name is None and key in _SAFE and re.fullmatch(_SAFE[key], each.value, re.IGNORECASE):
            lines += [f"[{each.section}]", f"\t{each.key} = {each.value}"]
        elif each.name is None and key in _WHO:
            lines += ["[user]", f"\t{each.key} = {quoted(each.value)}"]
        elif each.section == "remote" and each.name and each.key == "url":  # a name for people, never fetched from
            lines += [f"[remote {quoted(each.name)}]", f"\turl = {quoted(each.value)}"]
    return "".join(f"{line}\n" for line in lines)


def _key(variable: Variable) -> str:
    return f"{variable.section}.{variable.key}" if variable.name is None else ""


def _variables(path: Path) -> list[Variable]:
    with suppress(OSError):
        return [*parse(_read(path, _MOST))]
    return []
