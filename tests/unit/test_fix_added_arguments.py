"""Calls that LLVM wants one more argument of."""

from __future__ import annotations

from pathlib import Path

from tests.unit.test_fix_by_headers import _own_cache, mended

__all__ = ["_own_cache"]

TYPES = (
    "struct State {}; struct OpBuilder {}; struct Rewriter : OpBuilder {};\n"
    "template <typename F> struct function_ref { function_ref() {} template <typename T> function_ref(T) {} };\n"
)


def test_the_one_variable_of_its_type_is_handed_on(tmp_path: Path) -> None:
    before, after = f"{TYPES}int fetch(int a, int b);", f"{TYPES}int fetch(int a, int b, const State &state);"
    unit = "int f(int n, mlir::State &mine) { return mlir::fetch(n, 2); }\n"
    assert "mlir::fetch(n, 2, mine)" in mended(tmp_path, before, after, unit)


def test_a_variable_of_a_class_that_derives_from_it_is_one_of_it(tmp_path: Path) -> None:
    """It came in front of the others."""
    before, after = f"{TYPES}int declare(int a);", f"{TYPES}int declare(OpBuilder &b, int a);"
    unit = "int f(int n, mlir::Rewriter *rewriter) { return mlir::declare(n); }\n"
    assert "mlir::declare(*rewriter, n)" in mended(tmp_path, before, after, unit)


def test_a_callback_that_came_is_left_empty(tmp_path: Path) -> None:
    before, after = f"{TYPES}int build(int a);", f"{TYPES}int build(int a, function_ref<int()> emitError);"
    unit = "int f(int n) { return mlir::build(n); }\n"
    assert "mlir::build(n, /*emitError=*/{})" in mended(tmp_path, before, after, unit)


def test_what_is_read_where_nothing_is_there_is_not_left_empty(tmp_path: Path) -> None:
    """LLVM takes poison then for what was zero."""
    optional = "template <typename T> struct optional { optional() {} optional(T) {} };\n"
    before, after = f"{optional}int read(int a);", f"{optional}int read(int a, optional<int> padding);"
    assert not mended(tmp_path, before, after, "int f(int n) { return mlir::read(n); }\n")


def test_of_two_variables_none_is_chosen(tmp_path: Path) -> None:
    before, after = f"{TYPES}int fetch(int a);", f"{TYPES}int fetch(int a, State &state);"
    assert not mended(tmp_path, before, after, "int f(mlir::State &a, mlir::State &b) { return mlir::fetch(1); }\n")


def test_a_type_in_sight_is_not_the_one_that_a_pointer_leads_to(tmp_path: Path) -> None:
    types = "struct Type {};\nstruct Slot {};\n"
    unit = "int f(mlir::Type *its, mlir::Slot slot) { return mlir::load(slot, 2); }\n"
    before, after = f"{types}int load(Slot p, int n);", f"{types}int load(Type *type, Slot p, int n);"
    assert not mended(tmp_path, before, after, unit)


def test_a_number_is_no_guess(tmp_path: Path) -> None:
    before, after = "int fetch(int a);", "int fetch(int a, bool all);"
    assert not mended(tmp_path, before, after, "int f(bool strict) { return mlir::fetch(1); }\n")


def test_a_file_system_that_is_asked_for_is_the_real_one_with_its_header(tmp_path: Path) -> None:
    files = "} namespace llvm::vfs { class FileSystem; } namespace mlir {"
    before, after = "int load(int a);", f"{files} int load(int a, llvm::vfs::FileSystem &files, int depth = 0);"
    real = "#pragma once\nnamespace llvm::vfs { class FileSystem {}; FileSystem *getRealFileSystem(); }\n"
    headers = {"llvm/Support/VirtualFileSystem.h": real}
    text = mended(tmp_path, before, after, "int f(int n) { return mlir::load(n); }\n", headers=headers)
    assert "mlir::load(n, *llvm::vfs::getRealFileSystem())" in text
    assert '#include "llvm/Support/VirtualFileSystem.h"' in text


def test_no_argument_changes_its_place_by_its_type_alone(tmp_path: Path) -> None:
    """`note(title, text, rewriter)` may have been turned round as a whole."""
    texts = "struct Twine { Twine(const char *); }; struct StringRef { StringRef(const char *); };\n"
    after = f"{TYPES}{texts}int note(Rewriter &rewriter, Twine text, StringRef title);"
    unit = 'int f(mlir::Rewriter &r) { return mlir::note("title", "text", r); }\n'
    assert not mended(tmp_path, after, after, unit)


def test_what_was_left_out_and_is_asked_for_now_is_what_it_was(tmp_path: Path) -> None:
    before, after = "int read(int a, bool all = true);", "int read(int a, bool all);"
    assert "mlir::read(1, true)" in mended(tmp_path, before, after, "int f() { return mlir::read(1); }\n")


def test_what_was_left_out_is_nothing_for_a_parameter_of_another_name(tmp_path: Path) -> None:
    before, after = "int read(int a, bool all = true);", "int read(int a, bool strict);"
    assert not mended(tmp_path, before, after, "int f() { return mlir::read(1); }\n")


def test_a_default_of_the_other_scope_is_not_written_out(tmp_path: Path) -> None:
    before, after = "const int all = 3; int read(int a, int b = all);", "const int all = 3; int read(int a, int b);"
    unit = "const int all = 4;\nint f() { return mlir::read(1); }\n"
    assert not mended(tmp_path, before, after, unit)
