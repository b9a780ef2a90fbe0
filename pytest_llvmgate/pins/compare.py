"""Whether the pins agree: every reading against one reference commit, by its policy."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Literal

from pytest_llvmgate.config.holds import Held
from pytest_llvmgate.config.settings import PinSpec, Policy
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO
from pytest_llvmgate.git.revisions import is_full_sha, shortened
from pytest_llvmgate.pins.leading import leaders
from pytest_llvmgate.pins.readers import GITLINK
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.pins.syntax.found import TAG_PREFIX
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.upstream.llvm_clone import Upstream

Reference = Literal["candidate", "agree"]
"""``candidate``: every pin must be the candidate. ``agree``: the pins must agree with the direct ones, for trying a
candidate on a tree that is not bumped yet."""

_SURE_PREFIX: Final = 12
"""Digits from which an abbreviated SHA is unique in llvm-project, and git abbreviates its commits to no fewer."""


class Agreement(StrEnum):
    """What comparing a pin gave."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNREADABLE = "unreadable"
    """There is no commit to compare, or it cannot be told whether it is the right one. Never a pass."""
    ADVISORY = "advisory"
    """Differs or cannot be read, which its policy allows."""
    IGNORED = "ignored"


@dataclass(frozen=True, kw_only=True)
class PinVerdict:
    """One pin against the reference."""

    reading: PinReading
    agreement: Agreement
    reason: str = ""
    """One line; empty when it agrees and there is nothing to add."""
    fix: tuple[str, ...] = ()
    """What to do, one step per entry."""
    notes: tuple[str, ...] = ()
    """What else a clone of llvm-project tells: carried patches, the distance to what is expected."""

    @property
    def fails(self) -> bool:
        """Whether this pin makes the answer a no."""
        return self.agreement in {Agreement.DIFFERS, Agreement.UNREADABLE}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something odd about the pins that is no disagreement in itself."""

    kind: str
    """``fork``, ``unreachable``, ``off-main``, ``title``, ``checksum``, ``moved-alone`` or ``unknowable``."""
    pin: str = ""
    message: str
    where: str | None = None
    hint: str | None = None


@dataclass(frozen=True, kw_only=True)
class PinReport:
    """All pins against the reference."""

    expected: str | None
    """The full SHA (or, where nothing resolves it, the tag) that they were compared with; ``None`` when no pin could be
    read to compare with."""
    speaker: PinReading | None = None
    """The pin that said what is expected; ``None`` where that is the candidate."""
    reference: Reference
    verdicts: tuple[PinVerdict, ...]
    notices: tuple[Notice, ...] = ()
    """What is odd besides (see :mod:`pytest_llvmgate.pins.detect`); it does not decide the answer."""
    holds: Mapping[str, Held] = field(default_factory=dict)
    """Pin name to the hold that applies to it."""
    expired: tuple[Held, ...] = ()
    """Holds of the configuration that have ended: each is a reason for a no."""

    @property
    def agrees(self) -> bool:
        """Whether no pin fails, held or not."""
        return not any(verdict.fails for verdict in self.verdicts)

    def is_held(self, verdict: PinVerdict) -> bool:
        """Whether the pin fails and a hold that has not expired excuses it."""
        held = self.holds.get(verdict.reading.name)
        return verdict.fails and held is not None and not held.expired

    @property
    def exit_code(self) -> int:
        """0 when every pin that fails is held and no hold has expired, else 1."""
        open_ones = [verdict for verdict in self.verdicts if verdict.fails and not self.is_held(verdict)]
        return EXIT_VERDICT_NO if open_ones or self.expired else EXIT_OK


def compare(
    readings: Iterable[PinReading],
    candidate: str | None = None,
    *,
    today: datetime.date | None = None,
    upstream: Upstream | None = None,
) -> PinReport:
    """Compare the pins with the candidate (a full SHA, or a tag that nothing resolves), else with the direct ones.

    Pins of another group than the project's own are compared with the first of their group.

    ``upstream``: the clones of llvm-project at hand; without one, the policy ``same-base`` can only see equal SHAs.
    """
    pins = tuple(readings)
    speaker = None if candidate else _leader(pins)
    expected = {"": candidate or _said(speaker)}
    for pin in pins:
        expected.setdefault(pin.spec.group, _said(_leader(pins, pin.spec.group)))
    day = today or datetime.date.today()
    verdicts = [_verdict(pin, expected[pin.spec.group], _current_policy(pin.spec, day), upstream) for pin in pins]
    return PinReport(
        expected=expected[""],
        reference="candidate" if candidate else "agree",
        verdicts=tuple(_duplicates_checked(verdicts)),
        speaker=speaker,
    )


def _duplicates_checked(verdicts: Sequence[PinVerdict]) -> Iterator[PinVerdict]:
    """The same, but for pins of the project itself that differ among themselves: no policy allows that."""
    firsts: dict[str, PinVerdict] = {}
    for verdict in verdicts:
        if _is_own(verdict) and verdict.reading.sha:
            firsts.setdefault(verdict.reading.spec.group, verdict)
    for verdict in verdicts:
        sha = verdict.reading.sha
        first = firsts.get(verdict.reading.spec.group)
        if verdict.fails or first is None or not _is_own(verdict) or sha in {None, first.reading.sha}:
            yield verdict
            continue
        own = str(first.reading.sha)
        reason = f"found {verdict.reading.short}, where {first.reading.name} says {shortened(own)}"
        reason += ": a project's own pins must be equal"
        yield replace(verdict, agreement=Agreement.DIFFERS, reason=reason, fix=tuple(_steps(verdict.reading, own)))


def _is_own(verdict: PinVerdict) -> bool:
    return verdict.reading.is_direct and verdict.agreement is not Agreement.IGNORED


def leading(readings: Iterable[PinReading], group: str = "") -> tuple[PinReading, ...]:
    """The pins that speak for the downstream: the direct ones, or all where it has none."""
    return leaders(readings, spec=lambda one: one.spec, own=lambda one: one.is_direct, group=group)


def _leader(readings: Iterable[PinReading], group: str = "") -> PinReading | None:
    """The first leading pin that could be read: of the others, those with a full SHA before those with a tag."""
    pins = leading(readings, group)
    return next((one for one in pins if one.sha), None) or next((one for one in pins if one.text), None)


def _said(reading: PinReading | None) -> str | None:
    """What the others are compared with."""
    return (reading.sha or reading.text) if reading else None


def _current_policy(spec: PinSpec, today: datetime.date) -> Policy:
    """The pin's policy; an exception that has ended is one no longer."""
    ended = spec.until is not None and spec.until < today
    return Policy.EQUAL if ended else spec.policy


