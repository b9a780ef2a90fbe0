"""Logs as strangers have them: of every kind of failure, prefixed, wrapped, cut and without what a build of ours prints."""

# ruff: noqa: E501, RUF001, ISC004  (what tools print)
from __future__ import annotations

import textwrap

import pytest

from pytest_llvmgate.findings import DiagnosisContext, diagnose
from pytest_llvmgate.kinds.facts import PROBABLY_FOLLOW
from pytest_llvmgate.model import Confidence, Layer
from pytest_llvmgate.owners.file_owners import is_in_llvm_install
from tests.support.logs import findings, only

UNIT = """[3/9] Building CXX object lib/CMakeFiles/Pear.dir/Trim.cpp.o
FAILED: lib/CMakeFiles/Pear.dir/Trim.cpp.o
/usr/bin/c++ {options}-I/opt/llvm/include -o lib/CMakeFiles/Pear.dir/Trim.cpp.o -c /src/pear/lib/Trim.cpp
{output}
ninja: build stopped: subcommand failed.
"""
GONE = "/src/pear/lib/Trim.cpp:4:9: error: no member named 'ripen' in 'llvm::Function'"


def unit(output: str, options: str = "") -> str:
    return UNIT.format(output=textwrap.dedent(output).strip("\n"), options=options)


# -- how lines come ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        "cargo:warning={}", "  cargo:warning={}", "       > {}", "# {}", "[build] {}", "[cmake] {}", "builder_1  | {}",
        ">> 412    {}", "     412    {}", "2024-05-01T10:00:00.1234567Z #9 12.34 {}", "      {}",
        "2024/08/13 22:51:40 WARN {}", "2024-08-13 22:51:40,123 ERROR {}",
    ],
)  # fmt: skip
def test_what_another_tool_puts_in_front_of_lines_is_taken_off(form: str):
    lines = unit(f"{GONE}\n    4 |   f.ripen();\n      |     ^").split("\n")
    finding = only("\n".join(form.format(line) for line in lines if line) + "\n")
    assert (finding.key, str(finding.locations[0])) == (("api-removed", "llvm::Function::ripen"), "lib/Trim.cpp:4:9")


def test_compilers_source_lines_are_no_prefixes():
    finding = only(unit(GONE + "\n" + "\n".join(f"  {n} |   f(x{n});" for n in range(100, 140))))
    assert finding.evidence[1] == "  100 |   f(x100);"


def test_what_cmake_quotes_of_a_failed_test_program_stays_one_error():
    (finding,) = findings(
        "CMake Error at CMakeLists.txt:2 (project):\n  Running the test failed:\n\n"
        "    [1/2] Building CXX object a.o\n    FAILED: a.o\n    c++ a.cpp\n\n"
    )
    assert finding.kind == "cmake-error"


@pytest.mark.parametrize("ending", ["ninja: build stopped: subcommand failed.\n", "samu: job failed: c++ -c\n", ""])
def test_an_excerpt_without_the_line_failed_has_its_errors(ending: str):
    finding = only(f"[12/340] Building CXX object lib/CMakeFiles/Pear.dir/Trim.cpp.o\n{GONE}\n{ending}")
    assert finding.identifier == "llvm::Function::ripen"


def test_a_status_line_of_ones_own_is_one():
    log = unit(GONE).replace("[3/9]", "[  1% 3/9][  1% 0:00:00 + 0:00:08]")
    assert diagnose([log.encode()]).edges is not None


@pytest.mark.parametrize(
    "message",
    [
        "error: \n      no member named 'ripen' in\n      'llvm::Function'",
        "error: no member named 'ripen' in\n      'llvm::Function'",
        "error: no member named\n      'ripen' in 'llvm::Function'",
    ],
)
def test_clang_wraps_messages_at_the_width_of_a_terminal(message: str):
    finding = only(unit(f"/src/pear/lib/Trim.cpp:4:9: {message}\n  f.ripen();\n    ^"))
    assert finding.identifier == "llvm::Function::ripen"


def test_a_source_line_with_six_blanks_is_no_rest_of_a_message():
    finding = only(unit(f"{GONE}\n      f.ripen();\n        ^"))
    assert finding.identifier == "llvm::Function::ripen"


@pytest.mark.parametrize("word", ["错误：", "Fehler: ", "erreur : ", "エラー: ", "ошибка: ", "오류: "])
def test_gcc_speaks_other_languages(word: str):
    finding = only(f"/src/pear/lib/Trim.cpp:4:9: {word}‘class llvm::Function’ has no member named ‘ripen’\n")
    assert finding.identifier == "llvm::Function::ripen"


@pytest.mark.parametrize("code", ["rows[m]", "keys[K]", "signal 9 [Killed]"])
def test_brackets_of_code_are_no_colours(code: str):
    finding = only(unit(f"\x1b[01;31m\x1b[K{GONE}\x1b[m\x1b[K\n    4 |   f.ripen({code}); [0m"))
    assert any(code in line for line in finding.evidence)


# -- whose it is -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"), [("-std=gnu++14 ", "-std=gnu++14"), ("-std=c++14 ", "-std=c++14"), ("", "std::")]
)
def test_headers_that_need_a_newer_standard(options: str, said: str):
    output = """
        In file included from /src/pear/lib/Trim.cpp:3:
        /opt/llvm/include/llvm/ADT/Pear.h:8:6: error: no template named 'variant' in namespace 'std'
    """
    finding = only(unit(output, options))
    assert finding.layer is Layer.DOWNSTREAM
    assert "newer C++ standard" in finding.headline
    assert said in finding.headline
    assert "CMAKE_CXX_STANDARD" in finding.advice[0]
    assert str(finding.locations[0]) == "lib/Trim.cpp:3"


def test_what_a_machines_header_lacks_behind_such_an_error_follows_from_it():
    output = """
        In file included from /src/pear/lib/Trim.cpp:3:
        /opt/llvm/include/llvm/ADT/Pear.h:8:6: error: no template named 'variant' in namespace 'std'
        In file included from /usr/include/c++/12/vector:64,
                         from /opt/llvm/include/llvm/ADT/Row.h:24:
        /usr/include/c++/12/bits/stl_vector.h: In instantiation of 'std::_Row<_Tp>::~_Row() [with _Tp = llvm::Crate<Pear>]':
        /opt/llvm/include/llvm/ADT/Pear.h:1568:33:   required from here
        /usr/include/c++/12/bits/stl_vector.h:367:49: error: invalid use of incomplete type 'struct llvm::Crate<Pear>'
    """
    finding = only(unit(output, "-std=c++14 "))
    assert "newer C++ standard" in finding.headline
    assert finding.facts[PROBABLY_FOLLOW] == "1"


@pytest.mark.parametrize(
    "headers",
    [
        "/usr/include/llvm-19/llvm/ADT",
        "/usr/include/llvm-c-19/llvm-c",
        "/usr/include/llvm15/llvm/ADT",
        "/usr/lib/llvm-19/include/llvm/ADT",
        "/usr/lib/llvm19/include/llvm/ADT",
        "/usr/lib/llvm/19/include/llvm/ADT",
        "/usr/lib64/llvm19/include/llvm/ADT",
        "/opt/llvm/include/clang-c",
    ],
)
def test_headers_of_a_distribution_s_llvm_are_llvms_wherever_they_lie(headers: str):
    """Debian's /usr/lib/llvm-19/include/llvm leads to /usr/include/llvm-19/llvm, and GCC names that."""
    output = f"""
        In file included from /src/pear/lib/Trim.cpp:3:
        {headers}/Pear.h:8:6: error: \u2018optional\u2019 in namespace \u2018std\u2019 does not name a template type
        {headers}/Pear.h:9:6: error: \u2018is_class_v\u2019 is not a member of \u2018std\u2019
        {headers}/Pear.h:10:6: error: \u2018size\u2019 has not been declared in \u2018std\u2019
        {headers}/Pear.h:11:6: error: \u2018popcount\u2019 is not a member of \u2018llvm\u2019
    """
    finding = only(unit(output, "-std=c++14 "))
    assert finding.layer is Layer.DOWNSTREAM
    assert "newer C++ standard" in finding.headline


@pytest.mark.parametrize(
    "path", ["/usr/include/llvmish/llvm.h", "/src/pear/include/pear-19/llvm/X.h", "/usr/lib/llvm-x/y.h"]
)
def test_what_only_sounds_like_an_install_is_none(path: str):
    assert not is_in_llvm_install(path)


def test_headers_of_two_llvms_are_not_called_a_broken_llvm():
    finding = only(
        unit("/opt/llvm/include/mlir/IR/Pear.h:37:36: error: 'PearOp' is not a member of 'mlir'")
    )  # fmt: skip
    assert (finding.layer, finding.facts["form"]) == (Layer.MACHINE, "mixed")
    assert "LLVM itself" not in finding.headline


def test_a_lambda_of_the_users_that_a_header_calls_in_vain():
    output = """
        /opt/llvm/include/llvm/ADT/Pear.h:118:35: error: no match for call to '(pear::f()::<lambda(int)>) (llvm::StringRef)'
        /src/pear/lib/Trim.cpp:99:13: note: candidate: 'pear::f()::<lambda(int)>'
    """
    assert str(only(unit(output)).locations[0]) == "lib/Trim.cpp:99"


@pytest.mark.parametrize(
    "edge",
    ["lib/Support/CMakeFiles/LLVMSupport.dir/Twine.cpp.o", "tools/mlir/lib/IR/CMakeFiles/obj.MLIRIR.dir/Value.cpp.o"],
)
def test_a_build_of_llvm_is_llvms(edge: str):
    log = f"[2/5] Building CXX object {edge}\nFAILED: {edge}\nc++ -o {edge} -c /src/tree/Value.cpp\n/src/tree/Value.cpp:4:9: error: call to deleted constructor of 'llvm::Pear'\n"
    assert only(log).layer is Layer.LLVM


def test_a_target_that_llvm_is_built_without():
    output = "\n".join(
        f"/src/pear/lib/Trim.cpp:{n}:3: error: 'LLVMInitializeLanai{what}' was not declared in this scope"
        for n, what in enumerate(("TargetInfo", "Target", "TargetMC", "AsmPrinter"), 1)
    )
    finding = only(unit(output))
    assert (finding.layer, finding.sites) == (Layer.MACHINE, 4)
    assert "LLVM_TARGETS_TO_BUILD" in finding.advice[0]
    assert "Lanai" in finding.advice[0]


def test_generated_code_that_does_not_fit_the_headers():
    output = """
        In file included from /src/pear/lib/Trim.cpp:20:
        /src/pear/build/include/Pear/PearOps.cpp.inc:299:32: error: no matching function for call to 'mlir::OperationState::addTypes(mlir::Type*&)'
    """
    finding = only(unit(output))
    assert "PearOps.cpp.inc:299" in finding.headline
    assert "mlir-tblgen" in finding.advice[0]


# -- Windows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "LINK : fatal error LNK1181: cannot open input file 'MLIRPearArith.lib' [C:\\b\\pear-opt.vcxproj]",
        "LINK : fatal error LNK1104: cannot open file 'MLIRPearArith.lib'",
        "LINK : fatal error LNK1181: Eingabedatei 'MLIRPearArith.lib' kann nicht geoeffnet werden",
        "lld-link: error: could not open 'MLIRPearArith.lib': no such file or directory",
    ],
)
def test_the_library_that_link_exe_does_not_open(line: str):
    finding = only(f"{line}\n")
    assert finding.key == ("library-missing", "MLIRPearArith")


