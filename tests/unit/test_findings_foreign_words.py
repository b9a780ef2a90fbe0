"""What a maintainer does not hear from the compiler: linkers, loaders, shells and others, in words of their own."""

# ruff: noqa: E501, RUF001  (what tools print)
from __future__ import annotations

import pytest

from pytest_llvmgate.model import Layer
from tests.support.logs import only


@pytest.mark.parametrize(
    "line",
    [
        'LLVMPear.lib(Fig.obj) : error LNK2019: unresolved external symbol __std_ripen_8 referenced in function "void __cdecl f(void)" (?f@@YAXXZ)',
        "LLVMPear.lib(Fig.obj) : error LNK2019: 无法解析的外部符号 __std_ripen_8，函数 f 中引用了该符号",
        "/usr/bin/ld: /opt/llvm/lib/libLLVMPear.a(Fig.cpp.o):Fig.cpp:(.text+0x1): undefined reference to `_alloca'",
    ],
)
def test_names_that_cxx_keeps_for_its_runtime_are_the_runtimes(line: str):
    finding = only(f"{line}\n")
    assert (finding.kind, finding.layer) == ("abi-mismatch", Layer.MACHINE)
    assert "runtime" in finding.headline


def test_strings_in_what_llvms_own_archive_misses_prove_no_other_abi():
    lines = "".join(
        f"/usr/bin/ld: /opt/llvm/lib/libclangPear.a(Fig.cpp.o):Fig.cpp:(.text+0x{n}): undefined reference to"
        f" `llvm::ripen{n}(std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >&)'\n"
        for n in range(2)
    )
    assert only(lines).kind == "undefined-symbol"


@pytest.mark.parametrize(
    ("form", "files"),
    [
        ('LLVM-pear.lib(LLVM-pear.dll) : error LNK2005: "void __cdecl ripen{0}(int)" (?r{0}@@YA) already defined in LLVMFig.lib(Fig.obj)\n', "'LLVM-pear.lib' and 'LLVMFig.lib'"),
        ("ld.lld: error: duplicate symbol: ripen{0}\n>>> defined at fig.c:1\n>>>            libfig.a(fig.c.obj)\n>>> defined at libpear.a(pear.c.obj)\n\n", "'libfig.a' and 'libpear.a'"),
        ("/usr/bin/ld: pear.o:(.bss+0x{0}): multiple definition of `ripen{0}'; fig.o:(.bss+0x{0}): first defined here\n", "'pear.o' and 'fig.o'"),
    ],
)  # fmt: skip
def test_all_that_two_files_both_define_is_one_cause(form: str, files: str):
    finding = only("".join(form.format(number) for number in range(3)))
    assert finding.kind == "duplicate-symbol"
    assert f"by {files}" in finding.headline
    assert "and 2 more names" in finding.headline


def test_archives_of_lto_bitcode_explain_what_a_linker_without_plugin_misses():
    finding = only(
        "/usr/bin/ld: /opt/llvm/lib/libLLVMPear.a(Fig.cpp.o): plugin needed to handle lto object\n"
        "/usr/bin/ld: main.o: in function `main':\nmain.cpp:(.text+0x61): undefined reference to `llvm::ripen(int)'\n"
        "collect2: error: ld returned 1 exit status\n"
    )
    assert (finding.kind, finding.layer) == ("library-missing", Layer.MACHINE)
    assert "/opt/llvm/lib/libLLVMPear.a" in finding.headline


@pytest.mark.parametrize(
    "line",
    [
        "/bin/sh: 1: /b/NATIVE/bin/mlir-tblgen: Exec format error",
        '../bin/mlir-tblgen: 1: ../bin/mlir-tblgen: Syntax error: "(" unexpected',
        "bash: /b/bin/mlir-tblgen: cannot execute binary file: Exec format error",
    ],
)
def test_a_generator_of_another_machine_is_the_machines(line: str):
    finding = only(f"{line}\n")
    assert (finding.identifier, finding.layer) == ("mlir-tblgen", Layer.MACHINE)
    assert "another machine" in finding.headline


