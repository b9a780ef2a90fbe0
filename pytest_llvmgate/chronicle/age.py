"""How old the pinned LLVM is, whether an update is due by the project's own cadence, and which one is in flight."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytest_llvmgate.chronicle.history import Chronicle, PinState, read_chronicle
from pytest_llvmgate.chronicle.layouts import history_specs
from pytest_llvmgate.config.holds import Held, standing
from pytest_llvmgate.config.settings import Config, PinSpec
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO, GateError
from pytest_llvmgate.git.remotes import branches, is_ancestor
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import commit_dates, same_commit, shortened
from pytest_llvmgate.pins.bulk import BulkReader
from pytest_llvmgate.pins.compare import leading
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.pins.titles import named_commits
from pytest_llvmgate.upstream.first_parent import DAY
from pytest_llvmgate.upstream.llvm_clone import Upstream

_UNIT_DAYS: Final = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25}
_WORDS: Final = {"daily": 1.0, "weekly": 7.0, "monthly": 30.4}
_TIMES: Final = re.compile(r"(once|twice|\d+ times) a (week|month|year)")
_EVERY: Final = re.compile(r"every (?:(\d+) )?(day|week|month)s?")
_BRANCH: Final = re.compile(r"llvm|mlir|bump|integrat", re.IGNORECASE)
_MOST_BRANCHES: Final = 200


@dataclass(frozen=True, kw_only=True)
class InFlight:
    """An update that is on its way."""

    where: str
    """A branch, or the title that was given."""
    llvm: str
    """The LLVM commit that it moves to; empty where nothing says."""
    days: float | None = None
    """Age of the branch's last commit; ``None`` for a title."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """The state of a project's LLVM."""

    pinned: str
    since: PinState
    """The commit that moved to it."""
    pin_days: float
    """Days since that commit."""
    is_at_least: bool = False
    """It may be longer: the clone is shallow, and its oldest commit has the pin already."""
    llvm_days: float | None
    """Days since the LLVM commit itself was made; ``None`` without a clone of LLVM."""
    cadence: str
    due_in: float | None
    """Days until the next update is due, negative where it is overdue; ``None`` without a cadence."""
    in_flight: tuple[InFlight, ...]
    holds: tuple[Held, ...]
    uncommitted: str = ""
    """What the work tree pins, where that is not committed yet."""

    @property
    def is_due(self) -> bool:
        """Whether an update is due and none is on its way."""
        return self.due_in is not None and self.due_in <= 0 and not self.in_flight

    @property
    def exit_code(self) -> int:
        """1 where an update is due and none is on its way, or a hold has expired; else 0."""
        return EXIT_VERDICT_NO if self.is_due or any(held.expired for held in self.holds) else EXIT_OK


def cadence_days(text: str) -> float:
    """Days between two updates, from words: ``weekly``, ``twice a month``, ``every 10 days``. Raises ``GateError``."""
    words = " ".join(text.lower().split())
    if words in _WORDS:
        return _WORDS[words]
    times, every = _TIMES.fullmatch(words), _EVERY.fullmatch(words)
    if times:
        count = {"once": 1, "twice": 2}.get(times[1]) or int(times[1].split()[0])
        return _UNIT_DAYS[times[2]] / max(count, 1)
    if every:
        return _UNIT_DAYS[every[2]] * int(every[1] or 1)
    raise GateError(f"expected a cadence like 'weekly', 'twice a month' or 'every 10 days', found {text!r}")


def read_status(
    config: Config,
    *,
    readings: Sequence[PinReading],
    upstream: Upstream,
    titles: Sequence[str] = (),
    now: datetime.datetime | None = None,
) -> Status:
    """Look at the history of HEAD, the branches, and the titles given. ``readings`` are the work tree's pins.

    Raises ``GateError`` where the history pins no LLVM at all.
    """
    repository = Repository.open(config.root)
    specs = history_specs(repository, config.pins)
    history = read_chronicle(repository, specs)
    if not history.bumps:
        raise GateError(f"the history of {repository.display} pins no LLVM commit that can be read")
    time = (now or datetime.datetime.now(datetime.UTC)).timestamp()
    since = history.bumps[-1]
    pinned = history.said(since)
    made = upstream.date(pinned)
    wish = config.update.cadence
    pin_days = (time - since.when) / DAY
    return Status(
        pinned=pinned,
        since=since,
        pin_days=pin_days,
        is_at_least=history.is_shallow and since is history.states[0],
        llvm_days=(time - made) / DAY if made else None,
        cadence=wish,
        due_in=cadence_days(wish) - pin_days if wish else None,
        uncommitted=_uncommitted(config, repository, readings),
        in_flight=(*_from_titles(titles, pinned), *_from_branches(repository, specs, history, time)),
        holds=tuple(
            standing(hold, config, today=datetime.datetime.fromtimestamp(time, datetime.UTC).date())
            for hold in config.holds
        ),
    )


def _uncommitted(config: Config, repository: Repository, readings: Sequence[PinReading]) -> str:
    """What the leading pin says in the work tree, where HEAD says something else."""
    here = next(iter(leading(readings)), None)
    there = read_pins(config, commit="HEAD", repository=repository)
    before = next((one.text for one in there if here and one.name == here.name), "")
    return here.text if here and before and here.text != before else ""


def _from_titles(titles: Iterable[str], pinned: str) -> Iterator[InFlight]:
    for title in titles:
        words = [word for word in named_commits(title) if not same_commit(word, pinned)]
        yield InFlight(where=title, llvm=words[0] if words else "")


def _from_branches(
    repository: Repository, places: Sequence[PinSpec], history: Chronicle, time: float
) -> Iterator[InFlight]:
    """Branches that speak of LLVM, are not merged, and pin another LLVM than HEAD does."""
    head = repository.head()
    specs = [spec for spec in places if spec.name in history.leading]
    tips = [(name, tip) for name, tip in branches(repository).items() if _BRANCH.search(name) and tip != head]
    reader = BulkReader(repository=repository)
    columns = [reader.read(spec, [tip for _, tip in tips[:_MOST_BRANCHES]]) for spec in specs[:1]]
    own = history.said(history.bumps[-1])
    moved: dict[str, tuple[str, str]] = {}
    for name, tip in tips[:_MOST_BRANCHES]:
        llvm = next((column[tip].text for column in columns if column[tip].text), "")
        if llvm and not same_commit(llvm, own):
            moved.setdefault(tip, (name, llvm))
    when = commit_dates(repository, moved)
    for tip, (name, llvm) in moved.items():
        # What is older than the pin itself is no update of it; that is asked first, since it costs nothing.
        if when[tip] > history.bumps[-1].when and not is_ancestor(repository, tip, head):
            yield InFlight(where=name, llvm=llvm, days=(time - when[tip]) / DAY)


def render_status(status: Status) -> Iterator[str]:
    """The answer as text."""
    yield f"LLVM {status.pinned}{_moved(status)}"
    if status.uncommitted:
        yield f"  the work tree says {shortened(status.uncommitted)}, which is not committed"
    if status.llvm_days is not None:
        yield f"  the commit itself is {status.llvm_days:.0f} days old"
    yield from _due(status)
    for one in status.in_flight:
        age = f", last commit {one.days:.0f} days ago" if one.days is not None else ""
        yield f"  in flight: {one.where} (LLVM {shortened(one.llvm) or 'unknown'}{age})"
    for held in status.holds:
        yield f"  {held.complaint() if held.expired else held.excuse()}"


def _moved(status: Status) -> str:
    if status.is_at_least:
        return f", pinned {status.pin_days:.0f} days ago or earlier (a shallow clone: git fetch --unshallow tells)"
    return f", pinned {status.pin_days:.0f} days ago by {status.since.commit[:12]} ({status.since.title})"


def _due(status: Status) -> Iterator[str]:
    if status.due_in is None:
        yield '  no cadence is configured: [update] cadence = "twice a month" says when an update is due'
    elif status.due_in > 0:
        yield f"  {status.cadence}: the next update is due in {status.due_in:.0f} days"
    else:
        flight = "" if status.in_flight else ", and none is in flight"
        yield f"  {status.cadence}: an update is due since {-status.due_in:.0f} days{flight}"


def status_data(status: Status) -> dict[str, Any]:
    """The answer as plain values."""
    return {
        "schema": 1,
        "pinned": status.pinned,
        "uncommitted": status.uncommitted or None,
        "commit": status.since.commit,
        "pin_days": _rounded(status.pin_days),
        "pin_days_at_least": status.is_at_least,
        "llvm_days": _rounded(status.llvm_days),
        "cadence": status.cadence or None,
        "due_in_days": _rounded(status.due_in),
        "is_due": status.is_due,
        "in_flight": [
            {"where": one.where, "llvm": one.llvm or None, "days": _rounded(one.days)} for one in status.in_flight
        ],
        "holds": [{"until": held.hold.until.isoformat(), "days_left": held.days_left} for held in status.holds],
        "exit_code": status.exit_code,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
