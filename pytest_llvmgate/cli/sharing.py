"""``llvmgate sharing``: which objects the last builds took over from each other, and why they compiled the others."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

from pytest_llvmgate.cli.arguments import add_directory, add_json
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.errors import EXIT_OK, GateError
from pytest_llvmgate.stages.compile_once import FIRST, UNITS
from pytest_llvmgate.stages.object_sharing import UnitSharing, differences, units_of

_RUNS: Final = ".llvmgate"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_directory(parser)
    parser.add_argument("--units", action="store_true", help="list every unit that was compiled")
    add_json(parser, "every unit")


def run(arguments: argparse.Namespace) -> int:
    builds = _last_builds(arguments.directory.absolute())
    said = {name: [(unit, _why(unit, name, builds)) for unit in units] for name, units in builds.items()}
    plain = {name: [_plain(unit, why) for unit, why in units] for name, units in said.items()}
    reports = (_report(name, units, with_units=arguments.units) for name, units in said.items())
    show(arguments, plain, chain.from_iterable(reports))
    return EXIT_OK


def _last_builds(directory: Path) -> Mapping[str, tuple[UnitSharing, ...]]:
    """The units of each configuration of the candidate that was built last. Raises :class:`GateError` for none."""
    start = next((each for each in (directory, *directory.parents) if (each / _RUNS).is_dir()), directory)
    said = sorted(start.glob(f"{_RUNS}/*/*/build/{UNITS}"), key=lambda path: path.stat().st_mtime)
    runs = [path.parents[2] for path in said[-1:]]  # also of a session that is at it
    found = {path.parent.name: units_of(path) for run in runs for path in sorted(run.glob("*/build"))}
    builds = {name: units for name, units in found.items() if units}
    if not builds:
        raise GateError(
            "no build has said anything of its objects",
            where=str(start / _RUNS),
            hint="run the gate first; share_objects = false in [build] leaves nothing to tell",
        )
    return builds


def _why(unit: UnitSharing, name: str, builds: Mapping[str, tuple[UnitSharing, ...]]) -> str:
    """What the launcher said; of a unit that found nothing to take over, in what the closest one elsewhere differs."""
    if unit.why != FIRST:
        return unit.why
    others = (other for build, units in builds.items() if build != name for other in units if other.why == FIRST)
    differs = differences(unit, others)
    return f"other options than elsewhere: {differs}" if differs else unit.why


def _plain(unit: UnitSharing, why: str) -> dict[str, object]:
    return {"object": unit.object, "source": unit.source, "taken": not why, "why": why, "seconds": unit.seconds}


def _report(name: str, units: list[tuple[UnitSharing, str]], *, with_units: bool) -> Iterator[str]:
    taken = sum(not why for _, why in units)
    yield f"{name}: {taken} of {len(units)} objects taken over"
    for why, number in Counter(why for _, why in units if why).most_common():
        yield f"  {number:5} compiled: {why}"
        if with_units:
            yield from (f"        {unit.object}" for unit, other in units if other == why)
