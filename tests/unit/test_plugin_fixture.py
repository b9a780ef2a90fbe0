"""``llvm_build``: a downstream's own tests, once per configuration."""

from __future__ import annotations

from tests.support.gated import Gated

OWN_TEST = """\
def test_own(llvm_build):
    core = llvm_build.install_dir / "share" / "core.txt"
    shared = llvm_build.options["linkage"] == "shared"
    assert core.read_text().strip() == f"shared={'ON' if shared else 'OFF'}"
    assert (llvm_build.llvm_dir / "lib/cmake/llvm/LLVMConfig.cmake").is_file()
    assert (llvm_build.build_dir / "build.ninja").is_file()
    assert llvm_build.candidate.sha == "1" * 40
"""


def _write(gated: Gated) -> None:
    (gated.root / "tests").mkdir()
    (gated.root / "tests/test_own.py").write_text(OWN_TEST)


def test_it_runs_once_per_configuration(gated: Gated) -> None:
    _write(gated)
    result = gated.run("--llvm-sha=pinned", "tests", "-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["tests/test_own.py::test_own?shared-mhlo_on? PASSED*"])


def test_it_builds_what_it_needs_by_itself(gated: Gated) -> None:
    _write(gated)
    gated.run("--llvm-sha=pinned", "tests", "-k", "static-mhlo_off").assert_outcomes(passed=1, deselected=3)
    assert gated.log("static-mhlo_off", "install").is_file()
    assert not gated.log("shared-mhlo_on", "configure").exists()


def test_it_is_skipped_where_the_build_failed(gated: Gated) -> None:
    _write(gated)
    (gated.root / "break-shared-core").touch()
    result = gated.run("--llvm-sha=pinned", "tests", "-rs")
    result.assert_outcomes(passed=2, skipped=2)
    result.stdout.fnmatch_lines(["*shared-mhlo_on::install skipped: shared-mhlo_on::build failed*"])


def test_it_is_skipped_without_a_candidate(gated: Gated) -> None:
    _write(gated)
    result = gated.run("tests", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs a candidate: --llvm-sha=SHA*"])


def test_testpaths_and_the_gate_run_together(gated: Gated) -> None:
    _write(gated)
    (gated.root / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    gated.run("--llvm-sha=pinned").assert_outcomes(passed=22)


def test_own_tests_and_stages_share_workers_in_peace(gated: Gated) -> None:
    _write(gated)
    (gated.root / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    gated.spawn("--llvm-sha=pinned", "-n2").assert_outcomes(passed=22)
