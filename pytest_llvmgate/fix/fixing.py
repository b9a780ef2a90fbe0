"""From findings to cures: examples of others, rules mined from them, edits tried unit by unit on a copy."""

from __future__ import annotations

import itertools
import shlex
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.cache_entries import cache_if_any
from pytest_llvmgate.cmake.compile_commands import CompileCommand, read_compile_commands
from pytest_llvmgate.errors import GateError, ToolError
from pytest_llvmgate.findings import Diagnosis, DiagnosisContext, diagnose
from pytest_llvmgate.findings.known_llvms import known_llvms
from pytest_llvmgate.findings.registry import installed_registry
from pytest_llvmgate.fix.cmake_cures import CMakeCures, is_about_cmake
from pytest_llvmgate.fix.cures import Cabinet
from pytest_llvmgate.fix.fix_outcome import Canonical, Cause, FixOutcome, in_order, unnamed
from pytest_llvmgate.fix.header_users import edited_headers, users_of
from pytest_llvmgate.fix.lessons import Lessons, branched
from pytest_llvmgate.fix.link_cures import LinkCures, is_about_links
from pytest_llvmgate.fix.lit_tests import LitCures, is_about_tests, names_of
from pytest_llvmgate.fix.red_builds import EVERY, Suspects
from pytest_llvmgate.fix.scratch_build import ScratchBuild, compilers_of, ninja_of, used_files
from pytest_llvmgate.fix.tablegen_units import check_any, checking_command, tablegen_units
from pytest_llvmgate.fix.td_code import TdCodeCures, told_code
from pytest_llvmgate.fix.trials import Trials
from pytest_llvmgate.fix.unit_check import UnitCheck, without_launcher
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.kinds.catalogue import GENERATED_HEADER_MISSING, TABLEGEN
from pytest_llvmgate.model import Finding
from pytest_llvmgate.preflight.syntax_check import units_among
from pytest_llvmgate.process.memory import own_cores
from pytest_llvmgate.upstream.blame import blame
from pytest_llvmgate.upstream.migrations import MigrationSearch, with_examples

SECONDS: Final = 3600.0
_LOOKING: Final = 3
"""Into how many parts the time is cut, of which one is for a first look at the units before anything is tried."""
_SEARCHING: Final = 30.0
"""Seconds for one question to one repository: units take longer."""


@dataclass(frozen=True, kw_only=True)
class FixRequest:
    """What is to be mended, and what is known."""

    source: Path
    """The checkout, or what the gate builds in its place."""
    build: Path
    """A build directory of it, configured with the candidate; what is generated has been made."""
    configuration: str = ""
    """The configuration's name, where the gate built it."""
    prefixes: tuple[Path, ...] = ()
    """The candidate's installs."""
    baseline_prefixes: tuple[Path, ...] = ()
    clone: Path | None = None
    """A clone of llvm-project."""
    baseline: str = ""
    candidate: str = ""
    """Full SHAs in the clone."""
    siblings: tuple[Path, ...] = ()
    suspects: Suspects = EVERY
    """What the build could not do. Of findings about libraries, the CMake files are mended."""
    components: tuple[tuple[str, str], ...] = ()
    """Names and paths of embedded projects."""
    seconds: float = SECONDS
    jobs: int = 0
    """Units looked at side by side; 0: one for each core."""


