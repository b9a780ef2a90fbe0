"""The result model through JSON and back, and files that are whole or not there."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import threading
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate import model
from pytest_llvmgate.codec import dumps, from_plain, loads, parse_json, to_plain, write_atomically
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.llvm.prefix_cache import EntryInfo
from pytest_llvmgate.model import Finding, Layer, Location, Outcome, Revision, StageResult, Verdict

MODEL = [each for each in vars(model).values() if isinstance(each, type) and dataclasses.is_dataclass(each)]
RECORDED = [*MODEL, EntryInfo, ToolchainPrefix]

# Text as it comes from logs and paths: any Unicode, also what Python makes of bytes that are no UTF-8 (PEP 383).
ODD = st.sampled_from(["\udcff", "\udc80", "\\", '"', "\n", "\0"])
TEXT = st.lists(st.text(max_size=3) | ODD, max_size=4).map("".join)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    Path: TEXT.map(Path),
    type(None): st.none(),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that the model uses."""
    arguments = [values(each) for each in typing.get_args(hint) if each is not ...]
    if dataclasses.is_dataclass(hint):
        return st.builds(hint, **{name: values(each) for name, each in typing.get_type_hints(hint).items()})
    if typing.get_origin(hint) is tuple:
        return st.lists(*arguments, max_size=3).map(tuple)
    if typing.get_origin(hint) is Mapping:
        return st.dictionaries(*arguments, max_size=3)
    if arguments:
        return st.one_of(arguments)
    return SCALARS[hint] if hint in SCALARS else st.sampled_from(list(hint))


def test_the_model_has_classes() -> None:
    assert {Finding, Location, StageResult, Verdict} <= set(MODEL)


@pytest.mark.parametrize("cls", RECORDED)
def test_every_class_survives_the_round_trip(cls: type) -> None:
    @given(values(cls))
    def round_trip(value: Any) -> None:
        text = dumps(value)
        assert loads(cls, text) == value
        text.encode("utf-8")

    round_trip()


def test_the_text_is_stable_and_readable() -> None:
    assert dumps(Revision(sha="a" * 40, name="zweiundzwanzig µ")) == (
        '{\n "sha": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",\n "name": "zweiundzwanzig µ"\n}\n'
    )


def test_enums_paths_and_tuples_become_plain() -> None:
    result = StageResult(
        group="g", stage="s", outcome=Outcome.FAILED, findings=(Finding(kind="k", identifier="i", headline="h"),)
    )
    plain = to_plain(result)
    assert type(plain["outcome"]) is str
    assert type(plain["findings"][0]) is dict
    assert to_plain({1: Path("a/b")}) == {"1": "a/b"}


def test_a_field_of_a_newer_writer_is_passed_over() -> None:
    assert loads(Location, '{"path": "x", "shade": "blue"}') == Location(path="x")


def test_a_field_that_an_older_writer_did_not_know_has_its_default() -> None:
    assert loads(Location, '{"path": "x"}').line is None


WRONG = (
    ("", "Expecting value"),
    ('{"path": "x"', "delimiter"),
    ("[]", "not a Location: Expected `object`, got `array`"),
    ("null", "Expected `object`, got `null`"),
    ("{}", "missing required field `path`"),
    ('{"path": 1}', r"Expected `str`, got `int` - at `\$.path`"),
    ('{"path": null}', "Expected `str`, got `null`"),
    ('{"path": "x", "line": "1"}', r"Expected `int | null`, got `str` - at `\$.line`"),
    ('{"path": "x", "line": true}', "got `bool`"),
    ('{"path": "x", "line": 1.0}', "got `float`"),
)


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_torn_or_foreign_record_is_noticed(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        loads(Location, text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": "perhaps"}, r"Invalid enum value 'perhaps' - at `\$.outcome`"),
        ({"outcome": []}, "got `array`"),
        ({"findings": {}}, "Expected `array`, got `object`"),
        ({"findings": [{}]}, r"missing required field `kind` - at `\$.findings\[0\]`"),
        ({"facts": []}, "Expected `object`, got `array`"),
        ({"facts": {"a": 1}}, "Expected `str`, got `int`"),
        ({"edges": {"finished": 1}}, r"missing required field `total` - at `\$.edges`"),
        ({"reused": 1}, "Expected `bool`, got `int`"),
        ({"started": "now"}, "Expected `float`, got `str`"),
        ({"started": True}, "Expected `float`, got `bool`"),
    ],
)
def test_every_kind_of_field_is_checked(change: dict[str, Any], message: str) -> None:
    record = to_plain(StageResult(group="g", stage="s", outcome=Outcome.PASSED)) | change
    with pytest.raises(ValueError, match=message):
        from_plain(StageResult, record)


