"""Holds: expected failures with a date."""

from __future__ import annotations

import datetime
from pathlib import Path

from pytest_llvmgate.verdict.joining import read_reports
from tests.support.gated import Gated
from tests.support.toy import CONFIG, OTHER_SHA

TOMORROW = datetime.date.today() + datetime.timedelta(days=1)
YESTERDAY = datetime.date.today() - datetime.timedelta(days=1)


def _hold(gated: Gated, until: datetime.date, extra: str = 'configurations = "mhlo=on"') -> None:
    gated.configure(
        f'{CONFIG}\n[[hold]]\nuntil = {until}\nreason = "stablehlo waits"\nowner = "ada"\nissue = "x#12"\n{extra}\n'
    )


def test_a_held_failure_is_expected(gated: Gated) -> None:
    (gated.root / "break-mhlo").touch()
    _hold(gated, TOMORROW)
    result = gated.run("--llvm-sha=pinned", "-rx")
    result.assert_outcomes(passed=12, xfailed=2, skipped=4)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["held: static-mhlo_on::build: *1 day left*", "*passes: 12 of 18, 2 held*"])


def test_a_held_stage_that_passes_asks_for_the_hold_to_go(gated: Gated) -> None:
    _hold(gated, TOMORROW, 'configurations = "mhlo=on, linkage=static"\nstages = ["build"]')
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["note: static-mhlo_on::build passes although it is held*remove", "*the hold in llvmgate.toml:*"]
    )


def test_an_expired_hold_excuses_nothing_and_names_its_owner(gated: Gated) -> None:
    (gated.root / "break-mhlo").touch()
    _hold(gated, YESTERDAY)
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    result.assert_outcomes(passed=1, failed=1, skipped=2, deselected=14)
    result.stdout.fnmatch_lines(["*expired 1 day ago*ada, x#12*"])


def test_a_pin_may_be_held(gated: Gated) -> None:
    _hold(gated, TOMORROW, 'pins = ["llvm-project"]')
    gated.run(f"--llvm-sha={OTHER_SHA}", "-k", "pins").assert_outcomes(xfailed=1, deselected=17)


def test_a_merged_report_knows_what_is_held(gated: Gated, tmp_path: Path) -> None:
    (gated.root / "break-mhlo").touch()
    _hold(gated, TOMORROW)
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on", f"--junitxml={tmp_path}/a.xml")
    verdict = read_reports([tmp_path / "a.xml"])
    assert [each.node for each in verdict.results if each.is_held] == ["static-mhlo_on::build"]
    assert verdict.failed == ()
