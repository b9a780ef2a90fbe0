"""Carried patches that a candidate makes needless: they leave the configuration, and their files go with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pytest_llvmgate.carry.looking import Looked, look_at_all
from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.load import parse_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import ConfigError
from pytest_llvmgate.plain_file import read_plain_text


def drop_carries(config: Config, sha: str, baseline: str) -> tuple[str, ...]:
    """Take the carries that are needed no more with the LLVM commit ``sha`` out of the tree of ``config``.

    LLVM's are looked at on that commit, a component's on what its gitlink names by now. A line for each patch.
    """
    looked = [one for one in look_at_all(config, sha, since=baseline) if one.is_unneeded]
    return _dropped(config, looked) if looked else ()


def _dropped(config: Config, looked: Sequence[Looked]) -> tuple[str, ...]:
    gone = {one.carry.name for one in looked}
    text = read_plain_text(config.path, errors="strict")
    shorter = without_tables(text, {one.carry.line for one in looked})
    try:
        left = parse_config(config.path, shorter).carries
    except ConfigError:  # tables of a form that is not seen through here: a note of the gate asks for it
        return ()
    if {one.name for one in left} != {one.name for one in config.carries} - gone:
        return ()
    write_atomically(config.path, shorter)
    used = {name for carry in left for name in carry.patches}
    for one in looked:
        for name in one.carry.patches:
            if name not in used:
                (config.root / name).unlink(missing_ok=True)
    return tuple(line for one in looked for line in _says(one))


def _says(one: Looked) -> list[str]:
    because = [f"{each.patch}: {each.says}" for each in one.standings] or ["nothing is left of it"]
    return [f"{one.carry.name}: {each}" for each in because]


def without_tables(text: str, lines: Collection[int]) -> str:
    """The TOML text without the tables whose headers stand in these lines (1-based), and the comments right above them.

    What stands between such a table and the next header as comments is the next one's.
    """
    rows = text.splitlines(keepends=True)
    for line in sorted(lines, reverse=True):
        start, end = line - 1, line
        while end < len(rows) and not rows[end].lstrip().startswith("["):
            end += 1
        while end > line and (not rows[end - 1].strip() or rows[end - 1].startswith("#")):
            end -= 1
        while start and rows[start - 1].startswith("#"):
            start -= 1
        while start and end < len(rows) and not rows[start - 1].strip() and not rows[end].strip():
            end += 1
        del rows[start:end]
    return "".join(rows)
