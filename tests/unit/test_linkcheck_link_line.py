"""Link lines, linker scripts and version scripts, understood as the linker understands them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.linkcheck.link_analysis import twin_archive
from pytest_llvmgate.linkcheck.link_line import LinkInput, LinkLine, parse_link_line, split_words
from pytest_llvmgate.linkcheck.version_script import read_version_script

ELF = b"\x7fELF" + bytes(60)
ARCHIVE = b"!<arch>\n"


def line(words: str, cwd: Path, *system: Path) -> LinkLine:
    return parse_link_line(split_words([words]), cwd=cwd, system_directories=system)


def names(parsed: LinkLine) -> list[str]:
    return [entry.path.name for entry in parsed.inputs]


def test_files_and_libraries_keep_their_order(tmp_path: Path) -> None:
    for name in ("liba.so", "libb.a", "c.o"):
        (tmp_path / name).write_bytes(ARCHIVE)
    parsed = line("c.o -L. -la -lb -lgone", tmp_path)
    assert names(parsed) == ["c.o", "liba.so", "libb.a", "-lgone"]
    assert [entry.found for entry in parsed.inputs] == [True, True, True, False]


def test_a_shared_library_comes_before_an_archive_unless_static_is_asked_for(tmp_path: Path) -> None:
    for name in ("liba.so", "liba.a"):
        (tmp_path / name).write_bytes(ARCHIVE)
    assert names(line("-L. -la -Wl,-Bstatic -la -Wl,-Bdynamic -la", tmp_path)) == ["liba.so", "liba.a", "liba.so"]


def test_system_directories_come_last(tmp_path: Path) -> None:
    for directory in ("own", "system"):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "liba.so").write_bytes(ELF)
    parsed = line("-Lown -la", tmp_path, tmp_path / "system")
    assert parsed.inputs[0].path == tmp_path / "own/liba.so"


@pytest.mark.parametrize(
    ("words", "rule", "value"),
    [
        ("-Wl,-z,defs", "no_undefined", True),
        ("-z defs", "no_undefined", True),
        ("-Wl,--no-undefined", "no_undefined", True),
        ("-Wl,-z,defs -Wl,-z,undefs", "no_undefined", False),
        ("-Wl,--gc-sections", "gc_sections", True),
        ("-Wl,--gc-sections,--no-gc-sections", "gc_sections", False),
        ("-Xlinker --gc-sections", "gc_sections", True),
        ("-Wl,--exclude-libs,ALL", "exclude_libs", True),
        ("-Wl,--exclude-libs=ALL", "exclude_libs", True),
        ("-rdynamic", "export_dynamic", True),
        ("-Wl,--unresolved-symbols=ignore-all", "tolerates_undefined", True),
        ("-Wl,-rpath,/x -Wl,-soname,liba.so", "no_undefined", False),
    ],
)
def test_options_that_change_the_rules(tmp_path: Path, words: str, rule: str, value: object) -> None:
    parsed = line(words, tmp_path)
    assert getattr(parsed.rules, rule) == value
    assert parsed.inputs == ()


def test_whole_archives_are_marked(tmp_path: Path) -> None:
    (tmp_path / "liba.a").write_bytes(ARCHIVE)
    parsed = line("-Wl,--whole-archive liba.a -Wl,--no-whole-archive liba.a", tmp_path)
    assert [entry.whole for entry in parsed.inputs] == [True, False]


def test_a_version_script_is_a_file_of_the_line(tmp_path: Path) -> None:
    assert line("-Wl,--version-script,x.map", tmp_path).rules.version_scripts == (tmp_path / "x.map",)


def test_a_linker_script_stands_for_the_files_that_it_names(tmp_path: Path) -> None:
    for name in ("libc.so.6", "libc_nonshared.a"):
        (tmp_path / name).write_bytes(ELF)
    (tmp_path / "libc.so").write_text(
        f"/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\n"
        f"GROUP ( {tmp_path}/libc.so.6 libc_nonshared.a AS_NEEDED ( {tmp_path}/libc.so.6 ) )\n"
    )
    assert names(line("-L. -lc", tmp_path)) == ["libc.so.6", "libc_nonshared.a", "libc.so.6"]


@pytest.mark.parametrize(
    ("name", "shared"), [("liba.so", True), ("liba.so.22.1", True), ("liba.a", False), ("a.so.o", False)]
)
def test_what_is_a_shared_library_by_its_name(tmp_path: Path, name: str, shared: bool) -> None:
    assert line(name, tmp_path).inputs[0].is_shared is shared


def test_quoted_words_are_one_word() -> None:
    assert split_words(['-Wl,-rpath,"$ORIGIN/../lib" a\\ b.o', "c.o"]) == ["-Wl,-rpath,$ORIGIN/../lib", "a b.o", "c.o"]


def test_the_archive_beside_a_shared_library_that_was_never_built(tmp_path: Path) -> None:
    (tmp_path / "libMLIRIR.a").write_bytes(ARCHIVE)
    assert twin_archive(tmp_path / "libMLIRIR.so.22.1") == tmp_path / "libMLIRIR.a"
    assert twin_archive(tmp_path / "libOther.so") is None
    assert twin_archive(tmp_path / "libMLIRIR.a") is None


def test_a_version_script_exports_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "x.map"
    path.write_text("/* c */ V1 { global: _ZN4mlir*; plain; local: *; } V0;\n")
    script = read_version_script(path)
    assert script is not None
    assert [script.exports(name) for name in (b"_ZN4mlir1fEv", b"plain", b"other")] == [True, True, False]


def test_without_a_local_pattern_everything_is_exported(tmp_path: Path) -> None:
    path = tmp_path / "x.map"
    path.write_text("{ global: a; };\n")
    script = read_version_script(path)
    assert script is not None
    assert script.exports(b"b")


@pytest.mark.parametrize("text", ['{ global: extern "C++" { a::*; }; local: *; };', None])
def test_a_script_that_is_not_understood_limits_nothing(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "x.map"
    if text is not None:
        path.write_text(text)
    assert read_version_script(path) is None


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("libMLIRIR.so", True),
        ("libMLIRIR.so.22.1", True),
        ("libMLIRIR.so.23.0git", True),
        ("libMLIRIR.so.22.1-rc3", True),
        ("libMLIRIR.a", False),
        ("libx.so.o", False),
    ],
)
def test_the_names_of_shared_libraries(name: str, shared: bool) -> None:
    assert LinkInput(path=Path(name)).is_shared is shared
