"""Logs of LLVM's users in other languages: their compilers, package managers, CI services and scripts."""

# ruff: noqa: E501, RUF001  (what tools print)
from __future__ import annotations

import pytest

from pytest_llvmgate.model import Layer
from tests.support.logs import findings, only

# -- compilers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("# orchard.dev/pear\n./trim.go:12:9: could not determine what C.LLVMRipenValue refers to", "trim.go:12:9"),
        ("error[E0425]: cannot find function `LLVMRipenValue` in this scope\n  --> src/trim.rs:12:9\n   |\n12 |     LLVMRipenValue(v)\n   |     ^^^ not found in this scope", "src/trim.rs:12:9"),
        ("src/trim.d(12,9): Error: undefined identifier `LLVMRipenValue`", "src/trim.d:12:9"),
        ("src/trim.nim(12, 9) Error: undeclared identifier: 'LLVMRipenValue'", "src/trim.nim:12:9"),
        ('File "src/trim.ml", line 12, characters 9-23:\n12 |   let v = LLVMRipenValue v in\n             ^^^\nError: Unbound value LLVMRipenValue', "src/trim.ml:12:9"),
        ("In src/trim.cr:12:9\n\n 12 | LibLLVM.LLVMRipenValue(v)\n              ^---\nError: undefined fun 'LLVMRipenValue' for LibLLVM", "src/trim.cr:12:9"),
        ("e: file:///src/pear/Trim.kt:12:9 Unresolved reference: LLVMRipenValue", "/src/pear/Trim.kt:12:9"),
        ("[ERROR] /src/pear/Trim.java:[12,9] cannot find symbol\n  symbol:   method LLVMRipenValue(Value)", "/src/pear/Trim.java:12:9"),
        ("src/Trim.java:12: error: cannot find symbol\n    LLVMRipenValue(v);\n    ^\n  symbol:   method LLVMRipenValue(Value)", "src/Trim.java:12"),
        ("[error] /src/pear/Trim.scala:12:9: value LLVMRipenValue is not a member of object LLVM", "/src/pear/Trim.scala:12:9"),
        ("src/Trim.swift:12:9: error: cannot find 'LLVMRipenValue' in scope", "src/Trim.swift:12:9"),
        ("src/Trim.hs:12:9: error: [GHC-88464]\n    Variable not in scope: LLVMRipenValue\n   |\n12 |   ripen v", "src/Trim.hs:12:9"),
    ],
)  # fmt: skip
def test_a_function_of_the_c_api_that_a_binding_misses_is_told_with_its_place(said: str, place: str):
    finding = only(f"{said}\n")
    assert (finding.kind, finding.identifier, finding.layer) == ("api-removed", "LLVMRipenValue", Layer.DOWNSTREAM)
    assert str(finding.locations[0]) == place


@pytest.mark.parametrize(
    "said",
    [
        "./trim.go:12:9: undefined: pear.Peel",
        "error[E0432]: unresolved import `pear::peel`\n  --> src/trim.rs:12:9",
        "src/trim.f90:12:9:\n\n   12 |     use pear\n      |         1\nFatal Error: Cannot open module file 'pear.mod' for reading at (1): No such file or directory",
        "src/trim.d(12,9): Error: no property `peel` for type `Pear`",
    ],
)
def test_what_else_is_wrong_in_another_language_says_nothing_of_llvm(said: str):
    finding = only(f"{said}\n")
    assert (finding.kind, finding.layer) == ("compile-error", Layer.DOWNSTREAM)
    assert finding.locations[0].line == 12


def test_cgo_says_without_a_place_which_function_is_not_there():
    finding = only("# orchard.dev/pear\ncould not determine kind of name for C.LLVMRipenValue\n")
    assert (finding.kind, finding.identifier) == ("api-removed", "LLVMRipenValue")


def test_a_compilers_error_in_the_c_of_a_go_file_is_cs():
    finding = only("trim.go:9:10: fatal error: 'llvm/Config/llvm-config.h' file not found\n")
    assert (finding.kind, finding.layer) == ("header-missing", Layer.MACHINE)


