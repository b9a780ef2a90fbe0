from __future__ import annotations

import pytest
from git_kit import A, B

from pytest_llvmgate.config.schema import PinSpec
from pytest_llvmgate.pins.readers import Mention, find_reader, implied_readers, reader_names


def mentions(reader_name: str, text: str) -> tuple[Mention, ...]:
    reader = find_reader(reader_name)
    assert reader is not None
    return reader.mentions(text, PinSpec(name="x"))


@pytest.mark.parametrize("text", [A, f"{A}\n", f"{A}\r\n", f"\n  {A}  \n", f"\ufeff{A}\n", f"# why\n{A} # here\n"])
def test_a_file_with_nothing_but_a_commit(text: str) -> None:
    (found,) = mentions("sha-file", text)
    assert found.text == A
    assert text[found.start :].startswith(A)


@pytest.mark.parametrize("text", ["", "\n", "18\n", f"x{A}\n", f"{A}0\n", f"# {A}\n", "version: 1\n"])
def test_a_file_without_a_commit(text: str) -> None:
    assert mentions("sha-file", text) == ()


def test_line_and_column_are_counted_from_one() -> None:
    (found,) = mentions("sha-file", f"# why\n  {A}\n")
    assert (found.line, found.column) == (2, 3)


def test_every_commit_of_a_file_is_found() -> None:
    assert [found.text for found in mentions("sha-file", f"{A}\n{B}\n")] == [A, B]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("build_tools/llvm_version.txt", "sha-file"),
        ("cmake/llvm-hash.txt", "sha-file"),
        ("utils/clone-mlir.sh", "git-checkout"),
    ],
)
def test_the_files_name_implies_the_reader(path: str, name: str) -> None:
    assert implied_readers(path)[0].name == name


def test_a_name_that_implies_nothing() -> None:
    assert implied_readers("README") == ()


def test_gitlink_is_a_readers_name() -> None:
    assert {"gitlink", "sha-file", "git-checkout"} <= set(reader_names())
    assert find_reader("gitlink") is None
