"""The configurations that a project's ``CMakePresets.json`` offers, with their cache values (cmake-presets(7))."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate.codec import parse_json
from pytest_llvmgate.plain_file import read_plain

_NAME: Final = "CMakePresets.json"


def preset_values(root: Path) -> Mapping[str, Mapping[str, str]]:
    """The cache values of each configure preset that is not hidden, those that it inherits included.

    What is no preset by CMake's rules is left out, and so are files that a path with a macro names: CMake tells.
    """
    presets: dict[str, dict[str, Any]] = {}
    for data in _files(root):
        for each in _list(data.get("configurePresets")):
            if isinstance(each, dict) and isinstance(each.get("name"), str):
                presets.setdefault(each["name"], each)
    return {name: _values(name, presets, ()) for name, each in presets.items() if each.get("hidden") is not True}


def _files(root: Path) -> Iterator[Mapping[str, Any]]:
    """The file at the top and what it includes, each once."""
    waiting = [_NAME]
    for path in waiting:
        try:
            data = parse_json(read_plain(root / path))
        except (OSError, ValueError):
            continue
        if isinstance(data, dict):
            yield data
            more = [each for each in _list(data.get("include")) if isinstance(each, str) and not each.startswith("/")]
            beside = (posixpath.normpath(posixpath.join(posixpath.dirname(path), each)) for each in more)
            waiting += [each for each in beside if each not in waiting and not each.startswith("..")]


def _values(name: str, presets: Mapping[str, dict[str, Any]], below: tuple[str, ...]) -> dict[str, str]:
    """A preset's values over those of the presets it inherits, of which the first comes first."""
    if name not in presets or name in below:
        return {}
    preset = presets[name]
    found: dict[str, str] = {}
    inherits = preset.get("inherits")
    for parent in reversed([inherits] if isinstance(inherits, str) else _list(inherits)):
        found |= _values(str(parent), presets, (*below, name))
    own = preset.get("cacheVariables")
    for variable, value in (own if isinstance(own, dict) else {}).items():
        text = value.get("value") if isinstance(value, dict) else value
        if isinstance(text, bool):
            text = str(text).upper()
        if isinstance(text, str):
            found[variable] = text
    return found


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
