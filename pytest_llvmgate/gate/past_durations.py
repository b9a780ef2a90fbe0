"""How long each configuration took when it was last gated: what takes longest is begun first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.gate.run_directory import DIRECTORY_NAME
from pytest_llvmgate.gate.seal import read_sealed


def past_durations(root: Path) -> dict[str, float]:
    """Seconds by group, of the latest verdict of any candidate that has run the group; the rest is not in it."""
    found: dict[str, float] = {}
    for verdict in _newest_first(root):
        for group, seconds in _durations(verdict).items():
            found.setdefault(group, seconds)
    return found


def _newest_first(root: Path) -> Iterator[Any]:
    paths = {}
    for path in (root / DIRECTORY_NAME).glob("*/verdict.json"):
        with suppress(OSError):  # another process may clean up
            paths[path] = path.lstat().st_mtime
    for path in sorted(paths, key=lambda each: -paths[each]):
        with suppress(ValueError, RecursionError, RepositoryError):
            yield json.loads(read_sealed(root, path) or "{}")


def _durations(verdict: Any) -> Mapping[str, float]:
    """A stage that was not run again keeps the duration of the run that is on record."""
    total: dict[str, float] = {}
    results = verdict.get("results", ()) if isinstance(verdict, dict) else ()
    for result in results:
        if isinstance(result, dict) and result.get("outcome") != "skipped":
            with suppress(KeyError, TypeError, ValueError):
                total[str(result["group"])] = total.get(str(result["group"]), 0.0) + float(result["duration"])
    return total