@pytest.mark.parametrize(
    "path",
    [
        "/home/u/.cargo/registry/src/index.crates.io-6f17d22bba15001f/pear-0.9.15/src/trim.rs",
        "/home/u/.cargo/git/checkouts/pear-946411d814d2c9f8/79070d9/src/trim.rs",
    ],
)
def test_a_crate_that_cargo_fetched_is_a_component(path: str):
    finding = only(f"error[E0432]: unresolved import `fig`\n  --> {path}:12:9\n")
    assert (finding.layer, finding.component) == (Layer.COMPONENT, "pear")


# -- package managers and CI services ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "Could not solve for environment specs\nThe following packages are incompatible",
        "Error:   × Failed to resolve dependencies: Cannot solve the request",
        "UnsatisfiableError: The following specifications were found to be incompatible with each other:",
        "ERROR: pear_mlir-1.0-cp311-cp311-macosx_11_0_arm64.whl is not a supported wheel on this platform.",
        "E: Unable to locate package clang-98\nError: Process completed with exit code 100.",
        "* Missing C library: clang",
    ],
)
def test_packages_that_cannot_be_had_are_the_machines(said: str):
    finding = only(f"{said}\n")
    assert (finding.kind, finding.layer) == ("cmake-package", Layer.MACHINE)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("E: Unable to locate package llvm-98-dev", "llvm-98-dev"),
        ("No package clang-devel available.", "clang-devel"),
        (
            "E: The repository 'http://apt.llvm.org/pear llvm-toolchain-pear-98 Release' does not have a Release file.",
            "llvm",
        ),
    ],
)
def test_what_no_repository_has_is_not_to_be_installed_but_to_be_looked_for(said: str, name: str):
    finding = only(f"{said}\n")
    assert (finding.kind, finding.layer, name in finding.headline) == ("cmake-package", Layer.MACHINE, True)
    assert finding.advice[0].startswith("No repository of the package manager has it")


def test_an_exit_status_explains_nothing():
    log = "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    run()\nsubprocess.CalledProcessError: Command '['ninja']' returned non-zero exit status 1.\n"
    assert findings(log)[0].kind == "unrecognised"
    (finding,) = findings("src/a.cpp:3:4: error: no member named 'peel' in 'llvm::Function'\n" + log)
    assert finding.kind == "api-removed"


def test_what_a_package_source_does_not_send_is_the_networks():
    finding = only("E: Failed to fetch http://apt.orchard.dev/pool/libpear_5.0_amd64.deb  404  Not Found\n")
    assert (finding.kind, finding.layer) == ("network", Layer.MACHINE)


def test_what_a_script_printed_last_before_it_left_is_its_word():
    log = "#=== ERROR while compiling pear.15 ===#\n# exit-code   1\n### output ###\n# + test a != b\n# + echo Peel first.\n# Peel first.\n# + exit 1\n"
    assert "Peel first." in only(log).headline


# -- programs ----------------------------------------------------------------------------------------------------------


def test_options_that_one_run_does_not_know_are_one_cause():
    finding = only(
        "opt: Unknown command line argument '-peel'.  Try: 'opt --help'\nopt: Did you mean '--pile'?\nopt: Unknown command line argument '-core'.  Try: 'opt --help'\n"
    )
    assert "'-peel', '-core'" in finding.headline


def test_an_install_without_any_static_library_is_one_cause():
    libraries = ("clangLex", "clangAST", "clangBasic", "clangSema")
    log = (
        "".join(f"/usr/bin/ld: cannot find -l{name}\n" for name in libraries)
        + "collect2: error: ld returned 1 exit status\n"
    )
    assert "'clangSema'" in only(log).headline


def test_two_libraries_that_are_missed_stay_two():
    log = "/usr/bin/ld: cannot find -lMLIRPear\n/usr/bin/ld: cannot find -lMLIRFig\ncollect2: error: ld returned 1 exit status\n"
    assert len(findings(log)) == 2


@pytest.mark.parametrize(
    "said",
    [
        "clang: error: unable to execute command: posix_spawn failed: Exec format error",
        "/opt/pear/bin/peel: cannot execute binary file: Exec format error",
    ],
)
def test_a_program_for_another_machine_is_the_machines(said: str):
    finding = only(f"{said}\nmake: *** [a.o] Error 1\n")
    assert (finding.kind, finding.layer) == ("tool-missing", Layer.MACHINE)
    assert "for another" in finding.headline


def test_a_file_that_the_compiler_is_given_and_is_not_there_is_the_callers():
    finding = only(
        "clang-18: error: no such file or directory: 'src/pear.c'\nclang-18: error: no input files\nmake: *** [pear.bc] Error 1\n"
    )
    assert (finding.kind, finding.layer) == ("tool-error", Layer.DOWNSTREAM)


