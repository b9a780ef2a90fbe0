"""What tools print that no machine of ours can make: MSVC, ld64, MSBuild, other locales. And what looks like it."""

# ruff: noqa: E501, RUF001  (what tools print)
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.findings import diagnose
from pytest_llvmgate.findings.lines import clean, plain_quotes
from pytest_llvmgate.findings.parsers.cmake import unwrap
from pytest_llvmgate.findings.parsers.compiler_messages import classify, normalise, unconverted
from pytest_llvmgate.model import Layer
from pytest_llvmgate.objects.cxx_names import bare_type, function_name
from tests.support.logs import only


@pytest.mark.parametrize(
    ("message", "kind", "identifier"),
    [
        ("'class mlir::Value' has no member named 'isa'", "api-removed", "mlir::Value::isa"),
        ("no member named 'isa' in 'mlir::Value'", "api-removed", "mlir::Value::isa"),
        ("'isa': is not a member of 'mlir::Value'", "api-removed", "mlir::Value::isa"),
        ("'x' is not a member of 'mlir::Y'", "api-removed", "mlir::Y::x"),
        ("no type named 'X' in namespace 'mlir'", "api-removed", "mlir::X"),
        ("'fooBar': identifier not found", "api-removed", "fooBar"),
        ("use of undeclared identifier 'fooBar'; did you mean 'foobar'?", "api-removed", "fooBar"),
        ("no matching function for call to 'mlir::tosa::F::build(int)'", "api-changed", "mlir::tosa::F::build"),
        ("cannot convert 'mlir::A' to 'int' in return", "api-changed", "mlir::A -> int"),
        ("no viable conversion from 'mlir::A' (aka 'B<C>') to 'int'", "api-changed", "mlir::A -> int"),
        ("no matching function for call to 'X<int>::X(const Y&)'", "api-changed", "Y -> X"),
        ("no matching function for call to 'n::X<int>::X(const n::Y&)'", "api-changed", "n::Y -> n::X"),
        ("'void A::f(int)' marked 'override', but does not override", "api-changed", "A::f"),
        ("invalid use of incomplete type 'class mlir::Pass'", "header-not-included", "mlir::Pass"),
        ("mlir/IR/Foo.h: No such file or directory", "header-missing", "mlir/IR/Foo.h"),
        ("'mlir/IR/Foo.h' file not found", "header-missing", "mlir/IR/Foo.h"),
        ("Cannot open include file: 'mlir/IR/Foo.h': No such file or directory", "header-missing", "mlir/IR/Foo.h"),
        ("'X.h.inc' file not found", "generated-header-missing", "X.h.inc"),
        ("'f' is deprecated: use g [-Werror,-Wdeprecated-declarations]", "api-deprecated", "f"),
        ("unused variable 'x' [-Werror=unused-variable]", "warning-as-error", None),
        ("something quite new", "compile-error", "something quite new"),
    ],
)
def test_messages_of_three_compilers_have_one_meaning(message: str, kind: str, identifier: str | None):
    shape = classify(message)
    assert shape.kind == kind
    assert identifier is None or shape.identifier == identifier


def test_an_identifier_is_the_same_on_every_machine():
    assert normalise("cannot read /home/a/b/x.td:12345") == normalise("cannot read /root/c/x.td:99999")


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("std::vector<int> a::b<c>::f(int, g(*)())", "a::b::f"),
        ("a::operator==(x, y)", "a::operator=="),
        ("(anonymous namespace)::f()", "f"),
        ("f", "f"),
    ],
)
def test_the_name_in_a_signature(signature: str, name: str):
    assert function_name(signature) == name