@dataclass(kw_only=True)
class Fixing:
    """One run over a downstream."""

    request: FixRequest
    copy: WorkingCopy
    say: Callable[[str], None] = lambda _: None
    save: Callable[[], None] = lambda: None
    """Called whenever a unit is done."""
    _build: Path | None = None
    """The copy's own build directory, where its CMake files were edited."""
    _checks: dict[Path, UnitCheck] = field(default_factory=dict)
    _real: dict[Path, CompileCommand] = field(default_factory=dict)
    """The copy's file to the command for the checkout's."""
    _deadline: float = 0.0
    """Of ``time.monotonic()``."""
    _first_look: float = 0.0
    """Seconds that it took."""
    _compilations: int = 0
    _is_generated_anew: bool = False
    _is_shadowed: bool = False
    """What was generated anew stands before what the user's build has."""
    _nobodys: list[str] = field(default_factory=list)
    """Objects that failed and are no unit of the build, or whose unit failed before any edit and nobody suspected."""

    def run(self) -> FixOutcome:
        """Look, learn, try. Raises ``ToolError`` where the build directory has no compile commands."""
        started = time.monotonic()
        self._deadline = started + self.request.seconds
        first = [*self._mend_cmake(), *self._mend_tablegen(), *self._mend_td_code()]
        first += self._beyond({cause.finding.key for cause in first})
        commands, others = self._units()
        looking = time.monotonic()
        early = self._look_at(commands, until=started + self.request.seconds / _LOOKING)
        self._first_look = time.monotonic() - looking
        failing = [command for command in early if not self._checks[command.file].passed]
        if early:
            self.say(f"{len(failing)} of {len(early)} units do not compile")
        findings = self._diagnosed(failing)
        trials = self._trials()
        self._cure(trials, failing)
        for command in commands[len(early) :]:
            if self._look_at([command], until=self._deadline) and not self._checks[command.file].passed:
                failing.append(command)
                self._cure(trials, [command])
        broken = self._broken(others)
        told = self._causes(findings, failing, trials)
        if any(one.left and one.finding.kind == TABLEGEN for one in first):  # what it was to make is not there
            told = [one for one in told if one.finding.kind != GENERATED_HEADER_MISSING]
        return FixOutcome(
            causes=in_order([*first, *told, *self._mend_links(), *self._mend_tests()]),
            units=len(failing),
            green=sum(self._checks[command.file].passed for command in failing),
            rules=tuple(self._lessons.rules),
            compilations=self._compilations + trials.compilations + len(commands),
            seconds=time.monotonic() - started,
            is_out_of_time=time.monotonic() > self._deadline,
            broken=broken,
            unseen=tuple(self._nobodys)
            + tuple(self._real[one.file].object_name for one in commands if one.file not in self._checks),
        )

    def _cure(self, trials: Trials, failing: Sequence[CompileCommand]) -> None:
        for number, command in enumerate(failing, 1):
            # What was mended in a header for one unit is mended for the next one, too.
            is_as_known = not self.copy.changed
            after = trials.cure_unit(command, self._checks[command.file], is_as_known=is_as_known)
            self._checks[command.file] = after
            self.say(f"[{number}/{len(failing)}] {'compiles' if after.passed else 'still fails'}: {command.file.name}")
            self.save()
            if edited_headers(self.copy):
                trials.deadline = self._deadline - self._first_look
        if edited_headers(self.copy):  # units that were done before a header was edited for another one
            looked = self._look_at(failing, until=self._deadline)
            for command in failing[len(looked) :]:
                self._checks[command.file] = replace(self._checks[command.file], passed=False)  # nobody knows

    # -- units --------------------------------------------------------------------------------------------------------

    def _units(self) -> tuple[list[CompileCommand], list[CompileCommand]]:
        """The units to be looked at, and the others."""
        suspects = self.request.suspects
        if suspects.failed == frozenset() and not self._is_generated_anew:
            return [], []
        build = self._build or self.request.build
        try:
            every = units_among(read_compile_commands(build), used_files(build))
        except ToolError:
            if not self.request.suspects.beyond:
                raise
            self.say("CMake did not come to its end: no unit can be compiled")
            return [], []
        compilers = compilers_of(self.request.build)
        plain = [without_launcher(one, compilers) for one in every]
        moved = [(one, there) for one in plain if (there := self.copy.moved(one)) is not None]
        if self._is_shadowed and self._build is None:
            moved = [(one, self._shadowed(there)) for one, there in moved]
        self._real = {there.file: one for one, there in moved}
        moved.sort(key=lambda one: not suspects.has(one[0]))  # those that the log names come first
        self._nobodys = suspects.nobodys(plain) if not self._is_generated_anew else []
        return (
            [there for one, there in moved if self._is_generated_anew or suspects.has(one)],
            [there for one, there in moved if not self._is_generated_anew and not suspects.has(one)],
        )

    def _look_at(self, commands: Sequence[CompileCommand], *, until: float) -> Sequence[CompileCommand]:
        """Compile some after the others, as long as there is time (of ``time.monotonic()``): those that were.

        Those that are not done when all time is up have not been looked at either.
        """
        step = self.request.jobs or own_cores()
        for at in range(0, len(commands), step):
            if time.monotonic() > until:
                return commands[:at]
            those = commands[at : at + step]
            looks = self._looks(those)
            if time.monotonic() > self._deadline and any(one.is_stopped for one in looks):
                return commands[:at]
            self._checks |= {one.file: check for one, check in zip(those, looks, strict=True)}
        return commands

    def _looks(self, commands: Sequence[CompileCommand]) -> list[UnitCheck]:
        """What is said of each: side by side."""
        with ThreadPoolExecutor(max_workers=self.request.jobs or own_cores()) as pool:
            return list(pool.map(lambda one: check_any(one, self.copy, self._deadline), commands))

    def _broken(self, others: Sequence[CompileCommand]) -> tuple[str, ...]:
        """Of the units that compiled: those that include an edited header and do not compile any more."""
        reached = users_of(self.copy, others)
        looked = self._look_at(reached, until=self._deadline)
        if left := len(reached) - len(looked):
            self.say(f"{left} further units that include edited headers were not compiled: time was up")
        failing = [one for one in looked if not self._checks[one.file].passed]
        before = self._looks([self._real[one.file] for one in failing])
        self._compilations += len(looked) + len(failing)
        broken = [one for one, check in zip(failing, before, strict=True) if check.passed]
        self._nobodys += [self._real[one.file].object_name for one in failing if one not in broken]
        return tuple(self.copy.path_of(str(one.file), one.directory) for one in broken)

    # -- CMake, TableGen, links -------------------------------------------------------------------------------------

    @cached_property
    def _scratch(self) -> ScratchBuild:
        """The copy has a build directory of its own where its CMake or ``.td`` files were edited."""
        name = f"build-{self.request.configuration}" if self.request.configuration else "build"
        directory = self.copy.root.parent / name
        return ScratchBuild(
            copy=self.copy, build=self.request.build, directory=directory, jobs=self.request.jobs, until=self._deadline
        )

    def _mend_cmake(self) -> list[Cause]:
        """Renamed libraries; where CMake is content, the units are compiled as it says from then on."""
        findings = self._blamed(tuple(finding for finding in self.request.suspects.said if is_about_cmake(finding)))
        if not findings or not cache_if_any(self.request.build):
            return []
        search = self._lessons.search
        cures = CMakeCures(
            copy=self.copy,
            scratch=self._scratch,
            provided=known_llvms(self._context()).provided,
            examples_of=search.of,
            diagnosed=lambda output: self._blamed(self._findings_in(output, stage="configure")),
        )
        cures.run(findings)
        if cures.is_configured:
            self.say("CMake agrees with the new names of libraries")
            self._scratch.make_generated()  # what cannot be made is seen below
            self._build = self._scratch.directory
        elif cures.stopped_by:
            self.say(f"CMake does not come to the new names of libraries: {cures.stopped_by}")
        elif cures.kept:
            self.say("CMake has more to say than of names of libraries")
        return [replace(one, finding=with_examples(one.finding, search.of(one.finding))) for one in cures.causes()]

    def _beyond(self, known: Collection[tuple[str, str]]) -> list[Cause]:
        """What nothing here mends; where CMake has come to its end since, it is not said of it any more."""
        found = self._blamed(self.request.suspects.beyond) if self._build is None else ()
        others = (one for one in found if not is_about_links(one) and not is_about_tests(one))
        return [Cause(finding=one, left=1) for one in others if one.key not in known]

    def _mend_tablegen(self) -> list[Cause]:
        """``.td`` files that TableGen rejects; then the headers are generated anew, and every unit may be another."""
        build = self._build or self.request.build
        wanted = self.request.suspects.generated if self._build is None else None
        if wanted == frozenset():
            return []
        runs = tablegen_units(build, wanted, ninja=ninja_of(self.request.build))
        units = [there for one in runs if (there := self.copy.moved(one)) is not None]
        failing = [(one, check) for one, check in zip(units, self._looks(units), strict=True) if not check.passed]
        self._compilations += len(units)
        if not failing:
            return []
        self.say(f"{len(failing)} of {len(units)} runs of TableGen fail")
        findings = self._blamed(self._findings_in("\n".join(check.output for _, check in failing).encode()))
        trials = self._trials()
        for unit, check in failing:  # each generator reads other records of one file
            after = trials.cure_unit(unit, check, is_as_known=not self.copy.changed)
            if (known := self._checks.get(unit.file)) is None or known.passed:
                self._checks[unit.file] = after
        distinct = list({one.file: one for one, _ in failing}.values())
        for unit in distinct:
            self.say(f"{'TableGen agrees with' if self._checks[unit.file].passed else 'still fails'}: {unit.file.name}")
        self.save()
        self._compilations += trials.compilations
        if trials.kept and not self._scratch.configure():
            self._scratch.make_generated()  # what cannot be made is what still fails
            self._build = self._scratch.directory
            self._is_generated_anew = True
        return self._causes(findings, distinct, trials)

    def _mend_td_code(self) -> list[Cause]:
        """C++ in ``.td`` files, tried by the units that include what is generated of it."""
        findings = self._blamed(tuple(one for one in self.request.suspects.said if any(told_code(one))))
        if not findings or not cache_if_any(self.request.build) or self._scratch.configure():
            return []
        cures = TdCodeCures(copy=self.copy, still_told=self._told_of_generated)
        cures.run(findings)
        self._is_shadowed = bool(cures.kept)
        self._is_generated_anew = self._is_generated_anew or self._is_shadowed
        return [one for one in cures.causes() if one.kept]

    def _told_of_generated(self, finding: Finding) -> Collection[tuple[str, str]] | None:
        """What a unit that showed a cause shows of generated code, anew; ``None`` where there is none."""
        if not self._scratch.make_generated() or time.monotonic() > self._deadline:
            return None
        self._is_shadowed = True
        commands, _ = self._units()
        shown = [one for one in commands if any(f"/{one.file.name}:" in line for line in finding.evidence)]
        looked = self._look_at(shown[:1], until=self._deadline)
        if not looked or self._checks[looked[0].file].is_cut or self._checks[looked[0].file].is_stopped:
            return None
        return {one.key for one in self._diagnosed(looked) if any(told_code(one))}

    def _shadowed(self, command: CompileCommand) -> CompileCommand:
        """The user's command, with what was generated anew found before what the user's build has."""
        front = f"-I{self.request.build}"
        anew = f"-I{self._scratch.directory}"
        words = (
            (word.replace(front, anew, 1), word) if word.startswith(front) else (word,) for word in command.arguments
        )
        return replace(command, arguments=tuple(itertools.chain.from_iterable(words)))

    def _mend_links(self) -> list[Cause]:
        """Entries of libraries that links lack."""
        asked = [one for one in self.request.suspects.said if is_about_links(one)]
        if not asked or time.monotonic() > self._deadline:
            return [Cause(finding=one, left=1) for one in asked]
        cures = LinkCures(copy=self.copy, scratch=self._scratch, components=self.request.components)
        try:
            cures.run()
        except GateError as error:
            self.say(f"what links lack cannot be told: {error}")
            return [Cause(finding=one, left=1) for one in asked]
        if cures.found:
            mended = len(cures.found) - len(cures.left)
            self.say(f"linkcheck: {mended} of {len(cures.found)} links lack nothing any more")
        return cures.causes()

    def _mend_tests(self) -> list[Cause]:
        """Expectations of lit tests."""
        findings = [finding for finding in self.request.suspects.said if is_about_tests(finding)]
        if not findings or time.monotonic() > self._deadline:
            return [Cause(finding=one, left=1) for one in findings]
        cures = LitCures(
            copy=self.copy,
            build=self.request.build,
            scratch=self._scratch.directory.with_name(f"{self._scratch.directory.name}-tests"),
        )
        cures.run(findings)
        if cures.said:
            self.say(cures.said)
        return [
            replace(one, left=len(names_of(one.finding) - cures.passing) or int(not names_of(one.finding)))
            for one in cures.causes()
        ]

    # -- causes -------------------------------------------------------------------------------------------------------

    def _context(self, stage: str = "build") -> DiagnosisContext:
        request = self.request
        return DiagnosisContext(
            stage=stage,
            source=self.copy.root,
            build=request.build,
            components=dict(request.components),
            prefixes=request.prefixes,
            baseline_prefixes=request.baseline_prefixes,
            clone=request.clone,
            baseline_commit=request.baseline,
            candidate_commit=request.candidate,
        )

    def _diagnosed(self, units: Iterable[CompileCommand]) -> tuple[Finding, ...]:
        output = "\n".join(self._checks[command.file].output for command in units)
        return self._blamed(self._findings_in(output.encode())) if output else ()

    def _findings_in(self, output: bytes, stage: str = "build") -> tuple[Finding, ...]:
        found: Diagnosis = diagnose([output], context=self._context(stage), registry=installed_registry())
        copy = f"{self.copy.root}/"  # which is gone when somebody reads of it
        return tuple(
            replace(
                one,
                identifier=one.identifier.replace(copy, ""),  # a lambda is called by its place
                headline=one.headline.replace(copy, ""),
                evidence=tuple(line.replace(copy, "") for line in one.evidence),
            )
            for one in found.findings
        )

    def _blamed(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        request = self.request
        if request.clone is None or not (request.baseline and request.candidate):
            return findings
        return blame(findings, repository=request.clone, baseline=request.baseline, candidate=request.candidate)

    @cached_property
    def _lessons(self) -> Lessons:
        """What LLVM's clone, the siblings and the project's own history teach."""
        request, difference = self.request, known_llvms(self._context()).difference
        search = MigrationSearch(
            clone=request.clone, siblings=(request.source, *request.siblings), deadline=self._deadline,
            seconds_each=_SEARCHING, since=branched(difference.baseline),
        )  # fmt: skip
        return Lessons(
            search=search,
            difference=difference,
            original=self.copy.original,
            blamed=lambda finding: self._blamed((finding,))[0],
        )

    def _trials(self) -> Trials:
        lessons = self._lessons
        cabinet = Cabinet(lessons=lessons, difference=lessons.difference, copy=self.copy)
        return Trials(copy=self.copy, cabinet=cabinet, deadline=self._deadline)

    def _causes(self, findings: Sequence[Finding], units: Sequence[CompileCommand], trials: Trials) -> list[Cause]:
        known = {finding.key: finding for finding in findings}
        for finding in self._diagnosed(one for one in units if not self._checks[one.file].passed):
            known.setdefault(finding.key, finding)  # what showed behind a mended error
        findings_of = Canonical(known)
        left: dict[tuple[str, str], set[tuple[str, int]]] = {}
        blocked: dict[tuple[str, str], set[Path]] = {}
        for command in units:
            for trouble in self._checks[command.file].troubles:
                place = (trouble.place.path, trouble.place.line) if trouble.place else ("", 0)
                left.setdefault(findings_of(trouble.cause, place), set()).add(place)
                blocked.setdefault(findings_of(trouble.cause, place), set()).add(command.file)
        causes = [
            Cause(
                finding=with_examples(finding, self._lessons.search.of(finding)),
                kept=tuple(one for one in trials.kept if findings_of(one.cause, (one.path, one.line)) == key),
                refused=tuple(one for one in trials.refused if findings_of(one.cause, (one.path, one.line)) == key),
                left=len(left.get(key, ())),
                blocks=len(blocked.get(key, ())),
                verify=self._verify(blocked.get(key) or [one.file for one in units]),
            )
            for key, finding in known.items()
        ]
        extra = [one for one in trials.kept if findings_of(one.cause, (one.path, one.line)) not in known]
        causes += [unnamed(cause, extra) for cause in dict.fromkeys(one.cause for one in extra)]
        return causes

    def _verify(self, files: Collection[Path]) -> str:
        file = min(files, default=None)
        command = self._real.get(file) if file is not None else None
        if command is None:
            return ""
        return f"cd {shlex.quote(str(command.directory))} && {shlex.join(checking_command(command))}"
