from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.candidates.newest import Newest, find_newest
from pytest_llvmgate.candidates.points import (
    Adoption,
    Candidate,
    Carried,
    Field,
    ReasonKind,
    Recorded,
    rank,
)
from pytest_llvmgate.candidates.used_parts import BUILT, ELSEWHERE, USED, UsedParts
from pytest_llvmgate.upstream.first_parent import Commit
from pytest_llvmgate.upstream.windows import Proof, Window

DAY = 86400
HEADER = "mlir/include/mlir/IR/Builders.h"
USED_HERE = UsedParts(headers=frozenset({HEADER}), directories=frozenset({"mlir/lib/Dialect/Linalg/IR/"}))


def sha(position: int) -> str:
    return f"{position:040x}"


def window(start: int, end: int, *paths: str, **more: Any) -> Window:
    settings: dict[str, Any] = {
        "kind": Proof.REVERTED,
        "culprit": sha(start),
        "proof": sha(end),
        "title": "bad",
        **more,
    }
    return Window(start=start, end=end, paths=paths or (HEADER,), **settings)


def commit(at: int, when: int) -> Commit:
    return Commit(sha=sha(at), committed=str(datetime.fromtimestamp(when, UTC)), title=f"commit {at}")


def field(count: int = 80, windows: Sequence[Window] = (), step: int = DAY, **known: Mapping[str, Any]) -> Field:
    commits = [commit(at, (at + 1) * step) for at in range(count)]
    return Field(commits=commits, base_when=0, windows=windows, used=USED_HERE, **known)


def of(ranked: Sequence[Candidate], position: int) -> Candidate:
    return next(one for one in ranked if one.position == position)


def points(one: Candidate, kind: ReasonKind) -> float:
    return sum(reason.points for reason in one.reasons if reason.kind is kind)


# -- what matters here --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "weight"),
    [
        (HEADER, USED),
        ("mlir/lib/Dialect/Linalg/IR/LinalgOps.cpp", USED),
        ("mlir/lib/Dialect/Linalg/Transforms/Tiling.cpp", BUILT),
        ("llvm/cmake/modules/AddLLVM.cmake", USED),
        ("mlir/CMakeLists.txt", USED),
        ("llvm/lib/Support/ErrorHandling.cpp", BUILT),
        ("llvm/utils/TableGen/X.cpp", BUILT),
        ("llvm/lib/Target/AMDGPU/X.cpp", ELSEWHERE),
        ("clang/lib/Sema/Sema.cpp", ELSEWHERE),
        ("mlir/test/IR/a.mlir", ELSEWHERE),
        ("llvm/unittests/ADT/X.cpp", ELSEWHERE),
        ("llvm/docs/index.rst", ELSEWHERE),
        ("utils/bazel/llvm-project-overlay/mlir/BUILD.bazel", ELSEWHERE),
    ],
)
def test_how_much_a_file_matters(path: str, weight: float) -> None:
    assert USED_HERE.of(path) == weight
    assert USED_HERE.of_all(["clang/a", path]) == weight


def test_no_file_does_not_matter() -> None:
    assert USED_HERE.of_all([]) == ELSEWHERE


# -- weights ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "weight"),
    [
        ({}, 1.0),
        ({"kind": Proof.MENDED}, 0.6),
        ({"partial": True}, 0.5),
        ({"days": 14.0}, 1.0),
        ({"days": 15.0}, 0.5),
        ({"days": 61.0}, 0.2),
        ({"before": True}, 0.25),
    ],
)
def test_a_window_weighs_by_what_proves_it(more: dict[str, Any], weight: float) -> None:
    assert field(windows=[window(1, 2, **more)]).weights == (weight,)


def test_a_window_elsewhere_weighs_nothing_and_is_not_told() -> None:
    ranked = rank(field(windows=[window(0, 80, "clang/lib/Sema/Sema.cpp")]))
    assert not any(one.windows for one in ranked)
    assert not any(reason.kind is ReasonKind.WINDOW for one in ranked for reason in one.reasons)


# -- order --------------------------------------------------------------------------------------------------------


def test_each_part_of_the_range_offers_its_best() -> None:
    ranked = rank(field(80))
    assert [one.position for one in ranked] == [77, 69, 59, 49, 39, 29, 19, 9]


