"""Stages that end well because they had nothing to do."""

from __future__ import annotations

import pytest

from tests.support.gated import Gated
from tests.support.toy import CMAKE_LISTS, CONFIG, commit

_BUILD = "llvmgate.toml::static-mhlo_on::build"
_NO_TARGET = CMAKE_LISTS.replace("add_custom_target(toy ALL DEPENDS ${outputs})", "")


def test_a_build_without_a_command_does_not_pass(gated: Gated) -> None:
    (gated.root / "CMakeLists.txt").write_text(_NO_TARGET)
    commit(gated.root, "Leave the target out")
    result = gated.run("--llvm-sha=pinned", _BUILD)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*nothing was built*"])


def test_a_project_of_headers_alone_has_nothing_to_build(gated: Gated) -> None:
    (gated.root / "CMakeLists.txt").write_text(
        f"{_NO_TARGET}add_custom_target(intrinsics_gen)\nadd_library(toy INTERFACE)\n"
    )
    commit(gated.root, "Headers alone")
    gated.run("--llvm-sha=pinned", _BUILD).assert_outcomes(passed=1)


def test_a_build_with_nothing_left_to_do_passes(gated: Gated) -> None:
    gated.run("--llvm-sha=pinned", _BUILD).assert_outcomes(passed=1)
    (gated.root / "README.md").write_text("Another state of the sources, and the same build.\n")
    gated.run("--llvm-sha=pinned", _BUILD).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (
            '["ctest", "--test-dir", "{build}"]',
            "note: check of static-mhlo_on: no test was run by ctest (No tests were found!!!)",
        ),
        ('["cmake", "-E", "true"]', ""),
    ],
)
def test_a_check_that_ran_no_test_is_noted(gated: Gated, command: str, told: str) -> None:
    gated.configure(CONFIG[: CONFIG.rindex("check = ")] + f"check = [{command}]\n")
    result = gated.run("--llvm-sha=pinned", "llvmgate.toml::static-mhlo_on::check")
    result.assert_outcomes(passed=1)
    if told:
        result.stdout.fnmatch_lines([told])
    else:
        result.stdout.no_fnmatch_line("*no test was run*")
