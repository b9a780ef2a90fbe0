from __future__ import annotations

import datetime

import pytest
from git_kit import A, B, C

from pytest_llvmgate.config.settings import HopSpec, PinSpec, Policy
from pytest_llvmgate.errors import GateError, Problem
from pytest_llvmgate.model import Location, Outcome
from pytest_llvmgate.pins.check import pinned
from pytest_llvmgate.pins.compare import Agreement, compare
from pytest_llvmgate.pins.reading import Hop, PinReading
from pytest_llvmgate.pins.stage_results import stage_results
from pytest_llvmgate.pins.table import table

TODAY = datetime.date(2026, 6, 1)
LINK = Hop(what="gitlink", where=Location(path="third_party/mhlo"), commit="d" * 40)


def direct(sha: str | None, *, name: str = "llvm-project", text: str = "", **spec: object) -> PinReading:
    return PinReading(
        spec=PinSpec(name=name, file="utils/clone-mlir.sh", **spec),  # type: ignore[arg-type]
        text=text or sha or "",
        sha=sha,
        location=Location(path="utils/clone-mlir.sh", line=3),
    )


def indirect(sha: str | None, **spec: object) -> PinReading:
    return PinReading(
        spec=PinSpec(name="mhlo", component="third_party/mhlo", file="version.txt", **spec),  # type: ignore[arg-type]
        text=sha or "",
        sha=sha,
        location=Location(path="third_party/mhlo/version.txt", line=1),
        hops=(LINK,),
    )


def unreadable(**spec: object) -> PinReading:
    problem = Problem(message="the submodule is not initialised", hint="git submodule update --init third_party/mhlo")
    return PinReading(
        spec=PinSpec(name="mhlo", component="third_party/mhlo", file="version.txt", **spec),  # type: ignore[arg-type]
        location=Location(path="third_party/mhlo/version.txt"),
        problem=problem,
    )


def agreements(*readings: PinReading, candidate: str = A) -> list[Agreement]:
    return [verdict.agreement for verdict in compare(readings, candidate, today=TODAY).verdicts]


def test_all_pins_on_the_candidate() -> None:
    report = compare([direct(A), indirect(A)], A)
    assert report.agrees
    assert report.exit_code == 0


@pytest.mark.parametrize("policy", [Policy.ADVISORY, Policy.SAME_BASE])
def test_no_policy_excuses_pins_of_one_repository_that_differ(policy: Policy) -> None:
    report = compare([direct(A), direct(B, name="docs", policy=policy), indirect(A)], A, today=TODAY)
    assert [verdict.agreement for verdict in report.verdicts][0::2] == [Agreement.AGREES, Agreement.AGREES]
    assert report.verdicts[1].fails
    advisory = compare([direct(B, policy=Policy.ADVISORY), direct(C, name="docs", policy=Policy.ADVISORY)], A)
    assert [verdict.agreement for verdict in advisory.verdicts] == [Agreement.ADVISORY, Agreement.DIFFERS]
    assert (
        advisory.verdicts[1].reason
        == f"found {C[:12]}, where llvm-project says {B[:12]}: a project's own pins must be equal"
    )
    assert advisory.verdicts[1].fix == (f"utils/clone-mlir.sh:3: replace {C} by {B}",)


def test_pins_of_one_repository_that_are_equal_may_lag_together() -> None:
    both = [direct(B, policy=Policy.ADVISORY), direct(B, name="docs", policy=Policy.ADVISORY)]
    assert agreements(*both) == [Agreement.ADVISORY, Agreement.ADVISORY]
    assert agreements(direct(A), direct(B, name="dead", policy=Policy.IGNORE)) == [Agreement.AGREES, Agreement.IGNORED]


def test_every_pin_is_compared_with_the_candidate() -> None:
    assert agreements(direct(A), indirect(B)) == [Agreement.AGREES, Agreement.DIFFERS]
    assert compare([direct(A), indirect(B)], A).exit_code == 1


def test_pins_that_agree_on_something_else_differ_from_the_candidate() -> None:
    assert agreements(direct(B), indirect(B)) == [Agreement.DIFFERS, Agreement.DIFFERS]


def test_a_pin_that_cannot_be_read_is_never_a_pass() -> None:
    report = compare([direct(A), unreadable()], A)
    assert [verdict.agreement for verdict in report.verdicts] == [Agreement.AGREES, Agreement.UNREADABLE]
    assert not report.agrees


def test_against_each_other_the_candidate_does_not_matter() -> None:
    report = compare([direct(B), indirect(B)])
    assert report.agrees
    assert report.expected == B


