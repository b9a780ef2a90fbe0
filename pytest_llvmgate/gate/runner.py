"""Running stages: what a stage needs is brought up to date first; what has not changed is not run again.

The order of the tests plays no part. Each stage leaves a record with a fingerprint of all that its outcome depends on;
``ensure`` reads records, runs what is missing, and skips what stands on a failure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from functools import cached_property
from typing import Final

from pytest_llvmgate.codec import dumps, loads
from pytest_llvmgate.config.settings import Config, Configuration, StopAfter
from pytest_llvmgate.errors import GateError, SupplyError
from pytest_llvmgate.gate.carried_tree import CarriedTree, carried_tree
from pytest_llvmgate.gate.core_pool import CorePool, compilers_at_once, linkers_at_once, ninja_takes_part, pool_at
from pytest_llvmgate.gate.fingerprint import fingerprint
from pytest_llvmgate.gate.live_causes import LiveCauses
from pytest_llvmgate.gate.next_breaks import next_breaks
from pytest_llvmgate.gate.progress import ProgressReporter
from pytest_llvmgate.gate.recorder import Recorder
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.gate.session import Session
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.llvm.prefix_cache import hold_around
from pytest_llvmgate.llvm.suppliers import at_hand, supply
from pytest_llvmgate.llvm.supply import Request
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.model import (
    CARRY_GROUP,
    DEPRECATED,
    LLVM_GROUP,
    PREFLIGHT_GROUP,
    SAVED,
    WAS_THERE,
    Outcome,
    Revision,
    StageResult,
)
from pytest_llvmgate.pins.check import check_pins
from pytest_llvmgate.pins.compare import PinReport
from pytest_llvmgate.pins.stage_results import stage_results
from pytest_llvmgate.remembered import remembered
from pytest_llvmgate.stages.build_tools import Tools, base_directories, build_environment, compilers_used, find_tools
from pytest_llvmgate.stages.commands import BuildContext, StageReport
from pytest_llvmgate.stages.configure_stage import CONFIGURE, IDENTITY, same_build
from pytest_llvmgate.stages.deprecations import as_fact, from_fact, joined, still_true
from pytest_llvmgate.stages.ninja_progress import NinjaProgress
from pytest_llvmgate.stages.stage_plan import flavour_groups, needed_stage, stage_module

# The diagnosis and the predictions are imported where they are asked for: a session in which nothing fails and nothing
# has changed does not pay for them.

_PATIENCE: Final = 0.25
"""Seconds between two looks at whether what another worker holds the lock for is done."""
_CAUSES_TOLD: Final = 3


class Runner:
    """Brings stages up to date, in one process of a session."""

    def __init__(self, config: Config, session: Session, *, of: str = "") -> None:
        """``of`` as for :class:`ProgressReporter`."""
        self.config = config
        self.session = session
        self.workspace = Workspace(config.root, session.candidate.sha)
        self.progress = ProgressReporter(self.workspace.progress, of=of)
        self.recorder = Recorder(self.workspace, session.identifier)
        self._selected: tuple[str, ...] = ()

    def select(self, names: Iterable[str]) -> None:
        """Name the configurations of this session, which must turn out to be different builds."""
        self._selected = tuple(names)

    @cached_property
    def tools(self) -> Tools:
        """The programs of the builds. Raises :class:`ToolError`."""
        return find_tools(build_environment({}))

    def describe_tools(self) -> dict[str, str]:
        """Name to version line, for reports; the compiler is the one that the configurations were built with."""
        build_dirs = {name: self.workspace.group(name) / "build" for name in self._selected}
        compiler = compilers_used(build_dirs, build_environment({})) or self.tools.compiler.version
        cmake = self.tools.cmake.version.removeprefix("cmake version ")
        return {"cmake": cmake, "ninja": self.tools.ninja.version, "compiler": compiler}

    @cached_property
    def pin_report(self) -> PinReport:
        """Every pin as the working tree has it, against the reference."""
        return check_pins(self.config, self.session.candidate.sha if self.session.reference == "candidate" else None)

    def pin(self, name: str) -> StageResult:
        """The result for one pin. Reading all of them takes less than a second, so nothing is recorded."""
        started = time.time()
        result = next(each for each in stage_results(self.pin_report) if each.stage == name)
        return replace(result, started=started, duration=time.time() - started, session=self.session.identifier)

    def carry(self, name: str) -> StageResult:
        """The result for one carry: whether its patches apply, and are needed."""
        if known := self.recorder.known(CARRY_GROUP, name):
            return known
        carry = next(carry for carry in self.config.carries if carry.name == name)
        with self.progress.stage(CARRY_GROUP, name):
            return self.recorder.guarded(CARRY_GROUP, name, lambda: self._carried(carry.component)[name])

    @remembered
    def _carried(self, component: str) -> dict[str, StageResult]:
        """The carries of LLVM or of one component, which are looked at together: each goes on those before it."""
        from pytest_llvmgate.carry.carry_results import stage_result
        from pytest_llvmgate.carry.looking import look_at_component, look_at_llvm, repository_with

        sha, baseline = self.session.candidate.sha, self.session.baseline
        if component:
            looked = look_at_component(self.config, component, sha)
        else:
            since = baseline.sha if baseline else ""
            looked = look_at_llvm(self.config, repository_with(self.config, sha), sha, since=since)
        return {one.carry.name: stage_result(one) for one in looked}

    def _bad_carry(self) -> StageResult | None:
        """The failure of a component's carry: there is no tree to build then."""
        results = (self.carry(carry.name) for carry in self.config.carries if carry.component)
        return next((result for result in results if result.outcome is Outcome.FAILED), None)

    @cached_property
    def tree(self) -> CarriedTree:
        """What is built. Raises :class:`SupplyError` where a component cannot be patched."""
        return carried_tree(self.config, self.workspace, self.session.source_state)

    def llvm(self, flavour: str) -> StageResult:
        """The verified LLVM of a flavour. Verifying is cheap, so it is done in every session."""
        return self._once(LLVM_GROUP, flavour, self._supply)

    def _once(
        self, group: str, flavour: str, work: Callable[[str], StageResult], needs: Iterable[StageResult | None] = ()
    ) -> StageResult:
        """The result of a flavour's stage: what this session has recorded, else worked out now, under a lock.

        The first of ``needs`` that did not pass is why it is skipped; they are asked for one by one.
        """
        with self.workspace.exclusive(f"{group}/{flavour}"):
            if known := self.recorder.known(group, flavour):
                return known
            for before in needs:
                if before is not None and before.outcome is not Outcome.PASSED:
                    return self.recorder.skipped(group, flavour, before)
            with self.progress.stage(group, flavour):
                return self.recorder.guarded(group, flavour, lambda: work(flavour))

    def preflight(self, flavour: str) -> StageResult:
        """What the candidate lacks of what the downstream uses: seconds, and nothing has been built yet.

        Not even LLVM, where it is built here: its sources tell, too.
        """
        return self._once(PREFLIGHT_GROUP, flavour, self._preflight, self._before_preflight(flavour))

    def _before_preflight(self, flavour: str) -> Iterator[StageResult | None]:
        if flavour_groups(self.config)[0] == LLVM_GROUP:
            yield self.llvm(flavour)
        yield self._bad_carry()

    def _preflight(self, flavour: str) -> StageResult:
        from pytest_llvmgate.stages.compared_llvms import ComparisonRequest
        from pytest_llvmgate.stages.preflight_stage import preflight

        log = self.workspace.log(PREFLIGHT_GROUP, flavour)
        log.unlink(missing_ok=True)
        report = preflight(
            ComparisonRequest(
                config=self.config,
                root=self.tree.root,
                flavour=flavour,
                candidate=self.session.candidate,
                baseline=self.session.baseline,
                candidate_install=self._candidate_at_hand(flavour),
                baseline_install=self._install_at_hand(self.session.baseline, flavour),
                log=log,
                timeout=self.config.timeouts.llvm,
                on_wait=self.progress.note,
            )
        )
        result = self._of_report(PREFLIGHT_GROUP, flavour, report)
        if not result.findings and result.outcome is not Outcome.FAILED:
            return result
        from pytest_llvmgate.gate.diagnosis import blamed, detail

        result = replace(result, findings=blamed(result.findings, self.config, self.session))
        if result.outcome is not Outcome.FAILED:
            return result
        self._tell_causes(result)
        return replace(result, detail=detail(result))

    def _of_report(self, group: str, stage: str, report: StageReport) -> StageResult:
        return StageResult(
            group=group,
            stage=stage,
            outcome=report.outcome,
            reason=report.reason,
            log=self.workspace.shown_log(group, stage),
            edges=report.edges,
            findings=report.findings,
            facts=report.facts,
        )

    def _tell_causes(self, result: StageResult) -> None:
        """For the progress: the summary may be an hour away."""
        for headline in [finding.headline for finding in result.findings[:_CAUSES_TOLD]] or [result.reason]:
            self.progress.cause(headline)

    def _candidate_at_hand(self, flavour: str) -> ToolchainPrefix | None:
        if flavour_groups(self.config)[0] == LLVM_GROUP:
            return self._prefix(flavour)
        return self._install_at_hand(self.session.candidate, flavour)

    def _install_at_hand(self, revision: Revision | None, flavour: str) -> ToolchainPrefix | None:
        """The verified install of a commit, without making one."""
        if revision is None:
            return None
        trusted = revision.sha == self.session.candidate.sha
        return at_hand(self.config, revision, flavour, self._toolchain, trusted=trusted)

    def ensure(self, configuration: Configuration, stage: str) -> StageResult:
        """The up-to-date result of a stage of a configuration, run now if need be, its prerequisites first.

        Another worker may be at the same configuration, and hours from the end of its build: whoever asks for a stage
        that it has done already (:meth:`_distinct` does) is not kept waiting.
        """
        while (known := self.recorder.known(configuration.name, stage)) is None:
            with self.workspace.exclusive(configuration.name, _PATIENCE) as is_held:
                if is_held:
                    return self._ensure(configuration, stage)
        return known

    def context(self, configuration: Configuration) -> BuildContext:
        """What the stages of a configuration work with; its LLVM must have been supplied."""
        return BuildContext(
            config=self.config,
            configuration=configuration,
            root=self.tree.root,
            source_state=f"{self.session.source_state}{self.tree.digest}",
            source=(self.tree.root / self.config.build.source).resolve(),
            directory=self.workspace.group(configuration.name),
            prefix=self._prefix(configuration.flavour),
            tools=self.tools,
            env=build_environment(
                base_directories(self.config.root) | ({"MAKEFLAGS": self.pool.makeflags} if self.pool else {})
            ),
            jobs=self._jobs(),
            links=self._links(),
            on_progress=self.progress.edges,
            on_failed_edge=LiveCauses(
                self.config,
                configuration.name,
                self.workspace.group(configuration.name) / "build",
                self.progress.cause,
                root=self.tree.root,
            ).failed_edge,
            store=self.workspace.objects,
            install_of=self._install_of,
        )

    def _jobs(self) -> int | None:
        """The share of the cores that this process has; None when it takes them from a pool.

        Also of a process that builds alone: ninja by itself would run more commands than there are cores.
        """
        return None if self.pool else max(1, compilers_at_once(self.config) // max(1, self.session.processes))

    def _links(self) -> int | None:
        """Links at once that a build may have; None where they count like compilers, which are no more than cores."""
        return max(1, linkers_at_once() // max(1, self.session.processes)) if self.config.build.jobs else None

    @cached_property
    def pool(self) -> CorePool | None:
        """The session's pool of cores; None for a process that builds alone, or a ninja that cannot take part."""
        path = self.workspace.core_pool
        takes_part = self.session.processes > 1 and ninja_takes_part(self.tools.ninja.version)
        return pool_at(path, compilers_at_once(self.config)) if takes_part else None

    def _core(self) -> AbstractContextManager[None]:
        """One core for the stage that is about to run."""
        if self.pool is None:
            return nullcontext()
        return self.pool.core(on_wait=self.progress.note, anybody_else=self.progress.anybody_else)

    def _prefix(self, flavour: str) -> ToolchainPrefix:
        record = self.llvm(flavour)
        prefix = loads(ToolchainPrefix, record.facts["prefix"])
        hold_around(prefix.llvm_dir)  # which another process of the session may have supplied
        return prefix

    def _supply(self, flavour: str) -> StageResult:
        log = self.workspace.log(LLVM_GROUP, flavour)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        request = Request(
            candidate=self.session.candidate,
            flavour=flavour,
            log=log,
            timeout=self.config.timeouts.llvm,
            on_wait=self.progress.note,
            toolchain=self._toolchain,
        )
        try:
            found = supply(self.config, request)
        except SupplyError as error:
            from pytest_llvmgate.gate.llvm_failure import explain_llvm_failure

            return explain_llvm_failure(self.recorder.failed(LLVM_GROUP, flavour, error), error, log, self.config)
        facts = {"origin": found.origin, "remark": found.remark, "prefix": dumps(found.prefix)}
        facts |= {"version": found.prefix.version, SAVED: f"{found.saved:.1f}"}
        facts |= {WAS_THERE: "yes"} if found.was_there else {}
        return StageResult(
            group=LLVM_GROUP,
            stage=flavour,
            outcome=Outcome.PASSED,
            log=self.workspace.relative(log) if log.exists() else "",
            facts=facts,
        )

    def _toolchain(self) -> Toolchain:
        """What LLVM is built with, if it is built: the tools of the builds, and their pool of cores."""
        env = build_environment({"MAKEFLAGS": self.pool.makeflags} if self.pool else {})
        plain = self.tools.toolchain(env, self._jobs())
        ninja = NinjaProgress(self.progress.edges, self.progress.failed)
        return replace(plain, core=self._core, on_output=ninja.feed)

    def _ensure(self, configuration: Configuration, stage: str) -> StageResult:
        record = self.workspace.read_record(configuration.name, stage)
        if record is not None and record.session == self.session.identifier:
            return record
        before = self._prerequisite(configuration, stage)
        if before.outcome is not Outcome.PASSED:
            return self.recorder.skipped(configuration.name, stage, before)
        try:
            context = self.context(configuration)
            digest = fingerprint(stage, context, before)
        except GateError as error:
            return self.recorder.finish(self.recorder.failed(configuration.name, stage, error), time.time())
        if record is not None and self._still_true(record, digest):
            return self.recorder.reused(record)
        return self._run(stage, context, digest)

    def _prerequisite(self, configuration: Configuration, stage: str) -> StageResult:
        if needed := needed_stage(self.config, configuration, stage):
            return self._ensure(configuration, needed)
        if (before := self._bad_carry() or self._stopping(configuration.flavour)) is not None:
            return before
        return self.llvm(configuration.flavour)

    def _stopping(self, flavour: str) -> StageResult | None:
        """The failure of a cheap stage after which the user wants no dear one."""
        if self.config.gate.stop_after is not StopAfter.PREFLIGHT or not self.config.preflight.enabled:
            return None
        result = self.preflight(flavour)
        return result if result.outcome is Outcome.FAILED else None

    def _still_true(self, record: StageResult, digest: str) -> bool:
        if self.session.rerun or record.outcome is not Outcome.PASSED or record.fingerprint != digest:
            return False
        return (self.workspace.group(record.group) / "build" / "build.ninja").is_file()

    def _run(self, stage: str, context: BuildContext, digest: str) -> StageResult:
        def work() -> StageResult:
            with self._core():
                report = stage_module(stage).work(context)
            if stage == CONFIGURE and report.outcome is Outcome.PASSED:
                report = self._distinct(context.configuration, report)
            return self._result(stage, report, context, digest)

        with self.progress.stage(context.configuration.name, stage):
            return self.recorder.guarded(context.configuration.name, stage, work)

    def _install_of(self, flavour: str) -> ToolchainPrefix | None:
        """The install of another flavour: waited for where this session needs it anyway, else if it is there."""
        if all(each.flavour != flavour for each in self.config.configurations if each.name in self._selected):
            return self._install_at_hand(self.session.candidate, flavour)
        return self._prefix(flavour) if self.llvm(flavour).outcome is Outcome.PASSED else None

    def _result(self, stage: str, report: StageReport, context: BuildContext, digest: str) -> StageResult:
        configuration = context.configuration
        facts = self._with_deprecations(report.facts, configuration, stage)
        told = self._of_report(configuration.name, stage, report)
        result = replace(told, fingerprint=digest, facts=facts)
        if result.outcome is not Outcome.FAILED:
            return result
        from pytest_llvmgate.gate.diagnosis import explain_failure

        at_baseline, install = self._at_baseline(configuration, stage), None
        with suppress(GateError):  # the diagnosis does without where it cannot be had
            install = self._install_at_hand(self.session.baseline, configuration.flavour)
        explained = explain_failure(
            result,
            report,
            context,
            self.config,
            self.session,
            at_baseline=at_baseline,
            baseline_install=install,
        )
        if report.edges is None:  # else its edges' causes were told as they failed
            self._tell_causes(explained)
        return explained

    def _with_deprecations(
        self, facts: Mapping[str, str], configuration: Configuration, stage: str
    ) -> Mapping[str, str]:
        """With what an earlier build of this configuration said: what was not compiled again is not warned of again."""
        before = self.workspace.read_record(configuration.name, stage) if DEPRECATED in facts else None
        if before is None or DEPRECATED not in before.facts:
            return facts
        kept = still_true(from_fact(before.facts[DEPRECATED]), self.tree.root)
        return {**facts, DEPRECATED: as_fact(joined(from_fact(facts[DEPRECATED]), kept))}

    def next_breaks(self, results: Iterable[StageResult]) -> tuple[str, ...]:
        """What of LLVM that this project uses the candidate deprecates and the baseline did not, one sentence each."""
        baseline = self.session.baseline
        if baseline is None or baseline.sha == self.session.candidate.sha:
            return ()
        there = Workspace(self.config.root, baseline.sha)
        records = (there.read_record(configuration.name, "build") for configuration in self.config.configurations)
        return tuple(next_breaks(results, [record for record in records if record is not None]))

    def _at_baseline(self, configuration: Configuration, stage: str) -> StageResult | None:
        """The same stage on the baseline: run if the user named one, else as an earlier session recorded it, here or in
        the target branch's own run.
        """
        baseline = self.session.baseline
        if baseline is None or baseline.sha == self.session.candidate.sha:
            return None
        session = replace(self.session, candidate=baseline, baseline=None, runs_baseline=False)
        runner = Runner(self.config, session, of="baseline's ")
        if not self.session.runs_baseline:
            known = {each.node: each for each in self.session.at_baseline}
            elsewhere = known.get(f"{configuration.name}::{stage}")
            return elsewhere or runner.workspace.read_record(configuration.name, stage)
        return runner.ensure(configuration, stage)

    def _distinct(self, configuration: Configuration, report: StageReport) -> StageReport:
        """Fail the configuration when an earlier one of this session turns out to be the same build.

        Only earlier ones are looked at, and configured first if need be: so the outcome does not depend on the order in
        which workers come by, and no two of them ever wait for each other.
        """
        for earlier in self.config.configurations[: configuration.index]:
            if earlier.name not in self._selected or earlier.options == configuration.options:
                continue
            other = self.ensure(earlier, CONFIGURE)
            if other.facts.get(IDENTITY) == report.facts[IDENTITY]:
                return same_build(configuration, earlier, report)
        return report
