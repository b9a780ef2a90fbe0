"""What two LLVMs say of the errors of a log: what did not change is no break of an API."""

# ruff: noqa: E501  (what tools print)
from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.findings import DiagnosisContext, diagnose
from pytest_llvmgate.model import Finding
from tests.unit.git_kit import Repo

OLD = {
    "mlir/Pear/Tree.h": '#include "mlir/Pear/Leaf.h"\nnamespace mlir {\nclass Tree {\npublic:\n  void grow();\n  int height() const;\n  void prune();\n};\n}\n',
    "mlir/Pear/Leaf.h": "namespace mlir {\nvoid fall(int days);\nstruct Leaf {};\n}\n",
}
NEW = {
    "mlir/Pear/Tree.h": "namespace mlir {\nclass Tree {\npublic:\n  int height(bool inMetres) const;\n  void prune();\n};\n}\n",
    "mlir/Pear/Leaf.h": OLD["mlir/Pear/Leaf.h"],
}
HEAD = "[1/9] Building CXX object lib/a.o\nFAILED: lib/a.o\nc++ -o lib/a.o -c /src/p/lib/a.cpp\n"


def install(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / "include" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def both(tmp_path: Path) -> DiagnosisContext:
    return DiagnosisContext(
        baseline_prefixes=(install(tmp_path / "old", OLD),), prefixes=(install(tmp_path / "new", NEW),)
    )


def findings(log: str, context: DiagnosisContext) -> tuple[Finding, ...]:
    return diagnose([(HEAD + log).encode()], context=context).findings


def error(line: int, message: str) -> str:
    return f"/src/p/lib/a.cpp:{line}:9: error: {message}\n"


def test_a_member_that_is_gone_says_what_it_was(both: DiagnosisContext):
    (finding,) = findings(error(3, "no member named 'grow' in 'mlir::Tree'"), both)
    assert (finding.kind, finding.facts["fate"]) == ("api-removed", "gone")
    assert finding.facts["before"] == "void grow() (mlir/Pear/Tree.h:5)"


def test_a_signature_that_changed_shows_both(both: DiagnosisContext):
    (finding,) = findings(error(3, "no matching member function for call to 'mlir::Tree::height'"), both)
    assert finding.facts["fate"] == "changed"
    assert finding.facts["before"] == "int height() const (mlir/Pear/Tree.h:6)"
    assert finding.facts["after"] == "int height(bool inMetres) const (mlir/Pear/Tree.h:4)"


@pytest.mark.parametrize("message", ["no member named 'prune' in 'mlir::Tree'", "use of undeclared identifier 'prune'"])
def test_what_did_not_change_is_no_removed_api(both: DiagnosisContext, message: str):
    (finding,) = findings(error(3, message), both)
    assert (finding.kind, finding.facts["fate"]) == ("compile-error", "unchanged")


def test_what_is_there_and_no_longer_comes_along_is_one_cause_with_the_headers_to_include(both: DiagnosisContext):
    log = error(3, "no member named 'fall' in namespace 'mlir'") + error(9, "no type named 'Leaf' in namespace 'mlir'")
    (finding,) = findings(log, both)
    assert (finding.kind, finding.facts["no-longer-included-by"]) == ("header-not-included", "mlir/Pear/Tree.h")
    assert finding.headline.startswith("mlir/Pear/Tree.h no longer includes what declares 'mlir::fall' and 1 more name")
    assert any("mlir/Pear/Leaf.h" in step for step in finding.advice)


def test_a_class_with_a_constructor_is_included_by_the_bare_name_too(tmp_path: Path):
    leaf = {"mlir/Pear/Leaf.h": "namespace mlir {\nclass Leaf {\npublic:\n  Leaf(int days);\n};\n}\n"}
    old, new = install(tmp_path / "old", OLD | leaf), install(tmp_path / "new", NEW | leaf)
    context = DiagnosisContext(baseline_prefixes=(old,), prefixes=(new,))
    (finding,) = findings(error(9, "unknown type name 'Leaf'"), context)
    assert (finding.kind, finding.facts["header"]) == ("header-not-included", "mlir/Pear/Leaf.h")


def test_a_name_of_the_projects_own_is_no_api_of_llvms(both: DiagnosisContext):
    (finding,) = findings(error(3, "use of undeclared identifier 'PEAR_WEIGHT'"), both)
    assert (finding.kind, finding.facts["fate"]) == ("compile-error", "foreign")


def test_an_llvm_does_not_differ_from_itself(both: DiagnosisContext):
    same = DiagnosisContext(baseline_prefixes=both.prefixes, prefixes=both.prefixes)
    (finding,) = findings(error(3, "no member named 'prune' in 'mlir::Tree'"), same)
    assert (finding.kind, "fate" in finding.facts) == ("api-removed", False)


def test_explain_asks_two_installs_and_two_commits(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    log = tmp_path / "build.log"
    log.write_text(HEAD + error(3, "no member named 'grow' in 'mlir::Tree'"), encoding="utf-8")
    old, new = install(tmp_path / "old", OLD), install(tmp_path / "new", NEW)
    repo = Repo(tmp_path / "clone")
    commits = [repo.commit({f"mlir/include/{name}": text for name, text in files.items()}) for files in (OLD, NEW)]
    for options in (
        ["--llvm", str(new), "--baseline-llvm", str(old)],
        ["--llvm-repository", str(tmp_path / "clone"), "--baseline", commits[0], "--candidate", commits[1]],
    ):
        assert main(["explain", "--json", *options, str(log)]) == 0
        (finding,) = json.loads(capsys.readouterr().out)["findings"]
        assert finding["facts"]["fate"] == "gone"


@pytest.mark.parametrize(("call", "fate"), [("widths(tree, a, b)", "moved"), ("widths(a, b)", "unchanged")])
def test_a_free_function_that_is_a_member_of_its_first_argument_now_is_moved(tmp_path: Path, call: str, fate: str):
    tree = {
        "mlir/Pear/Tree.h": "namespace mlir {\nclass Tree {\npublic:\n  int widths(int &a, Map<int, int> &b) const;\n};\n}\n"
    }
    context = DiagnosisContext(
        baseline_prefixes=(install(tmp_path / "old", {**OLD, **tree}),),
        prefixes=(install(tmp_path / "new", {**NEW, **tree}),),
    )
    (finding,) = findings(
        error(9, "use of undeclared identifier 'widths'") + f"    9 |   if (ok({call})) {{\n", context
    )
    assert finding.facts["fate"] == fate


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("use of undeclared identifier 'fall'", "header-not-included"),
        ("no member named 'fall' in namespace 'mlir'", "header-not-included"),
        ("use of undeclared identifier 'height'", "api-removed"),
        ("no member named 'fall' in 'mlir::Tree'", "api-removed"),
    ],
)
def test_with_the_candidate_alone_what_it_declares_outside_of_classes_is_not_gone(
    tmp_path: Path, message: str, kind: str
):
    (finding,) = findings(error(3, message), DiagnosisContext(prefixes=(install(tmp_path / "new", NEW),)))
    assert finding.kind == kind
    assert (finding.advice[0].startswith("Include mlir/Pear/Leaf.h")) is (kind == "header-not-included")


