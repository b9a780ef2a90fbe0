"""Write the tables of docs/reference.md and docs/findings.md from the code that they describe.

Usage: ``python tools/reference.py`` with pytest-llvmgate installed. A test compares, so that the two never part.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))  # beside this file, also when a test imports it
from marked_blocks import rewrite, rewritten

from pytest_llvmgate.cli.main import COMMANDS
from pytest_llvmgate.config import layout, shapes
from pytest_llvmgate.config.settings import Timeouts
from pytest_llvmgate.kinds.catalogue import KINDS
from pytest_llvmgate.kinds.facts import FACTS, OF_ANY_KIND
from pytest_llvmgate.pins.readers import BUILT_IN
from pytest_llvmgate.plugin import entry

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGE: Final = DOCS / "reference.md"
PAGES: Final = (PAGE, DOCS / "findings.md")
KIND: Final = "generated"
WORDS: Final[Mapping[type, str]] = {
    shapes.Flag: "`true` or `false`",
    shapes.Seconds: "a number of seconds",
    shapes.Date: "a date like `2026-12-10`",
    shapes.CMakeValue: "a string, a number, `true` or `false`",
    layout.SelectorShape: 'a selector: `{ mhlo = "on" }` or `"mhlo=on"`',
}
"""For the shapes that have no words of their own."""


def generated(text: str) -> str:
    """The page ``text`` with its generated parts as they should be."""
    return rewritten(text, KIND, body)


def body(name: str) -> str | None:
    """What a generated part of that name holds."""
    kind, _, rest = name.partition(" ")
    if kind == "keys":
        return _table(("key", "value", "meaning"), _keys(dict(records())[rest]))
    return _list(kind)


def records(shape: Any = layout.FILE, path: str = "file") -> Iterator[tuple[str, shapes.Record]]:
    """Every table of the configuration with keys of ours, by its path: ``pin``, ``llvm.wheels``, ``axes.*.*``."""
    if isinstance(shape, shapes.Record):
        yield path, shape
        for name, key in shape.keys.items():
            yield from records(key.shape, name if shape is layout.FILE else f"{path}.{name}")
    elif isinstance(shape, shapes.TableOf):
        yield from records(shape.item, f"{path}.*")
    elif isinstance(shape, shapes.ListOf):
        yield from records(shape.item, path)


def _list(kind: str) -> str:
    if kind == "command-arguments":
        return "\n\n".join(_command_sections())
    if kind == "facts-of-any-kind":
        return ", ".join(f"`{name}`" for name in FACTS if name in OF_ANY_KIND)
    tables: Mapping[str, tuple[tuple[str, ...], Callable[[], Iterable[tuple[str, ...]]]]] = {
        "pytest-options": (("option", "value", "meaning"), _pytest_options),
        "commands": (("command", "meaning"), _commands),
        "timeouts": (("key", "default", "meaning"), _timeouts),
        "readers": (("reader", "reads"), _readers),
        "kinds": (("kind", "what happened", "told by", "rank", "whose", "facts"), _kinds),
        "facts": (("fact", "meaning", "form"), _facts),
    }
    head, rows = tables[kind]
    return _table(head, rows())


def _readers() -> Iterator[tuple[str, ...]]:
    yield from ((f"`{reader.name}`", reader.summary) for reader in BUILT_IN)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _keys(record: shapes.Record) -> Iterator[tuple[str, ...]]:
    for name, key in record.keys.items():
        yield f"`{name}`" + (" (required)" if key.required else ""), value_of(key.shape), key.doc


def _timeouts() -> Iterator[tuple[str, ...]]:
    for name, key in layout.TIMEOUTS.keys.items():
        yield f"`{name}`", f"{getattr(Timeouts(), name):g}", key.doc


def value_of(shape: Any) -> str:
    """What a shape accepts, in a few words."""
    if isinstance(shape, shapes.Text) and shape.choices:
        return ", ".join(f'`"{choice}"`' for choice in shape.choices)
    if isinstance(shape, shapes.ListOf) and shape.form == "an array":
        return f"an array: {value_of(shape.item)}"
    if isinstance(shape, shapes.OneOrMany):
        return f"{value_of(shape.item)}, or an array of such"
    return WORDS[type(shape)] if type(shape) in WORDS else str(shape.form)


def _kinds() -> Iterator[tuple[str, ...]]:
    for kind in KINDS.values():
        facts = ", ".join(f"`{name}`" for name in FACTS if name in kind.facts)
        yield f"`{kind.name}`", kind.meaning, kind.family.value, str(kind.tier.value), kind.whose.value, facts


def _facts() -> Iterator[tuple[str, ...]]:
    for fact in FACTS.values():
        yield f"`{fact.name}`", fact.meaning, fact.form.value


class _Options:
    """Stands in for pytest's parser, and remembers what it is told."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []

    def getgroup(self, *_: str) -> _Options:
        return self

    def addoption(self, name: str, **settings: Any) -> None:
        choices = settings.get("choices")
        value = "{" + ",".join(choices) + "}" if choices else settings.get("metavar", "")
        self.rows.append((f"`{name}`", f"`{value}`" if value else "", settings["help"]))

    def addini(self, *_: Any, **__: Any) -> None:
        """Settings of pytest's own file are described by hand."""