def _verdict(reading: PinReading, expected: str | None, policy: Policy, upstream: Upstream | None) -> PinVerdict:
    if policy is Policy.IGNORE:
        return PinVerdict(reading=reading, agreement=Agreement.IGNORED, reason=reading.spec.reason)
    agreement, reason = _measure(reading, expected, policy, upstream)
    fix = tuple(_steps(reading, expected)) if agreement in {Agreement.DIFFERS, Agreement.UNREADABLE} else ()
    notes = tuple(_notes(reading, expected, policy, upstream))
    if agreement is not Agreement.AGREES and policy is Policy.ADVISORY:
        agreement = Agreement.ADVISORY
        reason = f"{reason} (advisory: {reading.spec.reason or 'its policy allows it'})"
    if agreement is Agreement.DIFFERS and policy is not reading.spec.policy:
        reason += f"; its policy {reading.spec.policy!s} ended on {reading.spec.until}"
    return PinVerdict(reading=reading, agreement=agreement, reason=reason, fix=fix, notes=notes)


def _measure(
    reading: PinReading, expected: str | None, policy: Policy, upstream: Upstream | None
) -> tuple[Agreement, str]:
    if reading.problem:
        return Agreement.UNREADABLE, reading.problem.message
    if expected is None:
        return Agreement.UNREADABLE, "there is no readable direct pin to compare it with"
    if reading.sha is None or not is_full_sha(expected):
        return _measure_unresolved(reading, expected)
    if reading.sha == expected:
        return Agreement.AGREES, ""
    if policy is Policy.SAME_BASE:
        return _measure_base(reading.sha, expected, upstream)
    return Agreement.DIFFERS, f"expected {shortened(expected)}, found {reading.short}"


def _measure_base(sha: str, expected: str, upstream: Upstream | None) -> tuple[Agreement, str]:
    """Whether both leave upstream's main at the same commit. What cannot be told is no pass."""
    if upstream is None or not upstream.clones:
        return Agreement.UNREADABLE, "policy same-base: without a clone of llvm-project the bases cannot be compared"
    found, wanted = upstream.base(sha), upstream.base(expected)
    if found is None or wanted is None:
        unknown = sha if found is None else expected
        fork = any(not clone.main for clone in upstream.clones)
        why = " (a fork's own main is not upstream's: name that as 'main' in [llvm])" if fork else ""
        return (
            Agreement.UNREADABLE,
            f"policy same-base: no clone at hand can tell the base of {shortened(unknown)}{why}",
        )
    if found.sha == wanted.sha:
        return Agreement.AGREES, str(found)
    return Agreement.DIFFERS, f"expected base {shortened(wanted.sha)}, found {found}"


