"""What CI services would do on reading a log: their parsers in small, the judges of what the gate prints.

GitHub: actions/runner, ActionCommand.cs (``TryParseV2`` looks at a line's trimmed start, ``TryParse`` anywhere).
Azure: azure-pipelines-agent, Command.cs (anywhere). GitLab: runner sections. TeamCity: service messages. Buildkite:
"Managing log output".
"""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = """set-env set-output save-state add-mask add-path add-matcher remove-matcher debug warning error notice
group endgroup echo stop-commands"""
GITHUB: Final = frozenset(_NAMES.split())
_OTHERS: Final = (
    re.compile(r"##vso\[|##\[", re.IGNORECASE),
    re.compile(r"section_(?:start|end):\d+:"),
    re.compile(r"##teamcity\["),
    re.compile(r"^\s*(?:---|\+\+\+|~~~|\^\^\^)"),
)


def github_commands(log: str) -> list[tuple[str, str]]:
    """The commands that are carried out, as name and message; those while stopped are not."""
    known, token, done = set(GITHUB), "", []
    for line in re.split(r"\r\n|\r|\n", log):
        found = _v2(line, known) or _v1(line, known)
        if not found:
            continue
        name, message = found
        if token:
            token = "" if name == token else token
        else:
            done.append(found)
            if name == "stop-commands":
                token = message.lower()
                known.add(token)
    return done


def _v2(line: str, known: set[str]) -> tuple[str, str] | None:
    text = line.lstrip()
    end = text.find("::", 2) if text.startswith("::") else -1
    name = text[2:end].split(" ", 1)[0].lower()
    return (name, text[end + 2 :]) if end >= 0 and name in known else None


def _v1(line: str, known: set[str]) -> tuple[str, str] | None:
    start = line.find("##[")
    end = line.find("]", start) if start >= 0 else -1
    name = line[start + 3 : end].split(" ", 1)[0].lower()
    return (name, line[end + 1 :]) if end >= 0 and name in known else None


def other_commands(log: str) -> list[str]:
    """Lines that another service would obey."""
    return [line for line in re.split(r"[\r\n]", log) if any(each.search(line) for each in _OTHERS)]