def test_a_window_is_avoided() -> None:
    ranked = rank(field(80, [window(65, 70)]))
    assert 64 in [one.position for one in ranked]
    assert 69 not in [one.position for one in ranked]


def test_what_is_spoken_for_is_ranked_even_in_a_window() -> None:
    known = {"adoptions": {sha(66): (Adoption(project="torch-mlir", commit="ab" * 20),)}}
    one = of(rank(field(80, [window(65, 70)], **known)), 66)
    assert points(one, ReasonKind.SIBLING) == 15
    assert points(one, ReasonKind.WINDOW) == -40
    (reason,) = [reason for reason in one.reasons if reason.kind is ReasonKind.WINDOW]
    assert (
        reason.text == f"has {sha(65)[:12]} (bad), which was reverted by {sha(70)[:12]}; it touches {HEADER}, used here"
    )


def test_a_verdict_of_one_s_own_beats_everything() -> None:
    known = {
        "recorded": {sha(3): Recorded(passes=True, text="static")},
        "adoptions": {sha(70): (Adoption(project="torch-mlir", commit="ab" * 20),)},
    }
    ranked = rank(field(80, **known))
    assert ranked[0].position == 3
    assert ranked[0].reasons[0].text == "passed the gate here: static"


def test_what_failed_is_last_and_known_to_be_bad() -> None:
    ranked = rank(field(80, recorded={sha(79): Recorded(passes=False, text="static::build")}))
    assert ranked[-1].position == 79
    assert ranked[-1].is_known_bad


def test_a_verdict_of_another_tree_counts_half() -> None:
    recorded = {sha(7): Recorded(passes=False, text="static::build", same_tree=False)}
    one = of(rank(field(80, recorded=recorded)), 7)
    assert points(one, ReasonKind.VERDICT) == -40
    assert not one.is_known_bad
    assert "at another state of this project" in one.reasons[0].text


def test_a_component_s_own_pin_counts_more_where_nothing_has_to_move() -> None:
    carried = {
        sha(5): (Carried(component="stablehlo", commit="ab" * 20, is_current=True),),
        sha(6): (Carried(component="stablehlo", commit="cd" * 20),),
    }
    ranked = rank(field(80, carried=carried))
    assert points(of(ranked, 5), ReasonKind.COMPONENT) == 35
    assert points(of(ranked, 6), ReasonKind.COMPONENT) == 25
    assert "at cdcdcdcdcdcd" in of(ranked, 6).reasons[0].text


def test_siblings_add_up_to_a_limit_and_patches_count_half() -> None:
    adopted = tuple(Adoption(project=f"p{number}", commit="ab" * 20) for number in range(9))
    forked = (Adoption(project="iree", commit="ab" * 20, patches=2),)
    ranked = rank(field(80, adoptions={sha(5): adopted, sha(6): forked}))
    assert points(of(ranked, 5), ReasonKind.SIBLING) == 45
    assert points(of(ranked, 6), ReasonKind.SIBLING) == 7.5
    assert of(ranked, 6).reasons[0].text == "adopted by iree (abababababab + 2 patches)"


def test_many_windows_cost_no_more_than_two() -> None:
    known = {"recorded": {sha(5): Recorded(passes=True, text="")}}
    ranked = rank(field(80, [window(0, 9) for _ in range(9)], **known))
    assert points(of(ranked, 5), ReasonKind.WINDOW) == -80


def test_the_newest_are_unsettled_as_long_as_reverts_take_here() -> None:
    slow = field(80, [window(at, at + 5, "mlir/lib/X.cpp", days=5.0) for at in range(0, 40, 8)])
    assert slow.settle_days == 5.0
    assert slow.unsettled(79) == -15.0
    assert slow.unsettled(77) == pytest.approx(-9.0)
    assert slow.unsettled(74) == 0.0
    assert field(80).settle_days == 2.0


def test_preflight_takes_away_what_it_finds() -> None:
    best = rank(field(80))[0]
    found = {best.commit.sha: ("header 'x.h' is gone",) * 3}
    one = of(rank(field(80), found), best.position)
    assert points(one, ReasonKind.PREFLIGHT) == -12
    assert "preflight: header 'x.h' is gone, and 2 more" in [reason.text for reason in one.reasons]
    none = of(rank(field(80), {best.commit.sha: ()}), best.position)
    assert points(none, ReasonKind.PREFLIGHT) == 0


