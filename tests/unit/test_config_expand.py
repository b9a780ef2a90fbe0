"""From axes to configurations."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.config.expand import Expansion
from pytest_llvmgate.config.layout import FILE
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import Configuration
from pytest_llvmgate.config.shapes import Spot
from pytest_llvmgate.errors import Problem
from tests.support.configs import load

FOUR = """
[axes.linkage]
static = { flavour = "static", cmake = { BUILD_SHARED_LIBS = false } }
shared = { flavour = "shared", cmake = { BUILD_SHARED_LIBS = true }, env = { LINK = "shared" } }
[axes.mhlo]
on = { cmake = { MHLO = "ON" } }
off = { cmake = { MHLO = "OFF" } }
"""


def names(config: Any) -> list[str]:
    return [configuration.name for configuration in config.configurations]


def test_every_combination_the_last_axis_fastest(cwd: Path) -> None:
    config = load(cwd, FOUR)
    assert names(config) == ["static-mhlo_on", "static-mhlo_off", "shared-mhlo_on", "shared-mhlo_off"]
    assert [configuration.index for configuration in config.configurations] == [0, 1, 2, 3]
    assert config.axes == {"linkage": ("static", "shared"), "mhlo": ("on", "off")}
    assert config.flavours == ("static", "shared")


def test_a_configuration_carries_what_its_options_say(cwd: Path) -> None:
    assert load(cwd, FOUR).configuration("shared-mhlo_on") == Configuration(
        name="shared-mhlo_on",
        options={"linkage": "shared", "mhlo": "on"},
        flavour="shared",
        cmake={"BUILD_SHARED_LIBS": "ON", "MHLO": "ON"},
        env={"LINK": "shared"},
        index=2,
        line=4,
    )


def test_options_override_the_build_table(cwd: Path) -> None:
    text = FOUR + "[build]\ncmake = { MHLO = 'maybe', X = 1 }\nenv = { LINK = 'any', Y = '2' }"
    config = load(cwd, text).configuration("shared-mhlo_off")
    assert config.cmake == {"MHLO": "OFF", "X": "1", "BUILD_SHARED_LIBS": "ON"}
    assert config.env == {"LINK": "shared", "Y": "2"}


def test_a_cmake_variable_is_the_same_with_and_without_its_type(cwd: Path) -> None:
    text = FOUR + "[build.cmake]\n'MHLO:BOOL' = true\n[[configuration]]\nname = 'own'\noptions = { mhlo = 'on' }\n"
    config = load(cwd, text + "cmake = { 'MHLO:STRING' = 'x' }")
    assert config.configuration("static-mhlo_off").cmake == {"MHLO": "OFF", "BUILD_SHARED_LIBS": "OFF"}
    assert config.configuration("own").cmake == {"MHLO:STRING": "x"}


def test_only_limits_an_option_to_options_of_other_axes(cwd: Path) -> None:
    text = "[axes.a]\nx = {}\ny = { only = { b = 'q' } }\n[axes.b]\np = {}\nq = {}\nr = {}\n"
    assert names(load(cwd, text)) == ["x-p", "x-q", "x-r", "y-q"]


def test_exclude_takes_combinations_out(cwd: Path) -> None:
    text = FOUR + "[[exclude]]\nlinkage = 'shared'\nmhlo = ['off', 'on']\n"
    text = text.replace("shared = {", "module = {}\nshared = {")
    assert names(load(cwd, text.replace("mhlo = ['off', 'on']", "mhlo = 'off'"))) == [
        "static-mhlo_on",
        "static-mhlo_off",
        "module-mhlo_on",
        "module-mhlo_off",
        "shared-mhlo_on",
    ]


def test_exclude_as_text(cwd: Path) -> None:
    assert names(load(cwd, f"exclude = ['linkage=shared, mhlo=off']\n{FOUR}")) == [
        "static-mhlo_on",
        "static-mhlo_off",
        "shared-mhlo_on",
    ]


def test_single_configurations_come_last_and_start_from_options(cwd: Path) -> None:
    text = FOUR + (
        "[[configuration]]\nname = 'asan'\noptions = { linkage = 'shared' }\n"
        "cmake = { SANITIZE = 'address', BUILD_SHARED_LIBS = 'x' }\nenv = { LINK = 'own' }\n"
        "[[configuration]]\nname = 'bare'\nflavour = 'debug'\n"
    )
    config = load(cwd, text)
    assert names(config)[4:] == ["asan", "bare"]
    asan = config.configuration("asan")
    assert (asan.options, asan.flavour) == ({"linkage": "shared"}, "shared")
    assert asan.cmake == {"SANITIZE": "address", "BUILD_SHARED_LIBS": "x"}
    assert asan.env == {"LINK": "own"}
    assert config.configuration("bare").flavour == "debug"


def test_single_configurations_are_not_excluded(cwd: Path) -> None:
    text = FOUR + (
        "[[exclude]]\nlinkage = 'shared'\nmhlo = 'off'\n"
        "[[configuration]]\nname = 'x'\noptions = { linkage = 'shared', mhlo = 'off' }"
    )
    assert "x" in names(load(cwd, text))


def test_a_configuration_of_its_own_settles_what_options_contradict(cwd: Path) -> None:
    text = """
