"""What commands that a change brings along may see of the environment: nothing by which they could speak as the CI.

A CI hands its steps tokens, and files in which a step leaves what later steps shall have: variables, a search path, a
summary. The code of a pull request has no business with any of them. Sources: the documents of each CI on its
predefined variables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

_KEPT_FROM: Final = re.compile(
    r"GITHUB_(?:ENV|OUTPUT|PATH|STATE|STEP_SUMMARY)"  # GitHub's workflow commands by files
    r"|ACTIONS_\w+|RUNNER_TRACKING_ID"
    r"|(?:GITEA|FORGEJO)_(?:ENV|OUTPUT|PATH|STATE|STEP_SUMMARY)"
    r"|CI_(?:JOB_JWT\w*|REPOSITORY_URL|REGISTRY_USER)|DOCKER_AUTH_CONFIG"  # GitLab: the URL has a token in it
    r"|SYSTEM_ACCESSTOKEN|VSS_\w+|ENDPOINT_\w+|SECUREFILE_\w+"  # Azure
    r"|BUILDKITE_ENV_FILE|BUILDKITE_AGENT_\w+"
    r"|CIRCLE_(?:INTERNAL|OIDC)\w*|BASH_ENV"  # CircleCI's file for later steps; nothing else should be run by bash
    r"|TEAMCITY_BUILD_PROPERTIES_FILE|CIRRUS_ENV|DRONE_NETRC_\w+|CI_NETRC_\w+",
    re.IGNORECASE,
)
_SAYS_SO: Final = frozenset(
    {
        *("TOKEN", "TOKENS", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASSPHRASE"),
        *("CREDENTIAL", "CREDENTIALS", "APIKEY", "JWT", "NETRC", "OIDC"),
    }
)
"""Words in the name of whatever else is one."""
_KINDS_OF_KEYS: Final = frozenset(["API", "ACCESS", "PRIVATE", "SECRET", "SIGNING", "DEPLOY"])


def command_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment (this process's own by default) without tokens and without the files of a CI's steps."""
    env = os.environ if environ is None else environ
    return {name: value for name, value in env.items() if not _is_kept_back(name)}


def _is_kept_back(name: str) -> bool:
    words = re.split(r"[^A-Z0-9]", name.upper())
    keys = any(first in _KINDS_OF_KEYS and second == "KEY" for first, second in pairwise(words))
    return keys or not _SAYS_SO.isdisjoint(words) or _KEPT_FROM.fullmatch(name) is not None
