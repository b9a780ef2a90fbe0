"""Which tests a log lists as failed, and when that is all that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.stages.failed_tests import FailedTests, read_failed_tests

LIST = "********************\nFailed Tests (2):\n  MLIR :: a.mlir\n  MLIR :: b.mlir\n\n\n"
TIMES = "Testing Time: 0.50s\n\nTotal Discovered Tests: 3\n  Passed: 1 (33.33%)\n  Failed: 2 (66.67%)\n"
EDGE = "[0/1] Running\nFAILED: CMakeFiles/check-x \ncd /b && lit\n"


def told(directory: Path, text: str, *commands: str) -> tuple[FailedTests, ...]:
    log = directory / "check.log"
    log.write_text(text)
    return read_failed_tests(log, commands or ("lit x",))


@pytest.mark.parametrize("text", [LIST + TIMES, TIMES + LIST, EDGE + LIST + TIMES])
def test_lit_s_list_is_all_that_failed(tmp_path: Path, text: str) -> None:
    (one,) = told(tmp_path, f"$ lit x\n{text}")
    assert (one.names, one.are_all) == (["MLIR :: a.mlir", "MLIR :: b.mlir"], True)


def test_timed_out_tests_have_failed_too(tmp_path: Path) -> None:
    (one,) = told(tmp_path, f"$ lit x\nTimed Out Tests (1):\n  MLIR :: slow\n\n{LIST}{TIMES}")
    assert (one.names[0], len(one.names), one.are_all) == ("MLIR :: slow", 3, True)


def test_ctest_s_list(tmp_path: Path) -> None:
    (one,) = told(
        tmp_path, "$ ctest\nThe following tests FAILED:\n\t  3 - unit (Failed)\nErrors while running CTest\n", "ctest"
    )
    assert (one.names, one.are_all) == (["unit"], True)


@pytest.mark.parametrize(
    "text",
    [
        "error: no list at all\n",
        f"{EDGE}error: a compiler's\n{EDGE}{LIST}{TIMES}",
        "Failed Tests (3):\n  MLIR :: a.mlir\n",
    ],
)
def test_what_is_no_test_has_failed_besides(tmp_path: Path, text: str) -> None:
    (one,) = told(tmp_path, f"$ lit x\n{text}")
    assert not one.are_all


def test_each_command_has_its_own(tmp_path: Path) -> None:
    first, second, third = told(tmp_path, f"$ a\n{LIST}{TIMES}$ b\nfine\n$ c\nno list\n", "a", "b", "c")
    assert [each.are_all for each in (first, second, third)] == [True, False, False]
    assert second.names == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Test project /b\nNo tests were found!!!\n", "No tests were found!!!"),
        ("[==========] Running 0 tests from 0 test suites.\n[  PASSED  ] 0 tests.\n", "[  PASSED  ] 0 tests."),
        (
            "Total Discovered Tests: 3\n  Excluded   : 2 (66.67%)\n  Unsupported: 1 (33.33%)\n",
            "lit left out all 3 tests",
        ),
        ("Total Discovered Tests: 3\n  Unsupported: 2 (66.67%)\n  Passed     : 1 (33.33%)\n", ""),
        ("[  PASSED  ] 10 tests.\n", ""),
        ("[  PASSED  ] 0 tests.\n[  PASSED  ] 1 test.\n", ""),
        ("Total Discovered Tests: 9\n  Passed: 9 (100.00%)\nNo tests were found!!!\n", ""),
        ("100% tests passed, 0 tests failed out of 3\nRan 0 tests in 0.0s\n", ""),
        (TIMES, ""),
    ],
)
def test_a_runner_that_ran_no_test_is_known_by_its_words(tmp_path: Path, text: str, words: str) -> None:
    (one,) = told(tmp_path, f"$ lit x\n{text}")
    assert one.ran_none == words
