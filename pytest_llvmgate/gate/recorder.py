"""How a stage's end becomes a result and a record, whatever way it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.gate.trouble import as_gate_error
from pytest_llvmgate.model import BECAUSE, Outcome, StageResult

_REASON_SHOWN: Final = 200
"""Characters of another stage's reason."""


class Recorder:
    """Turns endings into results and keeps them in the workspace, in the name of one session."""

    def __init__(self, workspace: Workspace, session: str) -> None:
        self.workspace = workspace
        self.session = session
        self._told = 0.0
        """Processor seconds of the results so far: work may bring other stages up to date, and theirs is theirs."""

    def known(self, group: str, stage: str) -> StageResult | None:
        """The result that this session has already recorded."""
        record = self.workspace.read_record(group, stage)
        return record if record is not None and record.session == self.session else None

    def guarded(self, group: str, stage: str, work: Callable[[], StageResult]) -> StageResult:
        """Do a stage's work and record it; what can go wrong with the machine becomes a failure with clear words."""
        started, used, told = time.time(), _processor_time(), self._told
        try:
            result = work()
        except Exception as error:
            result = self.failed(group, stage, as_gate_error(error))
        processor = max(0.0, _processor_time() - used - (self._told - told))
        self._told += processor
        return self.finish(replace(result, processor=processor), started)

    def finish(self, result: StageResult, started: float) -> StageResult:
        """The result with its times, recorded."""
        done = replace(result, started=started, duration=time.time() - started, session=self.session)
        try:
            self.workspace.write_record(done)
        except (OSError, GateError) as error:  # it still reaches the report; the next session runs the stage again
            if done.outcome is Outcome.PASSED:
                return replace(self.failed(done.group, done.stage, as_gate_error(error)), started=started)
        return done

    def failed(self, group: str, stage: str, error: GateError) -> StageResult:
        """The failure that an error stands for."""
        return StageResult(
            group=group,
            stage=stage,
            outcome=Outcome.FAILED,
            reason=error.problems[0].message,
            detail=str(error),
            log=self.workspace.shown_log(group, stage),
        )

    def skipped(self, group: str, stage: str, before: StageResult) -> StageResult:
        """A stage that was not run, because what it stands on did not pass."""
        cause = before.facts.get(BECAUSE, before.node)
        result = StageResult(
            group=group,
            stage=stage,
            outcome=Outcome.SKIPPED,
            reason=_named(cause, before) if before.outcome is Outcome.FAILED else before.reason,
            started=time.time(),
            session=self.session,
            facts={BECAUSE: cause},
        )
        self._keep(result)
        return result

    def reused(self, record: StageResult) -> StageResult:
        """A record of an earlier session, taken over into this one."""
        reused = replace(record, reused=True, session=self.session)
        self._keep(reused)
        return reused

    def _keep(self, result: StageResult) -> None:
        """Record what cost nothing; on a full disk it still reaches the report."""
        with suppress(OSError, GateError):
            self.workspace.write_record(result)


def _processor_time() -> float:
    """Seconds that this process has used and all that it has waited for, with what those waited for (times(2))."""
    return sum(os.times()[:4])


def _named(cause: str, failed: StageResult) -> str:
    """What a stage stands on, why that failed, and where to read on: it may not be among what was asked for."""
    reason = f": {failed.reason.splitlines()[0][:_REASON_SHOWN]}" if failed.reason else ""
    return f"{cause} failed{reason}{f' ({failed.log})' if failed.log else ''}"
