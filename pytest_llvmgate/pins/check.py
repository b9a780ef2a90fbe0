"""The whole answer about a project's pins: read, compared, with what a clone of llvm-project and a look around add."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace

from pytest_llvmgate.config.holds import expired_holds, hold_for
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import resolve
from pytest_llvmgate.git.target_branch import branch_point
from pytest_llvmgate.model import PINS_GROUP
from pytest_llvmgate.pins.compare import Agreement, Notice, PinReport, compare, leading
from pytest_llvmgate.pins.llvm_clones import find_upstream_quietly
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.pins.table import table
from pytest_llvmgate.upstream.llvm_clone import Upstream


def check_pins(
    config: Config,
    candidate: str | None = None,
    *,
    baseline: str | None = None,
    look_around: bool = True,
    today: datetime.date | None = None,
) -> PinReport:
    """Read every pin of the work tree and compare it with the candidate (a full SHA); without one, with each other.

    ``look_around`` adds the notices of :mod:`pytest_llvmgate.pins.detect`; ``baseline`` is the commit (of the
    downstream) since which moves are told, by default where the branch left the main line. Raises ``RevisionError``
    for one that is not there.
    """
    from pytest_llvmgate.pins.detect import detect

    repository = Repository.open(config.root)
    if baseline:
        baseline = resolve(repository, baseline)
    readings = read_pins(config, repository=repository)
    upstream, why_not = find_upstream_quietly(config, readings)
    report = compare(readings, candidate, today=today, upstream=upstream)
    notices = (
        [Notice(kind="unknowable", message=f"the clone of llvm-project cannot be used: {why_not}")] if why_not else []
    )
    if look_around:
        notices += _unknown_distances(report, upstream)
        since = baseline or branch_point(repository)
        notices += detect(config, readings, upstream, repository=repository, baseline=since)
    held = {name: hold_for(config, PINS_GROUP, name, today=today) for name in (pin.name for pin in config.pins)}
    return replace(
        report,
        notices=tuple(notices),
        holds={name: hold for name, hold in held.items() if hold},
        expired=expired_holds(config, today=today),
    )


def _unknown_distances(report: PinReport, upstream: Upstream) -> list[Notice]:
    """One notice for all pins that differ by nobody knows how much."""
    expected = report.expected
    apart = [
        verdict.reading
        for verdict in report.verdicts
        if verdict.reading.sha and expected and verdict.agreement in {Agreement.DIFFERS, Agreement.ADVISORY}
    ]
    blind = [reading for reading in apart if expected and upstream.distance(str(reading.sha), expected) is None]
    if not blind:
        return []
    names = ", ".join(reading.name for reading in blind)
    return [
        Notice(
            kind="unknowable",
            message=f"how far {names} and {str(expected)[:12]} are apart, and which is newer, cannot be told: "
            + ("no clone of llvm-project at hand has both" if upstream.clones else "there is no clone of llvm-project"),
            hint='name one in the configuration: [llvm] repository = "../llvm-project"',
        )
    ]


def pinned(readings: Iterable[PinReading]) -> str:
    """The full SHA that the downstream's own pins say.

    Raises ``GateError`` with the table where they disagree, and where they agree on a name that nothing resolves.
    """
    pins = tuple(readings)
    if not pins:
        raise GateError(
            "the configuration names no pin, so there is no pinned LLVM commit",
            hint="add a [[pin]] table, or name the commit: --llvm-sha=SHA",
        )
    own = leading(pins)
    said = {reading.sha for reading in own}
    if len(said) == 1 and None not in said:
        return str(said.pop())
    if said == {None} and len({reading.text for reading in own}) == 1 and own[0].text:
        raise _unresolved(own[0])
    shown = table(compare(pins))
    raise GateError(f"the pins do not say which LLVM commit this project is on\n{shown}")


def _unresolved(reading: PinReading) -> GateError:
    """What to say where pins agree on a tag or an abbreviation, and nothing at hand tells which commit that is."""
    name = reading.text
    told = (
        f'add [llvm.tags] with "{name}" = "SHA" to the configuration, the SHA as `git ls-remote '
        f"https://github.com/llvm/llvm-project '{name}*'` tells (the line with ^{{}}, if there is one)"
    )
    return GateError(
        f"the pins say {name}, and which LLVM commit that is is not known here",
        where=str(reading.location),
        hint=f"{told if reading.is_tag else 'write the full SHA there'}, or name a clone of llvm-project: "
        '[llvm] repository = "../llvm-project"',
    )
