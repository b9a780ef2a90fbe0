"""A downstream that builds in milliseconds, on an LLVM that is only its CMake package.

Real git, real CMake, real ninja; no compiler, because what is tested is the gate. The CMake project shows the options
that it was configured with, and breaks on request: a file ``break-<what>`` in the tree makes a stage fail.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SHA = "1111111111111111111111111111111111111111"
OTHER_SHA = "2222222222222222222222222222222222222222"

CMAKE_LISTS = """\
cmake_minimum_required(VERSION 3.20)
project(toy LANGUAGES NONE)
find_package(LLVM REQUIRED CONFIG)
message(STATUS "Using LLVMConfig.cmake in: ${LLVM_DIR}")
option(BUILD_SHARED_LIBS "" OFF)
option(TOY_MHLO "" ON)
option(TOY_IDLE "read, and without effect" OFF)
if(EXISTS ${CMAKE_SOURCE_DIR}/break-configure)
  message(FATAL_ERROR "The dependency target MLIRGone does not exist.")
endif()
function(toy_target name)
  add_custom_command(OUTPUT ${name}.txt
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DSHARED=${BUILD_SHARED_LIBS} -P ${CMAKE_SOURCE_DIR}/make.cmake
    DEPENDS ${CMAKE_SOURCE_DIR}/make.cmake VERBATIM)
  list(APPEND outputs ${name}.txt)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.txt DESTINATION share OPTIONAL)
  set(outputs ${outputs} PARENT_SCOPE)
endfunction()
toy_target(core)
if(TOY_MHLO)
  toy_target(mhlo)
endif()
add_custom_target(toy ALL DEPENDS ${outputs})
"""

MAKE_CMAKE = """\
get_filename_component(source ${CMAKE_SCRIPT_MODE_FILE} DIRECTORY)
if(EXISTS ${source}/break-${NAME} OR (SHARED AND EXISTS ${source}/break-shared-${NAME}))
  message("${source}/make.cmake:3:1: error: no member named 'gone' in namespace 'mlir'")
  message(FATAL_ERROR "stopped")
endif()
if(EXISTS ${source}/slow OR (NOT SHARED AND NAME STREQUAL core AND EXISTS ${source}/slow-static))
  execute_process(COMMAND ${CMAKE_COMMAND} -E sleep 600)
endif()
file(WRITE ${NAME}.txt "shared=${SHARED}\\n")
"""

LINKAGE = """
[axes.linkage]
static = { cmake = { BUILD_SHARED_LIBS = "OFF" } }
shared = { cmake = { BUILD_SHARED_LIBS = "ON" } }
"""
NO_PREDICTIONS = """
[linkcheck]
enabled = false  # there is nothing to link

[preflight]
enabled = false
"""
PREFIX = """
[llvm]
supplier = "prefix"
prefix = "../llvm"
"""
PIN = """\
[[pin]]
name = "llvm-project"
file = "utils/clone-mlir.sh"
reader = "git-checkout"
"""
CONFIG = f"""{PIN}{PREFIX}{LINKAGE}
[axes.mhlo]
on = {{ cmake = {{ TOY_MHLO = "ON" }} }}
off = {{ cmake = {{ TOY_MHLO = "OFF" }} }}
{NO_PREDICTIONS}
[build]
check = [["cmake", "-E", "cat", "{{install}}/share/core.txt"]]
"""


def make_llvm(directory: Path, sha: str | None = SHA, *, version: str = "22.1.8") -> Path:
    """An install of LLVM that find_package accepts and that says which revision it is (None: it says nothing)."""
    package = directory / "lib/cmake/llvm"
    package.mkdir(parents=True, exist_ok=True)
    (package / "LLVMConfig.cmake").write_text(f'set(LLVM_PACKAGE_VERSION "{version}")\nset(LLVM_ENABLE_RTTI OFF)\n')
    header = directory / "include/llvm/Support/VCSRevision.h"
    header.parent.mkdir(parents=True, exist_ok=True)
    header.write_text(f'#define LLVM_REVISION "{sha}"\n' if sha else "#undef LLVM_REVISION\n")
    return directory


def git(directory: Path, *arguments: str) -> str:
    """Run git, whatever the user's own configuration says."""
    identity = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _IDENTITY.items()}
    env = os.environ | identity | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(["git", "-C", directory, *arguments], env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


_IDENTITY = {"NAME": "A Maintainer", "EMAIL": "maintainer@example.com", "DATE": "2026-11-01T12:00:00Z"}


def make_downstream(directory: Path, *, sha: str = SHA, config: str = CONFIG) -> Path:
    """The downstream's repository, pinned to ``sha``, with one commit."""
    (directory / "utils").mkdir(parents=True, exist_ok=True)
    (directory / "utils/clone-mlir.sh").write_text(f"cd llvm-project && git checkout {sha} && cd ..\n")
    (directory / "CMakeLists.txt").write_text(CMAKE_LISTS)
    (directory / "make.cmake").write_text(MAKE_CMAKE)
    (directory / "llvmgate.toml").write_text(config)
    (directory / "pytest.ini").write_text("[pytest]\n")
    git(directory, "init", "-q", "-b", "main")
    commit(directory, "Start")
    return directory


def commit(directory: Path, message: str) -> str:
    """Commit everything and return the SHA."""
    git(directory, "add", "--all")
    git(directory, "commit", "-q", "--allow-empty", "-m", message)
    return git(directory, "rev-parse", "HEAD")


def make_workspace(directory: Path, *, config: str = CONFIG) -> Path:
    """``llvm/`` and ``downstream/`` side by side; returns the downstream."""
    make_llvm(directory / "llvm")
    return make_downstream(directory / "downstream", config=config)