def test_msvc_and_its_repeated_summary_are_one_finding():
    line = (
        "C:\\src\\quill\\lib\\Lower.cpp(12,5): error C2039: 'isa': is not a member of 'mlir::Value' "
        "[C:\\build\\Quill.vcxproj]\r\n"
    )
    finding = only(f"  Lower.cpp\r\n{line}Build FAILED.\r\n\r\n  {line}    1 Error(s)\r\n")
    assert finding.key == ("api-removed", "mlir::Value::isa")
    assert str(finding.locations[0]) == "C:/src/quill/lib/Lower.cpp:12:5"


def test_link_exe_names_the_symbol():
    finding = only(
        'Foo.obj : error LNK2019: unresolved external symbol "void __cdecl ns::f(int)" (?f@ns@@YAXH@Z) referenced in'
        " function main\nbin\\quill.dll : fatal error LNK1120: 1 unresolved externals\n"
    )
    assert finding.kind in {"undefined-symbol", "shared-link"}
    assert "ns::f(int)" in finding.facts["symbols"]


def test_ld64_lists_every_symbol_with_its_object():
    finding = only(
        "[1/1] Linking CXX shared library lib/libFoo.dylib\nFAILED: lib/libFoo.dylib \n: && c++ -o lib/libFoo.dylib\n"
        "Undefined symbols for architecture arm64:\n"
        '  "ns::f()", referenced from:\n      g() in Foo.cpp.o\n'
        '  "ns::h()", referenced from:\n      g() in Foo.cpp.o\n'
        "ld: symbol(s) not found for architecture arm64\n"
        "clang: error: linker command failed with exit code 1 (use -v to see invocation)\n"
        "ninja: build stopped: subcommand failed.\n"
    )
    assert finding.kind == "shared-link"
    assert finding.facts["symbols"].split("\n") == ["ns::f()", "ns::h()"]


def test_dyld_does_not_find_a_library():
    finding = only("dyld[123]: Library not loaded: @rpath/libMLIR.dylib\n  Referenced from: /x/bin/opt\n")
    assert finding.key == ("loader", "libMLIR.dylib")


def test_storage_uniquer_means_llvm_twice():
    finding = only(
        "LLVM ERROR: can't create Attribute 'mlir::StringAttr' because storage uniquer isn't initialized: the dialect\n"
    )
    assert finding.kind == "llvm-linked-twice"


def test_the_kernel_killed_the_compiler():
    finding = only("c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\n")
    assert finding.kind == "out-of-memory"
    assert finding.layer is Layer.MACHINE


def test_abi_breaking_checks_at_run_time():
    finding = only("opt: symbol lookup error: libFoo.so: undefined symbol: _ZN4llvm23EnableABIBreakingChecksE\n")
    assert finding.kind == "abi-mismatch"


def test_an_incomplete_install_of_llvm():
    finding = only(
        "CMake Error at CMakeLists.txt:9 (find_package):\n  Found package configuration file:\n\n"
        "    /opt/mlir/lib/cmake/mlir/MLIRConfig.cmake\n\n  but it set MLIR_FOUND to FALSE so package \"MLIR\" is\n"
        "  considered to be NOT FOUND.  Reason given by package:\n\n"
        "  The following imported targets are referenced, but are missing: LLVMSupport\n  LLVMCore\n\n\n"
        "-- Configuring incomplete, errors occurred!\n"
    )  # fmt: skip
    assert (finding.kind, finding.layer) == ("cmake-package", Layer.MACHINE)


def test_cmakes_wrapped_lines_are_joined():
    assert unwrap(["", "  The dependency target", "  \"X\" does not exist."]) == 'The dependency target "X" does not exist.'  # fmt: skip


def test_llvms_own_tree_is_llvms():
    finding = only(
        "[1/9] Building CXX object lib/Support/CMakeFiles/LLVMSupport.dir/Twine.cpp.o\n"
        "FAILED: lib/Support/CMakeFiles/LLVMSupport.dir/Twine.cpp.o \n"
        "/usr/bin/c++ -o x -c /home/user/llvm-project/llvm/lib/Support/Twine.cpp\n"
        "/home/user/llvm-project/llvm/lib/Support/Twine.cpp:20:3: error: 'gone' was not declared in this scope\n"
        "ninja: build stopped: subcommand failed.\n"
    )
    assert finding.layer is Layer.LLVM
    assert finding.headline.startswith("In LLVM's own code")


