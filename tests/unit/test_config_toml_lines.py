"""The line of every key, against documents whose lines are known by construction."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.config.toml_lines import KeyPath, key_lines


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key and array position of a parsed document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from paths(item, (*path, key))


def at(value: Any, path: KeyPath) -> Any:
    for key in path:
        value = value[key]
    return value


# Each snippet: its text, and the paths in it with their line counted from the snippet's first.
SNIPPETS: tuple[tuple[str, dict[KeyPath, int]], ...] = (
    ("bare = 1", {("bare",): 0}),
    ("1234 = 1", {("1234",): 0}),
    ("a.b.c = 1", {("a",): 0, ("a", "b"): 0, ("a", "b", "c"): 0}),
    ('a . "b.c" . \'d"e\' = 1', {("a",): 0, ("a", "b.c"): 0, ("a", "b.c", 'd"e'): 0}),
    ('"" = 1', {("",): 0}),
    ("'' = ''", {("",): 0}),
    (r'"tab\tquote\"back\\snow\u2603clef\U0001D11E" = 1', {('tab\tquote"back\\snow\u2603clef\U0001d11e',): 0}),
    (r"'no\tescape' = 1", {(r"no\tescape",): 0}),
    ('"schlüssel # [x] = 1" = 1', {("schlüssel # [x] = 1",): 0}),
    ('text = "a # b ] } , [x]\\" = 1" # ] }', {("text",): 0}),
    ("text = 'a # b ] } , [x] \\'", {("text",): 0}),
    ('text = """\nx = 1\n[y]\n# z\n"""\nafter = 1', {("text",): 0, ("after",): 5}),
    ('text = """a ""quoted"" \\""" \\\\"""\nafter = 1', {("text",): 0, ("after",): 1}),
    ('text = """a"""""\nafter = 1', {("text",): 0, ("after",): 1}),
    ('text = """"a"""\nafter = 1', {("text",): 0, ("after",): 1}),
    ('text = """"""\nafter = ""', {("text",): 0, ("after",): 1}),
    ("text = '''\nx = \"\"\"\n[y]\n''''\nafter = ''''''", {("text",): 0, ("after",): 4}),
    ('text = """a \\\n   b"""\nafter = 1', {("text",): 0, ("after",): 2}),
    ("dates = 1979-05-27 07:32:00 # noon\nafter = 07:32:00", {("dates",): 0, ("after",): 1}),
    ("floats = -1_000.5e+10\nafter = inf", {("floats",): 0, ("after",): 1}),
    ("list = []\nafter = [ ]", {("list",): 0, ("after",): 1}),
    (
        "list = [1, 2,\n  3, # ]\n\n  4,\n]",
        {("list",): 0, ("list", 0): 0, ("list", 1): 0, ("list", 2): 1, ("list", 3): 3},
    ),
    (
        'list = [\n# [\n  ["a]", \'#\'],\n  [\n    """\n]""",\n  ],\n]\nafter = 1',
        {
            ("list",): 0,
            ("list", 0): 2,
            ("list", 0, 0): 2,
            ("list", 0, 1): 2,
            ("list", 1): 3,
            ("list", 1, 0): 4,
            ("after",): 8,
        },
    ),
    ("inline = {}\nafter = { }", {("inline",): 0, ("after",): 1}),
    (
        'inline = { a = 1, b.c = "}", "d" = { e = [\n  1,\n  2 ] }, f = """\n}""", g = 1 }\nafter = 1',
        {
            ("inline",): 0,
            ("inline", "a"): 0,
            ("inline", "b"): 0,
            ("inline", "b", "c"): 0,
            ("inline", "d"): 0,
            ("inline", "d", "e"): 0,
            ("inline", "d", "e", 0): 1,
            ("inline", "d", "e", 1): 2,
            ("inline", "f"): 2,
            ("inline", "g"): 3,
            ("after",): 4,
        },
    ),
    (
        "tables = [\n  { x = 1, y = 2 },\n  { x = 3 },\n]",
        {
            ("tables",): 0,
            ("tables", 0): 1,
            ("tables", 0, "x"): 1,
            ("tables", 0, "y"): 1,
            ("tables", 1): 2,
            ("tables", 1, "x"): 2,
        },
    ),
    ("\t indented\t=\t1\t", {("indented",): 0}),
)


@pytest.mark.parametrize(("text", "expected"), SNIPPETS)
def test_each_syntax_by_itself(text: str, expected: dict[KeyPath, int]) -> None:
    assert set(expected) == set(paths(tomllib.loads(text))), "the snippet says what it holds"
    assert key_lines(text) == {path: line + 1 for path, line in expected.items()}


HEADERS = (
    ("[t{n}]", ("t{n}",)),
    ("[ t{n} . \"x.y\" . 'z' ] # ]", ("t{n}", "x.y", "z")),
    ("[[t{n}]]", ("t{n}", 0)),
    ("[[ t{n}.'#' ]]", ("t{n}", "#", 0)),
)
FILL = ("", "\n", '# [comment] = """\n', "\n\t\n# '''\n")


