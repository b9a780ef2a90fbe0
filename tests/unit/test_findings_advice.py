"""What a finding advises where no LLVM is at hand: what the log itself shows, or is known of LLVM's releases."""

# ruff: noqa: E501, RUF001, ISC004  (what tools print)
from __future__ import annotations

import pytest

from pytest_llvmgate.findings import diagnose
from pytest_llvmgate.model import Layer
from pytest_llvmgate.objects.cxx_names import enclosing_call
from tests.support.logs import findings, only


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("pear.cpp:4:9: error: ‘Level’ is not a member of ‘llvm::CodeGenOpt’\n", "llvm::CodeGenOptLevel"),
        ("pear.cpp:4:9: error: no member named 'hasValue' in 'std::optional<clang::Pear>'\n", "has_value"),
        ("pear.cpp:4:9: error: no member named 'getIntNPtrTy' in 'llvm::Type'\n", "PointerType::get"),
        ("/pear/bin/llvm-config.sh: line 3: ninja: command not found\n", "PATH"),
        ("pear.cpp:4:9: error: unused variable 'ripe' [-Werror,-Wunused-variable]\n", "-Werror"),
        ("Pear.td:4:9: error: Couldn't find class 'Ripe'\n", ".td files of this LLVM"),
    ],
)
def test_what_is_known_of_it_is_advised(log: str, said: str):
    assert said in only(log).advice[0]


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("getValue", "llvm::Pear"),
        ("getValue", "boost::optional<int>"),
        ("equals", "PearString"),
    ],
)
def test_a_name_that_other_classes_have_is_known_in_its_class_only(name: str, scope: str):
    assert only(f"pear.cpp:4:9: error: no member named '{name}' in '{scope}'\n").advice == ()


def test_a_compiler_that_is_not_there_is_to_be_installed_or_named():
    finding = only(
        "-- The C compiler identification is unknown\nCMake Error at CMakeLists.txt:4 (project):\n"
        "  The CMAKE_C_COMPILER:\n\n    clang-18\n\n  is not a full path and was not found in the PATH.\n\n"
        "-- Configuring incomplete, errors occurred!\n"
    )
    assert "CMAKE_C_COMPILER" in finding.advice[0]


@pytest.mark.parametrize("said", ["suggested alternative:", "suggested alternatives:"])
def test_the_same_name_elsewhere_is_advised_as_the_compiler_shows_it(said: str):
    finding = only(
        "pear.cpp:9:5: error: ‘PearRef’ was not declared in this scope\n     PearRef ripe = pick();\n     ^\n"
        f"pear.cpp:9:5: note: {said}\n/usr/include/llvm/ADT/PearRef.h:40:9: note:   ‘llvm::PearRef’\n"
        "   class PearRef {\n         ^\n"
    )
    assert finding.advice[0] == (
        "The compiler knows llvm::PearRef: if that is meant, say so, or name its namespace."
    )  # fmt: skip


def test_another_name_that_the_compiler_proposes_is_not_advised():
    finding = only("pear.cpp:4:9: error: use of undeclared identifier 'Pair'; did you mean 'std::pear'?\n")
    assert finding.advice == ()


def test_a_call_with_another_number_of_arguments_is_answered_by_a_declaration():
    finding = only(
        "pear.cpp:12:29: error: no matching function for call to ‘llvm::IRBuilder<>::CreatePear(llvm::Value*&)’\n"
        "   12 |     B.CreatePear(v);\n      |                 ^\n"
        "/usr/include/llvm/IR/IRBuilder.h:9:13: note: candidate: ‘llvm::Pear* llvm::IRBuilderBase::CreatePear("
        "llvm::Type*, llvm::Value*)’\n"
        "/usr/include/llvm/IR/IRBuilder.h:9:13: note:   candidate expects 2 arguments, 1 provided\n"
    )
    assert finding.advice[0] == (
        "This LLVM has 'llvm::Pear* llvm::IRBuilderBase::CreatePear(llvm::Type*, llvm::Value*)'."
    )


