"""Every kind of finding and every fact is described, and nothing names one that is not."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from pytest_llvmgate.findings import diagnose, events, texts
from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Group
from pytest_llvmgate.kinds import catalogue, facts
from pytest_llvmgate.kinds.catalogue import KINDS, kind_of
from pytest_llvmgate.kinds.description import TextForm
from pytest_llvmgate.kinds.facts import FACTS, OF_ANY_KIND
from pytest_llvmgate.model import Confidence, Finding, Layer
from tests.corpus import report

PACKAGE: Final = Path(__file__).parents[2] / "pytest_llvmgate"
SOURCES: Final = [
    path for path in sorted(PACKAGE.rglob("*.py")) if not {"template", "kinds"} & set(path.relative_to(PACKAGE).parts)
]
OF_FINDINGS: Final = [
    path
    for path in SOURCES
    if path.relative_to(PACKAGE).parts[0] in {"findings", "linkcheck", "preflight", "upstream", "bisect", "surface"}
]
"""Where facts are those of findings; in the other rooms, stages have some of their own."""
_EVENT_KINDS: Final = {events.ERROR_LIMIT, events.DSO_MISSING}
_OF_EVENTS: Final = {events.SUMMARY, events.MAKE_TARGET, events.MAKE_FILE, events.MAKE_WHY}
_FORMS: Final = {
    TextForm.TEXT: r"(?s).+",
    TextForm.NAMES: r"(?s).+(?:, .+)*",
    TextForm.LINES: r"[^\n]+(?:\n[^\n]+)*",
    TextForm.PLACE: r".+:\d+",
    TextForm.NUMBER: r"\d+",
    TextForm.SHA: r"[0-9a-f]{40}",
    TextForm.DATE: r"\d{4}-\d\d-\d\d",
    TextForm.FLAG: r"yes",
}


def complaints(finding: Finding) -> Iterator[str]:
    """What of a finding is not described, or otherwise than described."""
    if finding.kind not in KINDS:
        yield f"kind {finding.kind}"
        return
    for name, text in finding.facts.items():
        if name not in KINDS[finding.kind].facts | OF_ANY_KIND:
            yield f"{finding.kind}: fact {name}"
        elif not re.fullmatch(_FORMS[FACTS[name].form], text):
            yield f"{finding.kind}: {name} is no {FACTS[name].form.value}: {text!r}"


@pytest.mark.parametrize("name", sorted(report.logs()))
def test_findings_of_the_corpus_are_as_described(name: str) -> None:
    found = diagnose(report.logs()[name]).findings
    assert [complaint for finding in found for complaint in complaints(finding)] == []


def test_the_corpus_shows_most_kinds() -> None:
    shown = {finding.kind for path in report.logs().values() for finding in diagnose(path).findings}
    of_logs = {kind.name for kind in KINDS.values() if kind.family.value != "the gate"}
    assert of_logs - shown == {"bazel-error", "configure-error", "git-error", "llvm-fatal", "timeout", "tool-error"}


def literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """The string constants of a module, without its documentation."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_kind_is_named_by_its_constant(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    written = {node.value for node in literals(tree) if node.value in KINDS and "-" in node.value}
    assert written | set(literal_kinds(tree)) == set()


def literal_kinds(tree: ast.Module) -> Iterator[object]:
    """Kinds as literals: given to a finding or an event, or compared with one's kind."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Finding", "Event"}:
            yield from (each.value.value for each in node.keywords if each.arg == "kind" and is_text(each.value))
        if isinstance(node, ast.Compare) and is_kind_of_finding(node.left):
            yield from (each.value for other in node.comparators for each in ast.walk(other) if is_text(each))


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_kind_of_finding(node: ast.AST) -> bool:
    is_attribute = isinstance(node, ast.Attribute) and node.attr == "kind" and isinstance(node.value, ast.Name)
    return is_attribute and node.value.id in {"finding", "event", "group"}


@pytest.mark.parametrize("source", OF_FINDINGS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_fact_of_a_finding_is_described(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    assert set(literal_facts(tree)) - set(FACTS) - _OF_EVENTS == set()


def literal_facts(tree: ast.Module) -> Iterator[str]:
    """Keys of facts of findings, events and groups as literals, and keyword arguments that become such keys."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and is_facts(node.value) and is_text(node.slice):
            yield node.slice.value
        elif isinstance(node, ast.Compare) and is_text(node.left) and any(map(is_facts, node.comparators)):
            yield node.left.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_facts(node.func.value):
            yield from (each.arg for each in node.keywords if each.arg)
            yield from (each.value for each in node.args[:1] if is_text(each))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Finding", "Event"}:
            tables = [each.value for each in node.keywords if each.arg == "facts"]
            yield from (key.value for table in tables for each in ast.walk(table) for key in keys(each))


def keys(node: ast.AST) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Dict):
        yield from (key for key in node.keys if key is not None and is_text(key))


def is_facts(node: ast.AST) -> bool:
    """``finding.facts``, ``group.first.facts``: a result's are a stage's own."""
    is_attribute = isinstance(node, ast.Attribute) and node.attr == "facts"
    return is_attribute and ast.unparse(node.value) != "result"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_description_hangs_together(kind: catalogue.Kind) -> None:
    assert kind.facts <= set(FACTS)
    assert not kind.facts & OF_ANY_KIND
    assert not kind.as_predicted or kind.as_predicted in KINDS
    assert not kind.meaning.endswith(".")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_sentence_can_be_filled_in(kind: catalogue.Kind) -> None:
    forms = [{}, *({facts.FORM: form, facts.SORT: form, facts.NAME: "n"} for form in kind.variants)]
    for known in forms:
        event = Event(kind=kind.name, identifier="identifier", message="message", facts=known)
        group = Group(kind=kind.name, identifier="identifier", first=event)
        said = texts.headline(group, layer=Layer.UNKNOWN, component="", place=None)
        assert said
        assert not [field for _, field, _, _ in string.Formatter().parse(said) if field]


def test_a_kind_of_another_package_is_like_any_error() -> None:
    kind = kind_of("table")
    assert kind.tier == kind_of("compile-error").tier
    assert kind.confidence is Confidence.CERTAIN
    assert kind.headline == "{message}{at}"


def test_every_constant_is_the_name_of_its_kind() -> None:
    named = {value for name, value in vars(catalogue).items() if name.isupper() and isinstance(value, str)}
    assert set(KINDS) <= named


def test_kinds_of_events_are_no_kinds_of_findings() -> None:
    assert not _EVENT_KINDS & set(KINDS)
