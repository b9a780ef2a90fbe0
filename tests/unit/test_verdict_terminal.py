"""The summary on a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.model import (
    HELD,
    NOTE,
    Downstream,
    Layer,
    Location,
    Outcome,
    Revision,
    Verdict,
)
from pytest_llvmgate.verdict.terminal import conclusion, render
from pytest_llvmgate.wording import duration
from tests.support.verdicts import (
    FOUR,
    MISSING,
    SHA,
    failed,
    mhlo_breaks_shared,
    passed,
    result,
    skipped,
    verdict,
)


def shown(verdict: Verdict, *, width: int = 80) -> str:
    return "\n".join(render(verdict, width=width))


def without_colour(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


GOOD = verdict(passed(*(f"{info.name}::{stage}" for info in FOUR for stage in ("configure", "build"))))


def test_the_summary_at_80_columns() -> None:
    assert (
        shown(mhlo_breaks_shared())
        == """\
candidate   ca7933e47d3a3451d81e72ac174dcb5aa28b59d1  llvmorg-22.1.8
baseline    b708aea0bc7127adf4ec643660699c8bcdde1273  llvmorg-21.1.2
downstream  123456789012 (bump)
tools       cmake 4.4.0, ninja 1.13.0, c++ c++ (Debian 12.2.0-14) 12.2.0

pins        ok  llvm-project, stablehlo
llvm        ok  default 22.1.8 from wheels (from the cache)

configuration    configure  build        install  check
static-mhlo_on   ok 12 s    ok 12 s      ok 12 s  ok 12 s
static-mhlo_off  ok 12 s    ok 12 s      ok 12 s  ok 12 s
shared-mhlo_on   ok 12 s    FAILED 12 s  -        -
shared-mhlo_off  ok 12 s    ok 12 s      ok 12 s  ok 12 s

