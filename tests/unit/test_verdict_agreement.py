"""Prediction against truth, in one sentence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_llvmgate.findings import diagnose
from pytest_llvmgate.kinds.facts import LINKED
from pytest_llvmgate.model import Outcome, StageResult
from pytest_llvmgate.verdict.agreement import BROKEN, BROKEN_OVER_SHARED, agreement
from tests.corpus import report
from tests.support.verdicts import FOUR, MISSING, failed, passed, result

STATIC, SHARED = FOUR[0], FOUR[2]


def predicted(*libraries: str) -> StageResult:
    return result("static-mhlo_on::linkcheck", facts={BROKEN: json.dumps(libraries)})


def broken(*libraries: str) -> StageResult:
    findings = tuple(replace(MISSING, identifier=each, facts={LINKED: each}) for each in libraries)
    return failed("shared-mhlo_on::build", findings=findings)


def sentences(*results: StageResult) -> list[str]:
    return list(agreement(FOUR, results))


SHARED_LINKS = result("shared-mhlo_on::build")


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        (
            (predicted(), SHARED_LINKS),
            "linkcheck of static-mhlo_on and the build of shared-mhlo_on agree: every library links",
        ),
        (
            (predicted("A", "B"), broken("B", "A")),
            "linkcheck of static-mhlo_on predicted what shared-mhlo_on could not link: A, B",
        ),
        (
            (predicted("A"), broken("A", "B")),
            (
                "linkcheck of static-mhlo_on missed B, which shared-mhlo_on could not link: a defect of the prediction,"
                " please report it"
            ),
        ),
        (
            (predicted("A", "B"), broken("A")),
            "linkcheck of static-mhlo_on also predicts B, which shared-mhlo_on did not reach",
        ),
        (
            (predicted("B"), SHARED_LINKS),
            (
                "linkcheck of static-mhlo_on predicted that B would not link, and shared-mhlo_on links: a defect of the"
                " prediction, please report it"
            ),
        ),
    ],
)
def test_the_sentence(results: tuple[StageResult, ...], sentence: str) -> None:
    assert sentences(*results) == [sentence]


def test_missed_and_not_reached_are_both_told() -> None:
    assert len(sentences(predicted("A"), broken("B"))) == 2


@pytest.mark.parametrize(
    "results",
    [
        [SHARED_LINKS],
        [predicted("A")],
        [result("static-mhlo_on::linkcheck"), SHARED_LINKS],
        [result("static-mhlo_on::linkcheck", Outcome.SKIPPED), SHARED_LINKS],
        [predicted("A"), failed("shared-mhlo_on::build")],
        [predicted("A"), result("shared-mhlo_on::build", Outcome.SKIPPED)],
        [predicted(), result("shared-mhlo_on::build", Outcome.SKIPPED)],
        [predicted("A"), *passed("shared-mhlo_off::build")],
        [predicted("A"), SHARED_LINKS, *passed("shared-mhlo_on::linkcheck")],
        [replace(predicted(), facts={BROKEN: "{"}), SHARED_LINKS],
        [replace(predicted(), facts={BROKEN: "5"}), SHARED_LINKS],
    ],
)
def test_without_both_there_is_nothing_to_say(results: list[StageResult]) -> None:
    assert sentences(*results) == []


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"shared": ["A"]}, ["linkcheck of static-mhlo_on predicted what shared-mhlo_on could not link: A"]),
        ({"shared": []}, None),
        ({"dylib": ["A"]}, []),
        ({}, []),
    ],
)
def test_over_another_flavour_only_what_was_looked_at_over_it_counts(
    over: dict[str, list[str]], told: list[str] | None
) -> None:
    flavours = [replace(each, flavour=each.options["linkage"]) for each in FOUR]
    looked = result("static-mhlo_on::linkcheck", facts={BROKEN: json.dumps([]), BROKEN_OVER_SHARED: json.dumps(over)})
    sentences = list(agreement(flavours, [looked, broken("A")]))
    if told is None:
        assert [" missed A" in sentence for sentence in sentences] == [True]
    else:
        assert sentences == told


def test_a_program_that_does_not_link_counts_like_a_library() -> None:
    finding = replace(MISSING, kind="undefined-symbol", identifier="opt -> A", facts={LINKED: "opt"})
    built = failed("shared-mhlo_on::build", findings=(finding,))
    assert sentences(predicted("opt"), built) == [
        "linkcheck of static-mhlo_on predicted what shared-mhlo_on could not link: opt"
    ]


@pytest.mark.parametrize("log", ["library-gone-bfd", "library-gone-gold", "library-gone-lld"])
def test_a_library_that_the_linker_does_not_find_is_no_target_that_was_missed(log: str) -> None:
    """``cannot find -lX`` names the library that is gone, not the one that does not link for it."""
    built = failed("shared-mhlo_on::build", findings=diagnose(report.logs()[log]).findings)
    assert sentences(predicted("QuillConversion"), built) == [
        "linkcheck of static-mhlo_on predicted what shared-mhlo_on could not link: QuillConversion"
    ]


def test_other_failures_of_a_link_are_no_miss_of_linkcheck() -> None:
    finding = replace(MISSING, kind="abi-mismatch", identifier="RTTI", facts={LINKED: "B"})
    built = failed("shared-mhlo_on::build", findings=(finding, *broken("A").findings))
    assert sentences(predicted("A"), built) == [
        "linkcheck of static-mhlo_on predicted what shared-mhlo_on could not link: A"
    ]
