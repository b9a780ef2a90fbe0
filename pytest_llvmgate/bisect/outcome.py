"""What a search came to: for people, as JSON with everything, and in the shape that a Jenkins job of the field had."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.bisect.drive import Outline, SearchEnding
from pytest_llvmgate.bisect.judge import Judgement
from pytest_llvmgate.bisect.probing import ProbeResult
from pytest_llvmgate.bisect.state import SearchState, judged_step
from pytest_llvmgate.codec import to_plain
from pytest_llvmgate.upstream.first_parent import Commit, Follower

_REPORT_SCHEMA: Final = 1
_CULPRITS_SHOWN: Final = 12
_FILES_SHOWN: Final = 12

_EXIT_CODES: Final[Mapping[SearchEnding, int]] = {
    SearchEnding.FOUND: 0,
    SearchEnding.NOT_BAD: 1,
    SearchEnding.ALREADY_BAD: 3,
    SearchEnding.RANGE: 125,
    SearchEnding.UNTESTABLE: 125,
    SearchEnding.STOPPED: 5,
}
"""Beside 2 (the command line), 4 (wrong input) and 130 (interrupted; goes on with the same command)."""

_NARROW: Final = frozenset({SearchEnding.FOUND, SearchEnding.RANGE, SearchEnding.STOPPED})
"""Endings that leave a stretch with a good end and a bad one."""


@dataclass(frozen=True, kw_only=True)
class ProbeLine:
    """One judged commit, as reports list it."""

    commit: Commit
    mark: Mark
    unrelated: bool
    reason: str
    seconds: float
    llvm_built: int
    logs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The result of one search."""

    outline: Outline
    good: Commit
    bad: Commit
    last_good: Commit
    first_bad: Commit
    culprits: tuple[Commit, ...]
    """At most a hundred of those that may have made the change, oldest first."""
    culprit_count: int
    """All of them, with what lies between two releases."""
    touched: tuple[str, ...]
    """The files of the first bad commit that the downstream depends on."""
    followers: tuple[Follower, ...]
    lines: tuple[ProbeLine, ...]
    commits: int
    """How many commits were searched."""
    flavours: int
    """Kinds of LLVM that what was asked for needs."""
    seconds: float
    """Wall time of this run."""
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """See :data:`_EXIT_CODES`."""
        return _EXIT_CODES[self.outline.ending]

    @property
    def naive(self) -> int:
        """Probes of a plain bisection of the same commits, both ends included."""
        return math.ceil(math.log2(max(1, self.commits))) + 2

    @property
    def naive_builds(self) -> int:
        """LLVM builds that these take, with every kind of LLVM that was asked for at each."""
        return self.naive * self.flavours

    @property
    def llvm_built(self) -> int:
        """LLVM installs made, interrupted runs included."""
        return sum(line.llvm_built for line in self.lines)


def probe_lines(state: SearchState, outline: Outline, commits: Mapping[str, Commit]) -> tuple[ProbeLine, ...]:
    """Every judged commit in the order of judging, judged for what this search looks for."""
    steps = [step for step in state.steps if step.sha in commits]
    return tuple(_line(commits[step.sha], judged_step(step, outline.wanted), step.result) for step in steps)


def _line(commit: Commit, judged: Judgement, result: ProbeResult | None) -> ProbeLine:
    return ProbeLine(
        commit=commit,
        mark=judged.mark,
        unrelated=judged.unrelated,
        reason=judged.reason,
        seconds=result.seconds if result else 0.0,
        llvm_built=result.llvm_built if result else 0,
        logs=tuple(each.log for each in result.results if each.log) if result else (),
    )


def log_lines(report: Report) -> Iterator[str]:
    """The log, in the order of judging; :func:`pytest_llvmgate.bisect.state.read_log` reads it."""
    yield f"# llvmgate bisect log: {report.good.sha}..{report.bad.sha}; {report.outline.wanted}"
    for line in report.lines:
        word = "unrelated" if line.unrelated and line.mark is Mark.SKIP else line.mark.value
        yield f"{word} {line.commit.sha} # {line.commit.date[:10]} {line.commit.title}"
        yield f"#   {' '.join(line.reason.split())} [{line.seconds:.0f} s]"


# -- JSON -------------------------------------------------------------------------------------------------------------


