"""On which line each key of a TOML document stands, and how a string is written in one.

:mod:`tomllib` gives values without places, and an error message without a line is half an error message. This scanner
runs over text that ``tomllib`` has accepted, so it only has to find keys, never to judge (grammar: TOML 1.0,
and what 1.1 adds, which Python 3.15 accepts).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

KeyPath = tuple[str | int, ...]
"""Keys and array positions from the document's root, e.g. ``("pin", 0, "file")``."""

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_SCALAR: Final = re.compile(r"[^,\]}\n#]*")
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''[\s\S]*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'", re.DOTALL
)
_ESCAPE: Final = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_ESCAPED: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The 1-based line of every key, table header and array element of ``text``, which must be valid TOML."""
    return _TomlScanner(text).scan()


def quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, except that TOML wants DEL escaped, too (TOML 1.0, "String")."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def written(value: object) -> str:
    """A value on one line of TOML: text, a date, an array, a table."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{name} = {written(each)}' for name, each in value.items())} }}"
    return f"[{', '.join(map(written, value))}]" if isinstance(value, Sequence) else str(value)


def array_table(name: str, values: Mapping[str, object]) -> str:
    """One of an array of tables, to paste into the configuration; what is empty is left out."""
    return "\n".join([f"[[{name}]]", *(f"{key} = {written(value)}" for key, value in values.items() if value)])


class _TomlScanner:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.position = 0
        self.lines: dict[KeyPath, int] = {}
        self.array_lengths: dict[KeyPath, int] = {}
        self.counted = (0, 1)

    def scan(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self.position < len(self.text):
            if self.text[self.position] == "[":
                table = self._header()
            else:
                self._key_value(table)
            self._skip(_BLANK)
        return self.lines

    def _header(self) -> KeyPath:
        is_array = self.text.startswith("[[", self.position)
        line = self._line()
        self.position += 2 if is_array else 1
        keys = self._dotted_key()
        self.position += 2 if is_array else 1
        if is_array:
            *parents, last = keys
            array = (*self._follow(parents, line), last)
            self._note(array, line)
            index = self.array_lengths.get(array, 0)
            self.array_lengths[array] = index + 1
            path: KeyPath = (*array, index)
            self._note(path, line)
            return path
        return self._follow(keys, line)

    def _follow(self, keys: list[str], line: int) -> KeyPath:
        """Walk down ``keys``; a name of an array of tables means its last element (TOML 1.0, "Array of Tables")."""
        path: KeyPath = ()
        for key in keys:
            path = (*path, key)
            self._note(path, line)
            if path in self.array_lengths:
                path = (*path, self.array_lengths[path] - 1)
        return path

    def _key_value(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for key in self._dotted_key():
            path = (*path, key)
            self._note(path, line)
        self._skip(_SPACE)
        self.position += 1  # the "="
        self._skip(_SPACE)
        self._value(path)

    def _dotted_key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            keys.append(self._simple_key())
            self._skip(_SPACE)
            if not self.text.startswith(".", self.position):
                return keys
            self.position += 1

    def _simple_key(self) -> str:
        if quoted := _STRING.match(self.text, self.position):
            self.position = quoted.end()
            inner = quoted[0][1:-1]
            return inner if quoted[0][0] == "'" else _ESCAPE.sub(_unescape, inner)
        bare = _BARE_KEY.match(self.text, self.position)
        if bare is None:
            raise ValueError(f"no key at offset {self.position}: the text is not valid TOML")
        self.position = bare.end()
        return bare[0]

    def _value(self, path: KeyPath) -> None:
        if string := _STRING.match(self.text, self.position):
            self.position = string.end()
        elif self.text.startswith("[", self.position):
            self._array(path)
        elif self.text.startswith("{", self.position):
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self.position += 1
        index = 0
        self._skip(_BLANK)
        while not self.text.startswith("]", self.position):
            self._note((*path, index), self._line())
            self._value((*path, index))
            index += 1
            self._skip_comma()
        self.position += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.position += 1
        self._skip(_BLANK)
        while not self.text.startswith("}", self.position):
            self._key_value(path)
            self._skip_comma()
        self.position += 1

    def _skip_comma(self) -> None:
        self._skip(_BLANK)
        if self.text.startswith(",", self.position):
            self.position += 1
        self._skip(_BLANK)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()

    def _line(self) -> int:
        offset, line = self.counted
        line += self.text.count("\n", offset, self.position)
        self.counted = (self.position, line)
        return line

    def _note(self, path: KeyPath, line: int) -> None:
        self.lines.setdefault(path, line)


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] in "xuU" and len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPED.get(code, code)