def test_a_member_is_looked_for_in_the_base_classes_and_in_no_other_project(tmp_path: Path):
    new = {
        "clang/Pear/Tree.h": "namespace clang {\nclass Plant {\npublic:\n  bool isRipeNow() const;\n};\nclass Tree : public Plant {};\n}\n",
        "mlir/Pear/Leaf.h": "namespace mlir {\nbool isRipe(int day);\n}\n",
    }
    (finding,) = findings(
        error(3, "no member named 'isRipe' in 'clang::Tree'"),
        DiagnosisContext(prefixes=(install(tmp_path / "new", new),)),
    )
    assert finding.advice[0].startswith(
        "In the candidate: clang::Plant::isRipeNow (clang/Pear/Tree.h:4), the nearest name"
    )


def test_what_llvms_history_knows_goes_before_a_name_that_is_only_near(tmp_path: Path):
    new = {"llvm/IR/Type.h": "namespace llvm {\nclass Type {\npublic:\n  static Type *getInt8Ty(int C);\n};\n}\n"}
    (finding,) = findings(
        error(3, "no member named 'getInt8PtrTy' in 'llvm::Type'"),
        DiagnosisContext(prefixes=(install(tmp_path / "new", new),)),
    )
    assert finding.advice[0] == "Gone by LLVM 19: getPtrTy, since pointers are opaque."


def test_a_command_of_cmakes_that_llvm_took_away_says_what_to_call(tmp_path: Path):
    log = 'CMake Error at lib/CMakeLists.txt:3 (add_llvm_loadable_module):\n  Unknown CMake command "add_llvm_loadable_module".\n\n'
    (finding,) = diagnose([log.encode()], context=DiagnosisContext(prefixes=(install(tmp_path, NEW),))).findings
    assert finding.advice[0].startswith("Gone by LLVM 14: add_llvm_library(NAME MODULE ...)")


def test_a_member_of_an_unrelated_class_takes_no_members_place(tmp_path: Path):
    new = {
        "clang/Pear/Tree.h": "namespace clang {\nclass Tree {\npublic:\n  int value_or(int other) const;\n};\n}\n",
        "llvm/Pear/Code.h": "namespace llvm {\nclass pear_code {\n  int value;\n};\nstruct Core {\n  int value() const;\n};\n}\n",
    }
    (finding,) = findings(
        error(3, "no member named 'value' in 'clang::Tree'; did you mean 'value_or'?"),
        DiagnosisContext(prefixes=(install(tmp_path / "new", new),)),
    )
    assert not any("Code.h" in advice for advice in finding.advice)
    assert "value_or" in " ".join(finding.advice)


def test_with_the_candidate_alone_another_member_of_the_same_family_is_no_nearest_name(tmp_path: Path):
    new = "namespace clang {\nclass Tree {\npublic:\n  Fruit getVectorType(Fruit, unsigned) const;\n};\n}\n"
    (finding,) = findings(
        error(3, "no member named 'getRecordType' in 'clang::Tree'; did you mean 'getVectorType'?"),
        DiagnosisContext(prefixes=(install(tmp_path, {"clang/Pear/Tree.h": new}),)),
    )
    assert not any("getVectorType" in advice for advice in finding.advice)


@pytest.mark.parametrize(
    ("name", "more", "kind"),
    [
        ("clang::Pear", {}, "header-not-included"),
        ("clang::Pear", {"llvm/Config/llvm-config.h": ""}, "api-removed"),
        ("clang::Tree", {"llvm/Config/llvm-config.h": ""}, "header-not-included"),
        ("own::Pear", {"llvm/Config/llvm-config.h": ""}, "header-not-included"),
    ],
)
def test_a_class_that_the_project_declares_and_no_header_of_an_install_defines_is_gone(
    tmp_path: Path, name: str, more: dict[str, str], kind: str
):
    new = install(tmp_path, {"clang/AST/Tree.h": "namespace clang { class Tree {}; }\n", **more})
    (finding,) = findings(error(3, f"member access into incomplete type '{name}'"), DiagnosisContext(prefixes=(new,)))
    assert finding.kind == kind


def bump(tmp_path: Path, before: str, after: str, header: str = "mlir/Pear/Tree.h") -> DiagnosisContext:
    old, new = (install(tmp_path / name, {header: text}) for name, text in (("old", before), ("new", after)))
    return DiagnosisContext(baseline_prefixes=(old,), prefixes=(new,))


def test_enumerators_of_an_enumeration_that_became_a_scoped_one_are_one_cause(tmp_path: Path):
    context = bump(
        tmp_path,
        "namespace mlir { enum Fruit { NoFruit, SweetFruit, SourFruit }; }\n",
        "namespace mlir { enum class Fruit { None, Sweet, Sour }; }\n",
    )
    log = "".join(error(at, f"'{name}' is not a member of 'mlir'") for at, name in ((3, "NoFruit"), (9, "SourFruit")))
    (finding,) = findings(log, context)
    assert (finding.facts["enumeration"], finding.sites) == ("mlir::Fruit", 2)
    assert "In the candidate: mlir::Fruit::Sour (mlir/Pear/Tree.h:1), for SourFruit" in finding.advice


def test_with_the_candidate_alone_the_enumerations_name_tells_whose_enumerators_they_were(tmp_path: Path):
    new = install(tmp_path, {"mlir/Pear/Tree.h": "namespace mlir { enum class Fruit { None, Sweet }; }\n"})
    log = "".join(error(at, f"'{name}' is not a member of 'mlir'") for at, name in ((3, "NoFruit"), (9, "SweetFruit")))
    (finding,) = findings(log, DiagnosisContext(prefixes=(new,)))
    assert finding.facts["enumeration"] == "mlir::Fruit"


@pytest.mark.parametrize(
    ("before", "after", "name", "advised"),
    [
        ("void startsWith();\n void starts_with();", "void starts_with();", "startsWith", "the same words"),
        (
            "int Size() { return 7 + count(); } int count();",
            "int getSize() { return 7 + count(); } int count();",
            "Size",
            "but for the name",
        ),
        (
            '[[deprecated("Use ripe instead")]] bool isRipe(); bool ripe();',
            "bool ripe();",
            "isRipe",
            "LLVM's own words",
        ),
        (
            "int age() { return getYears().count(); } Years getYears();",
            "Years getYears();",
            "age",
            "did nothing but ask",
        ),
        (
            "int getFruit(int tree, int days = 3);",
            "int getOrGrowFruit(int theTree, int theDays = 4);\n int getSeed();",
            "getFruit",
            "but for the name",
        ),
    ],
)
def test_what_the_headers_themselves_show_of_a_gone_member_is_its_successor(
    tmp_path: Path, before: str, after: str, name: str, advised: str
):
    context = bump(
        tmp_path, *(f"namespace mlir {{\nclass Tree {{\npublic:\n {text}\n}};\n}}\n" for text in (before, after))
    )
    (finding,) = findings(error(3, f"no member named '{name}' in 'mlir::Tree'"), context)
    assert advised in finding.advice[0]


def test_a_longer_name_that_says_something_else_is_not_advised(tmp_path: Path):
    text = "namespace mlir {{\nclass Tree {{\npublic:\n{0} bool compare_loosely(int a);\n}};\n}}\n"
    context = bump(
        tmp_path, text.format(" bool equals(int a);\n"), text.format(" bool equals_loosely(int a, int b);\n")
    )
    (finding,) = findings(error(3, "no member named 'equals' in 'mlir::Tree'"), context)
    assert not any("loosely" in step for step in finding.advice)


