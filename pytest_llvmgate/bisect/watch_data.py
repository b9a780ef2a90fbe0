"""What a watch knows, for pages: as sentences, and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from pytest_llvmgate.bisect.outcome import numbered
from pytest_llvmgate.bisect.watching import JudgedCommit, Picture, Watched
from pytest_llvmgate.codec import to_plain

_LISTED: Final = 50


def watch_data(picture: Picture, state: Watched) -> dict[str, Any]:
    """Everything; in ``recent``, each commit is :func:`.outcome.numbered`."""
    return {
        "schema": state.schema,
        "recent": {"failed": _recent(picture.earliest_failing), "succeeded": _recent(picture.newest_passing)},
        "is_found": picture.between == 1,
        "is_settled": not picture.next,
        **{name: to_plain(getattr(picture, name)) for name in ("pin", "head", "newest_passing", "earliest_failing")},
        "head_seen": to_plain(picture.head_seen) if picture.head_seen else None,
        "between": picture.between,
        "followers": to_plain(picture.followers),
        "next": picture.next or None,
        "configurations": list(state.request.configurations),
        "seen": [to_plain(seen) for seen in islice(state.latest, _LISTED)],
    }


def _recent(seen: JudgedCommit | None) -> list[Any] | None:
    return numbered(seen.commit.sha, seen.commit.date, seen.build) if seen else None


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
        yield from (f"It was {each.how} by {each}" for each in picture.followers)
        if picture.between > 1:
            yield f"{picture.between} commits may be the first that fails."
    yield f"Upstream's head: {picture.head}: {picture.head_seen.mark if picture.head_seen else 'not judged yet'}"
    yield f"Next: {picture.next[:12]}: {picture.why}" if picture.next else "Nothing to do until upstream moves."
