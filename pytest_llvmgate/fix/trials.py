"""Cures tried at one unit: kept where the compiler no longer complains there, and complains nowhere else instead."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.findings.groups import lacks_of_std
from pytest_llvmgate.fix.cure import Cure
from pytest_llvmgate.fix.cures import Cabinet
from pytest_llvmgate.fix.rewrite_rules import Edit, applied
from pytest_llvmgate.fix.statements import line_of, line_span, statement_at
from pytest_llvmgate.fix.tablegen_units import check_any
from pytest_llvmgate.fix.unit_check import CompileError, Trouble, UnitCheck
from pytest_llvmgate.fix.working_copy import WorkingCopy, as_shown
from pytest_llvmgate.kinds.catalogue import API_REMOVED
from pytest_llvmgate.kinds.facts import NAME, SCOPE

_NAMES: Final = re.compile(r"[A-Za-z_]\w*")
_MOST_ROUNDS: Final = 30
_DEEPEST: Final = 6
"""Rounds of cures for what a guess uncovers."""
_MOST_SINGLE: Final = 8
"""Cures tried one by one where a batch did not do."""
_REFUSED: Final = 3
"""Places at which a cure failed before it is no longer tried for its cause."""


@dataclass(frozen=True, kw_only=True)
class _Tried:
    cause: tuple[str, str]
    """Kind and identifier of the finding."""
    path: str
    line: int
    source: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Kept(_Tried):
    """An edit that the compiler agrees with."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Refused(_Tried):
    """A cure that did not do, and what the compiler said to it."""

    said: str

    @classmethod
    def of(cls, kept: Kept, said: str) -> Refused:
        """An edit that was made, and taken back because of what was said."""
        return cls(cause=kept.cause, path=kept.path, line=kept.line, source=kept.source, what=kept.what, said=said)


@dataclass(frozen=True, kw_only=True)
class _Proposal:
    trouble: Trouble
    cure: Cure


