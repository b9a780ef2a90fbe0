"""Every regular expression of the product means the same to all Pythons that it supports."""

from __future__ import annotations

import re

from tests.expressions.listing import expressions

_POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d+(?:,\d*)?\})\+")


def test_no_group_is_repeated_possessively() -> None:
    """Before 3.11.5, ``(?:a|bc)*+`` missed what it matches (CPython's gh-106052): ``(?>(?:a|bc)*)`` says the same."""
    wrong = {each.place for each in expressions() if _POSSESSIVE_GROUP.search(str(each.pattern.pattern))}
    assert wrong == set()
