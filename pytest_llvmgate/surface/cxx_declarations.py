"""What a C++ header declares: names with their owner and signature, read with tree-sitter's C++ grammar.

A line that holds a name says neither whose member it declares nor whether it declares it at all; members of one name in
different classes are most of what changes in LLVM. The grammar is an optional import: it has wheels for the usual
systems only, and without it what is asked of a surface is "not known" instead of wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pytest_llvmgate.objects.cxx_names import names_a_class

_MACROS: Final = re.compile(
    rb"(?<!define )\b(?:LLVM|MLIR|CLANG|LLD|LLDB|FLANG|POLLY)_[A-Z0-9_]*(?:ABI|EXPORT\w*|VISIBILITY\w*|API\w*"
    rb"|ATTRIBUTE\w*|READONLY|READNONE|NODISCARD|INLINE|NOINLINE|LIFETIME_BOUND|PREFERRED_TYPE|DEPRECATED|GSL_\w+|CAPI_EXPORTED|FALLTHROUGH)\b"
    rb"(?:\((?:[^()]|\([^()\n]*\)){0,300}\))?"
    rb"|^[ \t]*+[A-Z][A-Z0-9_]{4,}+\([^()\n]*+\)[ \t]*+;?[ \t]*+$",
    re.MULTILINE,
)
"""Macros in front of or between declarations, which no grammar can know: blanked, so that places stay what they are."""
_AROUND: Final = re.compile(
    rb"\b(LLVM_ATTRIBUTE_DEPRECATED\()([^;{}]{1,600}?)(,\s*\"[^\"\n]*\"(?:\s*\"[^\"\n]*\")*\s*\))(?=\s*[{;])"
)
"""A macro around a declaration: LLVM 13's for what is deprecated."""
_LISTS: Final = re.compile(
    rb"^(?>(?:[ \t]*+#[ \t]*+define\b(?>(?:[^\\\n]++|\\\n?)*)(?:\n|\Z)(?>(?:[ \t]*+\n)*))*)"
    rb"(?P<list>[ \t]*+#[ \t]*+include[^\n]*\.(?:inc|def)\"[^\n]*+)?",
    re.MULTILINE,
)
"""``#define TYPE(X) X,`` and the list that is included for it, in the midst of an enumeration: blanked likewise.

Definitions without a list behind them match as well, and stay: no line is looked at twice.
"""
_LONGEST_SIGNATURE: Final = 600
_LONGEST_BODY: Final = 300
_TYPES: Final = ("class_specifier", "struct_specifier", "union_specifier")
_THROUGH: Final = frozenset(
    {"translation_unit", "declaration_list", "field_declaration_list", "template_declaration", "linkage_specification",
     "preproc_ifdef", "preproc_if", "preproc_else", "preproc_elif", "ERROR"}
)  # fmt: skip
"""Nodes that hold declarations without being a scope of their own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration:
    """A name that a header declares."""

    form: str
    """``class``, ``enum``, ``enumerator``, ``function``, ``variable``, ``alias``, ``using``, ``macro``, ``def``."""
    name: str
    owner: str = ""
    """The class or namespace around it, qualified: ``mlir::OpBuilder``; empty for the global namespace."""
    signature: str = ""
    """The declaration in one line, without a body."""
    line: int = 0
    """1-based."""
    bases: tuple[str, ...] = ()
    """Of a class: its base classes, as written, without template arguments."""
    is_definition: bool = False
    """A class or enumeration with its body, rather than a forward declaration."""
    file: str = ""
    """As one would include it; filled in by the surface."""
    body: str = ""
    """What a short function that is defined there does; what a macro or an enumerator stands for."""

    @property
    def qualified(self) -> str:
        """``mlir::OpBuilder::create``."""
        return f"{self.owner}::{self.name}" if self.owner else self.name

    @property
    def is_free(self) -> bool:
        """Whether it is declared outside of any class."""
        return not names_a_class(self.owner)

    @property
    def where(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.line}"


@cache
def cxx_parser() -> Any:
    """tree-sitter's parser for C++, or ``None`` where it is not installed."""
    try:
        import tree_sitter
        import tree_sitter_cpp
    except ImportError:
        return None
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_cpp.language()))


def can_parse() -> bool:
    """Whether the grammar is there."""
    return cxx_parser() is not None


def declarations_in(text: bytes) -> list[Declaration]:
    """All declarations of a header, in its order; empty where the grammar is not installed.

    Bodies of functions are not entered. What the grammar does not understand is left out: an answer from here is a
    declaration for certain, silence is none.
    """
    parser = cxx_parser()
    if parser is None:
        return []
    plain = _AROUND.sub(lambda match: _blank(match[1]) + match[2] + _blank(match[3]), text)
    unmarked = _MACROS.sub(lambda match: _blank(match[0]), plain)
    blanked = _LISTS.sub(lambda match: _blank(match[0]) if match["list"] else match[0], unmarked)
    return list(_walk(parser.parse(blanked).root_node, ""))