def test_of_a_class_that_is_made_otherwise_now_the_constructor_is_shown(tmp_path: Path):
    text = "namespace mlir {{\nclass Tree {{\npublic:\n  Tree(const Tree &) = delete;\n  explicit Tree({0});\n}};\n}}\n"
    context = bump(tmp_path, text.format("int age"), text.format("int age, int height"))
    note = "/l/Tree.h:4:3: note: candidate constructor not viable: no known conversion from 'int' to 'const Tree' for 1st argument\n"
    (finding,) = findings(error(3, "no matching constructor for initialization of 'Tree'") + note, context)
    now = "its signature now: explicit Tree(int age, int height)"
    assert finding.advice[0].endswith(f"which was 'explicit Tree(int age)', {now}")
    assert not any("nearest overload" in step for step in finding.advice)


def test_that_a_class_is_copied_from_its_own_is_no_conversion_of_what_its_constructor_took(tmp_path: Path):
    text = "namespace mlir {{\nclass Tree {{\npublic:\n  explicit Tree({0});\n}};\n}}\n"
    context = bump(tmp_path, text.format("const Age &a"), text.format("const Age &a, int height"))
    place, from_to = "/l/Tree.h:4:12: note:  ", "no known conversion for argument 1 from 'const mlir::Age' to"
    copies = f"{place} candidate: 'mlir::Tree::Tree(const mlir::Tree&)'\n{place}   {from_to} 'const mlir::Tree&'\n"
    said = "no matching function for call to 'mlir::Tree::Tree(const mlir::Age&)'"
    wants_two = f"{place} candidate: 'mlir::Tree::Tree(const mlir::Age&, int)'\n{place}   candidate expects 2 arguments, 1 provided\n"
    (finding,) = findings(error(3, said) + wants_two + copies, context)
    assert finding.identifier == "mlir::Tree::Tree"
    assert (finding.facts["before"][:24], finding.facts["after"][:36]) == (
        "explicit Tree(const Age ",
        "explicit Tree(const Age &a, int heig",
    )
    takes_leaf = f"{place} candidate: 'mlir::Tree::Tree(mlir::Leaf)'\n{place}   {from_to} 'mlir::Leaf'\n"
    (finding,) = findings(error(3, said) + wants_two + takes_leaf + copies, context)
    assert finding.identifier == "mlir::Age -> mlir::Tree"


def test_a_header_that_is_only_called_alike_is_no_successor(tmp_path: Path):
    old = install(tmp_path / "old", {"llvm/ADT/Ripeness.h": "struct Ripeness {};\n"})
    new = install(tmp_path / "new", {"llvm/Support/RipenessCmp.h": "int compare();\n"})
    context = DiagnosisContext(baseline_prefixes=(old,), prefixes=(new,))
    (finding,) = findings("/src/p/lib/a.cpp:1:10: fatal error: 'llvm/ADT/Ripeness.h' file not found\n", context)
    assert not any("RipenessCmp" in step for step in finding.advice)


def test_what_is_said_of_the_name_that_the_compiler_proposed_is_no_cause(both: DiagnosisContext):
    log = error(3, "no type named 'Twig' in namespace 'mlir'; did you mean 'Leaf'?")
    (finding,) = findings(log + error(4, "member access into incomplete type 'mlir::Leaf'"), both)
    assert finding.identifier == "mlir::Twig"


def test_the_initializer_names_the_base_class_that_is_no_class(both: DiagnosisContext):
    log = error(3, "expected class name") + error(5, "only virtual member functions can be marked 'override'")
    said = "member initializer 'PearPass' does not name a non-static data member or base class"
    (finding,) = findings(log + error(9, said), both)
    assert (finding.identifier, finding.facts["probably-follow"]) == ("PearPass", "1")


def test_a_value_for_a_pointer_is_told_as_one_cause(both: DiagnosisContext):
    log = error(3, "no viable conversion from 'Leaf' to 'Leaf *'")
    (finding,) = findings(
        log + error(8, "member reference type 'Leaf' is not a pointer; did you mean to use '.'?"), both
    )
    assert finding.headline.startswith("'Leaf' is a value where it was a pointer")


def test_standard_names_that_a_file_misses_are_one_cause(both: DiagnosisContext):
    log = error(3, "use of undeclared identifier 'fmod'") + error(9, "no member named 'isnan' in namespace 'std'")
    (finding,) = findings(log, both)
    assert (finding.kind, finding.facts["names"]) == ("header-not-included", "fmod, std::isnan")


def test_what_is_private_now_is_not_advised(tmp_path: Path):
    text = "namespace mlir {{\nclass Tree {{\n{0}:\n  int bark();\n}};\n}}\n"
    context = bump(tmp_path, text.format("public"), text.format("private"))
    (finding,) = findings(error(3, "'bark' is a private member of 'mlir::Tree'"), context)
    assert not any("In the candidate" in step for step in finding.advice)


def test_a_stream_that_takes_no_class_of_llvms_is_no_use_of_its_lost_members(both: DiagnosisContext):
    log = error(3, "no member named 'grow' in 'mlir::Tree'")
    log += error(9, "invalid operands to binary expression ('basic_ostream<char>' and 'Tree')")
    assert [len(one.locations) for one in findings(log, both)] == [1, 1]


CALL = "namespace mlir {{\nclass Tree {{\npublic:\n  {0};\n}};\n}}\n"


@pytest.mark.parametrize("at", [5, 6])
def test_arguments_that_one_function_takes_no_more_are_one_cause_which_is_that_function(tmp_path: Path, at: int):
    context = bump(
        tmp_path,
        CALL.format("int\n  water(Leaf *leaf,\n   int days)"),
        CALL.format("int\n  water(Root *root,\n   int days)"),
    )
    note = f"/usr/lib/llvm-22/include/mlir/Pear/Tree.h:{at}:9: note: passing argument to parameter 'root' here\n"
    log = error(3, "cannot initialize a parameter of type 'Root *' with an lvalue of type 'Leaf *'") + note
    log += error(9, "cannot initialize a parameter of type 'Root *' with an lvalue of type 'Bud *'") + note
    (finding,) = findings(log, context)
    assert (finding.identifier, finding.sites) == ("mlir::Tree::water", 2)


def test_a_conversion_that_an_unchanged_function_asks_for_stays_one(tmp_path: Path):
    context = bump(tmp_path, CALL.format("int water(Root *root)"), CALL.format("int water(Root *root); void dig()"))
    note = "/usr/lib/llvm-22/include/mlir/Pear/Tree.h:4:9: note: passing argument to parameter 'root' here\n"
    (finding,) = findings(
        error(3, "cannot initialize a parameter of type 'Root *' with an lvalue of type 'Leaf *'") + note, context
    )
    assert finding.identifier == "Leaf -> Root"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no viable conversion from 'List::iterator' (aka 'It<int, x>') to 'Bud *'", "Bud *bud = tree->first();"),
        ("assigning to 'Bud *' from incompatible type 'List::iterator' (aka 'It<int>')", "bud = a.first();"),
        ("indirection requires pointer operand ('iterator' (aka 'long') invalid)", "add(*tree->first());"),
        (
            "variable 'x' with type 'auto *' has incompatible initializer of type 'List::iterator'",
            "auto *x = tree->first();",
        ),
    ],
)
def test_what_the_call_in_the_line_returns_now_is_the_cause(tmp_path: Path, message: str, code: str):
    context = bump(
        tmp_path,
        CALL.format("Bud *first()"),
        CALL.format("List::iterator first()" if "::" in message else "iterator first()"),
    )
    (finding,) = findings(error(3, message) + f"    3 |   {code}\n      |   ^\n", context)
    assert finding.headline.startswith("'mlir::Tree::first' returns another type now")
    assert finding.facts["before"] == "Bud *first() (mlir/Pear/Tree.h:4)"