def test_msvc_without_a_line_and_msbuild():
    found = findings(
        "C:\\w\\lib\\PearOps.cpp : fatal error C1128: number of sections exceeded object file format limit: compile with /bigobj [C:\\w\\P.vcxproj]\n"
        "C:\\VS\\MSBuild\\Microsoft.CppCommon.targets(254,5): error MSB8066: Custom build for 'C:\\w\\Pear.inc.rule' exited with code 1. [C:\\w\\I.vcxproj]\n"
    )
    assert ["/bigobj" in finding.headline for finding in found] == [True, False]
    assert "Pear.inc.rule" in found[1].headline


def test_an_error_in_microsofts_headers_is_about_the_unit_that_is_compiled():
    finding = only(
        "C:\\VS\\VC\\Tools\\MSVC\\14.40\\include\\memory(3421,35): error C2664: 'mlir::PearPass::PearPass(int)': cannot convert argument 1 from '_Ty' to 'int' [C:\\P.vcxproj]\n"
        "  (compiling source file '../lib/Trim.cpp')\n"
    )
    assert (finding.kind, str(finding.locations[0])) == ("api-changed", "lib/Trim.cpp")


def test_who_needs_a_symbol_stands_in_front_and_which_program_at_the_end():
    line = 'PearParse.lib(Stmt.cpp.obj) : error LNK2019: unresolved external symbol pearInit{} referenced in function "void f(void)" (?f@@YAXXZ)\n'
    finding = only(
        line.format("A") + line.format("B") + "bin\\pear-dump.exe : fatal error LNK1120: 2 unresolved externals\n"
    )
    assert finding.headline.startswith("'pear-dump' does not link: 'pearInitA' and 1 more are undefined")
    assert "PearParse.lib(Stmt.cpp.obj)" in finding.headline


# -- links -------------------------------------------------------------------------------------------------------------

LINK = """[9/9] Linking CXX {what}
FAILED: {output}
: && /usr/bin/c++ {options} -o {output} tools/CMakeFiles/pear-opt.dir/pear-opt.cpp.o {libraries} && :
{said}
collect2: error: ld returned 1 exit status
"""


def program(said: str, libraries: str = "/opt/llvm/lib/libLLVMSupport.a") -> str:
    return LINK.format(
        what="executable bin/pear-opt", output="bin/pear-opt", options="-O2", libraries=libraries, said=said
    )


@pytest.mark.parametrize(
    "symbol", ["std::__throw_bad_array_new_length()", "std::__1::mutex::lock()", "__cxa_call_terminate"]
)
def test_a_prebuilt_llvm_that_needs_a_newer_runtime(symbol: str):
    finding = only(
        program(
            f"/usr/bin/ld: /opt/llvm/lib/libLLVMSupport.a(Threading.cpp.o): in function `llvm::f()':\nThreading.cpp:(.text+0x4b): undefined reference to `{symbol}'"
        )
    )
    assert finding.layer is Layer.MACHINE
    assert "libLLVMSupport.a(Threading.cpp.o)" in finding.headline
    assert not any("LINK_LIBS" in step for step in finding.advice)


def test_the_other_std_string():
    finding = only(program("\n".join(
        f"/src/pear/a.cpp:{n}: undefined reference to `{name}'"
        for n, name in enumerate(("llvm::Twine::str[abi:cxx11]() const", "llvm::f(std::__cxx11::basic_string<char>&)"), 1)
    )))  # fmt: skip
    assert (finding.layer, finding.kind) == (Layer.MACHINE, "abi-mismatch")
    assert "_GLIBCXX_USE_CXX11_ABI" in finding.advice[0]


def test_a_library_of_another_architecture_explains_what_is_missing():
    finding = only(program(
        "ld: warning: ignoring file '/opt/homebrew/lib/libz.dylib': found architecture 'arm64', required architecture 'x86_64'\n"
        'Undefined symbols for architecture x86_64:\n  "_crc32", referenced from:\n      llvm::crc(unsigned) in libLLVMSupport.a[3](CRC.cpp.o)\n'
        "ld: symbol(s) not found for architecture x86_64\nc++: error: linker command failed with exit code 1 (use -v to see invocation)"
    ))  # fmt: skip
    assert (finding.layer, finding.identifier) == (Layer.MACHINE, "z")


@pytest.mark.parametrize(
    ("libraries", "kind"), [("lib/libPearLex.so", "shared-link"), ("/opt/llvm/lib/libLLVMSupport.a", "abi-mismatch")]
)
def test_llvms_checks_are_missing_without_the_library_that_has_them(libraries: str, kind: str):
    log = LINK.format(what="shared library lib/libPear.so", output="lib/libPear.so", options="-shared", libraries=libraries,
                      said="lib/CMakeFiles/Pear.dir/G.cpp.o:G.cpp:x: error: undefined reference to 'llvm::EnableABIBreakingChecks'")  # fmt: skip
    assert only(log).kind == kind


def test_archives_without_pic_are_one_cause():
    said = "\n".join(
        f"/usr/bin/ld: /opt/llvm/lib/libLLVMSupport.a({name}.cpp.o): relocation R_X86_64_32 against `.rodata' can not be used when making a shared object; recompile with -fPIC"
        for name in ("Twine", "Path", "APInt")
    )
    finding = only(program(said))
    assert "LLVM_ENABLE_PIC" in finding.advice[0]


# -- CMake, meson, bazel and others ------------------------------------------------------------------------------------


def test_what_the_interface_of_an_installed_library_needs():
    finding = only(
        "CMake Error at /opt/llvm/lib/cmake/llvm/LLVMExports.cmake:71 (set_target_properties):\n"
        '  The link interface of target "LLVMPear" contains:\n\n    zstd::libzstd_shared\n\n'
        "  but the target was not found.  Possible reasons include:\n\n    * There is a typo in the target name.\n\n"
    )
    assert (finding.kind, finding.identifier, finding.layer) == ("cmake-package", "zstd::libzstd_shared", Layer.MACHINE)
    assert "LLVMPear" in finding.headline


def test_variables_that_are_not_found():
    finding = only(
        "CMake Error: The following variables are used in this project, but they are set to NOTFOUND.\n"
        "Please set them or make sure they are set and tested correctly in the CMake files:\nMLIRPearMain\n"
        '    linked by target "pear" in directory /src/pear\n\n-- Configuring incomplete, errors occurred!\n'
    )
    assert (finding.identifier, finding.layer) == ("MLIRPearMain", Layer.MACHINE)


def test_without_a_build_program_there_is_no_compiler_either():
    finding = only(
        "CMake Error at CMakeLists.txt:10 (project):\n  Running\n\n   '/opt/ninja' '--version'\n\n  failed with:\n\n"
        "   /opt/ninja: cannot execute binary file: Exec format error\n\n"
        "CMake Error: CMAKE_C_COMPILER not set, after EnableLanguage\nCMake Error: CMAKE_CXX_COMPILER not set, after EnableLanguage\n"
    )
    assert (finding.kind, finding.layer) == ("tool-missing", Layer.MACHINE)
    assert "Exec format error" in finding.headline


def test_the_place_is_the_projects_and_not_in_llvms_cmake_modules():
    finding = only(
        'CMake Error at cmake/modules/AddLLVM.cmake:601 (add_dependencies):\n  The dependency target "PearA" of target "obj.B"\n  does not exist.\n'
        "Call Stack (most recent call first):\n  /src/pear/llvm-project/mlir/cmake/modules/AddMLIR.cmake:347 (llvm_add_library)\n  /src/pear/lib/CMakeLists.txt:43 (add_mlir_library)\n"
    )
    assert str(finding.locations[0]).endswith("lib/CMakeLists.txt:43")


@pytest.mark.parametrize(
    ("log", "kind", "said"),
    [
        ("../meson.build:88:4: ERROR: Problem encountered: LLVM was built without RTTI.\n", "configure-error", "without RTTI"),
        ("meson.build:9:1: ERROR: Dependency 'llvm (modules: x)' is required but not found.\n", "cmake-package", "modules: x"),
        ("configure: error: llvm-config not found\n", "cmake-package", "llvm-config"),
        ("ERROR: An error occurred during the fetch of repository 'pear-raw':\n"
         "Error in patch: Error applying patch third_party/pear.patch: in patch applied to /c/external/pear-raw/llvm/Path.cpp: could not apply patch, error applying change near line 12\n",
         "patch-failed", "near line 12"),
        ("ERROR: no such package '@@pear//': java.io.IOException: Error downloading [https://example.org/a.tar.gz] to /home/u/a.tar.gz: Checksum was 11 but wanted 22\n",
         "network", "Checksum was 11 but wanted 22"),
    ],
)  # fmt: skip
def test_other_build_systems(log: str, kind: str, said: str):
    finding = only(log)
    assert finding.kind == kind
    assert said in finding.headline


# -- programs ----------------------------------------------------------------------------------------------------------


def test_a_plugin_that_is_refused_explains_its_options():
    finding = only(
        "Error opening './Pear.so': ./Pear.so: undefined symbol: _ZN4llvm4Pear3runEv\n  -load request ignored.\nopt: Unknown command line argument '-pear'.  Try: 'opt --help'\n"
    )
    assert finding.kind == "loader"
    assert "Pear.so" in finding.headline
    assert "llvm::Pear::run()" in finding.headline


def test_a_module_of_python_that_misses_a_symbol():
    finding = only("ImportError: /p/_pearDialects.cpython-312-x86_64-linux-gnu.so: undefined symbol: mlirPearGrow\n")
    assert "_pearDialects" in finding.headline
    assert "EMBED_CAPI_LINK_LIBS" in finding.advice[0]


def test_a_runtime_that_is_older_than_a_tool():
    finding = only(
        "/opt/llvm/bin/mlir-tblgen: /lib64/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /opt/llvm/bin/mlir-tblgen)\n"
    )
    assert (finding.layer, "RPATH" in " ".join(finding.advice)) == (Layer.MACHINE, False)


def test_a_dump_follows_from_what_tablegen_said():
    finding = only(
        "error: The class 'Juicy' is not defined\nPLEASE submit a bug report to https://example.org\nStack dump:\n0.\tProgram arguments: /opt/llvm/bin/mlir-tblgen -gen-op-defs /src/pear/PearOps.td -o x.inc\n"
    )
    assert (finding.kind, str(finding.locations[0])) == ("tablegen", "/src/pear/PearOps.td")


def test_the_program_that_crashed_is_the_one_with_the_arguments():
    finding = only(
        "/usr/include/c++/14/vector:1130: reference std::vector<T>::operator[](size_type): Assertion '__n < this->size()' failed.\nPLEASE submit a bug report to https://example.org\nStack dump:\n0.\tProgram arguments: /usr/lib/llvm-19/bin/clang-19 -cc1 -x c++ /src/pear/lib/Trim.cpp\n"
    )
    assert (finding.kind, finding.layer) == ("compiler-crash", Layer.MACHINE)
    assert "clang-19 compiling /src/pear/lib/Trim.cpp" in finding.headline


def test_diagnostics_without_a_source_and_the_verifier():
    found = findings(
        "loc(\"trim.mlir\":4:3): error: 'pear.cut' op operand #0 must be tensor\nAttribute 'pearread' does not apply to functions!\nptr @f\n"
    )
    assert [finding.kind for finding in found] == ["ir-error", "ir-error"]
    assert str(found[0].locations[0]) == "trim.mlir:4:3"