def _notes(reading: PinReading, expected: str | None, policy: Policy, upstream: Upstream | None) -> Iterator[str]:
    if upstream is None or expected is None or reading.sha in {None, expected}:
        return
    sha = str(reading.sha)
    distance = upstream.distance(sha, expected)
    if distance:
        yield f"{shortened(sha)} against {shortened(expected)}: {distance}"
    base = upstream.base(sha) if policy is Policy.SAME_BASE else None
    for patch in base.patches if base else ():
        yield f"carries {patch.sha[:12]} {patch.title}"


def _measure_unresolved(reading: PinReading, expected: str) -> tuple[Agreement, str]:
    text = reading.text.lower()
    if not is_full_sha(expected):
        return _measure_tag(reading, expected)
    if not re.fullmatch(r"[0-9a-f]+", text):
        return Agreement.UNREADABLE, f"the tag {reading.text} cannot be resolved to a commit here"
    if not expected.startswith(text):
        return Agreement.DIFFERS, f"expected {shortened(expected)}, found {reading.text}"
    if len(text) >= _SURE_PREFIX:
        return Agreement.AGREES, "abbreviated"
    return Agreement.UNREADABLE, f"{reading.text} is too short to be sure of: expected 40 digits"


def _measure_tag(reading: PinReading, expected: str) -> tuple[Agreement, str]:
    """Against a tag that nothing resolves."""
    if reading.text == expected:
        return Agreement.AGREES, ""
    if reading.is_tag and expected.startswith(TAG_PREFIX):
        return Agreement.DIFFERS, f"expected {expected}, found {reading.text}"
    return Agreement.UNREADABLE, f"whether {reading.short} is {shortened(expected)} cannot be told here"


def _steps(reading: PinReading, expected: str | None) -> list[str]:
    """How to make this pin say what is expected."""
    if reading.problem:
        return [reading.problem.hint] if reading.problem.hint else []
    if reading.sha is None and (expected is None or expected.startswith(reading.text.lower())):
        return [f"write the full SHA in {reading.location}, or name a clone as 'repository' in [llvm]"]
    if reading.is_tag and reading.sha is None and expected and is_full_sha(expected):
        tags = f'say what it is: [llvm.tags] "{reading.text}" = "<its full SHA>"; or name a clone: [llvm] repository'
        return [tags] if reading.only_tags else [tags, *_fix_direct(reading, expected)]
    if expected is None:
        return []
    fixer = _fix_direct if not reading.hops else _fix_component
    return fixer(reading, expected)


def _is_gitlink(reading: PinReading) -> bool:
    return reading.spec.reader == GITLINK or reading.location.line is None


def _fix_direct(reading: PinReading, expected: str) -> list[str]:
    path = shell_word(reading.location.path)
    if _is_gitlink(reading):
        return [f"git -C {path} fetch origin {expected} && git -C {path} checkout {expected}", f"git add {path}"]
    places = (reading.location, *reading.duplicates)
    return [f"{place}: replace {reading.text} by {expected}" for place in places]


def _fix_component(reading: PinReading, expected: str) -> list[str]:
    hop = reading.hops[-1]
    path = hop.where.path
    if not hop.commit:
        return [f"{reading.location}: take a state of {path} that is on {expected}; now it is on {reading.text}"]
    is_file = hop.what == "file"
    clone = reading.spec.through[-1].repository if is_file else path
    there = shell_word(clone)
    take = (
        f"write the commit found in {hop.where}"
        if is_file
        else f"git -C {there} checkout <the commit found> && git add {there}"
    )
    found = f"--find-object={expected}" if _is_gitlink(reading) else f"-S{expected}"
    inside = shell_word(reading.location.path.removeprefix(f"{clone}/"))
    look = f"log --all --format='%h %ad %s' --date=short {found} -- {inside}"
    return [
        f"git -C {there} fetch origin && git -C {there} {look}",
        take,
        f"if there is none, {clone} has not reached that LLVM commit yet: add a [[hold]], or choose another candidate",
    ]