def test_cmake_inside_of_a_build_is_one_finding():
    finding = only(
        "[0/1] Re-running CMake...\nFAILED: build.ninja \ncmake -S/p -B/b\n"
        "CMake Error at lib/CMakeLists.txt:3 (add_dependencies):\n"
        '  The dependency target "MLIRMesh" of target "X" does not exist.\n\n\n'
        "-- Configuring incomplete, errors occurred!\n"
        "ninja: error: rebuilding 'build.ninja': subcommand failed\n"
    )
    assert finding.key == ("cmake-target-missing", "MLIRMesh")


LINK = "[2/2] Linking CXX shared library libo.so\nFAILED: libo.so \n: && clang++ -shared -o libo.so x.o /usr/lib/x86_64-linux-gnu/libproto.a\n"


@pytest.mark.parametrize(
    "said",
    [
        (
            "mold: error: /usr/lib/x86_64-linux-gnu/libproto.a(any.o):(.text): R_X86_64_PC32 relocation at offset 0x{n} against symbol `a::b{n}'"
            " can not be used; recompile with -fPIC\n"
        ),
        (
            "ld.lld: error: relocation R_X86_64_PC32 cannot be used against symbol 'a::b{n}'; recompile with -fPIC\n"
            ">>> defined in /usr/lib/x86_64-linux-gnu/libproto.a(any.o)\n"
            ">>> referenced by any.o:(a::c()) in archive /usr/lib/x86_64-linux-gnu/libproto.a\n\n"
        ),
        (
            "/usr/bin/ld: /usr/lib/x86_64-linux-gnu/libproto.a(any{n}.o): relocation R_X86_64_TPOFF32 against symbol `a{n}' can not be used when"
            " making a shared object; recompile with -fPIC\n"
        ),
        (
            "/usr/bin/ld.gold: error: /usr/lib/x86_64-linux-gnu/libproto.a(any.o): requires dynamic R_X86_64_PC32 reloc against 'a{n}' which may"
            " overflow at runtime; recompile with -fPIC\n"
            "/usr/bin/ld.gold: error: /usr/lib/x86_64-linux-gnu/libproto.a(any.o): unsupported reloc 23 against global symbol a{n}\n"
        ),
    ],
    ids=["mold", "lld", "bfd", "gold"],
)
def test_one_archive_that_is_not_position_independent_is_one_cause(said: str):
    end = "ld.lld: error: too many errors emitted, stopping now (use --error-limit=0 to see all errors)\n"
    end += "clang++: error: linker command failed with exit code 1\nninja: build stopped: subcommand failed.\n"
    finding = only(LINK + "".join(said.replace("{n}", str(number)) for number in range(5)) + end)
    assert finding.key == ("link-error", "libproto.a is not position independent")
    assert finding.layer is Layer.MACHINE
    assert "Link the shared library of the same package" in finding.advice[0]


def test_an_installed_library_that_is_not_there_is_the_environment():
    finding = only(
        "ninja: error: '/usr/lib/llvm-14/lib/libPolly.a', needed by 'libx.so', missing and no known rule to make it\n"
    )
    assert finding.layer is Layer.MACHINE
    assert finding.headline.startswith(
        "The installed library '/usr/lib/llvm-14/lib/libPolly.a' is named by a CMake package"
    )
    finding = only("ninja: error: 'lib/libMLIRTosa.a', needed by 'libx.so', missing and no known rule to make it\n")
    assert finding.layer is Layer.DOWNSTREAM