def _blank(text: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", text)


def _walk(root: Any, top: str) -> Iterator[Declaration]:
    waiting = [(root, top)]
    while waiting:
        node, owner = waiting.pop()
        kind = node.type
        if kind in _THROUGH:
            waiting.extend((child, owner) for child in reversed(node.named_children))
        elif reader := _READERS.get(kind):
            for declared, inside in reader(node, owner):
                if declared is not None:
                    yield declared
                if inside is not None:
                    waiting.append(inside)


_Read = Iterator[tuple[Declaration | None, tuple[Any, str] | None]]


def _namespace(node: Any, owner: str) -> _Read:
    body = node.child_by_field_name("body")
    if body is not None:
        yield None, (body, _join(owner, _text(node.child_by_field_name("name"))))


def _macro(node: Any, owner: str) -> _Read:  # noqa: ARG001 (macros have no owner)
    value = _text(node.child_by_field_name("value"))
    yield Declaration(form="macro", name=_text(node.child_by_field_name("name")), line=_line(node), body=value), None


def _type(node: Any, owner: str) -> _Read:
    """A class, struct or union: itself, and its members."""
    name = _plain(_text(node.child_by_field_name("name")))
    body = node.child_by_field_name("body")
    if not name:  # an anonymous union's members are its owner's
        yield None, ((body, owner) if body is not None else None)
        return
    clause = next((child for child in node.children if child.type == "base_class_clause"), None)
    bases = tuple(_bases(clause)) if clause is not None else ()
    head = _head(node, body)
    yield (
        Declaration(
            form="class", name=name.rpartition("::")[2], owner=_join(owner, name.rpartition("::")[0]), signature=head,
            line=_line(node), bases=bases, is_definition=body is not None,
        ),
        (body, _join(owner, name)) if body is not None else None,
    )  # fmt: skip


def _enum(node: Any, owner: str) -> _Read:
    name = _plain(_text(node.child_by_field_name("name")))
    body = node.child_by_field_name("body")
    if name:
        yield (
            Declaration(form="enum", name=name, owner=owner, line=_line(node), is_definition=body is not None),
            None,
        )
    scoped = any(child.type in {"class", "struct"} for child in node.children)
    inside = _join(owner, name) if scoped and name else owner
    for child in body.named_children if body is not None else ():
        if child.type == "enumerator":
            each, value = (_text(child.child_by_field_name(part)) for part in ("name", "value"))
            yield Declaration(form="enumerator", name=each, owner=inside, line=_line(child), body=value), None


def _alias(node: Any, owner: str) -> _Read:
    name = _text(node.child_by_field_name("name"))
    if name:
        yield Declaration(form="alias", name=name, owner=owner, signature=_head(node, None), line=_line(node)), None


def _using(node: Any, owner: str) -> _Read:
    named = _text(node).removeprefix("using").strip(" ;")
    if "namespace" not in named:
        name = _plain(named).rpartition("::")[2]
        yield Declaration(form="using", name=name, owner=owner, signature=_text(node), line=_line(node)), None


def _declaration(node: Any, owner: str) -> _Read:
    """A function, variable or field; a type that is defined in the same breath."""
    specifier = node.child_by_field_name("type")
    if specifier is not None and (reader := _READERS.get(specifier.type)) and specifier.child_by_field_name("body"):
        yield from reader(specifier, owner)
    body = node.child_by_field_name("body")
    for declarator in node.children_by_field_name("declarator"):
        named = _named(declarator)
        if named is None:
            continue
        name, is_function = named
        plain = _plain(name)
        inside = _join(owner, plain.rpartition("::")[0])
        yield (
            Declaration(
                form="function" if is_function else "typedef" if node.type == "type_definition" else "variable",
                name=plain.rpartition("::")[2], owner=inside, signature=_head(node, body), line=_line(node),
                body=_inside(body),
            ),
            None,
        )  # fmt: skip


_READERS: Final[dict[str, Any]] = {
    "namespace_definition": _namespace,
    "preproc_def": _macro,
    "preproc_function_def": _macro,
    **dict.fromkeys(_TYPES, _type),
    "enum_specifier": _enum,
    "alias_declaration": _alias,
    "using_declaration": _using,
    "type_definition": _declaration,
    "declaration": _declaration,
    "field_declaration": _declaration,
    "function_definition": _declaration,
}

_NAMES: Final = frozenset(
    {"identifier", "field_identifier", "type_identifier", "qualified_identifier", "destructor_name", "operator_name",
     "template_function", "operator_cast"}
)  # fmt: skip


def _named(node: Any) -> tuple[str, bool] | None:
    """The name that a declarator declares, and whether it is a function's."""
    is_function = False
    while node is not None:
        if node.type in _NAMES:
            return _text(node).partition("(")[0], is_function or node.type == "operator_cast"
        is_function = is_function or node.type == "function_declarator"
        inner = node.child_by_field_name("declarator")
        node = inner if inner is not None else next(iter(node.named_children), None)
    return None


def _bases(clause: Any) -> Iterator[str]:
    for child in clause.named_children:
        if child.type not in {"access_specifier", "attribute_declaration"}:
            yield _plain(_text(child))


def _head(node: Any, body: Any) -> str:
    """The text of a declaration up to its body, in one line."""
    raw = node.text[: body.start_byte - node.start_byte] if body is not None else node.text
    text = " ".join(raw.decode("utf-8", "replace").split()).rstrip("{; ")
    return text if len(text) <= _LONGEST_SIGNATURE else f"{text[: _LONGEST_SIGNATURE - 3]}..."


def _inside(body: Any) -> str:
    """A body in one line, without its braces; empty where it is long."""
    is_short = body is not None and len(body.text) <= _LONGEST_BODY and b"//" not in body.text
    return _text(body).removeprefix("{").removesuffix("}").strip() if is_short else ""


def _text(node: Any) -> str:
    return "" if node is None else " ".join(node.text.decode("utf-8", "replace").split())


def _line(node: Any) -> int:
    return int(node.start_point[0]) + 1


def _plain(name: str) -> str:
    """A name without template arguments."""
    if "<" not in name or "operator" in name:
        return name
    out, depth = [], 0
    for char in name:
        depth += (char == "<") - (char == ">")
        if not depth and char != ">":
            out.append(char)
    return "".join(out).strip()


def _join(owner: str, name: str) -> str:
    return "::".join(part for part in (owner, name) if part)
