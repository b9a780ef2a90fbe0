"""The launcher that shares objects between configurations, with a real compiler: when it does, and when it must not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_llvmgate.stages import compile_once
from pytest_llvmgate.stages.compile_once import UNITS, dependencies, prefix_maps
from tests.support.programs import needs

CXX = shutil.which("c++") or ""
pytestmark = needs("c++")


@dataclass
class Side:
    """A configuration: a build directory and an LLVM, over the same source and store."""

    root: Path
    name: str
    llvm: str = "llvm"
    compiler: str = CXX
    launcher: tuple[str, ...] = ()

    @property
    def build(self) -> Path:
        return self.root / self.name

    def write(self, name: str, text: str) -> None:
        path = self.build / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def command(self, *more: str) -> list[str]:
        llvm = self.root / self.llvm
        words = [
            self.compiler,
            f"-I{self.build}/include",
            f"-I{self.root}/source",
            "-isystem",
            f"{llvm}/include",
            *more,
        ]
        return [*words, "-MD", "-MT", "a.o", "-MF", "a.o.d", "-o", "a.o", "-c", f"{self.root}/source/a.cpp"]

    def start(self, *more: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        self.build.mkdir(exist_ok=True)
        llvm = str(self.root / self.llvm)
        program = [sys.executable, "-I", "-S", compile_once.__file__, str(self.root / "store"), str(self.build)]
        return subprocess.Popen(
            [*program, llvm, llvm, *self.launcher, "--", *self.command(*more)],
            cwd=self.build,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def compile(self, *more: str, code: int = 0) -> str:
        """The warnings. Leaves the object there, whoever made it."""
        process = self.start(*more)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == code, errors
        return errors

    @property
    def took(self) -> bool:
        return not self.why

    @property
    def why(self) -> str:
        """Why the object was not taken over, the last time."""
        line = (self.build / UNITS).read_text().splitlines()[-1]
        return str(json.loads(line)["w"])

    def alone(self, *more: str) -> bytes:
        """The object that the compiler makes by itself."""
        llvm = str(self.root / self.llvm)
        maps = prefix_maps({"{build}": str(self.build), "{mlir}": llvm, "{llvm}": llvm})
        subprocess.run([*self.command(*more), *maps], cwd=self.build, check=True, stderr=subprocess.DEVNULL)
        return (self.build / "a.o").read_bytes()


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Side, Side]:
    for path, text in {
        "source/a.cpp": '#include "a.h"\n#include "generated.h"\n#include "llvm/x.h"\nint f() { return A + G + X; }\n',
        "source/a.h": "#define A 1\n",
        "llvm/include/llvm/x.h": "#define X 1\n",
        "one/include/generated.h": "#define G 1\n",
        "other/include/generated.h": "#define G 1\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return Side(tmp_path, "one"), Side(tmp_path, "other")


def test_the_same_command_on_the_same_files_compiles_once(sides: tuple[Side, Side]) -> None:
    one, other = sides
    one.compile("-O2")
    other.compile("-O2")
    assert (one.took, other.took) == (False, True)
    assert (other.build / "a.o").read_bytes() == other.alone("-O2")
    named = set(dependencies(str(other.build / "a.o.d")))
    assert f"{other.build}/include/generated.h" in named
    assert not [path for path in named if path.startswith(f"{one.build}/")]


def test_an_export_macro_that_nothing_mentions_makes_no_difference(sides: tuple[Side, Side]) -> None:
    one, other = sides
    one.compile()
    other.compile("-Da_EXPORTS")
    assert other.took


@pytest.mark.parametrize(
    "header",
    [
        "#ifdef a_EXPORTS\n#define A 2\n#else\n#define A 1\n#endif\n",
        "#define PASTE(x) x##_EXPORTS\n#define TEXT(x) #x\n#define OF(x) TEXT(x)\n#define A OF(PASTE(a))[0]\n",
    ],
)
def test_an_export_macro_that_makes_a_difference_is_seen(sides: tuple[Side, Side], header: str) -> None:
    one, other = sides
    (one.root / "source/a.h").write_text(header)
    one.compile()
    other.compile("-Da_EXPORTS")
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone("-Da_EXPORTS")


def test_an_export_macro_that_is_mentioned_without_effect_is_seen_through(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/a.h").write_text("// no a_EXPORTS here\n#define A 1\n")
    one.compile()
    other.compile("-Da_EXPORTS")
    assert other.took


def test_another_generated_header_compiles_anew(sides: tuple[Side, Side]) -> None:
    one, other = sides
    other.write("include/generated.h", "#define G 2\n")
    one.compile()
    other.compile()
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone()


def test_a_generated_header_that_differs_in_what_is_not_used_makes_no_difference(sides: tuple[Side, Side]) -> None:
    one, other = sides
    other.write("include/generated.h", "#define G 1\n#define UNUSED 1\n")
    one.compile()
    other.compile()
    assert other.took


def test_a_header_that_hides_another_is_seen(sides: tuple[Side, Side]) -> None:
    one, other = sides
    other.write("include/llvm/x.h", "#define X 7\n")
    one.compile()
    other.compile()
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone()


def test_another_llvm_with_the_same_headers_gives_the_same_object(sides: tuple[Side, Side]) -> None:
    one, other = sides
    shutil.copytree(one.root / "llvm", one.root / "llvm-shared")
    other.llvm = "llvm-shared"
    one.compile()
    other.compile()
    assert other.took
    (one.root / "llvm-shared/include/llvm/x.h").write_text("#define X 3\n")
    other.compile()
    assert not other.took


_WITH_FUNCTION = "#pragma once\ninline int x(int a) { struct In { int b; } c{a}; return c.b; }\n"


@pytest.mark.parametrize("option", ["-g", "-g1", "-ggdb", "-gdwarf-4"])
def test_debug_information_names_no_llvm_of_one_flavour(sides: tuple[Side, Side], option: str) -> None:
    one, other = sides
    (one.root / "llvm/include/llvm/x.h").write_text(_WITH_FUNCTION)
    (one.root / "source/a.cpp").write_text('#include "llvm/x.h"\nint f(int a) { return x(a); }\n')
    shutil.copytree(one.root / "llvm", one.root / "derived")
    other.llvm = "derived"
    one.compile(option)
    other.compile(option)
    assert other.took
    taken = (other.build / "a.o").read_bytes()
    assert taken == other.alone(option)
    assert b"derived" not in taken


def test_macros_in_debug_information_are_left_alone(sides: tuple[Side, Side]) -> None:
    one, other = sides
    one.compile("-g3")
    other.compile("-g3", "-Da_EXPORTS")  # which the object then tells
    assert not other.took


@pytest.mark.parametrize("changed", ["source/a.h", "one/include/generated.h", "one/a.o"])
def test_what_has_changed_since_serves_no_more(sides: tuple[Side, Side], changed: str) -> None:
    one, other = sides
    one.compile()
    with (one.root / changed).open("a") as stream:
        stream.write("\n")
    other.compile()
    assert not other.took


@pytest.mark.parametrize("touched", ["source/a.h", "one/include/generated.h"])
def test_an_input_that_is_written_anew_with_the_same_bytes_serves_on(sides: tuple[Side, Side], touched: str) -> None:
    one, other = sides
    one.compile()
    os.utime(one.root / touched, ns=(1, 1))
    other.compile()
    assert other.took


def test_a_file_that_is_changed_and_changed_back_costs_nothing(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    one.compile()
    before = (one.build / "a.o").read_bytes()
    for _ in range(2):
        (one.root / "source/a.h").write_text("#define A 1\n")
        one.compile()
        assert one.took
        assert (one.build / "a.o").read_bytes() == before
    (one.root / "source/a.h").write_text("#define A 2\n")
    one.compile()
    assert not one.took


@pytest.mark.parametrize("place", ["source/early/llvm/x.h", "source/llvm/x.h", "one/include/llvm/x.h"])
def test_a_header_that_has_come_since_and_hides_another_is_seen(sides: tuple[Side, Side], place: str) -> None:
    one, other = sides
    (one.root / "source/early").mkdir()
    early = f"-I{one.root}/source/early"
    one.compile(early)
    for path in {place, place.replace("one/", "other/")}:
        (one.root / path).parent.mkdir(parents=True, exist_ok=True)
        (one.root / path).write_text("#define X 40\n")
    other.compile(early)
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone(early)


def test_a_directory_of_old_headers_that_is_moved_in_front_is_seen(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/elsewhere").mkdir()
    (one.root / "source/elsewhere/x.h").write_text("#define X 40\n")
    one.compile()
    (one.root / "source/elsewhere").rename(one.root / "source/llvm")
    other.compile()
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone()


def test_the_answer_of_has_include_is_that_of_the_time_of_compiling(sides: tuple[Side, Side]) -> None:
    one, other = sides
    asks = '#if __has_include("option.h")\n#define A 1\n#else\n#define A 2\n#endif\n'
    (one.root / "source/a.h").write_text(asks)
    one.compile()
    for side in sides:
        side.write("include/option.h", "")
    other.compile()
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone()


def test_what_tells_the_time_is_compiled_every_time(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/a.h").write_text("#define A __TIME__[0]\n")
    one.compile()
    other.compile()
    assert not other.took


def test_a_compiler_in_llvm_s_own_directory_is_the_same_for_every_flavour(sides: tuple[Side, Side]) -> None:
    """As clang in /usr/lib/llvm-N is, which brings headers of its own from there."""
    one, other = sides
    llvm = one.root / "llvm"
    for directory in ("bin", "lib/clang/include"):
        (llvm / directory).mkdir(parents=True)
    (llvm / "lib/clang/include/own.h").write_text("#define OWN 1\n")
    (llvm / "bin/c++").write_text(f'#!/bin/sh\nexec {CXX} "$@" -isystem {llvm}/lib/clang/include\n')
    (llvm / "bin/c++").chmod(0o755)
    shutil.copytree(llvm / "include", one.root / "derived/include")
    (one.root / "source/a.cpp").write_text('#include <own.h>\n#include "llvm/x.h"\nint f() { return OWN + X; }\n')
    one.compiler = other.compiler = str(llvm / "bin/c++")
    other.llvm = "derived"
    one.compile()
    other.compile()
    assert other.took, other.why
    named = dependencies(str(other.build / "a.o.d"))
    assert {f"{llvm}/lib/clang/include/own.h", f"{one.root}/derived/include/llvm/x.h"} <= set(named)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["-fPIC"], ["-fPIC", "-fPIC"]),
        (["-fPIC", "-O2"], ["-fPIC", "-O2", "-fPIC"]),
        (["-fPIE", "-O2", "-fPIC"], ["-fPIC", "-O2"]),
        (["-Wall", "-O1"], ["-Wall", "-Wall", "-O1"]),
    ],
)
def test_an_option_that_is_given_twice_is_given(sides: tuple[Side, Side], first: list[str], second: list[str]) -> None:
    one, other = sides
    one.compile(*first)
    other.compile(*second)
    assert other.took, other.why
    assert (other.build / "a.o").read_bytes() == other.alone(*second)


@pytest.mark.parametrize(("first", "second"), [(["-fPIC"], ["-fPIC", "-fno-PIC"]), (["-O0"], ["-O0", "-O2"])])
def test_the_last_of_two_options_counts(sides: tuple[Side, Side], first: list[str], second: list[str]) -> None:
    one, other = sides
    one.compile(*first)
    other.compile(*second)
    assert not other.took


def test_a_unit_says_why_it_was_compiled(sides: tuple[Side, Side]) -> None:
    one, other = sides
    one.compile()
    assert one.why == compile_once.FIRST
    (other.root / "source/a.cpp").write_text("#ifdef ON\n#endif\nint f() { return 0; }\n")
    one.compile()
    other.compile("-DON")
    assert other.why == "the source mentions ON, which differs"
    (other.root / "source/a.cpp").write_text('#include "generated.h"\nint f() { return G; }\n')
    other.write("include/generated.h", "#define G 12\n")
    one.compile()
    other.compile("-DON")
    assert other.why == "another text once it is preprocessed (ON)"
    other.compile("-DON", "-save-temps")
    assert "-save-temps" in other.why


def test_what_compiling_costs_is_the_processor_s_time(sides: tuple[Side, Side]) -> None:
    one, other = sides
    one.compile()
    other.compile()
    seconds = [json.loads((side.build / UNITS).read_text())["t"] for side in sides]
    assert seconds[0] > 0
    assert seconds[0] == seconds[1]


@needs("ccache")
def test_a_hit_of_ccache_is_not_what_compiling_costs(sides: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = sides
    monkeypatch.setenv("CCACHE_DIR", str(one.root / "ccache"))
    one.launcher = (shutil.which("ccache") or "",)
    one.compile()
    (one.build / "a.o").unlink()
    one.compile()
    first, second = [json.loads(line)["t"] for line in (one.build / UNITS).read_text().splitlines()]
    assert first > 0
    assert second == first, "known from when it was compiled"
    shutil.rmtree(one.root / "store")
    (one.build / "a.o").unlink()
    one.compile()
    assert json.loads((one.build / UNITS).read_text().splitlines()[-1])["t"] is None


def test_other_options_compile_anew(sides: tuple[Side, Side]) -> None:
    one, other = sides
    one.compile("-O2")
    other.compile("-O1")
    assert not other.took


def test_what_is_the_preprocessor_s_may_differ_where_the_text_does_not(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (other.root / "more").mkdir()
    one.compile()
    other.compile(f"-I{other.root}/more", "-DUNUSED")
    assert other.took
    other.compile("-Wno-error")
    assert not other.took, "that is the compiler's"


def test_another_place_to_search_may_hide_a_header(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "more/llvm").mkdir(parents=True)
    (one.root / "more/llvm/x.h").write_text("#define X 5\n")
    one.compile()
    other.compile(f"-I{one.root}/more")
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone(f"-I{one.root}/more")


def test_a_header_that_is_no_longer_searched_for_is_missed(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "more").mkdir()
    (one.root / "more/a.h").write_text("#define A 1\n")
    (one.root / "source/a.h").unlink()
    one.compile(f"-I{one.root}/more")
    assert "a.h" in other.compile(code=1)


@pytest.mark.parametrize("option", ["-g", "-O2"])
def test_names_of_files_are_none_of_a_directory_s(sides: tuple[Side, Side], option: str) -> None:
    one, other = sides
    for side in sides:
        side.write("include/generated.h", "inline const char *file() { return __FILE__; }\n#define G file()[0]\n")
    one.compile(option)
    other.compile(option)
    assert other.took
    assert (other.build / "a.o").read_bytes() == other.alone(option)


def test_an_object_that_names_its_directory_stays_there(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/a.cpp").write_text("const char *f() { return WHERE; }\n")
    one.compile(f'-DWHERE="{one.build}/share"')
    other.compile(f'-DWHERE="{other.build}/share"')
    assert not other.took
    assert f"{other.build}/share".encode() in (other.build / "a.o").read_bytes()


def test_a_compiler_without_prefix_maps_is_left_alone(sides: tuple[Side, Side]) -> None:
    one, other = sides
    old = one.root / "old"
    old.write_text(f'#!/bin/sh\ncase "$*" in *-prefix-map*) exit 1;; esac\nexec {CXX} "$@"\n')
    old.chmod(0o755)
    one.compiler = other.compiler = str(old)
    one.compile()
    other.compile()
    assert not other.took


@pytest.mark.parametrize("more", [["--coverage"], ["-include", "a.h"], ["-save-temps"], ["-fprofile-generate"]])
def test_what_makes_more_than_an_object_is_left_alone(sides: tuple[Side, Side], more: list[str]) -> None:
    one, other = sides
    one.compile(*more)
    other.compile(*more)
    assert not other.took


def test_a_system_header_may_be_hidden_by_a_generated_one(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/a.cpp").write_text("#include <stdlib.h>\nint f() { return EXIT_FAILURE; }\n")
    one.compile()
    other.write("include/stdlib.h", "#define EXIT_FAILURE 99\n")
    other.compile()
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone()


def test_a_header_beside_the_one_that_includes_it_is_seen(sides: tuple[Side, Side]) -> None:
    one, other = sides
    for side in sides:
        side.write("include/p/generated.h", '#include "a.h"\n')
    (one.root / "source/a.cpp").write_text('#include "p/generated.h"\nint f() { return A; }\n')
    other.write("include/p/a.h", "#define A 12\n")
    one.compile()
    other.compile()
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone()


def test_what_is_asked_for_by_has_include_is_seen(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/a.h").write_text('#if __has_include("option.h")\n#define A 1\n#else\n#define A 2\n#endif\n')
    one.write("include/option.h", "")
    one.compile()
    other.compile()
    assert not other.took
    assert (other.build / "a.o").read_bytes() == other.alone()


@pytest.mark.parametrize("code", ["std::string f() { return WHERE; }", "unsigned long f() { return sizeof(WHERE); }"])
def test_a_macro_that_names_the_directory_is_never_taken_for_the_same(sides: tuple[Side, Side], code: str) -> None:
    one, _ = sides
    other = Side(one.root, "a-longer-name")
    other.write("include/generated.h", "#define G 1\n")
    (one.root / "source/a.cpp").write_text(f"#include <string>\n{code}\n")
    one.compile("-O2", f'-DWHERE="{one.build}"')
    other.compile("-O2", f'-DWHERE="{other.build}"')
    assert not other.took


def test_what_the_assembler_takes_in_is_left_alone(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/a.cpp").write_text('asm(".incbin \\"blob\\"");\n')
    for side in sides:
        side.write("blob", side.name)
    one.compile()
    other.compile()
    assert not other.took
    assert b"other" in (other.build / "a.o").read_bytes()


def test_two_names_of_a_wrapper_are_two_compilers(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "cross-c++").symlink_to(CXX)
    other.compiler = str(one.root / "cross-c++")
    one.compile()
    other.compile()
    assert not other.took


def test_what_changes_while_the_compiler_is_at_it_serves_nobody(sides: tuple[Side, Side]) -> None:
    one, other = sides
    in_a_while = time.time() + 60
    os.utime(one.root / "source/a.h", (in_a_while, in_a_while))
    one.compile()
    other.compile()
    assert not other.took


def test_another_environment_compiles_anew(sides: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = sides
    one.compile()
    monkeypatch.setenv("CPATH", str(one.root))
    other.compile()
    assert not other.took


def test_of_path_the_assembler_counts(sides: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment that is activated or not makes no other object."""
    first, second = sides
    first.compile()
    monkeypatch.setenv("PATH", f"{first.root}/tools:{os.environ['PATH']}")
    second.compile()
    assert second.took
    tools = first.root / "tools"
    tools.mkdir()
    shutil.copy(str(shutil.which("as")), tools / "as")
    second.compile()
    assert not second.took