def test_direct_pins_must_agree_among_themselves() -> None:
    report = compare([direct(A), direct(B, name="docs"), indirect(A)])
    assert [verdict.agreement for verdict in report.verdicts] == [Agreement.AGREES, Agreement.DIFFERS, Agreement.AGREES]


def test_without_a_readable_direct_pin_nothing_passes() -> None:
    report = compare([direct(None, text=""), indirect(A)])
    assert report.expected is None
    assert not any(verdict.agreement is Agreement.AGREES for verdict in report.verdicts)


def test_a_project_with_component_pins_only() -> None:
    assert compare([indirect(A), indirect(A)]).agrees
    assert pinned([indirect(A), indirect(A)]) == A


def test_an_ignored_pin_is_listed_and_not_compared() -> None:
    assert agreements(indirect(B, policy=Policy.IGNORE), unreadable(policy=Policy.IGNORE)) == [Agreement.IGNORED] * 2


def test_an_advisory_pin_says_so_and_does_not_fail() -> None:
    report = compare(
        [indirect(B, policy=Policy.ADVISORY, reason="lags by design"), indirect(A, policy=Policy.ADVISORY)], A
    )
    assert [verdict.agreement for verdict in report.verdicts] == [Agreement.ADVISORY, Agreement.AGREES]
    assert "lags by design" in report.verdicts[0].reason
    assert report.agrees


def test_an_advisory_pin_that_cannot_be_read_does_not_fail() -> None:
    assert agreements(unreadable(policy=Policy.ADVISORY)) == [Agreement.ADVISORY]


def test_an_exception_ends_with_its_date() -> None:
    lasting = indirect(B, policy=Policy.ADVISORY, until=TODAY)
    ended = indirect(B, policy=Policy.ADVISORY, until=TODAY - datetime.timedelta(days=1))
    assert agreements(lasting, ended) == [Agreement.ADVISORY, Agreement.DIFFERS]
    assert "its policy advisory ended on 2026-05-31" in compare([ended], A, today=TODAY).verdicts[0].reason


def test_bases_that_cannot_be_compared_are_no_pass() -> None:
    assert agreements(indirect(A, policy=Policy.SAME_BASE)) == [Agreement.AGREES]
    assert agreements(indirect(B, policy=Policy.SAME_BASE)) == [Agreement.UNREADABLE]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aaaaaaaaaaaa", Agreement.AGREES),
        ("aaaaaaa", Agreement.UNREADABLE),
        ("bbbbbbb", Agreement.DIFFERS),
        ("AAAAAAAAAAAA", Agreement.AGREES),
        ("llvmorg-22.1.8", Agreement.UNREADABLE),
    ],
)
def test_an_abbreviation_agrees_where_it_is_long_enough_to_be_sure(text: str, expected: Agreement) -> None:
    assert agreements(direct(None, text=text)) == [expected]


def test_what_the_direct_pins_say() -> None:
    assert pinned([direct(A), direct(A, name="docs"), indirect(B)]) == A


@pytest.mark.parametrize("readings", [[direct(A), direct(B, name="docs")], [direct(A), direct(None, name="docs")]])
def test_direct_pins_that_do_not_say_one_thing(readings: list[PinReading]) -> None:
    with pytest.raises(GateError, match="do not say which LLVM commit") as caught:
        pinned(readings)
    assert "docs" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "hint"), [("llvmorg-22.1.8", '"llvmorg-22.1.8" = "SHA"'), ("1053047a4be7", "write the full SHA there")]
)
def test_pins_that_agree_on_a_name_that_nothing_resolves(said: str, hint: str) -> None:
    with pytest.raises(GateError, match=f"the pins say {said}, and which LLVM commit that is is not known") as caught:
        pinned([direct(None, text=said), direct(None, name="docs", text=said)])
    assert caught.value.problems[0].where == "utils/clone-mlir.sh:3"
    assert hint in str(caught.value.problems[0].hint)


def test_no_pin_at_all() -> None:
    with pytest.raises(GateError, match="names no pin"):
        pinned([])


def test_an_ignored_pin_says_nothing() -> None:
    assert pinned([direct(A), direct(B, name="old", policy=Policy.IGNORE)]) == A


def test_the_fix_of_a_text_names_file_line_and_both_commits() -> None:
    (verdict,) = compare([direct(B)], A).verdicts
    assert verdict.fix == (f"utils/clone-mlir.sh:3: replace {B} by {A}",)


