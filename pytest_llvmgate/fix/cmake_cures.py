"""Libraries that LLVM renamed, in the copy's CMake files: the candidate exports the new name, and CMake agrees."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.cache_entries import CacheEntry, read_cache
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.fix.rewrite_rules import Edit, edited
from pytest_llvmgate.fix.statements import line_of
from pytest_llvmgate.fix.trials import Kept
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.kinds.catalogue import CMAKE_TARGET_MISSING, LIBRARY_MISSING
from pytest_llvmgate.model import Finding
from pytest_llvmgate.process.environment import command_environment
from pytest_llvmgate.surface.provided import Provided
from pytest_llvmgate.surface.successors import Successors
from pytest_llvmgate.upstream.migrations import Migration

_KINDS: Final = frozenset({CMAKE_TARGET_MISSING, LIBRARY_MISSING})
_NAME: Final = re.compile(r"[A-Za-z]\w{3,}")
_COMMENT: Final = re.compile(r"#[^\n]*")
_MINUTES: Final = 10
_NOT_SETTINGS: Final = frozenset({"INTERNAL", "STATIC"})


def is_about_cmake(finding: Finding) -> bool:
    """Whether it is cured in CMake files."""
    return finding.kind in _KINDS and _NAME.fullmatch(_name(finding)) is not None


def _name(finding: Finding) -> str:
    return finding.identifier.rpartition("::")[2]


def rename_libraries(
    copy: WorkingCopy, findings: Iterable[Finding], provided: Provided, examples: Sequence[Migration]
) -> list[Kept]:
    """Put the new names into the copy's CMake files; what was done."""
    kept: list[Kept] = []
    for finding in findings:
        old = _name(finding)
        if old in provided.libraries or (successor := _successor(old, provided, examples)) is None:
            continue
        new, source = successor
        for path in _cmake_files(copy):
            kept += [
                Kept(cause=finding.key, path=path, line=line, source=source, what=f"{old} -> {new}",
                     before=old, after=new, unit=path)
                for line in _renamed(copy, path, old, new)
            ]  # fmt: skip
    return kept


def _successor(old: str, provided: Provided, examples: Sequence[Migration]) -> tuple[str, str] | None:
    """The new name, and who says so: a commit that put one exported name for it, else LLVM's habits of naming."""
    for example in examples:
        before, after = (set(_NAME.findall(text)) for text in (example.change.before, example.change.after))
        new = (after - before) & provided.libraries
        if old in before - after and len(new) == 1:
            return new.pop(), example.source
    certain = [one for one in Successors(new=frozenset(), all=provided.libraries).of_library(old) if one.certain]
    return (certain[0].name, f"the candidate's exports: {certain[0].how}") if len(certain) == 1 else None


def _cmake_files(copy: WorkingCopy) -> Iterator[str]:
    for path in sorted(copy.root.rglob("*")):
        if (path.name == "CMakeLists.txt" or path.suffix == ".cmake") and path.is_file():
            yield path.relative_to(copy.root).as_posix()


def _renamed(copy: WorkingCopy, path: str, old: str, new: str) -> list[int]:
    """The lines at which the name was replaced."""
    text = copy.read(path)
    comments = [match.span() for match in _COMMENT.finditer(text)]
    edits = [
        Edit(start=match.start(), end=match.end(), text=new)
        for match in re.finditer(rf"(?<![\w.:/-]){re.escape(old)}(?![\w.:/-])", text)
        if not any(start <= match.start() < end for start, end in comments)
    ]
    if edits:
        copy.write(path, edited(text, edits))
    return [line_of(text, edit.start) for edit in edits]


# -- CMake's word -----------------------------------------------------------------------------------------------------


def configure_copy(copy: WorkingCopy, build: Path, scratch: Path) -> str:
    """Configure the copy in ``scratch`` as ``build`` was; empty where that succeeds, else what CMake said last.

    Raises ``ToolError`` where ``build`` was never configured.
    """
    from pytest_llvmgate.process.run import run

    cache = read_cache(build)
    command = [_value(cache, "CMAKE_COMMAND", "cmake"), "-G", _value(cache, "CMAKE_GENERATOR", "Ninja")]
    command += ["-S", str(copy.root), "-B", str(scratch), *_settings(cache, copy, build)]
    log = copy.root.parent / "configure.log"
    log.unlink(missing_ok=True)
    done = run(command, cwd=copy.root, env={**os.environ, "LC_ALL": "C"}, log=log, timeout=60.0 * _MINUTES)
    text = log.read_text(encoding="utf-8", errors="replace")
    return "" if done.ok else next(iter(re.findall(r"(?m)^CMake Error[^\n]*+\n(?:[^\n]*+\n){0,4}", text)), text[-500:])


def _value(cache: Mapping[str, CacheEntry], name: str, otherwise: str) -> str:
    entry = cache.get(name)
    return entry.value if entry is not None and entry.value else otherwise


def _settings(cache: Mapping[str, CacheEntry], copy: WorkingCopy, build: Path) -> Iterator[str]:
    """What the user set, and what CMake found; paths of the checkout are those of the copy."""
    for entry in cache.values():
        value = copy.there(entry.value)
        if entry.type not in _NOT_SETTINGS and not value.endswith("NOTFOUND") and str(build) not in value:
            yield f"-D{entry.name}:{entry.type}={value}"


def make_generated(scratch: Path, *, jobs: int) -> bool:
    """Make the generated headers of the configured copy; whether that succeeded."""
    from pytest_llvmgate.preflight.syntax_check import generated_targets, inputs_of

    targets = generated_targets(scratch, inputs_of(scratch, ()))
    if not targets:
        return True
    command = ["ninja", "-C", str(scratch), "-k", "0", *(["-j", str(jobs)] if jobs else []), "--", *targets]
    try:
        return subprocess.run(command, env=command_environment(), capture_output=True, check=False).returncode == 0
    except OSError as error:
        raise ToolError(f"ninja cannot be run: {error}") from error
