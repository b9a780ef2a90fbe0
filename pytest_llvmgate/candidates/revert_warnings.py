"""Commits after the pin that say that something which the pin has was wrong: they take it back, or mend the build.

Who takes LLVM early is hit by what is reverted days later, and the revert then lies in a range that nobody looks at
before the next move. What such a commit touches is held against what the project uses (:mod:`used_parts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from pytest_llvmgate.candidates.gathering import CandidateRequest, range_after, used_parts_of
from pytest_llvmgate.carry.carried import llvm_patches
from pytest_llvmgate.codec import dumps, loads, write_atomically
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import BusyError, GateError, SupplyError
from pytest_llvmgate.gate.run_directory import lock
from pytest_llvmgate.pins.check import pinned
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.preflight.at_commits import PreflightAtCommits
from pytest_llvmgate.upstream.reverts import read_claims
from pytest_llvmgate.upstream.taken_back import Warned, taken_back

_LARGEST: Final = 4 << 20
"""Bytes."""
_MOST: Final = 5000
"""Keys that are kept, the newest."""


@dataclass(frozen=True, kw_only=True)
class Warnings:
    """The answer for one project."""

    pin: str
    head: str
    commits: int
    """Between the two."""
    clone: str
    """Where the clone of llvm-project lies."""
    found: tuple[Warned, ...]
    """That touch what this project uses, the newest first."""
    elsewhere: int
    """That do not."""


def find_warnings(config: Config, *, head: str = "") -> Warnings:
    """Look at the commits after the pin, up to ``head`` (default: LLVM's main).

    Raises ``RepositoryError`` without a clone of llvm-project that has the pin, ``GateError`` where the pins disagree.
    """
    readings = read_pins(config)
    pin = pinned(readings)
    clone, base, tip = range_after(pin, CandidateRequest(config=config, head=head), readings)
    repository = clone.repository
    used = used_parts_of(PreflightAtCommits(config, repository, base.sha), tip)
    warned = [replace(one, used=used.those(one.paths)) for one in taken_back(repository, base.sha, tip)]
    carried = dict(_carried(config, tip))
    relevant = [one for one in warned if one.used]
    return Warnings(
        pin=pin,
        head=tip,
        commits=int(repository.run("rev-list", "--first-parent", "--count", f"{base.sha}..{tip}")),
        clone=repository.display,
        found=tuple(_with_carry(one, carried) for one in sorted(relevant, key=lambda one: -one.proof_when)),
        elsewhere=len(warned) - len(relevant),
    )


def find_quietly(config: Config) -> tuple[Warned, ...]:
    """:func:`find_warnings` for pages that have more to say; nothing where it cannot be told."""
    try:
        return find_warnings(config).found
    except GateError:
        return ()


def _carried(config: Config, head: str) -> Iterator[tuple[str, str]]:
    """What carried patches take back, by the SHA that they name, and the patch."""
    for carry in config.carries:
        if carry.cause and not carry.component:
            yield carry.cause, carry.name
    try:
        patches = llvm_patches(config, head)
    except SupplyError:  # which its own test says
        return
    for patch in patches:
        for one in read_claims(patch.title, patch.message).undoes:
            if one.sha:
                yield one.sha, patch.name


def _with_carry(warned: Warned, carried: dict[str, str]) -> Warned:
    name = next((name for sha, name in carried.items() if warned.culprit.startswith(sha)), "")
    return replace(warned, carried=name) if name else warned


# -- which of them somebody has been told, so that a nightly job speaks once ----------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What the file holds."""

    seen: tuple[str, ...]
    """Keys of warnings, the newest last."""
    schema: Literal[1] = 1


@contextmanager
def unseen(state: Path, warned: Sequence[Warned]) -> Iterator[tuple[Warned, ...]]:
    """Those of ``warned`` that the file ``state`` does not have; they are in it once the block has ended well.

    Raises ``BusyError`` where another run holds it, ``GateError`` for a file that is none of ours.
    """
    with lock(state.with_name(f"{state.name}.lock")) as is_held:
        if not is_held:
            raise BusyError("another run is at this file", where=str(state), hint="wait for it, or use --state")
        seen = _read(state)
        yield tuple(one for one in warned if one.key not in seen)
        keys = tuple(dict.fromkeys([*seen, *(one.key for one in warned)]))
        write_atomically(state, dumps(_Told(seen=keys[-_MOST:])))


def _read(state: Path) -> tuple[str, ...]:
    try:
        return loads(_Told, read_plain_text(state, _LARGEST, errors="strict")).seen
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise GateError(
            "expected what an earlier run has written, found something else",
            where=str(state),
            hint="remove it: all is new then",
        ) from error
