"""Configurations of strangers: every excess is an error with its line, and nothing is expanded before it is counted."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.errors import ConfigError, GateError
from pytest_llvmgate.user_expression import fault, is_found


def complaints(directory: Path, text: str) -> str:
    path = directory / "llvmgate.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_config(path)
    assert error.value.exit_code == 4
    return str(error.value)


def axes(count: int, options: int) -> str:
    lines = []
    for axis in range(count):
        lines.append(f"[axes.a{axis}]")
        lines += [f"o{each}x{axis} = {{ cmake = {{ A{axis} = {each} }} }}" for each in range(options)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"[timeouts]\nbuild = 1{'0' * 400}\n", "positive number of seconds, at most a year"),
        (f"[timeouts]\nbuild = 0x{'f' * 5000}\n", "more than 40 digits"),
        ("[timeouts]\nbuild = inf\n", "at most a year"),
        (f"[timeouts]\nbuild = {'9' * 5000}\n", "beyond what TOML is for"),
        (f"[build]\ncmake = {{ A = 0x{'f' * 5000} }}\n", "more than 40 digits"),
        (f'[build]\nsource = "{"x" * 100_000}"\n', "at most 4,000 characters"),
        (f'[build]\nsource = "{"x" * 300}"\n', "expected a directory"),
        (f'[[pin]]\nname = "{"x" * 260}"\nfile = "a"\n', "a name of at most 100"),
        (f'[update]\ncadence = "{"9" * 30} times a week"\n', "expected a cadence"),
        ('[[advice]]\nmatch = "a{99999999999999999999}"\ntext = "t"\n', "a broken one"),
        (f'[llvm]\nsupplier = "{"p" * 3000}"\n', "expected one of"),
    ],
)
def test_an_excess_is_an_error(tmp_path: Path, text: str, wanted: str) -> None:
    assert wanted in complaints(tmp_path, text)


@pytest.mark.parametrize("name", ["objects", "OBJECTS", "verdict.json", "lock", "a."])
def test_no_configuration_is_named_like_a_file_of_the_gate(tmp_path: Path, name: str) -> None:
    said = complaints(tmp_path, f'[[configuration]]\nname = "{name}"\n[build]\n')
    assert "cannot be a configuration's directory" in said


@pytest.mark.parametrize(("count", "options"), [(10, 10), (10, 4), (40, 10), (3, 10)])
def test_too_many_configurations_are_counted_and_not_made(tmp_path: Path, count: int, options: int) -> None:
    start = time.process_time()
    said = complaints(tmp_path, axes(count, options))
    assert "at most 500 can be gated" in said
    assert time.process_time() - start < 5


def test_an_expression_that_would_take_years_is_given_up() -> None:
    with pytest.raises(GateError, match="was given up after"):
        is_found(r"(?:a|a|aa)*$", "a" * 50_000 + "b")


def test_expressions_of_users_work_as_ever() -> None:
    assert is_found(r"(?<=x)a{2,3}\b", "xaa y")
    assert not is_found(r"^b", "ab")
    assert fault("(") != ""
    assert fault(r"a|b") == ""
