"""C++ symbol names for people: whatever demangler is installed, or the names as they are."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pytest_llvmgate.process.asking import ask

_PROGRAMS: Final = ("c++filt", "llvm-cxxfilt")
_TIMEOUT: Final = 60.0


def demangle(symbols: Iterable[str], *, tools: Iterable[Path] = ()) -> dict[str, str]:
    """Mangled to demangled names.

    ``tools`` are directories to look for a demangler in besides PATH (LLVM's ``bin``). A name that no demangler
    understands, or all of them where none is installed, stays as it is.
    """
    names = list(dict.fromkeys(symbols))
    program = _find(tools)
    if not names or program is None:
        return {name: name for name in names}
    try:
        done = ask([program], stdin="\n".join(names) + "\n", seconds=_TIMEOUT)
    except (OSError, subprocess.SubprocessError):
        return {name: name for name in names}
    lines = done.stdout.split("\n")[: len(names)]
    is_whole = done.returncode == 0 and len(lines) == len(names)
    return dict(zip(names, lines if is_whole else names, strict=True))


def _find(tools: Iterable[Path]) -> str | None:
    places = (shutil.which(program, path=None) for program in _PROGRAMS)
    own = (shutil.which(program, path=str(directory)) for directory in tools for program in _PROGRAMS)
    return next((found for found in (*places, *own) if found), None)