def report_data(report: Report) -> dict[str, Any]:
    """Everything as plain values; in ``recent``, each commit is :func:`numbered`."""
    outline = report.outline
    is_narrow = outline.ending in _NARROW
    names = ("good", "bad", "culprits", "culprit_count", "touched", "followers", "commits", "notes")
    return {
        "schema": _REPORT_SCHEMA,
        "ending": outline.ending.value,
        "reason": outline.reason,
        "wanted": {"kind": outline.wanted.kind, "identifier": outline.wanted.identifier, "nodes": outline.wanted.nodes},
        "finding": to_plain(outline.finding) if outline.finding else None,
        "also": [{"kind": each.kind, "identifier": each.identifier} for each in outline.also],
        **{name: to_plain(getattr(report, name)) for name in names},
        "last_good": to_plain(report.last_good) if is_narrow else None,
        "first_bad": to_plain(report.first_bad) if is_narrow else None,
        "is_exact": outline.ending is SearchEnding.FOUND,
        "folded": outline.weighing.folded,
        "hints": to_plain(outline.weighing.hints),
        "probes": to_plain(report.lines),
        "counts": {
            "probes": len(report.lines),
            "stopped": outline.stopped,
            "llvm_builds": report.llvm_built,
            "naive_probes": report.naive,
            "naive_llvm_builds": report.naive_builds,
            "seconds": round(report.seconds, 1),
        },
        "recent": _recent(report) if is_narrow else {"failed": None, "succeeded": None},
    }


def _recent(report: Report) -> dict[str, Any]:
    """``failed`` and ``succeeded``: the commits on both sides of the change, each with the number of its probe."""
    numbers = {line.commit.sha: number for number, line in enumerate(report.lines, 1)}
    sides = {"failed": report.first_bad, "succeeded": report.last_good}
    return {side: numbered(each.sha, each.date, numbers.get(each.sha)) for side, each in sides.items()}


def numbered(sha: str, date: str, number: int | None) -> list[Any]:
    """A commit and the number of its build, in the shape of the job that onnx-mlir ran."""
    return [{"sha1": sha, "date": date}, number]


# -- text -------------------------------------------------------------------------------------------------------------


def report_lines(report: Report) -> Iterator[str]:
    """The result for people."""
    outline = report.outline
    if outline.ending in _NARROW:
        yield from _STRETCHES[outline.ending](report)
    else:
        what, advice = _WITHOUT[outline.ending]
        yield f"{what}: {outline.reason}"
        yield from advice
    if outline.also:
        names = ", ".join(f"{each.kind}:{each.identifier}" for each in outline.also[:5])
        yield f"the bad end shows {len(outline.also)} more findings (--finding searches for one): {names}"
    yield from _effort(report)
    yield from (f"note: {note}" for note in report.notes)


def _found(report: Report) -> Iterator[str]:
    yield f"first bad commit: {report.first_bad}"
    yield from _about(report)
    yield f"last good commit: {report.last_good}"


def _range(report: Report) -> Iterator[str]:
    yield f"the first bad commit is one of these {report.culprit_count}; those between cannot be judged:"
    yield from (f"  {commit}" for commit in report.culprits[:_CULPRITS_SHOWN])
    if report.culprit_count > _CULPRITS_SHOWN:
        yield f"  ... and {report.culprit_count - _CULPRITS_SHOWN} more"
    if report.outline.assumed:
        count = len(report.outline.assumed)
        yield f"  ({count} of them were not tried: on both sides, LLVM fails in the same way)"
    yield f"last good commit: {report.last_good}"
    yield f"first commit known to be bad: {report.first_bad}"


def _stopped(report: Report) -> Iterator[str]:
    yield f"stopped: {report.outline.reason}"
    yield f"so far: good at {report.last_good}"
    yield f"        bad at  {report.first_bad}"
    yield "the same command goes on from here"


def _about(report: Report) -> Iterator[str]:
    wanted = report.outline.wanted
    yield f"  {report.first_bad.author}; for {wanted}" + (f" in {wanted.nodes[0]}" if wanted.nodes else "")
    yield from (f"  touches {path}" for path in report.touched[:_FILES_SHOWN])
    if len(report.touched) > _FILES_SHOWN:
        yield f"  touches {len(report.touched) - _FILES_SHOWN} more files that the build depends on"
    yield from (f"  {each.how} by {each}" for each in report.followers)


_STRETCHES: Final = {SearchEnding.FOUND: _found, SearchEnding.RANGE: _range, SearchEnding.STOPPED: _stopped}
_NO_WORD_BETWEEN: Final = "name an older commit as GOOD; nothing can be said about the commits in between"
_WITHOUT: Final[Mapping[SearchEnding, tuple[str, tuple[str, ...]]]] = {
    SearchEnding.NOT_BAD: ("not bad at the bad end", ()),
    SearchEnding.ALREADY_BAD: ("bad at the good end already", (_NO_WORD_BETWEEN,)),
    SearchEnding.UNTESTABLE: ("an end cannot be judged", ("name a neighbouring commit instead",)),
}
"""Endings without a stretch: what is said before the reason, and what to do."""


def _effort(report: Report) -> Iterator[str]:
    built = report.llvm_built
    stopped = f", {report.outline.stopped} stopped as needless" if report.outline.stopped else ""
    yield (
        f"{len(report.lines)} commits judged with {built} LLVM builds{stopped}; "
        f"a plain bisection of {report.commits} commits judges {report.naive} with {report.naive_builds}"
    )
    unrelated = [line for line in report.lines if line.unrelated]
    for line in unrelated[:3]:
        yield f"  unrelated at {line.commit.short}: {line.reason}"
