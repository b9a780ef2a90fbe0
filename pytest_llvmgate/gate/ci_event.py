"""What a CI service says of why it runs: for a change that somebody proposes or not, and from where that change starts.

Sources: each service's documents on its predefined variables, and GitHub's "Webhook events and payloads".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

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
_COMMITS: Final = ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_COMMIT_BEFORE_SHA")


def proposed_change(env: Mapping[str, str]) -> str:
    """The variable that says that this runs for a change which is not merged yet; empty where none does."""
    for name, values in _PROPOSED.items():
        if env.get(name) in values:
            return f"{name}={env[name]}"
    return next((name for name in _NAMES_A_CHANGE if env.get(name) not in {None, "", "false"}), "")


def bases(env: Mapping[str, str]) -> Iterator[str]:
    """What the change starts from, as git names it, the surest first: commits, then branches with and without remote.

    A merge queue's group has no target branch in the environment: its base is in the event alone. A push has the commit
    that the branch was on before.
    """
    yield from _of_event(env)
    for name in _COMMITS:
        if _SHA.fullmatch(env.get(name, "")):
            yield env[name]
    for name in _BRANCHES:
        if branch := env.get(name):
            yield f"origin/{branch}"
            yield branch


def _of_event(env: Mapping[str, str]) -> Iterator[str]:
    event: Any = None
    with suppress(OSError, ValueError, RecursionError):
        event = json.loads(read_plain(Path(env.get("GITHUB_EVENT_PATH", "")), _LARGEST))
    if not isinstance(event, dict):
        return
    group = event.get("merge_group")
    found = {"merge_group": group.get("base_sha") if isinstance(group, dict) else None, "push": event.get("before")}
    sha = found.get(env.get("GITHUB_EVENT_NAME", ""))
    if isinstance(sha, str) and _SHA.fullmatch(sha):
        yield sha