def test_a_declaration_of_other_code_is_not_what_llvm_has():
    finding = only(
        "pear.cpp:12:29: error: no matching function for call to ‘fruit::Tree::CreatePear(llvm::Value*&)’\n"
        "   12 |     B.CreatePear(v);\n      |                 ^\n"
        "tree.h:9:13: note: candidate: ‘llvm::Pear* fruit::Tree::CreatePear(llvm::Type*, llvm::Value*)’\n"
        "tree.h:9:13: note:   candidate expects 2 arguments, 1 provided\n"
    )
    assert not any("This LLVM has" in step for step in finding.advice)


# -- calls -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "at", "name"),
    [
        ("  return clang::Dump(std::move(out), 1);", "out", "clang::Dump"),
        ("  return LLVMBuildPear(B, Ty, Name);", ")", "LLVMBuildPear"),
        ("  pick(llvm::ripe(1), pear);", "pear", "pick"),
        ("  pick(llvm::ripe(one), pear);", "one", "llvm::ripe"),
        ("  llvm::pick(llvm::cast<Ripe>(one));", "one", ""),
        ("  llvm::each(all, [](auto pear) { return pear; });", "pear", ""),
        ("  if (pear) return;", "pear", ""),
        ("  pear = ripe;", "ripe", ""),
        ("", "", ""),
    ],
)
def test_the_call_is_that_around_the_column(code: str, at: str, name: str):
    assert enclosing_call(code, code.rfind(at) + 1) == name


def test_what_does_not_convert_is_told_with_the_function_of_llvm_that_is_called():
    finding = only(
        "pear.cpp:9:43: error: could not convert ‘out’ from ‘std::unique_ptr<Pear>’ to ‘clang::PearRef’\n"
        '   return clang::CreatePearDumper(out, "", true);\n                                  ^\n'
        .replace(":9:43", ":9:35")
    )  # fmt: skip
    assert "any more in a call of 'clang::CreatePearDumper' (" in finding.headline


def test_functions_of_the_projects_own_and_constructors_are_not_told_as_called():
    (own,) = findings(
        "pear.cpp:9:9: error: cannot convert ‘std::Pear’ to ‘clang::PearRef’\n   ripen(pear);\n         ^\n"
    )
    (made,) = findings(
        "pear.cpp:9:25: error: cannot convert ‘std::Pear’ to ‘clang::PearRef’\n"
        "   return clang::PearRef(pear);\n                         ^\n"
    )
    assert "in a call" not in own.headline + made.headline


@pytest.mark.parametrize("where", ["return", "initialization", "assignment"])
def test_what_a_call_gives_is_no_argument_of_it(where: str):
    finding = only(
        f"pear.cpp:9:26: error: cannot convert ‘llvm::Type*’ to ‘llvm::Pear*’ in {where}\n"
        "   pear = llvm::pick(type);\n                         ^\n"
    )
    assert "in a call" not in finding.headline


# -- links -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["", "_", "__imp_"])
def test_targets_that_are_not_linked_are_named(mark: str):
    finding = only(
        f"pear.o: In function `main':\npear.cpp:3: undefined reference to `{mark}LLVMInitializePearTargetMC'\n"
        f"pear.cpp:4: undefined reference to `{mark}LLVMInitializePearAsmPrinter'\n"
    )
    assert "targets Pear (llvm-config --libs pear)" in finding.advice[0]


def test_a_library_that_the_linker_names_is_told_in_an_excerpt_without_the_command():
    finding = only(
        "/usr/bin/ld: pear.cpp.o: undefined reference to symbol '_ZN4llvm4pearEv'\n"
        "/usr/bin/ld: /opt/llvm/lib/libLLVMPear.so.14: error adding symbols: DSO missing from command line\n"
    )
    assert finding.facts["defined-by"] == "LLVMPear"


def test_a_library_that_the_linker_names_in_an_excerpt_defines_the_symbol_above_alone():
    found = findings(
        "/usr/bin/ld: pear.cpp.o: undefined reference to symbol '_ZN4llvm4pearEv'\n"
        "/usr/bin/ld: /opt/llvm/lib/libLLVMPear.so.14: error adding symbols: DSO missing from command line\n"
        "/usr/bin/ld: fig.cpp.o: in function `main':\nfig.cpp:3: undefined reference to `fruit::fig()'\n"
    )
    assert [(one.facts.get("defined-by"), "fig" in one.headline) for one in found] == [
        ("LLVMPear", False),
        (None, True),
    ]


