"""``llvmgate carry``: what has become of the carried patches on other commits of LLVM and of the components."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_llvmgate.cli.arguments import add_json, add_project_arguments, add_several
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.cli.project import open_project, tell
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO, GateError

if TYPE_CHECKING:
    from pytest_llvmgate.carry.looking import Looked
    from pytest_llvmgate.config.settings import CarrySpec, Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    parser.add_argument(
        "commits", metavar="COMMIT", nargs="*", help="LLVM commits (default: the pinned one, and the newest of main)"
    )
    add_several(parser, "--probe", "NAME", "run the gate without this carry (repeatable)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print how every carry stands; the exit code says whether something is to be done."""
    config = open_project(arguments)
    if not config.carries:
        print("[]" if arguments.json else "nothing is carried: the configuration has no [[carry]]")
        return EXIT_OK
    looked = list(_looked(config, arguments.commits))
    probed = dict(_probed(config, arguments.probe, arguments.commits))
    show(arguments, [_data(one, probed) for one in looked], _lines(config.carries, looked, probed))
    to_do = any(one.blocks or one.is_unneeded or one.notes for one in looked) or any(probed.values())
    return EXIT_VERDICT_NO if to_do else EXIT_OK


def _looked(config: Config, commits: Sequence[str]) -> Iterator[Looked]:
    from pytest_llvmgate.carry.carried import component_carries
    from pytest_llvmgate.carry.looking import look_at_component, look_at_llvm
    from pytest_llvmgate.git.revisions import resolve
    from pytest_llvmgate.llvm.revision import resolve_revision
    from pytest_llvmgate.pins.llvm_clones import find_upstream
    from pytest_llvmgate.pins.read import read_pins

    readings = read_pins(config)
    pin = next((reading.sha for reading in readings if reading.is_direct and reading.sha), "")
    upstream = find_upstream(config, readings)
    named = [resolve_revision(text, config).sha for text in commits]
    heads = [resolve(clone.repository, clone.main) for clone in upstream.clones if clone.main][:1]
    if any(not carry.component for carry in config.carries):
        if not upstream.clones:
            raise GateError(
                "carries of LLVM are looked at in a clone of llvm-project, and none is known",
                where=str(config.path),
                hint='[llvm] repository = "/path/to/llvm-project"',
            )
        for sha in dict.fromkeys(named or [*filter(None, [pin]), *heads]):
            clone = upstream.clone_with(sha)
            yield from look_at_llvm(config, clone.repository if clone else None, sha, since=pin)
    for path in dict.fromkeys(carry.component for carry in component_carries(config)):
        now = look_at_component(config, path, named[0] if named else pin or "")
        later = look_at_component(config, path, (named or heads or [""])[0], newest=True)
        yield from now
        yield from (one for one, before in zip(later, now, strict=True) if one.commit != before.commit)


def _probed(config: Config, names: Sequence[str], commits: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Whether the gate passes without each of the named carries, at the first commit given."""
    from pytest_llvmgate.bisect.judge import Wanted, judge
    from pytest_llvmgate.bisect.probing import run_probe, select_request
    from pytest_llvmgate.llvm.revision import PINNED

    known = [carry.name for carry in config.carries]
    for name in names:
        if name not in known:
            raise GateError(f"no carry is named {name!r}: expected one of {', '.join(known)}", where=str(config.path))
        without = replace(config, carries=tuple(carry for carry in config.carries if carry.name != name))
        tell(f"gating without {name}")
        probe = run_probe(without, commits[0] if commits else PINNED, select_request(without, (), ()))
        yield name, judge(probe, Wanted()).mark.value == "good"


def _lines(carries: Sequence[CarrySpec], looked: Sequence[Looked], probed: dict[str, bool]) -> Iterator[str]:
    for carry in carries:
        found = [one for one in looked if one.carry.name == carry.name]
        yield f"{carry.name} on {carry.on}, until {carry.until}: {carry.reason}"
        for one in found:
            yield from (f"  on {one.commit[:12] or carry.on}: {line}" for line in _said(one))
        if carry.name in probed:
            yield f"  the gate {'passes without it: drop it' if probed[carry.name] else 'fails without it'}"
        yield from (f"  note: {note}" for note in dict.fromkeys(note for one in found for note in one.notes))


def _said(one: Looked) -> Iterator[str]:
    if one.problem or one.unknown:
        yield one.problem or one.unknown
    for standing in one.standings:
        yield f"{standing.patch}: {standing.says}"
        yield from (f"  {line}" for line in standing.evidence)
    if not one.standings and not one.problem and not one.unknown:
        yield "nothing is left to carry"


def _data(one: Looked, probed: dict[str, bool]) -> dict[str, Any]:
    carry = one.carry
    return {
        "name": carry.name,
        "on": carry.on,
        "where": one.where,
        "commit": one.commit or None,
        "until": carry.until.isoformat(),
        "days_left": one.days_left,
        "reason": carry.reason,
        "owner": carry.owner or None,
        "issue": carry.issue or None,
        "passes_without": probed.get(carry.name),
        "is_unneeded": one.is_unneeded,
        "blocks": list(one.blocks),
        "patches": [
            {
                "patch": standing.patch,
                "state": standing.state.value,
                "applies": standing.applies,
                "says": standing.says,
                "commit": standing.commit or None,
                "evidence": list(standing.evidence),
            }
            for standing in one.standings
        ],
    }
