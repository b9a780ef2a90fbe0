"""Shapes: what a value of the configuration may look like.

One description serves both readers: ``read`` checks a value and reports every error with its place, ``json_schema``
tells editors the same rules (JSON Schema draft-07, which validate-pyproject uses).
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pytest_llvmgate.config.toml_lines import KeyPath
from pytest_llvmgate.errors import Problem

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INVALID: Final = object()
"""What ``read`` returns for a value that it has complained about."""


@dataclass(frozen=True)
class Spot:
    """A place in the document, and where complaints about it go."""

    path: KeyPath
    line_of: Callable[[KeyPath], str]
    """Key path to ``file:line``."""
    problems: list[Problem]

    def child(self, key: str | int) -> Spot:
        """The place of an element."""
        return Spot((*self.path, key), self.line_of, self.problems)

    def complain(self, message: str, hint: str | None = None) -> None:
        """Record a problem at this place."""
        key = dotted(self.path)
        text = f"{key}: {message}" if key else message
        self.problems.append(Problem(message=text, where=self.line_of(self.path), hint=hint))

    def refuse(self, message: str, hint: str | None = None) -> Any:
        """What stands for a value with a problem, which is recorded at this place."""
        self.complain(message, hint)
        return INVALID


_SUGGESTED: Final = 40
"""Names that a hint lists."""
_LONGEST_SLIP: Final = 100
"""Characters; no longer name is compared with others."""
_MOST_TEXT: Final = 4_000
"""Characters of a string: what Linux takes for a path (PATH_MAX), which most of them are."""
_MOST_SECONDS: Final = 366 * 86_400
_MOST_DIGITS: Final = 40


def _is_huge(value: object) -> bool:
    """A number that Python does not even write down (``sys.set_int_max_str_digits``), and near ones."""
    return isinstance(value, int) and abs(value) >= 10**_MOST_DIGITS


class Shape(Protocol):
    """What a value may look like."""

    def read(self, value: Any, spot: Spot) -> Any:
        """The value in its final form, or :data:`INVALID` after complaining."""

    def json_schema(self) -> dict[str, Any]:
        """The same rule as JSON Schema."""


@dataclass(frozen=True, kw_only=True)
class Text:
    """A string, perhaps of a certain form."""

    pattern: str = ""
    """Regular expression that the whole string matches."""
    form: str = "a string"
    """What ``pattern`` means, in words."""
    choices: tuple[str, ...] = ()
    """Its only values, of an enumeration or plain; what is read is one of them."""

    def read(self, value: Any, spot: Spot) -> Any:
        if not isinstance(value, str):
            return spot.refuse(f"expected {self._expected}, found {described(value)}")
        if len(value) > _MOST_TEXT:
            return spot.refuse(f"expected at most {_MOST_TEXT:,} characters, found {len(value):,}")
        if self.choices and value not in self.choices:
            return spot.refuse(f"expected {self._expected}, found {value!r}", suggestion(value, self.choices))
        if self.pattern and not re.fullmatch(self.pattern, value):
            return spot.refuse(f"expected {self._expected}, found {value!r}")
        return next((choice for choice in self.choices if choice == value), None) or _without_nul(value, spot)

    @property
    def _expected(self) -> str:
        return f"one of {', '.join(repr(str(choice)) for choice in self.choices)}" if self.choices else self.form

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string"}
        if self.choices:
            schema["enum"] = [str(choice) for choice in self.choices]  # fastjsonschema writes them out as code
        if self.pattern:
            schema["pattern"] = f"^(?:{self.pattern})$"
        return schema


def _without_nul(value: str, spot: Spot) -> Any:
    """Strings go to the system (arguments, paths, environment), where NUL ends them."""
    if "\0" in value:
        return spot.refuse(f"expected no NUL character, found {described(value)}")
    return value


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def read(self, value: Any, spot: Spot) -> Any:
        if isinstance(value, bool):
            return value
        return spot.refuse(f"expected true or false, found {described(value)}")

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Seconds:
    """A positive number of seconds."""

    def read(self, value: Any, spot: Spot) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _MOST_SECONDS:
            return float(value)
        return spot.refuse(f"expected a positive number of seconds, at most a year, found {described(value)}")

    def json_schema(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum": 0}


@dataclass(frozen=True, kw_only=True)
class Count:
    """A whole number from 1 on."""

    most: int

    @property
    def form(self) -> str:
        """What is expected, in words."""
        return f"a whole number from 1 to {self.most}"

    def read(self, value: Any, spot: Spot) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= self.most:
            return spot.refuse(f"expected {self.form}, found {described(value)}")
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": self.most}


@dataclass(frozen=True)
class Date:
    """A TOML local date, e.g. ``2026-12-10`` without quotes."""

    def read(self, value: Any, spot: Spot) -> Any:
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return value
        if isinstance(value, str) and _ISO_DATE.fullmatch(value):
            with suppress(ValueError):
                return datetime.date.fromisoformat(value)
        return spot.refuse(f"expected a date like 2026-12-10, found {described(value)}")

    def json_schema(self) -> dict[str, Any]:
        # Not "type": "string": validate-pyproject checks what tomllib made, and there a local date is no string.
        return {"not": {"type": ["number", "boolean", "array", "object"]}, "format": "date"}


@dataclass(frozen=True)
class CMakeValue:
    """A cache value: a string, a number, or true/false for ON/OFF."""

    def read(self, value: Any, spot: Spot) -> Any:
        if isinstance(value, bool):
            return "ON" if value else "OFF"
        if isinstance(value, str | int | float) and not _is_huge(value):
            return _without_nul(str(value), spot)
        return spot.refuse(f"expected a CMake cache value (string, number, true or false), found {described(value)}")

    def json_schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True, kw_only=True)
class ListOf:
    """An array of values of one shape."""

    item: Shape
    form: str = "an array"
    non_empty: bool = False

    def read(self, value: Any, spot: Spot) -> Any:
        if not isinstance(value, list):
            return spot.refuse(f"expected {self.form}, found {described(value)}")
        if self.non_empty and not value:
            return spot.refuse(f"expected {self.form} with at least one element, found an empty one")
        items = [self.item.read(element, spot.child(index)) for index, element in enumerate(value)]
        return INVALID if any(item is INVALID for item in items) else tuple(items)

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "array", "items": self.item.json_schema()}
        return schema | {"minItems": 1} if self.non_empty else schema


@dataclass(frozen=True, kw_only=True)
class OneOrMany:
    """A string, or an array of strings."""

    item: Shape

    def read(self, value: Any, spot: Spot) -> Any:
        if isinstance(value, list):
            return ListOf(item=self.item, non_empty=True).read(value, spot)
        single = self.item.read(value, spot)
        return INVALID if single is INVALID else (single,)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [self.item.json_schema(), ListOf(item=self.item, non_empty=True).json_schema()]}


@dataclass(frozen=True, kw_only=True)
class TableOf:
    """A table with keys of the user's choice."""

    item: Shape
    key: Text = field(default_factory=Text)
    form: str = "a table"

    def read(self, value: Any, spot: Spot) -> Any:
        if not isinstance(value, dict):
            return spot.refuse(f"expected {self.form}, found {described(value)}")
        result = {}
        for name, element in value.items():
            if self.key.read(name, spot.child(name)) is INVALID:
                continue
            item = self.item.read(element, spot.child(name))
            if item is not INVALID:
                result[name] = item
        return result if len(result) == len(value) else INVALID

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "additionalProperties": self.item.json_schema()}
        if self.key.pattern:
            schema["propertyNames"] = self.key.json_schema()
        return schema


