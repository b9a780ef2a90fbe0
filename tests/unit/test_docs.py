"""What the documentation says is so: examples load, tables are the code's, links lead somewhere, names are complete."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from pytest_llvmgate import errors
from pytest_llvmgate.config.layout import FILE
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.shapes import Spot
from pytest_llvmgate.pins.read import check_specs
from pytest_llvmgate.verdict import junit_names

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
HOW_TO: Final = ROOT / "docs/how-to.md"
EXAMPLES: Final = (ROOT / "README.md", HOW_TO)
"""The pages whose examples of configurations are marked: ``toml`` is a whole one, ``toml fragment`` a part."""
REFERENCE: Final = ROOT / "docs/reference.md"
_BLOCK: Final = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(info: str) -> list[pytest.param]:
    """The code blocks of the examples with exactly this info string."""
    return [
        pytest.param(match["text"], id=f"{page.name}-{page_text.count(chr(10), 0, match.start()) + 1}")
        for page in EXAMPLES
        for page_text in [page.read_text(encoding="utf-8")]
        for match in _BLOCK.finditer(page_text)
        if match["info"] == info
    ]


def tool(name: str) -> ModuleType:
    """A program of ``tools/``, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("text", blocks("toml"))
def test_a_whole_configuration_loads(text: str, tmp_path: Path) -> None:
    path = tmp_path / "llvmgate.toml"
    path.write_text(text, encoding="utf-8")
    for directory in re.findall(r'^source = "([^"]+)"', text, re.MULTILINE):
        (tmp_path / directory).mkdir(parents=True)
    config = load_config(path)
    assert check_specs(config) == ()
    assert config.configurations


@pytest.mark.parametrize("text", blocks("toml fragment"))
def test_a_part_of_a_configuration_has_known_keys_and_values(text: str) -> None:
    import tomllib

    problems: list[errors.Problem] = []
    FILE.read(tomllib.loads(text), Spot((), str, problems))
    assert [str(problem) for problem in problems] == []


def test_the_how_to_has_examples_of_either_kind() -> None:
    text = HOW_TO.read_text(encoding="utf-8")
    assert {"toml", "toml fragment"} <= {match["info"] for match in _BLOCK.finditer(text)}


@pytest.mark.parametrize("page", ["reference.md", "findings.md"])
def test_the_tables_are_what_the_code_says(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert tool("reference").generated(text) == text, "run: python tools/reference.py"


def test_the_reference_describes_every_table_of_the_configuration() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    by_hand = {"timeouts"}  # has a column of its own
    parts = {name: f"<!-- generated: keys {name} -->" for name, _ in tool("reference").records() if name not in by_hand}
    absent = [part for part in parts.values() if part not in text]
    assert absent == [], "add a section with these lines and '<!-- end -->', and run: python tools/reference.py"


def test_the_reference_names_every_junit_property() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    names = [value for name, value in vars(junit_names).items() if name.isupper()]
    assert [name for name in names if f"`{name}" not in text] == []


def test_the_reference_names_every_variable_of_its_own() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "pytest_llvmgate").rglob("*.py"))
    names = {name for source in sources for name in re.findall(r"\bLLVMGATE_[A-Z_]+\b", source)}
    assert "LLVMGATE_CACHE" in names
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def _links(page: Path) -> list[str]:
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    return re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", text)


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return {heading.strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in (found or other for found, other in _links(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        other = page.parent / name if name else page
        assert other.exists(), f"{page.name} links to {target}, which is not there"
        assert not anchor or anchor in _anchors(other), f"{page.name} links to {target}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_part_is_left_open(page: Path) -> None:
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    kinds = re.findall(r"<!-- (generated|transcript|end)\b", text)
    assert kinds[1::2] == ["end"] * (len(kinds) // 2)
    assert "end" not in kinds[::2]