@pytest.mark.parametrize(
    "log",
    [
        "Failed Tests (2):\n  Pear Tree Frontend :: a/b.mlir\n  Pear Tree Frontend :: c.mlir\n",
        "Failing Tests (2):\n    Pear Tree Frontend :: a/b.mlir\n    Pear Tree Frontend :: c.mlir\n",
        "FAIL: Pear Tree Frontend :: a/b.mlir (1 of 9)\nFAIL: Pear Tree Frontend :: c.mlir (2 of 9)\nProcess completed with exit code 1.\n",
    ],
)
def test_a_suite_with_blanks_in_its_name(log: str):
    assert only(log).headline.startswith("2 tests failed: Pear Tree Frontend :: ")


# -- one change, one cause ---------------------------------------------------------------------------------------------


def test_members_that_went_from_one_class_are_one_cause():
    output = "\n".join(
        f"/src/pear/lib/Trim.cpp:{n}:9: error: no member named 'getF{n}' in 'mlir::FloatType'" for n in (16, 32, 64)
    )
    finding = only(unit(output))
    assert (finding.sites, finding.facts["names"]) == (3, "getF16, getF32, getF64")


def test_functions_that_went_from_one_namespace_are_as_many_causes():
    output = "\n".join(
        f"/src/pear/lib/Trim.cpp:{n}:9: error: no member named 'f{n}' in namespace 'mlir'" for n in (1, 2)
    )
    assert len(findings(unit(output))) == 2


def test_one_method_that_several_classes_define_in_vain_is_one_cause():
    output = "\n".join(
        f"/src/pear/lib/Trim.cpp:{n}:9: error: out-of-line definition of 'getRegions' does not match any declaration in 'pear::Op{n}'"
        for n in (1, 2, 3)
    )
    assert only(unit(output)).sites == 3


def test_uses_of_one_lost_conversion_are_one_cause_in_calls_and_templates_too():
    output = """
        /src/pear/lib/Trim.cpp:4:9: error: no viable conversion from 'const std::nullopt_t' to 'mlir::ValueRange'
        /src/pear/lib/Trim.cpp:5:9: error: no matching conversion for functional-style cast from 'const nullopt_t' to 'llvm::ArrayRef<int64_t>'
        /src/pear/lib/Trim.cpp:6:9: error: no matching function for call to 'prune'
        /src/pear/include/Prune.h:3:5: note: candidate function not viable: no known conversion from 'const nullopt_t' to 'ArrayRef<bool>' for 2nd argument
    """
    assert only(unit(output)).sites == 3


def test_what_follows_a_refused_macro_stands_with_it_and_without_source_lines():
    errors = """
        /src/pear/build/Passes.h.inc:26:2: error: "GEN_PASS_CLASSES is deprecated; use per-pass macros"
        /src/pear/lib/{0}.cpp:410:14: error: no template named '{0}Base'
        /src/pear/lib/{0}.cpp:412:62: error: only virtual member functions can be marked 'override'
        /src/pear/lib/{0}.cpp:422:29: error: use of undeclared identifier 'getContext'
    """
    log = "".join(unit(errors.format(name)).replace("Trim", name) for name in ("Peel", "Core"))
    finding = only(log)
    assert (finding.identifier, finding.facts["probably-follow"]) == ("GEN_PASS_CLASSES", "6")


def test_a_name_that_only_one_of_many_such_units_misses_is_a_cause_of_its_own():
    refused = '/src/pear/build/Passes.h.inc:26:2: error: "GEN_PASS_CLASSES is deprecated; use per-pass macros"\n'
    log = unit(refused).replace("Trim", "Peel") + unit(
        refused + "/src/pear/lib/Core.cpp:9:1: error: use of undeclared identifier 'populate'"
    ).replace("Trim", "Core")
    assert {finding.identifier for finding in findings(log)} == {"GEN_PASS_CLASSES", "populate"}


CLEAR = (
    "/bin/bash: line 1: /opt/llvm/bin/llvm-as: No such file or directory\n",
    'Traceback (most recent call last):\n  File "setup.py", line 3, in run\nRuntimeError: point LLVM_CONFIG to it\n',
    "Ops.td(7,5): Error G12 : Initializer of 'x' could not be fully resolved\n",
    "   Compiling pear v0.1\nerror: No suitable version of LLVM was found\n",
    "downloading llvm-pear.tar.gz ...\n      error: [Errno 2] something: '../version.txt'\n",
)


@pytest.mark.parametrize("text", CLEAR, ids=range(len(CLEAR)))
def test_an_excerpt_with_a_clear_error_is_no_pass(text):
    assert findings(text)


@pytest.mark.parametrize("text", ["-- Looking for strerror: found\n", "0 errors, 3 warnings\n", "all is well\n", "\n"])
def test_a_word_like_error_is_none(text):
    assert not findings(text)


# -- what is not on the machine ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("error: No usable version of LLVM was found, set PEAR_LLVM_DIR.", "LLVM"),
        ("      RuntimeError: llvm-config failed executing, set PEAR_LLVM_CONFIG", "llvm-config"),
        ("ERROR: llvm-config-17 could not be found", "llvm-config-17"),
        ("pear-build: error: unable to locate a suitable LLVM", "LLVM"),
        ("Exception: LLVM 18 is not installed", "LLVM"),
        ("CMake Error at cmake/FindPear.cmake:9 (message):\n  LLVM not found.\n", "LLVM"),
    ],
)
def test_that_there_is_no_llvm_is_the_machines_whoever_says_it(line: str, named: str):
    finding = only(f"pear 3: looking around\n{line}\n")
    assert (finding.kind, finding.layer, finding.identifier) == ("cmake-package", Layer.MACHINE, named)


def test_the_advice_names_the_variable_that_the_message_names():
    finding = only("error: No suitable version of LLVM was found, nor\n   by PEAR_LLVM_DIR.\n   Read the manual.\n")
    assert "PEAR_LLVM_DIR" in finding.advice[0]
    assert "manual" not in finding.headline


@pytest.mark.parametrize(
    "line",
    [
        "/nix/store/abc-bash/bin/bash: line 1: /opt/llvm/bin/llvm-as: No such file or directory",
        "make[1]: llvm-as: Command not found",
        '/bin/sh: 1: exec: llvm-as: not found',
        'exec: "llvm-as": executable file not found in $PATH',
        "FileNotFoundError: [Errno 2] No such file or directory: 'llvm-as'",
    ],
)  # fmt: skip
def test_a_program_that_is_not_there_is_named(line: str):
    finding = only(f"[  2%] Generating ops.bc\n{line}\n")
    assert (finding.kind, finding.identifier) == ("tool-missing", "llvm-as")


def test_a_script_that_finds_no_file_is_in_another_directory():
    finding = only("   downloading things\n   error: [Errno 2] No such file or directory: '../llvm/version.txt'\n")
    assert (finding.kind, finding.layer) == ("script-error", Layer.MACHINE)


def test_a_program_that_a_listfile_looks_for_in_vain_is_the_machines():
    finding = only(
        "CMake Error at CMakeLists.txt:4 (message):\n  error: could not find hg for the checkout of pear\n\n"
    )
    assert (finding.kind, finding.layer, finding.identifier) == ("cmake-package", Layer.MACHINE, "hg")


def test_a_script_and_the_shell_that_miss_the_same_llvm_are_one_cause():
    log = "/bin/sh: 1: llvm-config-17: not found\nconfigure: error: LLVM is not installed\n"
    assert [finding.kind for finding in findings(log)] == ["tool-missing"]


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("llvm/ADT/Triple.h", "llvm/TargetParser/Triple.h"),
        ("llvm/TargetParser/Host.h", "older than the code expects"),
    ],
)
def test_where_llvm_moved_a_header_is_known_without_an_llvm(missing: str, said: str):
    finding = only(unit(f"/src/pear/lib/Trim.cpp:4:10: fatal error: {missing}: No such file or directory"))
    assert said in finding.advice[0]


# -- links that lack no library ----------------------------------------------------------------------------------------

UNDEFINED = (
    "/usr/bin/ld: /home/u/pear/ext/glue.o: in function `peel':\nglue.cc:(.text+0x1a): undefined reference to `{}'\n"
)
SYMBOL = "llvm::DIBuilder::createPear(llvm::StringRef, unsigned int)"


def test_all_of_llvm_on_the_link_line_and_still_undefined_is_another_llvm():
    log = UNDEFINED.format(SYMBOL) + "Error: failed with code 1: `cc -o pear glue.o $(llvm-config --libs) -lm`\n"
    finding = only(log)
    assert (finding.kind, finding.identifier, finding.layer) == ("abi-mismatch", "VERSION", Layer.MACHINE)


def test_tablegens_library_is_left_out_of_libllvm_and_that_says_nothing_of_its_version():
    edge = "[1/2] Linking CXX executable bin/pear-tblgen\nFAILED: bin/pear-tblgen\n"
    command = ": && c++ pear.o -o bin/pear-tblgen /opt/llvm/lib/libLLVM.so.22.1\n"
    finding = only(edge + command + UNDEFINED.format("llvm::Record::getValueAsInt(llvm::StringRef) const"))
    assert (finding.kind, finding.identifier) == ("undefined-symbol", "pear-tblgen -> LLVMTableGen")
    assert "DISABLE_LLVM_LINK_LLVM_DYLIB" in finding.advice[0]


def test_what_templates_of_llvms_make_of_mlirs_types_is_not_in_llvm_and_says_nothing_of_its_version():
    command = "Error: failed with code 1: `cc -shared -o libpear.so glue.o /opt/llvm/lib/libLLVM.so -lm`\n"
    asked = ("llvm::ilist_traits<mlir::Operation>::addNodeToList(mlir::Operation*)", "mlir::Value::print() const")
    found = findings("".join(map(UNDEFINED.format, asked)) + command)
    assert "VERSION" not in {finding.identifier for finding in found}


def test_a_function_that_is_there_with_other_parameters_is_of_another_llvm():
    log = f"""Undefined symbols for architecture arm64:
  "{SYMBOL}", referenced from:
      _peel in glue.o
     (maybe you meant: llvm::DIBuilder::createPear(llvm::StringRef, unsigned int, bool))
  "llvm::Other::gone()", referenced from:
      _peel in glue.o
ld: symbol(s) not found for architecture arm64
"""
    finding = only(log)
    assert (finding.identifier, len(finding.facts["symbols"].split("\n"))) == ("VERSION", 2)


def test_llvms_own_component_that_is_not_on_the_line_stays_a_missing_library():
    log = UNDEFINED.format(SYMBOL) + "`c++ -o pear glue.o -lLLVMSupport -lLLVMCore`\n"
    assert only(log).kind == "undefined-symbol"


def test_a_shared_library_that_lacks_symbols_is_the_one_at_fault():
    names = ("llvm::sys::fs::peel(int)", "llvm::yaml::escape(llvm::StringRef)", "llvm::Twine::str() const")
    lines = [f"/usr/bin/ld: ../libpear/libpear.so.1.2: undefined reference to `{name}'\n" for name in names]
    finding = only("".join(lines))
    assert (finding.kind, finding.identifier) == ("shared-link", "pear -> llvm")