def test_a_call_is_of_the_owner_at_whose_declaration_the_compiler_points(tmp_path: Path):
    more = "namespace mlir::pear {\nint water(int days);\n}\n"
    context = bump(
        tmp_path, CALL.format("int water()") + more, CALL.format("int water()") + more.replace("days", "days, int jugs")
    )
    log = error(3, "too few arguments to function call, expected 2, have 1")
    log += "/usr/include/mlir/Pear/Tree.h:8:5: note: 'water' declared here\n"
    (finding,) = findings(log, context)
    assert (finding.identifier, finding.facts["after"]) == (
        "mlir::pear::water",
        "int water(int days, int jugs) (mlir/Pear/Tree.h:8)",
    )


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("conflicting types for 'LLVMWaterPear'", "LLVMBool LLVMWaterPear(int days);"),
        ("typedef redefinition with different types ('enum LLVMWaterPear' vs 'unsigned int')", "} LLVMWaterPear;"),
        ("redefinition of 'LLVMWaterPear'", "struct LLVMWaterPear {"),
    ],
)
def test_what_llvm_declares_itself_now_is_neither_gone_nor_looked_for(message: str, code: str):
    log = error(3, message) + f"    3 | {code}\n      | ^\n"
    note = "/usr/lib/llvm-22/include/llvm-c/Core.h:512:9: note: previous declaration is here\n"
    (finding,) = diagnose([(HEAD + log + note).encode()], context=DiagnosisContext()).findings
    assert finding.headline.startswith("LLVM declares 'LLVMWaterPear' itself now")
    assert finding.advice == (
        "LLVM's is in llvm-c/Core.h:512: use it in place of the project's own, or give that another name.",
    )


def test_a_macro_that_is_gone_says_what_it_stood_for(tmp_path: Path):
    context = bump(
        tmp_path,
        "#define LLVM_ATTRIBUTE_PEAR __attribute__((pear))\n",
        "#define LLVM_PLUM 1\n",
        "llvm/Support/Compiler.h",
    )
    (finding,) = findings(error(3, "unknown type name 'LLVM_ATTRIBUTE_PEAR'"), context)
    assert finding.kind == "api-removed"
    assert finding.advice[0] == "In the candidate: __attribute__((pear)), what LLVM_ATTRIBUTE_PEAR stood for"


def test_a_class_whose_constructor_is_not_for_everyone_is_made_by_a_static_member(tmp_path: Path):
    made = "namespace mlir {\nclass Tree {\npublic:\n  static Expected<Tree> create(int age);\n  static int count();\nprotected:\n  Tree(int age);\n};\n}\n"
    context = bump(tmp_path, made.replace("protected:", ""), made)
    (finding,) = findings(error(3, "calling a protected constructor of class 'mlir::Tree'"), context)
    assert finding.advice[0].startswith("In the candidate: mlir::Tree::create (mlir/Pear/Tree.h:4), which makes one")


@pytest.mark.parametrize(
    ("message", "advised"),
    [
        ("no template named 'make_pear' in namespace 'mlir'; did you mean 'std::make_pear'?", "std::make_pear"),
        ("use of undeclared identifier 'findPearUses'; did you mean 'findPEARs'?", "findPEARs"),
        ("no member named 'getRipe' in namespace 'mlir'; did you mean 'getWipe'?", ""),
        ("no type named 'findPEARs' in namespace 'clang'; did you mean 'mlir::findPEARs'?", ""),
    ],
)
def test_the_compilers_proposal_is_followed_where_it_is_no_chance(tmp_path: Path, message: str, advised: str):
    old = "namespace mlir {\nint getRipe();\nint findPearUses();\nint make_pear();\nint getWipe();\n}\n"
    context = bump(tmp_path, old, "namespace mlir {\nint getWipe();\n\nvoid *findPEARs(int a, int b);\n}\n")
    (finding,) = findings(error(3, message), context)
    assert [one for one in finding.advice if "In the candidate" in one][:1] == (
        [f"In the candidate: {advised}, as the compiler proposes"] if advised else []
    )


def test_two_members_that_are_gone_from_one_class_are_told_though_one_line_asks_for_both(both: DiagnosisContext):
    log = error(3, "no member named 'grow' in 'mlir::Tree'") + error(3, "no member named 'shrink' in 'mlir::Tree'")
    (finding,) = findings(log, both)
    assert finding.facts["names"] == "grow, shrink"


def test_each_of_several_members_that_are_gone_from_one_class_is_told_what_took_its_place(tmp_path: Path):
    before = "void addWater(int days); void pruneAll();"
    context = bump(
        tmp_path,
        f"namespace mlir {{\nclass Tree {{\npublic:\n  {before}\n}};\n}}\n",
        "namespace mlir {\nclass Tree {\npublic:\n  void add_water(int days); void prune_all();\n};\n}\n",
    )
    log = "".join(
        error(at, f"no member named '{name}' in 'mlir::Tree'") for at, name in ((3, "addWater"), (9, "pruneAll"))
    )
    (finding,) = findings(log, context)
    assert ["for addWater" in finding.advice[0], "prune_all" in finding.advice[1]] == [True, True]


@pytest.mark.parametrize("scope", ["namespace 'mlir'", "'mlir::Tree'"])
def test_what_neither_llvm_has_is_gone_from_nowhere(tmp_path: Path, scope: str):
    text = "namespace mlir { class Tree { public: void water(); }; }\n"
    (finding,) = findings(error(3, f"no member named 'ripen' in {scope}"), bump(tmp_path, text, text + "\n"))
    assert "is not in" in finding.headline


def test_that_a_name_is_gone_from_a_namespace_is_said_where_both_llvms_show_it(tmp_path: Path):
    log = error(3, "no type named 'Pear' in namespace 'mlir'")
    (shown,) = findings(
        log, bump(tmp_path, "namespace mlir { class Pear {}; }\n", "namespace mlir { class Fig {}; }\n")
    )
    (missed,) = findings(log, DiagnosisContext())
    assert (shown.headline[:26], missed.headline[:23]) == ("'Pear' is gone from 'mlir'", "'Pear' is not in 'mlir'")


@pytest.mark.parametrize(
    ("gone", "new", "suggested", "is_advised"),
    [
        ("growElmTreePass", "growOakTreePass", "", False),
        ("growElmTreePass", "growOakTreePass", "; did you mean 'growOakTreePass'?", False),
        ("growElmTreePass", "growElmTreeLegacyPass", "; did you mean 'growElmTreeLegacyPass'?", True),
    ],
)
def test_another_function_of_the_same_family_takes_no_place(
    tmp_path: Path, gone: str, new: str, suggested: str, *, is_advised: bool
):
    context = bump(
        tmp_path,
        f"namespace mlir {{ void {gone}(int days); void water(); }}\n",
        f"namespace mlir {{ void {new}(int days); void water(); }}\n",
    )
    (finding,) = findings(error(3, f"no member named '{gone}' in namespace 'mlir'{suggested}"), context)
    assert any(new in step for step in finding.advice) == is_advised


