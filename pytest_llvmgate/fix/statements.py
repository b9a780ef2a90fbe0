"""The statement at a line of C++, told by the grammar: how far a rewrite may look around the place of an error."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, Final

from pytest_llvmgate.surface.cxx_declarations import cxx_parser

_STATEMENTS: Final = frozenset(
    {"expression_statement", "declaration", "return_statement", "field_declaration", "condition_clause",
     "using_declaration", "alias_declaration", "field_initializer", "field_initializer_list", "type_definition",
     "function_declarator", "base_class_clause", "for_range_loop", "template_parameter_list", "enumerator",
     "case_statement", "init_statement", "co_return_statement", "throw_statement"}
)  # fmt: skip
"""Nodes (of tree-sitter-cpp) that say one thing; what a list of arguments is, what it belongs to says."""
FUNCTIONS: Final = frozenset({"function_definition", "lambda_expression"})
CLASSES: Final = frozenset({"class_specifier", "struct_specifier"})
_NEIGHBOURS: Final = 3
"""Lines looked at on either side where the grammar is not installed."""
_LONGEST: Final = 20_000
_NEAR: Final = 400
_COMMENT: Final = re.compile(r"//[^\n]*+")
_CONTROL: Final = re.compile(r"(?:[)\]]|\belse|\bdo)\Z")
"""What a statement may be all that is done by: an ``if`` or a loop without braces."""


@lru_cache(maxsize=64)
def _tree(text: str) -> Any:
    return cxx_parser().parse(text.encode("latin-1"))


def statement_at(text: str, line: int, column: int = 0) -> tuple[int, int]:
    """Begin and end of the smallest statement that covers a place (1-based) of a text read as latin-1.

    Without the grammar, or where no statement is found: the line.
    """
    begin, end = line_span(text, line)
    if cxx_parser() is None:
        first, _ = line_span(text, max(1, line - _NEIGHBOURS))
        return first, line_span(text, line + _NEIGHBOURS)[1]
    start = begin + len(text[begin:end]) - len(text[begin:end].lstrip())
    at = min(begin + column - 1, max(end - 1, begin)) if column else start
    node = _tree(text).root_node.descendant_for_byte_range(at, at)
    while node is not None and node.type not in _STATEMENTS:
        node = node.parent
    if node is None or node.end_byte - node.start_byte > _LONGEST:
        return begin, end
    return min(node.start_byte, begin), max(node.end_byte, end)


def without_statement(text: str, begin: int, end: int) -> str:
    """What is left of a statement that goes: its semicolon where the next would be done in its place otherwise."""
    before = _COMMENT.sub("", text[max(0, begin - _NEAR) : begin]).rstrip()
    return ";" if text[begin:end].rstrip().endswith(";") and _CONTROL.search(before) else ""


def case_at(text: str, line: int) -> tuple[int, int] | None:
    """The lines of a ``case`` that begins on a line and that nothing falls into or out of; ``None`` for another one."""
    begin, end = line_span(text, line)
    node = _tree(text).root_node.descendant_for_byte_range(end - 1, end - 1) if cxx_parser() is not None else None
    while node is not None and node.type != "case_statement":
        node = node.parent
    if node is None or not begin <= node.start_byte < end:
        return None
    before = node.prev_named_sibling
    is_fallen_into = before is not None and before.type == "case_statement" and not _leaves(before)
    return None if is_fallen_into or not _leaves(node) else (begin, line_span(text, line_of(text, node.end_byte))[1])


def _leaves(node: Any) -> bool:
    """Whether nothing behind it is reached from it."""
    last = node.named_children[-1] if node.named_children else None
    while last is not None and last.type == "compound_statement":
        last = last.named_children[-1] if last.named_children else None
    return last is not None and last.type in {"return_statement", "break_statement", "continue_statement"}


def nodes_around(text: str, offset: int, kinds: Collection[str]) -> Iterator[Any]:
    """Nodes of some kinds that a place of a text read as latin-1 lies in, innermost first."""
    node = _tree(text).root_node.descendant_for_byte_range(offset, offset) if cxx_parser() is not None else None
    while node is not None:
        if node.type in kinds:
            yield node
        node = node.parent


def code_of(node: Any) -> str:
    """The text of a node, read as latin-1 as all of it is; empty for none."""
    return str(node.text.decode("latin-1")) if node is not None else ""


def nodes_of(text: str) -> Iterator[Any]:
    """All nodes of a text read as latin-1."""
    return nodes_below(_tree(text).root_node) if cxx_parser() is not None else iter(())


def nodes_below(node: Any, *, but: Collection[str] = ()) -> Iterator[Any]:
    """A node and everything in it, but for nodes of some kinds."""
    waiting = [node]
    while waiting:
        yield (current := waiting.pop())
        waiting += [one for one in current.children if one.type not in but]


def record_part_at(text: str, line: int) -> tuple[int, int]:
    """The lines of a TableGen record that say one thing: up to the one that ends it, from behind the one before."""
    begin, end = line_span(text, line)
    while begin > 0 and not text[:begin].rstrip().endswith((";", "{", "}", ">,", '"')) and line - _NEIGHBOURS > 0:
        begin = text.rfind("\n", 0, begin - 1) + 1
        if text.count("\n", begin, end) > 2 * _NEIGHBOURS:
            break
    while end < len(text) and not text[begin:end].rstrip().endswith((";", "{", "}")):
        following = text.find("\n", end + 1)
        end = len(text) if following < 0 else following
        if text.count("\n", begin, end) > 4 * _NEIGHBOURS:
            break
    return begin, end


def line_span(text: str, line: int) -> tuple[int, int]:
    """Begin and end of a line (1-based), without its line break."""
    at = 0
    for _ in range(line - 1):
        found = text.find("\n", at)
        if found < 0:
            return len(text), len(text)
        at = found + 1
    end = text.find("\n", at)
    return at, len(text) if end < 0 else end


def line_of(text: str, offset: int) -> int:
    """The 1-based line of an offset."""
    return text.count("\n", 0, offset) + 1
