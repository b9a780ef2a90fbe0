"""Probes as processes, on a downstream that builds in milliseconds: exit codes, side by side, interrupted, busy."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.gate.run_directory import Workspace, take_checkout
from tests.support.processes import Marked, marked, wait_for
from tests.support.toy import CMAKE_LISTS, CONFIG, commit, make_downstream, make_llvm
from tests.unit.git_kit import Repo

SHAS = [f"{number}" * 40 for number in range(1, 9)]
"""Commits of LLVM, oldest first; the sixth breaks the toy. The fourth has no install."""
BROKEN = 'if(LLVM_PACKAGE_VERSION VERSION_GREATER_EQUAL 6)\n  message(FATAL_ERROR "{}")\nendif()\n'.format(
    'The dependency target \\"MLIRGone\\" of target \\"x\\" does not exist.'
)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    for number, sha in enumerate(SHAS, 1):
        if number != 4:
            make_llvm(tmp_path / f"llvm-{sha}", sha, version=f"{number}.0.0")
    config = CONFIG.replace('prefix = "../llvm"', 'prefix = "../llvm-{sha}"')
    root = make_downstream(tmp_path / "toy", sha=SHAS[0], config=config)
    (root / "CMakeLists.txt").write_text(CMAKE_LISTS + BROKEN)
    commit(root, "Break with LLVM 6")
    return root


def probe(root: Path, *arguments: str) -> int:
    return main(["probe", "-C", str(root), "--configuration", "static-mhlo_on", *arguments])


@pytest.mark.parametrize(("number", "code"), [(3, 0), (7, 1), (4, 125)])
def test_exit_codes_are_those_of_git_bisect_run(
    toy: Path, number: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert probe(toy, SHAS[number - 1]) == code
    word = {0: "good", 1: "bad", 125: "skip"}[code]
    assert capsys.readouterr().out.startswith(f"{SHAS[number - 1][:12]} {word}: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense!"],
        ["--no-such-option"],
        [SHAS[0], "--stage", "nope"],
        [SHAS[0], "--config", "/nowhere/llvmgate.toml"],
    ],
)
def test_a_mistake_makes_no_commit_bad(toy: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = probe(toy, *arguments)
    except SystemExit as error:
        code = int(error.code or 0)
    assert code >= 128
    assert capsys.readouterr().err


def test_a_configuration_is_named_as_seen_from_the_directory_that_c_names(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (toy / "llvmgate.toml").rename(toy / "other.toml")
    assert probe(toy, SHAS[2], "--config", "other.toml") == 0


def test_a_defect_makes_no_commit_bad(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("pytest_llvmgate.bisect.probing.run_probe", defect)
    assert probe(toy, SHAS[0]) >= 128


def test_only_the_finding_that_is_named_is_bad(toy: Path) -> None:
    assert probe(toy, SHAS[6], "--finding", "cmake-target-missing:MLIRGone") == 1
    assert probe(toy, SHAS[6], "--finding", "header-missing:x.h") == 125
    assert probe(toy, SHAS[6], "--finding", "header-missing:x.h", "--unrelated", "good") == 0


def test_up_to_a_stage(toy: Path, tmp_path: Path) -> None:
    (toy / "break-core").touch()
    commit(toy, "Break the build")
    record = tmp_path / "record.json"
    assert probe(toy, SHAS[0], "--stage", "configure", "--record", str(record)) == 0
    assert [result["stage"] for result in json.loads(record.read_text())["results"]] == ["default", "configure"]
    assert probe(toy, SHAS[0], "--stage", "build") == 1


def test_a_busy_checkout_is_no_verdict(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = Workspace(toy, SHAS[0])
    workspace.prepare()
    with take_checkout(workspace):
        assert probe(toy, SHAS[0]) >= 128
        assert main(["bisect", "-C", str(toy), "--over", ",".join(SHAS)]) == 4
    assert "another gate is at work" in capsys.readouterr().err


def test_git_says_which_commit(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = Repo(tmp_path / "llvm-project")
    sha = clone.commit(message="one")
    monkeypatch.chdir(clone.path)
    assert probe(toy) == 125  # there is no install of it
    make_llvm(tmp_path / f"llvm-{sha}", sha)
    assert probe(toy) == 1  # a version above 6
    monkeypatch.chdir(toy)
    assert main(["probe"]) >= 128


def bisect(root: Path, *arguments: str) -> int:
    words = ["bisect", "-C", str(root), "--over", ",".join(SHAS), "--configuration", "static-mhlo_on"]
    return main([*words, *arguments])


def test_a_list_of_installs_is_searched_by_real_probes_two_at_a_time(
    toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, log = tmp_path / "result.json", tmp_path / "log"
    before = toy / f".llvmgate/{SHAS[4][:12]}/static-mhlo_on/build"
    before.mkdir(parents=True)
    assert bisect(toy, "-n", "2", "--json", str(result), "--log", str(log)) == 0
    data = json.loads(result.read_text())
    assert (data["last_good"]["sha"], data["first_bad"]["sha"]) == (SHAS[4], SHAS[5])
    assert data["wanted"]["identifier"] == "MLIRGone"
    assert f"bad {SHAS[5]}" in log.read_text()
    out = capsys.readouterr()
    assert "first bad commit: 666666666666" in out.out
    assert "Traceback" not in out.err
    kept = {path.parent.parent.name for path in toy.glob(".llvmgate/*/static-mhlo_on/build")}
    # The ends, and what was there before; what others built is gone, their logs are not.
    assert kept == {SHAS[0][:12], SHAS[4][:12], SHAS[7][:12]}
    assert len(list(toy.glob(".llvmgate/*/static-mhlo_on/logs/configure.log"))) == data["counts"]["probes"] - (
        SHAS[3] in {line["commit"]["sha"] for line in data["probes"]}
    )


@pytest.fixture
def upstream(toy: Path, tmp_path: Path) -> list[str]:
    """A clone of llvm-project with four commits, the third of which breaks the toy; the pin is the first."""
    clone = Repo(tmp_path / "llvm-project")
    shas = [clone.commit(message=f"commit {number}") for number in range(1, 5)]
    for number, sha in enumerate(shas, 1):
        make_llvm(tmp_path / f"llvm-{sha}", sha, version="5.0.0" if number < 3 else "7.0.0")
    config = (toy / "llvmgate.toml").read_text()
    (toy / "llvmgate.toml").write_text(config.replace("[llvm]\n", '[llvm]\nrepository = "../llvm-project"\n'))
    (toy / "utils/clone-mlir.sh").write_text(f"cd llvm-project && git checkout {shas[0]} && cd ..\n")
    commit(toy, "Another pin")
    return shas


def test_from_the_pin_to_upstream_s_head(toy: Path, upstream: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    words = ["bisect", "-C", str(toy), "--configuration", "static-mhlo_on", "--stage", "build"]
    assert main(words) == 0
    assert f"first bad commit: {upstream[2][:12]}" in capsys.readouterr().out
    assert main([*words, f"..{upstream[1]}"]) == 1
    assert "not bad at the bad end" in capsys.readouterr().out


def test_a_watch_probes_one_commit_a_call(toy: Path, upstream: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    words = ["watch", "-C", str(toy), "--configuration", "static-mhlo_on", "--stage", "configure"]
    for calls in range(1, 5):
        assert main(words) == 0
        page = json.loads((toy / ".llvmgate/watch/status.json").read_text())
        assert len(page["watch"]["seen"]) == calls
    assert [page["recent"][side][0]["sha1"] for side in ("succeeded", "failed")] == upstream[1:3]
    assert "Nothing to do until upstream moves." in capsys.readouterr().out


def start(toy: Path, mark: Marked) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "pytest_llvmgate", "bisect", "--over", ",".join(SHAS), "--any", "--stage", "build"]
    return subprocess.Popen(
        [*words, "--configuration", "static-mhlo_on"], cwd=toy, env=mark.env, stderr=subprocess.DEVNULL, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_ended_search_leaves_no_process_and_goes_on_later(toy: Path, number: signal.Signals) -> None:
    (toy / "slow").touch()
    commit(toy, "A build that takes a minute")
    with marked() as mark:
        running = start(toy, mark)
        log = toy / f".llvmgate/{SHAS[0][:12]}/static-mhlo_on/logs/build.log"
        assert wait_for(log.is_file, 30)
        running.send_signal(number)
        assert running.wait(20) == (-number if number is signal.SIGKILL else 130)
        assert mark.gone(within=15)
    state = next(toy.glob(".llvmgate/bisect/*/state.json"))
    assert [step["sha"] for step in json.loads(state.read_text())["steps"]] == [SHAS[7]]  # it failed before the build


def test_a_probe_that_dies_is_trouble_of_the_machine(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_llvmgate.bisect import workers

    original = workers.ProbeCommand.words

    def deadly(self: workers.ProbeCommand, sha: str) -> list[str]:
        killed = [sys.executable, "-c", "import os; print('so long', flush=True); os.kill(os.getpid(), 9)"]
        return killed if sha == SHAS[7] else original(self, sha)

    monkeypatch.setattr(workers.ProbeCommand, "words", deadly)
    assert bisect(toy) == 125
