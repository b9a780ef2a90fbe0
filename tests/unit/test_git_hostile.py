"""Git obeys no configuration of a repository that came with the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from git_kit import A, Repo, git

from pytest_llvmgate.errors import GateError, RepositoryError
from pytest_llvmgate.git import remotes
from pytest_llvmgate.git.process import GitFailure, failure
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import resolve
from pytest_llvmgate.git.worktree import source_state
from pytest_llvmgate.upstream.blame import ChangesOfRange
from pytest_llvmgate.upstream.llvm_clone import Clone
from tests.support.hostile_git import ATTRIBUTES, PROGRAM_KEYS, Trap, signed_commit

WAYS = ("config", "include", "includeIf", "worktree")


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path / "trap")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"a.txt": "one\n", "dir/b.txt": "two\n"})
    made.commit({"a.txt": "later\n", ".gitattributes": ATTRIBUTES})
    signed_commit(made)
    return made


def test_what_a_repositorys_long_configuration_says_first_is_read(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://example.com/wombat")
    with (repo.path / ".git/config").open("a") as config:
        config.writelines(
            f'[branch "b{number}"]\n\tremote = origin\n\tmerge = refs/heads/b\n' for number in range(20000)
        )
    assert list(remotes.remotes(Repository.open(repo.path))) == ["origin"]


def use(opened: Repository) -> None:
    """Everything that the gate asks a repository, in one way or another; an answer that is an error is one, too."""
    head, before = opened.head(), opened.run("rev-parse", "HEAD~2").decode().strip()
    clone = Clone(opened, "refs/heads/main")
    history = ChangesOfRange(opened.root or opened.git_dir, before, head, deadline=time.monotonic() + 30)
    for question in (
        opened.branch,
        lambda: opened.read("a.txt", commit=head),
        lambda: opened.read(".gitattributes", commit=head),
        lambda: opened.has_commit(A),
        lambda: resolve(opened, "main"),
        lambda: resolve(opened, "nothing-of-the-kind"),
        lambda: opened.submodules(commit=head),
        lambda: remotes.remotes(opened),
        lambda: remotes.branches(opened),
        lambda: remotes.default_branch(opened),
        lambda: remotes.is_ancestor(opened, before, head),
        lambda: remotes.refs_with(opened, head),
        lambda: clone.base(head),
        lambda: clone.date(head),
        lambda: clone.dates([head, before]),
        lambda: history.files_with("one", "a.txt"),
        lambda: history.last_removal("a.txt"),
        lambda: history.git("log", "-p", "--stat", f"{before}..{head}", "--"),
        lambda: history.git("show", "--format=", "--name-status", "--find-renames=40%", head),
        lambda: history.git("log", "-Sone", "--format=%H", f"{before}..{head}", "--", "a.txt"),
        lambda: opened.run("log", "--format=%H %G?", "-p", head),
        lambda: opened.run("show", head),
        lambda: opened.run("diff", before, head),
        lambda: opened.run("grep", "-l", "one", head),
        lambda: opened.run("cat-file", "--textconv", f"{head}:a.txt"),
        lambda: opened.run("cat-file", "blob", A),
        lambda: opened.run("archive", "--format=evil", head),
        lambda: opened.run("blame", "-p", head, "--", "a.txt"),
        lambda: list(opened.records("log", "-z", "--format=%H")),
        opened.describe,
        lambda: source_state(opened),
        opened.index_gitlinks,
    ):
        try:
            question()
        except (GateError, GitFailure, ValueError):
            continue


@pytest.mark.parametrize("how", WAYS)
def test_no_program_of_a_bare_repository_runs(repo: Repo, trap: Trap, tmp_path: Path, how: str) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo.path), "bare.git")
    trap.set_in(tmp_path / "bare.git", how=how)
    use(Repository.open(tmp_path / "bare.git", bare=True))
    assert trap.ran == ""


@pytest.mark.parametrize("how", WAYS)
def test_no_program_of_a_checkout_runs(repo: Repo, trap: Trap, how: str) -> None:
    trap.set_in(repo.path / ".git", how=how)
    for name in ("a.txt", "dir/b.txt"):  # what git has to look at again goes through filters
        (repo.path / name).write_text((repo.path / name).read_text())
        os.utime(repo.path / name, (1, 1))
    use(Repository.open(repo.path))
    assert trap.ran == ""


@pytest.mark.parametrize(("key", "value"), PROGRAM_KEYS)
def test_no_key_by_itself_runs_a_program(repo: Repo, trap: Trap, key: str, value: str) -> None:
    trap.set_in(repo.path / ".git", how="config", keys=((key, value),))
    os.utime(repo.path / "a.txt", (1, 1))
    opened = Repository.open(repo.path)
    opened.describe()
    source_state(opened)
    opened.run("log", "-p", "--format=%H", "HEAD")
    with pytest.raises(GitFailure):
        opened.run("cat-file", "blob", A)
    assert trap.ran == ""


def test_without_the_care_the_trap_springs(repo: Repo, trap: Trap) -> None:
    trap.set_in(repo.path / ".git", how="include")
    subprocess.run(["git", "status"], cwd=repo.path, capture_output=True, check=False)
    subprocess.run(["git", "log", "-p", "--textconv"], cwd=repo.path, capture_output=True, check=False)
    assert trap.ran


def test_no_program_of_a_submodule_runs(repo: Repo, trap: Trap, tmp_path: Path) -> None:
    superproject = Repo(tmp_path / "super")
    superproject.commit({"f": "x"})
    superproject.add_submodule(repo, "sub")
    superproject.commit(message="with it")
    superproject.commit({"f": "y"})
    trap.set_in(superproject.path / ".git/modules/sub", how="config")
    os.utime(superproject.path / "sub/a.txt", (1, 1))
    opened = Repository.open(superproject.path)
    use(opened)
    (store,) = opened.submodule_stores("sub", opened.submodules())
    use(store)
    assert trap.ran == ""


def test_a_bare_repository_in_the_place_of_a_component_runs_nothing(repo: Repo, trap: Trap, tmp_path: Path) -> None:
    outer = Repo(tmp_path / "outer")
    outer.commit({"f": "x"})
    git(outer.path, "clone", "-q", "--bare", str(repo.path), "testdata/llvm.git")
    trap.set_in(outer.path / "testdata/llvm.git", how="config")
    for store in Repository.open(outer.path).submodule_stores("testdata/llvm.git"):
        use(store)
    assert trap.ran == ""


def test_inside_of_a_bare_repository_git_does_not_look_for_it(repo: Repo, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo.path), "bare.git")
    with pytest.raises(RepositoryError, match="bare repository"):
        Repository.open(tmp_path / "bare.git/objects")


@pytest.mark.parametrize(
    "line",
    [
        ("log.showSignature", "true"),
        ("format.pretty", "fuller"),
        ("color.ui", "always"),
        ("log.follow", "true"),
        ("diff.noprefix", "true"),
        ("diff.orderFile", "/nowhere"),
        ("status.showStash", "true"),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("submodule.recurse", "true"),
        ("column.ui", "always"),
        ("core.quotePath", "true"),
        ("grep.lineNumber", "true"),
        ("blame.ignoreRevsFile", "/nowhere"),
    ],
)
def test_what_the_user_likes_to_see_changes_no_answer(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: tuple[str, str]
) -> None:
    def answers() -> object:
        opened = Repository.open(repo.path)
        clone = Clone(opened, "refs/heads/main")
        head = opened.head()
        log = opened.run("log", "-p", "--format=%H %s", "HEAD")
        return opened.describe(), source_state(opened), clone.date(head), clone.dates([head]), clone.base(head), log

    plain = answers()
    (tmp_path / "gitconfig").write_text("")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    git(tmp_path, "config", "--file", str(tmp_path / "gitconfig"), *line)
    assert answers() == plain


def test_replaced_objects_and_grafts_change_no_history(repo: Repo) -> None:
    head, first = repo.head, repo.git("rev-list", "--max-parents=0", "HEAD")
    repo.git("replace", head, first)
    (repo.path / ".git/info").mkdir(exist_ok=True)
    (repo.path / ".git/info/grafts").write_text(f"{head}\n")
    opened = Repository.open(repo.path)
    assert opened.run("rev-list", "--count", "HEAD") == b"3\n"
    assert opened.read("a.txt", commit=head) == b"later\n"


def test_a_failure_is_told_by_what_went_wrong_and_not_by_a_hint(repo: Repo) -> None:
    (repo.path / ".git/info").mkdir(exist_ok=True)
    (repo.path / ".git/info/grafts").write_text(f"{repo.head}\n")
    with pytest.raises(GitFailure, match=r"git log failed: .*(?:bad|unknown)") as caught:
        Repository.open(repo.path).run("log", "no-such-revision", "--")
    assert "hint" not in str(caught.value)


def test_a_work_tree_that_is_elsewhere_is_told(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    repo.git("config", "core.worktree", str(tmp_path / "elsewhere"))
    with pytest.raises(RepositoryError, match=r"core\.worktree") as caught:
        Repository.open(repo.path)
    assert "--unset core.worktree" in str(caught.value)


def test_what_a_failure_is_about_may_stand_below() -> None:
    said = b"fatal: unknown repository extension found:\n\trefstorage\n"
    assert str(failure(["log"], said, 128)) == "git log failed: fatal: unknown repository extension found: refstorage"


def test_names_of_branches_need_be_no_utf8(repo: Repo) -> None:
    name = os.fsdecode(b"b\xff\xfe")
    repo.git("branch", name)
    repo.git("checkout", "-q", name)
    repo.git("pack-refs", "--all")
    opened = Repository.open(repo.path)
    assert opened.branch() == name
    assert "\\xff" in opened.describe().branch
    assert len(remotes.branches(opened)) == 2
    assert remotes.default_branch(opened) == "refs/heads/main"
    with pytest.raises(RepositoryError.__base__, match="no commit"):
        resolve(opened, "no-such-name")


def test_a_branch_that_is_checked_out_later_is_seen(repo: Repo) -> None:
    opened = Repository.open(repo.path)
    assert opened.branch() == "main"
    repo.git("checkout", "-q", "-b", "topic")
    commit = repo.commit({"new.txt": "x"})
    assert (opened.branch(), opened.head()) == ("topic", commit)


def test_a_linked_work_tree_has_a_head_of_its_own(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    commit = Repo.at(tmp_path / "linked").commit({"new.txt": "x"})
    opened = Repository.open(tmp_path / "linked")
    assert (opened.head(), opened.branch(), opened.describe().dirty) == (commit, "topic", False)
    assert Repository.open(repo.path).branch() == "main"


def test_a_repository_with_other_hashes_and_a_split_index(tmp_path: Path) -> None:
    made = Repo(tmp_path / "repo")
    shutil.rmtree(made.path / ".git")
    made.git("init", "-q", "--object-format=sha256")
    made.commit({"a": "x"})
    made.git("update-index", "--split-index")
    made.write({"a": "y"})
    opened = Repository.open(made.path)
    assert len(opened.head()) == 64
    assert opened.describe().dirty


def test_a_dirty_submodule_makes_the_checkout_dirty(repo: Repo, tmp_path: Path) -> None:
    superproject = Repo(tmp_path / "super")
    superproject.commit({"f": "x"})
    sub = superproject.add_submodule(repo, "sub")
    superproject.commit(message="with it")
    assert not Repository.open(superproject.path).describe().dirty
    sub.write({"a.txt": "changed"})
    assert Repository.open(superproject.path).describe().dirty
    sub.git("checkout", "-q", "a.txt")
    sub.commit({"a.txt": "committed"})
    assert Repository.open(superproject.path).describe().dirty


def test_the_private_directories_go_with_the_process(repo: Repo, tmp_path: Path) -> None:
    code = "from pathlib import Path\nfrom pytest_llvmgate.git.repository import Repository\n"
    code += f"print(Repository.open(Path({str(repo.path)!r})).head())"
    (tmp_path / "tmp").mkdir()
    env = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == repo.head
    assert list((tmp_path / "tmp").iterdir()) == []


def test_git_is_started_in_one_place() -> None:
    package = Path(remotes.__file__).parents[1]
    starts = re.compile(r"""[\[(]\s*["']git["']\s*,|which\(["']git["']\)|^\s*import git\b""", re.MULTILINE)
    found = {path.relative_to(package).as_posix() for path in package.rglob("*.py") if starts.search(path.read_text())}
    # demo writes repositories of its own, whose every setting it makes itself.
    assert found == {"git/process.py", "git/remotes.py", "demo/demo_repository.py"}


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/tty", "a named pipe"])
@pytest.mark.parametrize(
    "name",
    ["HEAD", "config", "packed-refs", "shallow", "refs/heads/main", "info/attributes", "objects/info/alternates"],
)
def test_a_bare_repository_without_an_end_is_refused(repo: Repo, tmp_path: Path, name: str, target: str) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo.path), "bare.git")
    path = tmp_path / "bare.git" / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if target == "a named pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(target)
    with pytest.raises(RepositoryError, match="no repository that can be read"):
        Repository.open(tmp_path / "bare.git", bare=True)


