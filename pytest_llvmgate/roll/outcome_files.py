"""What a roll leaves for whoever acts on it: ``roll.json`` and ``pull-request.md`` in the run directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.roll.pull_request import body, title
from pytest_llvmgate.roll.rolling import Ending, Roll, Rolled

SCHEMA: Final = 1
OUTCOME: Final = "roll.json"
TEXT: Final = "pull-request.md"


def outcome_data(rolled: Rolled, directory: Path) -> dict[str, Any]:
    """The outcome as plain values."""
    return {
        "schema": SCHEMA,
        "ending": rolled.ending.value,
        "exit_code": rolled.ending.exit_code,
        "says": rolled.says,
        "base": {"branch": rolled.base_branch, "commit": rolled.base, "llvm": rolled.baseline},
        "candidate": rolled.attempt.sha if rolled.attempt else None,
        "branch": rolled.branch or None,
        "commit": rolled.commit or None,
        "title": title(rolled),
        "text": str(directory / TEXT),
        "tried": [
            {
                "sha": one.sha,
                "verdict": one.mark,
                "mended": one.is_mended,
                "reason": one.reason,
                "causes": [*one.causes],
            }
            for one in rolled.tried
        ],
    }


def write_outcome(roll: Roll, rolled: Rolled) -> dict[str, Any]:
    """Write both files; what the JSON one says."""
    directory = roll.place.directory
    briefs = roll.place.of(rolled.attempt.sha) / "briefs" if rolled.attempt else None
    shown = briefs if rolled.ending is Ending.BLOCKED else None
    write_atomically(directory / TEXT, body(rolled, roll.config, roll.verdict(rolled), shown))
    data = outcome_data(rolled, directory)
    write_atomically(directory / OUTCOME, json.dumps(data, indent=1) + "\n")
    return data
