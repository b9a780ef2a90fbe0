"""LLVM's first users are its own headers: what inline functions did by a name that is gone, and what they do now."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.fix.mining import mine
from pytest_llvmgate.fix.rewrite_rules import HOLE, Rule
from pytest_llvmgate.surface.entity_fates import SurfaceDifference
from pytest_llvmgate.upstream.hunks import ChangedLines

_MOST_FILES: Final = 24
_BIGGEST: Final = 1 << 20
"""Bytes of a header that is compared; what is larger was generated, and repeats itself."""
_LONGEST: Final = 40
"""Lines of one replacement: between two releases, longer ones are other code."""
_CODE: Final = (".h", ".inc")
_CALL: Final = re.compile(r"\b\w++\([^;{}()]*+(?:\([^;{}()]*+\)[^;{}()]*+)?\)")
_OWN: Final = re.compile(r"(?<![\w:$])[A-Za-z_]\w*(?!\w|::)")
"""A name that a place calls its own: no hole, and in no class or namespace."""


@dataclass(frozen=True, kw_only=True)
class OwnHeaders:
    """Both LLVMs' headers, compared where a name went."""

    difference: SurfaceDifference
    _changes: dict[str, tuple[ChangedLines, ...]] = field(default_factory=dict)
    """By header."""

    def rules(self, word: str) -> tuple[Rule, ...]:
        """What became of what is said by ``word``, the likeliest first.

        Between two releases other things changed on the same lines, too. So one place alone is a witness for a call by
        a call only, with nothing in it that the place calls its own. Of what is no function, another name says too
        little: for some it is one class now, for others another one, and of an enumeration it may be another value.
        """
        found = [(change, f"LLVM's own headers: {change.file}") for change in self._with(word)]
        sources = frozenset(source for _, source in found)
        # What only leaves words out says of no name what it is now.
        rules = (one for one in mine(found, {word}, trusted=sources) if one.new_words and _has_witnesses(one))
        declared = self.difference.baseline.declarations(word) if self.difference.baseline is not None else ()
        is_function = {one.form for one in declared} == {"function"}
        return tuple(one for one in rules if not one.is_name or is_function)

    def _with(self, word: str) -> Iterator[ChangedLines]:
        old, new = self.difference.baseline, self.difference.candidate
        if old is None or new is None:
            return
        whole = re.compile(rf"\b{re.escape(word)}\b")
        files = [one for one in old.mentioning(word) if one.endswith(_CODE) and one in new.headers]
        for file in files[:_MOST_FILES]:
            if file not in self._changes:
                self._changes[file] = tuple(_replaced(file, old.content(file), new.content(file)))
            yield from (
                one for one in self._changes[file] if len(whole.findall(one.before)) > len(whole.findall(one.after))
            )


def _replaced(file: str, before: bytes, after: bytes) -> Iterator[ChangedLines]:
    if max(len(before), len(after)) > _BIGGEST:
        return
    old, new = (data.decode("utf-8", "replace").split("\n") for data in (before, after))
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag == "replace" and i2 - i1 + j2 - j1 <= _LONGEST:
            yield ChangedLines(file=file, removed=tuple(old[i1:i2]), added=tuple(new[j1:j2]))


def _has_witnesses(rule: Rule) -> bool:
    return rule.sites > 1 or all(
        _CALL.fullmatch(HOLE.sub("0", side)) is not None and len(_OWN.findall(HOLE.sub("0", side))) == 1
        for side in (rule.before, rule.after)
    )
