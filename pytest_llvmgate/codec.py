"""JSON for the result model: frozen dataclasses to plain values and back.

Reading is lenient towards fields it does not know (a newer writer) and strict about everything else, so that a torn or
foreign record is noticed instead of half understood.
"""

from __future__ import annotations

import json
import math
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """Turn dataclasses, enums, tuples and mappings into what :mod:`json` writes."""
    import msgspec  # 30 ms, which reading JSON and writing files need not wait for

    return msgspec.to_builtins(value, str_keys=True, enc_hook=_path_as_text)


def from_plain(cls: type[T], data: object) -> T:
    """Build ``cls`` (a dataclass of the model) from what :func:`to_plain` made.

    Raises ``ValueError`` when the data is not of that shape.
    """
    import msgspec

    try:
        return msgspec.convert(data, cls, dec_hook=_text_as_path)
    except msgspec.ValidationError as error:
        raise ValueError(f"not a {cls.__name__}: {error}") from error


def _path_as_text(value: object) -> str:
    if isinstance(value, Path):
        return value.as_posix()
    raise NotImplementedError(type(value).__name__)


def _text_as_path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise TypeError(f"expected a path, found {type(value).__name__}")


def dumps(value: object) -> str:
    """The JSON text of a model object, readable and stable."""
    text = json.dumps(to_plain(value), indent=1, ensure_ascii=False) + "\n"
    # By json, not by msgspec: paths that are no UTF-8 come as lone surrogates, which msgspec does not write. They, and
    # only they, become JSON's own escapes.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def loads(cls: type[T], text: str) -> T:
    """Read a model object from JSON text. Raises ``ValueError`` for anything else."""
    return from_plain(cls, parse_json(text))


def said(kind: type[T], text: str, nothing: T) -> T:
    """What a fact in JSON says; ``nothing`` where it is of another form, since anybody may have made it."""
    try:
        return loads(kind, text)
    except ValueError:
        return nothing


def parse_json(text: str | bytes) -> Any:
    """Plain values from JSON that anybody may have written. Raises ``ValueError`` for whatever is wrong with it."""
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _finite(text: str) -> float:
    """A number of JSON: it has neither NaN nor infinity (RFC 8259, section 6), nor is 1e999 a time or size."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"expected a number, found {text}")
    return number


def write_atomically(path: Path, text: str | bytes) -> None:
    """Write ``text`` so that a reader, or a kill at any moment, sees the old file or the new one, nothing between."""
    data = text.encode("utf-8") if isinstance(text, str) else text
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not tempfile: its files are for the owner's eyes only, and caches and configurations are shared.
    temporary = path.parent / f".{path.name}.{secrets.token_hex(8)}.tmp"  # not with_name: "/" has no name
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)  # of the file that was meant, and not of one that nobody knows
        raise
