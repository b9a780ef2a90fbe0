"""Small CMake projects of several libraries, made to be broken in one place at a time."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

TOP = """\
cmake_minimum_required(VERSION 3.20)
project(mini LANGUAGES C CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_STANDARD 17)
option(MINI_DEFS "refuse undefined symbols" ON)
if(MINI_DEFS)
  string(APPEND CMAKE_SHARED_LINKER_FLAGS " -Wl,-z,defs")
endif()
if(MINI_GC)
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-Wl,--gc-sections)
endif()
link_directories(${CMAKE_SOURCE_DIR}/ext)

# As llvm_add_library does it: what has no keyword is PUBLIC when static and PRIVATE when shared.
function(add_mini_library name)
  cmake_parse_arguments(ARG "OBJECT" "" "LINK_LIBS" ${ARGN})
  if(ARG_OBJECT)
    add_library(obj.${name} OBJECT ${ARG_UNPARSED_ARGUMENTS})
    add_library(${name} $<TARGET_OBJECTS:obj.${name}>)
  else()
    add_library(${name} ${ARG_UNPARSED_ARGUMENTS})
  endif()
  if(BUILD_SHARED_LIBS)
    target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  else()
    target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
  endif()
endfunction()
include_directories(include)
add_subdirectory(lib)
"""

LIB = """\
add_mini_library(Base base.cpp)
add_mini_library(Mid OBJECT
  mid.cpp
  mid2.cpp
  LINK_LIBS PUBLIC
  Base
  )
add_mini_library(Top
  top.cpp
  LINK_LIBS
  Mid
  )
add_library(Inner STATIC inner.cpp)
add_mini_library(Outer
  outer.cpp
  LINK_LIBS PUBLIC
  Inner
  Base)
add_executable(tool tool.cpp)
target_link_libraries(tool PRIVATE Top Base)
"""

SOURCES: Mapping[str, str] = {
    "include/mini.h": """\
#pragma once
namespace mini {
struct Shape { virtual ~Shape(); virtual int area() const; };
int base(int);
int *base_data();
int mid(int);
int mid_other(int);
int top(int);
int inner(int);
int outer(int);
template <typename T> struct Holder { static int count; T value; int get() { return base(count + value); } };
template <typename T> int Holder<T>::count = 1;
inline int through(int x) { return base(x) + 1; }
extern thread_local int counter;
}
extern "C" int c_base(void);
extern "C" int maybe(void) __attribute__((weak));
""",
    "lib/base.cpp": """\
#include "mini.h"
namespace mini {
Shape::~Shape() {}
int Shape::area() const { return 0; }
int base(int x) { return x + 1; }
static int data[4];
int *base_data() { return data; }
thread_local int counter = 0;
}
extern "C" int c_base(void) { return 7; }
""",
    "lib/mid.cpp": """\
#include "mini.h"
namespace mini {
struct Square : Shape { int area() const override { return base(3); } };
int mid(int x) { Square s; Holder<int> h{x}; counter += 1; return s.area() + through(x) + h.get() + mid_other(x); }
}
""",
    "lib/mid2.cpp": '#include "mini.h"\nnamespace mini { int mid_other(int x) { return *base_data() + x; } }\n',
    "lib/top.cpp": """\
#include "mini.h"
namespace mini { int top(int x) { if (maybe) return maybe(); return mid(x); } }
""",
    "lib/inner.cpp": '#include "mini.h"\nnamespace mini { int inner(int x) { return base(x) + c_base(); } }\n',
    "lib/outer.cpp": '#include "mini.h"\nnamespace mini { int outer(int x) { return inner(x); } }\n',
    "lib/tool.cpp": '#include "mini.h"\nint main() { return mini::top(1) + mini::base(2) > 0 ? 0 : 1; }\n',
}

GCC_BFD = ("-DCMAKE_C_COMPILER=gcc", "-DCMAKE_CXX_COMPILER=g++")


def write_project(root: Path, changes: Mapping[str, str] | None = None, *, lib: str = LIB) -> Path:
    """Write the project to ``root``; ``changes`` are further or other files."""
    files = {"CMakeLists.txt": TOP, "lib/CMakeLists.txt": lib, **SOURCES, **(changes or {})}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "ext").mkdir(exist_ok=True)
    return root


def build(source: Path, build_dir: Path, *arguments: str, keep_going: bool = False) -> subprocess.CompletedProcess[str]:
    """Configure and build; with ``keep_going``, past failures and without minding them."""
    subprocess.run(
        ["cmake", "-G", "Ninja", "-S", source, "-B", build_dir, *arguments], check=True, capture_output=True, text=True
    )
    command = ["ninja", "-C", str(build_dir), "-j2", *(["-k", "0"] if keep_going else [])]
    return subprocess.run(command, check=not keep_going, capture_output=True, text=True)
