"""The page of a watch: JSON for machines, Markdown for an issue or a wiki, HTML for a static site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate.bisect.watching import WATCH_SCHEMA, Picture, Seen, Watched, recent_seen
from pytest_llvmgate.codec import to_plain, write_atomically
from pytest_llvmgate.page import page
from pytest_llvmgate.printable import printable_line
from pytest_llvmgate.upstream.first_parent import Commit

_LISTED: Final = 50


def as_json(picture: Picture, state: Watched) -> str:
    """Everything; ``recent`` has the shape of the job that onnx-mlir ran: a commit and the number of its build."""
    data = {
        "schema": WATCH_SCHEMA,
        "recent": {"failed": _recent(picture.earliest_failing), "succeeded": _recent(picture.newest_passing)},
        "is_found": picture.between == 1,
        "is_settled": not picture.next,
        **{name: to_plain(getattr(picture, name)) for name in ("pin", "head", "newest_passing", "earliest_failing")},
        "head_seen": to_plain(picture.head_seen) if picture.head_seen else None,
        "between": picture.between,
        "followers": to_plain(picture.followers),
        "reverts": to_plain(picture.reverts),
        "next": picture.next or None,
        "configurations": list(state.request.configurations),
        "seen": [to_plain(seen) for seen in islice(recent_seen(state), _LISTED)],
    }
    return json.dumps(data, indent=1) + "\n"


def _recent(seen: Seen | None) -> list[Any] | None:
    return [{"sha1": seen.commit.sha, "date": seen.commit.date}, seen.build] if seen else None


def sentences(picture: Picture) -> Iterator[str]:
    """Where things stand, in plain words."""
    passing, failing = picture.newest_passing, picture.earliest_failing
    if passing is not None:
        yield f"Newest LLVM commit that passes: {passing.commit}"
    else:
        yield "No LLVM commit is known to pass."
    if failing is not None:
        first = "First commit that fails" if picture.between == 1 else "Oldest commit known to fail"
        yield f"{first}: {failing.commit}: {failing.reason}"
        yield from (
            f"It was {each.how} by {each.sha[:12]} ({each.date[:10]}) {each.title}" for each in picture.followers
        )
        if picture.between > 1:
            yield f"{picture.between} commits may be the first that fails."
    for one in picture.reverts:
        yield f"The pinned LLVM has {one.culprit[:12]}, {one.how} later by {one.proof[:12]}: {one.title}"
    yield f"Upstream's head: {picture.head}: {picture.head_seen.mark if picture.head_seen else 'not judged yet'}"
    yield f"Next: {picture.next[:12]}: {picture.why}" if picture.next else "Nothing to do until upstream moves."


def as_markdown(picture: Picture, state: Watched) -> str:
    """For an issue, a wiki or a job's summary."""
    lines = ["# LLVM watch", ""]
    lines += [f"- {_escaped(sentence)}" for sentence in sentences(picture)]
    lines += ["", f"Configurations: {', '.join(state.request.configurations)}", ""]
    lines += ["| build | commit | date | verdict | reason |", "|---|---|---|---|---|"]
    for seen in islice(recent_seen(state), _LISTED):
        cells = (str(seen.build), _named(seen.commit), seen.commit.date[:10], seen.mark.value, seen.reason)
        lines.append(f"| {' | '.join(_escaped(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def as_html(picture: Picture, state: Watched) -> str:
    """One file without scripts or anything from elsewhere."""
    return page(
        "watch",
        sentences=list(sentences(picture)),
        configurations=state.request.configurations,
        rows=[_row(seen) for seen in islice(recent_seen(state), _LISTED)],
    )


def _row(seen: Seen) -> dict[str, object]:
    return {
        "build": seen.build,
        "when": datetime.fromtimestamp(seen.when, UTC).strftime("%Y-%m-%d %H:%M"),
        "commit": seen.commit.short,
        "title": seen.commit.title,
        "date": seen.commit.date[:10],
        "mark": seen.mark.value,
        "reason": seen.reason,
    }


def _named(commit: Commit) -> str:
    return f"{commit.short} {commit.title}"


def _escaped(text: str) -> str:
    """Text of a log in a Markdown cell: no markup, no mention, no new cell."""
    text = printable_line(text)
    for character in "\\`*_{}[]<>|#":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.replace("@", "@\u200b").split())


def page_files(directory: Path, picture: Picture, state: Watched) -> tuple[Path, ...]:
    """Write ``watch.json``, ``watch.md`` and ``watch.html`` into a directory. Raises ``OSError``."""
    texts = {"watch.json": as_json(picture, state), "watch.md": as_markdown(picture, state)}
    texts["watch.html"] = as_html(picture, state)
    for name, text in texts.items():
        write_atomically(directory / name, text)
    return tuple(directory / name for name in texts)
