"""The watch, step by step, on the miniature's history with its oracle in the place of builds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.bisect.probing import ProbeResult, select_request
from pytest_llvmgate.bisect.watch_data import sentences
from pytest_llvmgate.bisect.watching import Picture, Watch
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.roll.status_forms import as_html, as_markdown, write_page
from pytest_llvmgate.roll.status_page import status_page
from tests.miniature import Miniature, create
from tests.miniature.downstream import create_downstream
from tests.support.oracle import Oracle

_F = "filler"
PLAN = (*(_F,) * 9, "api-changed", *(_F,) * 5, "api-changed-reverted", *(_F,) * 6, "header-moved", *(_F,) * 3)


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    return create(tmp_path_factory.mktemp("miniature") / "llvm-project", commits=PLAN)


@pytest.fixture
def root(miniature: Miniature, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    return create_downstream(tmp_path, miniature, llvm=llvm).root


@pytest.fixture(autouse=True)
def at_the_head(miniature: Miniature) -> Iterator[None]:
    yield
    upstream_at(miniature, miniature.head)


def upstream_at(miniature: Miniature, commit: str) -> None:
    """Upstream's main moves."""
    miniature.git("checkout", "-q", "--detach")
    miniature.git("branch", "-f", "main", miniature.sha(commit) if commit in miniature.commits else commit)


class Steps:
    """Calls one after the other, each with what the last one left on disk."""

    def __init__(self, root: Path, miniature: Miniature) -> None:
        self.root = root
        config = load_config(root / "llvmgate.toml")
        self.request = select_request(config, ("static-mhlo_on",), ("build",))
        self.oracle = Oracle(miniature, config)

    def watch(self) -> Watch:
        return Watch(load_config(self.root / "llvmgate.toml"), self.request)

    def step(self, probes: int = 1) -> Picture:
        return self.watch().step(lambda sha: self.oracle.launch(sha, self.request, "").result(), probes=probes)

    def until_settled(self) -> tuple[Picture, int]:
        for count in range(1, 40):
            before = len(self.oracle.asked)
            picture = self.step()
            assert len(self.oracle.asked) - before <= 1
            if not picture.next:
                return picture, count
        raise AssertionError("it never settles")


def test_one_probe_a_call_until_the_change_is_found(root: Path, miniature: Miniature) -> None:
    upstream_at(miniature, miniature.order[14])
    steps = Steps(root, miniature)
    assert steps.step().next == miniature.order[14]  # the pin passed; then the head
    picture, count = steps.until_settled()
    assert picture.between == 1
    assert picture.earliest_failing is not None
    assert picture.earliest_failing.commit.sha == miniature.sha("api-changed")
    assert picture.newest_passing is not None
    assert picture.newest_passing.commit.sha == miniature.before("api-changed")
    assert count <= 6


def test_after_a_revert_the_newest_that_passes_moves_on(root: Path, miniature: Miniature) -> None:
    steps = Steps(root, miniature)
    upstream_at(miniature, miniature.order[14])
    steps.until_settled()
    upstream_at(miniature, miniature.head)
    picture, _ = steps.until_settled()
    assert miniature.sha("api-changed-reverted") in steps.oracle.shas
    assert picture.earliest_failing is not None
    assert picture.earliest_failing.commit.sha == miniature.sha("header-moved")
    assert picture.newest_passing is not None
    assert picture.newest_passing.commit.sha == miniature.before("header-moved")


def test_a_settled_watch_probes_nothing_until_upstream_moves(root: Path, miniature: Miniature) -> None:
    steps = Steps(root, miniature)
    upstream_at(miniature, miniature.order[8])
    picture, _ = steps.until_settled()
    assert picture.head_seen is not None
    assert (picture.head_seen.mark, picture.earliest_failing) == (Mark.GOOD, None)
    probes = len(steps.oracle.asked)
    assert steps.step(probes=5).next == ""
    assert len(steps.oracle.asked) == probes
    upstream_at(miniature, miniature.order[9])
    assert steps.step(probes=0).next == miniature.order[9]


def test_trouble_of_the_machine_is_tried_again(root: Path, miniature: Miniature) -> None:
    steps = Steps(root, miniature)
    watch = steps.watch()
    picture = watch.step(lambda sha: ProbeResult(sha=sha, error="the disk is full"), probes=5)
    assert picture.next == miniature.base
    assert watch.state.seen == ()


