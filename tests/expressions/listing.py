"""Every regular expression of the product: what its modules compile on import, and what its functions compile later."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest_llvmgate

PACKAGE: Final = Path(pytest_llvmgate.__file__).parent
_CALLS: Final = {"compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "subn", "split"}
_ANCHORED: Final = {"match", "fullmatch"}
_SAMPLE: Final = "name"
"""Stands for what a function puts into its expression: a name that was escaped, as a rule."""


@dataclass(frozen=True, kw_only=True)
class Expression:
    """One expression: ``place`` is module:line, ``uses`` are the methods it is called by (``search``, if unknown)."""

    place: str
    pattern: re.Pattern[Any]
    uses: frozenset[str]

    @property
    def is_anchored(self) -> bool:
        """Whether it is only ever tried at one place of a text, not at each of them."""
        return self.uses <= _ANCHORED


def modules() -> Iterator[str]:
    """The product's modules by name."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "template" not in path.parts:
            yield ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def expressions() -> list[Expression]:
    """All of them; each once."""
    found: dict[tuple[Any, int], Expression] = {}
    for name in modules():
        if name.endswith("__main__"):
            continue
        module = importlib.import_module(name)
        for each in (*_held(module), *_called(module)):
            key = (each.pattern.pattern, each.pattern.flags)
            known = found.get(key)
            uses = each.uses | known.uses if known else each.uses
            found[key] = Expression(place=known.place if known else each.place, pattern=each.pattern, uses=uses)
    return list(found.values())


def _source(module: Any) -> ast.Module:
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8"))


def _held(module: Any) -> Iterator[Expression]:
    """Patterns in the module's own names, also inside tables and dataclasses."""
    uses = _uses(_source(module))
    for name, value in vars(module).items():
        for text in {*_written(value, 16)}:
            yield Expression(place=f"{module.__name__}.{name}", pattern=re.compile(text), uses=frozenset({"fullmatch"}))
        for pattern in _inside(value, 4):
            direct = isinstance(value, re.Pattern)
            yield Expression(
                place=f"{module.__name__}.{name}",
                pattern=pattern,
                uses=frozenset(uses.get(name, ())) if direct and uses.get(name) else frozenset({"search"}),
            )


def _inside(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from _inside(each, depth - 1)
    elif depth and isinstance(value, Mapping):
        for each in (*value.keys(), *value.values()):
            yield from _inside(each, depth - 1)
    elif depth and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for field in value.__dataclass_fields__:
            yield from _inside(getattr(value, field, None), depth - 1)


def _written(value: Any, depth: int) -> Iterator[str]:
    """Expressions that are text until they are used: what dataclasses call a ``pattern``. They are matched whole."""
    if not depth or isinstance(value, type):
        return
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _written(each, depth - 1)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from _written(each, depth - 1)
    else:
        for name in getattr(value, "__dataclass_fields__", {}):
            inner = getattr(value, name, None)
            if isinstance(inner, str) and name.endswith("pattern") and inner:
                yield inner
            yield from _written(inner, depth - 1)


def _uses(tree: ast.Module) -> dict[str, set[str]]:
    """By name of a constant: the methods called on it; a use that is no call counts as ``search``."""
    uses: dict[str, set[str]] = {}
    called: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _CALLS:
            uses.setdefault(node.value.id, set()).add(node.attr)
            called.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
            uses.setdefault(node.id, set()).add("search")
    return uses


def _called(module: Any) -> Iterator[Expression]:
    """Expressions in calls of ``re``; what is put in at run time is :data:`_SAMPLE`."""
    for node in ast.walk(_source(module)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        if not (isinstance(owner, ast.Name) and owner.id == "re" and node.func.attr in _CALLS):
            continue
        text = _text(node.args[0], vars(module))
        if text is None:
            continue
        flags = [_evaluated(each, vars(module)) for each in _flags(node)]
        pattern = re.compile(text, flags[0] if flags and flags[0] is not None else 0)
        use = "search" if node.func.attr == "compile" else node.func.attr
        if node.func.attr == "compile" and pattern in {each for v in vars(module).values() for each in _inside(v, 4)}:
            continue  # told by its constant, which knows how it is used
        yield Expression(place=f"{module.__name__}:{node.lineno}", pattern=pattern, uses=frozenset({use}))


def _flags(call: ast.Call) -> list[ast.expr]:
    named = [each.value for each in call.keywords if each.arg == "flags"]
    at = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(call.func.attr, 2)  # type: ignore[attr-defined]
    return named or call.args[at : at + 1]


def _text(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The expression's text; None for one that is the user's own (a name that only a call binds)."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [_text(each, names) for each in node.values]
        return "".join(part if part is not None else _SAMPLE for part in parts)
    if isinstance(node, ast.FormattedValue):
        value = _evaluated(node.value, names)
        return value if isinstance(value, str) else _SAMPLE
    if isinstance(node, ast.BinOp):
        left, right = _text(node.left, names), _text(node.right, names)
        kind = next((each for each in (left, right) if each is not None), _SAMPLE)
        blank = _SAMPLE if isinstance(kind, str) else _SAMPLE.encode()
        return (left if left is not None else blank) + (right if right is not None else blank)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
        inner = _text(node.func.value, names)
        return inner.encode() if isinstance(inner, str) else None
    value = _evaluated(node, names)
    return value if isinstance(value, (str, bytes)) else None


def _evaluated(node: ast.expr, names: Mapping[str, Any]) -> Any:
    try:
        return eval(compile(ast.Expression(node), "<expression>", "eval"), dict(names), {})
    except Exception:
        return None


if __name__ == "__main__":
    for each in expressions():
        sys.stdout.write(f"{each.place} {sorted(each.uses)} {each.pattern.pattern!r}\n")
