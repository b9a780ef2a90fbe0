"""What no quick test runs, benchmarks and slow proofs, asks the product for names that it has."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    path for name in ("benchmarks", "tests/slow", "tests/field", "tests/battery") for path in ROOT.glob(f"{name}/*.py")
]


def _asked_for(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pytest_llvmgate"):
            yield from ((node.module or "", alias.name) for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_name_that_is_imported_is_there(path: Path) -> None:
    assert [
        f"{module}.{name}" for module, name in _asked_for(path) if not hasattr(importlib.import_module(module), name)
    ] == []