@dataclass(frozen=True)
class Key:
    """A key of a record."""

    shape: Shape
    doc: str
    required: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A table with keys of our choice."""

    keys: Mapping[str, Key]
    form: str = "a table"

    def read(self, value: Any, spot: Spot) -> Any:
        if not isinstance(value, dict):
            return spot.refuse(f"expected {self.form}, found {described(value)}")
        before = len(spot.problems)
        for name in value:
            if name not in self.keys:
                spot.child(name).complain("unknown key", suggestion(name, self.keys))
        for name, key in self.keys.items():
            if key.required and name not in value:
                spot.complain(f"the key {name!r} is missing ({key.doc})")
        result = {
            name: self.keys[name].shape.read(element, spot.child(name))
            for name, element in value.items()
            if name in self.keys
        }
        return INVALID if len(spot.problems) > before else result

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: key.shape.json_schema() | {"description": key.doc} for name, key in self.keys.items()},
        }
        required = [name for name, key in self.keys.items() if key.required]
        return schema | {"required": required} if required else schema


def dotted(path: KeyPath) -> str:
    """``pin[0].file`` for ``("pin", 0, "file")``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def described(value: object) -> str:
    """A value in TOML's words, for "found ..."."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "an array"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date | datetime.time):
        return f"the date or time {value.isoformat()}"
    if _is_huge(value):
        return f"a number of more than {_MOST_DIGITS} digits"
    shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
    return f"the {'string' if isinstance(value, str) else 'number'} {shown}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """The nearest of ``known`` names, or all of them where none is near."""
    names = [str(name) for name in known]
    near = nearest(name, names)
    more = ", ..." if len(names) > _SUGGESTED else ""
    return f"did you mean {near!r}?" if near else f"known here: {', '.join(names[:_SUGGESTED]) or 'none'}{more}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that ``name`` is most likely a misspelling of."""
    if len(name) > _LONGEST_SLIP:
        return None
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), None)