@pytest.mark.parametrize(
    ("message", "advised"),
    [
        (
            "no template named 'Perhaps' in namespace 'mlir'; did you mean 'std::perhaps'?",
            "std::perhaps, as the compiler",
        ),
        ("no template named 'Perhaps' in namespace 'mlir'", ""),
        ("unknown type name 'Perhaps'", ""),
    ],
)
def test_a_class_that_is_gone_is_no_enumerator_or_inner_type_of_that_name(tmp_path: Path, message: str, advised: str):
    old = "namespace mlir {\ntemplate <class T>\nclass Perhaps {\n};\nnamespace cl {\nenum {\n  Perhaps,\n};\n}\n}\n"
    new = "namespace mlir {\nnamespace cl {\nenum {\n  Perhaps,\n};\n}\nclass Pear {\npublic:\n  using Perhaps = int;\n};\n}\n"
    (finding,) = findings(error(3, message), bump(tmp_path, old, new))
    assert finding.facts["fate"] == "gone"
    assert [one for one in finding.advice if "In the candidate" in one] == (
        [f"In the candidate: {advised} proposes"] if advised else []
    )


def test_a_name_that_is_gone_is_one_cause_with_and_without_its_namespace(tmp_path: Path):
    context = bump(tmp_path, "namespace mlir {\nclass Twig {\n};\n}\n", "namespace mlir {\nclass Bush {\n};\n}\n")
    log = error(3, "no template named 'Twig' in namespace 'mlir'") + error(9, "no template named 'Twig'")
    (finding,) = findings(log, context)
    assert (finding.identifier, finding.sites) == ("mlir::Twig", 2)


@pytest.mark.parametrize(
    ("before", "after", "message", "advised"),
    [
        ("void setBranch(int a)", "int getBranch()", "no member named 'setBranch' in 'mlir::Tree'", ""),
        ("int Rings", "int getRings(); protected: int Rings", "'Rings' is a protected member of 'mlir::Tree'", "getRings"),
        ("int getRings()", "protected: int Rings; int getRings()", "'getRings' is a protected member of 'mlir::Tree'", ""),
        ("int growFruits(int a)", "int bark(); }; class Bush { int growFruits(int a)", "no member named 'growFruits' in 'mlir::Tree'", "growFruits"),
        ("int grow(int a)", "int bark(); }; class Bush { int grow(int a)", "no member named 'grow' in 'mlir::Tree'", ""),
    ],
)  # fmt: skip
def test_a_member_becomes_none_that_does_something_else(
    tmp_path: Path, before: str, after: str, message: str, advised: str
):
    text = "namespace mlir {{\nclass Tree {{\npublic:\n  {0};\n}};\n}}\n"
    both = (text.format(one.replace("; ", ";\n")).replace("{ int", "{\nint") for one in (before, after))
    (finding,) = findings(error(3, message), bump(tmp_path, *both))
    assert advised in finding.advice[0] if advised else not any("In the candidate" in one for one in finding.advice)


def test_a_class_is_called_as_the_alias_says_that_stands_for_its_heir(tmp_path: Path):
    members = "public:\n  void water(int days);\n  void prune(int height);\n  int countFruits();\n};\n"
    new = f"namespace mlir {{\nclass StdTree {{\n{members}using DefaultTree = StdTree;\n}}\n"
    context = bump(tmp_path, f"namespace mlir {{\nclass Tree {{\n{members}}}\n", new)
    (finding,) = findings(error(3, "unknown type name 'Tree'"), context)
    assert finding.advice[0].startswith("In the candidate: DefaultTree ")


@pytest.mark.parametrize(
    ("first", "second", "identifier"),
    [
        ('#error "Macro PEAR_DIR must be defined."', '#error "Macro PLUM_DIR must be defined."', '#error "Macro PEAR_DIR must be defined."'),
        ("no member named 'getValue' in 'std::optional<int>'", "no member named 'hasValue' in 'std::optional<Pear>'", "std::optional::getValue"),
        ("no member named 'grow' in 'mlir::Tree'", "could not convert '{<expression error>}' from '<brace-enclosed initializer list>' to 'Pear'", "mlir::Tree::grow"),
    ],
)  # fmt: skip
def test_one_cause_in_two_sentences(both: DiagnosisContext, first: str, second: str, identifier: str):
    (finding,) = findings(error(3, first) + error(9, second), both)
    assert finding.identifier == identifier


def test_a_member_that_is_deleted_in_llvms_header_follows_from_no_lost_type(tmp_path: Path):
    text = "namespace mlir {{\nclass Tree {{\npublic:\n  int age(){0};\n}};\n}}\n"
    context = bump(tmp_path, text.format(""), text.format(" = delete"))
    log = error(3, "no template named 'Twig' in namespace 'mlir'") + error(5, "attempt to use a deleted function")
    log += "/usr/include/mlir/Pear/Tree.h:4:7: note: 'age' has been explicitly marked deleted here\n"
    second = log.replace("a.o", "b.o").replace("a.cpp", "b.cpp").replace("[1/9]", "[2/9]")
    found = findings(log + HEAD.replace("a.", "b.") + second, context)
    assert {one.identifier for one in found} == {"mlir::Twig", "mlir::Tree::age"}


def test_members_of_what_the_compiler_proposed_are_missed_in_other_files_of_the_unit_too(both: DiagnosisContext):
    log = error(3, "no type named 'OldTree' in namespace 'mlir'; did you mean 'Tree'?")
    log += error(9, "no member named 'fell' in 'mlir::Tree'").replace("a.cpp", "a.h")
    (finding,) = findings(log, both)
    assert finding.identifier == "mlir::OldTree"


def test_a_pointer_that_is_a_value_now_is_told_however_it_is_said(both: DiagnosisContext):
    log = error(3, "member reference type 'Leaf' is not a pointer; did you mean to use '.'?")
    (finding,) = findings(log + error(8, "indirection requires pointer operand ('Leaf' invalid)"), both)
    assert finding.headline.startswith("'Leaf' is a value where it was a pointer")


def test_an_enumerator_of_a_scoped_enumeration_is_advised_with_its_name(tmp_path: Path):
    context = bump(
        tmp_path,
        "namespace mlir {\nclass Tree {\npublic:\n  enum Ripeness {\n    Green,\n    Ripe,\n  };\n};\n}\n",
        "namespace mlir {\nenum class Ripeness {\n  Green,\n  Ripe,\n};\nclass Tree {\n};\n}\n",
    )
    (finding,) = findings(error(3, "no member named 'Green' in 'mlir::Tree'"), context)
    assert finding.advice[0].startswith("In the candidate: mlir::Ripeness::Green (")