@pytest.mark.parametrize("symbol", ["__oclc_ISA_version", "__nv_fabs", "_cuInit@4", "hsa_init"])
def test_symbols_of_a_gpus_libraries_are_no_library_of_llvms(symbol: str):
    finding = only(f"lld: error: undefined symbol: {symbol}\n>>> referenced by /tmp/pear.o:(peel)\n")
    assert finding.layer is Layer.MACHINE
    assert "LINK_LIBS" not in finding.advice[0]


def test_what_the_c_plus_plus_library_defines_is_a_matter_of_which_is_linked():
    symbol = "std::basic_ostream<char>& std::__ostream_insert<char>(std::basic_ostream<char>&, char const*, long)"
    finding = only(UNDEFINED.format(symbol))
    assert (finding.identifier, finding.layer) == ("STDLIB", Layer.MACHINE)


def test_llvms_functions_that_take_libcxxs_types_are_of_an_llvm_with_libcxx():
    finding = only(UNDEFINED.format("llvm::raw_fd_ostream::raw_fd_ostream(llvm::StringRef, std::__1::error_code&)"))
    assert finding.identifier == "STDLIB"


def test_two_versions_of_llvm_in_one_link_are_told_as_such():
    log = (
        "[100%] Linking CXX executable pear\n"
        "/usr/bin/ld: warning: libLLVM.so.20.1, needed by /usr/lib/libpeel.so, may conflict with libLLVM.so.21.1\n"
        "/usr/bin/ld: pear.o: undefined reference to symbol '_ZN4llvm4peelEv@@LLVM_20.1'\n"
        "/usr/bin/ld: /usr/lib/libLLVM.so.20.1: error adding symbols: DSO missing from command line\n"
        "collect2: error: ld returned 1 exit status\nmake: *** [Makefile:1: pear] Error 1\n"
    )
    finding = only(log)
    assert (finding.facts["form"], finding.layer) == ("versions", Layer.MACHINE)


def test_gcc_that_is_given_clangs_options_and_plugins_is_the_wrong_compiler():
    log = (
        "g++: error: unrecognized command-line option '-mllvm'\n"
        "cc1plus: error: cannot load plugin /opt/ClangPear-17.so: /opt/ClangPear-17.so: undefined symbol: _ZN4llvm3foo\n"
    )
    finding = only(log)
    assert (finding.kind, finding.facts["form"]) == ("tool-option", "not-clang")


def test_an_object_that_nobody_made_is_no_library():
    finding = only("/usr/bin/ld: cannot find /opt/pear/ext/glue.o: No such file or directory\n")
    assert (finding.facts["form"], finding.layer) == ("object", Layer.MACHINE)


# -- LLVM's own headers and modules ------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["/usr/include", "/home/u/pear/third_party/llvm-Release-install/include"])
def test_a_header_of_llvm_that_is_refused_is_one_cause_and_no_api(root: str):
    header = f"{root}/llvm/ADT/Pears.h"
    log = f"> {header}:15:8: error: enumerator value for 'Shift' is not an integer constant\n{header}:18:3: error: explicit specialization in non-namespace scope\n"
    finding = only(log)
    assert (finding.kind, finding.layer) == ("compile-error", Layer.MACHINE)


def test_a_lambda_behind_a_call_that_is_gone_is_no_cause():
    log = unit(f"{GONE}\n/src/pear/lib/Trim.cpp:6:2: error: variable 'Name' cannot be implicitly captured in a lambda")
    assert only(log).identifier == "llvm::Function::ripen"


def test_an_error_in_llvms_cmake_module_without_its_caller_is_nobodys():
    head = "CMake Error at llvm/lib/cmake/llvm/AddLLVM.cmake:64 (add_library):\n"
    assert only(f"{head}  Something is odd with this target\n\n").layer is Layer.UNKNOWN


def test_a_message_that_breaks_off_is_the_one_before_it_again():
    head = "CMake Error at llvm/lib/cmake/llvm/AddLLVM.cmake:64 (add_library):\n"
    stack = "Call Stack (most recent call first):\n  lib/CMakeLists.txt:7 (add_pear)\n\n\n"
    finding = only(f"{head}  Cannot find source file:\n\n    Peel.cpp\n\n{stack}{head}  Cannot find sour")
    assert str(finding.locations[0]) == "lib/CMakeLists.txt:7"


def test_a_project_that_llvm_does_not_have_is_no_defect_of_llvm():
    finding = only("CMake Error at CMakeLists.txt:76 (MESSAGE):\n  pear-spirv isn't a known project:\n  clang;lld\n\n")
    assert (finding.layer, finding.identifier) == (Layer.DOWNSTREAM, "pear-spirv")
    assert "LLVM_EXTERNAL_PROJECTS" in finding.advice[0]


# -- programs that were built ------------------------------------------------------------------------------------------


def test_the_output_of_one_test_names_it():
    log = "******************** TEST 'Pear :: cut/peel.c' FAILED ********************\nScript:\n--\nerror: command failed with exit status: 25\n"
    assert only(log).facts["tests"] == "Pear :: cut/peel.c"


def test_the_last_word_before_a_crash_is_shown():
    log = unit(
        "'+peel' is not a recognized feature\nPLEASE submit a bug report\nStack dump:\n0.\tProgram arguments: pear-llc x.ll"
    )
    assert "'+peel' is not a recognized feature" in only(log).headline


def test_msbuild_says_what_tablegen_says():
    finding = only("PearDefs.td(67,5): Error G0888248B : Initializer of 'name' could not be fully resolved: x\n")
    assert (finding.kind, str(finding.locations[0])) == ("tablegen", "PearDefs.td:67:5")


def test_a_deprecation_says_what_to_use():
    finding = only(
        unit("/src/pear/lib/Trim.cpp:4:9: error: 'peel' is deprecated: Use pare [-Werror,-Wdeprecated-declarations]")
    )
    assert "Use pare" in finding.advice[0]


# -- plugins, panics, wrappers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "log",
    [
        "error: unable to load plugin '/opt/libPear.so': '/opt/libPear.so: undefined symbol: _ZN5clang4PearE'\n",
        "error: unable to load plugin '/opt/libPear.so':\n'/opt/libPear.so: undefined symbol:\n_ZN5clang4PearE'\n",
        "error: unable to load plugin '/op\nt/libPear.so': '/opt/l\nibPear.so: undefined symbol: _ZN5clang4PearE'\n",
    ],
)
def test_a_plugin_that_does_not_load_wherever_the_line_breaks(log: str):
    finding = only(log)
    assert (finding.kind, finding.facts["library"]) == ("loader", "libPear.so")
    assert finding.facts["symbol"] == "_ZN5clang4PearE"


@pytest.mark.parametrize("form", ["at '{}', src/build.rs:57:9", "at src/build.rs:57:9:\n  {}"])
def test_a_rust_build_script_says_why_it_panics(form: str):
    head = "error: failed to run custom build command for `pear-sys v1.0.5`\n\n--- stderr\n  thread 'main' panicked "
    finding = only(f"{head}{form.format('no pears in this orchard')}\n  note: run with RUST_BACKTRACE\n")
    assert (finding.kind, str(finding.locations[0])) == ("script-error", "src/build.rs:57")
    assert "no pears in this orchard" in finding.headline


def test_a_rust_build_script_that_finds_no_llvm():
    finding = only("thread 'main' panicked at build.rs:5:1:\ncould not find llvm-config, set PEAR_PREFIX\n")
    assert (finding.kind, finding.identifier) == ("cmake-package", "llvm-config")


def test_what_rustc_says_of_its_linker_is_read():
    finding = only(
        "  = note: ld.lld: error: unable to find library -lLLVMPear\n          collect2: error: ld returned 1\n"
    )
    assert (finding.kind, finding.identifier) == ("library-missing", "LLVMPear")


def test_an_excerpt_of_cmake_without_its_head():
    lines = [
        'The imported target "llvm-pare" references the file',
        '   "/opt/bin/llvm-pare"',
        "",
        "but this file does not exist.",
    ]
    finding = only("".join(f"|   {line}\n" for line in lines))
    assert (finding.kind, finding.identifier, finding.layer) == ("cmake-package", "llvm-pare", Layer.MACHINE)


def test_a_library_of_the_system_is_no_library_of_llvms():
    finding = only("/usr/bin/ld: cannot find -lxml2\nclang: error: linker command failed with exit code 1\n")
    assert (finding.facts["form"], finding.layer) == ("system", Layer.MACHINE)


def test_a_patch_that_a_listfile_cannot_apply():
    finding = only("CMake Error at cmake/patch.cmake:9 (message):\n  [Pear] : Could not apply LLVM patches.\n\n")
    assert finding.kind == "patch-failed"


def test_a_macro_of_llvms_where_a_function_was():
    output = """
        /src/pear/lib/Trim.cpp:9:9: error: expected unqualified-id
        /opt/llvm/include/llvm/Support/Pear.h:70:32: note: expanded from macro 'setPear'
    """
    finding = only(unit(output))
    assert (finding.kind, finding.identifier) == ("api-changed", "setPear")


def test_dump_methods_are_a_setting_of_llvms():
    finding = only(UNDEFINED.format("llvm::MachineInstr::dump() const"))
    assert (finding.identifier, finding.kind) == ("DUMP", "abi-mismatch")


def test_what_a_shared_library_wants_of_its_own_llvm():
    finding = only(f"/usr/bin/ld: /opt/lib/libpear.so.1: undefined reference to `{SYMBOL}@LLVM_19.1'\n")
    assert (finding.identifier, finding.layer) == ("VERSION", Layer.MACHINE)


@pytest.mark.parametrize(("tool", "layer"), [("llvm-pare", Layer.DOWNSTREAM), ("llvm-objdump", Layer.LLVM)])
def test_a_project_in_llvms_tools_is_its_own(tool: str, layer: Layer):
    finding = only(f"/home/u/llvm-project/llvm/tools/{tool}/a.cpp:5:1: error: 'Pear' was not declared in this scope\n")
    assert finding.layer is layer


def test_a_message_whose_line_ends_behind_the_colon():
    finding = only("/src/pear/a.cpp:14:10: fatal error:\n \n      'pear/Pear.h.inc' file not found\n")
    assert (finding.kind, finding.identifier) == ("generated-header-missing", "pear/Pear.h.inc")


def test_the_reason_in_front_of_unreachable_code():
    finding = only("No pears here\nUNREACHABLE executed at /usr/include/llvm/IR/Pear.h:41!\n")
    assert finding.headline.startswith("A program crashed: No pears here")


def test_tests_of_llvms_own_suites_are_llvms():
    log = "Failed Tests (2):\n  MLIR :: pear/a.mlir\n  MLIR :: pear/b.mlir\n"
    assert only(log).layer is Layer.LLVM


def test_options_of_llvm_that_clang_does_not_know():
    finding = only("clang (LLVM option parsing): Unknown command line argument '-peel'.  Try: 'clang -help'\n")
    assert (finding.kind, finding.facts["option"]) == ("tool-option", "-peel")


def test_typeinfo_of_clangs_classes_is_a_matter_of_rtti():
    finding = only(UNDEFINED.format("typeinfo for clang::DiagnosticConsumer"))
    assert (finding.identifier, "-fno-rtti" in finding.advice[0]) == ("RTTI", True)
    assert finding.confidence is Confidence.LIKELY  # as likely, nothing that defines it is linked


