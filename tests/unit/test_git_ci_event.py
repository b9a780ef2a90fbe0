"""From where a change starts, and whether it is one that somebody proposes, by what CI services say."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pytest_llvmgate.git.ci_event import bases, proposed_change
from tests.support.gated import Gated
from tests.support.toy import OTHER_SHA, commit

BASE = "c" * 40


def event(directory: Path, content: object) -> str:
    (directory / "event.json").write_text(json.dumps(content))
    return str(directory / "event.json")


def test_a_merge_queues_group_has_its_base_in_the_event(tmp_path: Path) -> None:
    path = event(tmp_path, {"merge_group": {"base_sha": BASE, "base_ref": "refs/heads/main"}})
    assert list(bases({"GITHUB_EVENT_NAME": "merge_group", "GITHUB_EVENT_PATH": path})) == [BASE]


MAIN = {"ref": "refs/heads/main", "repository": {"default_branch": "main"}}


def test_a_push_to_the_default_branch_has_what_that_was_on(tmp_path: Path) -> None:
    path = event(tmp_path, MAIN | {"before": BASE, "after": "d" * 40})
    assert list(bases({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": path})) == [BASE]


def test_what_another_branch_was_on_was_reviewed_by_nobody(tmp_path: Path) -> None:
    path = event(tmp_path, MAIN | {"before": BASE, "ref": "refs/heads/topic"})
    assert list(bases({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": path})) == []
    assert list(bases({"CI_COMMIT_BEFORE_SHA": BASE, "CI_COMMIT_BRANCH": "topic", "CI_DEFAULT_BRANCH": "main"})) == []


@pytest.mark.parametrize(
    "content",
    [
        MAIN | {"before": "0" * 40},
        MAIN | {"before": "--upload-pack=touch"},
        MAIN | {"before": 7},
        {"before": BASE, "repository": 7},
        {"merge_group": {"base_sha": BASE}},
        {"merge_group": 3},
        [],
        None,
    ],
)
def test_what_is_no_commit_in_an_event_is_none(tmp_path: Path, content: object) -> None:
    assert list(bases({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": event(tmp_path, content)})) == []


def test_an_event_that_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "torn").write_text('{"before": ')
    for name in ("pipe", "torn", "nothing", ""):
        assert list(bases({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / name)})) == []


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"GITHUB_BASE_REF": "main"}, ["origin/main", "main"]),
        ({"CHANGE_TARGET": "main"}, ["origin/main", "main"]),
        (
            {"CI_MERGE_REQUEST_DIFF_BASE_SHA": BASE, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "dev"},
            [BASE, "origin/dev", "dev"],
        ),
        ({"CI_COMMIT_BEFORE_SHA": BASE, "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}, [BASE]),
        ({"CI_COMMIT_BEFORE_SHA": "0" * 40, "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}, []),
        ({}, []),
    ],
)
def test_other_services_say_it_in_the_environment(env: dict[str, str], expected: list[str]) -> None:
    assert list(bases(env)) == expected


@pytest.mark.parametrize(
    ("env", "is_proposed"),
    [
        ({"GITHUB_EVENT_NAME": "pull_request"}, True),
        ({"GITHUB_EVENT_NAME": "merge_group"}, True),
        ({"GITHUB_EVENT_NAME": "push"}, False),
        ({"GITHUB_EVENT_NAME": "schedule"}, False),
        ({"CI_PIPELINE_SOURCE": "merge_request_event"}, True),
        ({"CI_MERGE_REQUEST_IID": "7"}, True),
        ({"CHANGE_ID": "7"}, True),
        ({"BUILDKITE_PULL_REQUEST": "false"}, False),
        ({"BUILDKITE_PULL_REQUEST": "12"}, True),
        ({}, False),
    ],
)
def test_whether_the_change_is_only_proposed(env: dict[str, str], is_proposed: bool) -> None:
    assert bool(proposed_change(env)) is is_proposed


def test_the_gate_finds_a_groups_baseline(gated: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    script = gated.root / "utils/clone-mlir.sh"
    pinned = script.read_text()
    script.write_text(pinned.replace(gated.candidate, OTHER_SHA))
    base = commit(gated.root, "What the group starts from")
    script.write_text(pinned)
    commit(gated.root, "Bump")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "merge_group")
    monkeypatch.setenv("GITHUB_EVENT_PATH", event(gated.root.parent, {"merge_group": {"base_sha": base}}))
    gated.run("--llvm-sha=pinned", "-k", "pins").stdout.fnmatch_lines([f"baseline    {OTHER_SHA}*"])
