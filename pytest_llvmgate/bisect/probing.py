"""One probe: the stages of some configurations at one commit of LLVM, brought up to date by the gate.

A search runs each probe in a process of its own (``llvmgate probe``), for four reasons: a probe that is decided
meanwhile can be stopped, what kills it (memory) does not kill the search, two can run side by side, and it is the same
command that ``git bisect run`` gets. The process costs 0.3 s beside a build.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Final

from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.run_directory import take_checkout
from pytest_llvmgate.gate.runner import Runner
from pytest_llvmgate.gate.start import open_session
from pytest_llvmgate.model import CONFIGURATION_STAGES, WAS_THERE, Outcome, Revision, StageResult
from pytest_llvmgate.model import STAGES as LADDER
from pytest_llvmgate.stages.stage_plan import configuration_stages

LLVM_STAGE: Final = "llvm"
STAGES: Final = (LLVM_STAGE, *CONFIGURATION_STAGES)
"""What may be asked for, in the order in which it is done."""
_PREDICTIONS: Final = frozenset(stage.name for stage in LADDER if stage.is_prediction)
"""Done only where they are asked for. What linkcheck sees in a static build depends on whether a shared LLVM of that
commit is at hand, so its word on two commits cannot be compared; a shared configuration judges what it predicts."""
_BESIDES: Final = frozenset(stage.name for stage in LADDER if stage.is_beside)
_MOST_FINDINGS: Final = 40
_MOST_EVIDENCE: Final = 6


@dataclass(frozen=True, kw_only=True)
class ProbeRequest:
    """What is judged at every commit."""

    configurations: tuple[str, ...]
    """Names of configurations."""
    stages: tuple[str, ...] = ()
    """The stages that are asked for, and what they stand on; empty means all but predictions."""

    @property
    def is_about_llvm(self) -> bool:
        """Nothing but LLVM itself is asked for."""
        return self.stages == (LLVM_STAGE,)


@dataclass(frozen=True, kw_only=True)
class ProbeResult:
    """What a probe saw. Nothing is judged yet: what is bad depends on what is looked for."""

    sha: str
    results: tuple[StageResult, ...] = ()
    seconds: float = 0.0
    """Wall time."""
    error: str = ""
    """Why there are no results, or not all."""

    @property
    def llvm_built(self) -> int:
        """LLVM installs that had to be made."""
        own = (result for result in self.results if result.group == LLVM_STAGE)
        return sum(not (result.facts.get(WAS_THERE) or result.reused) for result in own)


def select_request(config: Config, names: tuple[str, ...], stages: tuple[str, ...]) -> ProbeRequest:
    """What the user asks for, checked. Raises ``GateError`` for names that the configuration file does not have."""
    known = [configuration.name for configuration in config.configurations]
    if unknown := [name for name in names if name not in known]:
        raise GateError(
            f"no configuration {unknown[0]!r}: expected one of {', '.join(known) or 'none (there is no [build])'}",
            where=str(config.path),
        )
    if unknown := [stage for stage in stages if stage not in STAGES]:
        raise GateError(f"no stage {unknown[0]!r}: expected one of {', '.join(STAGES)}")
    if not known:
        raise GateError("nothing to build: the configuration file has no [build] and no [axes]", where=str(config.path))
    request = ProbeRequest(configurations=names or tuple(known), stages=stages)
    for name in request.configurations:
        there = (LLVM_STAGE, *configuration_stages(config, config.configuration(name)))
        if missing := [stage for stage in stages if stage not in there]:
            raise GateError(f"{name} has no stage {missing[0]!r}: it has {', '.join(there)}")
    return request


def run_probe(
    config: Config, sha: str, request: ProbeRequest, *, baseline: str = "", processes: int = 0
) -> ProbeResult:
    """Bring the stages up to date at ``sha``. Raises ``GateError`` for what no other commit would mend.

    ``baseline`` is a commit that findings are blamed against. ``processes`` above 0: a search holds the checkout, and
    that many probes share the cores.
    """
    started = time.time()
    session = open_session(config, llvm_sha=sha, processes=max(1, processes))
    known = Revision(sha=baseline) if baseline and baseline != session.candidate.sha else None
    runner = Runner(config, replace(session, baseline=known))
    runner.workspace.prepare()
    with nullcontext() if processes else take_checkout(runner.workspace):
        results = tuple(_results(runner, request))
    return ProbeResult(sha=session.candidate.sha, results=results, seconds=time.time() - started)


def _results(runner: Runner, request: ProbeRequest) -> Iterator[StageResult]:
    flavours: dict[str, StageResult] = {}
    for name in request.configurations:
        configuration = runner.config.configuration(name)
        if configuration.flavour not in flavours:
            flavours[configuration.flavour] = runner.llvm(configuration.flavour)
            yield _slim(flavours[configuration.flavour])
        if not request.is_about_llvm and flavours[configuration.flavour].outcome is Outcome.PASSED:
            yield from _stages(runner, configuration, request)


def _stages(runner: Runner, configuration: Configuration, request: ProbeRequest) -> Iterator[StageResult]:
    there = configuration_stages(runner.config, configuration)
    last = max((there.index(stage) for stage in request.stages if stage in there), default=len(there) - 1)
    optional = _BESIDES - set(request.stages) if request.stages else _PREDICTIONS
    for stage in there[: last + 1]:
        if stage not in optional:
            yield _slim(runner.ensure(configuration, stage))


def _slim(result: StageResult) -> StageResult:
    """The result without what only a report of this one session would show."""
    findings = tuple(
        replace(each, evidence=each.evidence[:_MOST_EVIDENCE]) for each in result.findings[:_MOST_FINDINGS]
    )
    facts = {name: value for name, value in result.facts.items() if name != "prefix"}
    return replace(result, detail="", findings=findings, facts=facts)