def test_a_compiler_that_is_killed_in_chinese_was_killed():
    assert (
        only("c++: fatal error: 已杀死 signal terminated program cc1plus\ncompilation terminated.\n").kind
        == "out-of-memory"
    )


def test_a_linker_that_died_of_a_signal_is_said_so():
    finding = only(
        "collect2: fatal error: ld terminated with signal 7 [Bus error], core dumped\ncompilation terminated.\n"
    )
    assert "ld terminated with signal 7" in finding.headline


@pytest.mark.parametrize(
    "said", ["Invalid summary version 12. Version should be in the range [1-10].", "Corrupted bitcode"]
)
def test_bitcode_of_another_llvm_is_told_by_thinlto_too(said: str):
    finding = only(
        f"error: can't create module summary index for buffer: {said}\nLLVM ERROR: ThinLink didn't create an index\n"
    )
    assert (finding.kind, finding.layer) == ("ir-error", Layer.MACHINE)


def test_the_standard_header_that_gcc_names_is_not_included():
    finding = only(
        "/src/pear/fig.h:3:3: error: 'ripe_t' does not name a type\n"
        "/src/pear/fig.h:1:1: note: 'ripe_t' is defined in header '<cripe>'; did you forget to '#include <cripe>'?\n"
    )
    assert (finding.kind, finding.layer) == ("header-not-included", Layer.DOWNSTREAM)
    assert "<cripe>" in finding.advice[0]


def test_an_installed_program_that_does_not_start_is_the_machines():
    finding = only(
        "D:/msys64/mingw64/bin/clang.exe: error while loading shared libraries: libpear.dll: cannot open shared object file: No such file or directory\n"
    )
    assert (finding.kind, finding.layer) == ("loader", Layer.MACHINE)
    assert "'clang.exe'" in finding.headline


def test_a_pass_that_opt_does_not_know_is_the_projects():
    finding = only("./bin/opt: unknown pass name ‘ripen’\n")
    assert (finding.kind, finding.layer) == ("tool-option", Layer.DOWNSTREAM)
    assert "ripen" in finding.headline


def test_an_operation_of_a_dialect_that_nobody_registered_is_the_projects():
    finding = only(
        "LLVM ERROR: pear.ripen created with unregistered dialect. If this is intended, please call allowUnregisteredDialects()\nStack dump:\n0.\tProgram arguments: mlir-opt a.mlir\n"
    )
    assert finding.layer is Layer.DOWNSTREAM


def test_what_a_probe_of_configure_does_not_compile_belongs_to_its_verdict():
    finding = only(
        "conftest.c:3:10: error: call to undeclared function 'ripen'; ISO C99 and later do not support implicit function declarations\n"
        "1 error generated.\nconfigure:463: error: ripen() has a new signature\n"
    )
    assert finding.kind == "configure-error"


def test_what_lit_says_of_a_configuration_names_the_exception():
    finding = only(
        "lit.py: /opt/lit/TestingConfig.py:164: fatal: unable to parse config file '/src/pear/lit.cfg.py', traceback: Traceback (most recent call last):\n"
        "  File \"/src/pear/lit.cfg.py\", line 12, in <module>\n    ripe\nNameError: name 'ripe' is not defined\n"
    )
    assert "name 'ripe' is not defined" in finding.headline
    assert finding.advice[0].startswith("lit ends before the first test: mend that file")