# -- the machine, and whose it is --------------------------------------------------------------------------------------


def test_a_crash_of_microsofts_compiler_is_one():
    finding = only(
        "INTERNAL COMPILER ERROR in 'C:\\VC\\bin\\cl.exe'\n    Please choose the Technical Support command on the Visual C++\n"
    )
    assert finding.kind == "compiler-crash"


@pytest.mark.parametrize(
    "said",
    [
        "Couldn't execute pear-tool. Error: No such file or directory (os error 2)",
        "could not run: pear-tool",
        "  failed to execute command: No such file or directory (os error 2)\n  is `pear-tool` not installed?",
    ],
)
def test_a_program_that_could_not_be_run_is_not_there(said: str):
    finding = findings(f"{said}\n")[0]
    assert (finding.kind, finding.identifier) == ("tool-missing", "pear-tool")


@pytest.mark.parametrize(
    "said",
    [
        "Could not run the tests: nothing to do",
        "error: could not execute process `pear -vV` (never executed)",
        "Couldn't execute statement",
        "the test says is `pear-tool` not installed? and passes",
    ],
)
def test_what_could_not_be_run_for_no_reason_that_is_said_is_no_program(said: str):
    assert [one.kind for one in findings(f"{said}\n")] != ["tool-missing"]


def test_an_indented_summary_of_buildkits_is_read():
    finding = findings(
        " 44.88   failed to execute command: No such file or directory (os error 2)\n"
        " 44.88   is `pear-tool` not installed?\n 44.88\n 44.89 warning: build failed\n"
    )[0]
    assert finding.identifier == "pear-tool"


def test_an_llvm_config_that_ends_a_sentence_is_one():
    assert only("thread '<main>' panicked at 'Couldn't execute llvm-config. Error: No such file', b.rs:13\n").identifier == (
        "llvm-config"
    )  # fmt: skip


@pytest.mark.parametrize(
    "log",
    [
        'Undefined symbols for architecture arm64:\n  "_pear", referenced from:\n      _ripe in libPear.a(Pear.o)\n'
        "ld: symbol(s) not found for architecture arm64\nmake[2]: *** [bin/llvm-tblgen] Error 1\n",
        "      llvm::Pear::ripen() in Pear.cpp.o\nld: symbol(s) not found for architecture arm64\n"
        "make[1]: *** [lib/Target/Pear/CMakeFiles/LLVMPearCodeGen.dir/all] Error 2\n",
    ],
)
def test_an_excerpt_that_ends_at_a_target_of_llvms_build_is_llvms(log: str):
    assert only(log).layer is Layer.LLVM


def test_an_excerpt_that_ends_at_another_target_is_not_llvms():
    finding = only(
        "pear.o: In function `ripe':\npear.cpp:3: undefined reference to `llvm::pear()'\n"
        "make[1]: *** [lib/Pear/CMakeFiles/PearRipening.dir/all] Error 2\n"
    )
    assert finding.layer is Layer.DOWNSTREAM


@pytest.mark.parametrize(
    ("said", "kind"),
    [("pear.cpp:3: undefined reference to `pear'", "undefined-symbol"), ("the pear has a worm", "unrecognised")],
)
def test_an_excerpt_is_of_the_target_at_which_make_stops_first(said: str, kind: str):
    finding = only(
        f"{said}\nmake[2]: *** [bin/pear] Error 1\n"
        "make[2]: *** [lib/Target/Pear/CMakeFiles/LLVMPearCodeGen.dir/all] Error 2\n"
    )
    assert (finding.kind, finding.layer is Layer.LLVM) == (kind, False)


def test_a_library_of_the_machines_that_llvms_own_build_misses_is_the_machines():
    finding = only(
        "ninja: error: '/usr/lib/x86_64-linux-gnu/libpear.so', needed by 'bin/opt', missing and no known rule to make it\n"
    )
    assert finding.layer is Layer.MACHINE


