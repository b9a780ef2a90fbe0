"""What strangers wrote, made fit to be shown: logs, commit titles, names of files, branches and symbols.

Two things are taken out of it. *Control*: escape sequences, C0 and C1 controls, and the marks that reorder a line
(Unicode Standard Annex 9; CVE-2021-42574), because a terminal and a browser obey them. *Commands*: what a CI service
would obey when it reads the gate's own output.

The last step of :func:`printable` takes single characters out, so nothing that it leaves can be put together to a new
sequence, and to clean twice changes nothing. :func:`without_commands` is for what is about to be printed: wrapping can
move the middle of a line to the beginning of one.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar

LONGEST_LINE: Final = 2_000
"""Characters of one printed line; a mangled symbol can have millions."""

_Value = TypeVar("_Value")

_NUL_AND_KIN: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
"""What a terminal skips inside of an escape sequence, and what it rings the bell for."""
_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|(?:\x1b[\]_P^X]|[\x9d\x9f\x90\x9e\x98])[^\x07\x1b\x9c\n]*+(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*+[0-~]?"
)
"""ECMA-48: control sequences, strings (OSC, APC, DCS ...), the rest; in their 7-bit and their 8-bit forms."""
_LINE_ENDS: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r"[\x0b\x0c]")
_LEFT_OVER: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Controls, marks of direction, byte order marks, and the invisible tags."""
_NO_CHARACTER: Final = re.compile("[\ud800-\udfff]")

_CI_VARIABLES: Final = (
    "CI", "GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "TEAMCITY_VERSION", "BUILDKITE", "JENKINS_URL", "TRAVIS"
)  # fmt: skip
_AT_START: Final = re.compile(r"^([^\S\n]*+)(:(?=:)|[-+~^]{2}(?=[-+~^]))", re.MULTILINE)
"""GitHub's ``::command::`` (actions/runner, ActionCommand.TryParseV2); Buildkite's ``---``, ``+++`` and kin."""
_ANYWHERE: Final = re.compile(
    r"#(?=#(?:\[|vso\[|teamcity\[))|section_(?:start|end)(?=:\d)|travis_(?:fold|time)(?=:)", re.IGNORECASE
)
"""The older form of GitHub, Azure's, TeamCity's; GitLab's and Travis' sections."""


def printable(text: str) -> str:
    """``text`` without control; lines stay lines, tabs stay tabs."""
    if text.isprintable():  # most are, and are told so in one pass
        return text
    text = _ESCAPES.sub("", _NUL_AND_KIN.sub("", text))
    text = _BLANKS.sub(" ", _LINE_ENDS.sub("\n", text))
    return _NO_CHARACTER.sub("\ufffd", _LEFT_OVER.sub("", text))


def printable_line(text: str) -> str:
    """``text`` without control, as one line."""
    return printable(text).replace("\n", " ").replace("\t", " ")


def shell_word(name: str) -> str:
    """A name as one word of a command that is shown to be pasted into a shell: no option, no other command."""
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


def shortened(text: str, most: int = LONGEST_LINE) -> str:
    """The text; of one longer than ``most`` its head and tail, with the number of characters between them."""
    if len(text) <= most:
        return text
    tail = most // 4
    return f"{text[: most - tail]} ...({len(text) - most:,} characters)... {text[-tail:]}"


def cleaned(value: _Value) -> _Value:
    """``value`` with every string in it :func:`printable`: through dataclasses, tuples, lists and mappings."""
    return _cleaned(value)  # type: ignore[no-any-return]


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value) if type(value) is str else value  # the members of enumerations are the gate's own
    if is_dataclass(value) and not isinstance(value, type):
        old = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        new = {name: _cleaned(each) for name, each in old.items()}
        changed = {name: each for name, each in new.items() if each is not old[name]}
        return replace(value, **changed) if changed else value
    if type(value) in {tuple, list}:
        parts = [_cleaned(each) for each in value]
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else type(value)(parts)
    if isinstance(value, Mapping):
        pairs = {_cleaned(name): _cleaned(each) for name, each in value.items()}
        return value if all(value.get(name, value) is each for name, each in pairs.items()) else pairs
    return value


def in_ci(environment: Mapping[str, str] | None = None) -> bool:
    """Whether a CI service reads what is printed."""
    known = os.environ if environment is None else environment
    return any(known.get(name, "").lower() not in {"", "0", "false"} for name in _CI_VARIABLES)


def without_commands(text: str) -> str:
    """Text that is about to be printed, so that no CI service takes a line of it for a command."""
    return _ANYWHERE.sub(r"\g<0> ", _AT_START.sub(_parted, text))


def _parted(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]} "


def for_log(text: str) -> str:
    """Text as it may go to the terminal or a log: without control, and without commands where a CI service reads it."""
    text = printable(text)
    return without_commands(text) if in_ci() else text
