"""Compares the table of culprits with real builds: ``python -m tests.miniature.verify [--default] [NAME ...]``.

Every named culprit (without names: each one) is built in a history of its own. With ``--default`` the named commits
(without names: every special one) of the default history are built, where breaks pile up. Prints one line for each
configuration, with how long its stages took; the exit code says whether all agreed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.miniature.builds import Run, build_downstream, build_llvm, checkout
from tests.miniature.culprits import CONFIGURATIONS, CULPRITS, Expected
from tests.miniature.downstream import create_downstream
from tests.miniature.history import Miniature, create, isolated


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One build, and what the table says of it."""

    commit: str
    what: str
    """Configuration or flavour."""
    run: Run
    failed_stage: str
    expected: Expected
    active: tuple[str, ...] = field(default=())

    @property
    def shown(self) -> set[str]:
        """The culprits in effect whose words are in the log."""
        return {name for name in self.active if self.run.shows(CULPRITS[name])}

    @property
    def agrees(self) -> bool:
        """Whether the stage and the culprits are those expected."""
        return self.failed_stage == self.expected.stage and self.shown == set(self.expected.culprits)

    def __str__(self) -> str:
        times = " ".join(f"{stage} {seconds:.1f}" for stage, seconds in self.run.seconds.items())
        seen = f"{self.failed_stage or 'passes'} {sorted(self.shown)}"
        verdict = "ok" if self.agrees else f"NOT {self.expected.stage or 'passes'} {sorted(self.expected.culprits)}"
        return f"{self.commit:28} {self.what:16} {seen}: {verdict} ({times})"


def observe(miniature: Miniature, commit: str, downstream: Path, work: Path) -> Iterator[Observation]:
    """Build LLVM in the flavours static and shared at a commit, and the downstream in every configuration it allows."""
    source = checkout(miniature, commit, work / "llvm-project")
    supplied = {}
    for flavour in ("static", "shared"):
        run = build_llvm(source, work / f"build-{flavour}", work / f"prefix-{flavour}", flavour)
        supplied[flavour] = run.passed
        stage = "" if run.passed else "llvm"
        yield Observation(
            commit=commit,
            what=flavour,
            run=run,
            failed_stage=stage,
            expected=miniature.expected(commit, flavour),
            active=tuple(name for name in miniature.active(commit) if CULPRITS[name].stage == "llvm"),
        )
    for configuration, options in CONFIGURATIONS.items():
        if not supplied[options["linkage"]]:
            continue
        build = work / configuration
        shutil.rmtree(build, ignore_errors=True)
        run = build_downstream(downstream, build, work / f"prefix-{options['linkage']}", configuration)
        yield Observation(
            commit=commit,
            what=configuration,
            run=run,
            failed_stage=run.stage,
            expected=miniature.expected(commit, configuration),
            active=miniature.active(commit),
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--default", action="store_true", help="take the commits of the default history")
    arguments = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="miniature-") as temporary:
        directory = Path(temporary)
        for miniature, commits in _cases(directory, arguments.names, default=arguments.default):
            downstream = create_downstream(miniature.repository.parent / "downstream", miniature).root
            for commit in commits:
                for observation in observe(miniature, commit, downstream, directory / "work"):
                    print(observation, flush=True)
                    wrong += not observation.agrees
    print(f"{wrong} observations disagree with the table")
    return 1 if wrong else 0


def _cases(directory: Path, names: list[str], *, default: bool) -> Iterator[tuple[Miniature, tuple[str, ...]]]:
    """Histories, and the commits of each to look at. The first isolated one starts where everything passes."""
    if default:
        miniature = create(directory / "default" / "llvm-project")
        yield miniature, tuple(names) or tuple(miniature.commits)
        return
    for index, name in enumerate(names or CULPRITS):
        miniature = create(directory / name / "llvm-project", commits=isolated(name))
        yield miniature, (name,) if index else ("initial", name)


if __name__ == "__main__":
    sys.exit(main())
