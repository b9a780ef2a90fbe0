"""Every regular expression of the product takes linear time, whatever a stranger writes."""

from __future__ import annotations

import re

import pytest

from tests.expressions.attacks import STEEPEST, steepness
from tests.expressions.listing import Expression, expressions

ALL = expressions()


def made(pattern: str, *uses: str) -> Expression:
    return Expression(place="here", pattern=re.compile(pattern), uses=frozenset(uses or {"search"}))


@pytest.mark.parametrize("room", sorted({each.place.split(".")[1].partition(":")[0] for each in ALL}))
def test_every_expression_of_a_room_is_linear(room: str) -> None:
    slow = {
        f"{each.place}: {each.pattern.pattern!r}": found
        for each in ALL
        if each.place.split(".")[1].partition(":")[0] == room and (found := steepness(each))[0] > STEEPEST
    }
    assert slow == {}, "time grows faster than the text (exponent, before, repeated, behind): see tests/expressions"


@pytest.mark.parametrize(
    ("pattern", "uses"),
    [
        (r"\s+$", ()),
        (r"undefined reference to '(.+)'$", ()),
        (r"^\s*(\d+>)?\s*([^:(]+?)\((\d+)\): error", ("match",)),
        (r"(\w+)+x", ("match",)),
        (r"[^\s:]+: not found", ()),
        (r"\x1b\[[0-9;!]*[ -/]*[@-~]", ("sub",)),
    ],
)
def test_a_steep_one_is_found(pattern: str, uses: tuple[str, ...]) -> None:
    assert steepness(made(pattern, *uses))[0] > STEEPEST


@pytest.mark.parametrize(
    ("pattern", "uses"),
    [
        (r"(?<!\s)\s++$", ()),
        (r"^(?>.*?to ')(.+)'$", ()),
        (r"\w++:", ("match",)),
        (r"a.{0,200}b", ()),
        (r"x|y", ("sub",)),
    ],
)
def test_a_flat_one_is_not_blamed(pattern: str, uses: tuple[str, ...]) -> None:
    assert steepness(made(pattern, *uses))[0] <= STEEPEST


def test_expressions_of_functions_and_tables_are_in_the_list() -> None:
    places = {each.place for each in ALL}
    assert len(ALL) > 400
    assert any(place.startswith("pytest_llvmgate.findings.parsers.compiler_messages._RULES") for place in places)
    assert any(re.search(r"\.\w+:\d+$", place) for place in places)
    assert any(r"==[A-Za-z0-9]" in each.pattern.pattern for each in ALL if isinstance(each.pattern.pattern, str))
    assert any("Containerfile" in each.pattern.pattern for each in ALL if isinstance(each.pattern.pattern, str))