def test_a_bare_repository_that_includes_what_has_no_end_is_read(repo: Repo, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo.path), "bare.git")
    with (tmp_path / "bare.git/config").open("a") as stream:
        stream.write("[include]\n\tpath = /dev/zero\n")
    assert Repository.open(tmp_path / "bare.git", bare=True).head() == repo.head


def _bare_with_a_link_below_refs(bare: Path) -> None:
    (bare / "evil").mkdir()
    (bare / "evil/main").symlink_to("/dev/zero")
    shutil.rmtree(bare / "refs/heads")
    (bare / "refs/heads").symlink_to("../evil")


def _bare_with_an_alternate_of_an_alternate(bare: Path) -> None:
    (bare / "evil/info").mkdir(parents=True)
    (bare / "evil/info/alternates").symlink_to("/dev/zero")
    (bare / "objects/info").mkdir(exist_ok=True)
    (bare / "objects/info/alternates").write_text("../evil\n")


def _bare_with_an_alternate_that_is_spelled_with_escapes(bare: Path) -> None:
    (bare / "objects/info").mkdir(exist_ok=True)
    (bare / "objects/info/alternates").write_text('"\\056./evil"\n')


def _bare_with_more_alternates_than_anybody_has(bare: Path) -> None:
    (bare / "objects/info").mkdir(exist_ok=True)
    (bare / "objects/info/alternates").write_text("".join(f"../{number}\n" for number in range(1000)))


