"""The stage ``preflight``: which names of LLVM the downstream uses that the candidate no longer has.

Where LLVM is built from source it comes first: the candidate is then a tree in git, and the answer is there before the
first compiler starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.settings import Config, PredictionPolicy
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.repository import EntryKind, Repository
from pytest_llvmgate.git.target_branch import branch_point
from pytest_llvmgate.kinds.catalogue import HEADER_MISSING
from pytest_llvmgate.model import NOTE, Confidence, Outcome
from pytest_llvmgate.owners.by_tree import Layers, find_layers
from pytest_llvmgate.preflight.gone_names import PreflightResult, component_views, run_preflight
from pytest_llvmgate.stages.commands import StageReport
from pytest_llvmgate.stages.compared_llvms import Compared, ComparisonRequest, compare
from pytest_llvmgate.stages.readiness import Complaint, lacking
from pytest_llvmgate.surface.file_tree import DirectoryTree, GitTree, SourceTree


def preflight(asked: ComparisonRequest) -> StageReport:
    """Hold the downstream's sources against the candidate.

    With the baseline at hand, only what was there before counts, and counts fully. Without it, a name that the
    candidate lacks may never have been LLVM's: it is told, and fails nothing unless the config says so. An include that
    names another LLVM itself needs no baseline: where that one is installed, no compiler would say a word.
    """
    try:
        compared = compare(asked)
    except GateError as error:  # the stage llvm, which needs the same, tells it as its failure
        return StageReport(
            outcome=Outcome.SKIPPED, reason=f"cannot be told before LLVM is there: {error.problems[0].message}"
        )
    layers = find_layers(asked.root, asked.config.components)
    result = _run(asked, compared, layers)
    lacks = _lacks(asked, compared, result, layers)
    lines = [*_log_lines(result), *map(str, lacks)]
    if asked.config.preflight.tablegen and result.tablegen is None:
        lines.insert(0, "note: TableGen was not run: it takes the candidate's mlir-tblgen, which is not built yet")
    write_atomically(asked.log, "\n".join(lines) + "\n")
    facts = {"names": str(result.names), "files": str(result.files), "baseline": result.baseline}
    cures = "; ".join(f"{each.what} ({each.cure})" if each.cure else each.what for each in lacks)
    facts |= {"seen-in": compared.seen_in} | ({NOTE: f"doctor: {cures}"} if lacks else {})
    if not result.fails:
        return StageReport(outcome=Outcome.PASSED, facts=facts)
    sentence = _sentence(result)
    certain = {finding.kind for finding in result.counting if finding.confidence is Confidence.CERTAIN}
    default = PredictionPolicy.FAIL if compared.baseline or HEADER_MISSING in certain else PredictionPolicy.REPORT
    if (asked.config.preflight.policy or default) is PredictionPolicy.REPORT:
        why = "" if compared.baseline else " (the baseline is not at hand, so this fails nothing)"
        return StageReport(
            outcome=Outcome.PASSED,
            facts=facts | {NOTE: "; ".join(filter(None, (f"preflight: {sentence}{why}", facts.get(NOTE))))},
        )
    findings = tuple(finding for finding in result.findings if finding.confidence is not Confidence.GUESS)
    return StageReport(outcome=Outcome.FAILED, reason=sentence, findings=findings, facts=facts)


def _lacks(
    asked: ComparisonRequest, compared: Compared, result: PreflightResult, layers: Layers
) -> tuple[Complaint, ...]:
    """What the builds will miss on this machine; it fails nothing here, because CMake's own word comes soon."""
    if asked.candidate_install is None or result.usage is None:
        return ()
    install, candidate = asked.candidate_install, compared.candidate
    return lacking(asked.config, asked.flavour, install, candidate, usage=result.usage, layers=layers)


def _run(asked: ComparisonRequest, compared: Compared, layers: Layers) -> PreflightResult:
    config = asked.config
    return run_preflight(
        DirectoryTree(asked.root),
        candidate=compared.candidate,
        baseline=compared.baseline,
        components=list(component_views(layers, _at_branch_point(config))),
        renames=compared.renames,
        layers=layers,
        wanted={each.name: each.values for each in config.configurations if each.flavour == asked.flavour},
        tablegen_jobs=2 if config.preflight.tablegen else 0,
        top=config.top,
    )


def _at_branch_point(config: Config) -> Callable[[str], SourceTree | None]:
    """The trees that components had where this branch left its target: what a component has lost since is a break."""

    def tree(directory: str) -> SourceTree | None:
        with suppress(GateError):
            repository = Repository.open(config.root)
            path = repository.relative(config.root / directory)
            commit = branch_point(repository)
            entry = repository.entry(path, commit=commit) if commit else None
            if entry is not None and entry.kind is EntryKind.GITLINK:
                stores = repository.submodule_stores(path, repository.submodules(commit=commit))
                return next((GitTree(store, entry.sha) for store in stores if store.has_commit(entry.sha)), None)
        return None

    return tree


def _sentence(result: PreflightResult) -> str:
    first, *others = result.counting
    return f"{first.headline}; and {len(others)} more" if others else first.headline


def _log_lines(result: PreflightResult) -> Iterator[str]:
    for finding in result.findings:
        yield finding.headline
        yield from (f"  {line}" for line in finding.evidence)
        yield from (f"  -> {advice}" for advice in finding.advice)
    yield from (f"note: {note}" for note in result.notes)
    against = f", baseline {result.baseline}" if result.baseline else ", no baseline"
    yield (
        f"{result.names} names in {result.files} files against {result.candidate}{against}: "
        f"{len(result.findings)} findings; {result.seconds:.2f} s"
    )
