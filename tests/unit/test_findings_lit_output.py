"""What programs print in lit's tests, where ninja hands its console to lit: whose crash it is, in which test."""

# ruff: noqa: E501  (what tools print)
from __future__ import annotations

import pytest

from pytest_llvmgate.findings import Diagnosis, DiagnosisContext, diagnose
from pytest_llvmgate.model import Layer

DUMP = """\
PLEASE submit a bug report to https://github.com/llvm/llvm-project/issues/ and include the crash backtrace.
Stack dump:
0.\tProgram arguments: /b/bin/pear-opt --peel /p/test/a.mlir
 #0 0x00005577a48cf946 llvm::sys::PrintStackTrace(llvm::raw_ostream&, int) (/b/bin/pear-opt+0x1d35946)
 #1 0x00005577a48cd1a3 llvm::sys::RunSignalHandlers() (/b/bin/pear-opt+0x1d331a3)
 #2 0x00005577a48d06b4 SignalHandler(int, siginfo_t*, void*) Signals.cpp.o:0:0
 #3 0x00007f5a95e5a050 (/lib/x86_64-linux-gnu/libc.so.6+0x3c050)
 #4 0x00005577a46fb1fc llvm::SmallVectorBase<unsigned int>::grow_pod(void*, unsigned long) (/b/bin/pear-opt+0x1b611fc)
 #5 0x00005577a46fb1fc pear::{place}(mlir::Value) (/b/bin/pear-opt+0x1b611fc)
"""
MISMATCH = """\
/p/test/{name}.mlir:15:17: error: CHECK-LABEL: expected string not found in input
// CHECK-LABEL: func.func @peeled
                ^
<stdin>:1:1: note: scanning from here
module
^
"""


def lit(*tests: tuple[str, str], total: int = 1) -> str:
    """The log of a check target that has ninja's console, with the output of each failed test."""
    outputs = "".join(
        f"FAIL: Pear :: {name}.mlir ({number} of 9)\n"
        f"******************** TEST 'Pear :: {name}.mlir' FAILED ********************\nExit Code: 1\n\n"
        f"Command Output (stderr):\n--\nRUN: at line 1: /b/bin/pear-opt /p/test/{name}.mlir | FileCheck %s\n"
        f"+ /b/bin/pear-opt /p/test/{name}.mlir\n+ /l/bin/FileCheck /p/test/{name}.mlir\n{output}\n--\n\n********************\n"
        for number, (name, output) in enumerate(tests, start=1)
    )
    names = "".join(f"  Pear :: {name}.mlir\n" for name, _ in tests)
    return (
        f"[0/{total}] Running the pear tests\n-- Testing: 9 tests, 2 workers --\n{outputs}********************\n"
        f"Failed Tests ({len(tests)}):\n{names}\n\nTesting Time: 1.00s\n"
        "FAILED: [code=1] test/check-pear /b/test/check-pear\ncd /b/test && lit -sv /b/test\n"
        "ninja: build stopped: subcommand failed.\n"
    )


def read(log: str) -> Diagnosis:
    return diagnose([log.encode()], context=DiagnosisContext(exit_code=1, stage="check"))


PROGRESS = "[1/3] Reading the model\n[2/3] Peeling it\n"


@pytest.mark.parametrize("last", [PROGRESS, "[3/3] Done\n", "[ 50%] Half\n"])
def test_what_a_program_under_test_numbers_is_no_edge_of_the_build(last: str) -> None:
    log = lit(("a", MISMATCH.format(name="a")), ("b", last))
    diagnosis = read(log)
    assert [finding.kind for finding in diagnosis.findings] == ["filecheck", "tests-failed"]
    assert diagnosis.findings[1].facts["tests"] == "Pear :: b.mlir"


def test_an_edge_that_has_the_console_counts_when_it_failed() -> None:
    assert read(lit(("a", PROGRESS))).hidden == ()


def test_edges_behind_a_test_whose_output_ended_are_the_builds() -> None:
    log = lit(("a", PROGRESS)).partition("FAILED: ")[0] + "[4/9] Building CXX object a.o\nFAILED: a.o\nc++ a.cpp\n"
    log += "/p/a.cpp:1:1: error: use of undeclared identifier 'leaf'\n[5/9] Building CXX object b.o\n/p/b.cpp:1:1: error: no\n"
    assert [finding.kind for finding in read(log).findings] == ["api-removed"]


def test_tests_that_crash_in_one_function_are_one_cause_and_their_mismatches_follow() -> None:
    crash = DUMP.replace("{place}", "Tree::peel")
    log = lit(("a", crash + MISMATCH.format(name="a")), ("b", crash), ("c", DUMP.replace("{place}", "leaf")))
    first, second = read(log).findings
    assert (first.kind, first.identifier) == ("crash", "dump in pear::Tree::peel")
    assert first.headline.startswith("'pear-opt' crashed: in pear::Tree::peel (in 2 tests)")
    assert second.headline.startswith("'pear-opt' crashed: in pear::leaf (in the test c.mlir)")


def test_a_crash_does_not_explain_what_another_test_misses() -> None:
    log = lit(("a", DUMP.replace("{place}", "leaf")), ("b", MISMATCH.format(name="b")))
    assert [finding.kind for finding in read(log).findings] == ["crash", "filecheck"]


@pytest.mark.parametrize("word", ["LLVM ERROR: out of memory\nAllocation failed\n", "LLVM ERROR: out of memory\n"])
def test_a_program_that_asks_for_too_much_memory_in_one_test_is_no_machine_without_memory(word: str) -> None:
    (finding,) = read(lit(("a", word + DUMP.replace("{place}", "leaf")))).findings
    assert (finding.kind, finding.layer) == ("crash", Layer.DOWNSTREAM)
    assert finding.headline.startswith("'pear-opt' crashed: LLVM ERROR: out of memory (in the test a.mlir)")


def test_tests_that_all_find_no_memory_are_the_machines() -> None:
    word = "LLVM ERROR: out of memory\n" + DUMP.replace("{place}", "leaf")
    assert read(lit(("a", word), ("b", word))).findings[0].kind == "out-of-memory"


def test_a_machine_that_kills_a_test_has_no_memory() -> None:
    (finding,) = read(lit(("a", "/b/a.script: line 1: 77 Killed                  /b/bin/pear-opt a.mlir\n"))).findings
    assert finding.kind == "out-of-memory"


@pytest.mark.parametrize("signal", ["Segmentation fault", "Aborted", "Illegal instruction"])
@pytest.mark.parametrize("core", ["", " (core dumped)"])
def test_what_bash_says_of_a_command_that_died_names_it(signal: str, core: str) -> None:
    word = f"/b/test/Output/a.mlir.script: line 1: 17191 {signal}{core}      /b/bin/pear-opt /p/test/a.mlir 2> a.log\n"
    (finding,) = read(lit(("a", word))).findings
    assert finding.headline.startswith(f"'pear-opt' crashed: {signal} (in the test a.mlir)")


@pytest.mark.parametrize("total", [1, 9])
def test_what_a_command_with_the_console_printed_is_told_though_ninja_names_its_failure_behind(total: int) -> None:
    log = f"[0/{total}] Running my check\nthe pears are not ripe\n3 of 7 pears are bad\n"
    (finding,) = read(f"{log}FAILED: [code=1] check /b/check\ncd /b && ./c\nninja: build stopped: x\n").findings
    assert finding.headline.endswith("'3 of 7 pears are bad'")
    assert "the pears are not ripe" in finding.evidence