def test_what_was_not_made_cannot_be_installed():
    finding = only(
        "/usr/bin/install: cannot stat 'pear.bc': No such file or directory\nmake: *** [Makefile:9: install] Error 1\n"
    )
    assert (finding.kind, finding.identifier, finding.layer) == ("build-file-missing", "pear.bc", Layer.DOWNSTREAM)


def test_a_sentence_over_a_value_of_the_ir_is_the_verifiers():
    finding = only(
        "./pear run demo\nPears are ripe before they are picked!\ni32 ({ i64, i64 }, i8*)* @main.peel\nmake: *** [demo] Error 1\n"
    )
    assert (finding.kind, finding.layer) == ("ir-error", Layer.DOWNSTREAM)
    assert "Pears are ripe" in finding.headline


def test_a_library_that_is_loaded_and_lacks_a_symbol_is_told_by_any_program():
    finding = only(
        'pear: failed to load: DlOpen { source: "/opt/pear/libPear.so: undefined symbol: _ZN4llvm4peelEv" }\n'
    )
    assert (finding.kind, finding.identifier) == ("loader", "_ZN4llvm4peelEv")


def test_what_a_script_quotes_of_the_tool_it_ran_is_the_cause():
    log = "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    make()\nRuntimeError: codegen failed\n`ptxas` stderr:\nptxas fatal   : Value 'sm_999' is not defined for option 'gpu-name'\n"
    assert "sm_999" in only(log).headline


def test_what_the_exception_says_is_the_crashs_reason():
    finding = only(
        "terminate called after throwing an instance of 'pear::error'\n  what():  no core was found\nAborted (core dumped)\n"
    )
    assert "no core was found" in finding.headline


def test_a_name_that_a_module_no_longer_has_is_the_scripts_to_follow():
    finding = only("ImportError: cannot import name 'peel' from 'mlir' (/usr/lib/python3/mlir/__init__.py)\n")
    assert (finding.kind, finding.layer) == ("script-error", Layer.DOWNSTREAM)


def test_what_a_missing_library_defines_is_undefined_because_of_it():
    finding = only("/usr/bin/ld: error: cannot find -lpear\npackage.d:7: error: undefined reference to 'pear_peel'\n")
    assert (finding.kind, finding.identifier) == ("library-missing", "pear")


def test_what_gcc_does_not_know_of_warnings_is_only_said_beside_an_error():
    finding = only(
        "a.cpp:3:5: error: 'pear' was not declared in this scope\n"
        "cc1plus: error: unrecognized command line option '-Wno-pears' [-Werror]\n"
    )
    assert "pear" in finding.headline
    assert "-Wno-pears" not in finding.headline


def test_a_package_whose_name_begins_as_llvms_is_not_llvm():
    finding = only(
        "ghc: /usr/lib/libPear.a: unhandled ELF relocation(RelA) type 19\nghc: unable to load package 'llvm-hs-4'\n"
    )
    assert finding.kind == "unrecognised"
    assert "relocation" in finding.headline


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("Building pear-1...\n  Process exited with code: ExitFailure (-11)\n  Compiling Pear\n", "ExitFailure (-11)"),
        (
            "luajit: a.lua:5: attempt to peel a nil value\nstack traceback:\n\ta.lua:5: in main chunk\n",
            "attempt to peel",
        ),
    ],
)
def test_a_status_and_a_list_of_calls_show_where_an_unrecognised_failure_is(log: str, said: str):
    finding = only(log)
    assert finding.kind == "unrecognised"
    assert said in finding.headline


@pytest.mark.parametrize(
    ("log", "kind", "said"),
    [
        ("/usr/bin/pear: line 5: peeler: command not found\n", "tool-missing", "peeler"),
        (
            "Caused by: java.lang.UnsatisfiedLinkError: no jniPear in java\N{FULL STOP}library.path\n",
            "loader",
            "jniPear",
        ),
        ("configure: error: in `/home/a/pear':\nconfigure: error: No pears\n", "configure-error", "No pears"),
    ],
)
def test_scripts_of_any_name_javas_loader_and_the_second_line_of_configure(log: str, kind: str, said: str):
    finding = only(log)
    assert finding.kind == kind
    assert said in finding.headline