def test_of_two_classes_whose_function_returns_another_type_now_none_is_accused(tmp_path: Path):
    text = "namespace mlir {{\nclass Tree {{\npublic:\n  {0} *name();\n}};\nclass Bush {{\npublic:\n  {0} *name();\n}};\n}}\n"
    context = bump(tmp_path, text.format("Bud"), text.format("Leaf"))
    log = error(3, "no viable conversion from 'Leaf *' to 'Bud *'") + "    3 |   take(one->name());\n      |   ^\n"
    (finding,) = findings(log, context)
    assert finding.identifier == "Leaf -> Bud"


def test_a_member_of_another_project_of_that_name_is_no_successor(tmp_path: Path):
    text = "namespace {0} {{\nclass {1} {{\npublic:\n  int getFruitType();\n}};\n}}\n"
    context = bump(tmp_path, text.format("clang", "Tree"), text.format("llvm", "Bush"))
    (finding,) = findings(error(3, "no member named 'getFruitType' in 'clang::Tree'"), context)
    assert not any("In the candidate" in one for one in finding.advice)


def test_a_copying_constructor_takes_no_other_one_s_place(tmp_path: Path):
    text = "namespace llvm {{\nclass Tree {{\npublic:\n{}}};\n}}\n"
    context = bump(
        tmp_path, text.format("  Tree() = default;\n"), text.format("  Tree(Tree &&) = default;\n  Tree(Seed &S);\n")
    )
    (finding,) = findings(error(3, "no matching constructor for initialization of 'llvm::Tree'"), context)
    assert finding.facts["after"].startswith("Tree(Seed &S)")


def test_one_of_the_overloads_that_each_header_has_of_its_own_is_no_change(tmp_path: Path):
    old = {f"llvm/IR/H{n}.h": f"namespace llvm {{\nint wrap(Pear{n} *P);\n}}\n" for n in range(5)}
    new = {name: text for name, text in old.items() if "H0" not in name}
    context = DiagnosisContext(
        baseline_prefixes=(install(tmp_path / "old", old),), prefixes=(install(tmp_path / "new", new),)
    )
    (finding,) = findings(error(3, "no matching function for call to 'llvm::wrap'"), context)
    assert finding.facts["fate"] == "unchanged"
    assert not any("In the candidate" in step for step in finding.advice)


DEF = {
    "llvm/Skin/Skin.h": '#define LLVM_SKIN\nnamespace llvm { namespace skin {\nenum Tag {\n#define HANDLE(NAME) SK_TAG_##NAME,\n#include "llvm/Skin/Skin.def"\n};\n} }\n',
    "llvm/Skin/Skin.def": "HANDLE(hairy_one)\nHANDLE(smooth)\n",
}


@pytest.mark.parametrize("has_baseline", [False, True])
def test_enumerators_that_a_macro_makes_of_a_def_file_are_there_and_one_cause(tmp_path: Path, has_baseline: bool):
    prefixes = (install(tmp_path / "new", DEF),)
    baseline = (install(tmp_path / "old", DEF),) if has_baseline else ()
    context = DiagnosisContext(prefixes=prefixes, baseline_prefixes=baseline)
    log = "".join(
        error(at, f"no member named 'SK_TAG_{name}' in namespace 'llvm::skin'")
        for at, name in ((3, "hairy_one"), (9, "smooth"))
    )
    (finding,) = findings(log, context)
    assert (finding.kind, finding.facts["header"]) == ("header-not-included", "llvm/Skin/Skin.h")
    (finding,) = findings(error(3, "no member named 'SK_TAG_bald' in namespace 'llvm::skin'"), context)
    assert finding.kind == "api-removed"


def test_a_member_that_std_optional_lacks_is_not_looked_for_in_llvm(tmp_path: Path):
    prefix = install(tmp_path, {"llvm/Skin/Skin.h": "namespace llvm { class opt { public: int getValue(); }; }\n"})
    (finding,) = findings(
        error(3, "no member named 'getValue' in 'std::optional<int>'"), DiagnosisContext(prefixes=(prefix,))
    )
    assert "llvm::Optional's name for value" in finding.advice[0]


def test_of_a_common_name_whose_class_nobody_tells_no_class_s_function_is_proposed(tmp_path: Path):
    text = "namespace llvm {\nclass A { public: int get(); };\nclass B { public: int get(); };\n}\n"
    context = DiagnosisContext(prefixes=(install(tmp_path, {"llvm/Skin/Skin.h": text}),))
    (finding,) = findings(error(3, "no matching function for call to 'get'"), context)
    assert not any("In the candidate" in step for step in finding.advice)


def successor(log: str, context: DiagnosisContext) -> str:
    (finding,) = findings(log, context)
    return finding.facts.get("successor", "")


def test_what_only_the_class_itself_may_use_is_no_nearest_name(tmp_path: Path):
    text = "namespace mlir {{\nclass Tree {{\n public:\n  int size();\n {0}:\n  int {1};\n}};\n}}\n"
    log = error(3, "no member named 'addSmallBranches' in 'mlir::Tree'")
    near = [
        successor(log, bump(tmp_path / access, text.format(access, "addSmallBranches()"), text.format(access, now)))
        for access, now in (("public", "addSmallBranch(int x)"), ("private", "addSmallBranch(int x)"))
    ]
    assert near == ["addSmallBranch", ""]


def test_a_base_class_that_does_the_same_takes_over(tmp_path: Path):
    base = "namespace mlir {{\nclass Plant {{\npublic:\n  {0}\n}};\nclass Tree : public Plant {{\npublic:\n  {1}\n}};\n}}\n"
    body = "{ return leaf()->stem(); }"
    context = bump(
        tmp_path,
        base.format("int size();", f"Stem *leafStem() {body}"),
        base.format("auto *stem() { return this->leaf()->stem(); }", "int size();"),
    )
    assert successor(error(3, "no member named 'leafStem' in 'mlir::Tree'"), context) == "stem"


def test_the_function_that_makes_an_object_stands_for_its_protected_constructor(tmp_path: Path):
    text = "namespace mlir {\nclass Tree {\npublic:\n  static Expected<Tree> create(int days);\nprotected:\n  Tree(int days);\n};\n}\n"
    context = DiagnosisContext(prefixes=(install(tmp_path, {"mlir/Pear/Tree.h": text}),))
    log = error(3, "\u2018mlir::Tree::Tree(int)\u2019 is protected within this context")
    assert successor(log, context) == "mlir::Tree::create"


@pytest.mark.parametrize("near", ["addFnLeaf", "addLeaf"])
def test_a_name_that_stood_beside_the_old_one_is_not_told_as_near(tmp_path: Path, near: str):
    gone = {"addFnLeaf": "addLeaf", "addLeaf": "addOldLeaf"}[near]
    text = f"namespace mlir {{\nclass Tree {{\npublic:\n  int {near}();\n  int cutFnBranch();\n}};\n}}\n"
    context = DiagnosisContext(prefixes=(install(tmp_path, {"mlir/Pear/Tree.h": text}),))
    assert successor(error(3, f"no member named '{gone}' in 'mlir::Tree'"), context) == ""


def test_what_is_known_of_members_goes_before_names_that_are_only_near(tmp_path: Path):
    text = "namespace llvm {\nclass AttributeList {\npublic:\n  int getFnAttribution();\n  int getRetAttribution();\n};\n}\n"
    context = DiagnosisContext(prefixes=(install(tmp_path, {"llvm/IR/Attributes.h": text}),))
    log = "".join(
        error(line, f"no member named '{name}' in 'llvm::AttributeList'")
        for line, name in ((3, "getFnAttributes"), (4, "getRetAttributes"))
    )
    (finding,) = findings(log, context)
    assert finding.advice[0] == "getFnAttributes: Gone by LLVM 14: getFnAttrs."