def test_an_implementation_that_is_not_installed_is_the_machines():
    assert only("configure: error: No PEAR implementation found; install it\n").layer is Layer.MACHINE


def test_half_a_letter_of_another_code_page_is_no_quotation_mark():
    said = "C:\\pear.cpp(4): error C2065: 'ripe': 定型あ\n"
    (finding,) = diagnose([said.encode("shift-jis")]).findings
    assert "'ripe': '" not in finding.headline


def test_quotation_marks_of_windows_code_page_are_read():
    (finding,) = diagnose(
        ["pear.cpp:4:9: error: ‘class llvm::Pear’ has no member named ‘ripen’\n".encode("cp1252")]
    ).findings
    assert finding.identifier == "llvm::Pear::ripen"


def test_what_llvms_own_build_needs_is_llvms():
    finding = only(
        "gmake[2]: *** No rule to make target 'NATIVE/bin/mlir-pear-gen', needed by 'tools/mlir/include/mlir/CMakeFiles/"
        "MLIRPearIncGen'.  Stop.\n"
    )
    assert finding.layer is Layer.LLVM


@pytest.mark.parametrize(
    "log",
    [
        "Error: No implementations provided for the following modules:\n         Llvm referenced from src/pear.cmxa\n",
        "CMake Error:\n  Running\n\n   'ninja' '-t' 'recompact'\n\n  failed with:\n\n"
        "   ninja: error: build.ninja:8556: multiple rules generate python/pear.py\n\n",
    ],
)
def test_what_speaks_of_code_or_rules_is_the_projects(log: str):
    assert only(log).layer is Layer.DOWNSTREAM


def test_a_header_that_no_dependency_exports_is_a_matter_of_the_build_file():
    finding = only(
        "lib/Pear.cpp:11:10: error: module //pear:Pear does not depend on a module exporting 'mlir/IR/Pear.h'\n"
        '   11 | #include "mlir/IR/Pear.h"\n      |          ^\n'
    )
    assert (finding.kind, finding.identifier) == ("header-missing", "mlir/IR/Pear.h")
    assert "deps" in finding.advice[0]


# -- what is cut, wrapped or said in another order -----------------------------------------------------------------------


def test_a_name_that_is_gone_is_the_cause_of_the_syntax_error_that_is_said_first_of_its_line():
    finding = only(
        "pear.cpp:4:35: error: expected '(' for function-style cast or type construction\n"
        "    llvm::Pear<int>    ripe = one;\n          ~~~~~~~~~~~^\n"
        "pear.cpp:4:11: error: no member named 'Pear' in namespace 'llvm'\n"
        "    llvm::Pear<int>    ripe = one;\n    ~~~~~~^\n"
        "pear.cpp:4:50: error: expected expression\n    llvm::Pear<int>    ripe = one;\n                    ^\n"
    )
    assert (finding.identifier, finding.facts["follow-on-errors"]) == ("llvm::Pear", "1")


def test_a_syntax_error_of_another_line_is_a_cause_of_its_own():
    found = findings(
        "pear.cpp:3:5: error: expected ';' after expression\n   ripen()\n          ^\n"
        "pear.cpp:9:11: error: no member named 'Pear' in namespace 'llvm'\n    llvm::Pear ripe;\n    ~~~~~~^\n"
    )
    assert len(found) == 2


def test_a_name_of_other_code_does_not_explain_the_syntax_error_before_it():
    found = findings(
        "pear.cpp:4:3: error: expected ')' before 'PEAR'\n   int fig = 4; ripen(fig);\n   ^\n"
        "pear.cpp:4:21: error: no member named 'fig' in namespace 'fruit'\n   int fig = 4; ripen(fig);\n                      ^\n"
    )
    assert found[0].headline.startswith("expected ')' before 'PEAR'")