@pytest.mark.parametrize(
    "change",
    [
        _bare_with_a_link_below_refs,
        _bare_with_an_alternate_of_an_alternate,
        _bare_with_an_alternate_that_is_spelled_with_escapes,
        _bare_with_more_alternates_than_anybody_has,
    ],
)
def test_a_bare_repository_that_leads_elsewhere_than_it_seems_is_refused(
    repo: Repo, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo.path), "bare.git")
    change(tmp_path / "bare.git")
    with pytest.raises(RepositoryError):
        Repository.open(tmp_path / "bare.git", bare=True)


def test_a_linked_work_tree_within_a_bare_repository_is_looked_at_with_what_it_belongs_to(
    repo: Repo, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo.path), "bare.git")
    linked = tmp_path / "bare.git/worktrees/evil"
    for name in ("objects", "refs"):
        (linked / name).mkdir(parents=True)
    (linked / "HEAD").write_text("ref: refs/heads/main\n")
    (linked / "commondir").write_text("../..\n")
    (tmp_path / "bare.git/packed-refs").unlink()
    (tmp_path / "bare.git/packed-refs").symlink_to("/dev/zero")
    with pytest.raises(RepositoryError, match="packed-refs"):
        Repository.open(linked, bare=True)


def test_a_component_that_is_a_bare_repository_without_an_end_is_refused(repo: Repo, tmp_path: Path) -> None:
    outer = Repo(tmp_path / "outer")
    outer.commit({"f": "x"})
    git(outer.path, "clone", "-q", "--bare", str(repo.path), "part.git")
    (outer.path / "part.git/shallow").symlink_to("/dev/zero")
    with pytest.raises(RepositoryError, match="no repository that can be read"):
        Repository.open(outer.path).submodule_stores("part.git")


def test_a_bare_repository_that_borrows_objects_is_read(repo: Repo, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo.path), "first.git")
    git(tmp_path, "clone", "-q", "--bare", "--shared", "first.git", "second.git")
    git(tmp_path, "clone", "-q", "--bare", "--shared", "second.git", "third.git")
    assert Repository.open(tmp_path / "third.git", bare=True).read("a.txt", commit=repo.head) == b"later\n"