def test_in_a_build_too_it_is_one_cause():
    finding = only(
        "[6/7] Running the tests/ suite\n"
        "lit: /opt/lit/TestingConfig.py:164: fatal: unable to parse config file '/src/pear/lit.cfg.py', traceback: Traceback (most recent call last):\n"
        '  File "/src/pear/lit.cfg.py", line 27, in <module>\n    config.test_format = lit.formats.ShTest(ripe)\n'
        '  File "/opt/lit/formats/shtest.py", line 27, in __init__\n    raise ValueError(\n'
        "ValueError: ripe is no more\n\n"
        "FAILED: [code=2] test/check-pear /b/test/check-pear\ncd /b/test && lit -sv /b/test\nninja: build stopped: subcommand failed.\n"
    )
    assert "ripe is no more" in finding.headline


def test_a_td_file_of_llvms_that_another_tblgen_refuses_is_the_machines():
    finding = only(
        "Included from pear.td:1:\n/opt/llvm/include/mlir/IR/Ripe.td:7:5: error: Record `Fig' does not have a field named `ripe'!\n"
    )
    assert (finding.kind, finding.layer) == ("tablegen", Layer.MACHINE)


def test_spacks_excerpt_loses_its_margin():
    finding = only(
        "==> No binary for pear-1 found: installing from source\n==> Error: ProcessError: Command exited with status 2:\n    'make'\n\n"
        "1 error found in build log:\n     68517    -- Up-to-date: /opt/pear\n"
        "  >> 68518    /src/pear/fig.cpp:3:1: error: no member named 'ripen' in 'llvm::Function'\n"
    )
    assert finding.kind == "api-removed"


def test_one_sentence_of_a_linker_on_many_symbols_is_one_cause():
    lines = "".join(
        f"ld.lld: error: version script assignment of 'PEAR_{n}' to symbol 'ripen{n}' failed: symbol not defined\n"
        for n in range(4)
    )
    assert only(lines).kind == "link-error"


def test_what_cmake_quotes_of_a_program_that_it_ran_stays_its_own():
    finding = only(
        "CMake Error at CMakeLists.txt:4 (message):\n  Unexpected failure executing pear-build: Usage: pear-build\n\n"
        "  pear-build: error: invalid target to enable: 'FIG' (not in project)\n\n-- Configuring incomplete, errors occurred!\n"
    )
    assert "'FIG'" in finding.headline


def test_an_archive_that_clang_is_given_and_nobody_installed_is_the_machines():
    finding = only("clang: error: no such file or directory: '/opt/ndk/lib/libclang_rt.pear.a'\n")
    assert (finding.kind, finding.layer) == ("tool-error", Layer.MACHINE)


def test_nvcc_says_fatal_in_a_way_of_its_own():
    finding = only("nvcc fatal   : The version ('90000') of the host compiler ('Apple clang') is not supported\n")
    assert "host compiler" in finding.headline


def test_a_file_that_llvms_own_cmake_misses_is_llvms():
    finding = only(
        "CMake Error: File /src/llvm-project/libcxxabi/test/lit.site.cfg.in does not exist.\n"
        "CMake Error at /src/llvm-project/llvm/cmake/modules/AddLLVM.cmake:1816 (configure_file):\n  configure_file Problem configuring file\n"
    )
    assert finding.layer is Layer.LLVM


def test_clangs_own_runtime_that_is_not_installed_is_the_machines():
    finding = only(
        "/usr/bin/ld: cannot find /opt/clang/lib/linux/libclang_rt.pear-x86_64.a: No such file or directory\n"
    )
    assert (finding.kind, finding.layer) == ("library-missing", Layer.MACHINE)


def test_instructions_that_the_assembler_does_not_know_are_one_cause():
    assert (
        only(
            "pear.S:3:2: error: invalid instruction, did you mean: mrc?\npear.S:9:2: error: invalid instruction, did you mean: str, strd?\n"
        ).kind
        == "compile-error"
    )


def test_failed_in_capitals_is_not_always_ninjas():
    finding = only(
        "  LD      vmlinux\nFAILED: load BTF from vmlinux: Invalid argument\nmake: *** [Makefile:1264: vmlinux] Error 2\n"
        "error: Bad exit status from /var/tmp/rpm-tmp.x (%build)\n"
    )
    assert "FAILED: load BTF from vmlinux" in finding.headline