@dataclass(kw_only=True)
class Trials:
    """Goes through units and remembers what helped."""

    copy: WorkingCopy
    cabinet: Cabinet
    deadline: float
    """Of ``time.monotonic()``."""
    kept: list[Kept] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    compilations: int = 0
    _tried: set[tuple[object, ...]] = field(default_factory=set)
    _failures: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def cure_unit(self, command: CompileCommand, known: UnitCheck, *, is_as_known: bool = False) -> UnitCheck:
        """Mend what can be mended in one unit (moved to the copy); what the compiler says at the end.

        It said ``known`` when it looked last; ``is_as_known``: it would say the same now.
        """
        current = known if is_as_known or self._is_time_up else self._look(command)
        for _ in range(_MOST_ROUNDS):
            batch = [] if current.passed else self._proposals(current)
            if not batch:
                break
            current = self._tried_all(command, current, batch)
        return known if current.is_stopped else current

    @property
    def _is_time_up(self) -> bool:
        return time.monotonic() > self.deadline

    def _look(self, command: CompileCommand) -> UnitCheck:
        self.compilations += 1
        return check_any(command, self.copy, self.deadline)

    # -- what to try --------------------------------------------------------------------------------------------------

    def _proposals(self, current: UnitCheck, *, at: Collection[tuple[str, int]] | None = None) -> list[_Proposal]:
        """For every place the likeliest cure that was not tried there, but none when time is up; no two of one stretch.

        What follows from other errors is tried when nothing is left to try of those: it would seem mended with them.
        """
        batch: list[_Proposal] = []
        if any(_asks_for_a_newer_standard(one) for one in current.troubles):
            return []
        for trouble in sorted(current.troubles, key=lambda one: one.is_follow_on):
            place = trouble.place
            if self._is_time_up:
                return []
            if trouble.is_follow_on and any(not one.trouble.is_follow_on for one in batch):
                break
            if place is None or (at is not None and (place.path, place.line) not in at):
                continue
            text = self.copy.read(place.path)
            cure = next((one for one in self.cabinet.cures(trouble, text) if self._is_fresh(trouble, one, text)), None)
            if cure is not None and not any(_overlap(cure, other.cure) for other in batch):
                batch.append(_Proposal(trouble=trouble, cure=cure))
        return batch

    def _is_fresh(self, trouble: Trouble, cure: Cure, text: str) -> bool:
        if self._failures[trouble.cause, cure.what] >= _REFUSED and cure.what not in self.cabinet.proven:
            return False
        return _key(trouble, cure, text) not in self._tried

    # -- trying -------------------------------------------------------------------------------------------------------

    def _tried_all(self, command: CompileCommand, before: UnitCheck, batch: Sequence[_Proposal]) -> UnitCheck:
        """All at once; what does not help is taken back; where that does not settle it, one by one."""
        self._mark(batch)
        attempt = _Attempt(self.copy, batch)
        after = self._applied(command, [attempt])
        useless = attempt.useless(before, after)
        wrong = [one for one in attempt.fresh(before, after) if not self._is_explained(one, attempt, after)]
        innocent = attempt.innocent(wrong)
        if not useless and innocent and len(innocent) < len(batch):
            # What makes new errors is met again in the next round, by itself.
            attempt.undo()
            self._unmark([one for one in batch if one not in innocent])
            if (without := self._tried_all(command, before, innocent)) is not before:
                return without
            return self._one_by_one(command, before, [one for one in batch if one not in innocent])
        if not useless and (settled := self._settled(command, before, attempt, after)) is not None:
            return settled
        attempt.undo()
        if len(batch) == 1:
            self._refuse(batch[0], attempt.said(before, after))
            return before
        good = [proposal for proposal in batch if proposal not in useless]
        if useless and good:
            for proposal in useless:
                self._refuse(proposal, attempt.said_at(proposal, after))
            return self._tried_all(command, before, good)
        return self._one_by_one(command, before, batch)

    def _settled(
        self, command: CompileCommand, before: UnitCheck, attempt: _Attempt, after: UnitCheck
    ) -> UnitCheck | None:
        """Whether these edits can stay, perhaps with more of them behind; what the compiler says then.

        A mended error often uncovers another one. That is no fault of the edit where LLVM changed what the other one is
        about, or where the rule is LLVM's own word and the error is elsewhere. In all other cases the edit is a guess,
        and it has to come out: what it uncovers must be mended, too, or all of it goes.
        """
        if after.is_stopped:
            return None
        fresh = attempt.fresh(before, after)
        if all(self._is_explained(error, attempt, after) for error in fresh):
            self._accept([attempt])
            return after
        attempts, current = [attempt], after
        for _ in range(_DEEPEST):
            batch = self._proposals(current, at={(error.path, error.line) for error in _new(before, current)})
            if not batch:
                break
            self._mark(batch)
            further = _Attempt(self.copy, batch)
            looked = self._applied(command, [*attempts, further])
            if useless := batch if looked.is_stopped else further.useless(current, looked):
                further.undo()
                self._unmark([proposal for proposal in batch if proposal not in useless])
                continue
            attempts.append(further)
            current = looked
            if all(self._is_explained(error, attempt, current) for error in _new(before, current)):
                self._accept(attempts)
                return current
        for further in reversed(attempts[1:]):
            further.undo()
            self._unmark(further.batch)
        return None

    def _is_explained(self, error: CompileError, attempt: _Attempt, after: UnitCheck) -> bool:
        """Whether an error that shows now was there before, hidden. At the edit's own place it is to be mended."""
        if attempt.is_at(error):
            return False
        if all(_is_documented(proposal.cure) for proposal in attempt.batch) and not attempt.is_beside(error):
            return True
        if any(proposal.cure.path.endswith(".td") and proposal.cure.rule is None for proposal in attempt.batch):
            return False  # what TableGen lacks then is what the other file was to bring
        there = [one for one in after.troubles if one.message == error.message and one.facts.get(NAME)]
        if attempt.introduced & {one.facts[NAME] for one in there}:
            return False  # nothing was hidden: the edit itself says that name
        return any(
            self.cabinet.difference.is_whole
            and self.cabinet.difference.of_name(one.facts[NAME], one.facts.get(SCOPE, "")).is_a_change
            for one in there[:1]
        )

    def _mark(self, batch: Sequence[_Proposal]) -> None:
        self._tried |= {_key(one.trouble, one.cure, self.copy.read(one.cure.path)) for one in batch}

    def _unmark(self, batch: Sequence[_Proposal]) -> None:
        self._tried -= {_key(one.trouble, one.cure, self.copy.read(one.cure.path)) for one in batch}

    def _one_by_one(self, command: CompileCommand, before: UnitCheck, batch: Sequence[_Proposal]) -> UnitCheck:
        """Rule by rule, and each alone where there is one. What succeeds moves the others' places: they come again."""
        by_rule: dict[str, list[_Proposal]] = {}
        for proposal in batch:
            by_rule.setdefault(proposal.cure.what, []).append(proposal)
        parts = list(by_rule.values()) if len(by_rule) > 1 else [[one] for one in batch]
        for part in parts[:_MOST_SINGLE]:
            if self._is_time_up:
                break
            after = self._tried_all(command, before, part)
            if after is not before:
                self._unmark([other for other in batch if other not in part])
                return after
        return before

    def _applied(self, command: CompileCommand, attempts: Sequence[_Attempt]) -> UnitCheck:
        try:
            return self._look(command)
        except BaseException:
            for attempt in reversed(attempts):
                attempt.undo()
            raise

    def _accept(self, attempts: Sequence[_Attempt]) -> None:
        for attempt, proposal in [(one, proposal) for one in attempts for proposal in one.batch]:
            trouble, cure = proposal.trouble, proposal.cure
            if cure.rule is not None:
                self.cabinet.proven.setdefault(cure.what, cure.rule)
            old, new = attempt.lines_of(proposal)
            assert trouble.place is not None  # noqa: S101 (the proposals have one)
            self.kept.append(
                Kept(cause=trouble.cause, path=cure.path, line=trouble.place.line, source=cure.source,
                     what=cure.what, before=old, after=new)
            )  # fmt: skip

    def _refuse(self, proposal: _Proposal, said: str) -> None:
        trouble, cure = proposal.trouble, proposal.cure
        self._failures[trouble.cause, cure.what] += 1
        line = trouble.place.line if trouble.place is not None else 0
        self.refused.append(
            Refused(cause=trouble.cause, path=cure.path, line=line, source=cure.source, what=cure.what, said=said)
        )