def test_a_variable_of_cmakes_that_found_no_llvm_is_an_llvm_that_is_not_there():
    finding = only("CMake Error at CMakeLists.txt:32 (message):\n  LLVM_CONFIG-NOTFOUND failed\n\n")
    assert (finding.kind, finding.identifier, finding.layer) == ("cmake-package", "LLVM", Layer.MACHINE)


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("llvm::pear", "is not in"),
        ("fruit", "is not in"),
        ("llvm::Pear", "is gone from"),
    ],
)
def test_only_a_class_is_known_to_have_lost_what_it_lacks(scope: str, said: str):
    finding = only(f"pear.cpp:4:9: error: no member named 'ripe' in '{scope}'\n")
    assert said in finding.headline
    assert bool(finding.advice) == (scope == "llvm::pear")


@pytest.mark.parametrize("count", ["1 warning and 1 error generated.", "2 errors generated when compiling for pear90."])
def test_a_count_of_errors_is_not_the_reason(count: str):
    finding = only(
        "      candidate function not viable: requires 2 arguments, but 3 were provided\n    void ripen(int a);\n"
        f"{count}\nmake[2]: *** [lib/CMakeFiles/Pear.dir/Ripe.cpp.o] Error 1\n"
    )
    assert "Ripe.cpp.o" in finding.headline


def test_a_member_of_an_unrelated_class_is_not_where_a_name_is():
    finding = only(
        "/src/p/a.cpp:3:9: error: no member named 'Pear' in 'clang::Tree'; did you mean 'clang::HedgeDecl::Pear'?\n"
    )
    assert not any("HedgeDecl" in step for step in finding.advice)


def test_of_several_members_that_went_each_is_told_what_became_of_it():
    log = "".join(
        f"/src/p/a.cpp:{line}:3: error: no member named '{name}' in 'llvm::AttributeList'\n"
        for line, name in ((3, "getFnAttributes"), (4, "getRetAttributes"))
    )
    assert [step.partition(": ")[0] for step in only(log).advice] == ["getFnAttributes", "getRetAttributes"]


def test_a_class_of_tablegens_that_went_is_known():
    assert "list<Trait>" in only("a.td:3:9: error: Couldn't find class 'OpTrait'\n").advice[0]


@pytest.mark.parametrize(
    ("code", "column", "said"),
    [
        ("auto pear = tree::PearOp::ripen(1,", 13, "'tree::PearOp::ripen'"),
        ("auto pear = ripen(tree::ripen(1));", 13, "'ripen'"),
    ],
)
def test_a_call_is_of_the_class_that_its_line_names(code: str, column: int, said: str):
    log = f"a.cpp:3:{column}: error: no matching function for call to 'ripen'\n    3 | {code}\n"
    assert said in only(log).headline


def test_the_two_builders_of_an_operation_are_one_cause():
    log = "".join(
        f"a.cpp:{line}:3: error: no matching function for call to 'mlir::pear::RipenOp::{name}'\n"
        for line, name in ((3, "create"), (9, "build"))
    )
    assert only(log).sites == 2


def test_a_member_whose_class_has_no_default_constructor_any_more_is_that_constructors_matter():
    log = (
        "a.cpp:9:7: error: constructor for 'Basket' must explicitly initialize the member 'pear' which does not have a default constructor\n"
        "Basket::Basket(\n        ^\n"
        "/usr/lib/llvm-16/include/llvm/IR/Pear.h:4:7: note: 'llvm::Pear' declared here\n"
        "a.cpp:12:3: error: no matching constructor for initialization of 'Pear'\n"
    )
    assert (only(log).identifier, only(log).sites) == ("llvm::Pear", 2)


def test_what_a_class_of_llvms_does_not_declare_is_a_member_that_went():
    log = "".join(
        f"a.cpp:{3 + at}:3: error: ‘mlir::{name}::Kind’ has not been declared\n"
        for at, name in enumerate(("Type", "Attribute"))
    )
    assert (only(log).headline.partition(" (")[0], only(log).sites) == ("'Kind' is gone from 'mlir::Type'", 2)


def test_functions_that_patterns_no_longer_have_are_known():
    log = "a.cpp:3:9: error: 'rewrite' marked 'override' but does not override any member functions\n"
    assert "matchAndRewrite" in only(log).advice[0]
