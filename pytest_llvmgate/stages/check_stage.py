"""The stage ``check``: the project's own commands, on what was built and installed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_llvmgate.config.load import fill
from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.model import FAILED_COMMANDS, FAILED_TESTS, NOTE, Outcome
from pytest_llvmgate.process.run import Completed, describe_command
from pytest_llvmgate.stages.commands import PASSED, BuildContext, StageReport, logged

if TYPE_CHECKING:
    from pytest_llvmgate.stages.failed_tests import FailedTests

_NOT_FOUND: Final = 127
"""What a shell, and the gate, answer for a command that is not there."""


def is_wanted(config: Config, configuration: Configuration) -> bool:
    return bool(config.build.check)


def inputs(context: BuildContext) -> Mapping[str, object]:
    return {"commands": context.config.build.check}


def work(context: BuildContext) -> StageReport:
    """Run every check command, also after one has failed."""
    commands = [[fill(word, context.placeholders) for word in command] for command in context.config.build.check]
    results = logged(context, "check", commands, timeout=context.config.timeouts.check)
    failed = [done for done in results if not done.ok]
    if not failed:
        note = _without_tests(context, results)
        return StageReport(outcome=Outcome.PASSED, facts={NOTE: note}) if note else PASSED
    first = failed[0]
    more = f", and {len(failed) - 1} more of {len(results)} commands" if len(failed) > 1 else ""
    reason = f"{_named(first)} failed ({first.ending}){more}"
    if first.returncode == _NOT_FOUND and shutil.which(first.command[0], path=context.env.get("PATH")) is None:
        reason = f"check command not found: {first.command[0]}{more}"
    return StageReport(outcome=Outcome.FAILED, reason=reason, facts=_failed_tests(context, results), diagnose=True)


def _without_tests(context: BuildContext, results: Sequence[Completed]) -> str:
    """What to say of commands that passed because they had no test to run."""
    runs = zip(_tests(context, results), results, strict=False)
    empty = [f"{Path(done.command[0]).name} ({tests.ran_none})" for tests, done in runs if tests.ran_none]
    return f"check of {context.configuration.name}: no test was run by {'; '.join(empty)}" if empty else ""


def _failed_tests(context: BuildContext, results: Sequence[Completed]) -> dict[str, str]:
    """The tests that failed, where nothing else has: an agreed exception may name them."""
    count = {FAILED_COMMANDS: str(sum(not done.ok for done in results))}
    told = _tests(context, results)
    of_failed = [tests for tests, done in zip(told, results, strict=False) if not done.ok]
    if len(told) < len(results) or not all(tests.are_all for tests in of_failed):
        return count
    return count | {FAILED_TESTS: json.dumps(sorted({name for tests in of_failed for name in tests.names}))}


def _tests(context: BuildContext, results: Sequence[Completed]) -> Sequence[FailedTests]:
    """What the stage's log says of each command's tests."""
    from pytest_llvmgate.stages.failed_tests import read_failed_tests

    return read_failed_tests(context.log("check"), [describe_command(done.command) for done in results])


def _named(done: Completed) -> str:
    name = describe_command(done.command)
    return name if len(name) <= 80 else name[:77] + "..."
