"""What a session with a candidate tests, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.gated import Gated
from tests.support.toy import CONFIG, OTHER_SHA, SHA, commit, make_llvm


def test_every_stage_is_a_test_with_a_stable_id(gated: Gated) -> None:
    lines = gated.run("--llvm-sha=pinned", "--collect-only", "-q").outlines
    assert lines[:11] == [
        "llvmgate.toml::pins::llvm-project",
        "llvmgate.toml::llvm::default",
        "llvmgate.toml::static-mhlo_on::configure",
        "llvmgate.toml::static-mhlo_on::build",
        "llvmgate.toml::static-mhlo_on::install",
        "llvmgate.toml::static-mhlo_on::check",
        "llvmgate.toml::static-mhlo_off::configure",
        "llvmgate.toml::static-mhlo_off::build",
        "llvmgate.toml::static-mhlo_off::install",
        "llvmgate.toml::static-mhlo_off::check",
        "llvmgate.toml::shared-mhlo_on::configure",
    ]


def test_a_good_downstream_passes_whole(gated: Gated) -> None:
    result = gated.run("--llvm-sha=pinned")
    result.assert_outcomes(passed=18)
    result.stdout.fnmatch_lines(
        ["*llvmgate*", f"candidate   {SHA}", "shared-mhlo_off * ok *", f"{SHA[:12]} passes: 18 of 18"]
    )


def test_without_a_candidate_nothing_is_collected(gated: Gated) -> None:
    assert gated.run().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_second_run_repeats_nothing(gated: Gated) -> None:
    gated.run("--llvm-sha=pinned").assert_outcomes(passed=18)
    before = gated.log("static-mhlo_on", "check").stat().st_mtime_ns
    result = gated.run("--llvm-sha=pinned")
    result.assert_outcomes(passed=18)
    result.stdout.fnmatch_lines(["static-mhlo_on   unchanged  unchanged  unchanged  unchanged"])
    assert gated.log("static-mhlo_on", "check").stat().st_mtime_ns == before


def test_rerun_repeats_everything(gated: Gated) -> None:
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    before = gated.log("static-mhlo_on", "check").stat().st_mtime_ns
    gated.run("--llvm-sha=pinned", "--llvm-rerun", "-k", "static-mhlo_on").assert_outcomes(passed=4, deselected=14)
    assert gated.log("static-mhlo_on", "check").stat().st_mtime_ns > before


@pytest.mark.parametrize("change", ["make.cmake", "untracked.txt"])
def test_a_change_of_the_tree_runs_the_stages_again(gated: Gated, change: str) -> None:
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    path = gated.root / change
    path.write_text((path.read_text() if path.exists() else "") + "\n# changed\n")
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    assert "unchanged" not in result.stdout.str()


def test_a_failure_leaves_the_stages_after_it_undecided(gated: Gated) -> None:
    (gated.root / "break-shared-mhlo").touch()
    result = gated.run("--llvm-sha=pinned", "-rs")
    result.assert_outcomes(passed=15, failed=1, skipped=2)
    result.stdout.fnmatch_lines(["SKIPPED*llvmgate.toml:*shared-mhlo_on::build failed*"])


def test_a_selection_that_leaves_out_the_failure_does_not_pass(gated: Gated) -> None:
    (gated.root / "break-core").touch()
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off and check")
    result.assert_outcomes(skipped=1, deselected=17)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "is undecided" in result.stdout.str()
    assert "static-mhlo_off::build failed outside this selection" in " ".join(result.stdout.str().split())


def test_the_pattern_of_a_failure_is_told(gated: Gated) -> None:
    (gated.root / "break-shared-mhlo").touch()
    gated.run("--llvm-sha=pinned").stdout.fnmatch_lines(["build breaks only with linkage=shared and mhlo=on"])


def test_one_axis_that_explains_everything_is_told_alone(gated: Gated) -> None:
    (gated.root / "break-mhlo").touch()
    gated.run("--llvm-sha=pinned").stdout.fnmatch_lines(["build breaks only with mhlo=on"])


def test_a_failed_build_shows_error_log_and_what_was_not_reached(gated: Gated) -> None:
    (gated.root / "break-core").touch()
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off")
    log = ".llvmgate/111111111111/static-mhlo_off/logs/build.log"
    result.stdout.fnmatch_lines(["*no member named 'gone'*", f"*complete log: {log}"])
    assert "was not reached" in result.stdout.str() or "were not reached" in result.stdout.str()
    assert "no member named 'gone'" in (gated.root / log).read_text()


def test_every_failure_of_a_build_is_collected(gated: Gated) -> None:
    (gated.root / "break-core").touch()
    (gated.root / "break-mhlo").touch()
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    assert gated.log("static-mhlo_on", "build").read_text().count("no member named 'gone'") == 2


def test_a_failed_stage_is_tried_again(gated: Gated) -> None:
    (gated.root / "break-core").touch()
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off").assert_outcomes(
        passed=1, failed=1, skipped=2, deselected=14
    )
    (gated.root / "break-core").unlink()
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off").assert_outcomes(passed=4, deselected=14)


def test_a_single_stage_brings_its_prerequisites_with_it(gated: Gated) -> None:
    result = gated.run("--llvm-sha=pinned", "llvmgate.toml::shared-mhlo_off::check")
    result.assert_outcomes(passed=1)
    assert "shared=ON" in gated.log("shared-mhlo_off", "check").read_text()


def test_last_failed_runs_only_what_failed(gated: Gated) -> None:
    (gated.root / "break-shared-mhlo").touch()
    gated.run("--llvm-sha=pinned")
    result = gated.run("--llvm-sha=pinned", "--lf", "-v")
    result.assert_outcomes(failed=1)


def test_tests_in_any_order_give_the_same_outcomes(gated: Gated) -> None:
    (gated.root / "conftest.py").write_text("def pytest_collection_modifyitems(items):\n    items.reverse()\n")
    (gated.root / "break-shared-mhlo").touch()
    gated.run("--llvm-sha=pinned").assert_outcomes(passed=15, failed=1, skipped=2)


def test_an_llvm_of_another_revision_fails_and_stops_the_builds(gated: Gated) -> None:
    make_llvm(gated.root.parent / "llvm", OTHER_SHA)
    result = gated.run("--llvm-sha=pinned")
    result.assert_outcomes(passed=1, failed=1, skipped=16)
    result.stdout.fnmatch_lines([f"*expected an LLVM of revision {SHA}, found {OTHER_SHA}*"])


def test_the_effect_of_a_missing_option_is_a_failure(gated: Gated) -> None:
    gated.configure(CONFIG.replace("TOY_MHLO", "TOY_MHLOO"))
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    result.assert_outcomes(failed=1, skipped=3, deselected=14)
    result.stdout.fnmatch_lines(["*TOY_MHLOO=ON is no option of this project*", "*did you mean TOY_MHLO?"])


def test_two_configurations_that_are_the_same_build_fail(gated: Gated) -> None:
    gated.configure(CONFIG.replace("TOY_MHLO", "TOY_IDLE"))
    result = gated.run("--llvm-sha=pinned")
    result.assert_outcomes(passed=10, failed=2, skipped=6)
    result.stdout.fnmatch_lines(["*CMake made the same build as for static-mhlo_on: mhlo changed nothing*"])


def test_a_compiler_may_be_named_without_its_directory(gated: Gated) -> None:
    lists = gated.root / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace("LANGUAGES NONE", "LANGUAGES CXX"))
    gated.configure(CONFIG.replace("[build]\n", '[build]\ncmake = { CMAKE_CXX_COMPILER = "c++" }\n'))
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on and configure").assert_outcomes(passed=1, deselected=17)


def test_an_option_that_the_project_overwrites_fails(gated: Gated) -> None:
    lists = gated.root / "CMakeLists.txt"
    lists.write_text(lists.read_text() + 'set(BUILD_SHARED_LIBS OFF CACHE BOOL "" FORCE)\n')
    result = gated.run("--llvm-sha=pinned", "-k", "shared-mhlo_on")
    result.stdout.fnmatch_lines(["*BUILD_SHARED_LIBS was set to ON, and is OFF in CMakeCache.txt*"])


def test_another_llvm_than_the_verified_one_fails(gated: Gated) -> None:
    other = make_llvm(gated.root.parent / "other", OTHER_SHA)
    lists = gated.root / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace("find_package", f'set(LLVM_DIR "{other}/lib/cmake/llvm")\nfind_package'))
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    result.stdout.fnmatch_lines(["*CMake took another LLVM than the candidate's: *other/lib/cmake/llvm*"])


@pytest.mark.parametrize("above", ["", "/..", "/../../.."])
def test_a_project_that_prints_a_directory_above_the_package_has_not_taken_another_llvm(
    gated: Gated, above: str
) -> None:
    lists = gated.root / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace("in: ${LLVM_DIR}", f"in: ${{LLVM_DIR}}{above}"))
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on and configure").assert_outcomes(passed=1, deselected=17)


def ask_for_clang(gated: Gated) -> Path:
    """Have the downstream ask for Clang, where CMake finds the one of another LLVM; that install."""
    other = make_llvm(gated.root.parent / "other", OTHER_SHA)
    make_clang(other)
    lists = gated.root / "CMakeLists.txt"
    asks = 'find_package(Clang REQUIRED CONFIG)\nmessage(STATUS "Using LLVM'
    lists.write_text(lists.read_text().replace('message(STATUS "Using LLVM', asks))
    gated.configure(CONFIG.replace("[build]\n", f'[build]\ncmake = {{ CMAKE_PREFIX_PATH = "{other}" }}\n'))
    return other


def make_clang(llvm: Path) -> None:
    """A Clang which brings the LLVM of its install along, as ``ClangConfig.cmake`` does."""
    package = llvm / "lib/cmake/clang"
    package.mkdir(parents=True)
    brings = 'get_filename_component(LLVM_DIR "${CMAKE_CURRENT_LIST_DIR}/../llvm" ABSOLUTE)\n'
    (package / "ClangConfig.cmake").write_text(brings + 'set(LLVM_DIR "${LLVM_DIR}" CACHE PATH "" FORCE)\n')


def test_clang_is_taken_from_the_candidate(gated: Gated) -> None:
    other = ask_for_clang(gated)
    make_clang(gated.root.parent / "llvm")
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on and configure").assert_outcomes(passed=1, deselected=17)
    assert (
        str(other / "lib/cmake/clang")
        not in (gated.log("static-mhlo_on", "configure").parents[1] / "build/CMakeCache.txt").read_text()
    )


def test_an_llvm_that_came_with_a_clang_which_the_candidate_lacks_is_told_as_that(gated: Gated) -> None:
    other = ask_for_clang(gated)
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on and configure")
    result.stdout.fnmatch_lines(
        [
            f"*CMake took another LLVM than the candidate's: {other}/lib/cmake/llvm*",
            f"*-> it came with Clang, *{gated.root.parent}/llvm does not have*install the candidate with Clang*",
        ]
    )


def test_an_llvm_taken_because_the_candidate_has_not_the_version_asked_for_is_told_as_that(gated: Gated) -> None:
    other = make_llvm(gated.root.parent / "other", OTHER_SHA)
    (other / "lib/cmake/llvm/LLVMConfigVersion.cmake").write_text("set(PACKAGE_VERSION_COMPATIBLE 1)\n")
    make_llvm(gated.root.parent / "llvm", version="19.1.7")
    lists = gated.root / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace("(LLVM REQUIRED", "(LLVM 22.1 REQUIRED"))
    gated.configure(CONFIG.replace("[build]\n", f'[build]\ncmake = {{ CMAKE_PREFIX_PATH = "{other}" }}\n'))
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on and configure")
    result.stdout.fnmatch_lines(
        [
            "*CMake took another LLVM than the candidate's*",
            "*-> CMakeLists.txt:3: the project asks for LLVM 22.1; this is 19.1.7, which CMake does not take*further*",
        ]
    )


def test_a_check_command_that_is_not_there_is_named(gated: Gated) -> None:
    gated.configure(CONFIG.replace('"cmake", "-E", "cat"', '"{install}/bin/toy-opt"'))
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    result.assert_outcomes(passed=3, failed=1, deselected=14)
    result.stdout.fnmatch_lines(["*check command not found: *install/bin/toy-opt*"])


def test_a_stage_that_takes_too_long_is_stopped(gated: Gated) -> None:
    gated.configure(CONFIG + "\n[timeouts]\nbuild = 1\n")
    (gated.root / "slow").touch()
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off")
    result.assert_outcomes(passed=1, failed=1, skipped=2, deselected=14)
    result.stdout.fnmatch_lines(["*stopped after its time-out of 1 s*"])


def test_the_run_directory_is_invisible_to_git(gated: Gated) -> None:
    gated.run("--llvm-sha=pinned", "-k", "pins")
    assert gated.git("status", "--porcelain") == ""


def test_pins_that_are_not_the_candidate_fail_with_the_table(gated: Gated) -> None:
    result = gated.run(f"--llvm-sha={OTHER_SHA}", "-k", "pins")
    result.assert_outcomes(failed=1, deselected=17)
    result.stdout.fnmatch_lines([f"*expected {OTHER_SHA[:12]}, found {SHA[:12]}*", "*utils/clone-mlir.sh:1*"])


def test_pins_may_be_compared_with_each_other_instead(gated: Gated) -> None:
    gated.run(f"--llvm-sha={OTHER_SHA}", "--llvm-pins=agree", "-k", "pins").assert_outcomes(passed=1, deselected=17)


def test_the_baseline_is_the_pin_of_the_target_branch(gated: Gated) -> None:
    gated.git("switch", "-q", "-c", "bump")
    script = gated.root / "utils/clone-mlir.sh"
    script.write_text(script.read_text().replace(SHA, OTHER_SHA))
    commit(gated.root, "Move LLVM")
    result = gated.run("--llvm-sha=pinned", "-k", "pins")
    result.stdout.fnmatch_lines([f"candidate   {OTHER_SHA}", f"baseline    {SHA}"])


def test_the_configuration_may_stand_in_pyproject(gated: Gated) -> None:
    (gated.root / "llvmgate.toml").unlink()
    table = CONFIG.replace("[[pin]]", "[[tool.llvmgate.pin]]").replace("\n[", "\n[tool.llvmgate.")
    (gated.root / "pyproject.toml").write_text(table.replace("[tool.llvmgate.[", "[["))
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    result.assert_outcomes(passed=4, deselected=14)


def test_verdict_is_kept_as_json(gated: Gated) -> None:
    gated.run("--llvm-sha=pinned", "-k", "pins")
    text = (gated.root / ".llvmgate/111111111111/verdict.json").read_text()
    assert f'"sha": "{SHA}"' in text


def test_a_torn_record_is_no_record(gated: Gated) -> None:
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    record = gated.root / ".llvmgate/111111111111/static-mhlo_on/records/build.json"
    record.write_text(record.read_text()[:40])
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on").assert_outcomes(passed=4, deselected=14)
    assert Path(record).read_text().endswith("}\n")
