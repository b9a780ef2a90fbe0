"""What a CI service says of why it runs: for a change that somebody proposes or not, and from where that change starts.

Sources: each service's documents on its predefined variables, and GitHub's "Webhook events and payloads".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate.codec import parse_json
from pytest_llvmgate.plain_file import read_plain

_LARGEST: Final = 25 << 20
"""Bytes of an event: GitHub sends none that is larger."""
_SHA: Final = re.compile(r"(?!0+$)[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PROPOSED: Final = {
    "GITHUB_EVENT_NAME": {"pull_request", "pull_request_target", "pull_request_review", "merge_group"},
    "CI_PIPELINE_SOURCE": {"merge_request_event", "external_pull_request_event"},
    "BUILD_REASON": {"PullRequest"},
}
_NAMES_A_CHANGE: Final = (
    *("CI_MERGE_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_IID", "CHANGE_ID", "ghprbPullId", "CIRCLE_PULL_REQUEST"),
    *("BUILDKITE_PULL_REQUEST", "TRAVIS_PULL_REQUEST", "GITHUB_HEAD_REF", "SYSTEM_PULLREQUEST_PULLREQUESTID"),
)
_BRANCHES: Final = (
    *("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CHANGE_TARGET", "ghprbTargetBranch"),
    *("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCHNAME"),
)


def proposed_change(env: Mapping[str, str]) -> str:
    """The variable that says that this runs for a change which is not merged yet; empty where none does."""
    for name, values in _PROPOSED.items():
        if env.get(name) in values:
            return f"{name}={env[name]}"
    return next((name for name in _NAMES_A_CHANGE if env.get(name) not in {None, "", "false"}), "")


def bases(env: Mapping[str, str]) -> Iterator[str]:
    """What the change starts from, as git names it, the surest first: commits, then branches with and without remote.

    All of it has been reviewed: a merge queue's group has its base in the event alone; a push to the default branch
    starts from what that was on before. A push to another branch has nothing of the kind.
    """
    event = _event(env)
    group = _table(event.get("merge_group"))
    for sha in (
        group.get("base_sha") if env.get("GITHUB_EVENT_NAME") == "merge_group" else None,
        event.get("before") if _is_default_branch(env, event) else None,
        env.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        env.get("CI_COMMIT_BEFORE_SHA") if env.get("CI_COMMIT_BRANCH", "") == env.get("CI_DEFAULT_BRANCH") else None,
    ):
        if isinstance(sha, str) and _SHA.fullmatch(sha):
            yield sha
    for name in _BRANCHES:
        if branch := env.get(name):
            yield f"origin/{branch}"
            yield branch


def _is_default_branch(env: Mapping[str, str], event: Mapping[str, Any]) -> bool:
    default = _table(event.get("repository")).get("default_branch")
    return env.get("GITHUB_EVENT_NAME") == "push" and event.get("ref") == f"refs/heads/{default}"


def _event(env: Mapping[str, str]) -> Mapping[str, Any]:
    with suppress(OSError, ValueError, RecursionError):
        return _table(parse_json(read_plain(Path(env.get("GITHUB_EVENT_PATH", "")), _LARGEST)))
    return {}


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
