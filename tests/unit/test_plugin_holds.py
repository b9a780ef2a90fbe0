"""Holds: expected failures with a date."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path

import pytest

from pytest_llvmgate.verdict.joining import read_reports
from tests.support.gated import Gated
from tests.support.toy import CONFIG, OTHER_SHA

# A month, not a day: midnight may come while the tests run.
NEXT_MONTH = datetime.date.today() + datetime.timedelta(days=30)
LAST_MONTH = datetime.date.today() - datetime.timedelta(days=30)


def _hold(gated: Gated, until: datetime.date, extra: str = 'configurations = "mhlo=on"') -> None:
    gated.configure(
        f'{CONFIG}\n[[hold]]\nuntil = {until}\nreason = "stablehlo waits"\nowner = "ada"\nissue = "x#12"\n{extra}\n'
    )


def test_a_held_failure_is_expected(gated: Gated) -> None:
    (gated.root / "break-mhlo").touch()
    _hold(gated, NEXT_MONTH)
    result = gated.run("--llvm-sha=pinned", "-rx")
    result.assert_outcomes(passed=12, xfailed=2, skipped=4)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["held: static-mhlo_on::build: * days left*", "*passes: 12 of 18, 2 held*"])


def test_a_held_stage_that_passes_asks_for_the_hold_to_go(gated: Gated) -> None:
    _hold(gated, NEXT_MONTH, 'configurations = "mhlo=on, linkage=static"\nstages = ["build"]')
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["note: static-mhlo_on::build passes although it is held*remove", "*the hold in llvmgate.toml:*"]
    )


def test_an_expired_hold_excuses_nothing_and_names_its_owner(gated: Gated) -> None:
    (gated.root / "break-mhlo").touch()
    _hold(gated, LAST_MONTH)
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    result.assert_outcomes(passed=1, failed=1, skipped=2, deselected=14)
    result.stdout.fnmatch_lines(["*expired 3? days ago*ada, x#12*"])


def test_a_pin_may_be_held(gated: Gated) -> None:
    _hold(gated, NEXT_MONTH, 'pins = ["llvm-project"]')
    gated.run(f"--llvm-sha={OTHER_SHA}", "-k", "pins").assert_outcomes(xfailed=1, deselected=17)


def test_a_merged_report_knows_what_is_held(gated: Gated, tmp_path: Path) -> None:
    (gated.root / "break-mhlo").touch()
    _hold(gated, NEXT_MONTH)
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on", f"--junitxml={tmp_path}/a.xml")
    verdict = read_reports([tmp_path / "a.xml"])
    assert [each.node for each in verdict.results if each.is_held] == ["static-mhlo_on::build"]
    assert verdict.failed == ()


LIT = """\
import pathlib, sys
failed = pathlib.Path(sys.argv[1]).read_text().split()
print("Failed Tests (%d):" % len(failed))
for name in failed:
    print("  Toy :: " + name)
print("\\nTesting Time: 0.01s")
sys.exit(bool(failed))
"""


def _lit(gated: Gated, failed: str, hold: str, until: datetime.date = NEXT_MONTH, more: str = "") -> None:
    """A check command that prints what lit prints of the tests that a file of the tree names as failed."""
    (gated.root / "lit.py").write_text(LIT)
    (gated.root / "failed.txt").write_text(failed)
    own = f'["{sys.executable}", "{{source}}/lit.py", "{{source}}/failed.txt"]'
    text = CONFIG.replace('check = [["cmake", "-E", "cat", "{install}/share/core.txt"]]', f"check = [{own}{more}]")
    gated.configure(f'{text}\n[[hold]]\nuntil = {until}\nreason = "printer drift"\nowner = "ada"\n{hold}\n')


ONE = ("--llvm-sha=pinned", "-k", "static-mhlo_on")


def ends(gated: Gated, *lines: str, **outcomes: int) -> None:
    """One configuration's session comes to so many outcomes, and says these lines."""
    result = gated.run(*ONE)
    result.assert_outcomes(deselected=14, **outcomes)
    result.stdout.fnmatch_lines(lines)


def test_a_held_test_excuses_the_stage_that_nothing_else_fails(gated: Gated) -> None:
    _lit(gated, "a.mlir", 'tests = ["Toy :: a.mlir"]')
    ends(gated, "held: static-mhlo_on::check: *printer drift*", passed=3, xfailed=1)


def test_another_test_of_the_stage_stays_required(gated: Gated) -> None:
    _lit(gated, "a.mlir b.mlir", 'tests = ["Toy :: a.mlir"]')
    ends(gated, "*held, and not all that fails here: Toy :: a.mlir: *printer drift*", passed=3, failed=1)