1. MhloDialect uses mlir::sparse_tensor::SparseTensorDialect and does not link
   MLIRSparseTensorDialect [shared-mhlo_on]
   shared-link in unknown
   | mhlo_ops.cc:(.text+0x118): undefined reference to `mlir::sparse_tensor'
   | collect2: error
   -> Add MLIRSparseTensorDialect to LINK_LIBS of MhloDialect.
   log: .llvmgate/ca7933e47d3a/shared-mhlo_on/logs/build.log:812

build breaks only with linkage=shared and mhlo=on

ca7933e47d3a does not pass: 1 of 19 failed, 2 skipped"""
    )


def test_a_narrow_terminal_drops_the_times_and_breaks_lines_between_words() -> None:
    lines = shown(mhlo_breaks_shared(), width=55).split("\n")
    assert "configuration    configure  build   install  check" in lines
    assert "shared-mhlo_on   ok         FAILED  -        -" in lines
    assert "   mlir::sparse_tensor::SparseTensorDialect and does" in lines
    wide = [line.split()[0] for line in lines if len(line) > 55]
    assert wide == ["candidate", "baseline", "log:"], "a SHA and a path are not broken"


def test_paths_and_commands_are_not_broken() -> None:
    command = "git -C third_party/stablehlo submodule update --init --recursive"
    path = "third_party/stablehlo/stablehlo/transforms/conversions/StablehloLegalizeToLinalg-Pointwise.cpp"
    finding = replace(MISSING, advice=(f"run: {command}",), locations=(Location(path=path, line=12),))
    text = shown(verdict([failed("static-mhlo_on::build", findings=(finding,))]), width=40)
    assert f"{path}:12" in text
    assert not [line for line in text.split("\n") if line.strip() in ("update -", "-init", "Linalg-", "Pointwise.cpp")]
    assert set(command.split()) <= set(text.split())


@given(st.integers(0, 300))
def test_any_width_will_do(width: int) -> None:
    lines = shown(mhlo_breaks_shared(), width=width).split("\n")
    wide = [line for line in lines if len(line) > max(width, 68)]
    assert all(line.startswith("   log: ") for line in wide), "a candidate's line has 68 columns"


def test_colour_adds_nothing_but_colour() -> None:
    for each in (mhlo_breaks_shared(), GOOD):
        coloured = "\n".join(render(each, color=True))
        assert "\x1b[" in coloured
        assert re.sub(r"(?m) +$", "", without_colour(coloured)) == shown(each)


@pytest.mark.parametrize(("text", "colour"), [("FAILED 12 s", "31"), ("ok 12 s  ", "32"), ("-      ", "2")])
def test_the_colour_of_a_cell(text: str, colour: str) -> None:
    assert f"\x1b[{colour}m{text}" in "\n".join(render(mhlo_breaks_shared(), color=True))


def test_the_colour_of_the_conclusion() -> None:
    undecided = verdict([skipped("static-mhlo_on::check", "static-mhlo_on::build")])
    last = [list(render(each, color=True))[-1] for each in (GOOD, mhlo_breaks_shared(), undecided)]
    assert [line[:5] for line in last] == ["\x1b[32m", "\x1b[31m", "\x1b[33m"]


def test_all_is_well() -> None:
    assert shown(GOOD).endswith("shared-mhlo_off  ok 12 s    ok 12 s\n\nca7933e47d3a passes: 8 of 8")


# The head


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"candidate": Revision(sha=SHA)}, f"candidate   {SHA}"),
        ({"baseline": Revision(sha=SHA)}, "baseline    the same commit"),
        ({"baseline": Revision(sha="a" * 40)}, f"baseline    {'a' * 40}"),
        ({"downstream": Downstream(root="/p")}, "downstream  no commit yet"),
        ({"downstream": Downstream(root="/p", commit="b" * 40)}, "downstream  bbbbbbbbbbbb"),
        (
            {"downstream": Downstream(root="/p", commit="b" * 40, branch="x", dirty=True)},
            "downstream  bbbbbbbbbbbb (x) with uncommitted changes",
        ),
    ],
)
def test_what_was_gated(changes: dict[str, object], line: str) -> None:
    assert line in shown(replace(GOOD, **changes)).split("\n")


def test_an_unknown_baseline_says_how_to_name_one() -> None:
    pins = verdict(passed("pins::llvm"))
    assert shown(pins).split("\n")[1:3] == [
        "baseline    unknown (no target branch with a readable pin; name one with",
        "            --llvm-baseline)",
    ]


def test_where_no_pin_is_the_baseline_is_not_looked_for_in_one() -> None:
    assert "no pin here says what a target branch is on" in " ".join(shown(GOOD).split())


# Pins and LLVM


def test_a_pin_that_fails_has_a_line_of_its_own() -> None:
    results = [*passed("pins::llvm-project"), failed("pins::stablehlo", "names b708aea0bc71, not the candidate")]
    lines = shown(verdict(results, ())).split("\n")
    assert "pins        stablehlo: names b708aea0bc71, not the candidate" in lines
    assert not any("llvm-project" in line for line in lines)


def test_a_held_pin_is_not_called_ok_without_a_word() -> None:
    results = [*passed("pins::llvm-project"), failed("pins::stablehlo", facts={HELD: "until 2026-12-10: #1"})]
    lines = shown(verdict(results, ())).split("\n")
    assert "pins        ok  llvm-project, stablehlo (held)" in lines
    assert "held: pins::stablehlo: until 2026-12-10: #1" in lines


# The grid


def test_what_did_not_run_again_is_called_unchanged() -> None:
    assert "static-mhlo_on  unchanged" in shown(verdict(passed("static-mhlo_on::build", reused=True), FOUR[:1]))


def test_a_stage_that_a_configuration_does_not_have_is_blank() -> None:
    results = passed("static-mhlo_on::build", "static-mhlo_on::check", "static-mhlo_off::check")
    assert "static-mhlo_off           ok 12 s" in shown(verdict(results, FOUR[:2]))


def test_a_held_failure_in_the_grid() -> None:
    held = failed("static-mhlo_on::build", facts={HELD: "until 2026-12-10"})
    text = shown(verdict([held], FOUR[:1]))
    assert "static-mhlo_on  held 12 s" in text
    assert text.endswith("ca7933e47d3a passes: 0 of 1, 1 held")


def test_pins_alone_have_no_grid() -> None:
    assert "configuration" not in shown(verdict(passed("pins::x"), ()))


# The causes


def test_a_failure_without_a_finding_is_told_by_its_reason() -> None:
    text = shown(verdict([failed("static-mhlo_on::build", "the build failed (exit code 1)")]))
    assert "\nstatic-mhlo_on::build: the build failed (exit code 1)\n" in text


def test_only_the_first_causes_are_shown() -> None:
    findings = tuple(replace(MISSING, identifier=str(number), headline=f"cause {number}") for number in range(5))
    text = shown(verdict([failed("static-mhlo_on::build", findings=findings)]))
    assert "3. cause 2" in text
    assert "cause 3" not in text
    assert "\n... and 2 more causes, in the logs (llvmgate explain LOG) and in the JSON verdict\n" in text


def test_one_cause_more_is_one() -> None:
    findings = tuple(replace(MISSING, identifier=str(number), headline=f"cause {number}") for number in range(4))
    assert "... and 1 more cause," in shown(verdict([failed("static-mhlo_on::build", findings=findings)]))


def test_everything_that_a_cause_may_say() -> None:
    finding = replace(
        MISSING,
        layer=Layer.COMPONENT,
        component="stablehlo",
        sites=3,
        locations=(Location(path="a.cpp", line=1), Location(path="b.cpp")),
        evidence=tuple(f"line {number}" for number in range(9)),
        facts={NOT_FROM_THIS_BUMP: "yes"},
        log="",
    )
    text = shown(verdict([failed("static-mhlo_on::build", findings=(finding,))], FOUR[:1]))
    assert "   shared-link in component stablehlo, 3 sites: a.cpp:1\n" in text
    assert "   not from this bump: the baseline has it, too\n" in text
    assert text.count("   | line") == 5
    assert "[shared-mhlo_on]" not in text, "there is one configuration only"
    assert "log:" not in text


def test_evidence_is_cut_at_the_margin() -> None:
    finding = replace(MISSING, evidence=("x" * 500,))
    lines = shown(verdict([failed("static-mhlo_on::build", findings=(finding,))])).split("\n")
    assert "   | " + "x" * 75 in lines


def test_notes_are_told_once() -> None:
    results = passed(
        "static-mhlo_on::linkcheck", "static-mhlo_off::linkcheck", facts={NOTE: "2 libraries would not link"}
    )
    text = shown(verdict(results, notes=("a remark", "2 libraries would not link")))
    assert text.count("note: 2 libraries would not link") == 1
    assert "note: a remark" in text


# In one sentence


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (passed("a::build", "b::build"), "ca7933e47d3a passes: 2 of 2"),
        ([*passed("a::build"), failed("b::build")], "ca7933e47d3a does not pass: 1 of 2 failed"),
        (
            [failed("a::build"), skipped("a::check", "a::build"), failed("b::build", facts={HELD: "x"})],
            "ca7933e47d3a does not pass: 1 of 3 failed, 1 held, 1 skipped",
        ),
        (
            [*passed("b::check"), skipped("a::check", "a::build"), skipped("a::install", "a::build")],
            "ca7933e47d3a is undecided: 1 of 3 passed, 2 skipped; a::build failed outside this selection",
        ),
        ([result("a::linkcheck", Outcome.SKIPPED), *passed("a::build")], "ca7933e47d3a passes: 1 of 2, 1 skipped"),
    ],
)
def test_the_conclusion(results: list[object], expected: str) -> None:
    assert conclusion(verdict(results)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (10, "10 s"),
        (99.4, "99 s"),
        (100, "1:40 min"),
        (205, "3:25 min"),
        (3599.9, "59:59 min"),
        (3600, "1:00 h"),
        (3725, "1:02 h"),
        (36000, "10:00 h"),
    ],
)
def test_a_duration(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected
