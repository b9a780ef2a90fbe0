"""The run directory is the gate's own, or it is refused: nothing in it is followed, believed or removed for another."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from git_kit import A, Repo

from pytest_llvmgate.codec import dumps
from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.gate import seal
from pytest_llvmgate.gate.progress import forget
from pytest_llvmgate.gate.run_directory import Workspace, take_checkout
from pytest_llvmgate.model import Outcome, StageResult
from tests.support.gated import Gated
from tests.support.toy import SHA, commit

STATE, OTHER = "1" * 64, "2" * 64
PASSED = StageResult(group="static", stage="build", outcome=Outcome.PASSED, fingerprint="f" * 64)
USAGE = 4


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A directory outside, with what must not be lost."""
    directory = tmp_path / "victim"
    (directory / "sub").mkdir(parents=True)
    (directory / "precious.json").write_text("precious")
    (directory / "1.json").write_text("precious")
    (directory / "sub/file").write_text("precious")
    return directory


def contents(directory: Path) -> dict[str, str]:
    return {str(path): path.read_text() for path in directory.rglob("*") if path.is_file()}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = Repo(tmp_path / "repo").path
    return Workspace(root, A)


@pytest.mark.parametrize(
    "place",
    [
        ".llvmgate",
        ".llvmgate/progress",
        ".llvmgate/lock",
        ".llvmgate/owner",
        ".llvmgate/cores",
        ".llvmgate/.gitignore",
        ".llvmgate/aaaaaaaaaaaa",
        ".llvmgate/aaaaaaaaaaaa/objects",
        ".llvmgate/aaaaaaaaaaaa/objects/111111111111",
        ".llvmgate/aaaaaaaaaaaa/verdict.json",
        ".llvmgate/aaaaaaaaaaaa/static",
        ".llvmgate/aaaaaaaaaaaa/static/lock",
        ".llvmgate/aaaaaaaaaaaa/static/build",
        ".llvmgate/aaaaaaaaaaaa/static/install",
        ".llvmgate/aaaaaaaaaaaa/static/logs",
        ".llvmgate/aaaaaaaaaaaa/static/logs/build.log",
        ".llvmgate/aaaaaaaaaaaa/static/records",
        ".llvmgate/aaaaaaaaaaaa/static/records/build.json",
        ".llvmgate/aaaaaaaaaaaa/llvm/static",
        ".llvmgate/aaaaaaaaaaaa/llvm/static/lock",
        ".llvmgate/bbbbbbbbbbbb/objects",
    ],
)
def test_a_link_is_refused_and_its_target_stays(workspace: Workspace, victim: Path, place: str) -> None:
    before = contents(victim)
    link = workspace.root / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(victim if "." not in link.name[1:] and link.name != "lock" else victim / "precious.json")
    with pytest.raises(RepositoryError, match="not the gate's own: expected no link") as caught:
        workspace.prepare()
    assert str(link) in str(caught.value)
    assert contents(victim) == before


@pytest.mark.parametrize("how", ["files", "submodule", "another case"])
def test_what_git_tracks_is_refused(workspace: Workspace, how: str) -> None:
    repo = Repo.at(workspace.root)
    if how == "submodule":
        repo.commit(links={".llvmgate": A})
    else:
        repo.commit({f"{'.llvmgate' if how == 'files' else '.LLVMGate'}/aaaaaaaaaaaa/static/records/build.json": "{}"})
    workspace.directory.mkdir(exist_ok=True)
    with pytest.raises(RepositoryError, match="git tracks 1 files in it") as caught:
        workspace.prepare()
    assert "git rm -r --cached .llvmgate" in str(caught.value)


def test_llvms_that_a_change_brings_along_are_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = workspace.root / ".cache/llvmgate"
    monkeypatch.setenv("LLVMGATE_CACHE", str(cache))
    (cache / "entries/prefix-1").mkdir(parents=True)
    (cache / "entries/prefix-1/llvmgate-entry.json").touch()
    workspace.prepare()  # the gate's own: git does not track it
    commit(workspace.root, "An LLVM of mine")
    with pytest.raises(RepositoryError, match="cache of LLVMs lies in the tree, and git tracks 1 files"):
        workspace.prepare()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_users_directory_is_refused(workspace: Workspace) -> None:
    workspace.directory.mkdir()
    os.chown(workspace.directory, 12345, 12345)
    with pytest.raises(RepositoryError, match="found one of user 12345"):
        workspace.prepare()


def test_a_named_pipe_in_the_place_of_a_file_is_refused(workspace: Workspace) -> None:
    workspace.directory.mkdir()
    os.mkfifo(workspace.directory / "owner")
    with pytest.raises(RepositoryError, match="found neither"):
        workspace.prepare()


def test_what_builds_make_may_have_links(workspace: Workspace) -> None:
    build = workspace.group("static") / "build"
    build.mkdir(parents=True)
    (build / "libx.so").symlink_to("libx.so.1")
    workspace.prepare()
    with take_checkout(workspace):
        pass
    workspace.prepare()


