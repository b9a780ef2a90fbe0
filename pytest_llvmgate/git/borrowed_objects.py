"""A repository of our own over the objects of another one, which is only read (gitrepository-layout(5))."""

from __future__ import annotations

from pathlib import Path

from pytest_llvmgate.plain_file import read_plain


def borrow_objects(git_dir: Path, common_dir: Path) -> None:
    """Let the repository in ``git_dir`` read the objects of the one in ``common_dir``, cut off where that one is."""
    (git_dir / "objects/info").mkdir(parents=True, exist_ok=True)
    (git_dir / "objects/info/alternates").write_bytes(bytes(common_dir / "objects") + b"\n")
    shallow = common_dir / "shallow"
    if shallow.is_file():
        (git_dir / "shallow").write_bytes(read_plain(shallow))
