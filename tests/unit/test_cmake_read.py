"""What CMake leaves in a build directory, read back: the cache, the listfile language and ninja's link edges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.cmake.cache_entries import parse_cache, read_cache
from pytest_llvmgate.cmake.compile_commands import read_compile_commands
from pytest_llvmgate.cmake.file_api import read_codemodel, write_query
from pytest_llvmgate.cmake.listfile import parse
from pytest_llvmgate.cmake.ninja_file import read_link_edges
from pytest_llvmgate.errors import ToolError

CACHE = """\
# This is the CMakeCache file.
//Value Computed
// by CMake
BUILD_SHARED_LIBS:BOOL=ON
"odd=name":STRING=x=y:z
padded:STRING=' two '
CMAKE_X-ADVANCED:INTERNAL=1
EMPTY:PATH=
BUILD_SHARED_LIBS:BOOL=OFF
nonsense
"""


def test_an_entry_has_type_value_help_and_line() -> None:
    entry = parse_cache(CACHE.replace("BUILD_SHARED_LIBS:BOOL=OFF\n", ""))["BUILD_SHARED_LIBS"]
    assert (entry.type, entry.value) == ("BOOL", "ON")


def test_the_last_entry_of_a_name_wins() -> None:
    assert parse_cache(CACHE)["BUILD_SHARED_LIBS"].value == "OFF"


def test_quoted_names_and_padded_values_lose_their_quotes() -> None:
    entries = parse_cache(CACHE)
    assert entries["odd=name"].value == "x=y:z"
    assert entries["padded"].value == " two "
    assert entries["EMPTY"].value == ""
    assert entries["CMAKE_X-ADVANCED"].type == "INTERNAL"


def test_a_directory_without_a_cache_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="not a configured CMake build directory"):
        read_cache(tmp_path)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,9}", fullmatch=True),
        st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), max_size=20),
    )
)
def test_every_written_entry_is_read_back(entries: dict[str, str]) -> None:
    text = "".join(f"//h\n{name}:STRING={value}\n\n" for name, value in entries.items() if value[:1] != "'")
    expected = {name: value for name, value in entries.items() if value[:1] != "'"}
    assert {name: entry.value for name, entry in parse_cache(text).items()} == expected


def test_commands_and_arguments_carry_their_lines() -> None:
    (command,) = parse("add_mlir_library(Foo\n  a.cpp\n\n  LINK_LIBS PUBLIC\n  MLIRIR\n)\n")
    assert (command.name, command.line, command.end_line) == ("add_mlir_library", 1, 6)
    assert [(argument.text, argument.line) for argument in command.arguments] == [
        ("Foo", 1),
        ("a.cpp", 2),
        ("LINK_LIBS", 4),
        ("PUBLIC", 4),
        ("MLIRIR", 5),
    ]


def test_comments_hide_what_they_hold_and_brackets_keep_it() -> None:
    commands = list(parse('#[=[ no(x)\n]] ]=] a(b # c d)\n e)\n# f(g)\nh([==[i\n)]==] "j;(")'))
    assert [(command.name, command.words) for command in commands] == [("a", ("b", "e")), ("h", ("i\n)", "j;("))]
    assert commands[1].line == 5


def test_nested_parentheses_belong_to_the_outer_command() -> None:
    """As arguments of their own: cmake-language(7), "Command Invocations"."""
    words = [command.words for command in parse("if((A AND B) OR C)\nendif()")]
    assert words == [("(", "A", "AND", "B", ")", "OR", "C"), ()]


@given(st.text(st.sampled_from('ab()"[]=#\n\\ ;${}'), max_size=60))
def test_any_text_parses_and_lines_stay_inside_the_file(text: str) -> None:
    last = text.count("\n") + 1
    for command in parse(text):
        assert 1 <= command.line <= command.end_line <= last
        assert all(command.line <= argument.line <= last for argument in command.arguments)


def test_link_edges_have_their_objects_in_order(tmp_path: Path) -> None:
    (tmp_path / "build.ninja").write_text(
        "rule X\nbuild lib/libA.a: CXX_STATIC_LIBRARY_LINKER__A_Release b$ c.o a.o CMakeFiles/x.cpp.obj | lib/z.a\n"
        "  LANGUAGE = CXX\n"
        "build lib/libB.so.1 | lib/libB.so: CXX_SHARED_LIBRARY_LINKER__B_ m.o |\n"
        "build lib/libB.so.0: CMAKE_SYMLINK_LIBRARY lib/libB.so.1\n"
        "build a.o: CXX_COMPILER__A_Release a.cpp\n"
    )
    edges = read_link_edges(tmp_path)
    assert edges[tmp_path / "lib/libA.a"].objects == tuple(
        tmp_path / name for name in ("b c.o", "a.o", "CMakeFiles/x.cpp.obj")
    )
    assert edges[tmp_path / "lib/libB.so"] is edges[tmp_path / "lib/libB.so.1"]
    assert edges[tmp_path / "lib/libB.so"].type == "SHARED_LIBRARY"
    assert edges[tmp_path / "lib/libB.so.0"].output == tmp_path / "lib/libB.so.1"
    assert len(edges) == 4


def test_no_ninja_file_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"no readable build\.ninja") as caught:
        read_link_edges(tmp_path)
    assert "-G Ninja" in str(caught.value)


def test_the_query_is_written_once(tmp_path: Path) -> None:
    query = write_query(tmp_path)
    before = query.stat().st_mtime_ns
    assert write_query(tmp_path).stat().st_mtime_ns == before
    assert {request["kind"] for request in json.loads(query.read_text())["requests"]} == {"codemodel", "toolchains"}


def test_no_reply_says_what_makes_one(tmp_path: Path) -> None:
    write_query(tmp_path)
    with pytest.raises(ToolError, match="no File API reply"):
        read_codemodel(tmp_path)


def test_a_torn_reply_is_noticed(tmp_path: Path) -> None:
    reply = tmp_path / ".cmake/api/v1/reply"
    reply.mkdir(parents=True)
    (reply / "index-2026.json").write_text('{"objects": [')
    with pytest.raises(ToolError, match="cannot be read"):
        read_codemodel(tmp_path)


def test_compile_commands_are_absolute_and_only_compilations(tmp_path: Path) -> None:
    entries = [
        {"directory": str(tmp_path), "file": "a.cpp", "output": "a.o", "command": "c++ -DX='\"y\"' -c a.cpp -o a.o"},
        {"directory": str(tmp_path), "file": "a.o", "command": "c++ -shared a.o -o a.so"},
    ]
    (tmp_path / "compile_commands.json").write_text(json.dumps(entries))
    (command,) = read_compile_commands(tmp_path)
    assert command.file == tmp_path / "a.cpp"
    assert command.output == tmp_path / "a.o"
    assert command.arguments[:2] == ("c++", '-DX="y"')


def test_neither_database_nor_ninja_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"neither compile_commands\.json nor build\.ninja"):
        read_compile_commands(tmp_path)