def _pytest_options() -> Iterator[tuple[str, ...]]:
    options: Any = _Options()
    entry.pytest_addoption(options)
    yield from options.rows


def _commands() -> Iterator[tuple[str, ...]]:
    for name, (_, summary) in COMMANDS.items():
        yield f"`llvmgate {name}`", summary


_TOLD_IN: Final = {
    "align": "pins.md",
    "brief": "fix.md",
    "bump": "pins.md#move-the-pins",
    "cache": "llvm.md#the-cache",
    "explain": "findings.md",
    "matrix": "github-actions.md#several-machines",
    "plan": "pins.md#plan-a-move",
    "probe": "bisect.md#gits-own-bisection",
    "reverts": "carry.md#what-was-reverted-since",
    "status": "pins.md#is-an-update-due",
    "watch": "bisect.md#unattended-llvmgate-watch",
}
"""The pages of commands that have none by their own name."""


def _command_sections() -> Iterator[str]:
    """A section per command; where a page tells more of it, a link to that."""
    for name, (module, summary) in COMMANDS.items():
        if importlib.util.find_spec(module) is None:
            continue
        page = _TOLD_IN.get(name, f"{name}.md")
        more = f" See [{page.partition('#')[0]}]({page})." if (DOCS / page.partition("#")[0]).is_file() else ""
        yield f"### `llvmgate {name}`"
        yield f"{summary[0].upper()}{summary[1:]}.{more}"
        rows = list(_arguments(name))
        yield _table(("argument", "value", "meaning"), rows) if rows else "It has no arguments."


def _arguments(command: str) -> Iterator[tuple[str, ...]]:
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(COMMANDS[command][0]).add_arguments(parser)
    yield from _rows_of(parser)


def _rows_of(parser: argparse.ArgumentParser) -> Iterator[tuple[str, ...]]:
    for action in parser._actions:  # argparse has no public way to list them
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._HelpAction):
            continue
        if isinstance(action, argparse._SubParsersAction):
            for told in action._choices_actions:
                yield f"`{told.dest}`", "", told.help or ""
                yield from ((f"`{told.dest}` {name}", *rest) for name, *rest in _rows_of(action.choices[told.dest]))
            continue
        names = ", ".join(f"`{name}`" for name in action.option_strings)
        value = _value(action)
        help_text = (action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%")
        yield names or f"`{value}`", f"`{value}`" if names and value else "", help_text


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    value = str(action.metavar or action.dest.upper())
    if action.choices and not action.metavar:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    return value + ("..." if action.nargs in ("+", "*") else "")


if __name__ == "__main__":
    changed = [page.name for page in PAGES if rewrite(page, KIND, body)]
    print(f"rewritten: {', '.join(changed)}" if changed else "nothing to do")
