"""From results to a verdict: findings merged, and what counts as a pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.model import HELD, Downstream, Revision
from pytest_llvmgate.verdict.assemble import assemble, merged_findings
from tests.support.configs import load
from tests.support.verdicts import MISSING, SHA, failed, mhlo_breaks_shared, passed, skipped, verdict

AXES = "[axes.linkage]\nstatic = {}\nshared = {}\n"


def test_a_verdict_has_the_configurations_that_have_results(cwd: Path) -> None:
    config = load(cwd, AXES)
    candidate = Revision(sha=SHA)
    found = assemble(
        passed("pins::x", "shared::build"),
        candidate=candidate,
        baseline=None,
        downstream=Downstream(root=str(cwd)),
        configurations=config.configurations,
        toolchain={"cmake": "4"},
        notes=("a remark",),
    )
    assert [info.name for info in found.configurations] == ["shared"]
    assert found.configurations[0].options == {"linkage": "shared"}
    assert (found.candidate, found.toolchain, found.notes) == (candidate, {"cmake": "4"}, ("a remark",))
    assert found.passes


def test_the_same_finding_of_several_configurations_is_one() -> None:
    other = replace(MISSING, configurations=("shared-mhlo_off",), sites=7, headline="otherwise worded")
    [merged] = merged_findings([failed("a::build", findings=(MISSING,)), failed("b::build", findings=(other,))])
    assert merged == replace(MISSING, configurations=("shared-mhlo_on", "shared-mhlo_off"), sites=7)


def test_a_finding_without_a_log_has_its_stages() -> None:
    bare = replace(MISSING, log="")
    [merged] = merged_findings([failed("a::build", findings=(bare,), log="build.log")])
    assert merged.log == "build.log"


def test_the_most_widespread_come_first_and_those_of_the_baseline_last() -> None:
    def finding(identifier: str, *configurations: str, old: bool = False) -> object:
        facts = {NOT_FROM_THIS_BUMP: "yes"} if old else {}
        return replace(MISSING, identifier=identifier, configurations=configurations, facts=facts)

    findings = (
        finding("old", "a", "b", "c", old=True),
        finding("one", "a"),
        finding("first of two", "a", "b"),
        finding("second of two", "b", "c"),
    )
    merged = merged_findings([failed("a::build", findings=findings)])
    assert [each.identifier for each in merged] == ["first of two", "second of two", "one", "old"]


# What counts as a pass


def test_a_failure_is_no_pass() -> None:
    assert not mhlo_breaks_shared().passes


def test_a_held_failure_is_a_pass_and_so_is_what_was_skipped_for_it() -> None:
    held = failed("static-mhlo_on::build", facts={HELD: "until 2026-12-10"})
    found = verdict([held, skipped("static-mhlo_on::check", "static-mhlo_on::build")])
    assert found.passes
    assert found.failed == found.undecided == ()


def test_a_skip_for_a_failure_that_is_not_shown_is_no_pass() -> None:
    """As after ``-k check``: the build was run, failed, and is not among the tests."""
    found = verdict([*passed("static-mhlo_off::check"), skipped("static-mhlo_on::check", "static-mhlo_on::build")])
    assert not found.passes
    assert found.failed == ()
    assert [each.node for each in found.undecided] == ["static-mhlo_on::check"]


def test_a_prediction_that_cannot_be_made_is_no_failure() -> None:
    told = replace(skipped("static-mhlo_on::linkcheck", ""), facts={}, reason="cannot be told: no ELF")
    assert verdict([*passed("static-mhlo_on::build"), told]).passes
