"""What one LLVM declares and includes, and what became of it in another."""

# ruff: noqa: E501  (headers)
from __future__ import annotations

import gc
import os
import sqlite3
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.surface import declaration_cache, word_index
from pytest_llvmgate.surface.cxx_declarations import declarations_in
from pytest_llvmgate.surface.definers import few_libraries
from pytest_llvmgate.surface.entity_fates import Fate, SurfaceDifference
from pytest_llvmgate.surface.header_files import CommittedHeaders, InstalledHeaders, identity
from pytest_llvmgate.surface.likeness import is_narrower, is_sibling
from pytest_llvmgate.surface.llvm_surface import Surface
from pytest_llvmgate.surface.successors import git_renames
from tests.unit.git_kit import Repo

OLD = {
    "llvm/Plum/Fruit.h": "namespace llvm {\nclass Fruit {\npublic:\n  int weigh(int scale) const;\n  void peel();\n"
    "  void core();\n};\ntemplate <typename T> bool ripe(const T &Val) { return true; }\n} // namespace llvm\n",
    "mlir/Plum/Passes.h": '#include "llvm/Plum/Fruit.h"\nnamespace mlir {\nvoid registerPlumPasses();\nclass PlumPass {};\n}\n',
    "mlir/Plum/All.h": '#include "mlir/Plum/Passes.h"\n',
    "mlir/Pear/Passes.h": "namespace mlir {\nvoid registerPearPasses();\n}\n",
    "mlir/Pear/PearOps.td": 'def Pear_GrowOp : Pear_Op<"grow">;\n',
}
NEW = {
    "llvm/Plum/Fruit.h": "namespace llvm {\nclass LLVM_ABI Fruit {\npublic:\n  int weigh(int scale, bool net) const;\n"
    "  void peel();\n};\n} // namespace llvm\n",
    "llvm/ADT/Ripe.h": "namespace mlir {\ntemplate <typename T>\n[[nodiscard]] inline bool ripe(const T &Val) { return true; }\n}\n",
    "mlir/Plum/Transforms/Passes.h": "namespace mlir {\nvoid registerPlumPasses();\nclass PlumPass {};\n}\n",
    "mlir/Plum/All.h": '#include "mlir/Plum/Transforms/Passes.h"\n',
    "mlir/Pear/Passes.h": "namespace mlir {\nvoid registerPearPasses();\n}\n",
    "mlir/Pear/PearOps.td": 'def Pear_GrowOp : Pear_Op<"grow">;\n',
}


def surface(root: Path, files: dict[str, str]) -> Surface:
    for name, text in files.items():
        path = root / "include" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Surface(files=InstalledHeaders((root,)))


@pytest.fixture
def difference(tmp_path: Path) -> SurfaceDifference:
    return SurfaceDifference(baseline=surface(tmp_path / "old", OLD), candidate=surface(tmp_path / "new", NEW))


# -- declarations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("namespace a::b { struct C : public D<int>, E { void f(); }; }", ["class a::b::C", "function a::b::C::f"]),
        ("enum class K { One, Two };", ["enum K", "enumerator K::One", "enumerator K::Two"]),
        ("enum K { One };", ["enum K", "enumerator One"]),
        ("namespace m { using llvm::isa; using X = int; }", ["using m::isa", "alias m::X"]),
        ("#define PLUM_X(a) a\n", ["macro PLUM_X"]),
        ("class LLVM_ABI P { P(); ~P(); operator bool() const; P &operator=(const P &); };",
         ["class P", "function P::P", "function P::~P", "function P::operator bool", "function P::operator="]),
        ("LLVM_ATTRIBUTE_RETURNS_NONNULL void *q(int (*f)(int));", ["function q"]),
        ("#ifdef A\nvoid f();\n#else\nvoid g();\n#endif\n", ["function f", "function g"]),
        ("template <class T> struct V; extern \"C\" { void c(); }", ["class V", "function c"]),
        ("void f() { struct Local { void g(); }; }", ["function f"]),
        ("class {{{ (", []),
    ],
)  # fmt: skip
def test_what_a_header_declares(text: str, expected: list[str]):
    assert [f"{one.form} {one.qualified}" for one in declarations_in(text.encode())] == expected


def test_a_question_that_was_answered_reads_no_header_again(tmp_path: Path):
    asked = surface(tmp_path, NEW)
    answer = asked.declarations("weigh", "llvm::Fruit")
    (tmp_path / "include/llvm/Plum/Fruit.h").unlink()
    assert answer
    assert asked.declarations("weigh", "llvm::Fruit") == answer


