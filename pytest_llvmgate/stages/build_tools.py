"""The programs that a build needs: where they are, which version, and what to do when one is missing or too old."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.version import Version

from pytest_llvmgate.cmake.cache_entries import read_cache
from pytest_llvmgate.errors import GateError, ToolError
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.process.asking import ask
from pytest_llvmgate.process.environment import command_environment

_MINIMUM: Final = {"cmake": "3.20", "ninja": "1.10"}
"""cmake: what LLVM itself requires. ninja: what CMake's generator and ``-t`` tools need to work reliably."""
_COMPILERS: Final = ("c++", "g++", "clang++")
_MEDDLING: Final = (
    *("CLICOLOR_FORCE", "CMAKE_COLOR_DIAGNOSTICS", "GCC_COLORS", "VERBOSE", "DESTDIR", "CMAKE_GENERATOR"),
    *("COLUMNS", "LINES"),
    *("MAKEFLAGS", "MFLAGS", "MAKELEVEL"),
)
"""Each changes what is printed or made, without the configuration saying so. A terminal's size is set by readline, in
one process of a session and not in another, and compilers wrap by it. The last are of a make that started the gate,
whose pool of cores is not the session's."""
_VERSION_TIMEOUT: Final = 30


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program that was found."""

    path: str
    version: str
    """The first line of ``--version``."""


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The programs of a build."""

    cmake: Tool
    ninja: Tool
    compiler: Tool

    def toolchain(self, env: Mapping[str, str], jobs: int | None = None) -> Toolchain:
        """These programs as what LLVM is built with."""
        return Toolchain(
            cmake=self.cmake.path,
            ninja=self.ninja.path,
            cxx=self.compiler.path,
            compiler=self.compiler.version,
            env=env,
            jobs=jobs,
        )


def build_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of every command of a build: the user's own, with messages in plain English and without tokens.

    The directory of the running Python comes first in PATH, so that the cmake and ninja of a virtual environment are
    found although nobody activated it.
    """
    env = command_environment() | {"LC_ALL": "C.UTF-8", "LANGUAGE": "C", "NINJA_STATUS": "[%f/%t] "}
    for name in _MEDDLING:
        env.pop(name, None)
    scripts = str(Path(os.path.normpath(sys.executable)).parent)
    path = env.get("PATH", os.defpath)
    if scripts not in path.split(os.pathsep):
        env["PATH"] = scripts + os.pathsep + path
    return env | dict(extra)


def base_directories(root: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What lets ccache and sccache, where the user builds with one, share objects between configurations.

    Build directories lie side by side below ``root``, so paths relative to them are the same for all. What the user
    has set himself stays.
    """
    env = os.environ if environ is None else environ
    own = {"CCACHE_BASEDIR": str(root), "CCACHE_NOHASHDIR": "1", "SCCACHE_BASEDIRS": str(root)}
    return {name: value for name, value in own.items() if name not in env}


def find_tools(env: Mapping[str, str]) -> Tools:
    """Find cmake, ninja and a C++ compiler on ``env``'s PATH. Raises :class:`ToolError`."""
    return Tools(cmake=_find("cmake", env), ninja=_find("ninja", env), compiler=_find_compiler(env))


def compilers_used(build_dirs: Mapping[str, Path], env: Mapping[str, str]) -> str:
    """The C++ compilers that build directories, by the names of their configurations, were configured with.

    The first lines of their ``--version``, with the names where they differ; empty where none tells.
    """
    users: dict[str, list[str]] = {}
    for name, directory in build_dirs.items():
        with suppress(GateError):
            entry = read_cache(directory).get("CMAKE_CXX_COMPILER")
            if entry is not None and (path := shutil.which(entry.value)):
                users.setdefault(_version(path, env), []).append(name)
    if len(users) <= 1:
        return next(iter(users), "")
    return "; ".join(f"{version} ({', '.join(names)})" for version, names in users.items())


def toolchain_on_path(jobs: int | None = None) -> Toolchain:
    """What this machine builds LLVM with, outside of a session. Raises :class:`ToolError`."""
    env = build_environment({})
    return find_tools(env).toolchain(env, jobs)


def lacking_tools(env: Mapping[str, str]) -> list[str]:
    """Which of ``cmake``, ``ninja`` and ``compiler`` are not on the search path; a compiler that ``CXX`` names is."""
    looked = {"cmake": ("cmake",), "ninja": ("ninja",), "compiler": () if env.get("CXX") else _COMPILERS}
    path = env.get("PATH")
    return [
        name for name, programs in looked.items() if programs and not any(shutil.which(p, path=path) for p in programs)
    ]


def _find(name: str, env: Mapping[str, str]) -> Tool:
    path = shutil.which(name, path=env.get("PATH"))
    hint = f"pip install '{name}>={_MINIMUM[name]}', or install pytest-llvmgate[tools]"
    if path is None:
        raise ToolError(f"expected {name} on PATH, found none", hint=hint)
    version = _version(path, env)
    if release(version) < Version(_MINIMUM[name]):
        raise ToolError(f"expected {name} {_MINIMUM[name]} or newer, found {version} at {path}", hint=hint)
    return Tool(path=path, version=version)


def _find_compiler(env: Mapping[str, str]) -> Tool:
    asked = env.get("CXX", "").split()
    for name in asked[:1] or _COMPILERS:
        if path := shutil.which(name, path=env.get("PATH")):
            return Tool(path=path, version=_version(path, env))
    looked = f"CXX={env['CXX']}" if asked else ", ".join(_COMPILERS)
    raise ToolError(
        f"expected a C++ compiler, found none ({looked})",
        hint="install g++ or clang++ (Debian: apt-get install g++), or set CXX to one",
    )


def _version(path: str, env: Mapping[str, str]) -> str:
    try:
        done = ask([path, "--version"], env=env, seconds=_VERSION_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"{path} --version does not run: {error}", hint="reinstall it") from error
    if done.returncode != 0:
        raise ToolError(
            f"{path} --version failed with exit code {done.returncode}: {done.stderr.strip()[-200:]}",
            hint="reinstall it",
        )
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown version"


def release(version: str) -> Version:
    """The numbers in what a tool says of its version; whatever its vendor adds to them is left out."""
    numbers = re.search(r"\d+(?:\.\d+)*", version)
    return Version(numbers[0] if numbers else "0")