def test_a_target_of_a_system_s_package_is_the_environment():
    finding = only(
        "CMake Error at lib/CMakeLists.txt:3 (target_link_libraries):\n"
        '  Target "Builder" links to:\n\n    absl::log_internal_check_op\n\n  but the target was not found.\n\n\n'
        "-- Configuring incomplete, errors occurred!\n"
    )
    assert finding.layer is Layer.MACHINE
    assert "CMake found no absl, or one of another version without this target" in finding.advice[0]


def test_bazel_says_where_and_the_compiler_what():
    finding = only(
        "ERROR: /p/BUILD.bazel:12:11: Compiling lib/X.cpp failed: (Exit 1): gcc failed: error executing command\n"
        "lib/X.cpp:3:4: error: 'isa' is not a member of 'mlir'\n"
        "Target //:x failed to build\nERROR: Build did NOT complete successfully\n"
    )
    assert finding.key == ("api-removed", "mlir::isa")


def test_bazels_own_errors():
    finding = only("ERROR: /p/BUILD.bazel:40:11: no such target '@llvm-project//mlir:MeshDialect': not declared\n")
    assert (finding.kind, str(finding.locations[0])) == ("bazel-error", "/p/BUILD.bazel:40")


def test_killed_without_a_word_is_most_likely_memory():
    finding = only("[1/2] Building CXX object a.o\nFAILED: [code=137] a.o \nc++ -c a.cpp\nninja: build stopped: x.\n")
    assert (finding.kind, finding.layer) == ("out-of-memory", Layer.MACHINE)


@pytest.mark.parametrize("line", ["##[error]Process completed with exit code 2.", "Finished: FAILURE", "Build FAILED."])
def test_a_ci_service_that_says_failed_is_believed(line: str):
    finding = only(f"doing things\nodd words\n{line}\n")
    assert finding.kind == "unrecognised"
    assert "odd words" in finding.evidence


def test_an_assertion_in_mlir_tblgen_is_llvms():
    finding = only(
        "[1/2] Building X.inc...\nFAILED: X.inc\ncd /b && /opt/llvm/bin/mlir-tblgen -gen-op-decls X.td\n"
        "mlir-tblgen: /build/llvm/lib/TableGen/Record.cpp:12: int f(): Assertion `x > 0' failed.\n"
        "ninja: build stopped: x.\n"
    )
    assert (finding.kind, finding.layer) == ("crash", Layer.LLVM)


@pytest.mark.parametrize("quotes", ["'{}'", "‘{}’", "„{}“", "«\u00a0{}\u00a0»", "« {} »", "`{}'"])
def test_quotes_of_every_locale(quotes: str):
    line = f"/p/a.cpp:1:2: error: {quotes.format('x')} is not a member of {quotes.format('mlir::Y')}"
    assert only(line + "\n").key == ("api-removed", "mlir::Y::x")


def test_evidence_keeps_the_quotes_that_were_printed():
    assert "‘x’" in only("/p/a.cpp:1:2: error: ‘x’ is not a member of ‘mlir::Y’\n").evidence[0]


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-11-22T09:41:07.1234567Z ",
        "[2026-11-22T09:41:07.123Z] ",
        "09:41:07  ",
        "[09:41:07] ",
        "Nov 22 09:41:07 ",
        "#12 34.567 ",
        "2026-11-22T09:41:07.123456Z 01O ",
        "build\tBuild it\t2026-11-22T09:41:07.1234567Z ",
        "2026-11-22 09:41:07,123 ",
    ],
)
def test_time_stamps_of_ci_services_are_removed(stamp: str):
    lines = ["[1/2] Building a", "FAILED: a ", "c++ a", "/p/a.cpp:1:2: error: x", "  1 | x"]
    block = "".join(f"{stamp}{line}\n" for line in lines).encode()
    assert clean(block).decode() == "".join(f"{line}\n" for line in lines)


