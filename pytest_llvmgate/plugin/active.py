"""The gate in a session that has a candidate: in the controller, in a worker, or in a serial run (both at once)."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_llvmgate.codec import dumps, from_plain, loads, to_plain
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.core_pool import compilers_at_once, open_pool
from pytest_llvmgate.gate.held import farewells
from pytest_llvmgate.gate.past_runs import expected, past_edges, past_stages, time_left
from pytest_llvmgate.gate.progress import Activity, forget, unfinished
from pytest_llvmgate.gate.run_directory import take_checkout
from pytest_llvmgate.gate.runner import Runner
from pytest_llvmgate.gate.session import Session
from pytest_llvmgate.gate.start import open_config, open_session
from pytest_llvmgate.gate.trouble import as_gate_error, let_through
from pytest_llvmgate.model import BECAUSE, Outcome, StageResult, Verdict
from pytest_llvmgate.plugin import junit_writing
from pytest_llvmgate.plugin.gateways import check_gateways, end_workers, gateways
from pytest_llvmgate.plugin.items import GateFile, StageItem
from pytest_llvmgate.plugin.live import LiveProgress
from pytest_llvmgate.plugin.llvm_build import LlvmBuild
from pytest_llvmgate.plugin.option_names import ACTIVE
from pytest_llvmgate.plugin.publish import publish, report_files
from pytest_llvmgate.plugin.stopping import StopOnFailures, StoppableWorker
from pytest_llvmgate.plugin.terminal_output import TerminalOutput
from pytest_llvmgate.printable import for_log, in_ci, without_commands
from pytest_llvmgate.stages.object_sharing import prune
from pytest_llvmgate.stages.stage_plan import all_nodes, configuration_stages
from pytest_llvmgate.verdict.assemble import assemble
from pytest_llvmgate.verdict.github import workflow_commands
from pytest_llvmgate.verdict.terminal import render
from pytest_llvmgate.wording import counted

_WORKER_KEY: Final = "llvmgate"
_REPORT_KEY: Final = "llvmgate"
_TERMINATED: Final = 128 + signal.SIGTERM
_WORKER_CRASHED: Final = "???"
"""What xdist has for the phase of a test whose worker died (``DSession.handle_crashitem``)."""
_PARTS: Final = 3
"""Of a stage's node id: file, group, stage."""
_ENDED: Final = "not reached: the session was ended before"
_SUMMARISED: Final = frozenset(pytest.ExitCode) - {pytest.ExitCode.INTERNAL_ERROR}
"""Exit codes with which pytest itself asks for summaries (``TerminalReporter.pytest_sessionfinish``)."""


@contextmanager
def told() -> Iterator[None]:
    """Whatever goes wrong becomes a usage error in plain words, never pytest's INTERNALERROR."""
    try:
        yield
    except pytest.UsageError:
        raise
    except Exception as error:
        raise pytest.UsageError(str(as_gate_error(error))) from error


def activate(config: pytest.Config) -> None:
    """Validate everything that can be validated, and register the gate. Raises ``pytest.UsageError``."""
    let_through(pytest.exit.Exception)
    in_worker = hasattr(config, "workerinput")
    with told():
        gate = _for_worker(config) if in_worker else _for_controller(config)
    _check_rootdir(config, gate.config)
    junit_writing.check_options(config)
    list(report_files(config))  # told now, not after an hour
    _collect_config_file(config, gate.config)
    config.pluginmanager.register(gate, ACTIVE)
    if not in_worker:
        config.pluginmanager.register(TerminalOutput(gate.runner.workspace.verdict))
    elif threading.current_thread() is threading.main_thread():
        config.pluginmanager.register(StoppableWorker(gate.runner.workspace.stop(gate.session.identifier)))


def _for_worker(config: Any) -> ActiveGate:
    session = loads(Session, config.workerinput[_WORKER_KEY])
    return ActiveGate(load_config(session.config), session)