def test_where_nothing_of_llvm_is_linked_no_setting_differs():
    log = UNDEFINED.format("LLVMLinkInMCJIT") + UNDEFINED.format("llvm::DisableABIBreakingChecks")
    assert only(log).kind == "undefined-symbol"


def test_llvm_config_that_has_no_archives_says_so_once_for_each():
    finding = only("".join(f"llvm-config: error: missing: /usr/lib/libLLVM{name}.a\n" for name in ("Core", "MC", "IR")))
    assert (finding.kind, finding.layer, finding.facts["sort"]) == ("cmake-package", Layer.MACHINE, "static")


def test_a_plugin_that_lacks_its_own_library():
    finding = only("error: unable to load plugin 'libPear.so': 'libPear.so: undefined symbol: _ZN4Pear10llvmModuleE'\n")
    assert finding.facts["form"] == "plugin-own"


@pytest.mark.parametrize(
    "said",
    [
        "对‘{}’未定义的引用", "undefinierter Verweis auf »{}«", "référence indéfinie vers « {} »", "referencia a `{}' sin definir",
        "неопределённая ссылка на «{}»", "`{}' に対する定義されていない参照です",
    ],
)  # fmt: skip
def test_gnu_ld_speaks_other_languages(said: str):
    finding = only(f"Trim.cpp:(.text+0xfbe)：{said.format('llvm::peel(llvm::StringRef)')}\n")
    assert (finding.kind, finding.facts["symbols"]) == ("undefined-symbol", "llvm::peel(llvm::StringRef)")


# -- excerpts: what people cut out, and what no parser knows -----------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "No usable version of LLVM was found\n    through PEAR_LLVM_PREFIX.\n",
        "pear: Could not find a compatible version of Clang.\n",
        "thread 'main' panicked at 'Could not find a working LLVM', \nnote: run with `RUST_BACKTRACE=1`\n",
        "Make sure that you have installed LLVM 9.\n",
    ],
)
def test_a_sentence_that_something_is_absent_is_about_the_machine(said: str):
    finding = only(said)
    assert (finding.kind, finding.layer) == ("cmake-package", Layer.MACHINE)
    assert said.partition("\n")[0].strip()[-20:] in finding.headline or "LLVM" in finding.headline


@pytest.mark.parametrize(
    "said",
    [
        "This build of pear requires LLVM 17.\n",
        "pear requires LLVM >= 15, < 19\n",
        "Unsupported LLVM version: 12.0.1, pear takes 15 to 18\n",
        "You have a new version of LLVM that nobody has tested yet.\n",
        "Unhandled version llvm 22.1.8\n",
        "Unknown LLVM version 22\n",
        "pear: unrecognized version of clang 22\n",
        "Invalid LLVM version 16.0.6, 11 to 14 serve\n",
        "MLIR 14.0 is not supported by pear.\n",
        "configure: error: LLVM 22.1.8 found, but only 10.0 to 15.0 serve pear\n",
    ],
)
def test_a_script_that_refuses_a_version_of_llvm_says_so_for_the_project(said: str):
    finding = only(said)
    assert (finding.kind, finding.layer, finding.facts["sort"]) == ("cmake-package", Layer.DOWNSTREAM, "unfit")
    assert said.partition("\n")[0].strip()[-20:] in finding.headline


@pytest.mark.parametrize(
    "said",
    [
        "pear-pack: the table of contents does not match the archive\n",
        "packing the pears failed\n",
        "pear: unknown sort of fruit 'apple'\n",
    ],
)
def test_a_complaint_in_plain_words_is_shown_rather_than_nothing(said: str):
    finding = only(f"packing\n{said}cleaning up\n")
    assert (finding.kind, said.strip() in finding.headline) == ("unrecognised", True)


@pytest.mark.parametrize(
    "said",
    [
        "-- Looking for pears - not found\n", "checking for pears... no such thing\n", "0 errors, 0 failures\n",
        "warning: unknown pragma ignored\n", "-- Pear requires LLVM version >= 15, found 18.1\n", "All pears are ripe.\n",
    ],
)  # fmt: skip
def test_reports_of_checks_are_no_complaints(said: str):
    assert findings(f"{said}done\n") == ()


def test_a_warning_that_this_llvm_does_not_serve_explains_what_its_tools_say_next():
    finding = only(
        "You have an unsupported version of LLVM!\nOnly 9 to 14 serve. System LLVM version: 15.0.7\n"
        "opt: /tmp/pear.ll:7:6: error: expected top-level entity\n!0 = pear\n     ^\n"
    )
    assert (finding.kind, finding.layer, finding.facts["follow-on-errors"]) == ("cmake-package", Layer.DOWNSTREAM, "1")
    assert "9 to 14" in finding.headline


@pytest.mark.parametrize(
    "said",
    [
        "clang-18: error: cannot find CUDA installation; provide its path via '--cuda-path', or pass '-nocudalib'",
        "/opt/pear/bin/clang++: error: cannot find pear's libraries. Provide them via --pear-root.",
        "/opt/llvm/bin/llvm-link: No such file or directory: '/opt/gpu/lib/libpear-gfx90a.bc'",
        "flang-new: fatal error: cannot find 'pear_module'",
    ],
)
def test_what_a_compiler_does_not_find_is_the_environment(said: str):
    finding = only(f"{said}\nmake: *** [Makefile:2: pear] Error 1\n")
    assert (finding.layer, finding.advice[0].startswith("Install")) == (Layer.MACHINE, True)


@pytest.mark.parametrize(
    "said",
    [
        "/opt/a/bin/llvm-link: /opt/b/pear.bc: error: Unknown attribute kind (60) (Producer: 'LLVM4.0.0' Reader: 'LLVM 4')",
        "opt: /opt/b/pear.bc: error: Unknown type (Producer: 'LLVM19.1.0' Reader: 'LLVM 18.1.8')",
        "llvm-dis: error: Invalid record",
        "llc: pear.bc: error: Invalid value",
        "error: Unknown attribute kind (52) (Producer: 'LLVM4.0.0' Reader: 'LLVM 3.8.0')",
        "/usr/bin/ld: error: LLVM gold plugin: Opaque pointers are not (Producer: 'LLVM15.0.0' Reader: 'LLVM 15.0.0')",
    ],
)
def test_bitcode_of_another_llvm_is_told_as_such_and_what_follows_is_no_cause(said: str):
    finding = only(
        f"{said}\nllvm-link: error:  loading file '/opt/b/pear.bc'\n"
        "clang: error: no such file or directory: '/tmp/pear.bc'\nclang: error: no input files\n"
    )
    assert (finding.kind, finding.layer, "one LLVM" in finding.advice[0]) == ("ir-error", Layer.MACHINE, True)


def test_windows_options_that_clang_takes_for_files_are_unknown_options():
    finding = only(
        "(ClCompile target) ->\n"
        "  clang-cl : error : no such file or directory: '/permissive:2' [E:\\pear\\Pear.vcxproj]\n"
        "  clang-cl : error : no such file or directory: '/permissive:3' [E:\\pear\\Pear.vcxproj]\n"
    )
    assert (finding.kind, finding.identifier) == ("tool-option", "clang-cl /permissive:")


@pytest.mark.parametrize(
    "said",
    [
        "mismatch detected for 'RuntimeLibrary': value 'MD_DynamicRelease' doesn't match value 'MDd_DynamicDebug' in m.obj",
        'Konflikt ermittelt für "RuntimeLibrary": Der Wert "MD" stimmt nicht mit dem Wert "MDd" in "m.obj" überein.',
    ],
)
def test_another_runtime_of_msvc_is_one_setting(said: str):
    row = "LLVMSupport.lib({}.obj) : error LNK2038: {}\n"
    finding = only("".join(row.format(name, said.replace('"', "'")) for name in ("Regex", "Path", "Error")))
    assert (finding.kind, finding.layer, finding.sites) == ("abi-mismatch", Layer.MACHINE, 3)
    assert "CMAKE_BUILD_TYPE" in finding.advice[0]


def test_a_row_of_visual_studios_list_of_errors_is_an_error_with_its_place():
    finding = only(
        "Severity\tCode\tDescription\nError\tC2039\t'ripen': is not a member of 'llvm::Function'\tPear\tD:\\p\\a.cpp\t7\t\n"
    )
    assert (finding.key, str(finding.locations[0])) == (("api-removed", "llvm::Function::ripen"), "D:/p/a.cpp:7")


def test_a_member_that_llvms_template_misses_in_the_projects_class_is_the_projects():
    finding = only("/opt/llvm/include/llvm/Support/Casting.h:59:3: error: no member named 'classof' in 'pear::Tree'\n")
    assert finding.layer is Layer.DOWNSTREAM


def test_an_error_where_the_command_was_cut_out_is_not_taken_for_it():
    finding = only(
        "FAILED: lib/libPear.so\n/src/pear/lib/Trim.h:8: error: type 'pear::Tree' violates the rule [-Werror=odr]\n"
    )
    assert (finding.kind, str(finding.locations[0])) == ("warning-as-error", "/src/pear/lib/Trim.h:8")


def test_a_command_without_its_status_line_begins_the_output_of_an_edge():
    (finding,) = findings(
        ": && c++ -o bin/pear a.o -lMLIR && :\n/usr/bin/ld: cannot find -lMLIR\n[2/9] Linking x\nFAILED: x\n"
    )[:1]
    assert (finding.kind, finding.facts["linked"], finding.layer) == ("library-missing", "pear", Layer.MACHINE)
    assert "LLVM_LINK_LLVM_DYLIB" in finding.advice[0]


@pytest.mark.parametrize(
    ("of", "layer"),
    [("clang-17", Layer.MACHINE), ("x86_64-pc-linux-gnu-clang", Layer.MACHINE), ("pear-opt", Layer.DOWNSTREAM)],
)
def test_a_program_of_llvms_that_does_not_start_is_not_the_projects_fault(of: str, layer: Layer):
    finding = only(f"/opt/bin/{of}: symbol lookup error: /opt/bin/{of}: undefined symbol: LLVMInitializePearTarget\n")
    assert (finding.kind, finding.layer) == ("loader", layer)


@pytest.mark.parametrize("symbol", ["_ZTIN4llvm13ImmutablePassE", "__ZTIN4mlir7DialectE"])
def test_a_typeinfo_that_is_not_found_when_loading_is_about_rtti(symbol: str):
    finding = only(
        f"ImportError: dlopen(/opt/_pear.so, 2): Symbol not found: {symbol}\n  Expected in: flat namespace\n"
    )
    assert "-fno-rtti" in finding.advice[0]


def test_a_sentence_behind_a_colon_is_what_stops_the_configuring():
    finding = only(
        "pear/meson.build:17:8: ERROR: Problem encountered: \nPears are built without stones, so must apples.\n\n"
    )
    assert "without stones" in finding.headline


def test_headers_of_two_llvms_are_one_cause():
    finding = only(
        "In file included from a.cpp:1:\n/usr/lib/llvm-14/include/clang/Basic/FileManager.h:98:24: error: no type named 'X' in namespace 'llvm::y'\n"
        "In file included from a.cpp:2:\nIn file included from /usr/lib/llvm-14/include/clang/AST/Decl.h:4:\n"
        "/usr/lib/llvm-9/include/llvm/ADT/Pear.h:7:1: error: no member named 'z' in 'llvm::Pear'\n"
    )
    assert (finding.kind, finding.layer, "14" in finding.headline, "9" in finding.headline) == (
        "llvm-linked-twice",
        Layer.MACHINE,
        True,
        True,
    )