def test_a_declaration_has_its_signature_line_and_bases():
    found = declarations_in(
        b"namespace n {\nclass A : public B<int>,\n          virtual C {\n  static int f(int a,\n    int b);\n};\n}"
    )
    assert [(one.signature, one.line, one.bases) for one in found] == [
        ("class A : public B<int>, virtual C", 2, ("B", "C")),
        ("static int f(int a, int b)", 4, ()),
    ]


# -- one LLVM ----------------------------------------------------------------------------------------------------------


def test_a_member_is_found_in_a_base_class(tmp_path: Path):
    files = {
        "a.h": "namespace m { class Base { void get(); }; }",
        "b.h": "namespace m { class Derived : public Base { }; }",
    }
    (found,) = surface(tmp_path, files).member("m::Derived", "get")
    assert (found.qualified, found.where) == ("m::Base::get", "a.h:1")


def test_a_class_of_a_common_name_is_looked_for_first_in_the_header_of_its_name(tmp_path: Path):
    others = {f"a{number}.h": f"namespace n{number} {{\nclass Value {{}};\n}}\n" for number in range(50)}
    there = surface(tmp_path, {**others, "clang/Interpreter/Value.h": "namespace clang {\nclass Value {};\n}\n"})
    defined = there.definition_of("clang::Value")
    assert defined is not None
    assert defined.file == "clang/Interpreter/Value.h"


def test_a_base_class_is_the_one_of_the_namespace_in_which_it_is_written(tmp_path: Path):
    text = "namespace clang {{\nclass Kind {{ void {0}(); }};\nclass {1} : Kind {{}};\n}}\n"
    there = surface(
        tmp_path,
        {"a.h": text.replace("clang", "mlir").format("grow", "Tree"), "clang/b.h": text.format("fall", "Leaf")},
    )
    assert [one.name for one in there.visible_members("clang::Leaf")] == ["fall"]


def test_an_operation_is_known_by_its_definition_where_no_generated_header_is(tmp_path: Path):
    known = surface(tmp_path, OLD)
    assert known.has_class("mlir::pear::GrowOp")
    assert not known.has_class("mlir::pear::ShrinkOp")


def test_what_comes_with_a_header(tmp_path: Path):
    reached = surface(tmp_path, OLD).reached_from(["mlir/Plum/All.h"])
    assert reached == {"mlir/Plum/All.h", "mlir/Plum/Passes.h", "llvm/Plum/Fruit.h"}


# -- the difference ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "name", "fate", "after"),
    [
        ("llvm::Fruit", "weigh", Fate.CHANGED, "int weigh(int scale, bool net) const"),
        ("llvm::Fruit", "peel", Fate.UNCHANGED, "void peel()"),
        ("llvm::Fruit", "core", Fate.GONE, ""),
        ("llvm", "ripe", Fate.MOVED, "[[nodiscard]] inline bool ripe(const T &Val)"),
        ("llvm", "Fruit", Fate.UNCHANGED, "class Fruit"),
        ("mlir", "registerPlumPasses", Fate.UNCHANGED, "void registerPlumPasses()"),
        ("", "peel", Fate.UNCHANGED, "void peel()"),
        ("quill", "Feather", Fate.FOREIGN, ""),
        ("mlir", "ripe", Fate.NEW, "[[nodiscard]] inline bool ripe(const T &Val)"),
    ],
)
def test_the_fate_of_a_name(difference: SurfaceDifference, scope: str, name: str, fate: Fate, after: str):
    answer = difference.of_name(name, scope)
    assert answer.fate is fate
    assert (answer.after.signature if answer.after else "") == after


@pytest.mark.parametrize(
    ("header", "fate", "after"),
    [
        ("mlir/Plum/Passes.h", Fate.MOVED, "mlir/Plum/Transforms/Passes.h"),
        ("mlir/Pear/Passes.h", Fate.UNCHANGED, "mlir/Pear/Passes.h"),
        ("quill/Own.h", Fate.FOREIGN, ""),
    ],
)
def test_the_fate_of_a_header(difference: SurfaceDifference, header: str, fate: Fate, after: str):
    answer = difference.of_header(header)
    assert (answer.fate, answer.after.name if answer.after else "") == (fate, after)


def test_a_header_of_a_common_name_went_deeper_and_not_to_another_dialect(tmp_path: Path):
    alone = SurfaceDifference(candidate=surface(tmp_path, NEW))
    answer = alone.of_header("mlir/Plum/Passes.h")
    assert answer.after is not None
    assert (answer.after.name, answer.others) == ("mlir/Plum/Transforms/Passes.h", ())


