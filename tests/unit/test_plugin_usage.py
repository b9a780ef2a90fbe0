"""Bad input: exit code 4, words that help, and nothing lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_llvmgate.plugin import entry
from tests.support.gated import Gated
from tests.support.toy import CONFIG, OTHER_SHA, SHA, make_downstream

USAGE = pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (";rm -rf", "is neither a SHA nor the name of a tag"),
        ("--upload-pack=x", "is neither a SHA nor the name of a tag"),
        ("a" * 41, "has 41 hexadecimal digits, a SHA has 40"),
        ("", "expected a name of the LLVM commit, found nothing"),
        ("abc", "too few to name one commit"),
        ("llvmorg-99.1.0", "is known here"),
        ("main..other", "is neither a SHA nor the name of a tag"),
    ],
)
def test_what_is_no_commit_is_refused(gated: Gated, text: str, words: str) -> None:
    result = gated.run(f"--llvm-sha={text}")
    assert result.ret == USAGE
    assert words in result.stderr.str()


@pytest.mark.parametrize("option", ["--llvm-json=v.json", "--llvm-rerun", "--llvm-config=llvmgate.toml"])
def test_options_of_the_gate_without_a_candidate_are_not_silently_green(gated: Gated, option: str) -> None:
    result = gated.run(option)
    assert result.ret == USAGE
    assert f"{option.partition('=')[0]}: expected a candidate" in result.stderr.str()


def test_every_option_of_the_gate_needs_a_candidate(pytestconfig: pytest.Config) -> None:
    declared = {f"--{name.replace('_', '-')}" for name in vars(pytestconfig.option) if name.startswith("llvm_")}
    assert declared == {"--llvm-sha", *entry._NEED_A_CANDIDATE}


@pytest.mark.parametrize("place", ["html=/", "json=.", "code-quality=utils"])
def test_a_directory_is_no_file_for_a_report(gated: Gated, place: str) -> None:
    result = gated.run("--llvm-sha=pinned", f"--llvm-{place}", "-k", "pins")
    assert result.ret == USAGE
    assert f"--llvm-{place.partition('=')[0]}: expected a file to write, found a directory" in result.stderr.str()


def test_what_addopts_say_waits_for_a_candidate(gated: Gated) -> None:
    """Also words that are no options: ``-k json``."""
    (gated.root / "pytest.ini").write_text("[pytest]\naddopts = --llvm-json=v.json\n")
    assert gated.run("-k", "json").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_configuration_of_nothing(gated: Gated) -> None:
    gated.configure('[llvm]\nsupplier = "prefix"\nprefix = "/opt/{sha}"\n')
    result = gated.run(f"--llvm-sha={SHA}")
    assert result.ret == USAGE
    assert "nothing to gate" in result.stderr.str()


def test_no_configuration(gated: Gated) -> None:
    (gated.root / "llvmgate.toml").unlink()
    result = gated.run("--llvm-sha=pinned")
    assert result.ret == USAGE
    assert "llvmgate init" in result.stderr.str()


def test_broken_toml_is_placed(gated: Gated) -> None:
    (gated.root / "llvmgate.toml").write_text("[llvm]\nsupplier =\n")
    result = gated.run("--llvm-sha=pinned")
    assert result.ret == USAGE
    assert "llvmgate.toml:2" in result.stderr.str()


def test_all_errors_of_the_configuration_are_told_at_once(gated: Gated) -> None:
    (gated.root / "llvmgate.toml").write_text(CONFIG.replace("reader =", "raeder =").replace('"prefix"', '"perfix"'))
    stderr = gated.run("--llvm-sha=pinned").stderr.str()
    assert "2 errors in the configuration" in stderr
    assert "llvmgate.toml:4: pin[0].raeder: unknown key" in stderr
    assert "did you mean 'reader'?" in stderr
    assert "llvmgate.toml:7: llvm.supplier" in stderr


def test_pinned_needs_pins_that_agree(gated: Gated) -> None:
    (gated.root / "second.txt").write_text(OTHER_SHA)
    gated.configure('[[pin]]\nname = "second"\nfile = "second.txt"\nreader = "sha-file"\n' + CONFIG)
    result = gated.run("--llvm-sha=pinned")
    assert result.ret == USAGE
    assert SHA[:12] in result.stderr.str()
    assert OTHER_SHA[:12] in result.stderr.str()


def test_a_directory_that_is_no_repository(gated: Gated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "no-repository"
    bare.mkdir()
    (bare / "llvmgate.toml").write_text(CONFIG)
    monkeypatch.chdir(bare)
    result = gated.run(f"--llvm-sha={SHA}")
    assert result.ret == USAGE
    assert "is not in a git repository" in result.stderr.str()


def test_a_configuration_outside_of_the_rootdir(gated: Gated, tmp_path: Path) -> None:
    other = make_downstream(tmp_path / "other")
    result = gated.run(f"--llvm-sha={SHA}", f"--llvm-config={other / 'llvmgate.toml'}")
    assert result.ret == USAGE
    assert "lies outside pytest's rootdir" in result.stderr.str()


def test_a_second_gate_in_the_same_checkout_is_told_of_the_first(gated: Gated) -> None:
    holder = (
        "from pathlib import Path; import sys, time\n"
        "from pytest_llvmgate.gate.run_directory import Workspace, take_checkout\n"
        f"workspace = Workspace(Path(sys.argv[1]), {SHA!r}); workspace.prepare()\n"
        "with take_checkout(workspace): print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", holder, gated.root], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        first.stdout.readline()
        result = gated.run("--llvm-sha=pinned")
        first.kill()
    assert result.ret == USAGE
    assert f"another gate is at work in this checkout: process {first.pid}" in result.stderr.str()


def test_collecting_needs_no_lock(gated: Gated) -> None:
    gated.run("--llvm-sha=pinned", "--collect-only")
    assert not (gated.root / ".llvmgate").exists()


def test_a_run_directory_that_cannot_be_written(gated: Gated) -> None:
    (gated.root / ".llvmgate").write_text("in the way")
    result = gated.run("--llvm-sha=pinned")
    assert result.ret == USAGE
    assert "the run directory cannot be written" in result.stderr.str()


@pytest.mark.parametrize("tool", ["cmake", "ninja", "c++"])
def test_a_missing_tool_fails_the_stage_that_needs_it(
    gated: Gated, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only_tools(tmp_path / "bin", {"cmake", "ninja", "c++", "git"} - {tool}, monkeypatch)
    result = gated.run("--llvm-sha=pinned", "-k", "pins or static-mhlo_on")
    result.assert_outcomes(passed=1, failed=1, skipped=3, deselected=13)
    expected = "expected a C++ compiler, found none" if tool == "c++" else f"expected {tool} on PATH, found none"
    assert expected in result.stdout.str()


def test_a_tool_that_is_too_old_is_refused(gated: Gated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _only_tools(tmp_path / "bin", {"ninja", "c++", "git"}, monkeypatch)
    old = tmp_path / "bin" / "cmake"
    old.write_text("#!/bin/sh\necho cmake version 3.13.4\n")
    old.chmod(0o755)
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    assert "expected cmake 3.20 or newer, found cmake version 3.13.4" in result.stdout.str()


def test_a_half_installed_llvm_is_named(gated: Gated) -> None:
    exports = gated.root.parent / "llvm/lib/cmake/llvm/LLVMExports-release.cmake"
    exports.write_text(
        "list(APPEND _cmake_import_check_targets LLVMSupport )\n"
        'list(APPEND _cmake_import_check_files_for_LLVMSupport "${_IMPORT_PREFIX}/lib/libLLVMSupport.a" )\n'
    )
    result = gated.run("--llvm-sha=pinned", "-k", "default")
    result.assert_outcomes(failed=1, deselected=17)
    assert "found half of one: 1 files" in result.stdout.str()
    assert "libLLVMSupport.a" in result.stdout.str()


def test_an_llvm_without_a_revision_is_taken_only_on_request(gated: Gated) -> None:
    (gated.root.parent / "llvm/include/llvm/Support/VCSRevision.h").unlink()
    gated.run("--llvm-sha=pinned", "-k", "default").assert_outcomes(failed=1, deselected=17)
    gated.configure(CONFIG.replace('prefix = "../llvm"', 'prefix = "../llvm"\nrevision = "unrecorded"'))
    gated.run("--llvm-sha=pinned", "-k", "default").assert_outcomes(passed=1, deselected=17)


def test_a_shallow_clone_is_gated_like_any_other(gated: Gated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gated.git("commit", "-q", "--allow-empty", "-m", "Second")
    shallow = gated.root.parent / "shallow"
    gated.git("clone", "-q", "--depth=1", f"file://{gated.root}", str(shallow))
    monkeypatch.chdir(shallow)
    gated.run("--llvm-sha=pinned", "-k", "pins or static-mhlo_on").assert_outcomes(passed=5, deselected=13)


def _only_tools(directory: Path, names: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH with nothing but these programs on it; the interpreter's own directory is hidden as well."""
    import shutil

    directory.mkdir()
    for name in names:
        (directory / name).symlink_to(shutil.which(name) or name)
    python = directory.parent / "python" / "python3"
    python.parent.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setattr("pytest_llvmgate.stages.build_tools.sys.executable", str(python))
