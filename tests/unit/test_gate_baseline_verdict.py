"""The baseline's verdict from main's own run, and who may write it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.plugin.option_names import ACTIVE
from tests.support.gated import Gated
from tests.support.toy import CONFIG, OTHER_SHA, commit, make_llvm
from tests.support.web_server import Server, send

PER_SHA = CONFIG.replace('prefix = "../llvm"', 'prefix = "../llvm-{short}"')
SELECTION = ("-k", "static-mhlo_off")


@pytest.fixture
def store(gated: Gated, capsys: pytest.CaptureFixture[str]) -> Path:
    """The verdict of main, where a target fails; the checkout is then at the bump, where it fails as well."""
    for sha in (gated.candidate, OTHER_SHA):
        make_llvm(gated.root.parent / f"llvm-{sha[:12]}", sha)
    gated.configure(PER_SHA)
    (gated.root / "break-core").touch()
    pin(gated, OTHER_SHA)
    verdict = gated.root.parent / "main.json"
    gated.run("--llvm-sha=pinned", f"--llvm-json={verdict}", *SELECTION).assert_outcomes(
        passed=1, failed=1, skipped=2, deselected=14
    )
    kept = gated.root.parent / "store"
    assert main(["report", str(verdict), "--record", str(kept)]) == 1
    assert f"recorded verdicts/{OTHER_SHA}.json" in capsys.readouterr().err
    gated.git("clean", "-fdxq")
    pin(gated, gated.candidate)
    return kept


def pin(gated: Gated, sha: str) -> None:
    script = gated.root / "utils/clone-mlir.sh"
    text = script.read_text()
    for known in (gated.candidate, OTHER_SHA):
        text = text.replace(known, sha)
    script.write_text(text)
    commit(gated.root, f"Move to {sha[:7]}")


def gate(gated: Gated, store: object, *more: str) -> str:
    base = f"--llvm-baseline={OTHER_SHA}"
    result = gated.run("--llvm-sha=pinned", base, f"--llvm-verdicts={store}", *(more or SELECTION))
    return " ".join((result.stdout.str() + result.stderr.str()).split())


def test_what_main_has_too_is_not_from_this_bump_and_nothing_is_run_for_it(gated: Gated, store: Path) -> None:
    said = gate(gated, store)
    assert "not from this bump: the baseline has it, too" in said
    assert "is known from its verdict at " in said
    assert "which is not in this branch's history" not in said
    assert not (gated.root / f".llvmgate/{OTHER_SHA[:12]}").exists()


class Estimate:
    """Sees what the gate knows of durations before anything runs."""

    known: ClassVar[dict[str, float]] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        Estimate.known = dict(session.config.pluginmanager.get_plugin(ACTIVE)._past)  # type: ignore[union-attr]


def test_how_long_it_takes_is_known_from_main_too(gated: Gated, store: Path) -> None:
    arguments = ("--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}", f"--llvm-verdicts={store}", *SELECTION)
    gated.pytester.runpytest_inprocess(*arguments, plugins=[Estimate()])
    assert Estimate.known["static-mhlo_off::configure"] > 0
    assert Estimate.known["static-mhlo_off::build"] > 0


def test_workers_know_it_as_well(gated: Gated, store: Path) -> None:
    result = gated.spawn(
        "--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}", f"--llvm-verdicts={store}", "-n2", *SELECTION
    )
    assert "not from this bump: the baseline has it, too" in result.stdout.str()


def test_a_file_and_a_server_will_do(gated: Gated, store: Path, server: Server) -> None:
    path = store / f"verdicts/{OTHER_SHA}.json"
    assert "not from this bump" in gate(gated, path)
    server.files[f"/x/verdicts/{OTHER_SHA}.json"] = path.read_bytes()
    assert "not from this bump" in gate(gated, f"{server.url}/x", "--llvm-rerun", *SELECTION)


def test_a_server_without_end_is_read_up_to_a_bound(gated: Gated, store: Path, server: Server) -> None:
    server.files[f"/x/verdicts/{OTHER_SHA}.json"] = lambda handler: send(handler, b"{", length=10**15)
    assert "could not be had: " in (said := gate(gated, f"{server.url}/x", "-k", "pins"))
    assert "expected at most 67,108,864 bytes, found more" in said


def change(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_another_llvms_verdict_is_not_used_and_said(gated: Gated, store: Path) -> None:
    path = store / f"verdicts/{OTHER_SHA}.json"
    change(path, candidate={"sha": "3" * 40})
    said = gate(gated, path)
    assert f"is of {'3' * 12}, not of the baseline {OTHER_SHA[:12]}: not used" in said


def test_another_configuration_of_that_name_is_not_compared(gated: Gated, store: Path) -> None:
    path = store / f"verdicts/{OTHER_SHA}.json"
    data = json.loads(path.read_text())
    for each in data["configurations"]:
        each["flavour"] = "other"
    change(path, configurations=data["configurations"])
    assert "not from this bump" not in gate(gated, path)


def test_a_commit_that_is_not_in_this_branch_is_said(gated: Gated, store: Path) -> None:
    path = store / f"verdicts/{OTHER_SHA}.json"
    change(path, downstream=json.loads(path.read_text())["downstream"] | {"commit": "4" * 40})
    said = gate(gated, path)
    assert f"from its verdict at {'4' * 12}, which is not in this branch's history" in said


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("empty", "has no verdict of the baseline 222222222222"),
        ("http://127.0.0.1:9", "the baseline's verdict could not be had: http://127.0.0.1:9/verdicts/"),
    ],
)
def test_without_a_verdict_the_gate_goes_on_and_says_so(
    gated: Gated, store: Path, where: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_llvmgate.llvm.download._LONGEST_PAUSE", 0.0)
    said = gate(gated, where, "-k", "pins")
    assert words in said
    assert "passed" in said


@pytest.mark.parametrize("text", ["", "[]", "{}", "<testsuite/>", '{"candidate": '])
def test_a_file_that_is_no_verdict_is_told_at_the_start(gated: Gated, store: Path, text: str) -> None:
    path = gated.root.parent / "odd.json"
    path.write_text(text)
    result = gated.run("--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}", f"--llvm-verdicts={path}")
    assert result.ret == 4
    assert "odd.json" in result.stderr.str()


@pytest.mark.parametrize("variable", ["GITHUB_HEAD_REF", "CI_MERGE_REQUEST_IID", "CHANGE_ID"])
def test_a_pull_request_records_nothing(
    gated: Gated,
    store: Path,
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, "7")
    before = (store / f"verdicts/{OTHER_SHA}.json").read_bytes()
    assert main(["report", str(gated.root.parent / "main.json"), "--record", str(store)]) == 4
    assert f"this runs for a change that is not merged ({variable})" in capsys.readouterr().err
    assert (store / f"verdicts/{OTHER_SHA}.json").read_bytes() == before


def test_main_reads_nothing(gated: Gated, store: Path) -> None:
    pin(gated, OTHER_SHA)
    (store / f"verdicts/{OTHER_SHA}.json").write_text("not even JSON")
    result = gated.run("--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}", f"--llvm-verdicts={store}", "-k", "pins")
    assert result.ret in {0, 1}
    assert "not even JSON" not in result.stdout.str() + result.stderr.str()


def test_a_tree_with_changes_is_nobodys_baseline(gated: Gated, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = gated.root.parent / "main.json"
    change(verdict, downstream=json.loads(verdict.read_text())["downstream"] | {"dirty": True})
    assert main(["report", str(verdict), "--record", str(store)]) == 4
    assert "a tree with changes that no commit has" in capsys.readouterr().err