def test_a_whole_number_will_do_for_seconds() -> None:
    result = from_plain(StageResult, {"group": "g", "stage": "s", "outcome": "passed", "started": 5})
    assert type(result.started) is float


@dataclasses.dataclass(frozen=True)
class Odd:
    kind: Literal["a", "b"]
    value: Any = None


def test_a_choice_of_literals() -> None:
    assert loads(Odd, '{"kind": "a", "value": [1, {"x": null}]}') == Odd("a", [1, {"x": None}])
    with pytest.raises(ValueError, match="Invalid enum value 'c'"):
        loads(Odd, '{"kind": "c"}')


def test_a_record_that_is_cut_off_anywhere_is_noticed() -> None:
    text = dumps(StageResult(group="g", stage="s", outcome=Outcome.PASSED, edges=model.Edges(finished=1, total=2)))
    for length in range(len(text.rstrip())):
        with pytest.raises(ValueError):
            loads(StageResult, text[:length])


# What hangs on the model's fields


def test_a_location_reads_like_a_compilers() -> None:
    assert str(Location(path="a.cpp")) == "a.cpp"
    assert str(Location(path="a.cpp", line=3)) == "a.cpp:3"
    assert str(Location(path="a.cpp", line=3, column=7)) == "a.cpp:3:7"


def test_a_finding_is_the_same_by_kind_and_identifier() -> None:
    one = Finding(kind="k", identifier="i", headline="here", layer=Layer.LLVM)
    assert (
        one.key
        == Finding(kind="k", identifier="i", headline="there").key
        != Finding(kind="k", identifier="j", headline="here").key
    )


def test_edges_that_were_not_reached() -> None:
    assert model.Edges(finished=103, total=391).not_reached == 288
    assert model.Edges(finished=5, total=3).not_reached == 0


def test_a_revision_in_words() -> None:
    assert str(Revision(sha="0123456789abcdef" + "0" * 24)) == "0123456789ab"
    assert str(Revision(sha="a" * 40, name="llvmorg-22.1.8")) == "aaaaaaaaaaaa (llvmorg-22.1.8)"


def test_a_nodes_name_and_what_failed() -> None:
    good = StageResult(group="static", stage="build", outcome=Outcome.PASSED)
    bad = dataclasses.replace(good, stage="check", outcome=Outcome.FAILED)
    verdict = Verdict(
        candidate=Revision(sha="a" * 40), downstream=model.Downstream(root=""), configurations=(), results=(good, bad)
    )
    assert [result.node for result in verdict.failed] == ["static::check"]


# Writing


def test_missing_directories_are_made(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a/b/c.json", "é\n")
    assert (tmp_path / "a/b/c.json").read_bytes() == "é\n".encode()


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x", "old")
    write_atomically(tmp_path / "x", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x", "new")]


def test_others_may_read_what_is_written(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_atomically(tmp_path / "x", "")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o644


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x", "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path / "x", "new \ud800")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x", "old")]


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    texts = {json.dumps([number] * 20_000) for number in range(2)}
    write_atomically(path, min(texts))
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(path.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(50):
        for text in texts:
            write_atomically(path, text)
    done.set()
    reader.join()
    assert seen <= texts


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "[" * 100_000, '{"a":'])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


def test_a_file_that_cannot_be_written_is_named_and_not_the_one_beside_it(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250)
    with pytest.raises(OSError, match="too long") as caught:
        write_atomically(path, "")
    assert caught.value.filename == str(path)


@pytest.mark.parametrize("path", ["/", ".", ".."])
def test_a_directory_is_not_written_over(path: str) -> None:
    with pytest.raises(OSError, match=r"directory|[Pp]ermission|busy"):
        write_atomically(Path(path), "x")
