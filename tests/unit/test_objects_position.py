"""Which objects a linker refuses in a shared library: told from relocations, and the linker agrees."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.objects.elf import Elf
from pytest_llvmgate.objects.position import is_position_dependent

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or not shutil.which("gcc"), reason="needs a compiler for x86-64"
)

_CODES = {
    "a number of its own": "static int n; int f(void) { return n++; }",
    "a number of another's": "extern int n; int f(void) { return n; }",
    "a number that it offers": "int n; int f(void) { return n; }",
    "an address": "extern int n; int *f(void) { return &n; }",
    "a table of addresses": "extern int n; int *const t[] = {&n}; int f(void) { return *t[0]; }",
    "a call": "int g(void); int f(void) { return g(); }",
    "the address of a function": "int g(void); void *f(void) { return (void *)g; }",
    "a jump table": "int g(int); int f(int x) { switch (x) { case 0: return g(3); case 1: return g(9);"
    " case 2: return g(4);"
    " case 3: return g(7); case 4: return g(1); case 5: return g(8); } return 0; }",
    "storage of a thread": "static __thread int n; int f(void) { return n++; }",
    "text": 'const char *f(void) { return "text"; }',
    "what is hidden": 'extern int n __attribute__((visibility("hidden"))); int n = 3; int f(void) { return n; }',
    "an older assembler's call": '__asm__("call f@GOTPCREL(%rip)"); int f(void) { return 0; }',
}


@pytest.mark.parametrize("optimise", ["-O0", "-O2"])
@pytest.mark.parametrize("flag", ["-fPIC", "-fPIE", "-fno-pic"])
@pytest.mark.parametrize("what", _CODES)
def test_the_linker_agrees(tmp_path: Path, what: str, flag: str, optimise: str) -> None:
    source, made = tmp_path / "a.c", tmp_path / "a.o"
    source.write_text(_CODES[what])
    subprocess.run(["gcc", "-c", flag, optimise, source, "-o", made], check=True)
    link = ["gcc", "-shared", made, "-o", tmp_path / "liba.so"]
    done = subprocess.run(link, capture_output=True, text=True, check=False)
    assert is_position_dependent(Elf(made.read_bytes())) == (done.returncode != 0), done.stderr


def test_debug_information_has_addresses_that_nobody_loads(tmp_path: Path) -> None:
    source, made = tmp_path / "a.c", tmp_path / "a.o"
    source.write_text(_CODES["a number of another's"])
    subprocess.run(["gcc", "-c", "-g", "-fPIC", source, "-o", made], check=True)
    assert not is_position_dependent(Elf(made.read_bytes()))
