"""The rooms as docs/architecture.md lists them: a room imports nothing of the rooms below it in the table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "pytest_llvmgate"
_PAGE: Final = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
ROOMS: Final = re.findall(r"^\| `(\w+)` \|", _PAGE.partition("## Rooms")[2].partition("\n## ")[0], re.MULTILINE)


def sources(room: str) -> list[Path]:
    """The Python files of a room; the demo's template is no code of ours."""
    module = PACKAGE / f"{room}.py"
    return [module] if module.is_file() else sorted((PACKAGE / room).rglob("*.py"))


def imported_rooms(source: Path) -> Iterator[str]:
    """The rooms whose code ``source`` runs when it is imported or when its functions run."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    for branch in [node for node in ast.walk(tree) if isinstance(node, ast.If)]:
        if "TYPE_CHECKING" in ast.unparse(branch.test):
            branch.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "pytest_llvmgate":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pytest_llvmgate."):
            yield str(node.module).split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (each.name.split(".")[1] for each in node.names if each.name.startswith("pytest_llvmgate."))


def test_every_pattern_of_shipped_files_matches_one() -> None:
    import tomllib

    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-data"
    ]
    assert [pattern for pattern in patterns["pytest_llvmgate"] if not any(PACKAGE.glob(pattern))] == []


def test_every_room_is_in_the_table() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert packages | modules == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_nothing_of_the_rooms_below_it(room: str) -> None:
    below = set(ROOMS[ROOMS.index(room) + 1 :])
    found = {
        f"{source.relative_to(PACKAGE)} imports {other}"
        for source in sources(room)
        if "template" not in source.parts
        for other in imported_rooms(source)
        if other in below
    }
    assert sorted(found) == []


def imported_modules(source: Path) -> Iterator[str]:
    """Modules of ours that ``source`` imports, late imports included, by their path below the package."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    for branch in [node for node in ast.walk(tree) if isinstance(node, ast.If)]:
        if "TYPE_CHECKING" in ast.unparse(branch.test):
            branch.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pytest_llvmgate"):
            base = PACKAGE.parent / str(node.module).replace(".", "/")
            for name in [base, *(base / alias.name for alias in node.names)]:
                if name.with_suffix(".py").is_file():
                    yield name.with_suffix(".py").relative_to(PACKAGE).as_posix()


def test_no_modules_import_each_other_in_a_circle() -> None:
    every = [path for room in ROOMS for path in sources(room) if "template" not in path.parts]
    imports = {path.relative_to(PACKAGE).as_posix(): set(imported_modules(path)) for path in every}
    # Whoever imports nothing that is left is taken away, over and over: what stays imports itself in a circle.
    while free := [name for name, needed in imports.items() if not needed & imports.keys()]:
        for name in free:
            del imports[name]
    assert {name: sorted(needed & imports.keys()) for name, needed in imports.items()} == {}


def test_no_two_modules_have_one_name() -> None:
    names = [path.stem for room in ROOMS for path in sources(room) if "template" not in path.parts]
    twins = {name for name in names if names.count(name) > 1} - {"__init__"}
    assert twins == set()


def test_no_two_classes_have_one_name() -> None:
    every = [path for room in ROOMS for path in sources(room) if "template" not in path.parts]
    names = [
        node.name
        for path in every
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    assert {name for name in names if names.count(name) > 1} == set()
