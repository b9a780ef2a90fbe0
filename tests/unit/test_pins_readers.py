from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from git_kit import A, B

from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.pins import readers
from pytest_llvmgate.pins.readers import (
    BUILT_IN,
    Mention,
    Reader,
    find_reader,
    implied_readers,
    reader_names,
    register,
)


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


@pytest.mark.parametrize("line", ["22.1.4", "v22.1.4", "llvm-22.1.4", "22.1.4.0"])
@pytest.mark.parametrize(
    ("path", "is_llvms"),
    [
        (".llvm-version", True),
        ("clang-tidy_version.txt", False),
        ("llvm_version.txt", True),
        ("third_party/llvm/VERSION", True),
        ("VERSION", False),
        ("llvm-spirv-version.txt", False),
        ("ci/llvm/.python-version", False),
        ("docker/llvm/image_version", False),
    ],
)
def test_a_release_alone_is_llvms_where_the_files_name_says_so(path: str, line: str, is_llvms: bool) -> None:
    (reader,) = (one for one in BUILT_IN if one.name == "sha-file")
    found = reader.mentions(f"{line}\n", PinSpec(name="x", file=path))
    assert [(one.says, one.only_tags) for one in found] == ([("llvmorg-22.1.4", True)] if is_llvms else [])


@pytest.mark.parametrize("line", ["1.22.1.4", "22.1.4.1", "1.2.3", "22", "22.1.4 1.0.0"])
def test_what_llvm_never_called_a_release_is_none(line: str) -> None:
    (reader,) = (one for one in BUILT_IN if one.name == "sha-file")
    assert reader.mentions(f"{line}\n", PinSpec(name="x", file="llvm_version.txt")) == ()


def test_lines_are_counted_from_one() -> None:
    (found,) = mentions("sha-file", f"# why\n  {A}\n")
    assert found.line == 2


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


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package with an entry point for readers, whose module is to be written."""
    info = tmp_path / "mine-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pytest_llvmgate.readers]\nmine = mine_readers:found\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(readers, "_registry", dict(readers._registry))
    readers._load_entry_points.cache_clear()
    yield tmp_path / "mine_readers.py"
    readers._load_entry_points.cache_clear()
    sys.modules.pop("mine_readers", None)


MODULE = """
from pytest_llvmgate.pins.readers import Reader
from pytest_llvmgate.pins.syntax.found import Found

def read(text, spec):
    yield Found(text=text[5:45], start=5)

"""


def test_an_installed_package_adds_a_reader(package: Path) -> None:
    package.write_text(MODULE + "found = Reader(name='mine', summary='x', read=read, file_pattern=r'.*[.]mine')\n")
    assert [mention.text for mention in mentions("mine", f"llvm@{A}")] == [A]
    assert [reader.name for reader in implied_readers("x.mine")] == ["mine"]
    assert "mine" in reader_names()


def test_a_package_may_add_several_and_replaces_none(package: Path) -> None:
    names = "('one', 'sha-file')"
    package.write_text(MODULE + f"found = [Reader(name=name, summary='x', read=read) for name in {names}]\n")
    assert find_reader("one") is not None
    assert find_reader("sha-file") is BUILT_IN[0]


def test_an_entry_point_that_is_no_reader(package: Path) -> None:
    package.write_text("found = ['nonsense']\n")
    with pytest.raises(GateError, match="is no Reader: 'nonsense'"):
        reader_names()


@pytest.mark.parametrize("module", ["raise ImportError('boom')", "other = 1"])
def test_an_entry_point_that_cannot_be_loaded(package: Path, module: str) -> None:
    package.write_text(f"{module}\n")
    with pytest.raises(GateError, match=r"'mine' in the group .* cannot be loaded"):
        reader_names()


def test_one_value_that_is_no_reader(package: Path) -> None:
    package.write_text("found = 5\n")
    with pytest.raises(GateError, match="is no Reader: 5"):
        reader_names()


def test_a_reader_that_fails(package: Path) -> None:
    package.write_text(f"{MODULE}found = Reader(name='mine', summary='x', read=lambda text, spec: 1 / 0)\n")
    with pytest.raises(GateError, match="the reader 'mine' failed: ZeroDivisionError"):
        mentions("mine", A)


@pytest.mark.parametrize("text", ["no", "", f"llvm:{A[:-1]}"])
def test_a_reader_whose_places_are_wrong(package: Path, text: str) -> None:
    package.write_text(f"{MODULE.replace('text[5:45]', repr(A))}found = Reader(name='mine', summary='x', read=read)\n")
    with pytest.raises(GateError, match="where it does not stand"):
        mentions("mine", text)


def test_a_reader_that_is_registered(package: Path) -> None:
    register(Reader(name="own", summary="x", read=lambda *_: []))
    assert mentions("own", A) == ()


@pytest.mark.parametrize(
    ("before", "is_llvms"),
    [
        ("First, get [Wombat](https://github.com/zoo/wombat).", False),
        ("It is like [Wombat](https://github.com/zoo/wombat). Get llvm-project.", True),
        ("See https://github.com/llvm/llvm-project.", True),
        ("Get it.", True),
    ],
)
def test_a_checkout_of_nobodys_in_a_page_is_of_the_repository_that_was_named_last(before: str, is_llvms: bool) -> None:
    text = f"{before}\n```sh\ngit checkout {A}\n```\n"
    assert [one.text for one in mentions("markdown", text)] == ([A] if is_llvms else [])


def test_an_argument_of_another_call_is_no_checksum_of_llvms() -> None:
    call = "http_archive(urls = [URL.format(LLVM_VERSION)], sha256 = sha256)"
    other = f'sdk.archive(sha256 = "{"ab" * 32}")\n'
    text = (
        f'{{}}LLVM_VERSION = "22.1.8"\nURL = "https://zoo.example/llvmorg-{{{{}}}}"\n[{call} for sha256 in SUMS]\n{{}}'
    )
    for before, after in ((other, ""), ("", other)):
        (found,) = mentions("starlark", text.format(before, after))
        assert found.checksums == ()
    (found,) = mentions("starlark", text.format(f'sha256 = "{"cd" * 32}"\n', ""))
    assert [one.text for one in found.checksums] == ["cd" * 32]