def test_a_script_as_compiler_may_look_for_anything_on_path(
    sides: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sides
    script = first.root / "compiler"
    script.write_text(f'#!/bin/sh\nexec {CXX} "$@"\n')
    script.chmod(0o755)
    first.compiler = second.compiler = str(script)
    first.compile()
    monkeypatch.setenv("PATH", f"{first.root}/tools:{os.environ['PATH']}")
    second.compile()
    assert not second.took


def test_a_file_that_includes_itself_by_name_compiles_as_ever(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    again = "#ifndef AGAIN\n#define AGAIN\n#include __FILE__\n#else\n#define G 1\n#endif\n"
    one.write("include/generated.h", again)
    one.compile()


def test_warnings_come_with_the_object(sides: tuple[Side, Side]) -> None:
    one, other = sides
    for side in sides:
        side.write("include/generated.h", "#define G 1\n#warning look here\n")
    first, second = one.compile(), other.compile()
    assert other.took
    assert "look here" in first
    assert second == first.replace(str(one.build), str(other.build))


def test_an_error_is_every_configuration_s_own(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/a.h").write_text("broken\n")
    assert "broken" in one.compile(code=1)
    assert "broken" in other.compile(code=1)


def test_a_store_that_cannot_be_used_costs_the_sharing_alone(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "store").write_text("a file where a directory should be\n")
    one.compile()
    other.compile()
    assert not other.took


def test_a_torn_record_is_no_record(sides: tuple[Side, Side]) -> None:
    one, other = sides
    one.compile()
    (record,) = (one.root / "store").glob("*/*.record")
    record.write_bytes(record.read_bytes()[:100])
    other.compile()
    assert not other.took
    assert (other.build / "a.o").is_file()
    one.compile()
    assert one.took, "what another left serves"


def test_of_two_at_once_one_compiles_and_the_other_gives_its_core_back(sides: tuple[Side, Side]) -> None:
    one, other = sides
    pool = one.root / "pool"
    os.mkfifo(pool)
    keeper = os.open(pool, os.O_RDWR | os.O_NONBLOCK)
    slow = one.root / "slow"
    wait = f'case "$*" in *" -c "*) while [ -e "{one.root}/wait" ]; do sleep 0.05; done;; esac'
    slow.write_text(f'#!/bin/sh\n{wait}\nexec {CXX} "$@"\n')
    slow.chmod(0o755)
    (one.root / "wait").touch()
    env = {"MAKEFLAGS": f" -j2 --jobserver-auth=fifo:{pool}"}
    one.compiler = other.compiler = str(slow)
    with one.start(env=env) as first:
        threading.Event().wait(0.5)
        with other.start(env=env) as second:
            given_back = _read(keeper)
            (one.root / "wait").unlink()
            assert given_back == b"+", "the second does not hold its core while it waits"
            assert first.wait(30) == 0
            threading.Event().wait(0.5)
            assert second.poll() is None, "it has to get a core back before it ends"
            os.write(keeper, b"+")
            assert second.wait(30) == 0
    assert other.took
    os.close(keeper)


def _read(descriptor: int) -> bytes:
    for _ in range(200):
        try:
            return os.read(descriptor, 1)
        except BlockingIOError:
            threading.Event().wait(0.05)
    return b""


def test_dependency_files_are_read_with_their_quoting(tmp_path: Path) -> None:
    path = tmp_path / "a.d"
    path.write_text("a.o: /x/a.cpp \\\n /y\\ z/b.h /c$$d.h \\\n /e\\#f.h\n")
    assert dependencies(str(path)) == ["/x/a.cpp", "/y z/b.h", "/c$d.h", "/e#f.h"]


def test_functions_that_are_declared_besides_and_not_used_make_no_difference(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/a.h").write_text("#define A 1\n#ifdef ON\nint more();\nint more(int x);\n#endif\n")
    one.compile("-DON")
    other.compile()
    assert other.took, other.why
    assert (other.build / "a.o").read_bytes() == other.alone()


def test_functions_that_are_declared_besides_have_to_be_compiled_once(sides: tuple[Side, Side]) -> None:
    one, other = sides
    (one.root / "source/a.h").write_text("#define A 1\n#ifdef ON\nNowhere more();\n#endif\n")
    one.compile()
    assert "Nowhere" in other.compile("-DON", code=1)
