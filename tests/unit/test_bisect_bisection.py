"""The search by itself, on synthetic histories whose truth is known."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.bisect.bisection import LEAST_WEIGHT, SAME_FAILURE_SPAN, Bisection, Mark, SuspectRange


@dataclass(frozen=True)
class History:
    """A history with one culprit, some broken stretches, and scattered commits that cannot be judged."""

    size: int
    culprit: int
    broken: dict[int, str]
    """Position to the reason for which it cannot be judged."""

    def judge(self, position: int) -> tuple[Mark, str]:
        if position in self.broken:
            return Mark.SKIP, self.broken[position]
        return (Mark.BAD if position >= self.culprit else Mark.GOOD), ""


def planted(seed: int, size: int | None = None) -> History:
    """A random history: up to three stretches that cannot be judged, one of them often around the culprit."""
    chance = random.Random(seed)
    n = size or chance.choice([1, 2, 3, 7, 64, 200, 1000])
    culprit = chance.randint(1, n)
    broken: dict[int, str] = {}
    for number in range(chance.randint(0, 3)):
        start = culprit - chance.randint(0, 9) if chance.random() < 0.4 else chance.randint(1, n)
        broken |= dict.fromkeys(range(start, start + chance.randint(1, 60)), f"cause {number}")
    broken |= {chance.randint(1, n): "" for _ in range(n // 50)}
    return History(n, culprit, {position: why for position, why in broken.items() if 0 < position < n})


def search(history: History, bisection: Bisection, *, count: int = 1, seed: int = 0) -> int:
    """Judge until nothing is left, up to ``count`` at a time which end in any order; how many were begun."""
    running: list[int] = []
    begun, chance = 0, random.Random(seed)
    while True:
        running = [position for position in running if not bisection.is_decided(position)]
        while len(running) < count and (position := bisection.propose(running)) is not None:
            begun += 1
            running.append(position)
        if not running:
            return begun
        ended = running.pop(chance.randrange(len(running)))
        bisection.note(ended, *history.judge(ended))


def uniform(size: int) -> list[float]:
    return [1.0] * size


def check(history: History, bisection: Bisection) -> None:
    """The answer holds the culprit, and nothing more than what could not be judged."""
    answer = bisection.answer
    assert history.culprit in answer.culprits
    assert history.judge(answer.low)[0] is Mark.GOOD
    assert history.judge(answer.high)[0] is Mark.BAD
    between = range(answer.low + 1, answer.high)
    assert {*bisection.unjudged, *bisection.assumed} == set(between)
    assert all(history.judge(position)[0] is Mark.SKIP for position in bisection.unjudged)
    assert answer.is_exact == (answer.culprits == range(history.culprit, history.culprit + 1))


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("seed", range(200))
def test_planted_culprits_are_found_or_the_range_is_honest(seed: int, count: int) -> None:
    history = planted(seed)
    bisection = Bisection(uniform(history.size))
    search(history, bisection, count=count, seed=seed)
    check(history, bisection)


@given(size=st.integers(1, 400), data=st.data())
def test_without_skips_as_few_judgements_as_a_binary_search(size: int, data: st.DataObject) -> None:
    history = History(size, data.draw(st.integers(1, size)), {})
    bisection = Bisection(uniform(size))
    assert search(history, bisection) <= math.ceil(math.log2(size))
    assert bisection.answer.culprits == range(history.culprit, history.culprit + 1)


@given(size=st.integers(1, 300), count=st.integers(1, 4), data=st.data())
def test_whatever_the_weights_say_the_answer_is_right(size: int, count: int, data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.floats(1e-9, 1e9), min_size=size, max_size=size))
    costs = data.draw(st.lists(st.sampled_from([0.1, 1.0]), min_size=size, max_size=size))
    history = History(size, data.draw(st.integers(1, size)), {})
    bisection = Bisection(weights, cost=lambda position: costs[position - 1])
    search(history, bisection, count=count, seed=size)
    check(history, bisection)
    assert bisection.answer.is_exact


def test_a_right_hint_takes_two_judgements() -> None:
    weights = uniform(10_000)
    weights[7_000 - 1] = 30_000.0
    bisection = Bisection(weights)
    assert search(History(10_000, 7_000, {}), bisection) == 2
    assert bisection.answer.culprits == range(7_000, 7_001)


def test_a_wrong_hint_costs_at_most_two_more() -> None:
    for culprit in (1, 400, 699, 701, 1_000):
        weights = uniform(1_000)
        weights[700 - 1] = 3_000.0
        bisection = Bisection(weights)
        assert search(History(1_000, culprit, {}), bisection) <= 10 + 2
        assert bisection.answer.culprits == range(culprit, culprit + 1)


def test_commits_that_cannot_matter_are_folded_and_the_fold_is_verified() -> None:
    matter = set(range(10, 1_000, 25))
    weights = [1.0 if position in matter else LEAST_WEIGHT for position in range(1, 1_001)]
    bisection = Bisection(weights)
    begun = search(History(1_000, 510, {}), bisection)
    assert begun <= math.ceil(math.log2(len(matter))) + 1
    assert bisection.answer == SuspectRange(low=509, high=510)


def test_a_fold_that_is_wrong_is_found_out() -> None:
    matter = set(range(10, 1_000, 25))
    weights = [1.0 if position in matter else LEAST_WEIGHT for position in range(1, 1_001)]
    for culprit in (1, 11, 500, 509, 511, 1_000):
        bisection = Bisection(weights)
        search(History(1_000, culprit, {}), bisection)
        assert bisection.answer.culprits == range(culprit, culprit + 1)


def test_cheap_positions_go_first_where_they_tell_nearly_as_much() -> None:
    bisection = Bisection(uniform(100), cost=lambda position: 0.3 if position == 41 else 1.0)
    assert bisection.propose() == 41
    bisection = Bisection(uniform(100), cost=lambda position: 0.3 if position == 2 else 1.0)
    assert bisection.propose() == 50


def test_the_next_position_keeps_off_what_cannot_be_judged() -> None:
    bisection = Bisection(uniform(100))
    bisection.note(50, Mark.SKIP, "broken")
    following = bisection.propose()
    assert following is not None
    assert 4 < abs(following - 50) < 30


def test_between_two_commits_with_the_same_trouble_nothing_is_tried() -> None:
    history = History(1_000, 520, dict.fromkeys(range(505, 530), "broken"))
    bisection = Bisection(uniform(1_000))
    assert search(history, bisection) < 25 - 5
    assert bisection.answer.culprits == range(505, 531)


def test_far_apart_the_same_trouble_says_nothing_about_what_lies_between() -> None:
    bisection = Bisection(uniform(1_000))
    bisection.note(400, Mark.SKIP, "broken")
    bisection.note(400 + SAME_FAILURE_SPAN, Mark.SKIP, "broken")
    assert len(bisection.assumed) == SAME_FAILURE_SPAN - 1
    bisection.note(600, Mark.SKIP, "broken")
    assert len(bisection.assumed) == SAME_FAILURE_SPAN - 1


def test_of_two_at_once_the_second_halves_what_the_first_leaves() -> None:
    bisection = Bisection(uniform(90))
    assert bisection.propose() == 45
    assert bisection.propose([45]) in {22, 67}
    begun = search(History(6_000, 4_321, {}), Bisection(uniform(6_000)), count=2)
    assert begun <= 20  # stopped ones included; eight rounds of two, where one at a time takes thirteen


def test_what_is_decided_is_not_waited_for() -> None:
    bisection = Bisection(uniform(90))
    bisection.note(30, Mark.BAD)
    assert bisection.is_decided(60)
    assert bisection.propose([60]) == 15


def test_of_several_changes_the_one_that_led_to_the_bad_end_is_meant() -> None:
    bisection = Bisection(uniform(100))
    for position, mark in ((20, Mark.BAD), (40, Mark.GOOD), (60, Mark.GOOD), (80, Mark.BAD)):
        bisection.note(position, mark)
    assert bisection.answer.culprits == range(61, 81)


def test_what_remains_shrinks_to_nothing() -> None:
    bisection = Bisection(uniform(1_024))
    history = History(1_024, 300, {})
    expected = [bisection.remaining()]
    while (position := bisection.propose()) is not None:
        bisection.note(position, *history.judge(position))
        expected.append(bisection.remaining())
    assert expected == [pytest.approx(each) for each in range(10, -1, -1)]


def test_a_verdict_may_be_taken_back() -> None:
    bisection = Bisection(uniform(8))
    bisection.note(4, Mark.SKIP, "machine")
    bisection.note(4, Mark.GOOD)
    assert bisection.answer.low == 4
    assert bisection.unjudged == ()


def test_a_skip_may_be_forgotten() -> None:
    bisection = Bisection(uniform(2))
    bisection.note(1, Mark.SKIP, "machine")
    assert bisection.is_done
    bisection.forget(1)
    bisection.forget(0)  # which was judged, and stays
    assert bisection.propose() == 1
    assert bisection.answer.low == 0


def test_one_commit_needs_no_judgement() -> None:
    bisection = Bisection([1.0])
    assert bisection.is_done
    assert bisection.propose() is None
    assert bisection.answer.is_exact


@pytest.mark.parametrize("weights", [[], [1.0, 0.0], [-1.0]])
def test_weights_that_are_none(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weight"):
        Bisection(weights)


def test_marks_without_a_change_are_refused() -> None:
    bisection = Bisection(uniform(4))
    with pytest.raises(ValueError, match="no change"):
        bisection.note(4, Mark.GOOD)


def test_reweighing_keeps_the_marks() -> None:
    bisection = Bisection(uniform(100))
    bisection.note(40, Mark.GOOD)
    one: Callable[[int], float] = lambda _: 1.0  # noqa: E731
    bisection.reweigh([1000.0 if position == 70 else 1.0 for position in range(1, 101)], one)
    assert bisection.answer.low == 40
    assert bisection.propose() in {69, 70}
    with pytest.raises(ValueError, match="each of 100 positions"):
        bisection.reweigh([1.0], one)
