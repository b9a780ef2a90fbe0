"""One change or one failure, told in many messages, is one finding."""

# ruff: noqa: E501  (what tools print)
from __future__ import annotations

import pytest

from pytest_llvmgate.findings import DiagnosisContext, diagnose
from pytest_llvmgate.model import Finding

INSTALL = "/opt/llvm/include/llvm/ADT"


def findings(log: str) -> tuple[Finding, ...]:
    return diagnose([log.encode()], context=DiagnosisContext(exit_code=1)).findings


def unit(name: str, output: str, standard: str = "-std=c++14") -> str:
    target = f"src/CMakeFiles/t.dir/{name}.cpp.o"
    command = f"c++ {standard} -o {target} -c /home/u/p/src/{name}.cpp"
    return f"[1/9] Building CXX object {target}\nFAILED: {target} \n{command}\n{output}"


def refused(name: str, line: int, unit_name: str = "a") -> str:
    included = f"In file included from /home/u/p/src/{unit_name}.cpp:3:\n"
    return included + f"{INSTALL}/STLExtras.h:{line}:9: error: no member named '{name}' in namespace 'std'\n"


def test_a_standard_that_is_too_old_is_one_cause_whatever_it_lacks():
    names = ("is_enum_v", "optional", "void_t", "is_same_v", "size", "conjunction_v")
    log = "".join(unit(f"u{i}", refused(name, i + 9, f"u{i}")) for i, name in enumerate(names))
    (finding,) = findings(log)
    assert finding.facts["form"] == "standard"
    assert finding.facts["failed-edges"] == "6"
    assert {f"src/u{i}.cpp" for i in range(6)} <= {place.path for place in finding.locations}


def test_a_removed_header_beside_a_standard_that_is_too_old_is_told():
    own = "/home/u/p/src/b.cpp:4:10: fatal error: 'llvm/ADT/None.h' file not found\n"
    kinds = [finding.kind for finding in findings(unit("a", refused("is_enum_v", 9)) + unit("b", own))]
    assert sorted(kinds) == ["api-removed", "header-missing"]


def cmake(place: str, text: str, command: str = "message", stack: str = "") -> str:
    return f"CMake Error at {place} ({command}):\n{text}\n{stack}\n\n"


def test_sentences_of_one_refusal_are_one_cause():
    log = "".join(
        cmake(f"cmake/Find.cmake:{line}", f"  {text}")
        for line, text in ((7, "LLVM 19 is not supported"), (8, "Use 6 to 15"), (9, "See LLVM_WANTED"))
    )
    (finding,) = findings(log)
    assert "LLVM 19 is not supported" in finding.headline
    assert any("Use 6 to 15" in line for line in finding.evidence)


@pytest.mark.parametrize(
    ("first", "second"), [("a/CMakeLists.txt:7", "b/CMakeLists.txt:8"), ("CMakeLists.txt:7", "CMakeLists.txt:40")]
)
def test_refusals_at_different_places_are_two_causes(first: str, second: str):
    assert len(findings(cmake(first, "  no flex") + cmake(second, "  no bison"))) == 2


def source(path: str, listfile: str) -> str:
    stack = f"Call Stack (most recent call first):\n  {listfile} (add_mlir_library)\n"
    return cmake(
        "/opt/llvm/lib/cmake/llvm/AddLLVM.cmake:625",
        f"  Cannot find source file:\n\n    {path}\n",
        "add_library",
        stack,
    )


def test_sources_missing_from_one_directory_elsewhere_are_one_cause():
    log = "".join(
        source(f"/home/u/p/llvm/lib/{name}/{name}.cpp", f"backend/{name}/CMakeLists.txt:3")
        for name in ("IR", "MC", "Object")
    )
    log += source("/home/u/build/backend/MC/Parser/Asm.cpp", "backend/MC/Parser/CMakeLists.txt:9")
    (finding,) = findings(log)
    assert finding.identifier == "/home/u/p/llvm/lib"
    assert finding.sites == 4


def test_sources_that_lie_where_they_are_listed_are_causes_of_their_own():
    log = "".join(
        source(f"/home/u/p/lib/{name}/Gone.cpp", f"lib/{name}/CMakeLists.txt:3") for name in ("IR", "MC", "Object")
    )
    assert len(findings(log)) == 3
