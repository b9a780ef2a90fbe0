"""The sources of a candidate: from any kind of clone or a remote, patched, and the user's clone untouched."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llvmgate.carry.applying import PatchError
from pytest_llvmgate.carry.carried import Patch
from pytest_llvmgate.carry.patch_files import BadPatchError
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.prefix_cache import Cache
from pytest_llvmgate.llvm.source_tree import Sources, check_out, is_url
from tests.miniature import CARRIED_PATCH, Miniature, create
from tests.miniature.git import git

DRIVER = "mlir/lib/Transforms/Utils/GreedyPatternRewriteDriver.cpp"


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    plan = ("filler", "patch-context-changed", "filler")
    return create(tmp_path_factory.mktemp("source-tree") / "llvm-project", commits=plan)


@pytest.fixture
def sources(tmp_path: Path, miniature: Miniature) -> Sources:
    return Sources(
        address=str(miniature.repository),
        root=tmp_path,
        sha=miniature.base,
        log=tmp_path / "llvm.log",
        timeout=60.0,
        on_wait=lambda _: None,
    )


def patch(text: str = CARRIED_PATCH, name: str = "patches/deeper.patch") -> Patch:
    return Patch(name=name, content=text.encode())


def made(sources: Sources, directory: Path) -> Path:
    source = directory / "build/source"
    source.parent.mkdir(exist_ok=True)
    check_out(sources, source, Cache(directory / "cache"))
    return source


def refusal(sources: Sources, directory: Path) -> str:
    with pytest.raises(SupplyError) as caught:
        made(sources, directory)
    return str(caught.value)


def state(repository: Path) -> dict[str, int]:
    """Every file of a repository with the time of its last change."""
    files = (path for path in repository.rglob("*") if path.is_file())
    return {str(path.relative_to(repository)): path.stat().st_mtime_ns for path in files}


def test_the_commit_is_checked_out_and_the_clone_is_not_touched(
    sources: Sources, miniature: Miniature, tmp_path: Path
) -> None:
    before = state(miniature.repository)
    source = made(sources, tmp_path)
    assert git(source, "rev-parse", "HEAD").strip() == miniature.base
    assert git(source, "status", "--porcelain") == ""
    assert (source / "mlir/CMakeLists.txt").is_file()
    assert state(miniature.repository) == before


def test_big_directories_come_only_when_asked_for(sources: Sources, tmp_path: Path) -> None:
    assert not (made(sources, tmp_path) / "clang").exists()
    (tmp_path / "other").mkdir()
    asked = replace(sources, projects=frozenset({"clang", "mlir"}))
    assert (made(asked, tmp_path / "other") / "clang").is_dir()


@pytest.mark.parametrize("kind", ["bare", "mirror", "worktree", "submodule", "shallow", "relative"])
def test_any_kind_of_clone_will_do(sources: Sources, miniature: Miniature, tmp_path: Path, kind: str) -> None:
    clone, url = tmp_path / "clone", f"file://{miniature.repository}"
    sha = miniature.base
    if kind in ("bare", "mirror", "shallow"):
        options = {"bare": "--bare", "mirror": "--mirror", "shallow": "--depth=1"}
        git(tmp_path, "clone", "-q", options[kind], url, str(clone))
        sha = miniature.head
    elif kind == "worktree":
        git(tmp_path, "clone", "-q", "--bare", url, str(tmp_path / "store"))
        git(tmp_path / "store", "worktree", "add", "-q", "--detach", str(clone), miniature.head)
    else:
        git(tmp_path, "init", "-q", "super")
        words = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "externals/llvm-project")
        git(tmp_path / "super", *words)
        clone = tmp_path / "super/externals/llvm-project"
    address = os.path.relpath(clone, tmp_path) if kind == "relative" else str(clone)
    source = made(replace(sources, address=address, sha=sha), tmp_path)
    assert git(source, "rev-parse", "HEAD").strip() == sha
    assert (source / "llvm/CMakeLists.txt").is_file()


def test_a_submodule_that_is_not_checked_out(sources: Sources, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "super")
    (tmp_path / "super/externals/llvm-project").mkdir(parents=True)
    told = refusal(replace(sources, root=tmp_path / "super", address="externals/llvm-project"), tmp_path)
    assert "expected a clone of llvm-project at" in told
    assert told.endswith("git submodule update --init externals/llvm-project")


def test_a_clone_that_is_not_there(sources: Sources, tmp_path: Path) -> None:
    assert "found none" in refusal(replace(sources, address="nowhere"), tmp_path)


def test_a_commit_that_the_clone_lacks(sources: Sources, tmp_path: Path) -> None:
    missing = "1" * 40
    told = refusal(replace(sources, sha=missing), tmp_path)
    assert f"expected the commit {missing} in the clone" in told
    assert f"fetch origin {missing}" in told


def test_text_that_is_no_sha_never_reaches_git(sources: Sources, tmp_path: Path) -> None:
    assert "expected a full SHA" in refusal(replace(sources, sha="--upload-pack=touch"), tmp_path)


def test_a_repository_of_something_else(sources: Sources, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "other")
    (tmp_path / "other/file").write_text("x")
    git(tmp_path / "other", "add", "file")
    git(tmp_path / "other", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x")
    sha = git(tmp_path / "other", "rev-parse", "HEAD").strip()
    assert "expected llvm-project" in refusal(replace(sources, address="other", sha=sha), tmp_path)


def test_a_checkout_that_was_cut_off_is_made_anew(sources: Sources, tmp_path: Path) -> None:
    torn = tmp_path / "build/source"
    (torn / "llvm").mkdir(parents=True)
    (torn / "llvm/CMakeLists.txt").write_text("half")
    assert git(made(sources, tmp_path), "status", "--porcelain") == ""


def test_a_checkout_that_is_there_is_kept(sources: Sources, tmp_path: Path) -> None:
    before = state(made(sources, tmp_path))
    assert check_out(sources, tmp_path / "build/source", Cache(tmp_path / "cache"))
    assert state(tmp_path / "build/source") == before


# Remotes


def test_one_commit_is_fetched_from_a_remote_and_only_once(
    sources: Sources, miniature: Miniature, tmp_path: Path
) -> None:
    told: list[str] = []
    remote = replace(sources, address=f"file://{miniature.repository}", on_wait=told.append)
    source = made(remote, tmp_path)
    assert git(source, "rev-list", "HEAD").split() == [miniature.base]
    (tmp_path / "second").mkdir()
    check_out(remote, tmp_path / "second/source", Cache(tmp_path / "cache"))
    assert [text.partition(" ")[0] for text in told] == ["fetching", "checking", "checking"]


@pytest.fixture
def old_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    """Protocol 0, in which a server decides what may be asked for."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.version")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "0")