@given(
    st.integers(1, 60),
    st.lists(st.tuples(st.integers(0, 59), st.integers(1, 20)), max_size=8),
    st.sets(st.integers(0, 59), max_size=5),
)
def test_points_are_the_sum_of_the_reasons_and_order_follows(
    count: int, spans: list[tuple[int, int]], adopted: set[int]
) -> None:
    windows = [window(start, min(count, start + length)) for start, length in spans if start < count]
    adoptions = {sha(at): (Adoption(project="p", commit="ab" * 20),) for at in adopted if at < count}
    ranked = rank(field(count, windows, adoptions=adoptions))
    assert [one.points for one in ranked] == sorted((one.points for one in ranked), reverse=True)
    assert {one.position for one in ranked} >= {at for at in adopted if at < count}
    assert len({one.position for one in ranked}) == len(ranked)
    for one in ranked:
        assert one.points == pytest.approx(sum(reason.points for reason in one.reasons))
        assert {each.culprit for each in one.windows} == {each.culprit for each in windows if each.holds(one.position)}


# -- the newest that passes ---------------------------------------------------------------------------------------


class Judge:
    """Commits fail from one position on; some cannot be judged."""

    def __init__(self, breaks_at: int, skips: Sequence[int] = ()) -> None:
        self.breaks_at = breaks_at
        self.skips = skips
        self.asked: list[int] = []

    def __call__(self, name: str) -> tuple[Mark, str]:
        position = int(name, 16)
        self.asked.append(position)
        if position in self.skips:
            return Mark.SKIP, "LLVM does not build"
        return (Mark.GOOD, "") if position < self.breaks_at else (Mark.BAD, "static::build")


def place(newest: Newest) -> int:
    return int(newest.found.sha, 16) if newest.found else -1


def test_the_newest_of_all_is_tried_first() -> None:
    judge = Judge(breaks_at=99)
    newest = find_newest(field(80), judge, tries=9)
    assert (place(newest), judge.asked, newest.first_failing) == (79, [79], None)
    assert newest.is_complete


@given(st.integers(1, 80), st.integers(0, 80), st.sets(st.integers(0, 79), max_size=6))
def test_the_border_is_found(count: int, breaks_at: int, skips: set[int]) -> None:
    judge = Judge(breaks_at, sorted(skips))
    newest = find_newest(field(count), judge, tries=200)
    passing = [at for at in range(min(count, breaks_at)) if at not in skips]
    assert place(newest) == max(passing, default=-1)
    assert newest.is_complete
    assert len(set(judge.asked)) == len(judge.asked)
    assert len(judge.asked) <= 8 + len(skips)


def test_what_lies_in_a_window_is_not_tried() -> None:
    judge = Judge(breaks_at=60)
    newest = find_newest(field(80, [window(50, 65)]), judge, tries=20)
    assert place(newest) == 49
    assert not set(judge.asked) & set(range(50, 65))


def test_where_every_commit_lies_in_a_window_all_are_tried() -> None:
    assert place(find_newest(field(8, [window(0, 8)]), Judge(breaks_at=5), tries=20)) == 4


def test_what_the_gate_has_said_is_not_asked_again() -> None:
    recorded = {
        sha(40): Recorded(passes=True, text=""),
        sha(42): Recorded(passes=False, text=""),
        sha(10): Recorded(passes=False, text=""),
        sha(70): Recorded(passes=False, text="", same_tree=False),
    }
    judge = Judge(breaks_at=42)
    newest = find_newest(field(80, recorded=recorded), judge, tries=20)
    assert judge.asked == [41]
    assert place(newest) == 41
    assert newest.first_failing is not None
    assert newest.first_failing.sha == sha(42)


def test_a_commit_that_others_use_is_preferred_to_the_middle() -> None:
    judge = Judge(breaks_at=30)
    find_newest(field(80, adoptions={sha(45): (Adoption(project="p", commit="ab" * 20),)}), judge, tries=2)
    assert judge.asked == [79, 45]


def test_tries_run_out() -> None:
    told: list[str] = []
    newest = find_newest(field(80), Judge(breaks_at=0), tries=3, tell=told.append)
    assert newest.found is None
    assert not newest.is_complete
    assert len(newest.tried) == 3
    assert told[0] == f"trying {sha(79)[:12]} commit 79"