def test_a_type_is_not_near_to_a_function_and_a_word_that_is_new_tells_nothing_apart(tmp_path: Path):
    text = "namespace mlir {{\nclass Tree {{\npublic:\n  {0}\n}};\n}}\n"
    now = "class OldOrYoungTreeInfo {}; void setOldOrYoungTreeInfo();"
    context = bump(tmp_path, text.format("struct OldTreeInfo {}; void setOldTreeInfo();"), text.format(now))
    log = "".join(
        error(line, f"no member named '{name}' in 'mlir::Tree'")
        for line, name in ((3, "OldTreeInfo"), (4, "setOldTreeInfo"))
    )
    (finding,) = findings(log, context)
    told = [step.partition(" (")[0].removeprefix("In the candidate: ") for step in finding.advice]
    assert told == ["setOldOrYoungTreeInfo", "mlir::Tree::OldOrYoungTreeInfo"]


def test_a_member_that_llvms_headers_do_not_tell_is_told_by_its_history(tmp_path: Path):
    text = "namespace llvm {{\nclass Function {{\npublic:\n  {0}\n}};\n}}\n"
    context = bump(
        tmp_path,
        text.format("bool isPure() const { return pure + 1; } void setPure(bool);"),
        text.format("bool isPureNow() const { return pure + 1; }"),
        header="llvm/IR/Function.h",
    )
    log = "".join(
        error(line, f"no member named '{name}' in 'llvm::Function'") for line, name in ((3, "isPure"), (4, "setPure"))
    )
    (finding,) = findings(log, context)
    assert finding.advice[0].startswith("In the candidate: isPureNow (llvm/IR/Function.h:4), for isPure: ")
    assert finding.advice[1] == "setPure: Gone by clang 19: setIsPureVirtual."


def test_an_explicit_constructor_is_to_be_written_down(tmp_path: Path):
    text = "namespace mlir {\nclass TreeID {\npublic:\n  explicit TreeID(unsigned raw);\n};\n}\n"
    context = DiagnosisContext(prefixes=(install(tmp_path, {"mlir/Pear/Tree.h": text}),))
    (finding,) = findings(error(3, "cannot convert 'unsigned int' to 'mlir::TreeID'"), context)
    assert finding.advice[0].startswith("In the candidate: mlir::TreeID (mlir/Pear/Tree.h:4), which has to be written")


DIALECTS = {f"mlir/{name}/{name}.h": f'#include "mlir/{name}/Made.h.inc"\n' for name in ("Plum", "Fig")} | {
    f"mlir/{name}/Made.h.inc": f"namespace mlir {{\nnamespace {name.lower()} {{\nclass {name}Dialect {{\npublic:\n  int {name.lower()}();\n}};\n}}\n}}\n"
    for name in ("Plum", "Fig")
}
ALL = '#include "mlir/Plum/Plum.h"\n#include "mlir/Fig/Fig.h"\n'
LOST_NAMESPACES = "".join(
    error(line, f"use of undeclared identifier '{name}'") + f"  {line} |   insert<{name}::{name.capitalize()}Dialect>();\n      |          ^\n"
    for line, name in ((3, "plum"), (4, "fig"))
)  # fmt: skip


@pytest.mark.parametrize("is_whole", [True, False])
def test_namespaces_that_are_not_declared_are_one_cause_with_the_headers_that_declare_what_is_used_of_them(
    tmp_path: Path, is_whole: bool
):
    old = install(tmp_path / "old", {**DIALECTS, "mlir/All.h": ALL})
    new = install(
        tmp_path / "new",
        {**DIALECTS, "mlir/All.h": "// nothing\n", "llvm/Pool.h": "struct Pool { void fig(int x); };\n"},
    )
    context = DiagnosisContext(baseline_prefixes=(old,) if is_whole else (), prefixes=(new,))
    (finding,) = findings(LOST_NAMESPACES, context)
    assert finding.kind == "header-not-included"
    assert finding.facts["header"] == "mlir/Plum/Plum.h, mlir/Fig/Fig.h"
    assert not any("Pool" in step for step in finding.advice)
    assert finding.facts.get("no-longer-included-by", "") == ("mlir/All.h" if is_whole else "")


def test_of_what_stopped_to_include_the_one_that_brought_most_is_named(tmp_path: Path):
    figs = {"mlir/Fig/Figs.h": '#include "mlir/Fig/Fig.h"\nnamespace mlir {\nvoid figs(int x);\n}\n'}
    nuts = {"mlir/Nut/Nut.h": "namespace mlir {\nnamespace nut {\nclass NutDialect {};\n}\n}\n"}
    some = '#include "mlir/Plum/Plum.h"\n#include "mlir/Fig/Figs.h"\n'
    alike = {**DIALECTS, **figs, **nuts}
    all_of_them = f'#include "mlir/Nut/Nut.h"\n{ALL}'
    old = install(
        tmp_path / "old",
        {**alike, "mlir/A.h": '#include "mlir/Trees.h"\n', "mlir/Trees.h": some, "mlir/All.h": all_of_them},
    )
    new = install(
        tmp_path / "new", {**alike, "mlir/A.h": "// nothing\n", "mlir/Trees.h": some, "mlir/All.h": "// nothing\n"}
    )
    log = (
        LOST_NAMESPACES
        + error(5, "use of undeclared identifier 'nut'")
        + "  5 |   insert<nut::NutDialect>();\n      |          ^\n"
    )
    (finding,) = findings(log, DiagnosisContext(baseline_prefixes=(old,), prefixes=(new,)))
    assert finding.facts["no-longer-included-by"] == "mlir/All.h"


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(
    ("header", "other"),
    [(f"llvm-c/Transforms/{name}.h", "llvm-c/Transforms/PassBuilder.h") for name in ("PassManagerBuilder", "IPO", "Scalar", "Utils")]
    + [("llvm/IR/CallSite.h", "llvm/IR/AbstractCallSite.h")],
)  # fmt: skip
def test_a_header_that_is_gone_with_its_content_did_not_move_to_one_that_declares_none_of_it(
    tmp_path: Path, header: str, other: str, is_known: bool
):
    there = (install(tmp_path / "new", {other: "int others(int x);\n"}),) if is_known else ()
    (finding,) = findings(
        f"/src/p/lib/a.c:3:10: fatal error: '{header}' file not found\n", DiagnosisContext(prefixes=there)
    )
    said = " ".join(finding.advice)
    assert "It is gone from LLVM" in said
    assert not any(words in said for words in ("moved", "renamed", "new place", f"In the candidate: {other}"))


