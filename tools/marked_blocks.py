"""Parts of Markdown files that a program writes: between ``<!-- KIND: NAME -->`` and ``<!-- end -->``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path


def rewritten(text: str, kind: str, body: Callable[[str], str | None]) -> str:
    """``text`` with every part of ``kind`` replaced by ``body(name)``; parts for which that is None stay."""

    def replacement(match: re.Match[str]) -> str:
        new = body(match["name"])
        return match[0] if new is None else f"{match['open']}\n\n{new.strip(chr(10))}\n\n{match['close']}"

    pattern = rf"(?P<open><!-- {re.escape(kind)}: (?P<name>[^\n>]+?) -->)\n.*?\n?(?P<close><!-- end -->)"
    return re.sub(pattern, replacement, text, flags=re.DOTALL)


def rewrite(path: Path, kind: str, body: Callable[[str], str | None]) -> bool:
    """Rewrite a file's parts of ``kind``; True when that changed it."""
    before = path.read_text(encoding="utf-8")
    after = rewritten(before, kind, body)
    if after != before:
        path.write_text(after, encoding="utf-8")
    return after != before
