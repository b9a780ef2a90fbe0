"""What the baseline has, too, is not from this bump; the downstream's own advice; the report files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llvmgate.plugin.option_names import FORMS
from tests.support.gated import Gated
from tests.support.toy import CONFIG, OTHER_SHA, make_llvm

PER_SHA = CONFIG.replace('prefix = "../llvm"', 'prefix = "../llvm-{short}"')


def _two_llvms(gated: Gated) -> None:
    for sha in (gated.candidate, OTHER_SHA):
        make_llvm(gated.root.parent / f"llvm-{sha[:12]}", sha)
    gated.configure(PER_SHA)


def test_a_failure_that_the_baseline_has_is_marked(gated: Gated) -> None:
    _two_llvms(gated)
    (gated.root / "break-core").touch()
    result = gated.run("--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}", "-k", "static-mhlo_off")
    result.assert_outcomes(passed=1, failed=1, skipped=2, deselected=14)
    result.stdout.fnmatch_lines(["*not from this bump: the baseline has it, too*"])
    assert gated.log("static-mhlo_off", "build", OTHER_SHA).is_file()


def test_one_install_that_may_be_anybody_s_is_not_taken_for_the_baseline_s_too(gated: Gated) -> None:
    make_llvm(gated.root.parent / "llvm", None)
    gated.configure(CONFIG.replace('prefix = "../llvm"', 'prefix = "../llvm"\nrevision = "unrecorded"'))
    (gated.root / "break-core").touch()
    result = gated.run("--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}", "-k", "static-mhlo_off")
    result.assert_outcomes(passed=1, failed=1, skipped=2, deselected=14)
    assert "not from this bump" not in result.stdout.str()
    result.stdout.fnmatch_lines(["note: the baseline was not built: *"])
    assert not gated.log("static-mhlo_off", "build", OTHER_SHA).exists()


def test_what_was_not_reached_is_said_of_a_failure_that_the_baseline_has(gated: Gated) -> None:
    _two_llvms(gated)
    (gated.root / "break-core").touch()
    with (gated.root / "CMakeLists.txt").open("a") as lists:
        lists.write("add_custom_command(OUTPUT late COMMAND ${CMAKE_COMMAND} -E touch late DEPENDS core.txt)\n")
        lists.write("add_custom_target(behind ALL DEPENDS late)\n")
    result = gated.run("--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}", "-k", "static-mhlo_off")
    result.stdout.fnmatch_lines(["*not from this bump*", "*build edges were not reached*"])


def test_a_failure_that_is_new_is_not_marked(gated: Gated) -> None:
    _two_llvms(gated)
    make = gated.root / "make.cmake"
    make.write_text(make.read_text().replace("/break-${NAME}", "/break-${NAME}-${LLVM}"))
    lists = gated.root / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace("-DNAME=", "-DLLVM=${LLVM_REVISION_SHORT} -DNAME="))
    gated.configure(PER_SHA + '\n[build.cmake]\nLLVM_REVISION_SHORT = "{llvm}"\n')
    lists.write_text(
        lists.read_text().replace("project(toy", 'set(LLVM_REVISION_SHORT "" CACHE STRING "")\nproject(toy')
    )
    make.write_text(
        make.read_text().replace("if(EXISTS", 'if(LLVM MATCHES "1111" AND NAME STREQUAL "core" OR EXISTS', 1)
    )
    result = gated.run("--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}", "-k", "static-mhlo_off")
    result.assert_outcomes(passed=1, failed=1, skipped=2, deselected=14)
    assert "not from this bump" not in result.stdout.str()


def test_what_fails_on_the_baseline_before_is_no_news_of_the_candidate(gated: Gated) -> None:
    _two_llvms(gated)
    gated.configure(PER_SHA + '\n[build.cmake]\nTOY_LLVM = "{llvm}"\n')
    lists = gated.root / "CMakeLists.txt"
    refusal = f'if(TOY_LLVM MATCHES "{OTHER_SHA[:12]}")\n  message(FATAL_ERROR "too old")\nendif()\n'
    lists.write_text(f"{lists.read_text()}{refusal}")
    (gated.root / "break-core").touch()
    result = gated.run("--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}", "-k", "static-mhlo_off and build")
    result.assert_outcomes(failed=1, deselected=17)
    assert gated.log("static-mhlo_off", "configure", OTHER_SHA).is_file()
    assert "has failed" not in result.stdout.str()


def test_the_downstream_may_add_its_own_advice(gated: Gated) -> None:
    gated.configure(
        f'{CONFIG}\n[[advice]]\nmatch = "gone"\ntext = "ask in #compilers"\nlink = "https://example.com/wiki"\n'
    )
    (gated.root / "break-core").touch()
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off")
    assert "ask in #compilers" in result.stdout.str()


def test_reports_are_written_where_asked_and_do_not_change_the_tree(gated: Gated) -> None:
    arguments = ("--llvm-sha=pinned", *(f"--llvm-{form}=v.{form}" for form in FORMS), "-k", "static-mhlo_on")
    gated.run(*arguments)
    result = gated.run(*arguments)
    assert "unchanged" in result.stdout.str()
    assert json.loads((gated.root / "v.json").read_text())["candidate"]["sha"] == gated.candidate
    assert (gated.root / "v.html").read_text().startswith("<!doctype html>")


def test_a_report_file_that_cannot_be_written_loses_nothing_else(gated: Gated) -> None:
    result = gated.run("--llvm-sha=pinned", "--llvm-json=/dev/null/v.json", "-k", "pins")
    result.assert_outcomes(passed=1, deselected=17)
    result.stdout.fnmatch_lines(["*v.json could not be written*"])


def test_github_gets_annotations_and_a_summary(gated: Gated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (gated.root / "break-core").touch()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", f"{tmp_path}/summary.md")
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off")
    result.stdout.fnmatch_lines(["::error title=*file=make.cmake,line=*"])
    assert "| configuration |" in (tmp_path / "summary.md").read_text(encoding="utf-8")