def test_a_message_that_the_terminal_broke_within_a_word_is_read_whole():
    finding = only("pear.cpp:9:2: error: ‘class llvm::Module’ has no member name\nd ‘ripen’\n  9 | m.ripen();\n")
    assert finding.identifier == "llvm::Module::ripen"


def test_msbuild_gives_an_error_of_clang_cl_no_code():
    assert "'pear'" in only("1>D:\\fig\\pear.hpp(773,56): error : use of undeclared identifier 'pear'\n").headline


def test_a_driver_that_finds_no_gcc_is_one_cause_whatever_box_the_log_stands_in():
    said = (
        "ld: cannot find crtbeginPear.o: No such file or directory",
        "ld: cannot find -lgcc: No such file or directory",
    )
    finding = only("".join(f" │ │     $PREFIX/bin/{line}   \n" for line in said))
    assert (finding.kind, finding.layer) == ("library-missing", Layer.MACHINE)
    assert "crtbeginPear.o" in finding.headline


@pytest.mark.parametrize(
    "message",
    [
        "LLVM target 'peargpu' not enabled in your LLVM build. Required by fig.",
        "LLVM PEAR600 Target not enabled.",
        "LLVM 3.9.0 or newer is required for pear",
        "LLVM >= 15 is required",
        "pear needs LLVM version 15.0 or later",
        "this LLVM 9.0.1 is too old",
    ],
)
def test_an_llvm_that_does_not_serve_is_the_machines(message: str):
    assert only(f"configure: error: {message}\n").layer is Layer.MACHINE


def test_a_linker_that_dies_under_the_driver_is_no_program_of_the_project():
    finding = only(
        "FAILED: pear\nclang-8: error: unable to execute command: Segmentation fault\n"
        "clang-8: error: linker command failed due to signal (use -v to see invocation)\n"
    )
    assert (finding.kind, finding.layer) == ("compiler-crash", Layer.MACHINE)


def test_a_module_of_pythons_is_missing_whoever_tells_it():
    finding = only("Could not import extension pear_fig (exception: No module named 'pear_fig')\n")
    assert finding.layer is Layer.MACHINE


def test_a_message_that_is_cut_inside_its_first_name_says_nothing():
    finding = only(
        "pear.cpp:1:2: error: 'class llvm::Type' has no member named 'getRipeType'\npear.cpp:9:2: error: 'cla\n"
    )
    assert "getRipeType" in finding.headline


def test_a_crash_without_a_reason_in_front_of_one_that_has_it_is_counted_with_it():
    finding = only(
        "gcc: internal compiler error: Segmentation fault signal terminated program cc1plus\n\n\n\n\n\n\n\n\n"
        "clang++: /src/llvm/lib/Pear.cpp:9: void peel(): Assertion `ripe' failed.\nStack dump:\n"
        "0.\tProgram arguments: clang++ -c pear.cpp\n"
        "clang++: error: clang frontend command failed with exit code 134 (use -v to see invocation)\n"
    )
    assert (finding.facts["assertion"], finding.facts["follow-on-errors"]) == ("ripe", "2")


@pytest.mark.parametrize("name", ["mod", "min", "max"])
def test_a_name_that_c_does_not_have_is_no_standard_header_s(name: str):
    assert only(f"pear.cpp:3:4: error: '{name}' was not declared in this scope\n").kind == "api-removed"


def test_what_cmake_quotes_of_a_program_is_a_part_of_its_message():
    finding = only(
        "CMake Error at CMakeLists.txt:3 (message):\n  pear said:\n\n  Traceback (most recent call last):\n"
        '    File "pear.py", line 2, in <module>\n  ValueError: not ripe\n\n'
        "Call Stack (most recent call first):\n  CMakeLists.txt:2 (project)\n\n"
    )
    assert "ValueError: not ripe" in finding.headline
