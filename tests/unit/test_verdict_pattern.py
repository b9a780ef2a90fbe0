"""The sentence that explains the failures."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.model import HELD, ConfigurationInfo, Outcome, StageResult
from pytest_llvmgate.verdict.pattern import explanations, patterns
from tests.support.verdicts import FOUR, failed, passed, result, skipped


def of_build(**outcomes: Outcome) -> tuple[str, ...]:
    """The sentences about builds of the four configurations that ended so; ``static_on=FAILED``."""
    results = [result(f"{name.replace('_', '-mhlo_')}::build", outcome) for name, outcome in outcomes.items()]
    return patterns(FOUR, results)


OF_TWO = "(of the 2 configurations that got that far)"
NAMES = ("static_on", "static_off", "shared_on", "shared_off")
OK, BAD, NOT = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((OK, OK, OK, OK), ()),
        ((OK, OK, BAD, BAD), ("build breaks only with linkage=shared",)),
        ((BAD, OK, BAD, OK), ("build breaks only with mhlo=on",)),
        ((OK, OK, BAD, OK), ("build breaks only with linkage=shared and mhlo=on",)),
        ((BAD, BAD, BAD, BAD), ("build breaks in every configuration",)),
        ((BAD, OK, OK, BAD), ("build breaks in static-mhlo_on, shared-mhlo_off",)),
        ((BAD, BAD, BAD, OK), ("build breaks in static-mhlo_on, static-mhlo_off, shared-mhlo_on",)),
        (
            (NOT, OK, BAD, OK),
            ("build breaks only with mhlo=on (of the 3 configurations that got that far)",),
        ),
        ((NOT, NOT, BAD, BAD), (f"build breaks in every configuration {OF_TWO}",)),
        ((NOT, NOT, BAD, NOT), ()),
        ((NOT, NOT, NOT, NOT), ()),
        (
            (OK, NOT, NOT, BAD),
            (f"build breaks only with linkage=shared, which cannot be told from mhlo=off here {OF_TWO}",),
        ),
    ],
)
def test_the_sentence(outcomes: tuple[Outcome, ...], expected: tuple[str, ...]) -> None:
    assert of_build(**dict(zip(NAMES, outcomes, strict=True))) == expected


def test_a_configuration_that_was_not_selected_is_no_evidence() -> None:
    results = [*passed("static-mhlo_on::build"), failed("shared-mhlo_on::build")]
    assert patterns(FOUR[::2], results) == ("build breaks only with linkage=shared",)


def test_one_configuration_alone_has_no_pattern() -> None:
    assert patterns(FOUR[:1], [failed("static-mhlo_on::build")]) == ()


def test_a_held_failure_is_neither_failed_nor_passed() -> None:
    held = failed("static-mhlo_on::build", facts={HELD: "until 2026-12-10"})
    assert patterns(FOUR, [held, *passed("static-mhlo_off::build")]) == ()


def test_one_sentence_per_stage_in_their_order() -> None:
    results = [
        failed("static-mhlo_on::check"),
        *passed("static-mhlo_off::check", "static-mhlo_on::configure", "static-mhlo_off::configure"),
        failed("shared-mhlo_on::configure"),
        skipped("shared-mhlo_on::check", "shared-mhlo_on::configure"),
        *passed("shared-mhlo_off::configure", "shared-mhlo_off::check"),
    ]
    assert patterns(FOUR, results) == (
        "configure breaks only with linkage=shared and mhlo=on",
        "check breaks only with mhlo=on (of the 3 configurations that got that far)",
    )


def test_configurations_without_options_have_names_only() -> None:
    bare = ConfigurationInfo(name="bare", flavour="default", options={})
    results = [failed("bare::build"), *passed("static-mhlo_on::build")]
    assert patterns([bare, FOUR[0]], results) == ("build breaks in bare",)


# Properties

AXES = {"linkage": ("static", "shared"), "mhlo": ("on", "off"), "build": ("debug", "release", "asan")}
CHOICES = [dict(zip(AXES, options, strict=True)) for options in itertools.product(*AXES.values())]
SPLITS = st.lists(st.sampled_from([OK, BAD, NOT]), min_size=len(CHOICES), max_size=len(CHOICES)).map(
    lambda outcomes: {
        wanted: [choice for choice, outcome in zip(CHOICES, outcomes, strict=True) if outcome is wanted]
        for wanted in Outcome
    }
)


def explains(terms: tuple[tuple[str, str], ...], split: dict[Outcome, list[dict[str, str]]]) -> bool:
    def matches(choice: dict[str, str]) -> bool:
        return all(choice[axis] == option for axis, option in terms)

    return all(map(matches, split[BAD])) and not any(map(matches, split[OK]))


@given(SPLITS.filter(lambda split: bool(split[BAD])))
def test_explanations_are_exactly_the_smallest_that_are_true(split: dict[Outcome, list[dict[str, str]]]) -> None:
    found = explanations(split[BAD], split[OK])
    everything = [(axis, option) for axis, options in AXES.items() for option in options]
    for size in range(1, len(AXES) + 1):
        true = [terms for terms in itertools.combinations(everything, size) if explains(terms, split)]
        if true:
            assert sorted(map(sorted, found)) == sorted(map(sorted, true))
            return
    assert found == ()


@given(st.sets(st.sampled_from([(axis, option) for axis, options in AXES.items() for option in options]), min_size=1))
def test_a_cause_that_is_a_choice_of_options_is_found(cause: set[tuple[str, str]]) -> None:
    bad = [choice for choice in CHOICES if cause <= set(choice.items())]
    good = [choice for choice in CHOICES if choice not in bad]
    if not bad:  # two options of one axis
        return
    assert [set(terms) for terms in explanations(bad, good)] == [cause]


@given(st.data())
def test_the_order_of_results_plays_no_part(data: st.DataObject) -> None:
    outcomes = data.draw(st.lists(st.sampled_from(list(Outcome)), min_size=4, max_size=4))
    results: list[StageResult] = [
        result(f"{info.name}::build", outcome) for info, outcome in zip(FOUR, outcomes, strict=True)
    ]
    assert patterns(FOUR, data.draw(st.permutations(results))) == patterns(FOUR, results)