def test_what_is_no_test_stays_required(gated: Gated) -> None:
    _lit(gated, "a.mlir", 'tests = ["Toy :: a.mlir"]', more=', ["cmake", "-E", "false"]')
    ends(gated, passed=3, failed=1)


def test_an_expired_hold_on_a_test_excuses_nothing(gated: Gated) -> None:
    _lit(gated, "a.mlir", 'tests = ["Toy :: a.mlir"]', LAST_MONTH)
    ends(gated, "*expired 3? days ago*ada*printer drift*", passed=3, failed=1)


def test_a_held_test_that_passes_asks_for_its_hold_to_go(gated: Gated) -> None:
    _lit(gated, "", 'configurations = "linkage=static, mhlo=on"\ntests = ["Toy :: a.mlir"]')
    ends(gated, "note: Toy :: a.mlir: held until *, and nothing of it fails: remove the", "*hold in *", passed=4)


def test_one_of_two_held_tests_that_passes_is_named_although_the_other_fails(gated: Gated) -> None:
    _lit(gated, "a.mlir", 'configurations = "linkage=static, mhlo=on"\ntests = ["Toy :: a.mlir", "Toy :: b.mlir"]')
    ends(gated, "note: Toy :: b.mlir: held until *remove*", passed=3, xfailed=1)


def test_nothing_is_said_of_a_hold_where_a_stage_did_not_run(gated: Gated) -> None:
    _lit(gated, "", 'tests = ["Toy :: a.mlir"]')
    result = gated.run(*ONE)
    result.assert_outcomes(passed=4, deselected=14)
    assert "nothing of it fails" not in result.stdout.str()


def test_a_held_finding_excuses_its_stage_alone(gated: Gated) -> None:
    (gated.root / "break-mhlo").touch()
    _hold(gated, NEXT_MONTH, f"findings = {_keys_of_the_break(gated)}")
    result = gated.run(*ONE)
    result.assert_outcomes(passed=1, xfailed=1, skipped=2, deselected=14)


def _keys_of_the_break(gated: Gated) -> list[str]:
    gated.run(*ONE)
    (verdict,) = (gated.root / ".llvmgate").glob("*/verdict.json")
    return [f"{each['kind']}:{each['identifier']}" for each in json.loads(verdict.read_text())["findings"]]


def test_one_of_two_held_findings_is_not_enough(gated: Gated) -> None:
    (gated.root / "break-mhlo").touch()
    _hold(gated, NEXT_MONTH, f"findings = {_keys_of_the_break(gated)[:1]}")
    ends(gated, "held, and not all that fails here: *", passed=1, failed=1, skipped=2)


def test_a_second_command_that_fails_is_no_part_of_a_held_finding(gated: Gated) -> None:
    _lit(gated, "a.mlir", "findings = ['unrecognised:x']", more=', ["cmake", "-E", "false"]')
    gated.run(*ONE)
    _lit(gated, "a.mlir", f"findings = {_keys_of_the_break(gated)}".replace("'tests-failed:tests'", "'x-y:z'"))
    ends(gated, passed=3, failed=1)


def test_another_finding_of_the_stage_stays_required(gated: Gated) -> None:
    (gated.root / "break-mhlo").touch()
    _hold(gated, NEXT_MONTH, 'findings = ["api-removed:mlir::other"]')
    ends(gated, passed=1, failed=1, skipped=2)


def test_a_held_finding_that_is_gone_asks_for_its_hold_to_go(gated: Gated) -> None:
    _hold(gated, NEXT_MONTH, 'configurations = "linkage=static, mhlo=on"\nfindings = ["api-removed:mlir::other"]')
    result = gated.run(*ONE)
    result.stdout.fnmatch_lines(["note: api-removed:mlir::other: held until *, and nothing of it fails:*"])


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ('pins = ["llvm-project"]\ntests = ["x"]', "a hold on 'pins' has no 'findings' and no 'tests'"),
        ('findings = ["tests-failed:tests"]', "'tests-failed:tests' is any test"),
        ('findings = ["nothing"]', "expected a finding like"),
        ("tests = []", "with at least one element"),
    ],
)
def test_a_hold_that_makes_no_sense_is_told(gated: Gated, extra: str, told: str) -> None:
    _hold(gated, NEXT_MONTH, extra)
    result = gated.run("--llvm-sha=pinned")
    assert told in result.stderr.str()