[axes.a]
x = { flavour = "f", cmake = { V = 1 } }
y = { flavour = "g", cmake = { V = 2 } }
[axes.b]
z = { flavour = "g", cmake = { V = 2 }, only = { a = "y" } }
w = { only = { a = "x" } }
[[configuration]]
name = "odd"
flavour = "h"
options = { a = "x", b = "z" }
cmake = { "V:STRING" = 3 }
"""
    config = load(cwd, text)
    assert names(config) == ["x-w", "y-z", "odd"]
    assert (config.configuration("odd").flavour, config.configuration("odd").cmake) == ("h", {"V:STRING": "3"})


def test_a_build_without_axes_has_one_configuration(cwd: Path) -> None:
    [only] = load(cwd, "[build]\ncmake = { A = 1 }\n").configurations
    assert only == Configuration(name="default", options={}, flavour="default", cmake={"A": "1"}, line=1)


def test_pins_alone_make_no_configuration(cwd: Path) -> None:
    assert load(cwd, "[[pin]]\nname = 'x'\nfile = 'f'").configurations == ()


def test_an_option_is_named_with_its_axis_where_it_says_too_little(cwd: Path) -> None:
    text = "[axes.a]\nON = {}\n[axes.b]\nDebug = {}\n[axes.c]\nDebug = {}\n[axes.d]\nx = {}\n"
    assert names(load(cwd, text)) == ["a_ON-b_Debug-c_Debug-x"]


def test_a_selector_selects_by_every_axis_that_it_names(cwd: Path) -> None:
    config = load(cwd, FOUR)

    def selected(**only: tuple[str, ...]) -> list[str]:
        return [each.name for each in config.configurations if each.selected_by(only)]

    assert selected() == names(config)
    assert selected(mhlo=("on",)) == ["static-mhlo_on", "shared-mhlo_on"]
    assert selected(mhlo=("on",), linkage=("static",)) == ["static-mhlo_on"]
    assert selected(mhlo=("on", "off"), linkage=("static",)) == ["static-mhlo_on", "static-mhlo_off"]
    assert selected(other=("on",)) == []


# Properties

OPTIONS = st.sampled_from(["on", "off", "static", "shared", "x", "y-z", "x-y", "z", "Static", "pins"])
AXES = st.dictionaries(
    st.sampled_from(["linkage", "mhlo", "a", "b_c", "b"]),
    st.lists(OPTIONS, min_size=1, max_size=3, unique=True),
    min_size=1,
    max_size=4,
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Axes with ``only`` and ``exclude`` at random."""
    axes = draw(AXES)
    selectors = st.dictionaries(st.sampled_from(sorted(axes)), st.none(), max_size=2)

    def selector() -> dict[str, list[str]]:
        return {axis: draw(st.lists(st.sampled_from(axes[axis]), min_size=1, unique=True)) for axis in draw(selectors)}

    tables = {
        axis: {option: {"only": selector()} if draw(st.integers(0, 3)) == 0 else {} for option in options}
        for axis, options in axes.items()
    }
    excluded = [selector() for _ in range(draw(st.integers(0, 2)))]
    return {"axes": tables, "exclude": excluded}


def expand(document: dict[str, Any]) -> tuple[tuple[Configuration, ...], list[Problem]]:
    complaints: list[Problem] = []

    def spot(*path: str | int) -> Spot:
        return Spot(path, lambda path: f"x:{len(path)}", complaints)

    made = Expansion(FILE.read(document, spot()), spot, len).configurations()
    return made, complaints


def allowed(choice: dict[str, str], document: dict[str, Any]) -> bool:
    """What the documentation says of ``only`` and ``exclude``, in other words."""

    def all_of(selector: dict[str, list[str]]) -> bool:
        return all(choice[axis] in options for axis, options in selector.items())

    onlys = [document["axes"][axis][option].get("only", {}) for axis, option in choice.items()]
    return all(map(all_of, onlys)) and not any(map(all_of, document["exclude"]))


@given(documents())
def test_exactly_the_allowed_combinations_are_made(document: dict[str, Any]) -> None:
    made, _ = expand(document)
    axes = document["axes"]
    choices = [dict(zip(axes, options, strict=True)) for options in itertools.product(*axes.values())]
    assert [dict(each.options) for each in made] == [choice for choice in choices if allowed(choice, document)]


@given(documents())
def test_names_are_unique_or_refused(document: dict[str, Any]) -> None:
    made, complaints = expand(document)
    unique = len({each.name.lower() for each in made} | {"pins", "llvm"}) == len(made) + 2
    assert unique != any("the name" in each.message or "group of the gate" in each.message for each in complaints)


@given(documents())
def test_an_option_that_is_nowhere_is_refused(document: dict[str, Any]) -> None:
    made, complaints = expand(document)
    for axis, options in document["axes"].items():
        for option in options:
            used = any(each.options[axis] == option for each in made)
            told = any(each.message.startswith(f"axes.{axis}.{option}: this option is in no") for each in complaints)
            assert used != told


@given(axes=AXES)
def test_without_rules_the_number_is_the_product(axes: dict[str, list[str]]) -> None:
    made, _ = expand({"axes": {axis: {option: {} for option in options} for axis, options in axes.items()}})
    expected = 1
    for options in axes.values():
        expected *= len(options)
    assert len(made) == expected


@given(axes=AXES)
def test_names_do_not_change_when_an_axis_gets_another_option(axes: dict[str, list[str]]) -> None:
    def made(axes: dict[str, list[str]]) -> list[str]:
        document = {"axes": {axis: {option: {} for option in options} for axis, options in axes.items()}}
        return [each.name for each in expand(document)[0]]

    axis = next(iter(axes))
    assert set(made(axes)) <= set(made(axes | {axis: [*axes[axis], "brand-new"]}))


def test_loading_twice_gives_the_same(cwd: Path) -> None:
    document = {"axes": {axis: {option: {} for option in "pqr"} for axis in "zyx"}}
    path = cwd / "llvmgate.toml"
    path.write_text(tomli_w.dumps(document))
    assert load_config(path) == load_config(path)
    assert names(load_config(path))[0] == "z_p-y_p-x_p"
