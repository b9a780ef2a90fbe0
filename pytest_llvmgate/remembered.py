"""Methods whose answers are worked out once for the life of their object."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, TypeVarTuple, Unpack

_Owner = TypeVar("_Owner")
_Question = TypeVarTuple("_Question")
_Answer = TypeVar("_Answer")


def remembered(
    method: Callable[[_Owner, Unpack[_Question]], _Answer],
) -> Callable[[_Owner, Unpack[_Question]], _Answer]:
    """A method that works each answer out once, by the arguments it is asked with; what it raises is not kept.

    The answers are the object's and go with it. ``functools.cache`` would keep every object that was ever asked.
    """

    @wraps(method)
    def answer(owner: _Owner, *question: *_Question) -> _Answer:
        known: dict[tuple[Any, ...], _Answer] = vars(owner).setdefault(f"answers of {method.__name__}", {})
        if question not in known:
            known[question] = method(owner, *question)
        return known[question]

    return answer