def test_headers_of_the_compiler_are_not_those_of_another_llvm():
    finding = only(
        "In file included from /usr/lib/llvm-9/include/llvm/ADT/Pear.h:7:\n"
        "/usr/lib/llvm-14/lib/clang/14/include/stddef.h:7:1: error: expected ';' at end of declaration list\n"
    )
    assert finding.kind != "llvm-linked-twice"


def test_a_package_of_others_that_lacks_its_own_target_is_not_llvms_install():
    finding = only(
        "CMake Error at CMakeLists.txt:27 (find_package):\n  Found package configuration file:\n\n    /opt/pear/PearConfig.cmake\n\n"
        '  but it set Pear_FOUND to FALSE so package "Pear" is considered to be\n  NOT FOUND.  Reason given by package:\n\n'
        "  The following imported targets are referenced, but are missing:\n  Pear::Stone\n\n"
    )
    assert (finding.headline.startswith("The Pear install is incomplete"), finding.layer) == (True, Layer.MACHINE)


def test_what_stands_in_front_of_a_stack_dump_is_its_reason_not_the_dump():
    finding = only(
        "error: unknown target triple 'pear'\n*** Aborted at 1611523302 (unix time) ***\nPC: @ 0x0 (unknown)\n"
        "    @     0x7fd1646893c0 (/opt/lib/libpthread.so+0x153bf)\nSegmentation fault\n"
    )
    assert "unknown target triple 'pear'" in finding.headline


@pytest.mark.parametrize(
    ("tool", "layer"), [("pearlight", Layer.DOWNSTREAM), ("clang-shlib", Layer.LLVM), ("driver", Layer.LLVM)]
)
def test_projects_of_others_below_clangs_tools_are_not_llvms(tool: str, layer: Layer):
    finding = only(f"/src/llvm-project/clang/tools/{tool}/a.cpp:3:9: error: no member named 'ripen' in 'clang::Decl'\n")
    assert finding.layer is layer


@pytest.mark.parametrize(
    "said",
    [
        " pear-14 : Depends: libpear-common-14-dev (= 1:14.0.6-12) but it is not installable",
        "E: Unable to locate package libpear-common-14-dev",
        " - nothing provides libpear-common-14-dev needed by pear-14-h1234",
        "error: target not found: libpear-common-14-dev",
    ],
)
def test_what_a_package_manager_does_not_find_is_the_machines(said: str):
    finding = only(f"{said}\n")
    assert (finding.layer, "libpear-common-14-dev" in finding.headline) == (Layer.MACHINE, True)


def test_an_internal_error_of_the_linker_is_not_the_projects():
    finding = only(
        "/usr/bin/ld: BFD 2.29.1 internal error, aborting at ../../bfd/merge.c:910 in _bfd_merged\n\n"
        "/usr/bin/ld: Please report this bug.\n\ncollect2: error: ld returned 1 exit status\n"
    )
    assert (finding.layer, "linker itself" in finding.headline) == (Layer.MACHINE, True)


@pytest.mark.parametrize(
    ("name", "kind"), [("_PEAR_OVERLOAD", "compile-error"), ("LLVM_PEAR_NODISCARD", "api-removed")]
)
def test_a_macro_that_is_not_named_as_llvms_is_no_api_of_llvms(name: str, kind: str):
    assert only(f"lib/a.c:1:1: error: unknown type name '{name}'\n").kind == kind


def test_one_undefined_symbol_with_a_string_in_it_proves_no_other_abi():
    finding = only("a.cpp:305: undefined reference to `llvm::writePear(std::__cxx11::basic_string<char>&)'\n")
    assert finding.kind == "undefined-symbol"


def test_what_a_makefile_says_when_it_stops_is_the_reason():
    finding = only(
        "/src/pear/pear.mk:71: *** ERROR: the pears are too green: found 12, need 15.  Stop.\nmake: *** [all] Error 2\n"
    )
    assert (finding.kind, str(finding.locations[0]), "too green" in finding.headline) == (
        "configure-error",
        "/src/pear/pear.mk:71",
        True,
    )


@pytest.mark.parametrize(
    ("name", "word"), [("/out/libLLVMPear.a", "library of LLVM"), ("/out/.pear-version", "dependency")]
)
def test_a_file_that_nothing_makes_is_taken_for_a_library_by_its_name_only(name: str, word: str):
    finding = only(f"make[3]: *** No rule to make target '{name}', needed by '/out/pear'.  Stop.\n")
    assert (word in finding.advice[0], "library of LLVM" in finding.advice[0]) == (True, name.endswith(".a"))


# -- what is cut off, translated or said in another program's words ------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        'error LNK2019: 无法解析的外部符号 "void __cdecl clang::peel(int)" (?peel@clang@@YAXH@Z)，函数 "int main" (main) 中引用了该符号',
        'error LNK2001: Nicht aufgelöstes externes Symbol "void __cdecl clang::peel(int)" (?peel@clang@@YAXH@Z).',
        'error LNK2019: symbole externe non résolu "void __cdecl clang::peel(int)" (?peel@clang@@YAXH@Z) référencé dans la fonction main',
        'error LNK2019: 未解決の外部シンボル "void __cdecl clang::peel(int)" (?peel@clang@@YAXH@Z) が関数 main で参照されました。',
    ],
)  # fmt: skip
def test_link_exe_speaks_other_languages(said: str):
    finding = only(f"1>clangPear.lib(Trim.obj) : {said}\n")
    assert (finding.kind, "clang::peel" in finding.headline) == ("undefined-symbol", True)


def test_ld64s_list_without_its_head_is_one_link():
    finding = only(
        '  "clang::Pear::peel(llvm::Error)", referenced from:\n      trim() in libTrim.a(Trim.cpp.o)\n'
        '  "clang::Pear::core()", referenced from:\n      trim() in libTrim.a(Trim.cpp.o)\n'
    )
    assert (finding.kind, finding.layer, "clang::Pear::core" in finding.facts["symbols"]) == (
        "undefined-symbol",
        Layer.DOWNSTREAM,
        True,
    )


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (
            'Could not find a configuration file for package "LLVM" that is compatible\n  with requested version "17".\n',
            "cmake-package",
        ),
        (
            'Could not find a configuration file for package "pybind11" that is\ncompatible with requested version "2.9".\n',
            "cmake-package",
        ),
        ('Unknown CMake command "add_mlir_pears".\n', "cmake-command-missing"),
        ('The dependency target "MLIRPears" of target "Trim"\n  does not exist.\n', "cmake-target-missing"),
    ],
)
def test_what_cmake_says_without_its_head_is_read(said: str, kind: str):
    finding = only(
        f"{said}Call Stack (most recent call first):\n  CMakeLists.txt:4 (include)\n\n-- Configuring incomplete, errors occurred!\n"
    )
    assert finding.kind == kind


def test_what_a_warning_of_cmake_says_is_no_error():
    said = '  Could not find a package configuration file provided by "LLVM".\n'
    assert (
        findings(
            f"CMake Warning at CMakeLists.txt:3 (find_package):\n{said}\n\n-- Build files have been written to: /b\n"
        )
        == ()
    )


def test_the_versions_that_cmake_did_not_accept_are_told():
    finding = only(
        "CMake Error at CMakeLists.txt:5 (find_package):\n"
        '  Could not find a configuration file for package "LLVM" that is compatible\n  with requested version "20".\n\n'
        "  The following configuration files were considered but not accepted:\n\n"
        "    /usr/lib/llvm-18/cmake/LLVMConfig.cmake, version: 18.1.8\n"
        "    /usr/lib/llvm-18/cmake/llvm-config.cmake, version: unknown\n"
        "    /lib/llvm-18/cmake/LLVMConfig.cmake, version: 18.1.8\n\n\n-- Configuring incomplete, errors occurred!\n"
    )
    assert "version 20: found 18.1.8 (" in finding.headline


@pytest.mark.parametrize(
    "said",
    [
        "Host compiler does not support '-fuse-ld=lld'",
        "Host compiler must support std::pears!",
        "Host compiler appears to require libpear, but cannot find it.",
        "libstdc++ version must be at least 7.4.",
        "Host GCC version must be at least 7.4, your version is 5.4.0.",
    ],
)
def test_what_llvms_cmake_says_of_the_host_is_the_machines(said: str):
    finding = only(
        f"CMake Error at cmake/modules/HandleLLVMOptions.cmake:3 (message):\n  {said}\n"
        "Call Stack (most recent call first):\n  CMakeLists.txt:7 (include)\n\n\n-- Configuring incomplete, errors occurred!\n"
    )
    assert (finding.layer, said[:20] in finding.headline) == (Layer.MACHINE, True)


def test_parts_of_llvm_in_its_old_tree_are_llvms():
    finding = only(
        "CMake Error at projects/compiler-rt/test/CMakeLists.txt:5 (message):\n  The pear does not exist\n\n\n"
    )
    assert finding.layer is Layer.LLVM


@pytest.mark.parametrize(
    ("module", "layer"),
    [("/opt/llvm/lib/cmake/llvm/AddLLVM.cmake", Layer.DOWNSTREAM), ("cmake/modules/AddLLVM.cmake", Layer.UNKNOWN)],
)
def test_who_calls_a_module_that_llvm_installs_is_a_user_of_it(module: str, layer: Layer):
    finding = only(
        f'CMake Error at {module}:5 (add_dependencies):\n  The dependency target "MLIRPears" of target "obj.Trim" does not exist.\n'
        f"Call Stack (most recent call first):\n  {module}:9 (llvm_add_library)\n"
    )
    assert (finding.identifier, finding.layer) == ("MLIRPears", layer)


def test_where_nobody_may_install_is_a_matter_of_the_prefix():
    finding = only(
        "CMake Error at lib/cmake_install.cmake:41 (file):\n  file cannot create directory: /var/empty/lib/pear.  Maybe need\n"
        "  administrative privileges.\n"
    )
    assert (finding.layer, "CMAKE_INSTALL_PREFIX" in finding.advice[0]) == (Layer.MACHINE, True)


def test_bazel_s_reason_is_what_stands_behind_its_steps():
    finding = only(
        "ERROR: Skipping '...:all': error loading package under directory '': error loading package 'llvm/unittests': "
        "Every .bzl file must have a corresponding package, but '//mlir:pear.bzl' does not have one. Please create a BUILD file.\n"
    )
    assert (finding.layer, finding.headline.startswith("Bazel: Every .bzl file")) == (Layer.DOWNSTREAM, True)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("Build machine is: x86_64\nThe pears are green\n", "'The pears are green'"),
        ("collect2: error: ld returned 1 exit status\n", "'bin/pear-tblgen'"),
        ("clang: error: linker command failed with exit code 1 (use -v to see invocation)\n", "'bin/pear-tblgen'"),
    ],
)
def test_what_stands_in_front_of_makes_complaint_is_shown_else_what_it_was_to_make(lines: str, words: str):
    finding = only(f"{lines}make[1]: *** [Makefile:3: bin/pear-tblgen] Error 1\nmake: *** [Makefile:1: all] Error 2\n")
    assert (finding.kind, words in finding.headline) == ("unrecognised", True)