def test_with_the_candidate_alone_nothing_is_called_gone(tmp_path: Path):
    alone = SurfaceDifference(candidate=surface(tmp_path, NEW))
    assert alone.of_name("core", "llvm::Fruit").fate is Fate.UNKNOWN
    assert not alone.is_whole


def test_who_stopped_to_include_what_is_missed(difference: SurfaceDifference):
    lost = difference.lost_includes(["llvm/Plum/Fruit.h"])
    assert lost == {}  # the header that included it is gone itself, which is told of that header


def test_one_header_that_includes_less_is_named_for_all_that_came_with_it(tmp_path: Path):
    base = {"a.h": "", "b.h": '#include "a.h"\n', "c.h": ""}
    old = surface(tmp_path / "old", {**base, "top.h": '#include "b.h"\n#include "c.h"\n'})
    new = surface(tmp_path / "new", {**base, "top.h": '#include "c.h"\n'})
    lost = SurfaceDifference(baseline=old, candidate=new).lost_includes(["a.h", "b.h", "c.h"])
    assert lost == {"a.h": ("top.h", "b.h"), "b.h": ("top.h", "b.h")}


# -- the cache ---------------------------------------------------------------------------------------------------------


def test_another_commit_reads_only_the_blobs_that_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(word_index, "_FEW", 0)
    repo = Repo(tmp_path / "llvm")
    first = repo.commit({f"mlir/include/{name}": text for name, text in OLD.items()})
    second = repo.commit({"mlir/include/llvm/Plum/Fruit.h": NEW["llvm/Plum/Fruit.h"]})
    clone = Repository.open(tmp_path / "llvm")
    cache = tmp_path / "cache"
    read: list[str] = []
    for commit in (first, second):
        files = CommittedHeaders(clone, commit)
        original = files.read
        object.__setattr__(files, "read", lambda names, original=original: original(_noted(names, read)))
        assert Surface(files=files, cache=cache).words_from("registerPear")
    assert sorted(read) == sorted([*OLD, "llvm/Plum/Fruit.h"])
    assert len(list(cache.glob("*.words"))) == 2


def _noted(names: object, read: list[str]) -> list[str]:
    found = list(names)  # type: ignore[call-overload]
    read += found
    return found


def test_a_cache_that_cannot_be_written_costs_nothing_but_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(word_index, "_FEW", 0)
    known = surface(tmp_path, OLD)
    (tmp_path / "file").write_text("")
    known.cache = tmp_path / "file" / "below"
    assert "Fruit" in known.words_from("Fruit")
    assert not known.words_from("Fruits")


def _weighing(tmp_path: Path, text: str = OLD["llvm/Plum/Fruit.h"]) -> list[str]:
    """What a new session finds declared, with the cache that the ones before it left."""
    known = surface(tmp_path, {"llvm/Plum/Fruit.h": text})
    known.cache = tmp_path / "cache"
    return [one.signature for one in known.members("Fruit")]


def _forbid_to_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_: bytes) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(declaration_cache, "declarations_in", parse)


def test_a_header_is_parsed_once_for_all_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = _weighing(tmp_path)
    _forbid_to_parse(monkeypatch)
    assert _weighing(tmp_path) == first == ["int weigh(int scale) const", "void peel()", "void core()"]


def test_a_header_that_changed_is_parsed_again(tmp_path: Path):
    _weighing(tmp_path)
    assert _weighing(tmp_path, NEW["llvm/Plum/Fruit.h"]) == ["int weigh(int scale, bool net) const", "void peel()"]


def test_headers_are_parsed_again_by_other_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _weighing(tmp_path)
    monkeypatch.setattr(declaration_cache, "_reader", lambda: b"another")
    monkeypatch.setattr(declaration_cache, "declarations_in", lambda _: [])
    assert _weighing(tmp_path) == []


@pytest.mark.parametrize("torn", [b"no database", b"SQLite format 3\0" + bytes(200)])
def test_declarations_in_a_torn_database_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: bytes):
    first = _weighing(tmp_path)
    (tmp_path / "cache/declarations.sqlite").write_bytes(torn)
    assert _weighing(tmp_path) == first
    _forbid_to_parse(monkeypatch)
    assert _weighing(tmp_path) == first


def test_a_row_that_is_no_list_of_declarations_is_read_from_the_header(tmp_path: Path):
    first = _weighing(tmp_path)
    with sqlite3.connect(tmp_path / "cache/declarations.sqlite") as database:
        database.execute("UPDATE headers SET declared = ?", (zlib.compress(b'[["class"], 7]'),))
    assert _weighing(tmp_path) == first


