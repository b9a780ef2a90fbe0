"""Parsers and rules: the built-in ones, and how others are added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.events import Parser
from pytest_llvmgate.findings.parsers import programs
from pytest_llvmgate.findings.parsers.cmake import CMakeParser
from pytest_llvmgate.findings.parsers.compiler import CompilerParser
from pytest_llvmgate.findings.parsers.languages import LanguageParser
from pytest_llvmgate.findings.parsers.linker import LinkerParser
from pytest_llvmgate.findings.parsers.machine import GitParser, MachineParser
from pytest_llvmgate.findings.parsers.tests import LitParser
from pytest_llvmgate.findings.rules import add_advice
from pytest_llvmgate.findings.successor_rules import add_successors
from pytest_llvmgate.model import Finding

Rule = Callable[[tuple[Finding, ...], DiagnosisContext], tuple[Finding, ...]]
"""Looks at all findings of a log and returns them, changed, joined or with more advice. Must not drop one silently."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """The parsers (asked in order; the first answer counts) and the rules (applied in order) of a diagnosis."""

    parsers: tuple[Parser, ...]
    rules: tuple[Rule, ...] = ()

    def extended(self, *, parsers: Iterable[Parser] = (), rules: Iterable[Rule] = ()) -> Registry:
        """A registry with more: added parsers are asked before the built-in ones, added rules run after them."""
        return replace(self, parsers=(*parsers, *self.parsers), rules=(*self.rules, *rules))


ENTRY_POINTS: Final = ("pytest_llvmgate.parsers", "pytest_llvmgate.rules")
"""Groups of entry points by which other packages add a parser or a rule (or a list of them)."""


@cache
def installed_registry() -> Registry:
    """The built-in parsers and rules, and those of installed packages."""
    parsers, rules = (list(_loaded(group)) for group in ENTRY_POINTS)
    return default_registry().extended(parsers=parsers, rules=rules)


def _loaded(group: str) -> Iterator[Any]:
    from importlib.metadata import entry_points

    for entry in entry_points(group=group):
        found = entry.load()
        several = found if isinstance(found, list | tuple) else [found]
        yield from (one() if isinstance(one, type) else one for one in several)


@cache
def default_registry() -> Registry:
    """The built-in parsers and rules."""
    parsers: tuple[Parser, ...] = (
        MachineParser(),
        LitParser(),
        CMakeParser(),
        programs.BuildToolParser(),
        programs.BazelParser(),
        LanguageParser(),
        programs.ConfigureParser(),
        programs.LoaderParser(),
        programs.LlvmParser(),
        LinkerParser(),
        CompilerParser(),
        GitParser(),
        programs.ToolParser(),
    )
    return Registry(parsers=parsers, rules=(add_successors, add_advice))
