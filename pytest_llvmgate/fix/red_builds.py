"""What failed, and where it was built: from a build's log, or from what the gate's last session left.

The run directory lies in the user's tree, and a tree may bring anything along: a build directory there names compilers
that are run. So only what this user's gate has recorded and sealed is taken for its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.codec import loads
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.findings import DiagnosisContext, diagnose
from pytest_llvmgate.findings.lines import blocks
from pytest_llvmgate.findings.registry import installed_registry
from pytest_llvmgate.findings.scanner import Scanner
from pytest_llvmgate.gate.run_directory import DIRECTORY_NAME, Workspace
from pytest_llvmgate.gate.seal import read_sealed
from pytest_llvmgate.model import Finding, Outcome, StageResult, Verdict

_OBJECTS: Final = (".o", ".obj")
_COMPILING: Final = frozenset({"build", "syntax"})
"""The stages whose failures show unit by unit."""
_GENERATED: Final = (".inc", ".h", ".hpp", ".def", ".td", ".cpp", ".md", ".json")


@dataclass(frozen=True, kw_only=True)
class Suspects:
    """What a build could not do."""

    failed: frozenset[str] | None = None
    """Objects that were not made, as the build names them; ``None``: any may fail."""
    generated: frozenset[str] | None = frozenset()
    """What generators did not make; ``None``: whatever is not there."""
    said: tuple[Finding, ...] = ()
    beyond: tuple[Finding, ...] = ()
    """Those of ``said`` that no look at a unit tells again: of CMake, of an installation, of a run."""

    def has(self, command: CompileCommand) -> bool:
        """Whether the unit is one that failed. A check beside the build makes its objects in a directory of its own."""
        if self.failed is None:
            return True
        name = command.object_name
        return name in self.failed or any(one.endswith(f"/{name}") for one in self.failed)

    def nobodys(self, commands: Iterable[CompileCommand]) -> list[str]:
        """The objects that failed and that none of the commands makes."""
        known = {command.object_name for command in commands}
        tails = {one: {one[at:] for at in range(len(one)) if one[:at][-1:] in {"", "/"}} for one in self.failed or ()}
        return sorted(one for one, names in tails.items() if names.isdisjoint(known))


EVERY: Final = Suspects(generated=None)


def of_log(log: Path, context: DiagnosisContext) -> Suspects:
    """What a log says. Raises ``GateError`` where it cannot be read or shows no failure."""
    try:
        failed, generated = _not_made(log)
        said = diagnose(log, context=context, registry=installed_registry()).findings
    except OSError as error:
        raise GateError(f"the log cannot be read: {error.strerror or error}", where=str(log)) from None
    if not said:
        raise GateError("the log shows no failure", where=str(log), hint="without a log, every unit is checked")
    is_cmakes = failed is None and generated == frozenset()
    return Suspects(failed=failed, generated=generated, said=said, beyond=said if is_cmakes else ())


_Outputs = frozenset[str] | None
"""``None``: nobody knows."""


def _not_made(log: Path) -> tuple[_Outputs, _Outputs]:
    """Objects and other files. A log in which no edge failed is of a configure step: then any may fail."""
    edges = Scanner(installed_registry().parsers).run(blocks(log)).failed_edges
    outputs = [output for edge in edges for output in edge.outputs]
    objects = frozenset(output for output in outputs if output.endswith(_OBJECTS))
    others = frozenset(output for output in outputs if output.endswith(_GENERATED))
    if not edges:
        return None, frozenset()
    return (None if others and not objects else objects), others


# -- the gate's last session ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RedBuild:
    """A configuration that did not pass."""

    configuration: str
    flavour: str
    build: Path
    suspects: Suspects


@dataclass(frozen=True, kw_only=True)
class RedRun:
    """The last session's verdict, where it is red."""

    directory: Path
    """Everything of that candidate."""
    verdict: Verdict
    builds: tuple[RedBuild, ...]


def last_run(root: Path) -> Path:
    """Where the gate's last session left its verdict. Raises ``GateError`` where there was none."""
    found = sorted((root / DIRECTORY_NAME).glob("*/verdict.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise GateError(
            "expected the verdict of a session of the gate, found none",
            where=str(root / DIRECTORY_NAME),
            hint="run the gate first (pytest --llvm-sha=...), or name a build directory with --build",
        )
    return found[-1].parent


def last_red_run(config: Config, only: Collection[str] = ()) -> RedRun:
    """The builds that failed in the gate's last session; ``only`` names the configurations that count.

    Raises ``GateError`` where there was no session, where it failed before anything was built, and where nothing of it
    was built here by this user's gate.
    """
    directory = last_run(config.root)
    verdict = _verdict(config.root, directory / "verdict.json")
    workspace = Workspace(config.root, verdict.candidate.sha)
    workspace.refuse_foreign()
    flavours = {one.name: one.flavour for one in verdict.configurations}
    if unknown := set(only) - set(flavours):
        raise GateError(f"no configuration is called {', '.join(sorted(unknown))}", hint=f"there are {list(flavours)}")
    failed = [one for one in verdict.failed if one.group in flavours and (not only or one.group in only)]
    if verdict.failed and not failed and not only:
        raise GateError(
            f"{verdict.failed[0].node} failed, and no configuration: there is no build to mend",
            where=str(directory / "verdict.json"),
            hint="mend that first; llvmgate report FILE shows what the verdict says",
        )
    builds = []
    for name in dict.fromkeys(one.group for one in failed):
        stages = [one.stage for one in failed if one.group == name]
        records = [record for stage in stages if (record := workspace.read_record(name, stage)) is not None]
        if records and (workspace.group(name) / "build/CMakeCache.txt").is_file():
            builds.append(
                RedBuild(
                    configuration=name,
                    flavour=flavours[name],
                    build=workspace.group(name) / "build",
                    suspects=_suspects(records, lambda result: config.root / result.log),
                )
            )
    if failed and not builds:
        raise GateError(
            f"{failed[0].node} failed, and there is no build directory of this user's gate to look at",
            where=str(workspace.group(failed[0].group)),
            hint="run the gate here first, or name a build directory with --build",
        )
    return RedRun(directory=directory, verdict=verdict, builds=tuple(builds))


def _verdict(root: Path, path: Path) -> Verdict:
    text = read_sealed(root, path)
    try:
        if text is None:
            raise ValueError("this user's gate did not write it")
        return loads(Verdict, text)
    except (ValueError, RecursionError) as error:
        raise GateError(f"the verdict cannot be read: {error}", where=str(path), hint="run the gate again") from None


def _suspects(results: Sequence[StageResult], log_of: Callable[[StageResult], Path]) -> Suspects:
    """One stage's failure may leave another's to be looked at: all of them count."""
    found = [_of_stage(result, log_of(result)) for result in results]
    said: dict[tuple[str, str], Finding] = {}
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    for finding in (one for result in failed for one in result.findings):
        said.setdefault(finding.key, finding)
    return Suspects(
        failed=_together(objects for objects, _ in found),
        generated=_together(generated for _, generated in found),
        said=tuple(said.values()),
        beyond=tuple(one for result in failed if result.stage not in _COMPILING for one in result.findings),
    )


def _together(parts: Iterable[_Outputs]) -> _Outputs:
    found: set[str] = set()
    for part in parts:
        if part is None:
            return None
        found |= part
    return frozenset(found)


def _of_stage(result: StageResult, log: Path) -> tuple[_Outputs, _Outputs]:
    if result.stage == "configure":
        return None, frozenset()
    if result.stage not in _COMPILING:
        return frozenset(), frozenset()
    try:
        return _not_made(log)
    except OSError:
        return None, None
