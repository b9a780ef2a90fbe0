"""Probes that ask the miniature's oracle instead of building: a judge that costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pytest_llvmgate.bisect.drive import Running
from pytest_llvmgate.bisect.probing import ProbeRequest, ProbeResult
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.model import Finding, Layer, Outcome, StageResult
from pytest_llvmgate.stages.stage_plan import configuration_stages
from pytest_llvmgate.upstream.blame import blame
from tests.miniature import CONFIGURATIONS, CULPRITS, Miniature

Trouble = Callable[[str], str]
"""From a SHA to what goes wrong with the machine there; empty for nothing."""


def finding_of(name: str) -> Finding:
    """The finding that a culprit shows, as the gate's diagnosis words it."""
    culprit = CULPRITS[name]
    last = culprit.identifier.rpartition("::")[2]
    facts = {"name": last, "scope": culprit.identifier.rpartition("::")[0]} if "api" in culprit.kind else {}
    return Finding(
        kind=culprit.kind,
        identifier=culprit.identifier,
        headline=culprit.about,
        layer=Layer(culprit.layer),
        facts=facts,
    )


@dataclass
class Oracle:
    """Launches pretended probes, and counts them."""

    miniature: Miniature
    config: Config
    trouble: Trouble = lambda _: ""
    asked: list[tuple[str, ProbeRequest]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    blames: bool = True

    def launch(self, sha: str, request: ProbeRequest, baseline: str) -> Running:
        self.asked.append((sha, request))
        return Pretended(sha, self, request, baseline)

    @staticmethod
    def wait(running: Sequence[Running]) -> Running:
        return running[-1]

    @property
    def shas(self) -> list[str]:
        return [sha for sha, _ in self.asked]

    def result(self, sha: str, request: ProbeRequest, baseline: str) -> ProbeResult:
        if error := self.trouble(sha):
            return ProbeResult(sha=sha, error=error, seconds=1.0)
        every = (each for name in request.configurations for each in self._of(sha, name, request))
        results = tuple({each.node: each for each in every}.values())
        if baseline and self.blames:
            results = tuple(self._blamed(each, sha, baseline) for each in results)
        return ProbeResult(sha=sha, results=results, seconds=10.0)

    def _blamed(self, result: StageResult, sha: str, baseline: str) -> StageResult:
        place = self.miniature.repository
        return replace(result, findings=blame(result.findings, repository=place, baseline=baseline, candidate=sha))

    def _of(self, sha: str, name: str, request: ProbeRequest) -> list[StageResult]:
        flavour = CONFIGURATIONS[name]["linkage"]
        expected = self.miniature.expected(sha, name)
        findings = tuple(finding_of(culprit) for culprit in expected.culprits)
        if expected.stage == "llvm":
            return [
                StageResult(group="llvm", stage=flavour, outcome=Outcome.FAILED, reason="broken", findings=findings)
            ]
        results = [StageResult(group="llvm", stage=flavour, outcome=Outcome.PASSED)]
        stages = configuration_stages(self.config, self.config.configuration(name))
        last = max((stages.index(stage) for stage in request.stages if stage in stages), default=len(stages) - 1)
        failed = False
        for stage in stages[: last + 1] if request.stages != ("llvm",) else ():
            outcome = Outcome.SKIPPED if failed else Outcome.PASSED
            if stage == expected.stage:
                outcome, failed = Outcome.FAILED, True
            shown = findings if stage == expected.stage else ()
            results.append(StageResult(group=name, stage=stage, outcome=outcome, reason=outcome, findings=shown))
        return results


class Pretended:
    """A probe that has ended before it began."""

    has_ended = True

    def __init__(self, sha: str, oracle: Oracle, request: ProbeRequest, baseline: str) -> None:
        self.sha = sha
        self._oracle, self._request, self._baseline = oracle, request, baseline

    def result(self) -> ProbeResult:
        return self._oracle.result(self.sha, self._request, self._baseline)

    def stop(self) -> None:
        self._oracle.stopped.append(self.sha)
