"""Running linkcheck as a stage does: on the configuration's build directory, with what the project says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llvmgate.kinds.facts import SYMBOLS
from pytest_llvmgate.linkcheck.prediction import LinkcheckResult, run_linkcheck
from pytest_llvmgate.linkcheck.shared_tree import LinkcheckOptions, LlvmView
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.owners.by_tree import find_layers
from pytest_llvmgate.stages.commands import BuildContext, cmake_arguments, configuration_environment


def predict_links(
    context: BuildContext,
    *,
    confirm: bool = False,
    view: LlvmView = LlvmView.AS_CONFIGURED,
    over: ToolchainPrefix | None = None,
) -> LinkcheckResult:
    """What would not link as a shared build, which ``context`` says how to configure.

    Raises ``SharedTreeError`` where that cannot be told.
    """
    config = context.config
    arguments = [each for each in cmake_arguments(context) if not each.startswith("-DBUILD_SHARED_LIBS")]
    return run_linkcheck(
        context.build_dir,
        scratch=context.directory / "linkcheck",
        layers=find_layers(context.root, config.components),
        options=LinkcheckOptions(
            confirm=confirm,
            view=view,
            over=over,
            jobs=context.jobs or 2,
            timeout=config.timeouts.configure,
            command=[context.tools.cmake.path, "-S", str(context.source), *arguments],
            env=configuration_environment(context),
        ),
        configuration=context.configuration.name,
    )


def log_text(*results: LinkcheckResult) -> str:
    """The stage's log, of a prediction in one view or several; what holds in each is told once."""
    lines = [line for result in results for line in _answer(result)]
    lines += dict.fromkeys(f"note: {note}" for result in results for note in result.notes)
    links = (link for result in results for link in result.links if link.not_analysed)
    lines += dict.fromkeys(f"not analysed: {link.target}: {link.not_analysed}" for link in links)
    return "".join(f"{line}\n" for line in lines)


def _answer(result: LinkcheckResult) -> Iterator[str]:
    for finding in result.findings:
        yield finding.headline
        yield from (f"  {location}" for location in finding.locations)
        yield from (f"  undefined: {name}" for name in finding.facts.get(SYMBOLS, "").splitlines())
        yield from (f"  -> {advice}" for advice in finding.advice)
    times = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in result.seconds.items())
    analysed = sum(not link.not_analysed for link in result.links)
    fails = sum(link.fails for link in result.links)
    yield f"{analysed} of {len(result.links)} links analysed, {fails} would fail; {times}"