def _for_controller(config: pytest.Config) -> ActiveController:
    check_gateways(config)
    gate_config = open_config(config.invocation_params.dir, config.getoption("llvm_config"))
    session = open_session(
        gate_config,
        llvm_sha=config.getoption("llvm_sha"),
        baseline=config.getoption("llvm_baseline"),
        verdicts=config.getoption("llvm_verdicts"),
        reference=config.getoption("llvm_pins"),
        rerun=config.getoption("llvm_rerun"),
        processes=max(1, gateways(config)),
        outputs=list(_outputs(config, gate_config.root)),
    )
    return ActiveController(gate_config, session)


def _outputs(config: pytest.Config, root: Path) -> Iterator[str]:
    """Report files that this session writes into the tree; they must not make the tree look changed."""
    pytests = (config.getoption(option, None) or "" for option in ("xmlpath", "log_file"))
    own = (path for path, _ in report_files(config))
    for path in (*(Path(config.invocation_params.dir, name) for name in pytests), *own):
        if path.is_relative_to(root) and path != root:
            yield path.relative_to(root).as_posix()


def _check_rootdir(config: pytest.Config, gate: Config) -> None:
    if not gate.path.is_relative_to(config.rootpath):
        raise pytest.UsageError(
            f"{gate.path}: the configuration lies outside pytest's rootdir {config.rootpath}\n"
            f"    -> run pytest in {gate.root}, or add --rootdir={gate.root}"
        )


def _collect_config_file(config: pytest.Config, gate: Config) -> None:
    """Make pytest collect the configuration file, unless the user names what to collect.

    Without arguments and without ``testpaths`` pytest would walk through the whole checkout, LLVM's and the components'
    own Python files included: the gate alone is meant then.
    """
    path = str(gate.path)
    if config.args_source is config.ArgsSource.INVOCATION_DIR:
        config.args = [path]
    elif config.args_source is config.ArgsSource.TESTPATHS and not any(
        gate.path.is_relative_to(Path(config.invocation_params.dir, argument)) for argument in config.args
    ):
        config.args.append(path)


class ActiveGate:
    """Collection and running, in whatever process the tests run."""

    def __init__(self, config: Config, session: Session) -> None:
        self.config = config
        self.session = session
        self.runner = Runner(config, session)
        self.asked: set[str] = set()
        """The stages of this session as ``group::stage``."""

    def configuration_names(self) -> list[str]:
        """For ``pytest_generate_tests``."""
        return [configuration.name for configuration in self.config.configurations]

    def build(self, name: str) -> LlvmBuild:
        """What the fixture ``llvm_build`` hands over, brought up to date; skips the test when that fails."""
        configuration = self.config.configuration(name)
        stages = configuration_stages(self.config, configuration)
        last = "install" if "install" in stages else "build"
        try:
            result = self.runner.ensure(configuration, last)
            if result.outcome is not Outcome.PASSED:
                pytest.skip(f"{result.node} {result.outcome}: {result.reason}")
            context = self.runner.context(configuration)
        except Exception as error:
            pytest.fail(str(as_gate_error(error)), pytrace=False)
        return LlvmBuild(
            name=name,
            options=configuration.options,
            candidate=self.session.candidate,
            source_dir=context.source,
            build_dir=context.build_dir,
            install_dir=context.install_dir if last == "install" else None,
            llvm_dir=context.prefix.llvm_root,
            mlir_dir=context.prefix.mlir_root,
            env=context.env,
        )

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """The configuration file, and no other file of that name."""
        return GateFile.of(parent, file_path, self.runner) if file_path == self.config.path else None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The configurations of this session must differ from each other; tell the runner which they are."""
        groups = {item.group for item in session.items if isinstance(item, StageItem)}
        self.runner.select(name for name in self.configuration_names() if name in groups)
        self.asked.update(f"{item.group}::{item.name}" for item in session.items if isinstance(item, StageItem))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Let the stage's result travel with the report, to the controller and into JUnit."""
        report: Any = yield
        result = getattr(item, "result", None)
        if call.when == "call" and isinstance(result, StageResult):
            report.llvmgate = to_plain(result)
        return report


