"""Prediction against truth: linkcheck of a static configuration, and the linker of its shared sibling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pytest_llvmgate.codec import parse_json
from pytest_llvmgate.kinds.catalogue import LIBRARY_MISSING, SHARED_LINK, UNDEFINED_SYMBOL
from pytest_llvmgate.kinds.facts import LINKED
from pytest_llvmgate.model import ConfigurationInfo, Outcome, StageResult

BROKEN: Final = "broken-libraries"
"""Key in a linkcheck's facts: JSON list of the targets whose shared link would fail."""
BROKEN_OVER_SHARED: Final = "broken-over-shared-llvm"
"""The same over the LLVM of another flavour, which is shared itself: JSON object of that flavour's name to the list."""
_FORETOLD: Final = frozenset({SHARED_LINK, UNDEFINED_SYMBOL, LIBRARY_MISSING})
"""What linkcheck can foretell. A library can fail to link for other reasons, too: they are no miss of it."""


def agreement(configurations: Sequence[ConfigurationInfo], results: Sequence[StageResult]) -> Iterator[str]:
    """One sentence per static configuration that was predicted and whose shared sibling was built."""
    by_node = {result.node: result for result in results}
    for info in configurations:
        linkcheck = by_node.get(f"{info.name}::linkcheck")
        for sibling in configurations if linkcheck else ():
            built = by_node.get(f"{sibling.name}::build")
            is_other = f"{sibling.name}::linkcheck" not in by_node
            if built is not None and is_other and differ_in_one_axis(info.options, sibling.options):
                predicted = _predicted(linkcheck, info.flavour, sibling.flavour)
                if predicted is not None:
                    yield from _compared(info.name, predicted, sibling.name, built)


def _predicted(linkcheck: StageResult | None, own: str, flavour: str) -> frozenset[str] | None:
    """The targets that would not link over the LLVM of ``flavour``.

    None where that was not told, or in a form of another version: another flavour offers a link other things.
    """
    try:
        if linkcheck is None:
            return None
        if own == flavour:
            return frozenset(parse_json(linkcheck.facts[BROKEN]))
        return frozenset(parse_json(linkcheck.facts[BROKEN_OVER_SHARED])[flavour])
    except (KeyError, ValueError, TypeError):
        return None


def differ_in_one_axis(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two configurations, by their options, are siblings: a static one and the shared one that is like it."""
    return sum(one.get(axis) != other.get(axis) for axis in one.keys() | other.keys()) == 1


def _compared(static: str, predicted: frozenset[str], shared: str, built: StageResult) -> Iterator[str]:
    links = [finding for finding in built.findings if finding.kind in _FORETOLD]
    real = frozenset(name for finding in links for name in finding.facts.get(LINKED, "").split(", ") if name)
    if built.outcome is not Outcome.PASSED and not links:
        return  # it broke before it linked, or was never built: no truth to compare with
    if missed := real - predicted:
        yield (
            f"linkcheck of {static} missed {_listed(missed)}, which {shared} could not link: a defect of the "
            "prediction, please report it"
        )
    if built.outcome is Outcome.PASSED and predicted:
        yield (
            f"linkcheck of {static} predicted that {_listed(predicted)} would not link, and {shared} links: a defect "
            "of the prediction, please report it"
        )
    elif built.outcome is Outcome.PASSED:
        yield f"linkcheck of {static} and the build of {shared} agree: every library links"
    elif unreached := predicted - real:
        yield f"linkcheck of {static} also predicts {_listed(unreached)}, which {shared} did not reach"
    elif not missed:
        yield f"linkcheck of {static} predicted what {shared} could not link: {_listed(real)}"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
