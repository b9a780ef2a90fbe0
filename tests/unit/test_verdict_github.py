"""Annotations for GitHub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_llvmgate.model import HELD, NOTE, Finding, Location
from pytest_llvmgate.verdict.github import workflow_commands
from tests.support.verdicts import FOUR, MISSING, failed, mhlo_breaks_shared, passed, verdict


def of_finding(finding: Finding, **more: object) -> str:
    [first, *_] = workflow_commands(verdict([failed("shared-mhlo_on::build", findings=(finding,))], **more))
    return first


def test_a_cause_is_an_error_with_its_advice_and_the_pattern_a_notice() -> None:
    error, notice = workflow_commands(mhlo_breaks_shared())
    assert error == (
        "::error title=shared-link against LLVM ca7933e47d3a,file=llvmgate.toml,line=1::"
        f"{MISSING.headline}%0Ain shared-mhlo_on%0AAdd MLIRSparseTensorDialect to LINK_LIBS of MhloDialect."
    )
    assert notice == "::notice title=llvmgate::build breaks only with linkage=shared and mhlo=on"


@pytest.mark.parametrize(
    ("locations", "place"),
    [
        ((Location(path="lib/X.cpp", line=12, column=3),), ",file=lib/X.cpp,line=12,col=3"),
        ((Location(path="lib/X.cpp", line=12),), ",file=lib/X.cpp,line=12"),
        ((Location(path="lib/X.cpp", column=3),), ",file=lib/X.cpp"),
        ((Location(path="/usr/include/x.h", line=1), Location(path="lib/Y.cpp", line=2)), ",file=lib/Y.cpp,line=2"),
        ((Location(path=".llvmgate/x/build/Ops.h.inc", line=1), Location(path="/abs")), ",file=llvmgate.toml,line=1"),
        ((), ",file=llvmgate.toml,line=1"),
    ],
)
def test_the_place_is_the_first_in_the_repository(locations: tuple[Location, ...], place: str) -> None:
    assert of_finding(replace(MISSING, locations=locations)).startswith(
        f"::error title=shared-link against LLVM ca7933e47d3a{place}::"
    )


def test_nothing_in_a_text_ends_the_command() -> None:
    text = of_finding(replace(MISSING, kind="a,b:c%\r\nd", headline="50% done\r\n::error::x, y: z"))
    assert text.count("\n") == text.count("\r") == 0
    assert text.startswith("::error title=a%2Cb%3Ac%25%0Ad against LLVM ca7933e47d3a,file=")
    assert "::50%25 done%0A::error::x, y: z%0A" in text


def test_a_failure_without_a_cause_has_its_own_annotation() -> None:
    results = [
        failed("pins::stablehlo", "another commit", facts={"file": "version.txt", "line": "1"}),
        failed("static-mhlo_on::build"),
    ]
    title = "::error title=stage-failed against LLVM ca7933e47d3a"
    assert list(workflow_commands(verdict(results)))[:2] == [
        f"{title},file=version.txt,line=1::pins::stablehlo: another commit",
        f"{title},file=llvmgate.toml,line=1::static-mhlo_on::build: it broke",
    ]


def test_one_configuration_needs_no_name() -> None:
    assert "in shared-mhlo_on" not in of_finding(MISSING, configurations=FOUR[2:3])


def test_a_cause_that_is_held_everywhere_is_a_warning() -> None:
    held = failed("shared-mhlo_on::build", findings=(MISSING,), facts={HELD: "until 2026-12-10"})
    [command] = workflow_commands(verdict([held]))
    assert command.startswith("::warning ")


def test_no_more_than_github_shows_of_each_kind() -> None:
    findings = tuple(replace(MISSING, identifier=str(number)) for number in range(30))
    results = [failed("shared-mhlo_on::build", findings=findings)]
    results += [each for n in range(30) for each in passed(f"c{n}::linkcheck", facts={NOTE: f"note {n}"})]
    commands = list(workflow_commands(verdict(results)))
    assert [sum(each.startswith(f"::{kind} ") for each in commands) for kind in ("error", "notice")] == [10, 10]


def test_a_pass_says_nothing() -> None:
    assert list(workflow_commands(verdict(passed("pins::x")))) == []