class ActiveController(ActiveGate):
    """The controller's part besides: the checkout's lock, handing over to workers, progress, the summary."""

    def __init__(self, config: Config, session: Session) -> None:
        super().__init__(config, session)
        self.results: dict[str, StageResult] = {}
        self._resources = ExitStack()
        self._live: LiveProgress | None = None
        self._problems: list[str] = []
        """What could not be written, in words."""
        self._previous_handler: Any = None
        self._past: dict[str, float] = {}
        """Seconds that stages took last."""
        self._past_edges: dict[str, int] = {}
        self._built: set[str] = set()
        """Stages of which there is a record for this candidate."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand the session to a worker."""
        node.workerinput[_WORKER_KEY] = dumps(self.session)

    def pytest_report_header(self) -> list[str]:
        """One line: what is gated."""
        count = len(self.config.configurations)
        line = f"llvmgate: candidate {self.session.candidate}, {counted(count, 'configuration')}"
        return [for_log(line)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Take the checkout, show progress, and let SIGTERM end the session as Ctrl-C does."""
        if session.config.option.collectonly:
            return
        with told():
            self.runner.workspace.prepare()
            self._resources.enter_context(take_checkout(self.runner.workspace))
            forget(self.runner.workspace.progress)
            prune(self.runner.workspace.objects)
            if self.session.processes > 1:
                self._resources.enter_context(
                    open_pool(self.runner.workspace.core_pool, compilers_at_once(self.config))
                )
                word = self.runner.workspace.stop(self.session.identifier)
                session.config.pluginmanager.register(StopOnFailures(word, session.config.option.maxfail))
        # A runner that has just been rented knows nothing of its own.
        elsewhere = {each.node: each.duration for each in self.session.at_baseline}
        self._past = elsewhere | past_stages(self.config.root)
        self._past_edges = past_edges(self.config.root)
        self._built = {node for node in self._past_edges if self.runner.workspace.record(*node.split("::")).is_file()}
        self._live = LiveProgress.start_for(self.runner.workspace.progress, self._time_left)
        self._previous_handler = signal.signal(signal.SIGTERM, partial(_stop_session, self.runner.workspace.progress))

    def _time_left(self, activities: Iterable[Activity]) -> str:
        now = time.time()
        running = {f"{each.group}::{each.stage}": each for each in activities}
        to_do = self.asked - set(self.results)
        done = {node: each.edges for node, each in self.results.items() if each.edges and not each.reused}
        edges = done | {node: each.edges for node, each in running.items() if each.edges}
        past = {node: self._past[node] for node in to_do if node in self._past}
        past = expected(past, self._past_edges, edges, self._built)
        for node in past.keys() & running.keys():
            past[node] -= now - running[node].started
        left = {node: seconds for node, seconds in past.items() if seconds > 0 or node not in running}
        paced = {node: seconds for node, each in running.items() if (seconds := each.seconds_left(now)) is not None}
        told = self._past.keys() | {node for node, each in running.items() if each.is_paced}
        return time_left(left | paced, to_do, self.session.processes, running, paced.keys() - told)

    def pytest_runtest_logstart(self) -> None:
        """Pytest may write the test's name, and ends the line later."""
        if self._live is not None:
            self._live.is_within_line = True

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Collect results, whichever process they come from."""
        if self._live is not None:
            self._live.is_within_line = True
        plain = getattr(report, _REPORT_KEY, None)
        if plain is not None:
            result = from_plain(StageResult, plain)
            self.results[result.node] = result
        elif report.failed and "::" in report.nodeid and report.nodeid.split("::")[0].endswith(self.config.path.name):
            self._crashed(report)

    def _crashed(self, report: Any) -> None:
        """A stage without a result: its worker died (xdist's report knows only its id), or another plugin failed."""
        parts = report.nodeid.split("::")
        group, stage = parts[-2], parts[-1]
        lines = str(report.longrepr or "").strip().splitlines()
        reason = "the process that ran it died; look for an out-of-memory kill"
        if report.when != _WORKER_CRASHED:
            reason = f"its {report.when} failed, outside of the gate: {lines[-1] if lines else 'nothing was said'}"
        result = StageResult(group=group, stage=stage, outcome=Outcome.FAILED, reason=reason, detail="\n".join(lines))
        self.results.setdefault(result.node, result)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """The controller of workers has no items of its own."""
        for parts in (each.split("::") for each in ids):
            if len(parts) == _PARTS and parts[0].endswith(self.config.path.name):
                self.asked.add("::".join(parts[1:]))

    @pytest.hookimpl(tryfirst=True)  # before JUnit's file is written
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop the progress, and write what was found wherever it was asked for, with a terminal or without."""
        if self._live is not None:
            self._live.stop()
            end_workers(self.runner.workspace.progress)  # after -x, say: what still runs is of no more use
        if session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._note_what_was_not_reached()
        if not self.results:
            return
        with self._told_at_the_end(session):
            self._finish(session)
        terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is None:
            for problem in self._problems:
                print(for_log(problem), file=sys.stderr)
        elif session.exitstatus not in _SUMMARISED:
            self.pytest_terminal_summary(terminal)

    @contextmanager
    def _told_at_the_end(self, session: pytest.Session) -> Iterator[None]:
        """Whatever goes wrong is told with the rest that could not be written, and nobody may take it for a pass."""
        try:
            yield
        except Exception as error:
            self._problems.append(f"llvmgate: {as_gate_error(error)}")
        if self._problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _finish(self, session: pytest.Session) -> None:
        junit_writing.complete(session.config, self.session, list(all_nodes(self.config)), self._toolchain())
        verdict = self._verdict()
        if session.exitstatus == pytest.ExitCode.OK and not verdict.passes:
            # Skipped for a failure outside of this selection ("-k check" on a broken build): no test failed, and yet
            # nobody may take it for a pass.
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self._problems += publish(verdict, session.config, self.config.root, self.runner.workspace.verdict)

    def _note_what_was_not_reached(self) -> None:
        """A session that was ended says nothing of the rest: it must not look like one that had no more to do."""
        for node in self.asked - self.results.keys():
            group, stage = node.split("::")
            facts = {BECAUSE: _ENDED}
            self.results[node] = StageResult(
                group=group, stage=stage, outcome=Outcome.SKIPPED, reason=_ENDED, facts=facts
            )

    def _verdict(self) -> Verdict:
        """Of all results so far. A method: older pytest evaluates a plugin's properties at once."""
        order = list(all_nodes(self.config))
        results = sorted(self.results.values(), key=lambda result: order.index(result.node))
        return assemble(
            results,
            candidate=self.session.candidate,
            baseline=self.session.baseline,
            downstream=self.session.downstream,
            configurations=self.config.configurations,
            toolchain=self._toolchain(),
            notes=(
                *self.session.notes,
                *unfinished(self.runner.workspace.progress, self.results.values()),
                *farewells(self.config, results),
                *self.runner.next_breaks(results),
            ),
        )

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The verdict: the grid, the causes, the pattern."""
        if not self.results:
            return
        with self._told_at_the_end(terminalreporter._session):
            self._summarise(terminalreporter)
        for problem in self._problems:
            terminalreporter.write_line(for_log(problem), red=True)

    def _summarise(self, terminalreporter: Any) -> None:
        verdict = self._verdict()
        writer = terminalreporter._tw  # the only way to its width and colour
        terminalreporter.write_sep("=", "llvmgate")
        fit = without_commands if in_ci() else str
        for line in render(verdict, width=writer.fullwidth, color=writer.hasmarkup):
            terminalreporter.write_line(fit(line))
        if os.environ.get("GITHUB_ACTIONS") == "true":
            for command in workflow_commands(verdict):
                terminalreporter.ensure_newline()
                terminalreporter.write_line(command)

    def pytest_unconfigure(self) -> None:
        """Give the checkout back."""
        if self._previous_handler is not None:
            signal.signal(signal.SIGTERM, self._previous_handler)
        self._resources.close()

    def _toolchain(self) -> dict[str, str]:
        try:
            return self.runner.describe_tools()
        except GateError:
            return {}  # a stage that needs them says so


def _stop_session(progress: Path, *_: object) -> None:
    end_workers(progress)
    pytest.exit(f"terminated (SIGTERM to process {os.getpid()})", returncode=_TERMINATED)
