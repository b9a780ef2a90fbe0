"""What this system is, and what of the gate works on it: said at the start, not by what breaks first."""

from __future__ import annotations

import sys
from typing import Final

from pytest_llvmgate.errors import GateError

SYSTEM = sys.platform
"""The one place that asks; tests put other names here."""
_NAMES: Final = {"win32": "Windows", "cygwin": "Cygwin", "darwin": "macOS", "linux": "Linux"}
_TEXT_ALONE: Final = frozenset({"explain", "report", "schema"})
"""Commands that read text and write text: no git, no process, no lock, no key."""
_ELF: Final = frozenset({"linkcheck"})
_NO_PROCESSES: Final = ("win32", "cygwin")
"""No fork, no process groups, no named pipes, no advisory locks."""


def system_name() -> str:
    """As people call it."""
    return _NAMES.get(SYSTEM, SYSTEM)


def has_elf() -> bool:
    """Whether compilers and linkers here leave ELF files."""
    return SYSTEM not in {*_NO_PROCESSES, "darwin"}


def expect_gate() -> None:
    """Raises :class:`GateError` where nothing can be gated."""
    if SYSTEM in _NO_PROCESSES:
        raise _not_here("the gate does")


def expect_command(name: str) -> None:
    """Raises :class:`GateError` where ``llvmgate NAME`` does not work."""
    if SYSTEM in _NO_PROCESSES and name not in _TEXT_ALONE:
        raise _not_here("this does")
    if name in _ELF and not has_elf():
        raise GateError(
            f"this reads ELF files, and {system_name()} has none",
            hint="run it on a build of Linux; a build with -DBUILD_SHARED_LIBS=ON tells the same here, by building",
        )


def _not_here(what: str) -> GateError:
    return GateError(
        f"{what} not work on {system_name()}: it needs fork, process groups, symbolic links and named pipes",
        hint=f"use Linux (WSL, a container, a CI runner); here work: llvmgate {', '.join(sorted(_TEXT_ALONE))}",
    )