@pytest.mark.parametrize(
    "said", ["Unhandled version llvm 19.1.0", "Unknown LLVM version 19.1.0", "unexpected clang version: 19.1.0"]
)
def test_a_configure_of_ones_own_that_does_not_know_an_llvm(said: str):
    finding = only(f"{said}\nmake: *** [debian/rules:190: configure] Error 1\n")
    assert (finding.kind, "19.1.0" in finding.headline) == ("cmake-package", True)


@pytest.mark.parametrize(
    "said",
    [
        'Assertion failed: (hasPear() && "no pear"), function peel, file Pear.h, line 238.',
        'Assertion failed: (hasPear() && "no pear"),\nfunction peel, file Pear.h, line 238.',
        'Assertion failed: hasPear() && "no pear", file Pear.h, line 238',
        "src/Pear.h(238): Assertion Failure: `hasPear()` no pear",
        "pear: src/Pear.h:238: bool peel(): Assertion `hasPear()' failed.",
    ],
)
def test_assertions_of_every_c_library_are_told_with_their_place(said: str):
    finding = only(f"peeling\n{said}\n./build.sh: line 50: 1058026 Illegal instruction     (core dumped) pear\n")
    assert (finding.kind, "hasPear()" in finding.headline, finding.locations[0].line) == ("crash", True, 238)


def test_a_program_of_which_the_shell_says_that_it_crashed():
    finding = only("peeling\n./build.sh: line 50: 1058026 Illegal instruction     (core dumped) pear -O2\n")
    assert (finding.kind, "peeling" in finding.headline) == ("crash", True)


def test_what_one_reader_cannot_read_of_one_writer_is_one_cause():
    said = "bfd plugin: LLVM gold plugin has failed to create LTO module: {} (Producer: 'LLVM18.1.8' Reader: 'LLVM 13.0.1')\n"
    finding = only(said.format("Not an int attribute") * 2 + said.format("Unknown attribute kind (86)"))
    assert (finding.kind, "13.0.1" in finding.headline) == ("ir-error", True)


def test_a_file_of_the_systems_that_the_linker_does_not_take_is_the_machines():
    finding = only(
        "/usr/bin/ld: /usr/bin/../lib64/crti.o: unable to initialize decompress status for section .debug_pears\n"
        "/usr/bin/../lib64/crti.o: file not recognized: file format not recognized\n"
        "clang: error: linker command failed with exit code 1 (use -v to see invocation)\n"
    )
    assert (finding.layer, "crti.o" in finding.headline) == (Layer.MACHINE, True)


@pytest.mark.parametrize(
    "code",
    ["typedef v128 (*PearPtr)(Peel, uint64*);", "typedef v128 PearPtr;", "using PearPtr = v128 (*)(Peel);"],
)
def test_a_type_whose_definition_failed_is_no_cause_where_source_lines_begin_at_the_margin(code: str):
    finding = only(
        f"lib/a.c:26:14: error: function cannot return function type 'int (Peel)'\n{code}\n             ^\n"
        "lib/a.c:27:8: error: unknown type name 'PearPtr'; did you mean 'PeelPtr'?\nstatic PearPtr pear = 0;\n       ^~~~\n"
    )
    assert (finding.kind, finding.locations[0].line) == ("compile-error", 26)


@pytest.mark.parametrize(
    "said",
    [
        "error: implicit declaration of function ‘LLVMPeelPears’ [-Wimplicit-function-declaration]",
        "error: call to undeclared function 'LLVMPeelPears'; ISO C99 and later do not support implicit function declarations",
        "error: ‘LLVMPeelPears’ undeclared (first use in this function)",
        "error: ‘class llvm::Pears’ has no member named ‘LLVMPeelPears’",
    ],
)
@pytest.mark.parametrize("place", ["", "lib/a.c:3:4: "])
def test_a_name_of_llvms_that_c_does_not_know_is_gone_also_without_a_place(said: str, place: str):
    finding = only(f"{place}{said}\n")
    assert (finding.kind, finding.layer, "LLVMPeelPears" in finding.identifier) == (
        "api-removed",
        Layer.DOWNSTREAM,
        True,
    )


@pytest.mark.parametrize(
    "said",
    [
        "call to undeclared function 'peel'; ISO C99 and later do not support implicit function declarations",
        "implicit declaration of function ‘peel’; did you mean ‘peal’? [-Wimplicit-function-declaration]",
    ],
)
def test_a_name_of_another_library_that_c_does_not_know_is_no_api_of_llvms(said: str):
    finding = only(f"lib/a.c:3:4: error: {said}\n")
    assert (finding.kind, finding.identifier) == ("compile-error", "peel")


def test_without_a_place_only_what_is_of_llvms_is_an_api():
    assert only("error: ‘peel’ was not declared in this scope\n").kind == "unrecognised"


# -- whose it is, and which function ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "include",
    [
        "-I/usr/lib/llvm-22/include",
        "-isystem /opt/homebrew/opt/llvm@18/include",
        "-I/opt/llvm-22/include",
        "-I/usr/lib64/llvm22/include",
    ],
)
def test_a_project_may_call_its_library_after_llvm(include: str):
    target = "Pear/lib/Pear/CMakeFiles/LLVMPear.dir/Trim.cpp.o"
    command = f"/usr/bin/c++ {include} -o {target} -c /src/pear/Pear/lib/Pear/Trim.cpp"
    said = "/src/pear/Pear/lib/Pear/Trim.cpp:4:9: error: no member named 'ripen' in 'llvm::Function'"
    finding = only(f"[1/2] Building CXX object {target}\nFAILED: {target} \n{command}\n{said}\n")
    assert (finding.kind, finding.layer) == ("api-removed", Layer.DOWNSTREAM)


@pytest.mark.parametrize(
    ("said", "note", "name"),
    [
        ("attempt to use a deleted function", "'ripen' has been explicitly marked deleted here", "ripen"),
        ("too few arguments to function call, expected 6, have 3", "'ripen' declared here", "ripen"),
        (
            "too many arguments to function call, expected single argument 'n', have 2 arguments",
            "'~Pear' declared here",
            "~Pear",
        ),
        (
            "too few arguments to function call, single argument 'x' was not specified",
            "'llvm::ripen' declared here",
            "llvm::ripen",
        ),
        ("attempt to use a deleted function", "'Pear' has been marked deleted here", "Pear"),
    ],
)
def test_clang_says_in_a_note_which_function_a_call_is_of(said: str, note: str, name: str):
    finding = only(unit(f"/src/pear/lib/Trim.cpp:4:9: error: {said}\n/opt/llvm/include/llvm/Pear.h:9:3: note: {note}"))
    assert (finding.kind, finding.identifier) == ("api-changed", name)


@pytest.mark.parametrize(
    ("place", "said", "kind"),
    [
        ("/usr/include/c++/12/bits/pears.h", "std::__is_invocable<const pear::Eq &>{}", "compile-error"),
        ("/usr/include/c++/12/bits/pears.h", "std::is_same<llvm::Pear, int>{}", "api-changed"),
    ],
)
def test_a_static_assertion_without_anything_of_llvms_says_nothing_of_llvm(place: str, said: str, kind: str):
    finding = only(
        f"In file included from /src/pear/lib/a.cc:23:\nIn file included from {place}:5:\n"
        f"{place}:97:4: error: static assertion failed due to requirement '{said}': it must fit\n"
    )
    assert finding.kind == kind


@pytest.mark.parametrize(
    "note",
    ["note:   in passing argument 1 of", "error:   initializing argument 1 of", "note:   initializing argument 1 of"],
)
def test_a_conversion_to_an_argument_names_the_function(note: str):
    finding = only(
        "a.cpp:4:9: error: invalid conversion from ‘int’ to ‘clang::Pear*’ [-fpermissive]\n  tree.grow(argc);\n          ^\n"
        "In file included from a.cpp:1:0:\n"
        f"/usr/include/clang/Pear/Tree.h:96:8: {note} ‘void clang::Tree::grow(clang::Pear*, bool)’ [-fpermissive]\n"
        "   void grow(Pear *one = 0,\n        ^\n"
    )
    assert finding.advice[0] == "It is argument 1 of 'clang::Tree::grow' (clang/Pear/Tree.h:96)."


def test_a_projects_headers_below_a_directory_named_llvm_are_its_own():
    finding = only(
        "[  2%] Building CXX object main/CMakeFiles/LLVMPear.dir/Trim.cpp.o\n"
        "In file included from /home/p/pear/main/Trim.cpp:16:\n"
        "/home/p/pear/include/llvm/Analysis/Pear.h:4:7: error: deleted function '~Pear' cannot override a non-deleted function\n"
        "class Pear : public ModulePass {\n      ^\n/usr/include/llvm/Pass.h:253:3: note: overridden virtual function is here\n"
        "make[2]: *** [main/CMakeFiles/LLVMPear.dir/build.make:76: main/CMakeFiles/LLVMPear.dir/Trim.cpp.o] Error 1\n"
    )
    assert (finding.layer, str(finding.locations[0])) == (Layer.DOWNSTREAM, "include/llvm/Analysis/Pear.h:4:7")


def test_enumerators_of_libclangs_that_are_missed_together_are_one_cause():
    said = "a.cpp:{}:10: error: ‘CXPear_{}’ was not declared in this scope\n"
    finding = only("".join(said.format(number, name) for number, name in enumerate(("Ripe", "Green", "Sour"), 3)))
    assert finding.facts["names"] == "CXPear_Green, CXPear_Ripe, CXPear_Sour"


@pytest.mark.parametrize(
    "panic",
    [
        "thread 'main' panicked at C:\\Users\\p\\bindgen-0.68.1\\lib.rs:611:31:\n  Unable to find libclang: \"couldn't find any of ['clang.dll']",
        "thread 'main' panicked at /home/p/build.rs:3:31:\n  Could not find pear-config in the path\n",
        "thread 'main' (7) panicked at 'Unable to find libclang: \"nothing matches\"', src/lib.rs:3:4\n",
    ],
)
def test_what_a_build_script_panics_about_is_what_the_machine_lacks(panic: str):
    finding = only(
        "error: failed to run custom build command for `pear-sys v0.2.2`\n\nCaused by:\n"
        "  process didn't exit successfully: `C:\\pear\\build-script-build` (exit code: 101)\n  --- stderr\n  " + panic
    )
    assert (finding.layer, finding.kind) == (Layer.MACHINE, "cmake-package")
    assert "libclang" in finding.headline or "pear-config" in finding.headline


def test_an_example_of_llvms_built_out_of_its_tree_is_the_users():
    finding = only(
        "/home/u/llvm-project/llvm/examples/Pear/toy.cpp:12:7: error: no member named 'peel' in namespace 'llvm'\n"
        "1 error generated.\n"
    )
    assert (finding.kind, finding.layer) == ("api-removed", Layer.DOWNSTREAM)


@pytest.mark.parametrize(
    ("said", "advised"),
    [
        ("include could not find requested file:\n\n    AddPear\n", "CMAKE_MODULE_PATH"),
        ('Unknown CMake command "PearAddPackage".\n', "not called as LLVM's"),
    ],
)
def test_what_of_cmake_is_not_found_gets_the_advice_of_its_sort(said: str, advised: str):
    finding = only(
        f"CMake Error at CMakeLists.txt:20 (include):\n  {said}\n\n-- Configuring incomplete, errors occurred!\n"
    )
    assert advised in finding.advice[0]


