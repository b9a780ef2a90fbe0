"""JSON for the result model: frozen dataclasses to plain values and back.

Reading is lenient towards fields it does not know (a newer writer) and strict about everything else, so that a torn or
foreign record is noticed instead of half understood.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """Turn dataclasses, enums, tuples and mappings into what :mod:`json` writes."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, Path):
        return value.as_posix()
    return value


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def from_plain(cls: type[T], data: object) -> T:
    """Build ``cls`` (a dataclass of the model) from what :func:`to_plain` made.

    Raises ``ValueError`` when the data is not of that shape.
    """
    result: T = _build(cls, data)
    return result


def _build(kind: Any, data: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return _one_of(typing.get_args(kind), data)
    if origin in (typing.Union, types.UnionType):
        choices = [arg for arg in typing.get_args(kind) if arg is not type(None)]
        return None if data is None else _build(choices[0], data)
    if origin is not None:
        return _build_container(origin, typing.get_args(kind), data)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _build_dataclass(kind, _expect(data, dict))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    return _build_scalar(kind, data)


def _build_container(origin: type, arguments: tuple[Any, ...], data: Any) -> Any:
    if origin is tuple:
        return tuple(_build(arguments[0], item) for item in _expect(data, list))
    return {key: _build(arguments[1], item) for key, item in _expect(data, dict).items()}  # a mapping


def _build_dataclass(kind: type, data: dict[str, Any]) -> Any:
    hints = _hints(kind)
    known = {field.name for field in dataclasses.fields(kind)}
    try:
        return kind(**{name: _build(hints[name], item) for name, item in data.items() if name in known})
    except TypeError as error:  # a required field is absent
        raise ValueError(f"not a {kind.__name__}: {error}") from error


def _build_scalar(kind: Any, data: Any) -> Any:
    if kind is Any or kind is object:
        return data
    if kind is Path:
        return Path(_expect(data, str))
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    return _expect(data, kind)


def _one_of(choices: tuple[object, ...], data: Any) -> Any:
    if data not in choices:
        raise ValueError(f"expected one of {choices}, found {data!r:.80}")
    return data


def _expect(data: Any, kind: Any) -> Any:
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise ValueError(f"expected {kind.__name__}, found {type(data).__name__}: {data!r:.80}")
    return data


def dumps(value: object) -> str:
    """The JSON text of a model object, readable and stable."""
    text = json.dumps(to_plain(value), indent=1, ensure_ascii=False) + "\n"
    # Paths that are no UTF-8 come as lone surrogates; this writes those, and only those, as JSON's own escapes.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def loads(cls: type[T], text: str) -> T:
    """Read a model object from JSON text. Raises ``ValueError`` for anything else."""
    return from_plain(cls, json.loads(text))


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` so that a reader, or a kill at any moment, sees the old file or the new one, nothing between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not tempfile: its files are for the owner's eyes only, and caches and configurations are shared.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("x", encoding="utf-8") as stream:
            stream.write(text)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
