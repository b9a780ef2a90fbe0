"""Units of which one declares functions that nobody uses besides: what is such a difference, and what is not.

The examples are compiled for real: where the object may be taken over, both have the same code.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.stages.unused_declarations import declared_functions, only_declares_more

CXX = [each for each in ("g++", "clang++", "clang++-22") if shutil.which(each)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("std::unique_ptr<mlir::Pass> createIt(); std::unique_ptr<mlir::Pass> createIt(bool fast);", ["createIt"] * 2),
        ("void registerIt(mlir::DialectRegistry &registry);", ["registerIt"]),
        ("int f(const std::vector<int> &, unsigned);", ["f"]),
        ("T *f(Type name, Other<A, B> other);", ["f"]),
        ("const char *f();", ["f"]),
    ],
)
def test_plain_declarations_of_functions(text: str, names: list[str]) -> None:
    assert declared_functions(text.encode()) == [name.encode() for name in names]


@pytest.mark.parametrize(
    "text",
    [
        "Registrar r(argument);",  # a variable, where the argument is no type
        "Registrar r(a & b);",
        "Registrar r(a * b), s(c);",
        "int x;",
        "int f() { return 1; }",
        "inline int f();",
        "static int f();",
        "extern int f();",
        "template <class T> T f();",
        "struct X; X f();",
        "struct X *f();",
        "int f(int x = 1);",
        "X::X();",
        "int X::f();",
        "X f() const;",
        "auto f();",
        "A<B>::C f();",
        "int operator+(X, X);",
        "friend int f();",
        "using X = int;",
        "int f() noexcept;",
        "__attribute__((constructor)) void f();",
        "int f(int (*g)(int));",
        "int f(int x)",
        "f();",
        "*f();",
        "int (f)();",
        "~X();",
        "throw f();",
        "new T x(int);",
        "#pragma x",
        'int f("text");',
        "int f(3);",
        "namespace n { int f(); }",
        "",
    ],
)
def test_whatever_else_there_is_is_none(text: str) -> None:
    assert declared_functions(text.encode()) == []


HEAD = """\
#include <memory>
#include <new>
namespace base { struct Pass { virtual ~Pass() = default; int value = 3; }; template <class T> struct Of { T t; }; }
using base::Pass;
const char *where(const char *file = __builtin_FILE(), int line = __builtin_LINE()) { return line ? file : 0; }
"""
TAIL = """\
const char *here() { return where(); }
struct Last : Pass { int more = 4; static int count() { static int n = 0; return ++n; } };
int use(Last &last) { auto f = [&] { return last.value + Last::count(); }; return f(); }
std::unique_ptr<Pass> make() { return std::make_unique<Last>(); }
"""


def preprocessed(tmp_path: Path, header: str, flag: str, compiler: str) -> bytes:
    (tmp_path / "part.h").write_text(header)
    (tmp_path / "a.cpp").write_text(HEAD + '#include "part.h"\n' + TAIL)
    command = [compiler, "-std=c++17", "-E", f"-I{tmp_path}", *([flag] if flag else []), tmp_path / "a.cpp"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def code(tmp_path: Path, flag: str, compiler: str, *more: str) -> bytes:
    made = tmp_path / "a.o"
    command = [
        compiler,
        "-std=c++17",
        "-c",
        f"-I{tmp_path}",
        *([flag] if flag else []),
        *more,
        "-o",
        made,
        tmp_path / "a.cpp",
    ]
    subprocess.run(command, check=True, cwd=tmp_path)
    return made.read_bytes()


def shared(tmp_path: Path, header: str, compiler: str) -> tuple[bool, bool]:
    on, off = (preprocessed(tmp_path, header, flag, compiler) for flag in ("-DON", ""))
    return only_declares_more(on, off), only_declares_more(off, on)


ALIKE = [
    "#ifdef ON\nstd::unique_ptr<Pass> createIt();\nstd::unique_ptr<Pass> createIt(bool fast);\n#endif\n",
    "namespace base {\nint known();\n#ifdef ON\nOf<Pass> ofBase(int x,\n  const Of<int> &y);\n#endif\nint u();\n}\n",
    "inline namespace v1 { namespace n::m {\n#ifdef ON\nvoid registerAll(Pass &pass);\n#endif\n} }\n",
    'extern "C" {\n#ifdef ON\nint plain(void);\n#endif\n}\n',
    (
        'const char t1[] = R"x({ \' " )x"; const char t2 = \'{\'; int t3 = 1\'000; const char *t4 = "}\\"{";\n'
        "#ifdef ON\nint firstOne();\n#endif\nint g();\n#ifdef ON\nint secondOne(int);\n#endif\n"
    ),
]


@pytest.mark.parametrize("compiler", CXX)
@pytest.mark.parametrize("header", ALIKE)
def test_the_shorter_unit_may_take_the_object_of_the_longer_and_not_the_reverse(
    tmp_path: Path, header: str, compiler: str
) -> None:
    assert shared(tmp_path, header, compiler) == (True, False)
    for more in (["-O0"], ["-O2"], ["-O0", "-g"], ["-O2", "-g"]):
        assert code(tmp_path, "-DON", compiler, *more) == code(tmp_path, "", compiler, *more)


@pytest.mark.parametrize("compiler", CXX[:1])
@pytest.mark.parametrize(
    "header",
    [
        "#ifdef ON\nint use(int);\n#endif\n",  # a name that is used
        "#ifdef ON\nint more();\n#endif\n",
        "struct S {\n#ifdef ON\nint member();\n#endif\nint other; };\n",
        "inline int newOne() {\n#ifdef ON\nPass p();\n#endif\nreturn 1; }\n",
        "enum E { A,\n#ifdef ON\nB\n#endif\n};\n",
        "template <class T>\n#ifdef ON\nT newOther(); int g();\n#else\nT g();\n#endif\n",
        "#ifdef ON\nint newOne();\n#else\nint g();\n#endif\n",
        "#ifdef ON\nint newOne();\n#endif\n#ifndef ON\nint g();\n#endif\n",
        "int a\n#ifdef ON\n();int newOne();int b\n#endif\n();\n",
        "#ifdef ON\nint newOne();\n#line 100\n#endif\nint after();\n",  # other lines after it
        "#ifdef ON\n" + "int newOne();\n" * 100 + "#endif\n",
    ],
)
def test_other_differences_are_not_taken_for_one(tmp_path: Path, header: str, compiler: str) -> None:
    assert shared(tmp_path, header, compiler) == (False, False)


def test_what_is_the_same_needs_no_such_rule() -> None:
    assert not only_declares_more(b"int f();\n", b"int f();\n")
    assert not only_declares_more(b"", b"")