def test_a_head_that_cannot_be_judged_makes_it_go_back(
    root: Path, tmp_path: Path, miniature: Miniature, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = create(tmp_path / "broken", commits=(*(_F,) * 6, "llvm-broken", _F, _F))
    text = (root / "llvmgate.toml").read_text().replace(str(miniature.repository), str(broken.repository))
    (root / "llvmgate.toml").write_text(text)
    steps = Steps(root, broken)
    picture, _ = steps.until_settled()
    assert picture.newest_passing is not None
    assert broken.index(picture.newest_passing.commit.sha) >= 5
    assert "llvm-broken" in broken.commits


def test_the_pages_say_where_things_stand(root: Path, tmp_path: Path, miniature: Miniature) -> None:
    steps = Steps(root, miniature)
    upstream_at(miniature, miniature.order[14])
    picture, _ = steps.until_settled()
    state = steps.watch().state
    paths = write_page(status_page(steps.watch().config, watched=(picture, state)), tmp_path / "pages")
    whole = json.loads(paths[0].read_text())
    data = whole["watch"]
    assert whole["recent"] == data["recent"]
    failing, passing = miniature.sha("api-changed"), miniature.before("api-changed")
    assert data["recent"]["failed"][0]["sha1"] == failing
    assert data["recent"]["succeeded"][0] == {"sha1": passing, "date": data["newest_passing"]["commit"]["date"]}
    assert {seen["build"] for seen in data["seen"]} == set(range(1, len(steps.oracle.asked) + 1))
    assert (data["is_found"], data["is_settled"]) == (True, True)
    text = "\n".join(sentences(picture))
    assert f"First commit that fails: {failing[:12]}" in text
    assert "Nothing to do" in text
    assert failing[:12] in paths[1].read_text()
    assert f"<code>{failing[:12]}</code>" in paths[2].read_text()


def test_what_a_log_says_is_no_markup(root: Path, miniature: Miniature) -> None:
    steps = Steps(root, miniature)
    nasty = "<script>alert(1)</script> | @everyone `x`"
    watch = steps.watch()
    picture = watch.step(lambda sha: steps.oracle.launch(sha, steps.request, "").result())
    state = replace(watch.state, seen=tuple(replace(seen, reason=nasty) for seen in watch.state.seen))
    page = status_page(watch.config, watched=(picture, state))
    assert "<script>" not in as_html(page)
    assert "\\|" in as_markdown(page)
    assert "@everyone" not in as_markdown(page)


def test_a_state_that_the_tree_brings_along_is_not_believed(root: Path, miniature: Miniature) -> None:
    steps = Steps(root, miniature)
    steps.step()
    state = root / ".llvmgate/watch/state.json"
    told = json.loads(state.read_text())
    del told["seal"]
    state.write_text(json.dumps(told, indent=1))
    assert steps.watch().state.seen == ()


def test_a_watch_writes_through_no_link(root: Path, miniature: Miniature, tmp_path: Path) -> None:
    (root / ".llvmgate").mkdir()
    (root / ".llvmgate/watch").symlink_to(tmp_path)
    with pytest.raises(GateError, match="expected no link"):
        Steps(root, miniature).watch()


def test_another_question_starts_anew(root: Path, miniature: Miniature) -> None:
    steps = Steps(root, miniature)
    steps.step()
    assert steps.watch().state.seen
    steps.request = select_request(load_config(root / "llvmgate.toml"), ("shared-mhlo_on",), ())
    assert steps.watch().state.seen == ()


def test_the_command_only_tells_when_no_probe_is_allowed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "-C", str(root), "--probes", "0"]) == 0
    assert "Next: " in capsys.readouterr().out
    assert (root / ".llvmgate/watch/status.json").is_file()
    assert main(["watch", "-C", str(root), "--probes", "-1"]) == 4


def test_without_a_clone_there_is_nothing_to_watch(root: Path, miniature: Miniature) -> None:
    steps = Steps(root, miniature)
    config = load_config(root / "llvmgate.toml")
    with pytest.raises(GateError, match="clone of llvm-project"):
        Watch(replace(config, llvm=replace(config.llvm, repository="")), steps.request)
