"""The stages ``linkcheck`` and ``confirm``: what a shared build would refuse to link, told by a static one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.settings import Config, Configuration, PredictionPolicy
from pytest_llvmgate.kinds.catalogue import LINKCHECK_DISAGREEMENT
from pytest_llvmgate.kinds.facts import SYMBOLS
from pytest_llvmgate.linkcheck.prediction import LinkcheckOptions, LinkcheckResult, run_linkcheck
from pytest_llvmgate.linkcheck.shared_tree import LlvmView, SharedTreeError
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.model import NOTE, Outcome
from pytest_llvmgate.owners.by_tree import find_layers
from pytest_llvmgate.preflight.build_facts import read_toolchain
from pytest_llvmgate.stages.commands import BuildContext, StageReport, cmake_arguments
from pytest_llvmgate.stages.stage_plan import CONFIRM, LINKCHECK, linkcheck_policy
from pytest_llvmgate.verdict.agreement import BROKEN, BROKEN_OVER_SHARED


@dataclass(frozen=True, kw_only=True)
class SharedLlvm:
    """The install of a flavour that is built with BUILD_SHARED_LIBS."""

    flavour: str
    prefix: ToolchainPrefix


def find_shared_llvm(
    config: Config, configuration: Configuration, install: Callable[[str], ToolchainPrefix | None]
) -> SharedLlvm | None:
    """The first other flavour of the project that is shared, if its install can be had."""
    if config.linkcheck.llvm == LlvmView.AS_CONFIGURED:
        return None
    for flavour in config.flavours:
        prefix = install(flavour) if flavour != configuration.flavour else None
        if prefix is not None and read_toolchain(prefix.llvm_dir).settings.get("LLVM_ENABLE_SHARED_LIBS"):
            return SharedLlvm(flavour=flavour, prefix=prefix)
    return None


def linkcheck(context: BuildContext, config: Config, over: SharedLlvm | None = None) -> StageReport:
    """Predict; fail or report as the policy says. ``over`` is a shared LLVM to look at as well."""
    try:
        result = _run(context, config)
        stricter = _stricter(context, config, over)
    except SharedTreeError as error:
        return StageReport(outcome=Outcome.SKIPPED, reason=f"cannot be told: {error.problems[0].message}")
    results = [result, *([stricter] if stricter else [])]
    write_atomically(context.log(LINKCHECK), "\n".join(line for each in results for line in _log_lines(each)) + "\n")
    facts = {BROKEN: json.dumps(_broken(result))}
    facts |= {BROKEN_OVER_SHARED: json.dumps({over.flavour: _broken(stricter)})} if stricter and over else {}
    if not any(map(_broken, results)):
        return StageReport(outcome=Outcome.PASSED, facts=facts)
    sentence = _sentence(results)
    if linkcheck_policy(config) is PredictionPolicy.REPORT:
        return StageReport(outcome=Outcome.PASSED, facts=facts | {NOTE: sentence})
    findings = {finding.key: finding for each in results for finding in each.findings}
    return StageReport(outcome=Outcome.FAILED, reason=sentence, findings=tuple(findings.values()), facts=facts)


def _stricter(context: BuildContext, config: Config, over: SharedLlvm | None) -> LinkcheckResult | None:
    if over is not None:
        return _run(context, config, over=over.prefix)
    return _run(context, config, view=LlvmView.SHARED) if config.linkcheck.llvm == LlvmView.SHARED else None


def confirm(context: BuildContext, config: Config) -> StageReport:
    """Link every library for real, without compiling; fail when the linker and the prediction disagree."""
    try:
        result = _run(context, config, confirm=True)
    except SharedTreeError as error:
        return StageReport(outcome=Outcome.SKIPPED, reason=f"cannot be told: {error.problems[0].message}")
    write_atomically(context.log(CONFIRM), "\n".join(_log_lines(result)) + "\n")
    real = result.confirmation
    if real is None or real.agrees:
        return StageReport(outcome=Outcome.PASSED)
    reason = f"the linker disagrees with the prediction: {len(real.missed)} symbols missed, {len(real.false)} false"
    findings = tuple(finding for finding in result.findings if finding.kind == LINKCHECK_DISAGREEMENT)
    return StageReport(outcome=Outcome.FAILED, reason=reason, findings=findings)


def _run(
    context: BuildContext,
    config: Config,
    *,
    confirm: bool = False,
    view: LlvmView = LlvmView.AS_CONFIGURED,
    over: ToolchainPrefix | None = None,
) -> LinkcheckResult:
    arguments = [each for each in cmake_arguments(context) if not each.startswith("-DBUILD_SHARED_LIBS")]
    return run_linkcheck(
        context.build_dir,
        scratch=context.directory / "linkcheck",
        command=[context.tools.cmake.path, "-S", str(context.source), *arguments],
        layers=find_layers(config.root, [config.root / pin.component for pin in config.pins if pin.component]),
        options=LinkcheckOptions(
            confirm=confirm, view=view, over=over, jobs=context.jobs or 2, timeout=config.timeouts.configure
        ),
        configuration=context.configuration.name,
        env=context.env,
    )


def _broken(result: LinkcheckResult) -> list[str]:
    return [link.target for link in result.links if link.fails]


def _sentence(results: Sequence[LinkcheckResult]) -> str:
    """For the view of this very LLVM, if that breaks; what only the stricter view shows is told as such."""
    result = next(each for each in results if _broken(each))
    broken = _broken(result)
    symbols = sum(len(link.missing) for link in result.links if link.fails)
    names = ", ".join(broken[:3]) + (f" and {len(broken) - 3} more" if len(broken) > 3 else "")
    over = " over a shared LLVM" if result is not results[0] else ""
    return f"as a shared build{over}, {names} would not link ({symbols} undefined symbol{'' if symbols == 1 else 's'})"


def _log_lines(result: LinkcheckResult) -> Iterator[str]:
    for finding in result.findings:
        yield finding.headline
        yield from (f"  {location}" for location in finding.locations)
        yield from (f"  undefined: {name}" for name in finding.facts.get(SYMBOLS, "").splitlines())
        yield from (f"  -> {advice}" for advice in finding.advice)
    yield from (f"note: {note}" for note in result.notes)
    yield from (f"not analysed: {link.target}: {link.not_analysed}" for link in result.links if link.not_analysed)
    times = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in result.seconds.items())
    yield f"{len(result.links)} links, {sum(link.fails for link in result.links)} would fail; {times}"
