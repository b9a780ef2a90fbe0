"""Cures that both LLVMs' headers tell: what a name is called now, which arguments are left, whether it is a pointer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.fixable import commit_all, fixable
from tests.unit.git_kit import git


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@example.org")


def mended(
    directory: Path, before: str, after: str, unit: str, *options: str, headers: dict[str, str] | None = None
) -> str:
    """The unit after the fix, where `mlir/X.h` was `before` and is `after`; empty where it does not compile."""
    old = directory / "before/include/mlir/X.h"
    old.parent.mkdir(parents=True)
    old.write_text(f"#pragma once\nnamespace mlir {{\n{before}\n}}\n")
    now = {"mlir/X.h": f"#pragma once\nnamespace mlir {{\n{after}\n}}\n", **(headers or {})}
    project = fixable(directory, {"a.cpp": f'#include "mlir/X.h"\n{unit}'}, headers=now)
    if main(["fix", *project.arguments, "--baseline-llvm", str(directory / "before"), *options]) != 0:
        return ""
    git(project.root, "apply", str(project.build / "llvmgate-fix/small.patch"))
    return (project.root / "a.cpp").read_text()


def test_llvm_s_own_word_on_a_deprecated_name_is_followed(tmp_path: Path) -> None:
    before = 'struct Op {\n  [[deprecated("Use fetchAll() instead")]]\n  int grab();\n  int fetchAll();\n};'
    text = mended(tmp_path, before, "struct Op {\n  int fetchAll();\n};", "int f(mlir::Op o) { return o.grab(); }\n")
    assert "return o.fetchAll();" in text


def test_a_parameter_that_is_gone_takes_its_argument_along(tmp_path: Path) -> None:
    before = "struct Context;\nint lower(int depth, Context *context, bool all);"
    after = "struct Context;\nint lower(int depth, bool all);"
    unit = "int f(mlir::Context *c) { return mlir::lower(1 + 2, c, true) + mlir::lower(3, c, false); }\n"
    assert "mlir::lower(1 + 2, true) + mlir::lower(3, false)" in mended(tmp_path, before, after, unit)


def test_parameters_in_another_order_bring_their_arguments(tmp_path: Path) -> None:
    before = "struct A {}; struct B {};\nint both(A a, B b);"
    after = "struct A {}; struct B {};\nint both(B b, A a);"
    unit = "int f(mlir::A x, mlir::B y) { return mlir::both(x, y); }\n"
    assert "mlir::both(y, x)" in mended(tmp_path, before, after, unit)


def test_a_member_as_common_as_get_is_not_llvm_s_in_a_class_of_the_project(tmp_path: Path) -> None:
    cast = "}\nnamespace llvm { template <typename T, typename U> T cast(U) { return T(); } }\nnamespace mlir {"
    unit = "struct Key {}; int f(Key k) { return k.get<int>(); }\n"
    assert not mended(tmp_path, cast, cast, unit)


def test_a_parameter_that_nobody_knows_a_value_for_is_left(tmp_path: Path) -> None:
    assert not mended(
        tmp_path, "int sum(int a);", "struct R {}; int sum(int a, R r);", "int f() { return mlir::sum(1); }\n"
    )


def test_what_became_a_pointer_is_reached_as_one(tmp_path: Path) -> None:
    before, after = (f"struct V {{ int n; }};\nV {sign}value();" for sign in ("", "*"))
    assert "mlir::value()->n" in mended(tmp_path, before, after, "int f() { return mlir::value().n; }\n")


def test_a_name_that_only_looks_like_a_new_one_is_tried(tmp_path: Path) -> None:
    before = "struct Op {\n  int getOperandTypesOf();\n};"
    after = "struct Op {\n  int collectOperandTypes();\n  int getOperandTypeOf();\n};"
    unit = "int f(mlir::Op o) { return o.getOperandTypesOf(); }\n"
    assert "return o.getOperandTypeOf();" in mended(tmp_path, before, after, unit)


def test_a_name_that_says_less_holds_of_more(tmp_path: Path) -> None:
    before = "struct Type {\n  bool isFloat8E5M2() const;\n  int width();\n};"
    after = "struct Type {\n  int width();\n  bool isFloat() const;\n};"
    assert not mended(tmp_path, before, after, "bool f(mlir::Type t) { return t.isFloat8E5M2(); }\n")


def test_an_argument_that_was_written_to_is_not_dropped_for_what_is_returned(tmp_path: Path) -> None:
    before = "struct Map { int n = 0; };\nbool features(Map &found);"
    after = "struct Map { int n = 0; };\nMap features();"
    unit = "int f() { mlir::Map found; mlir::features(found); return found.n; }\n"
    assert not mended(tmp_path, before, after, unit)


def test_an_override_takes_the_types_that_llvm_has_now(tmp_path: Path) -> None:
    """The declaration and, behind it, the definition outside of the class."""
    base = "struct Old {{}}; struct New {{}};\nstruct Callbacks {{ virtual void seen(int n, {0} f, bool all) {{}} }};"
    unit = (
        "using namespace mlir;\nstruct Mine : Callbacks {\n  int own;\n"
        "  void seen(int n, Old,\n            bool every) override;\n};\n"
        "void Mine::seen(int n, Old,\n                bool every) {}\n"
    )
    text = mended(tmp_path, base.format("Old"), base.format("New"), unit)
    assert "  void seen(int n, New, bool every) override;" in text
    assert "void Mine::seen(int n, New, bool every) {}" in text


@pytest.mark.skipif(shutil.which("clang++") is None, reason="it is clang that tells of virtual functions")
def test_of_two_functions_the_one_is_overridden_whose_parameter_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", "clang++")
    base = (
        "struct Op {}; struct Block {}; struct List {}; struct Range {};\n"
        "struct Inliner { virtual void end(Op *op, Block *dest) {} virtual void end(::mlir::Op *op, KIND values) {} };"
    )
    unit = "using namespace mlir;\nstruct Mine : Inliner {\n  void end(Op *op, List valuesThere) final {}\n};\n"
    text = mended(tmp_path, base.replace("KIND", "List"), base.replace("KIND", "Range"), unit)
    assert "void end(Op *op, Range valuesThere) final {}" in text


def test_an_override_takes_the_parameter_that_came(tmp_path: Path) -> None:
    base = "struct V {{}};\nstruct Pattern {{ virtual int match(int op{0}) const {{ return 0; }} }};"
    unit = "struct Mine : mlir::Pattern {\n  int match(int op) const override { return op; }\n};\n"
    text = mended(tmp_path, base.format(""), base.format(", bool deep"), unit)
    assert "  int match(int op, bool deep) const override { return op; }" in text


def test_an_override_outside_of_llvm_s_namespace_takes_its_types_with_it(tmp_path: Path) -> None:
    base = (
        "struct At {{}}; struct Old {{}}; struct New {{}};\nstruct Callbacks {{ virtual void seen(At a, {0} f) {{}} }};"
    )
    unit = (
        "struct Mine : mlir::Callbacks {\n  void seen(mlir::At where,\n            mlir::Old) override;\n};\n"
        "void Mine::seen(mlir::At where, mlir::Old) {}\n"
    )
    text = mended(tmp_path, base.format("Old"), base.format("New"), unit)
    assert "void seen(mlir::At where, mlir::New" in text
    assert "void Mine::seen(mlir::At where, mlir::New" in text


def test_a_variable_takes_the_type_that_is_returned_now(tmp_path: Path) -> None:
    types = "struct Old { int n = 0; }; struct New { int n = 1; };\n"
    unit = "using namespace mlir;\nint f() {\n  Old found = find();\n  return found.n;\n}\n"
    assert "  New found = find();" in mended(tmp_path, f"{types}Old find();", f"{types}New find();", unit)


def test_an_argument_whose_parameter_became_another_one_is_not_dropped(tmp_path: Path) -> None:
    """It would compile, and would do something else."""
    before = "struct A {};\nint parse(int n, A how);"
    after = "struct A {}; struct B {};\nint parse(int n, B callbacks = {});"
    assert not mended(tmp_path, before, after, "int f(mlir::A a) { return mlir::parse(1, a); }\n")


def test_an_accessor_of_several_words_is_called_in_one(tmp_path: Path) -> None:
    before, after = "struct Op { int true_value(); };", "struct Op { int getTrueValue(); };"
    assert "o.getTrueValue()" in mended(tmp_path, before, after, "int f(mlir::Op o) { return o.true_value(); }\n")


def test_a_constant_that_another_class_has_now_is_that_one(tmp_path: Path) -> None:
    before = "struct Tensor { static const int kDynamic = 1; };"
    after = "struct Tensor {};\nstruct Shaped { static const int kDynamic = 1; };"
    assert "mlir::Shaped::kDynamic" in mended(tmp_path, before, after, "int f() { return mlir::Tensor::kDynamic; }\n")


def test_a_keyword_is_no_new_name(tmp_path: Path) -> None:
    before, after = "struct None {};\nint list(None);", "int list(decltype(nullptr));"
    assert not mended(tmp_path, before, after, "using namespace mlir;\nint f() { return list(nullptrs); }\n")


def test_a_label_of_an_enumerator_that_is_gone_goes(tmp_path: Path) -> None:
    unit = (
        "using namespace mlir;\nint f(Trait t) {\n  switch (t) {\n  case Trait::Old:\n  case Trait::Kept:\n"
        "    return 1;\n  default:\n    return 2;\n  }\n}\n"
    )
    before, after = "enum class Trait { Old, Kept, Next };", "enum class Trait { Kept, Next };"
    assert "  switch (t) {\n  case Trait::Kept:\n    return 1;\n" in mended(tmp_path, before, after, unit)


def test_a_label_with_code_of_its_own_is_left_where_another_value_came(tmp_path: Path) -> None:
    unit = (
        "int f(mlir::Trait t) {\n  switch (t) {\n  case mlir::Old:\n    return 1;\n  default:\n    return 2;\n  }\n}\n"
    )
    assert not mended(tmp_path, "enum Trait { Old, Kept };", "enum Trait { Kept, Aged };", unit)


def test_a_static_member_that_became_a_free_function_is_called_as_one(tmp_path: Path) -> None:
    before, after = "struct Driver { static int path(int n); };", "struct Driver {};\nint path(int n);"
    unit = "using mlir::Driver;\nint f() { return Driver::path(1); }\n"
    assert "return mlir::path(1);" in mended(tmp_path, before, after, unit)


def test_how_others_pass_what_a_changed_function_takes_now_is_searched_for(tmp_path: Path) -> None:
    """The compiler names the types alone."""
    types = "struct Block {}; struct Region { Block &front(); };\n"
    before, after = (f"{types}void convert({kind} *it, int n);" for kind in ("Region", "Block"))
    other = tmp_path / "other"
    other.mkdir()
    lines = "void a(R &r) {{\n  convert(&r{0}, 1);\n}}\n\n\nvoid b(R &s) {{\n  convert(&s{0}, 2);\n}}\n"
    for title, text in (("Before", lines.format("")), ("Bump LLVM", lines.format(".front()"))):
        (other / "a.cpp").write_text(text)
        commit_all(other, title)
    unit = "using namespace mlir;\nvoid f(Region &mine) {\n  convert(&mine, 3);\n}\n"
    assert "convert(&mine.front(), 3);" in mended(tmp_path, before, after, unit, "--sibling", str(other))


def test_what_a_deprecation_proposes_is_taken_from_any_of_its_forms(tmp_path: Path) -> None:
    macro = "}\n#define LLVM_DEPRECATED(what, fix) __attribute__((deprecated(what)))\nnamespace mlir {\n"
    before = f'{macro}struct Op {{\n  LLVM_DEPRECATED("Ints are"\n    " old.",\n    "fetchAll()")\n  int grab();\n}};'
    text = mended(tmp_path, before, "struct Op {\n  int fetchAll();\n};", "int f(mlir::Op o) { return o.grab(); }\n")
    assert "return o.fetchAll();" in text


def test_of_a_header_that_was_taken_apart_the_one_with_what_is_left_is_included(tmp_path: Path) -> None:
    old = tmp_path / "before/include/mlir/Passes.h"
    old.parent.mkdir(parents=True)
    old.write_text("#pragma once\nnamespace mlir { int makeLoops(); int makeTrees(); int makeStores(); }\n")
    project = fixable(
        tmp_path,
        {"a.cpp": '#include "mlir/Passes.h"\nint f() { return mlir::makeStores(); }\n'},
        headers={
            "mlir/Passes/LoopPasses.h": "#pragma once\nnamespace mlir { int other(); }\n",
            "mlir/Passes/StoreMaker.h": "#pragma once\nnamespace mlir { int makeStores(); }\n",
        },
    )
    assert main(["fix", *project.arguments, "--baseline-llvm", str(tmp_path / "before")]) == 0
    git(project.root, "apply", str(project.build / "llvmgate-fix/small.patch"))
    assert (project.root / "a.cpp").read_text().startswith('#include "mlir/Passes/StoreMaker.h"\n')


def test_the_header_whose_macros_make_a_name_is_included(tmp_path: Path) -> None:
    """``DW_TAG_member`` stands in no header: a list of names is included behind a macro."""
    tags = "#pragma once\nnamespace mlir::dwarf {\nenum Tag {\n#define TAG(NAME) DW_TAG_##NAME,\nTAG(member)\n};\n}\n"
    other = "#pragma once\n#define CASE(NAME) mlir::dwarf::DW_TAG_##NAME\n"
    headers = {"mlir/Dwarf.h": tags, "mlir/Cases.h": other}
    before = "} namespace mlir::dwarf { enum Tag { DW_TAG_member }; } namespace mlir {"
    code = "namespace mlir::dwarf {}\nint f() { return mlir::dwarf::DW_TAG_member; }\n"
    assert '#include "mlir/Dwarf.h"' in mended(tmp_path, before, "", code, headers=headers)


_OPENED = "#pragma once\nnamespace mlir::async { struct Dialect { int n = 1; }; }\n"
_KIND = "} namespace mlir::nvvm { enum Kind { async }; } namespace mlir::pool { int async(int); } namespace mlir {"
_THROUGH = "namespace mlir {\nint f() { return async::Dialect().n; }\n}\n"


@pytest.mark.parametrize("name", ["mlir/Async/Dialect.h", "mlir/Async/Other.h"])
def test_for_a_namespace_that_is_not_declared_the_header_of_what_is_in_it_is_included(
    tmp_path: Path, name: str
) -> None:
    text = mended(tmp_path, _OPENED, _KIND, _THROUGH, headers={name: _OPENED})
    assert f'#include "{name}"' in text


def test_of_what_a_generated_header_declares_the_one_around_it_is_included(tmp_path: Path) -> None:
    around = {"mlir/Async/Async.h": '#pragma once\n#include "mlir/Async/Ops.h.inc"\n', "mlir/Async/Ops.h.inc": _OPENED}
    text = mended(tmp_path, _OPENED, _KIND, _THROUGH, headers=around)
    assert '#include "mlir/Async/Async.h"' in text


def test_a_namespace_is_not_an_enumerator_of_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not mended(tmp_path, _OPENED, _KIND, _THROUGH)
    assert "tried" not in capsys.readouterr().out


def test_of_headers_that_are_gone_in_a_row_each_is_judged_by_itself(tmp_path: Path) -> None:
    """None of what they declared is used, or anywhere."""
    gone = "".join(f"#include <llvm-c/Transforms/{name}.h>\n" for name in ("Scalar", "Utils", "IPO"))
    headers = {"llvm-c/Transforms/PassBuilder.h": "#pragma once\nextern int LLVMRunPasses;\n"}
    project = fixable(tmp_path, {"a.cpp": f"{gone}int f() {{ return 1; }}\n"}, headers=headers)
    assert main(["fix", *project.arguments]) == 0
    git(project.root, "apply", str(project.build / "llvmgate-fix/small.patch"))
    assert (project.root / "a.cpp").read_text() == "int f() { return 1; }\n"


def test_the_element_of_a_pointer_s_type_is_asked_of_who_made_the_pointer(tmp_path: Path) -> None:
    made = "struct Made { PointerType *getType(); int getValueType(); };"
    before, after = (f"struct PointerType {{ {element} }};\n{made}" for element in ("int getElementType();", ""))
    unit = "int f(mlir::Made *made) { return made->getType()->getElementType(); }\n"
    assert "return made->getValueType();" in mended(tmp_path, before, after, unit)


def test_a_namespace_in_a_generated_file_is_known_by_what_the_compiler_shows(tmp_path: Path) -> None:
    """A function of its name is declared by another header of LLVM's, which is not meant."""
    pool = "#pragma once\nnamespace mlir::pool { int async(int); }\n"
    headers = {"mlir/Pool.h": pool, "mlir/Async/Dialect.h": _OPENED}
    made = {"a.cpp": '#include "mlir/X.h"\n#include "made.inc"\n'}
    (tmp_path / "build/include").mkdir(parents=True)
    (tmp_path / "build/include/made.inc").write_text(_THROUGH)
    project = fixable(tmp_path, made, headers={"mlir/X.h": "#pragma once\n", **headers})
    assert main(["fix", *project.arguments]) == 0
    git(project.root, "apply", str(project.build / "llvmgate-fix/small.patch"))
    text = (project.root / "a.cpp").read_text()
    assert '#include "mlir/Async/Dialect.h"' in text
    assert "Pool.h" not in text
