"""Text from logs and commits in Markdown, so that it stays text."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.printable import printable_line

_MARKUP: Final = re.compile(r"[\\`*\[\]~|$]|(?<![^\W_])_|_(?![^\W_])|^[-+#=](?=[-+#=\s]|$)|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
"""What means something wherever it stands, and what does at the beginning of a line."""
_LINKED: Final = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
"""Where GitHub would make a link by itself (GFM specification, 6.9). ``#12`` may well be meant as one."""


def code_span(text: str) -> str:
    """A code span. What is shown in one is a name or a path; a backtick in it would end it."""
    return f"`{printable_line(text).replace('`', chr(39)).strip() or ' '}`"


def plain_text(text: str) -> str:
    """Text from a log or a commit, so that it stays text: no HTML, no markup, no links, no mentions, no table cells.

    Underscores inside words mean nothing in GitHub's Markdown and stay readable (GFM specification, 6.2).
    """
    text = _LINKED.sub("\u200b", _MARKUP.sub(r"\\\g<0>", printable_line(text).strip()))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
