"""What others' histories teach about an error: asked when the error is met, since most hide behind others at first."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pytest_llvmgate.fix.code_pieces import KEYWORDS
from pytest_llvmgate.fix.mining import mine
from pytest_llvmgate.fix.own_headers import OwnHeaders
from pytest_llvmgate.fix.rewrite_rules import Rule
from pytest_llvmgate.fix.statements import statement_at
from pytest_llvmgate.fix.unit_check import ErrorPlace, Trouble
from pytest_llvmgate.include_lines import INCLUDE
from pytest_llvmgate.kinds.catalogue import API_CHANGED, API_REMOVED
from pytest_llvmgate.kinds.facts import SCOPE
from pytest_llvmgate.model import Finding
from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.surface.entity_fates import SurfaceDifference
from pytest_llvmgate.surface.llvm_surface import Surface
from pytest_llvmgate.upstream.migrations import Migration, MigrationSearch, entities_of

_MOST_CALLEES: Final = 3
"""Of a statement, that examples are looked for of."""
_MOST_RULES: Final = 6
"""For one name: what a place is tried with takes a compilation each."""
_SEARCHING: Final = 30.0
"""Seconds for the commits of siblings that do not say that they follow LLVM, for one name."""
_CALLED: Final = re.compile(r"(?<![\w$])(?<!std::)[A-Za-z_]\w*(?=\s?[(<])")
_MAJOR: Final = re.compile(rb"#define LLVM_VERSION_MAJOR (\d{1,3})")
_BRANCHED: Final = (13, 2021, 7)
"""LLVM 13 was branched off in July 2021; since then one in January and one in July (LLVM's release schedule)."""


@dataclass(kw_only=True)
class Lessons:
    """Rules by name, mined once for each."""

    search: MigrationSearch
    difference: SurfaceDifference
    original: Callable[[str], str]
    """A file's text before any edit: about a name that an edit brought nobody else knows anything."""
    blamed: Callable[[Finding], Finding] = lambda finding: finding
    """Which commit of LLVM did it, where that can be told."""
    rules: list[Rule] = field(default_factory=list)
    """Everything mined so far."""
    _near: dict[tuple[str, str], tuple[Rule, ...]] = field(default_factory=dict)
    _far: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    _own: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def about(self, trouble: Trouble, place: ErrorPlace, text: str) -> Iterator[Rule]:
        """What LLVM's own users and followers of LLVM did about the names that an error is about."""
        finding: Finding | None = None
        for word in self._words(trouble, place, text):
            key = (trouble.kind, word)
            if key not in self._near:
                finding = finding or self.blamed(_as_finding(trouble))  # takes seconds, whatever the word
                self._near[key] = self._mined(
                    word,
                    (
                        *self.search.of_culprit(finding, word),
                        *self.search.of_followers(word, is_gone=trouble.kind != API_CHANGED),
                    ),
                )
            yield from (rule for rule in self._near[key] if self._is_a_member(trouble, rule))
            yield from (rule for rule in self._own_users(trouble, word) if not rule.is_name)

    def further(self, trouble: Trouble, place: ErrorPlace, text: str) -> Iterator[Rule]:
        """What any commit of siblings did: asked when nothing else has helped, since that takes long."""
        for word in self._words(trouble, place, text):
            yield from (
                rule for rule in self._own_users(trouble, word) if rule.is_name and self._is_a_member(trouble, rule)
            )
            if not self._near.get((trouble.kind, word)):
                if word not in self._far:
                    self._far[word] = self._mined(word, self.search.of_any(word, _SEARCHING))
                yield from (rule for rule in self._far[word] if self._is_a_member(trouble, rule))

    def _own_users(self, trouble: Trouble, word: str) -> tuple[Rule, ...]:
        """What LLVM's own headers did. A name alone comes last there: for each of its users it may be another one."""
        if trouble.kind != API_REMOVED:
            return ()
        if word not in self._own:
            self._own[word] = self._kept(self._own_headers.rules(word))
        return self._own[word]

    @cached_property
    def _own_headers(self) -> OwnHeaders:
        """One for all words: a header is compared once."""
        return OwnHeaders(difference=self.difference)

    def headers(self, header: str) -> list[tuple[str, str]]:
        """Headers of the candidate that followers include in its place, with a source, the commonest first."""
        candidate = self.difference.candidate
        known = candidate.headers if candidate is not None else frozenset()
        votes: Counter[str] = Counter()
        sources: dict[str, str] = {}
        for one in self.search.of_followers(header, is_gone=True):
            before, after = (
                {match["name"][1:-1] for match in INCLUDE.finditer(text)}
                for text in (one.change.before, one.change.after)
            )
            came = after - before
            if header in before and len(came) == 1 and (new := came.pop()) in known:
                votes[new] += 1
                sources.setdefault(new, one.source)
        return [(new, sources[new]) for new, _ in votes.most_common()]

    def _mined(self, word: str, examples: Sequence[Migration]) -> tuple[Rule, ...]:
        trusted = frozenset(one.source for one in examples if one.is_culprit or one.is_follower)
        return self._kept(
            mine([(one.change, one.source) for one in examples], {word.rpartition("/")[2]}, trusted=trusted)
        )

    def _kept(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        """The first few that may be right, remembered."""
        kept = tuple(itertools.islice((rule for rule in rules if self._is_possible(rule)), _MOST_RULES))
        self.rules += [rule for rule in kept if rule not in self.rules]
        return kept

    def _is_possible(self, rule: Rule) -> bool:
        """Whether what is called anew, and what a name is called now, is the candidate's: siblings have their own."""
        candidate = self.difference.candidate
        last = {last_name(rule.after)} if rule.is_name and re.fullmatch(r"[\w:]+", rule.after) else set()
        said = (last | set(_CALLED.findall(rule.after))) - rule.words - KEYWORDS - {"assert"}
        return candidate is None or all(candidate.declarations(name) for name in said)

    def _is_a_member(self, trouble: Trouble, rule: Rule) -> bool:
        """Whether a class of LLVM's has what one of its members is called now."""
        scope, candidate = trouble.facts.get(SCOPE, ""), self.difference.candidate
        if not rule.is_name or candidate is None or not names_a_class(scope) or not candidate.members(scope):
            return True
        return "::" in rule.after or bool(candidate.member(scope, rule.after))

    def _words(self, trouble: Trouble, place: ErrorPlace, text: str) -> tuple[str, ...]:
        entities = entities_of(_as_finding(trouble))
        if not entities or trouble.kind == API_CHANGED:
            entities = tuple(dict.fromkeys((*entities, *self._changed_callees(place, text))))
        original = self.original(place.path)
        return tuple(word for word in entities if word in original)

    def _changed_callees(self, place: ErrorPlace, text: str) -> Iterator[str]:
        """Functions and members that are given what does not fit, and that LLVM declares otherwise now."""
        old, new = self.difference.baseline, self.difference.candidate
        if old is None or new is None:
            return
        statement = text[slice(*statement_at(text, place.line, place.column))]
        called = dict.fromkeys(re.findall(r"\b([A-Za-z_]\w{3,})(?=\(|\s?=[^=])", statement))
        changed = (
            name
            for name in called
            if {one.signature for one in old.declarations(name)} != {one.signature for one in new.declarations(name)}
        )
        yield from itertools.islice(changed, _MOST_CALLEES)


def _as_finding(trouble: Trouble) -> Finding:
    return Finding(kind=trouble.kind, identifier=trouble.identifier, headline="", facts=trouble.facts)


def branched(baseline: Surface | None) -> str:
    """``YYYY-MM-DD``, before which nobody followed what came after a release; empty where that is not known."""
    if baseline is None:
        return ""
    found = [_MAJOR.search(data) for _, data in baseline.files.read(["llvm/Config/llvm-config.h"])]
    if not found or found[0] is None:
        return ""
    major, year, month = _BRANCHED
    months = year * 12 + month - 1 + 6 * (int(found[0][1]) - major)
    return f"{months // 12}-{months % 12 + 1:02}-01"
