"""The status page in its forms: JSON for machines, Markdown for an issue or a wiki, HTML for a static site."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from pytest_llvmgate.bisect.watching import JudgedCommit
from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.markdown_text import plain_text
from pytest_llvmgate.page import page
from pytest_llvmgate.roll.status_page import StatusPage

_LISTED: Final = 50
_NAME: Final = "status"
_TITLE: Final = "LLVM status"


def as_json(status: StatusPage) -> str:
    """For machines."""
    return json.dumps(status.data, indent=1) + "\n"


def as_markdown(status: StatusPage) -> str:
    """For an issue, a wiki or a job's summary."""
    lines = [f"# {_TITLE}"]
    for title, said in status.sections.items():
        if said:
            lines += ["", f"## {title}", "", *(f"- {plain_text(line)}" for line in said)]
    if status.seen:
        lines += [
            "",
            "## Judged by watch",
            "",
            "| build | judged | commit | verdict | reason |",
            "|---|---|---|---|---|",
        ]
        for row in map(_row, islice(status.seen, _LISTED)):
            cells = (row["build"], row["when"], f"{row['commit']} {row['title']}", row["mark"], row["reason"])
            lines.append(f"| {' | '.join(plain_text(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def as_html(status: StatusPage) -> str:
    """One file without scripts or anything from elsewhere."""
    rows = [_row(seen) for seen in islice(status.seen, _LISTED)]
    return page(_NAME, title=_TITLE, sections=status.sections, rows=rows)


_FORMS: Final[Mapping[str, Callable[[StatusPage], str]]] = {".json": as_json, ".md": as_markdown, ".html": as_html}


def write_page(status: StatusPage, path: Path) -> tuple[Path, ...]:
    """Write it to ``path``: in the form that its name ends in, or, for a directory, in all three as ``status.*``.

    Raises ``GateError`` for a name that ends in something else, ``OSError`` where it cannot be written.
    """
    if path.suffix and not path.is_dir():
        if path.suffix not in _FORMS:
            raise GateError(f"{path}: expected a name that ends in {', '.join(_FORMS)}, or a directory")
        write_atomically(path, _FORMS[path.suffix](status))
        return (path,)
    written = [path / f"{_NAME}{suffix}" for suffix in _FORMS]
    for file in written:
        write_atomically(file, _FORMS[file.suffix](status))
    return tuple(written)


def _row(seen: JudgedCommit) -> dict[str, str]:
    return {
        "build": str(seen.build),
        "when": datetime.fromtimestamp(seen.when, UTC).strftime("%Y-%m-%d %H:%M"),
        "commit": seen.commit.short,
        "title": seen.commit.title,
        "date": seen.commit.date[:10],
        "mark": seen.mark.value,
        "reason": seen.reason,
    }