def test_only_files_of_sessions_are_forgotten(workspace: Workspace) -> None:
    workspace.prepare()
    for name in ("12.json", f"stop-{'a' * 32}", "precious.json", "stop-it"):
        (workspace.progress / name).write_text("{}")
    forget(workspace.progress)
    assert sorted(path.name for path in workspace.progress.iterdir()) == ["precious.json", "stop-it"]


# -- records ------------------------------------------------------------------------------------------------------


def test_a_record_is_read_back(workspace: Workspace) -> None:
    workspace.write_record(PASSED)
    assert workspace.read_record("static", "build") == PASSED
    assert json.loads(workspace.record("static", "build").read_text())["outcome"] == "passed"


def forge_plain(workspace: Workspace, path: Path) -> None:
    path.write_text(dumps(PASSED))


def forge_another_stage(workspace: Workspace, path: Path) -> None:
    workspace.write_record(StageResult(group="static", stage="configure", outcome=Outcome.PASSED))
    shutil.copy(workspace.record("static", "configure"), path)


def forge_another_checkout(workspace: Workspace, path: Path) -> None:
    other = Workspace(workspace.root.parent / "other", A)
    other.write_record(PASSED)
    shutil.copy(other.record("static", "build"), path)


def forge_change(workspace: Workspace, path: Path) -> None:
    workspace.write_record(StageResult(group="static", stage="build", outcome=Outcome.FAILED))
    path.write_text(path.read_text().replace('"failed"', '"passed"'))


def forge_with_another_key(workspace: Workspace, path: Path) -> None:
    workspace.write_record(PASSED)
    key = Path(os.environ["XDG_CACHE_HOME"]) / "llvmgate/record.key"
    key.write_bytes(b"x" * 32)
    seal._key.cache_clear()


def forge_deep(workspace: Workspace, path: Path) -> None:
    path.write_text("[" * 500_000)


def forge_link(workspace: Workspace, path: Path) -> None:
    workspace.write_record(PASSED)
    path.rename(path.with_name("moved.json"))
    path.symlink_to("moved.json")


def forge_older_version(workspace: Workspace, path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seal, "__version__", "0.0.1")
        workspace.write_record(PASSED)


@pytest.mark.parametrize(
    "forge",
    [
        forge_plain,
        forge_another_stage,
        forge_another_checkout,
        forge_change,
        forge_with_another_key,
        forge_deep,
        forge_link,
        forge_older_version,
    ],
)
def test_no_forged_record_is_believed(workspace: Workspace, forge: object) -> None:
    path = workspace.record("static", "build")
    path.parent.mkdir(parents=True)
    forge(workspace, path)  # type: ignore[operator]
    assert workspace.read_record("static", "build") is None


def test_a_deep_record_with_a_true_seal_is_none(workspace: Workspace) -> None:
    path = workspace.record("static", "build")
    seal.write_sealed(workspace.root, path, '{\n "facts": ' + "[" * 100_000 + "\n}")
    assert workspace.read_record("static", "build") is None


def test_the_key_is_for_its_user_alone(workspace: Workspace, tmp_path: Path) -> None:
    workspace.prepare()
    key = Path(os.environ["XDG_CACHE_HOME"], "llvmgate/record.key")
    assert (key.stat().st_mode & 0o777, key.stat().st_size) == (0o600, 32)


@pytest.mark.parametrize("mode", [0o644, 0o620])
def test_a_key_that_others_could_read_or_write_is_made_anew(workspace: Workspace, tmp_path: Path, mode: int) -> None:
    workspace.write_record(PASSED)
    key = Path(os.environ["XDG_CACHE_HOME"], "llvmgate/record.key")
    key.chmod(mode)
    seal._key.cache_clear()
    assert workspace.read_record("static", "build") is None
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_forged_record_does_not_make_a_broken_build_pass(gated: Gated) -> None:
    (gated.root / "break-core").touch()
    asked = ("--llvm-sha=pinned", "-k", "static-mhlo_off and (configure or build)")
    gated.run(*asked).assert_outcomes(passed=1, failed=1, deselected=16)
    record = gated.root / f".llvmgate/{SHA[:12]}/static-mhlo_off/records/build.json"
    record.write_text(record.read_text().replace('"outcome": "failed"', '"outcome": "passed"'))
    gated.run(*asked).assert_outcomes(passed=1, failed=1, deselected=16)


def test_links_that_a_change_brings_along_stop_the_session(gated: Gated, victim: Path) -> None:
    before = contents(victim)
    (gated.root / ".llvmgate" / SHA[:12]).mkdir(parents=True)
    for place in ("progress", f"{SHA[:12]}/objects"):
        (gated.root / ".llvmgate" / place).symlink_to(victim)
    gated.git("add", "--force", ".llvmgate")
    commit(gated.root, "A trap")
    result = gated.run("--llvm-sha=pinned", "-k", "pins")
    assert result.ret == USAGE
    assert "not the gate's own" in result.stderr.str()
    assert contents(victim) == before