def _key(trouble: Trouble, cure: Cure, text: str) -> tuple[object, ...]:
    """The same cure at the same code, wherever that has moved, and as often: mended at one of several lines, it is new.

    What is done elsewhere in the file is done once.
    """
    assert trouble.place is not None  # noqa: S101 (cures are for places)
    begin, end = line_span(text, trouble.place.line)
    is_elsewhere = all(edit.text.strip().startswith("#include") for edit in cure.edits)
    code = "" if is_elsewhere else text[begin:end].strip()
    return (trouble.cause, cure.path, code, text.count(code), cure.what, tuple(edit.text for edit in cure.edits))


def _asks_for_a_newer_standard(trouble: Trouble) -> bool:
    """Whether a header that is not ours lacks something of the standard library: no edit of code mends that unit."""
    return trouble.kind == API_REMOVED and not trouble.is_here and lacks_of_std(trouble.identifier, trouble.facts)


def _new(before: UnitCheck, after: UnitCheck) -> list[CompileError]:
    """Errors that were not there before, told by their line's text."""
    known = Counter(error.identity for error in before.errors)
    found = []
    for error in after.errors:
        known[error.identity] -= 1
        if known[error.identity] < 0:
            found.append(error)
    return found


def _takes_lines(edit: Edit, text: str) -> bool:
    """Whether it takes whole lines away: then what follows stands there, which is no place of the edit's."""
    is_whole = text[max(0, edit.start - 1) : edit.start] in {"", "\n"} and text[: edit.end].endswith("\n")
    return not edit.text and edit.start < edit.end and is_whole


def _is_documented(cure: Cure) -> bool:
    return cure.is_documented or (cure.rule is not None and cure.rule.is_documented)


def _overlap(one: Cure, other: Cure) -> bool:
    if one.path != other.path:
        return False
    return any(a.start == b.start or (a.start < b.end and b.start < a.end) for a in one.edits for b in other.edits)


_Range = tuple[str, int, int]
"""File, first and last line."""


