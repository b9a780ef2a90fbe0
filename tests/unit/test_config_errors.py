"""Everything that can be wrong with a configuration: the place, the key, what was expected and found, what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.errors import EXIT_USAGE, ConfigError
from tests.support.configs import load, problems, refusal

DOCUMENTS = (Path(__file__).parent / "config_errors.txt").read_text(encoding="utf-8").split("\n=== ")[1:]
AXES = "[axes.linkage]\nstatic = {}\nshared = {}\n[axes.mhlo]\non = {}\noff = {}\n"


def announced(text: str) -> list[str]:
    """The problems that the comments ``#!`` of a document announce, in the form of :func:`problems`."""
    found: list[str] = []
    place = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("#! -> "):
            found[-1] += line.removeprefix("#!")
        elif line.startswith("#! "):
            found.append(f"{place}: {line.removeprefix('#! ')}")
        else:
            place = number
    return found


@pytest.mark.parametrize("document", [pytest.param(each, id=each.partition("\n")[0]) for each in DOCUMENTS])
def test_each_error_says_where_what_and_what_to_do(cwd: Path, document: str) -> None:
    text = f"# {document}"  # so that no expected line is the first, to which what has no place of its own would go
    assert sorted(problems(cwd, text)) == sorted(announced(text))


def test_a_hold_on_a_stage_that_is_none(cwd: Path) -> None:
    [found] = problems(cwd, "[[hold]]\nuntil = 2026-12-10\nreason = 'r'\nstages = ['check', 'biuld']")
    assert found.startswith("4: hold[0].stages[1]: expected one of 'regenerate', 'configure', 'syntax', 'build', ")
    assert found.endswith(", found 'biuld' -> did you mean 'build'?")


def test_a_missing_source_directory(cwd: Path) -> None:
    assert problems(cwd, "\n[build]\nsource = 'src/cpp'") == [
        f"3: build.source: expected a directory, found none at {cwd}/src/cpp"
    ]


NOT_TOML = (
    ("[axes", "1:6: this is not TOML: Expected ']' at the end of a table declaration"),
    ("a = 1\nb = \n", "2:5: this is not TOML: Invalid value"),
    ("a = 1\n\nb = 'x", '3:7: this is not TOML: Expected "\'"'),
    ("a = 2026-13-40", "1:5: this is not TOML: Invalid date or datetime"),
    ("a = [1,\n2", "2: this is not TOML: Unclosed array"),
)


@pytest.mark.parametrize(("text", "expected"), NOT_TOML)
def test_what_is_no_toml_is_refused_with_its_place(cwd: Path, text: str, expected: str) -> None:
    place, _, words = expected.partition(": ")
    [found] = problems(cwd, text)
    # The words and the column are tomllib's own and change a little between Python versions; the line does not.
    assert found.startswith(f"{place.partition(':')[0]}:")
    assert words.partition(":")[0] in found


GIVEN_TWICE = (
    ("a = 1\n\na = 2\n", 3),
    ("[pin]\nname = 'x'\n[pin]\n", 3),
    ("[[pin]]\nname = 'x'\nname = 'y'\n", 3),
    ("[t]\na = 1\na.b = 2\n", 3),
    ("a = { x = 1, x = 2 }\n", 1),
)


@pytest.mark.parametrize(("text", "line"), GIVEN_TWICE)
def test_of_a_key_that_is_given_twice_is_said_which_line_has_it_once_more(cwd: Path, text: str, line: int) -> None:
    [found] = problems(cwd, text)
    assert found.startswith(f"{line}:")
    assert found.endswith("of what there may be several, such as pins, each has [[...]]")


@pytest.mark.parametrize("text", ["a = " + "9" * 5_000, "a = " + "[" * 5_000 + "]" * 5_000], ids=["number", "nesting"])
def test_absurd_documents_are_refused_without_a_traceback(cwd: Path, text: str) -> None:
    assert "llvmgate.toml" in str(refusal(cwd, text))


