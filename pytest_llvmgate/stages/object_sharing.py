"""The compiler launcher of a configuration: a compiler cache where there is one, behind what shares objects."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import parse_json, write_atomically
from pytest_llvmgate.config.settings import BuildSpec
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.llvm.toolchain import find_launcher, start_server
from pytest_llvmgate.model import NOT_SHARED, PEAKS, SAVED, SAVED_OF, TAKEN
from pytest_llvmgate.plain_file import LARGEST_MADE, text_of
from pytest_llvmgate.stages import compile_once

_LANGUAGES: Final = ("C", "CXX")
_EARLIER: Final = "llvmgate-units-earlier.txt"
"""In the build directory: the last line of each unit that an earlier build was at."""
_ROOM: Final = 512 * 2**20
"""Bytes that records may take: a unit of MLIR has some 30 kB."""
_PEAKS_KEPT: Final = 256
"""More than the cores of most machines: beyond them, compilers are taken to be of the usual size."""


def launchers(
    spec: BuildSpec, *, store: Path, build_dir: Path, prefix: ToolchainPrefix, env: Mapping[str, str]
) -> dict[str, str]:
    """Variables for CMake's environment that name the launcher of each language.

    In the environment, since there they give way to what the configuration or the project itself says, and a language
    that the project does not use makes no noise (CMake's documentation, "CMAKE_<LANG>_COMPILER_LAUNCHER"). The words
    become part of every compile command, so nothing in them may change from one round to the next. Raises
    :class:`ToolError` when a launcher is demanded and absent.
    """
    chosen = _behind(spec, env)
    if spec.share_objects:
        roots = [store, build_dir, prefix.llvm_root, prefix.mlir_root]
        # One name for an interpreter that is started by several: what changes a command has all compiled anew.
        program = [os.path.realpath(sys.executable), "-I", "-S", compile_once.__file__, *map(str, roots)]
        # CMake's lists know no file with the one, the compilers' prefix maps none with the other.
        if not any(character in word for character in ";=" for word in program):
            chosen = {
                name: ";".join([*program, *filter(None, launcher.split(";")), compile_once.END])
                for name, launcher in chosen.items()
            }
    return {name: launcher for name, launcher in sorted(chosen.items()) if launcher}


def start_servers(spec: BuildSpec, env: Mapping[str, str]) -> None:
    """Have what the launchers talk to run before the build would start it, in the build's own environment."""
    for launcher in set(_behind(spec, env).values()):
        start_server(tuple(launcher.split(";")), env)


def _behind(spec: BuildSpec, env: Mapping[str, str]) -> dict[str, str]:
    """The user's launchers, by CMake's variables and as lists of CMake's; empty for none."""
    found = ";".join(find_launcher(spec.launcher, env, "build.launcher"))
    names = (f"CMAKE_{language}_COMPILER_LAUNCHER" for language in _LANGUAGES)
    return {name: env.get(name, "") or found for name in names}


def prune(store: Path, room: int = _ROOM) -> None:
    """Keep the store bounded: remove the oldest records."""
    records = [(path.stat(), path) for path in store.glob("*/*.record")]
    taken = sum(state.st_size for state, _ in records)
    for size, path in ((state.st_size, path) for state, path in sorted(records, key=lambda each: each[0].st_mtime)):
        if taken <= room:
            return
        path.unlink(missing_ok=True)
        taken -= size


# -- what the launcher said ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class UnitSharing:
    """What the launcher says of one object (:func:`~pytest_llvmgate.stages.compile_once.say`)."""

    object: str
    """As ninja names it."""
    source: str
    why: str
    """Why it was compiled; empty where it was taken over."""
    seconds: float | None
    """Processor seconds that compiling it takes; None where a compiler cache hid it."""
    peak: int = 0
    """MiB of memory that the compiler took, where it ran here."""
    shared: tuple[str, ...] = ()
    """The compiler and the options that must be the same for two units to share; empty where they are not known."""


def begin_build(build_dir: Path) -> None:
    """Put away what was said of earlier builds, a line for each unit."""
    path = build_dir / compile_once.UNITS
    if path.is_file():
        last = {unit.object: line for each in (build_dir / _EARLIER, path) for line, unit in _units(each)}
        write_atomically(build_dir / _EARLIER, "".join(f"{line}\n" for line in last.values()))
        path.unlink()


def facts_of_build(build_dir: Path) -> dict[str, str]:
    """Facts of the last build: what it took over, why it did not take over more, and the memory that its compilers
    took, those of earlier builds of the directory included.
    """
    units = [unit for _, unit in _units(build_dir / compile_once.UNITS)]
    found: dict[str, str] = {}
    if taken := [unit for unit in units if not unit.why]:
        known = [unit.seconds for unit in taken if unit.seconds is not None]
        found = {TAKEN: str(len(taken)), SAVED: f"{sum(known):.1f}", SAVED_OF: str(len(known))}
    if reasons := Counter(unit.why for unit in units if unit.why not in {"", compile_once.FIRST}):
        found[NOT_SHARED] = json.dumps(dict(reasons.most_common()))
    if peaks := sorted((unit.peak for unit in units_of(build_dir) if unit.peak), reverse=True):
        found[PEAKS] = json.dumps(peaks[:_PEAKS_KEPT])
    return found


def units_of(build_dir: Path) -> tuple[UnitSharing, ...]:
    """What was said last of every unit of a build directory."""
    last = {unit.object: unit for name in (_EARLIER, compile_once.UNITS) for _, unit in _units(build_dir / name)}
    return tuple(last.values())


def _units(path: Path) -> Iterator[tuple[str, UnitSharing]]:
    """Each line that the launcher wrote, and what it says."""
    for line in text_of(path, LARGEST_MADE).splitlines():
        with suppress(ValueError, KeyError, TypeError):
            said = parse_json(line)
            peak, shared = int(said.get("m", 0)), tuple(said.get("k", ()))
            unit = UnitSharing(
                object=said["o"], source=said["s"], why=said["w"], seconds=said["t"], peak=peak, shared=shared
            )
            yield line, unit


def differences(unit: UnitSharing, others: Iterable[UnitSharing]) -> str:
    """In which options a unit, compiled first of its kind, differs from the closest one of the same source elsewhere.

    Empty where no other configuration has compiled that source, or where nobody knows the options.
    """
    alike = [other.shared for other in others if other.source == unit.source and other.shared]
    if not unit.shared or not alike:
        return ""
    mine = set(unit.shared)
    closest = min(alike, key=lambda words: len(mine ^ set(words)))
    here, there = sorted(mine - set(closest)), sorted(set(closest) - mine)
    if not here and not there:
        return "another environment, another directory or another order of options"
    return " ".join([*(f"{word} only here" for word in here), *(f"{word} only there" for word in there)])
