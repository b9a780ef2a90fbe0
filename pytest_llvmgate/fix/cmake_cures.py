"""Libraries that LLVM renamed, in the copy's CMake files: the candidate exports the new name, and CMake agrees."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pytest_llvmgate.cmake.listfile import is_listfile
from pytest_llvmgate.fix.fix_outcome import FileCures
from pytest_llvmgate.fix.rewrite_rules import Edit, applied
from pytest_llvmgate.fix.scratch_build import ScratchBuild
from pytest_llvmgate.fix.statements import line_of
from pytest_llvmgate.fix.trials import Kept, Refused
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.kinds.catalogue import CMAKE_TARGET_MISSING, LIBRARY_MISSING
from pytest_llvmgate.model import Finding
from pytest_llvmgate.surface.provided import Provided
from pytest_llvmgate.surface.successors import Successors
from pytest_llvmgate.upstream.migrations import Migration

_KINDS: Final = frozenset({CMAKE_TARGET_MISSING, LIBRARY_MISSING})
_NAME: Final = re.compile(r"[A-Za-z]\w{3,}")
_COMMENT: Final = re.compile(r"#[^\n]*")
_GENERATED: Final = "Generate step failed"
"""CMake's word where it came to the step in which it looks for targets by name."""
_LONGEST: Final = 300
"""Characters of what CMake said to a new name."""
_MOST_ROUNDS: Final = 8
"""CMake stops early now and then, and then says more the next time."""


def is_about_cmake(finding: Finding) -> bool:
    """Whether it is cured in CMake files."""
    return finding.kind in _KINDS and _NAME.fullmatch(_name(finding)) is not None


def _name(finding: Finding) -> str:
    return finding.identifier.rpartition("::")[2]


@dataclass(kw_only=True)
class CMakeCures(FileCures):
    """New names put for old ones, until CMake complains of no name that is known to have another one."""

    copy: WorkingCopy
    scratch: ScratchBuild
    provided: Provided
    examples_of: Callable[[Finding], Sequence[Migration]]
    diagnosed: Callable[[bytes], Sequence[Finding]]
    """What CMake's output says."""
    is_configured: bool = False
    """CMake succeeds with the edits."""
    stopped_by: str = ""
    """What CMake failed with before it looked at names."""

    def run(self, findings: Sequence[Finding]) -> None:
        """Mend what these findings, and those that show behind them, are about."""
        self.found = {finding.key: finding for finding in findings}
        standing = list(findings)
        for _ in range(_MOST_ROUNDS):
            before = self.copy.snapshot()
            made = [kept for finding in standing for kept in self._renamed(finding)]
            if not made and not any(is_listfile(path.rpartition("/")[2]) for path in self.copy.changed):
                break  # nor were they mended for another configuration
            said = self.scratch.configure()
            if said and _GENERATED not in said:
                self.copy.restore(before)
                self.stopped_by = _first_error(said)
                self.refused += [Refused.of(one, self.stopped_by[:_LONGEST]) for one in made]
                break
            now = [one for one in self.diagnosed(said.encode()) if is_about_cmake(one)] if said else []
            bad = {one.key for one in now} & {one.cause for one in made} | {
                one.cause for one in made if any(_name(other) == one.after for other in now)
            }
            if bad:
                self.copy.restore(before)
                self.refused += [Refused.of(one, _first_error(said)[:_LONGEST]) for one in made if one.cause in bad]
                standing = [finding for finding in standing if finding.key not in bad]
                continue
            self.kept += made
            self.found |= {finding.key: finding for finding in now if finding.key not in self.found}
            standing, self.is_configured = now, not said
            if not made or not now:
                break
        mended = {one.cause for one in self.kept}
        there = {one.key for one in standing}
        self.left = frozenset(
            key for key in self.found if key in there or (key not in mended and not self.is_configured)
        )

    @cached_property
    def _files(self) -> tuple[str, ...]:
        """The copy's CMake files; no cure makes another one."""
        paths = sorted(path for path in self.copy.root.rglob("*") if is_listfile(path.name) and path.is_file())
        return tuple(path.relative_to(self.copy.root).as_posix() for path in paths)

    def _renamed(self, finding: Finding) -> list[Kept]:
        old = _name(finding)
        if old in self.provided.libraries:
            return []
        successor = _successor(old, self.provided, self.examples_of(finding))
        if successor is None:
            return []
        new, source = successor
        return [
            Kept(cause=finding.key, path=path, line=line, source=source, what=f"{old} -> {new}",
                 before=old, after=new)
            for path in self._files
            for line in _renamed(self.copy, path, old, new)
        ]  # fmt: skip


def _first_error(said: str) -> str:
    return next(iter(re.findall(r"(?m)^CMake Error[^\n]*+\n(?:[^\n]*+\n){0,4}", said)), said[-500:]).strip()


def _successor(old: str, provided: Provided, examples: Sequence[Migration]) -> tuple[str, str] | None:
    """The new name, and who says so: a commit that put one exported name for it, else LLVM's habits of naming."""
    for example in examples:
        before, after = (set(_NAME.findall(text)) for text in (example.change.before, example.change.after))
        new = (after - before) & provided.libraries
        if old in before - after and len(new) == 1:
            return new.pop(), example.source
    certain = [one for one in Successors(new=frozenset(), all=provided.libraries).of_library(old) if one.certain]
    return (certain[0].name, f"the candidate's exports: {certain[0].how}") if len(certain) == 1 else None


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
        copy.write(path, applied(text, edits)[0])
    return [line_of(text, edit.start) for edit in edits]