def test_a_header_that_is_none_of_llvms_is_not_looked_for_in_llvm():
    finding = only("/src/p/a.cpp:1:10: fatal error: 'pear/pear.h' file not found\n")
    assert "none of LLVM's" in finding.advice[0]


def test_a_tool_that_is_called_after_llvm_is_asked_for_by_its_whole_name():
    finding = only(
        "CMake Error at cmake/FindPear.cmake:9 (message):\n  Can't find llvm-pear.  Please provide CMake argument\n"
        "  -DLLVM_PEAR=/path/to/llvm-pear\n\n-- Configuring incomplete, errors occurred!\n"
    )
    assert "'llvm-pear'" in finding.advice[0]
    assert finding.advice[0].endswith("(LLVM_PEAR).")


def test_a_component_that_llvm_config_does_not_know_is_no_option():
    finding = only(
        "cc pear.o `llvm-config --libs core pearjit` -o pear\nllvm-config: unknown component name: pearjit\n"
        "/usr/bin/ld: pear.o: undefined reference to `LLVMAddFunction'\n"
    )
    assert finding.headline.startswith("'llvm-config' knows no component 'pearjit'")


def test_a_line_that_only_says_how_a_command_ended_is_no_cause():
    finding = only(
        "peeler: the pear is not ripe\n/src/Makefile:12: recipe for target 'pear.o' failed\nmake: *** [pear.o] Error 1\n"
    )
    assert "not ripe" in finding.headline


def test_what_says_that_something_is_not_there_is_the_machines():
    assert (
        only("peeler: error: the ripening kit could not be found\nmake: *** [pear] Error 127\n").layer is Layer.MACHINE
    )


def _in_a_link(asked: str) -> str:
    return f"/usr/bin/ld: cannot find -l{asked}\ncollect2: error: ld returned 1 exit status\n"


@pytest.mark.parametrize(("asked", "layer"), [("ripener", Layer.MACHINE), ("MLIRRipen", Layer.DOWNSTREAM)])
def test_a_library_that_a_link_asks_for_by_name_is_the_machines_unless_it_moves_with_llvm(asked: str, layer: Layer):
    assert only(_in_a_link(asked)).layer is layer


@pytest.mark.parametrize(
    "log",
    [
        _in_a_link("ripener"),
        _in_a_link("clang"),
        _in_a_link("ripe_s.10.5"),
        "ld.lld: error: unable to find library -lripener\n",
        "LINK : fatal error LNK1181: cannot open input file 'ripener.lib'\n",
    ],
)
@pytest.mark.parametrize(("stage", "layer"), [("", Layer.MACHINE), ("build", Layer.DOWNSTREAM)])
def test_a_library_that_does_not_move_with_llvm_is_to_be_installed(log: str, stage: str, layer: Layer):
    (finding,) = diagnose([log.encode()], context=DiagnosisContext(exit_code=1, stage=stage)).findings
    assert (finding.kind, finding.layer) == ("library-missing", layer)
    assert "Install the library" in finding.advice[0]
    assert not any("in LLVM" in step for step in finding.advice)


@pytest.mark.parametrize("asked", ["MLIRRipen", "clangRipen", "LTO"])
def test_a_library_that_moves_with_llvm_may_have_a_new_name_there(asked: str):
    assert "new name in LLVM" in only(_in_a_link(asked)).advice[0]


@pytest.mark.parametrize(
    ("said", "layer"),
    [
        ("ld: unknown option: --ripen-all", Layer.MACHINE),
        ("clang: error: the clang compiler does not support 'fripe'", Layer.MACHINE),
        ("peeler: error: invalid field 'stones' of the pear", Layer.DOWNSTREAM),
        ("error: 'ripen-pears' does not refer to a registered pass", Layer.DOWNSTREAM),
        ('ERROR: peelpost: "__ripe_assert" [drivers/pear.ko] undefined!', Layer.DOWNSTREAM),
    ],
)
def test_what_no_file_places_is_the_machines_unless_it_speaks_of_code(said: str, layer: Layer):
    assert only(f"{said}\nmake: *** [pear] Error 1\n").layer is layer


def test_what_no_file_places_is_not_the_fault_of_a_machine_that_is_known_to_build():
    log = b"ld: unknown option: --ripen-all\nmake: *** [pear] Error 1\n"
    (finding,) = diagnose([log], context=DiagnosisContext(exit_code=1, stage="build")).findings
    assert finding.layer is Layer.UNKNOWN


def test_words_that_call_a_machines_something_are_not_told_before_errors_of_code():
    found = findings(
        "src/pear.cpp:3:9: error: use of undeclared identifier 'ripe'\nld: unknown option: --ripen-all\n"
        "make: *** [pear] Error 1\n"
    )
    assert [finding.kind for finding in found] == ["api-removed", "link-error"]


@pytest.mark.parametrize(
    "wrapper",
    [
        "error: failed to run custom build command for `pear-sys v0.1.0 (/src/pear-sys)`",
        "error: subprocess-exited-with-error",
        "× python setup.py bdist_wheel did not run successfully.",
        "ERROR: Failed building wheel for pear",
        "Error: Command failed: gradlew.bat app:installDebug",
        "The following build commands failed:",
        "** BUILD FAILED **",
        "Failed to run clang(exit code = Some(1))",
        "<unknown>:0: error: build had 1 command failures",
    ],
)
def test_a_wrapper_is_known_by_its_form_and_hides_no_reason(wrapper: str):
    reason = "peeler: error: the pear is not ripe"
    for log in (f"{wrapper}\n{reason}\n", f"{reason}\n{wrapper}\n"):
        assert "not ripe" in only(log).headline


def test_cmake_that_only_says_that_a_file_was_not_made_hides_no_reason():
    finding = only(
        "clang-18: error: cannot find ripe runtime; provide its path via '--ripe-path'\n"
        "CMake Error at pear_generated.cpp.o.cmake:138 (message):\n  Error generating\n  /b/pear.o\n\n"
    )
    assert "ripe runtime" in finding.headline


def test_an_error_right_in_front_of_llvms_last_word_is_the_reason():
    finding = only(
        "error: failed to legalize operation 'pear.trim'\nPass execution failedLLVM ERROR: Failed to ripen\n"
    )
    assert finding.kind == "llvm-fatal"
    assert "pear.trim" in finding.headline


def test_a_panic_in_several_lines_is_told_by_its_first():
    finding = only("thread 'main' panicked at 'the pear is not ripe; it may be:\n- green\n- hard', src/lib.rs:5:9\n")
    assert (finding.kind, "not ripe" in finding.headline) == ("script-error", True)


def test_what_a_script_goes_on_to_say_behind_its_error_is_no_other_cause():
    finding = only(
        "Error: The pear has no key of orchard.Tree\nError: Use -H:+Stones to print the stones\nmake: *** [p] Error 1\n"
    )
    assert "orchard.Tree" in finding.headline


def test_a_header_that_one_of_the_systems_misses_is_the_machines():
    finding = only(
        "In file included from pear.c:1:\nIn file included from /usr/include/linux/bpf.h:11:\n"
        "/usr/include/linux/types.h:5:10: fatal error: 'asm/types.h' file not found\n"
    )
    assert (finding.kind, finding.layer) == ("header-missing", Layer.MACHINE)


def test_a_type_is_not_said_to_be_no_longer_convertible_to_itself():
    finding = only(
        "pear.cpp:4:9: error: cannot bind non-const lvalue reference of type 'llvm::PearResults&' to an rvalue of type "
        "'llvm::PearResults'\n    4 |   PearTree tree(*results);\n      |                 ^~~~~~~~\n"
    )
    assert finding.kind == "api-changed"
    assert finding.headline.startswith(
        "cannot bind non-const lvalue reference of type 'llvm::PearResults&' to an rvalue"
    )


def test_what_code_was_instrumented_with_is_one_cause():
    finding = only(
        "libpear.a(trim.o): In function `trim':\ntrim.c:(.text+0x1): undefined reference to `__gcov_init'\n"
        "trim.c:(.text+0x9): undefined reference to `__asan_report_load8'\n"
        "trim.c:(.text+0x11): undefined reference to `__ubsan_handle_sub_overflow'\n"
    )
    assert "-fsanitize" in finding.advice[0]


@pytest.mark.parametrize(
    "said",
    [
        'Undefined symbols for architecture arm64:\n  "___muloti4", referenced from:\n      _ripen in pear.o\nld: symbol(s) not found for architecture arm64\n',
        "pear.c:(.text+0x1): undefined reference to `__udivti3'\ncollect2: error: ld returned 1 exit status\n",
        "ld.lld: error: undefined symbol: __extendhfsf2\n>>> referenced by pear.c\n>>>               pear.o:(ripen)\n",
    ],
)
def test_arithmetic_that_the_processor_does_not_have_is_in_the_compilers_runtime(said: str):
    finding = only(said)
    assert finding.layer is Layer.MACHINE
    assert "builtins" in finding.advice[0]


@pytest.mark.parametrize("name", ["__mulberry_tree", "__fix_pears", "__addPear4"])
def test_a_name_that_only_begins_as_arithmetic_is_none(name: str):
    assert "builtins" not in " ".join(only(f"ld.lld: error: undefined symbol: {name}\n").advice)


def test_what_every_program_in_cxx_needs_is_one_cause():
    finding = only(
        "pear.o: in function `ripen':\npear.cc:3: undefined reference to `vtable for __cxxabiv1::__class_type_info'\n"
        "pear.cc:4: undefined reference to `__cxa_throw'\npear.cc:5: undefined reference to `__dynamic_cast'\n"
    )
    assert "c++, not cc" in finding.advice[0]


def test_a_symbol_that_is_imported_from_a_dll_is_called_by_its_name():
    assert "'_RipeReport'" in only("lld-link: error: undefined symbol: __declspec(dllimport) _RipeReport\n").headline


@pytest.mark.parametrize("symbol", ["llvm.fshr.i64", "_llvm.umax.i32", "llvm.memcpy.p0.p0.i64", "llvm.coro.end"])
def test_an_intrinsic_that_is_undefined_asks_for_a_newer_llvm_and_for_no_library(symbol: str):
    finding = only(f"pear.o: in function `ripen':\npear.rn:17: undefined reference to `{symbol}'\n")
    assert finding.layer is Layer.MACHINE
    assert "older than the one" in finding.advice[0]


def test_what_only_looks_like_an_intrinsic_is_a_symbol_of_a_library():
    finding = only("pear.o: in function `ripen':\npear.c:17: undefined reference to `llvm.ripen'\n")
    assert "library that defines" in finding.advice[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("non-const lvalue reference to type 'Orchard' cannot bind to a value of unrelated type 'llvm::Pear *'",
         "non-const lvalue reference to type 'Orchard' cannot bind to a temporary of type 'llvm::Pear *'"),
        ("rvalue reference to type 'Orchard' cannot bind to lvalue of type 'llvm::Pear'",
         "reference to type 'Orchard' could not bind to an rvalue of type 'llvm::Pear'"),
    ],
)  # fmt: skip
def test_a_reference_that_binds_to_another_type_no_longer_is_one_cause_whatever_was_to_be_bound(
    first: str, second: str
):
    finding = only(f"pear.cpp:4:9: error: {first}\npear.cpp:9:9: error: {second}\n2 errors generated.\n")
    assert finding.kind == "api-changed"
    assert finding.sites == 2
