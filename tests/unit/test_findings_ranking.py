"""One order of causes, and one way to make one of the same finding in several places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_llvmgate.findings.ranking import merged, ranked
from pytest_llvmgate.model import Confidence, Finding, Layer, Location


def finding(kind: str = "api-removed", identifier: str = "x", **rest: Any) -> Finding:
    return Finding(kind=kind, identifier=identifier, headline="h", confidence=Confidence.CERTAIN, **rest)


FEW = finding(identifier="few", sites=2)
MANY = finding(identifier="many", sites=200)
EDGES = finding(identifier="edges", facts={"failed-edges": "200"})
DISK = finding("out-of-disk", layer=Layer.MACHINE)
PIN = finding("git-unreachable", layer=Layer.DOWNSTREAM)
GUESS = replace(finding("unrecognised", sites=500), confidence=Confidence.GUESS)
LIKELY = replace(finding("compile-error", sites=2), confidence=Confidence.LIKELY)
OLD = finding(identifier="old", sites=900, facts={"not-from-this-bump": "yes"})
EVERYWHERE = finding(identifier="everywhere", sites=2, configurations=("a", "b", "c", "d"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (MANY, FEW),
        (EDGES, FEW),
        (DISK, MANY),
        (PIN, MANY),
        (FEW, GUESS),
        (FEW, LIKELY),
        (FEW, OLD),
        (EVERYWHERE, FEW),
        (finding("header-missing"), finding()),
        (finding(identifier="above", log_line=1), finding(identifier="below", log_line=2)),
        (finding("filecheck", "t.mlir: CHECK"), finding("filecheck", "filecheck", sites=900)),
    ],
    ids=lambda each: f"{each.kind}-{each.identifier}",
)
def test_what_gains_more_comes_first(first: Finding, second: Finding) -> None:
    assert ranked((second, first)) == ranked((first, second)) == (first, second)


def test_a_merged_finding_has_the_places_and_the_advice_of_all() -> None:
    one = finding(locations=(Location(path="a.cpp", line=1),), advice=("do this",), configurations=("a",))
    two = finding(locations=(Location(path="b.cpp", line=2),), advice=("do that",), configurations=("b",), sites=9)
    [found] = merged((one, two))
    assert found.locations == (*one.locations, *two.locations)
    assert found.advice == ("do this", "do that")
    assert (found.configurations, found.sites) == (("a", "b"), 9)


def test_advice_that_was_foretold_gives_way_to_what_the_build_knows() -> None:
    foretold = finding(advice=("renamed to 'y.h'",), facts={"predicted-by": "preflight", "successor": "y.h"})
    built = finding(advice=("In the candidate: y.h",), facts={"successor": "y.h"})
    for order in ([foretold, built], [built, foretold]):
        assert merged(order)[0].advice == ("In the candidate: y.h",)
    plain = finding(advice=("Look for it.",))
    assert merged([plain, foretold])[0].advice == ("Look for it.", "renamed to 'y.h'")


def test_lists_among_the_facts_are_put_together_and_counts_are_the_larger() -> None:
    one = finding("shared-link", facts={"symbols": "f()\ng()", "tests": "a, b", "follow-on-errors": "3"})
    two = finding("shared-link", facts={"symbols": "g()\nh()", "tests": "b, c", "follow-on-errors": "12"})
    [found] = merged((one, two))
    assert found.facts == {"symbols": "f()\ng()\nh()", "tests": "a, b, c", "follow-on-errors": "12"}


def test_what_is_new_in_one_configuration_is_from_this_bump() -> None:
    old = finding(facts={"not-from-this-bump": "yes"})
    assert merged((old, finding()))[0].facts == {}
    assert merged((old, old))[0].facts == old.facts


def test_what_was_built_says_more_than_what_was_predicted() -> None:
    predicted = finding(evidence=("predicted",), log="linkcheck.log", facts={"predicted-by": "linkcheck"})
    built = finding(evidence=("undefined reference",), log="build.log")
    [found] = merged((predicted, built))
    assert (found.evidence, found.log, found.facts) == (built.evidence, "build.log", {})


def test_a_known_owner_beats_an_unknown_one_and_certainty_a_guess() -> None:
    vague = replace(finding(layer=Layer.UNKNOWN), confidence=Confidence.GUESS)
    [found] = merged((vague, finding(layer=Layer.COMPONENT, component="hlo")))
    assert (found.layer, found.component, found.confidence) == (Layer.COMPONENT, "hlo", Confidence.CERTAIN)
