"""Which units include what was edited, told by the text of their includes."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.include_lines import included
from pytest_llvmgate.plain_file import read_plain

_NO_HEADERS: Final = (".cpp", ".cc", ".cxx", ".c", ".td", ".txt", ".cmake")


def edited_headers(copy: WorkingCopy) -> set[str]:
    """Edited files that units include."""
    return {path for path in copy.changed if not path.endswith(_NO_HEADERS)}


def users_of(copy: WorkingCopy, commands: Sequence[CompileCommand]) -> list[CompileCommand]:
    """Units that include an edited header, directly or through other headers of the copy."""
    edited = edited_headers(copy)
    if not edited:
        return []
    headers = {path.relative_to(copy.root).as_posix(): path for path in copy.root.rglob("*.h") if path.is_file()}
    known = {name: _included_by(path) for name, path in headers.items()}
    while more := {
        one for one, names in known.items() if one not in edited and _reaches(headers[one], names, copy, edited)
    }:
        edited |= more
    return [one for one in commands if _reaches(one.file, _included_by(one.file), copy, edited)]


def _included_by(file: Path) -> list[str]:
    try:
        return included(read_plain(file))
    except OSError:
        return []


def _reaches(file: Path, names: Sequence[str], copy: WorkingCopy, edited: Collection[str]) -> bool:
    """Beside the file itself, else in any directory of includes."""
    for name in names:
        beside = Path(os.path.normpath(file.parent / name))
        if beside.is_relative_to(copy.root) and beside.is_file():
            if beside.relative_to(copy.root).as_posix() in edited:
                return True
        elif any(one == name or one.endswith(f"/{name}") for one in edited):
            return True
    return False
