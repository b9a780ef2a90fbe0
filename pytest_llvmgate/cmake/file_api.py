"""Ask CMake's File API for the codemodel of a build directory, and read its reply (cmake-file-api(7)).

The query is a stateful one of our own client, so that it neither disturbs nor depends on an editor's queries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate.cmake.codemodel import CallSite, Codemodel, Fragment, Target
from pytest_llvmgate.codec import parse_json
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain, read_plain_text

_CLIENT: Final = "client-llvmgate"
_API: Final = Path(".cmake", "api", "v1")
_REQUESTS: Final = ({"kind": "codemodel", "version": 2}, {"kind": "toolchains", "version": 1})

_INCLUDE_FLAG: Final = re.compile(r"(?<!\S)(-I|-isystem|/I)\s*+([^\s\"]++)")


def write_query(build_dir: Path) -> Path:
    """Place the query that CMake answers at its next run in ``build_dir``; return the query's file.

    Safe to repeat, and before the directory was ever configured.
    """
    query = build_dir / _API / "query" / _CLIENT / "query.json"
    text = json.dumps({"requests": _REQUESTS}, indent=1) + "\n"
    if not query.is_file() or read_plain_text(query, LARGEST_MADE, errors="strict") != text:
        query.parent.mkdir(parents=True, exist_ok=True)
        query.write_text(text, encoding="utf-8")
    return query


def read_codemodel(build_dir: Path) -> Codemodel:
    """The codemodel of ``build_dir`` from the newest reply; of several build types, the first one's.

    Raises :class:`ToolError` when there is no reply (``write_query`` and a run of cmake make one), or when it is torn.
    """
    build_dir = build_dir.absolute()
    index = _read_index(build_dir)
    file = _object_file(index, "codemodel", 2)
    if file is None:
        raise _no_reply(build_dir)
    reply = build_dir / _API / "reply"
    model = _load(reply / file)
    source_dir, top = Path(model["paths"]["source"]), Path(model["paths"]["build"])
    # CMake 4.2 lists imported targets apart, as "abstractTargets"; only what is built is of interest here.
    first = model["configurations"][0]
    targets = tuple(_target(_load(reply / entry["jsonFile"]), source_dir, top) for entry in first["targets"])
    directories = tuple(source_dir / entry["source"] for entry in first.get("directories", ()))
    compilers = _compilers(reply, _object_file(index, "toolchains", 1))
    return Codemodel(source_dir=source_dir, targets=targets, compilers=compilers, directories=directories)


def _no_reply(build_dir: Path) -> ToolError:
    return ToolError(
        f"{build_dir} holds no File API reply with a codemodel of version 2",
        hint=f"run 'cmake {build_dir}' once more: the query is in place",
    )


def _read_index(build_dir: Path) -> dict[str, Any]:
    # Names sort by time; cmake-file-api(7) says to take the lexicographically largest.
    candidates = sorted((build_dir / _API / "reply").glob("index-*.json"))
    if not candidates:
        raise _no_reply(build_dir)
    return _load(candidates[-1])


def _load(path: Path) -> dict[str, Any]:
    try:
        value = parse_json(read_plain(path, LARGEST_MADE))
    except (OSError, ValueError) as error:
        raise ToolError(
            f"the File API reply {path} cannot be read: {error}", hint="run cmake in the build directory once more"
        ) from error
    if not isinstance(value, dict):
        raise ToolError(f"the File API reply {path} is not a JSON object")
    return value


def _object_file(index: dict[str, Any], kind: str, major: int) -> str | None:
    of_kind = (entry for entry in index.get("objects", []) if entry.get("kind") == kind)
    return next((str(each["jsonFile"]) for each in of_kind if each.get("version", {}).get("major") == major), None)


def _target(data: dict[str, Any], source_dir: Path, build_dir: Path) -> Target:
    link = data.get("link", {})
    return Target(
        name=data["name"],
        type=data["type"],
        artifacts=tuple(build_dir / artifact["path"] for artifact in data.get("artifacts", ())),
        link_language=link.get("language", ""),
        link=tuple(
            Fragment(text=entry["fragment"], role=entry.get("role", "")) for entry in link.get("commandFragments", ())
        ),
        includes=tuple(
            dict.fromkeys(build_dir / path for group in data.get("compileGroups", ()) for path in _searched(group))
        ),
        backtrace=tuple(_backtrace(data, source_dir)),
    )


def _searched(group: dict[str, Any]) -> Iterator[str]:
    """What CMake knows of comes first, then the flags, which may hold more; those of the system are searched last."""
    found = [(entry.get("isSystem", False), entry["path"]) for entry in group.get("includes", ())]
    for entry in group.get("compileCommandFragments", ()):
        found += ((flag == "-isystem", path) for flag, path in _INCLUDE_FLAG.findall(entry["fragment"]))
    for kind in (False, True):
        yield from (path for is_system, path in found if is_system == kind)


def _backtrace(data: dict[str, Any], source_dir: Path) -> Iterator[CallSite]:
    """Where a target was declared, the innermost call first."""
    graph, index = data.get("backtraceGraph", {}), data.get("backtrace")
    while index is not None:
        node = graph["nodes"][index]
        command = node.get("command")
        yield CallSite(
            file=source_dir / graph["files"][node["file"]],
            line=node.get("line"),
            command="" if command is None else graph["commands"][command],
        )
        index = node.get("parent")


def _compilers(reply: Path, file: str | None) -> dict[str, Path]:
    toolchains = _load(reply / file).get("toolchains", []) if file else []
    found = {each["language"]: each.get("compiler", {}).get("path") for each in toolchains}
    return {language: Path(path) for language, path in found.items() if path}
