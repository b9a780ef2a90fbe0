"""What a roll leaves for whoever acts on it: its outcome, the text of a pull request, the status page."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.load import parse_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.gate.seal import write_sealed
from pytest_llvmgate.pins.llvm_clones import find_upstream_quietly
from pytest_llvmgate.roll.pull_request import body, title
from pytest_llvmgate.roll.roll_state import Attempt
from pytest_llvmgate.roll.rolling import Roll, Rolled, RollEnding
from pytest_llvmgate.roll.status_forms import write_page
from pytest_llvmgate.roll.status_page import status_page

SCHEMA: Final = 1
TEXT: Final = "pull-request.md"


def write_outcome(roll: Roll, rolled: Rolled, page: Path | None = None) -> dict[str, Any]:
    """Write all of it; what ``roll.json`` says. ``page``: where the status page goes, if not beside it."""
    directory = roll.place.directory
    is_blocked = rolled.ending is RollEnding.BLOCKED
    briefs = roll.place.briefs(rolled.attempt.sha) if rolled.attempt and is_blocked else None
    write_atomically(directory / TEXT, body(rolled, _config_of(roll, rolled), roll.verdict(rolled), briefs))
    dates = find_upstream_quietly(roll.config)[0].dates(one.sha for one in rolled.tried)
    data = _data(rolled, directory, dates)
    write_sealed(roll.place.top, roll.place.outcome, json.dumps(data, indent=1))
    write_page(status_page(roll.config), page or directory)
    return data


def _config_of(roll: Roll, rolled: Rolled) -> Config:
    """As the branch has it: a roll drops carries, and adds some."""
    path = roll.repository.relative(roll.config.path)
    text = roll.repository.read(path, commit=rolled.commit) if rolled.commit else None
    return parse_config(roll.config.path, text.decode("utf-8")) if text else roll.config


def _data(rolled: Rolled, directory: Path, dates: Mapping[str, int]) -> dict[str, Any]:
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
        "tried": [_tried(one, dates.get(one.sha)) for one in rolled.tried],
    }


def _tried(one: Attempt, made: int | None) -> dict[str, Any]:
    date = datetime.datetime.fromtimestamp(made, datetime.UTC).isoformat() if made else None
    shown = {"sha": one.sha, "date": date, "verdict": one.mark, "mended": one.is_mended, "reason": one.reason}
    return shown | {"causes": list(one.causes)}