def test_colours_hyperlinks_and_carriage_returns_are_removed():
    raw = b"\x1b[01m\x1b[Ka.cpp:1:\x1b[m\x1b[K \x1b]8;;https://x\x07error\x1b]8;;\x07: y\r\n"
    assert clean(raw) == b"a.cpp:1: error: y\n"


@given(st.binary(max_size=3000))
def test_any_bytes_are_a_log(data: bytes):
    diagnose([data])


@given(st.lists(st.sampled_from([
    b"[1/3] Building CXX object a.o\n", b"[2/3] Linking CXX shared library lib/libA.so\n", b"FAILED: [code=1] a.o \n",
    b"c++ -c /p/a.cpp -o a.o\n", b"/p/a.cpp:1:2: error: 'x' is not a member of 'y'\n", b"    1 | y::x\n", b"\n",
    b"In file included from /p/a.h:3,\n", b"                 from /p/a.cpp:1:\n", b"/p/a.cpp:9:9: note: here\n",
    b"a.cpp:(.text+0x1): undefined reference to `f()'\n", b"CMake Error at a.cmake:3 (f):\n", b"  wrapped\n",
    b">>> referenced by a.cpp\n", b"ninja: build stopped: subcommand failed.\n", b"FAIL: S :: t (1 of 2)\n",
    b"make[1]: *** [x/build.make:3: x.o] Error 1\n", b"[ 50%] Building CXX object x.o\n", b"Failed Tests (1):\n",
]), max_size=40))  # fmt: skip
def test_portions_do_not_change_the_answer(lines: list[bytes]):
    whole = b"".join(lines)
    assert diagnose([whole]) == diagnose(whole[i : i + 11] for i in range(0, len(whole), 11))


@given(st.text(max_size=200))
def test_plain_quotes_keep_everything_else(text: str):
    assert len(plain_quotes(text)) <= len(text)


@pytest.mark.parametrize(
    ("printed", "scope"),
    [
        ("using Ref = class clang::CustomizableOptional<clang::FileEntryRef>", "clang::CustomizableOptional"),
        ("using llvm::Ref = const struct llvm::Optional<int>", "llvm::Optional"),
        ("using ns::inner::T = class std::vector<llvm::Type*>&", "std::vector"),
        ("using clang::Kind = enum clang::Decl::Kind", "clang::Decl::Kind"),
        (
            "using Item = __gnu_cxx::__alloc_traits<std::allocator<A> >::value_type",
            "__gnu_cxx::__alloc_traits::value_type",
        ),
        ("class usingThing", "usingThing"),
    ],
)
def test_a_type_that_gcc_calls_by_an_alias_is_the_one_behind_it(printed: str, scope: str):
    assert bare_type(printed) == scope


def test_what_is_no_class_is_named_by_the_source_line_before_which_clang_points():
    log = (
        "/s/M.h:45:18: error: expected class name\n   45 | class M : public llvm::Machine {\n"
        "      |                  ^\n1 error generated.\n"
    )
    assert only(log).identifier == "llvm::Machine"


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("no known conversion from 'Pear' to 'const Tree' for 2nd argument", ("Pear", "const Tree", 2)),
        (
            "no known conversion from 'Pear' (aka 'Fruit<int>') to 'Tree' (aka 'Plant') for 1st argument",
            ("Pear", "Tree", 1),
        ),
        (
            "no known conversion for argument 3 from \u2018int\u2019 to \u2018llvm::Tree&\u2019",
            ("int", "llvm::Tree&", 3),
        ),
        ("  no known conversion for argument 1 from 'Pear' {aka 'Fruit<int>'} to 'Tree'", ("Pear", "Tree", 1)),
        ("no known conversion from 'Pear' to 'Tree' for object argument", ("Pear", "Tree", 0)),
        ("candidate expects 3 arguments, 1 provided", None),
    ],
)
def test_what_does_not_convert_is_read_from_the_notes_of_all_compilers(note: str, expected: object):
    assert unconverted(f"/src/pear.h:3:4: note: {note}") == expected