@pytest.mark.usefixtures("old_protocol")
def test_a_remote_that_hands_out_no_single_commits(sources: Sources, miniature: Miniature, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(miniature.repository), "strict")
    told = refusal(replace(sources, address=f"file://{tmp_path}/strict", sha=miniature.order[1]), tmp_path)
    assert "does not hand out single commits" in told
    assert "set llvm.source.repository to the clone" in told


def test_a_remote_without_the_commit(sources: Sources, miniature: Miniature, tmp_path: Path) -> None:
    told = refusal(replace(sources, address=f"file://{miniature.repository}", sha="2" * 40), tmp_path)
    assert f"has no commit {'2' * 40}, or does not hand it out" in told


def test_a_remote_that_is_not_there(sources: Sources, tmp_path: Path) -> None:
    told = refusal(replace(sources, address=f"file://{tmp_path}/nowhere"), tmp_path)
    assert "cannot be fetched from file://" in told


@pytest.mark.parametrize("address", ["ext::sh -c touch% x", "fd::17", "helper://somewhere"])
def test_an_address_that_names_a_program_is_refused(address: str) -> None:
    with pytest.raises(SupplyError, match="expected a repository with an address of https"):
        is_url(address)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/llvm/llvm-project.git", True),
        ("git@github.com:llvm/llvm-project", True),
        ("../llvm-project", False),
        ("/opt/llvm-project", False),
        ("externals/llvm-project", False),
    ],
)
def test_what_is_a_remote(address: str, expected: bool) -> None:
    assert is_url(address) is expected


def test_a_token_in_an_address_is_not_shown(sources: Sources) -> None:
    assert replace(sources, address="https://me:secret@example.org/llvm").shown == "https://example.org/llvm"


# Patches


def test_patches_are_changes_of_the_work_tree_over_the_candidate(
    sources: Sources, miniature: Miniature, tmp_path: Path
) -> None:
    source = made(replace(sources, patches=(patch(),)), tmp_path)
    assert "MaxIterations = 1000;" in (source / DRIVER).read_text()
    assert git(source, "rev-parse", "HEAD").strip() == miniature.base
    assert git(source, "status", "--porcelain").split() == ["M", DRIVER]


def test_a_patch_that_no_longer_applies(sources: Sources, miniature: Miniature, tmp_path: Path) -> None:
    with pytest.raises(PatchError) as caught:
        made(replace(sources, sha=miniature.sha("patch-context-changed"), patches=(patch(),)), tmp_path)
    error = caught.value
    assert (error.patch, error.files) == ("patches/deeper.patch", (DRIVER,))
    assert error.evidence == (f"patches/deeper.patch:3: hunk 1 of 1 of {DRIVER} does not apply: @@ -4,7 +4,7 @@",)
    assert str(error) == (
        "patches/deeper.patch: the carried patch patches/deeper.patch does not apply to the candidate\n"
        "    -> rebase patches/deeper.patch onto the candidate, or drop it from its [[carry]]"
    )


def test_a_patch_that_is_in_the_candidate_already_is_left_out(sources: Sources, tmp_path: Path) -> None:
    twice = (patch(), patch(name="again.patch"))
    source = made(replace(sources, patches=twice), tmp_path)
    assert "MaxIterations = 1000;" in (source / DRIVER).read_text()


def test_a_patch_that_leads_out_of_the_tree(sources: Sources, tmp_path: Path) -> None:
    text = "--- /dev/null\n+++ b/../../escaped\n@@ -0,0 +1 @@\n+x\n"
    with pytest.raises(BadPatchError, match="expected paths inside the tree"):
        made(replace(sources, patches=(patch(text),)), tmp_path)
    assert not (tmp_path / "escaped").exists()


def test_a_directory_that_a_patch_touches_is_checked_out(sources: Sources, tmp_path: Path) -> None:
    text = "--- a/clang/NEW\n+++ b/clang/NEW\n@@ -0,0 +1 @@\n+x\n".replace("--- a/clang/NEW", "--- /dev/null")
    assert (made(replace(sources, patches=(patch(text),)), tmp_path) / "clang/CMakeLists.txt").is_file()