def test_the_fix_of_a_gitlink_are_commands() -> None:
    reading = PinReading(
        spec=PinSpec(name="llvm", file="llvm", reader="gitlink"), text=B, sha=B, location=Location(path="llvm")
    )
    (verdict,) = compare([reading], A).verdicts
    assert verdict.fix == (f"git -C llvm fetch origin {A} && git -C llvm checkout {A}", "git add llvm")


def test_the_fix_of_a_component_finds_the_commit_that_has_the_pin() -> None:
    (verdict,) = compare([indirect(B)], A).verdicts
    assert f"-S{A} -- version.txt" in verdict.fix[0]
    assert "git add third_party/mhlo" in verdict.fix[1]


def test_the_fix_of_an_unreadable_pin_is_its_command() -> None:
    (verdict,) = compare([unreadable()], A).verdicts
    assert verdict.fix == ("git submodule update --init third_party/mhlo",)


def test_the_table_names_every_pin_place_and_commit() -> None:
    shown = table(compare([direct(A), indirect(B), unreadable()], A), width=120)
    assert f"against the candidate {A}" in shown
    assert "llvm-project  aaaaaaaaaaaa  agrees      utils/clone-mlir.sh:3" in shown
    assert "bbbbbbbbbbbb  DIFFERS     third_party/mhlo/version.txt:1" in shown
    assert "through third_party/mhlo @ dddddddddddd" in shown
    assert "UNREADABLE" in shown
    assert "git submodule update --init third_party/mhlo" in shown


def test_a_narrow_table_puts_places_on_lines_of_their_own() -> None:
    shown = table(compare([direct(A), indirect(B)], A), width=60)
    rows = shown.split("\n\n")[1].splitlines()
    assert "      third_party/mhlo/version.txt:1" in rows
    assert all(len(row) <= 60 for row in rows)


def test_colour_only_where_asked_for() -> None:
    report = compare([direct(A), indirect(B)], A)
    assert "\x1b[" not in table(report)
    assert "\x1b[31;1mDIFFERS" in table(report, color=True)


def test_warnings_are_shown_even_where_the_pin_agrees() -> None:
    from dataclasses import replace

    odd = replace(
        indirect(A), warnings=(Problem(message="stands elsewhere", where="third_party/mhlo", hint="do this"),)
    )
    shown = table(compare([odd], A))
    assert "mhlo: note: stands elsewhere (third_party/mhlo)" in shown
    assert "    do this" in shown


def test_one_stage_per_pin() -> None:
    good, bad = stage_results(compare([direct(A), indirect(B)], A))
    assert (good.group, good.stage, good.outcome, good.reason, good.detail) == (
        "pins",
        "llvm-project",
        Outcome.PASSED,
        "",
        "",
    )
    assert (bad.outcome, bad.reason) == (Outcome.FAILED, "expected aaaaaaaaaaaa, found bbbbbbbbbbbb")
    assert bad.detail == table(compare([direct(A), indirect(B)], A))
    assert bad.facts["file"] == "third_party/mhlo/version.txt"
    assert bad.facts["line"] == "1"
    assert bad.facts["sha"] == B


def test_the_table_is_said_once_and_the_other_failures_name_it() -> None:
    first, second = stage_results(compare([direct(B), indirect(C)], A))
    assert "third_party/mhlo/version.txt" in first.detail
    assert second.detail.splitlines() == [
        "expected aaaaaaaaaaaa, found cccccccccccc",
        "  third_party/mhlo/version.txt:1",
        f"  the table of all pins is at pins::{first.stage}",
    ]


def test_an_advisory_stage_passes_and_speaks() -> None:
    (result,) = stage_results(compare([indirect(C, policy=Policy.ADVISORY)], A))
    assert result.outcome is Outcome.PASSED
    assert "advisory" in result.detail


def test_the_steps_for_a_commit_that_a_file_names() -> None:
    spec = PinSpec(name="x", file="v.txt", through=(HopSpec(file="triton-hash.txt", repository="../triton"),))
    hop = Hop(what="file", where=Location(path="triton-hash.txt", line=1), commit="d" * 40)
    reading = PinReading(spec=spec, text=B, sha=B, location=Location(path="../triton/v.txt", line=1), hops=(hop,))
    (verdict,) = compare([reading], A).verdicts
    assert verdict.fix[0].startswith("git -C ../triton fetch origin && git -C ../triton log ")
    assert verdict.fix[0].endswith(f"-S{A} -- v.txt")
    assert verdict.fix[1] == "write the commit found in triton-hash.txt:1"
