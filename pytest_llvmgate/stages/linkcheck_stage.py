"""The stage ``linkcheck``: what a shared build would refuse to link, told by a static one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pytest_llvmgate.cmake.truth import truth
from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.settings import Config, Configuration, PredictionPolicy
from pytest_llvmgate.linkcheck.shared_tree import LlvmView
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.model import NOTE, Outcome
from pytest_llvmgate.platform_facts import has_elf
from pytest_llvmgate.stages.commands import BuildContext, InstallOf, StageReport
from pytest_llvmgate.verdict.agreement import BROKEN, BROKEN_OVER_SHARED, differ_in_one_axis
from pytest_llvmgate.wording import counted, listed

if TYPE_CHECKING:
    from pytest_llvmgate.linkcheck.prediction import LinkcheckResult

_NAME: Final = "linkcheck"


def is_wanted(config: Config, configuration: Configuration) -> bool:
    return config.linkcheck.enabled and has_elf() and is_static(configuration)


def inputs(context: BuildContext) -> Mapping[str, object]:
    over = find_shared_llvm(context.config, context.configuration, context.install_of)
    shared = as_shared(context).configuration
    policy, llvm = linkcheck_policy(context.config), context.config.linkcheck.llvm
    return {"policy": policy, "llvm": llvm, "over": over, "cmake": shared.cmake, "env": shared.env}


def is_static(configuration: Configuration) -> bool:
    """Whether a configuration builds static libraries, as far as its own cache values tell."""
    return truth(configuration.values.get("BUILD_SHARED_LIBS", "OFF")) is not True


def as_shared(context: BuildContext) -> BuildContext:
    """The static configuration with what its shared sibling asks of CMake, which may be more than BUILD_SHARED_LIBS: an
    option that takes another project's shared library, for one.
    """
    own = context.configuration
    shared = (each for each in context.config.configurations if not is_static(each))
    sibling = next((each for each in shared if differ_in_one_axis(each.options, own.options)), own)
    return replace(context, configuration=replace(own, cmake=sibling.cmake, env=sibling.env))


def linkcheck_policy(config: Config) -> PredictionPolicy:
    """What a predicted break does: fails where a configuration builds shared libraries, is reported elsewhere."""
    if config.linkcheck.policy is not None:
        return config.linkcheck.policy
    builds_shared = any(not is_static(each) for each in config.configurations)
    return PredictionPolicy.FAIL if builds_shared else PredictionPolicy.REPORT


@dataclass(frozen=True, kw_only=True)
class SharedLlvm:
    """The install of a flavour that is built with BUILD_SHARED_LIBS."""

    flavour: str
    prefix: ToolchainPrefix


def find_shared_llvm(config: Config, configuration: Configuration, install: InstallOf) -> SharedLlvm | None:
    """The first other flavour of the project that is shared, if its install can be had."""
    if config.linkcheck.llvm == LlvmView.AS_CONFIGURED:
        return None
    from pytest_llvmgate.preflight.build_facts import read_toolchain

    for flavour in config.flavours:
        prefix = install(flavour) if flavour != configuration.flavour else None
        if prefix is not None and read_toolchain(prefix.llvm_dir).settings.get("LLVM_ENABLE_SHARED_LIBS"):
            return SharedLlvm(flavour=flavour, prefix=prefix)
    return None


def work(context: BuildContext) -> StageReport:
    """Predict; fail or report as the policy says. Where a shared LLVM is at hand, look at that as well."""
    from pytest_llvmgate.linkcheck.shared_tree import SharedTreeError
    from pytest_llvmgate.stages.predicted_links import log_text, predict_links

    config = context.config
    over = find_shared_llvm(config, context.configuration, context.install_of)
    try:
        shared = as_shared(context)
        result = predict_links(shared)
        stricter = _stricter(shared, over)
    except SharedTreeError as error:
        return StageReport(outcome=Outcome.SKIPPED, reason=f"cannot be told: {error.problems[0].message}")
    results = [result, *([stricter] if stricter else [])]
    write_atomically(context.log(_NAME), log_text(*results))
    facts = {BROKEN: json.dumps(_broken(result))}
    facts |= {BROKEN_OVER_SHARED: json.dumps({over.flavour: _broken(stricter)})} if stricter and over else {}
    if not any(map(_broken, results)):
        return StageReport(outcome=Outcome.PASSED, facts=facts)
    sentence = _sentence(results)
    if linkcheck_policy(config) is PredictionPolicy.REPORT:
        return StageReport(outcome=Outcome.PASSED, facts=facts | {NOTE: sentence})
    findings = {finding.key: finding for each in results for finding in each.findings}
    return StageReport(outcome=Outcome.FAILED, reason=sentence, findings=tuple(findings.values()), facts=facts)


def _stricter(context: BuildContext, over: SharedLlvm | None) -> LinkcheckResult | None:
    from pytest_llvmgate.stages.predicted_links import predict_links

    if over is not None:
        return predict_links(context, over=over.prefix)
    return predict_links(context, view=LlvmView.SHARED) if context.config.linkcheck.llvm == LlvmView.SHARED else None


def _broken(result: LinkcheckResult) -> list[str]:
    return [link.target for link in result.links if link.fails]


def _sentence(results: Sequence[LinkcheckResult]) -> str:
    """For the view of this very LLVM, if that breaks; what only the stricter view shows is told as such."""
    result = next(each for each in results if _broken(each))
    broken = _broken(result)
    symbols = sum(len(link.missing) for link in result.links if link.fails)
    over = " over a shared LLVM" if result is not results[0] else ""
    why = []
    if archives := dict.fromkeys(path.name for link in result.links for path in link.not_pic):
        why = [f"not position-independent: {', '.join(archives)}"]
    why += [counted(symbols, "undefined symbol")] if symbols or not why else []
    return f"as a shared build{over}, {listed(broken, 3)} would not link ({'; '.join(why)})"
