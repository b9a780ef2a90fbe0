"""The stage ``preflight``: which names of LLVM the downstream uses that the candidate no longer has."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llvmgate.build.stages import StageReport
from pytest_llvmgate.config.schema import Config, PredictionPolicy
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.model import NOTE, Outcome
from pytest_llvmgate.predict.candidate import KnownLlvm, known_from_prefix, renames_between
from pytest_llvmgate.predict.layers import Layers, find_layers
from pytest_llvmgate.predict.preflight import ComponentView, PreflightResult, component_provided, run_preflight
from pytest_llvmgate.predict.source_tree import DirectoryTree


def preflight(config: Config, candidate: ToolchainPrefix, baseline: ToolchainPrefix | None) -> StageReport:
    """Hold the downstream's sources against the candidate's install.

    With the baseline's install at hand, only what was there before counts, and counts fully. Without it, a name that
    the candidate lacks may never have been LLVM's: it is told, and fails nothing unless the config says so.
    """
    result = _run(config, known_from_prefix(candidate), known_from_prefix(baseline) if baseline else None)
    facts = {"names": str(result.names), "files": str(result.files), "baseline": result.baseline}
    if not result.fails:
        return StageReport(outcome=Outcome.PASSED, facts=facts)
    sentence = _sentence(result)
    policy = config.preflight.policy or (PredictionPolicy.FAIL if baseline else PredictionPolicy.REPORT)
    if policy is PredictionPolicy.REPORT:
        why = "" if baseline else " (no install of the baseline is at hand, so this fails nothing)"
        return StageReport(outcome=Outcome.PASSED, facts=facts | {NOTE: f"preflight: {sentence}{why}"})
    return StageReport(outcome=Outcome.FAILED, reason=sentence, findings=result.findings, facts=facts)


def _run(config: Config, candidate: KnownLlvm, baseline: KnownLlvm | None) -> PreflightResult:
    layers = find_layers(config.root, [config.root / pin.component for pin in config.pins if pin.component])
    return run_preflight(
        DirectoryTree(config.root),
        candidate=candidate,
        baseline=baseline,
        components=list(_components(layers)),
        renames=renames_between(None, baseline, candidate),
        layers=layers,
        skip=[layers.name(component.path) for component in layers.components if component.is_llvm],
        wanted={"": {name.partition(":")[0]: value for name, value in config.build.cmake.items()}},
        tablegen_jobs=2 if config.preflight.tablegen else 0,
    )


def _components(layers: Layers) -> Iterator[ComponentView]:
    for component in layers.components:
        if not component.is_llvm and component.path.is_dir() and any(component.path.iterdir()):
            yield ComponentView(name=component.name, now=component_provided(component.name, component.path))


def _sentence(result: PreflightResult) -> str:
    count = len(result.findings)
    first = result.findings[0].headline
    return first if count == 1 else f"{first}; and {count - 1} more"
