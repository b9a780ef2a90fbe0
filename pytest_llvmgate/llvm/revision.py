"""From what the user typed to the one LLVM commit that is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.config.user_paths import user_path
from pytest_llvmgate.errors import GateError, RevisionError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import checked_revision, is_full_sha, is_sha, known_commits, resolve
from pytest_llvmgate.model import Revision
from pytest_llvmgate.pins.read import read_pins, tabled_commits

_UPSTREAM: Final = "https://github.com/llvm/llvm-project"
PINNED: Final = "pinned"
"""``--llvm-sha=pinned``: what the tree's direct pins say."""


def resolve_revision(text: str, config: Config) -> Revision:
    """The commit that ``text`` (a full or short SHA, or a tag) names. Raises :class:`RevisionError`.

    Short SHAs and tags are looked up in the config's own tables and in the clone that ``llvm.repository`` names, then
    among what the pins say. A full SHA needs no look-up: whether anybody can supply it is the supplier's business.
    """
    asked = text.strip()
    lowered = asked.lower()
    if asked == PINNED:
        raise RevisionError(
            "'pinned' is the commit that the pins say already, and here another one is named",
            hint="give a full SHA, or a tag like llvmorg-22.1.8; 'pinned' is for pytest's --llvm-sha",
        )
    if is_full_sha(lowered):
        return Revision(sha=lowered, name=config.llvm.tag_of(lowered))
    if re.fullmatch(r"[0-9a-f]{1,6}", lowered) and asked not in config.llvm.tags:
        raise RevisionError(
            f"the LLVM commit {asked} has {len(asked)} digits, too few to name one commit",
            hint="give 7 or more digits of its SHA, or all 40",
        )
    if asked not in config.llvm.tags:
        checked_revision(asked, "LLVM commit")
    found = _lookup(asked, config)
    if len(found) == 1:
        sha = next(iter(found))
        return Revision(sha=sha, name=config.llvm.tag_of(sha) or ("" if sha.startswith(lowered) else asked))
    if found:
        raise RevisionError(
            f"the LLVM commit {asked} is ambiguous: it names {', '.join(sorted(found))}",
            hint="give more digits, or all 40",
        )
    raise RevisionError(f"no LLVM commit {asked!r} is known here", hint=_where_looked(asked, config))


def _lookup(text: str, config: Config) -> set[str]:
    found = {*tabled_commits(text, config.llvm)}
    if not found and config.llvm.repository:
        found |= set(_from_clone(text, config))
    return found or set(_from_pins(text, config))


def _from_pins(text: str, config: Config) -> frozenset[str]:
    """What is abbreviated as the pins' tables do it: a commit that a pin says in the work tree, or said in HEAD."""
    said: set[str] = set()
    for commit in (None, "HEAD") if config.pins and is_sha(text.lower()) else ():
        with suppress(GateError):  # no repository, no commit yet: then nothing says it
            said |= {pin.sha for pin in read_pins(config, commit=commit) if pin.sha}
    return known_commits(text, said, ())


def _from_clone(text: str, config: Config) -> Iterator[str]:
    path = clone_path(config)
    try:
        yield resolve(Repository.open(path, bare=True), text)
    except RevisionError:
        raise
    except GateError as error:
        raise RevisionError(
            f"the LLVM commit {text} cannot be looked up: {error.problems[0].message}",
            where=f"llvm.repository = {config.llvm.repository!r}",
            hint="give the full SHA, or mend llvm.repository",
        ) from error


def clone_path(config: Config) -> Path:
    """The clone of llvm-project that the config names."""
    return user_path(config.llvm.repository, root=config.root, key="llvm.repository").resolve()


def _where_looked(text: str, config: Config) -> str:
    known = [wheels.tag or wheels.revision[:12] for wheels in config.llvm.wheels] + list(config.llvm.tags)
    clone = f"the clone {config.llvm.repository}" if config.llvm.repository else "no clone (llvm.repository is not set)"
    tables = f"[llvm.tags] and [[llvm.wheels]] ({', '.join(known) or 'empty'})"
    given = (
        "the full SHA"
        if re.fullmatch("[0-9a-fA-F]+", text)
        else f"the SHA that `git ls-remote {_UPSTREAM} '{text}*'` tells, of the line with ^{{}} if there is one: "
        f'[llvm.tags] keeps it as "{text}" = "SHA"'
    )
    return f"looked in {tables} and in {clone}; or give {given}"