class _Attempt:
    """Edits in place, and what is to be compared because of them."""

    def __init__(self, copy: WorkingCopy, batch: Sequence[_Proposal]) -> None:
        self.batch = batch
        self._copy = copy
        self._texts: dict[str, str] = {}
        self._old: dict[int, list[_Range]] = {}
        self._new: dict[int, list[_Range]] = {}
        for path in dict.fromkeys(proposal.cure.path for proposal in batch):
            self._edit(path, [(number, one) for number, one in enumerate(batch) if one.cure.path == path])

    def _edit(self, path: str, proposals: Iterable[tuple[int, _Proposal]]) -> None:
        text = self._texts[path] = self._copy.read(path)
        owners: list[int] = []
        edits: list[Edit] = []
        for number, proposal in proposals:
            owners += [number] * len(proposal.cure.edits)
            edits += proposal.cure.edits
        new, spans = applied(text, edits)
        for owner, edit, (start, end) in zip(owners, edits, spans, strict=True):
            self._old.setdefault(owner, []).append((path, line_of(text, edit.start), line_of(text, edit.end)))
            last = line_of(new, end) - (1 if _takes_lines(edit, text) else 0)
            self._new.setdefault(owner, []).append((path, line_of(new, start), last))
        for number in dict.fromkeys(owners):
            place = self.batch[number].trouble.place
            assert place is not None  # noqa: S101 (the proposals have one)
            self._old[number].append((place.path, place.line, place.line))
            if place.path == path:
                at = line_span(text, place.line)[0]
                moved = at + sum(len(one.text) - (one.end - one.start) for one in edits if one.end <= at)
                is_gone = any(one.start <= at < one.end and _takes_lines(one, text) for one in edits)
                self._new[number].append((path, line_of(new, moved), line_of(new, moved) - (1 if is_gone else 0)))
        self._copy.write(path, new)

    def undo(self) -> None:
        """Put back what was there."""
        for path, text in self._texts.items():
            self._copy.write(path, text)

    @property
    def introduced(self) -> set[str]:
        """Names that the edits put where they were not."""
        return {
            word
            for proposal in self.batch
            for edit in proposal.cure.edits
            for word in set(_NAMES.findall(edit.text))
            - set(_NAMES.findall(self._texts[proposal.cure.path][edit.start : edit.end]))
        }

    def useless(self, before: UnitCheck, after: UnitCheck) -> list[_Proposal]:
        """The proposals after which the compiler still says of their place what it said."""
        said = [_messages(before, self._old[number]) for number in range(len(self.batch))]
        says = [_messages(after, self._new[number]) for number in range(len(self.batch))]
        return [one for one, old, new in zip(self.batch, said, says, strict=True) if not old - new]

    def fresh(self, before: UnitCheck, after: UnitCheck) -> list[CompileError]:
        """Errors that were not there before.

        Behind an include that was not found nothing was compiled: what shows then was hidden, and is not new.
        """
        known = Counter(error.identity for error in before.errors)
        there = Counter[str]()
        for number in range(len(self.batch)):
            there |= _messages(before, self._old[number])
        fresh = []
        for error in after.errors:
            if self.is_at(error):
                there[error.message] -= 1
                is_new = there[error.message] < 0
            else:
                known[error.identity] -= 1
                is_new = known[error.identity] < 0 and not before.is_cut
            if is_new:
                fresh.append(error)
        return fresh

    def innocent(self, wrong: Iterable[CompileError]) -> list[_Proposal]:
        """The proposals that none of these errors is laid on: on those at its place, else on the nearest one above."""
        guilty: set[int] = set()
        for error in wrong:
            at_place = {n for n, ranges in self._new.items() if _is_in(error.path, error.line, ranges)}
            above = [
                (first, number)
                for number, ranges in self._new.items()
                for path, first, _ in ranges
                if path == error.path and first <= error.line
            ]
            guilty |= at_place or {number for _, number in sorted(above)[-1:]}
        return [one for number, one in enumerate(self.batch) if number not in guilty]

    def is_at(self, error: CompileError) -> bool:
        """Whether it stands at a line that was edited, or whose error was to be mended."""
        return any(_is_in(error.path, error.line, ranges) for ranges in self._new.values())

    def is_beside(self, error: CompileError) -> bool:
        """Whether it stands at such a line, or its statement does: a call under another name takes what that takes."""
        if self.is_at(error):
            return True
        edited = [one for ranges in self._new.values() for one in ranges if one[0] == error.path]
        if not edited or error.path.endswith(".td"):
            return False
        text = self._copy.read(error.path)
        first, last = (line_of(text, at) for at in statement_at(text, error.line))
        return any(begin <= last and first <= end for _, begin, end in edited)

    def said(self, before: UnitCheck, after: UnitCheck) -> str:
        """The compiler's word against a single proposal."""
        if after.is_stopped:
            return "the compiler came to no end"
        at_place = self.said_at(self.batch[0], after)
        other = self.fresh(before, after)
        return at_place or (f"{other[0].path}:{other[0].line}: {other[0].message}" if other else "")

    def said_at(self, proposal: _Proposal, after: UnitCheck) -> str:
        """What the compiler says of the place now."""
        ranges = self._new[list(self.batch).index(proposal)]
        return next((one.message for one in after.troubles if _holds(ranges, one)), "")

    def lines_of(self, proposal: _Proposal) -> tuple[str, str]:
        """The code before and after, in one line each."""
        number = list(self.batch).index(proposal)
        path = proposal.cure.path
        return (
            _code(self._texts[path], next(one for one in self._old[number] if one[0] == path)),
            _code(self._copy.read(path), self._new[number][0]),
        )


def _messages(check: UnitCheck, ranges: Sequence[_Range]) -> Counter[str]:
    """All errors at these lines, and those elsewhere that the compiler came to from there."""
    there = Counter(error.message for error in check.errors if _is_in(error.path, error.line, ranges))
    from_there = Counter(trouble.message for trouble in check.troubles if _holds(ranges, trouble))
    return there | from_there


def _holds(ranges: Sequence[_Range], trouble: Trouble) -> bool:
    return trouble.place is not None and _is_in(trouble.place.path, trouble.place.line, ranges)


def _is_in(path: str, line: int, ranges: Sequence[_Range]) -> bool:
    return any(path == file and first <= line <= last for file, first, last in ranges)


def _code(text: str, where: _Range) -> str:
    _, first, last = where
    return as_shown(" ".join(" ".join(text.split("\n")[first - 1 : last]).split()))
