from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest
from git_kit import A, B, C

from pytest_llvmgate.chronicle.history import Chronicle, PinState
from pytest_llvmgate.chronicle.side_by_side import Alignment, align, alignment_data, quarters, render_alignment
from pytest_llvmgate.pins.bulk import BulkPin
from pytest_llvmgate.upstream.llvm_clone import Upstream

D = "d" * 40


def when(text: str) -> int:
    return int(datetime.datetime.fromisoformat(f"{text}T12:00:00+00:00").timestamp())


def history(*moves: tuple[str, str]) -> Chronicle:
    states = tuple(
        PinState(commit=f"{number}" * 40, when=when(date), title="", pins={"llvm": BulkPin(text=llvm)})
        for number, (date, llvm) in enumerate(moves, start=1)
    )
    return Chronicle(names=("llvm",), leading=("llvm",), states=states, commits=9, latest=when("2026-12-31"))


def aligned(*projects: Sequence[tuple[str, str]]) -> Alignment:
    named = {f"p{number}": history(*moves) for number, moves in enumerate(projects, start=1)}
    return align(named, Upstream(clones=()))


@pytest.fixture
def three() -> Alignment:
    return aligned(
        [("2026-01-01", A), ("2026-02-01", B), ("2026-05-01", D)],
        [("2026-01-10", A), ("2026-03-01", B), ("2026-06-01", C)],
        [("2026-02-10", B), ("2026-04-01", C)],
    )


def test_commits_that_two_or_more_shared(three: Alignment) -> None:
    assert three.shared() == (A, B, C)
    assert three.shared(3) == (B,)


def test_the_newest_that_all_could_use(three: Alignment) -> None:
    assert three.newest_common == B


def test_projects_that_never_met() -> None:
    apart = aligned([("2026-01-01", A)], [("2026-01-01", B)])
    assert apart.newest_common is None
    assert "No LLVM commit was ever pinned by both." in "\n".join(render_alignment(apart))


def test_a_commit_is_dated_by_the_first_who_pinned_it(three: Alignment) -> None:
    assert three.dates[B] == when("2026-02-01")
    assert not three.exact


def test_the_spread_at_a_time(three: Alignment) -> None:
    assert three.spread(when("2026-01-05")) is None
    assert three.spread(when("2026-02-05")) == 31.0
    assert three.spread(when("2026-03-05")) == 0.0


def test_the_spread_by_quarters(three: Alignment) -> None:
    assert [(str(end), days) for end, days in quarters(three)] == [("2026-03-31", 0.0)]


def test_a_year_of_quarters() -> None:
    long = aligned([("2025-11-01", A), ("2026-12-31", B)], [("2025-11-03", C), ("2026-12-31", D)])
    assert [str(end) for end, _ in quarters(long)] == ["2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30"]
    assert list(quarters(aligned([], []))) == []


def test_an_abbreviation_is_spelled_out_by_another_project() -> None:
    found = aligned([("2026-01-01", A[:12])], [("2026-01-02", A)], [("2026-01-03", "abc1234")])
    assert found.shared() == (A,)
    assert found.tracks[2].now == "abc1234"


def test_a_project_that_comes_back_is_on_it_since_its_last_move() -> None:
    found = aligned([("2026-01-01", A), ("2026-02-01", B), ("2026-03-01", A)], [("2026-01-01", A)])
    assert found.tracks[0].uses[A].since == when("2026-03-01")
    assert found.tracks[0].at(when("2026-02-15")) == B


def test_as_text(three: Alignment) -> None:
    shown = "\n".join(render_alignment(three))
    assert "p1  dddddddddddd  since 2026-05-01, LLVM of 2026-05-01" in shown
    assert f"The newest LLVM commit that all could use: {B} (2026-02-01)" in shown
    assert "p2: on it from 2026-03-01 (222222222222) until 2026-06-01" in shown
    assert "3 LLVM commits were shared by two or more." in shown
    assert "with --llvm-repository they are LLVM's own" in shown


def test_a_project_without_a_pin() -> None:
    found = aligned([("2026-01-01", A)], [])
    shown = "\n".join(render_alignment(found))
    assert "p2  -             no LLVM pin" in shown


def test_as_json(three: Alignment) -> None:
    data = alignment_data(three)
    assert data["newest_common"] == B
    assert data["now"] == {"p1": D, "p2": C, "p3": C}
    assert [entry["llvm"] for entry in data["shared"]] == [A, B, C]
    assert data["shared"][0]["projects"].keys() == {"p1", "p2"}


def test_exact_dates_by_a_clone(tmp_path: Path) -> None:
    from project_kit import World

    world = World(tmp_path)
    llvm = world.llvm[0]
    found = align({"p": history(("2026-03-01", llvm)), "q": history(("2026-04-01", llvm))}, world.upstream)
    assert found.exact
    assert found.dates[llvm] == when("2026-01-01")