def test_the_database_is_closed_with_its_cache(tmp_path: Path):
    known = declaration_cache.DeclarationCache(tmp_path)
    database = known._database
    assert database is not None
    del known
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        database.execute("SELECT 1")


def test_several_threads_keep_and_find_declarations_in_one_database(tmp_path: Path):
    known = declaration_cache.DeclarationCache(tmp_path)
    assert known._database is not None
    texts = [f"class Fruit{number} {{}};".encode() for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(known.declarations_in, texts * 2))
    assert [one.name for each in found for one in each] == [f"Fruit{number}" for number in range(40)] * 2
    assert known._database.execute("SELECT count(*) FROM headers").fetchone() == (40,)


def test_a_process_that_holds_the_database_is_waited_for_once(tmp_path: Path):
    known = declaration_cache.DeclarationCache(tmp_path)
    assert known._database is not None
    known._database.execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(tmp_path / "declarations.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert [one.name for one in known.declarations_in(b"class Plum {};")] == ["Plum"]
    assert known._database.execute("PRAGMA busy_timeout").fetchone() == (0,)


def test_a_grammar_of_no_known_version_is_used_without_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def unknown(_: str) -> str:
        raise PackageNotFoundError

    declaration_cache._reader.cache_clear()
    monkeypatch.setattr(declaration_cache.metadata, "version", unknown)
    assert _weighing(tmp_path)


def test_only_so_many_headers_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(declaration_cache, "_MOST_KEPT", 2)
    for number in range(4):
        _weighing(tmp_path, f"class Fruit {{ void weigh{number}(); }};")
    with sqlite3.connect(tmp_path / "cache/declarations.sqlite") as database:
        assert database.execute("SELECT count(*) FROM headers").fetchone() == (2,)


def test_a_directory_that_cannot_be_made_costs_the_declarations_cache_alone(tmp_path: Path):
    (tmp_path / "cache").write_text("")
    assert _weighing(tmp_path)


def test_a_header_that_changed_makes_another_identity(tmp_path: Path):
    before = identity(surface(tmp_path, OLD).files)
    path = tmp_path / "include/llvm/Plum/Fruit.h"
    os.utime(path, ns=(1, 1))
    assert identity(InstalledHeaders((tmp_path,))) != before


# -- who defines what --------------------------------------------------------------------------------------------------


def test_few_libraries_cover_all_and_the_c_api_comes_last():
    definers = {"MLIRIR": {"a", "b"}, "MLIRCAPIIR": {"a", "b", "c"}, "MLIRPass": {"c"}, "MLIRTestPass": {"b", "c"}}
    chosen = [(choice.provider, sorted(choice.symbols)) for choice in few_libraries(definers, ["a", "b", "c", "d"])]
    assert chosen == [("MLIRIR", ["a", "b"]), ("MLIRPass", ["c"]), ("", ["d"])]


def test_git_tells_where_a_header_of_any_part_of_llvm_went(tmp_path: Path) -> None:
    clone = Repo(tmp_path / "llvm-project")
    parts = ("llvm", "mlir", "clang", "lld")
    texts = {part: "".join(f"int {part}_{number}();\n" for number in range(20)) for part in parts}
    before = clone.commit({f"{part}/include/{part}/Old.h": text for part, text in texts.items()})
    for part in parts:
        clone.git("mv", f"{part}/include/{part}/Old.h", f"{part}/include/{part}/New.h")
    after = clone.commit({})
    found = git_renames(Repository.open(clone.path), before, after)
    assert found == {f"{part}/Old.h": f"{part}/New.h" for part in parts}


def test_a_class_of_thousands_is_looked_through_only_for_a_name_that_says_more():
    others = iter(["findPears", "eraseParamAttr"])
    assert (is_narrower("addAttr", "findPear", others), next(others)) == (False, "findPears")
    assert is_narrower("addAttr", "addParamAttr", others)


@pytest.mark.parametrize(
    ("new", "is_another"),
    [("growOakTreePass", True), ("growElmTreeLegacyPass", False), ("growElmTreesPass", False), ("cut", False)],
)
def test_what_shares_only_a_familys_words_is_another_function(new: str, *, is_another: bool):
    assert is_sibling("growElmTreePass", new) == is_another


def test_words_that_share_letters_by_chance_are_others():
    assert is_sibling("getRecordType", "getVectorType")
    assert not is_sibling("getRecordType", "getRecrodType")
