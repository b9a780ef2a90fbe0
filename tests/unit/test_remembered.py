"""Answers that are kept with their object (``remembered``)."""

from __future__ import annotations

import gc
import weakref

import pytest

from pytest_llvmgate.remembered import remembered


class Reader:
    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    @remembered
    def read(self, name: str, offset: int) -> str:
        """What is there."""
        self.asked.append((name, offset))
        if offset < 0:
            raise ValueError(offset)
        return f"{name}+{offset}"

    @remembered
    def length(self, name: str) -> None:
        self.asked.append((name, len(name)))


def test_each_question_is_worked_out_once() -> None:
    reader = Reader()
    assert [reader.read("a", 1), reader.read("a", 2), reader.read("a", 1)] == ["a+1", "a+2", "a+1"]
    assert reader.asked == [("a", 1), ("a", 2)]


def test_two_methods_and_two_objects_keep_their_answers_apart() -> None:
    one, other = Reader(), Reader()
    one.read("a", 1)
    one.length("a")
    assert other.read("a", 1) == "a+1"
    assert (len(one.asked), len(other.asked)) == (2, 1)


def test_that_there_is_nothing_is_an_answer_too() -> None:
    reader = Reader()
    reader.length("a")
    reader.length("a")
    assert len(reader.asked) == 1


def test_what_was_raised_is_not_kept() -> None:
    reader = Reader()
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            reader.read("a", -1)
    assert len(reader.asked) == 2


def test_an_object_that_was_asked_is_not_kept_alive() -> None:
    reader = Reader()
    reader.read("a", 1)
    gone = weakref.ref(reader)
    del reader
    gc.collect()
    assert gone() is None
