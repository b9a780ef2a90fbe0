"""Which changes are the same, whoever made them: git-patch-id(1) over logs and patches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_llvmgate.git.repository import Repository

_FORM = ("-p", "--no-renames", "--no-textconv", "--no-ext-diff", "--full-index", "--format=commit %H")


def patch_id(repository: Repository, patch: bytes) -> str:
    """Of a patch in git's form; empty for one that changes nothing."""
    text = patch if patch.startswith(b"From ") else b"From %s\n%s" % (b"0" * 40, patch)
    return next((identifier for identifier, _ in _ids(repository, text)), "")


def patch_ids(repository: Repository, commits: Iterable[str], *, reverse: bool = False) -> dict[str, str]:
    """Patch-id to commit (full SHA), against first parents; ``reverse``: of what would take each one back."""
    how = ("-R", "--src-prefix=b/", "--dst-prefix=a/") if reverse else ()
    return dict(_ids(repository, repository.log_of(commits, "--diff-merges=first-parent", *_FORM, *how)))


def _ids(repository: Repository, text: bytes) -> Iterator[tuple[str, str]]:
    for line in repository.run("patch-id", "--stable", stdin=text).decode().splitlines():
        identifier, _, commit = line.partition(" ")
        yield identifier, commit