@pytest.mark.parametrize(
    ("asked", "found", "to_ask"),
    [
        ("19", "19.1.7", "19.1"), ("20", "21.1.2, 20.1.8", "20.1"), ("22.0", "22.1.8", "22.1"),
        ("17", "19.1.7, 16.0.6", ""), ("21", "19.1.7", ""), ("18.1", "18.1.8 (32bit)", ""),
    ],
)  # fmt: skip
def test_a_version_whose_major_is_there_is_to_be_asked_for_with_its_minor(asked: str, found: str, to_ask: str):
    log = (
        'CMake Error at CMakeLists.txt:13 (find_package):\n  Could not find a configuration file for package "LLVM" that is compatible\n'
        f'  with requested version "{asked}".\n\n  The following configuration files were considered but not accepted:\n\n'
        + "".join(f"    /opt/{one}/lib/cmake/llvm/LLVMConfig.cmake, version: {one}\n" for one in found.split(", "))
        + "\n\n\n-- Configuring incomplete, errors occurred!\n"
    )  # fmt: skip
    (finding,) = diagnose([log.encode()], context=DiagnosisContext()).findings
    said = " ".join(finding.advice)
    assert (f"ask for {to_ask}:" in said) if to_ask else ("Change the version that the project asks for" in said)
    assert ("use an LLVM that has it" in said) is not bool(to_ask)


RANGE = "/usr/lib/llvm-22/include/mlir/IR/OperationSupport.h:1071:18"


@pytest.mark.parametrize("member", ["begin", "end", "size"])
@pytest.mark.parametrize(("source", "is_told"), [("std::nullopt_t", True), ("pear::Leaf", False)])
def test_what_a_template_of_llvms_misses_in_what_converts_to_no_range_is_that_conversion(
    member: str, source: str, is_told: bool
):
    log = error(35, f"no viable conversion from 'const {source.rpartition('::')[2]}' to 'ArrayRef<Argument>'") + (
        f"In file included from /src/p/lib/a.cpp:1:\n{RANGE}: error: no member named '{member}' in '{source}'\n"
        "/src/p/lib/a.cpp:48:16: note: in instantiation of function template specialization "
        f"'mlir::OperationState::addTypes<const {source} &>' requested here\n"
    )
    (finding,) = findings(log, DiagnosisContext())
    assert finding.kind == "api-changed"
    assert any(step.endswith("types is made of: {}.") for step in finding.advice) is is_told


@pytest.mark.parametrize(
    ("first", "line"), [("use of undeclared identifier 'std'", 26), ("unknown type name 'nullopt_t'", 30)]
)
def test_what_is_wrong_in_llvms_headers_in_front_of_the_standard_that_is_too_old_follows_from_it(first: str, line: int):
    into = "In file included from /src/p/lib/a.cpp:3:\n"
    log = (
        f"{into}/opt/llvm/include/llvm/ADT/Nuts.h:{line}:9: error: {first}\n"
        f"{into}/opt/llvm/include/llvm/Support/Casting.h:266:32: error: no member named 'optional' in namespace 'std'\n"
    )
    (finding,) = findings(log, DiagnosisContext())
    assert "newer C++ standard" in finding.headline
    own = f"{error(2, 'no member named grow in mlir::Tree')}{log}"
    assert len(findings(own, DiagnosisContext())) == 2


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Variable not defined: 'NoSideEffect'", "NoSideEffect is called Pure"),
        ("Value 'emitAccessorPrefix' unknown!", "Delete the line that sets it: LLVM 17"),
        ("Value 'useFoldAPI' unknown!", "Delete the line that sets it: LLVM 18"),
        ("Value 'useNutAPI' unknown!", "Look whether the .td files of this LLVM have it"),
        ("Variable not defined: 'NoSideEffects'", "Look whether the .td files of this LLVM have it"),
    ],
)
def test_what_fix_knows_of_names_of_td_files_explain_says(message: str, said: str):
    (finding,) = findings(f"/src/p/lib/Ops.td:8:28: error: {message}\n", DiagnosisContext())
    assert said in " ".join(finding.advice)


@pytest.mark.parametrize(
    ("gone", "there", "is_told"),
    [
        ("mlir/Interfaces/CopyOpInterface.td", "mlir/Interfaces/MemOpInterfaces.td", False),
        ("mlir/IR/SubElementInterfaces.td", "mlir/IR/SymbolInterfaces.td", False),
        ("mlir/IR/LikeNutInterface.td", "mlir/IR/LoopNutInterface.td", False),
        ("mlir/Interfaces/SideEffects.td", "mlir/Interfaces/SideEffectInterfaces.td", True),
        ("mlir/Interfaces/CopyOpInterface.td", "mlir/Pear/CopyOpInterface.td", True),
    ],
)
def test_a_file_of_records_that_begins_otherwise_is_not_what_a_gone_one_became(
    tmp_path: Path, gone: str, there: str, is_told: bool
):
    context = DiagnosisContext(prefixes=(install(tmp_path / "new", {there: "def PearNut;\n"}),))
    (finding,) = findings(f"/src/p/lib/Ops.td:8:9: error: could not find include file '{gone}'\n", context)
    assert (there in " ".join(finding.advice)) is is_told


LAMBDA = "/src/p/lib/a.cpp:94:31: error: no matching function for call to 'choose'\n/src/p/lib/a.cpp:7:3: note: candidate function not viable: no known conversion from '(lambda at /src/p/lib/a.cpp:94:92)' to 'const std::function<llvm::Value *()>' for 1st argument\n"


@pytest.mark.parametrize(
    ("inner", "is_first", "causes"),
    [
        ("/src/p/lib/a.cpp:95:30", True, 1), ("/src/p/lib/a.cpp:94:99", True, 1), ("/src/p/lib/a.cpp:200:1", False, 2),
        ("/src/p/lib/a.cpp:90:30", True, 2), ("/src/p/lib/b.h:95:30", True, 2),
    ],
)  # fmt: skip
def test_a_call_in_whose_lambda_there_is_an_error_follows_from_that(inner: str, is_first: bool, causes: int):
    error_inside = f"{inner}: error: no member named 'grow' in 'mlir::Tree'\n"
    found = findings(error_inside + LAMBDA if is_first else LAMBDA + error_inside, DiagnosisContext())
    assert [one.identifier for one in found if "choose" not in one.identifier] == ["mlir::Tree::grow"]
    assert len(found) == causes


@pytest.mark.parametrize(
    ("message", "causes"),
    [
        ("'Handle' in 'class Pear' does not name a type", 1),
        ("'Handle' is not a member of 'Pear'", 1),
        ("no type named 'Handle' in 'Pear'", 1),
        ("'Handle' is not a member of 'llvm::Pear'", 2),
        ("'Other' is not a member of 'Pear'", 2),
    ],
)
def test_an_alias_of_the_projects_that_could_not_be_made_is_missed_in_its_class(message: str, causes: int):
    header = "/src/p/lib/a.h:48:41: error: 'Key' in namespace 'llvm::nut' does not name a type\n   48 |   using Handle = llvm::nut::Key;\n"
    assert len(findings(header + error(145, message), DiagnosisContext())) == causes


@pytest.mark.parametrize(
    ("scope", "causes"), [("llvm::nut", 1), ("llvm", 1), ("mlir::fig::plum", 1), ("llvm::Nut", 2), ("pear", 2)]
)
def test_a_name_that_is_gone_is_one_cause_with_its_namespace_and_without(scope: str, causes: int):
    log = f"/src/p/lib/a.h:9:41: error: no member named 'PearLayer' in namespace '{scope}'\n"
    assert len(findings(log + error(145, "use of undeclared identifier 'PearLayer'"), DiagnosisContext())) == causes
