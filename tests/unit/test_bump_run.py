"""``[bump] run``: what follows a move of the pins, whose word it is, and the stage that holds a tree against it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.gated import Gated
from tests.support.toy import CONFIG, OTHER_SHA, SHA, commit

WRITE = """\
import os, pathlib, subprocess, sys
pathlib.Path("lock.txt").write_text(sys.argv[1] + "\\n")
pathlib.Path("seen.txt").write_text(os.environ.get("MY_TOKEN", "none") + "\\n")
pathlib.Path("git.txt").write_bytes(subprocess.run(["git", "ls-files", "utils"], capture_output=True).stdout)
"""


def command(*words: str) -> str:
    inner = ", ".join(f'"{word}"' for word in (sys.executable, *words))
    return f"\n[bump]\nrun = [[{inner}]]\n"


RUN = command("tools/write.py", "{short}")


@pytest.fixture
def locked(gated: Gated) -> Gated:
    """The toy with a file that follows its pin; what the target branch has."""
    (gated.root / "tools").mkdir()
    (gated.root / "tools/write.py").write_text(WRITE)
    for name, text in (("lock.txt", f"{SHA[:12]}\n"), ("seen.txt", "none\n"), ("git.txt", "utils/clone-mlir.sh\n")):
        (gated.root / name).write_text(text)
    gated.configure(CONFIG + RUN)
    return gated


def test_a_tree_that_is_as_the_commands_leave_it_passes(locked: Gated) -> None:
    result = locked.run("--llvm-sha=pinned", "-k", "regenerate")
    result.assert_outcomes(passed=1, deselected=18)
    assert locked.git("status", "--porcelain") == ""


def test_a_tree_that_they_change_fails_and_stays_as_it_is(locked: Gated) -> None:
    (locked.root / "lock.txt").write_text("old\n")
    commit(locked.root, "Forget the lock")
    result = locked.run("--llvm-sha=pinned", "-k", "regenerate")
    result.assert_outcomes(failed=1, deselected=18)
    result.stdout.fnmatch_lines(["*changes lock.txt: run the commands*"])
    assert (locked.root / "lock.txt").read_text() == "old\n"
    assert "+111111111111" in locked.log("static-mhlo_on", "regenerate").read_text()


def test_a_file_that_is_not_there_counts_and_an_ignored_one_does_not(locked: Gated) -> None:
    (locked.root / ".gitignore").write_text("seen.txt\n")
    locked.git("rm", "-q", "--cached", "seen.txt")
    (locked.root / "seen.txt").unlink()
    commit(locked.root, "Ignore one")
    locked.run("--llvm-sha=pinned", "-k", "regenerate").assert_outcomes(passed=1, deselected=18)
    locked.git("rm", "-q", "git.txt")
    commit(locked.root, "Forget one")
    locked.run("--llvm-sha=pinned", "-k", "regenerate").assert_outcomes(failed=1, deselected=18)


def test_the_commands_see_no_token(locked: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "secret")
    locked.run("--llvm-sha=pinned", "-k", "regenerate").assert_outcomes(passed=1, deselected=18)


def test_a_command_that_fails_fails_the_stage(gated: Gated) -> None:
    gated.configure(CONFIG + command("-c", "raise SystemExit(3)"))
    result = gated.run("--llvm-sha=pinned", "-k", "regenerate")
    result.stdout.fnmatch_lines(["*failed (exit code 3)*"])


def test_what_a_change_brings_along_is_not_run(locked: Gated) -> None:
    locked.git("checkout", "-q", "-b", "topic")
    locked.configure(CONFIG + command("-c", "import pathlib; pathlib.Path('lock.txt').write_text('mine')"))
    result = locked.run("--llvm-sha=pinned", "-k", "regenerate")
    result.assert_outcomes(passed=1, deselected=18)
    result.stdout.fnmatch_lines(["note: *counts as it is at * not as this change has it*"])
    assert main(["bump", "-C", str(locked.root), OTHER_SHA]) == 0
    assert (locked.root / "lock.txt").read_text() == f"{OTHER_SHA[:12]}\n"


def test_where_nothing_tells_the_target_nothing_is_run(locked: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    locked.git("branch", "-q", "-m", "main", "trunk")
    assert main(["bump", "-C", str(locked.root), OTHER_SHA]) == 0
    assert "nothing tells which branch" in capsys.readouterr().out
    assert (locked.root / "lock.txt").read_text() == f"{SHA[:12]}\n"


def test_bump_runs_them_after_the_pins_have_moved(locked: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bump", "-C", str(locked.root), OTHER_SHA]) == 0
    assert "tools/write.py 222222222222" in capsys.readouterr().out
    assert (locked.root / "lock.txt").read_text() == "222222222222\n"


def test_bump_leaves_them_out_on_request(locked: Gated) -> None:
    assert main(["bump", "-C", str(locked.root), OTHER_SHA, "--no-run"]) == 0
    assert (locked.root / "lock.txt").read_text() == f"{SHA[:12]}\n"


def test_bump_says_what_a_failing_command_printed(gated: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    gated.configure(CONFIG + command("-c", "print('no network'); raise SystemExit(3)"))
    assert main(["bump", "-C", str(gated.root), OTHER_SHA]) == 4
    told = capsys.readouterr().err
    assert "no network" in told
    assert "exit code 3" in told
    assert OTHER_SHA in Path(gated.root / "utils/clone-mlir.sh").read_text()