@given(
    st.lists(st.tuples(st.sampled_from(FILL), st.sampled_from(HEADERS), st.sampled_from(SNIPPETS)), max_size=8),
    st.booleans(),
)
def test_any_syntax_after_any_other(
    parts: list[tuple[str, tuple[str, KeyPath], tuple[str, dict[KeyPath, int]]]], crlf: bool
) -> None:
    text = ""
    expected: dict[KeyPath, int] = {}
    for number, (fill, (header, table), (snippet, inside)) in enumerate(parts):
        text += fill + header.format(n=number) + "\n"
        line = text.count("\n")
        place = tuple(part.format(n=number) if isinstance(part, str) else part for part in table)
        expected |= {place[: length + 1]: line for length in range(len(place))}
        expected |= {(*place, *path): line + 1 + offset for path, offset in inside.items()}
        text += snippet + "\n"
    text = text.replace("\n", "\r\n") if crlf else text
    assert set(expected) == set(paths(tomllib.loads(text)))
    assert key_lines(text) == expected


# Keys as nasty as TOML allows, made unique by a number, so that the first line that shows the number is the key's.
SIGNS = ['"', "'", '"""', "'''", "#", "[", "]", "{", "}", "=", ".", ",", "\\", "\n", "\t", " ", "\r", "é", "K"]
NASTY = st.lists(st.sampled_from(SIGNS) | st.text(max_size=3), max_size=4).map("".join)
LEAVES = st.integers(0, 9) | st.booleans() | NASTY | st.dates() | st.floats(allow_nan=False)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NASTY, inner, max_size=4),
    max_leaves=25,
)


def numbered(value: Any, numbers: Iterator[int]) -> Any:
    """The same tree with unique keys, and unique numbers for its numbers."""
    if isinstance(value, dict):
        return {f"{key}K{next(numbers)}K": numbered(item, numbers) for key, item in value.items()}
    if isinstance(value, list):
        return [numbered(item, numbers) for item in value]
    return next(numbers) if type(value) is int else value


@given(st.dictionaries(NASTY, TREES, max_size=6), st.booleans())
def test_documents_of_another_writer(tree: dict[str, Any], multiline: bool) -> None:
    document = numbered(tree, iter(range(7_000_000, 8_000_000)))
    text = tomli_w.dumps(document, multiline_strings=multiline)
    found = key_lines(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    lines = text.replace("\r\n", "\n").split("\n")
    for path, line in found.items():
        marker = f"K{path[-1].rsplit('K', 2)[1]}K" if isinstance(path[-1], str) else str(at(document, path))
        if isinstance(path[-1], str) or type(at(document, path)) is int:
            first = next(number for number, each in enumerate(lines, 1) if marker in each)
            assert line == first, path


def test_a_header_gives_its_implied_parents_a_line() -> None:
    assert key_lines("\n[axes.linkage.static]\n") == {
        ("axes",): 2,
        ("axes", "linkage"): 2,
        ("axes", "linkage", "static"): 2,
    }


def test_a_parent_keeps_the_line_on_which_it_was_first_named() -> None:
    assert key_lines("[a.b]\n[a]\nc = 1\n")[("a",)] == 1


def test_tables_below_the_last_element_of_an_array() -> None:
    text = "[[a]]\n[[a.b]]\n[a.b.c]\nd = 1\n[[a.b]]\n[[a]]\n[a.x]\n[[a.b]]\ny = 1\n"
    assert set(key_lines(text)) == set(paths(tomllib.loads(text)))
    assert key_lines(text) == {
        ("a",): 1,
        ("a", 0): 1,
        ("a", 0, "b"): 2,
        ("a", 0, "b", 0): 2,
        ("a", 0, "b", 0, "c"): 3,
        ("a", 0, "b", 0, "c", "d"): 4,
        ("a", 0, "b", 1): 5,
        ("a", 1): 6,
        ("a", 1, "x"): 7,
        ("a", 1, "b"): 8,
        ("a", 1, "b", 0): 8,
        ("a", 1, "b", 0, "y"): 9,
    }


def test_what_toml_1_1_adds() -> None:
    text = 'inline = {\n  a = 1, # one\n  b = 2,\n}\n"\\x41\\e" = 1\n'
    assert key_lines(text) == {("inline",): 1, ("inline", "a"): 2, ("inline", "b"): 3, ("A\x1b",): 5}


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ValueError, match="offset 0"):
        key_lines("= 1")


def test_a_large_document_is_quick() -> None:
    text = "".join(f'[[pin]]\nname = "p{number}"\nfile = "a/b.txt"\n' for number in range(5_000))
    assert key_lines(text)[("pin", 4_999, "file")] == 15_000