def test_text_that_is_not_utf_8(cwd: Path) -> None:
    Path("llvmgate.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(ConfigError, match=r"^llvmgate.toml: cannot be read as UTF-8 text: .*0xe9"):
        load_config(cwd / "llvmgate.toml")


def test_a_directory_of_that_name(cwd: Path) -> None:
    Path("llvmgate.toml").mkdir()
    with pytest.raises(ConfigError, match=r"^llvmgate.toml: cannot be read"):
        load_config(cwd / "llvmgate.toml")


def test_no_such_file(cwd: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(cwd / "llvmgate.toml")
    assert str(caught.value) == (
        "llvmgate.toml: there is no such configuration file\n"
        "    -> run 'llvmgate init' in the downstream's root to write a first one"
    )


def test_a_file_elsewhere_is_shown_with_its_whole_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "x = 1")
    assert caught.value.problems[0].where == f"{tmp_path}/llvmgate.toml:1"


def test_all_errors_at_once_those_between_keys_too(cwd: Path) -> None:
    text = f"""\
{AXES}
[[pin]]
name = "x"
[timeouts]
colour = "red"
[[hold]]
until = 2026-12-10
reason = "r"
configurations = {{ mlho = "on" }}
[llvm]
supplier = "prefix"
[build]
targets = 1
"""
    assert problems(cwd, text) == [
        "8: pin[0]: a pin needs a 'file', or a 'component' whose gitlink is the pin",
        "11: timeouts.colour: unknown key -> known here: llvm, regenerate, configure, build, install, check",
        "15: hold[0].configurations.mlho: no axis is named 'mlho' -> did you mean 'mhlo'?",
        "16: llvm: supplier 'prefix' needs the key 'prefix' -> add prefix = \"/opt/llvm/{sha}\"",
        "19: build.targets: expected an array, found the number 1",
    ]


@pytest.mark.parametrize("mistake", ["[axis.linkage]\nstatic = {}", "[axes.linkage]\nstatic = 1", "exclude = 1"])
def test_one_mistake_does_not_cause_others(cwd: Path, mistake: str) -> None:
    text = f"{mistake}\n[[pin]]\nname = 'x'\nfile = 'f'\nonly = 'linkage=static'\n[[configuration]]\nname = 'c'\n"
    assert len(problems(cwd, text)) == 1


def test_a_pin_that_is_wrong_does_not_break_the_holds_on_it(cwd: Path) -> None:
    text = "[[pin]]\nname = 'x'\nfile = 1\n[[hold]]\nuntil = 2026-12-10\nreason = 'r'\npins = ['x']"
    assert len(problems(cwd, text)) == 1


def test_errors_come_in_the_order_of_the_file(cwd: Path) -> None:
    text = "".join(f"unknown{number} = 1\n" for number in range(20)) + "[[pin]]\nname = 'x'\n[timeouts]\nbuild = 0"
    assert [line.split(":")[0] for line in problems(cwd, text)] == [*map(str, range(1, 22)), "24"]


def test_the_same_error_in_several_configurations_is_one(cwd: Path) -> None:
    options = "[axes.a]\nx = { cmake = { V = 1 } }\n[axes.b]\ny = { cmake = { V = 2 } }\n[axes.c]\nz = {}\nw = {}\n"
    assert len(problems(cwd, options)) == 1


def test_the_text_of_several_errors(cwd: Path) -> None:
    error = refusal(cwd, "pins = []\nllvm = 1")
    assert str(error) == (
        "2 errors in the configuration:\n"
        "llvmgate.toml:1: pins: unknown key\n"
        "    -> did you mean 'pin'?\n"
        "llvmgate.toml:2: llvm: expected the table [llvm], found the number 1"
    )
    assert error.exit_code == EXIT_USAGE == 4


def test_long_values_are_shortened(cwd: Path) -> None:
    [found] = problems(cwd, f"pin = '{'x' * 1000}'")
    assert found.endswith("xxx...")
    assert len(found) < 130
