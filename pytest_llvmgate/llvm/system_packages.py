"""Which package of a machine's package manager brings what LLVM's libraries link, or what a build needs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from typing import Final

_MANAGERS: Final = {
    "apt-get": ("apt-get install", 0),
    "dnf": ("dnf install", 1),
    "zypper": ("zypper install", 1),
    "pacman": ("pacman -S", 2),
    "brew": ("brew install", 3),
}
"""Program to how it is asked, and the column of :data:`_PACKAGES`."""
_PACKAGES: Final = {
    "zlib": ("zlib1g-dev", "zlib-devel", "zlib", "zlib"),
    "zstd": ("libzstd-dev", "libzstd-devel", "zstd", "zstd"),
    "libxml2": ("libxml2-dev", "libxml2-devel", "libxml2", "libxml2"),
    "curl": ("libcurl4-openssl-dev", "libcurl-devel", "curl", "curl"),
    "ffi": ("libffi-dev", "libffi-devel", "libffi", "libffi"),
    "libedit": ("libedit-dev", "libedit-devel", "libedit", "libedit"),
    "terminfo": ("libncurses-dev", "ncurses-devel", "ncurses", "ncurses"),
    "pfm": ("libpfm4-dev", "libpfm-devel", "libpfm", ""),
    "z3": ("libz3-dev", "z3-devel", "z3", "z3"),
    "polly": ("libpolly-{version}-dev", "llvm-devel", "polly", "llvm"),
    "ninja": ("ninja-build", "ninja-build", "ninja", "ninja"),
    "compiler": ("g++", "gcc-c++", "gcc", "llvm"),
    "llvm-tools": ("llvm-{version}-tools", "llvm-test", "llvm", "llvm"),
    "mlir-tools": ("mlir-{version}-tools", "mlir-tools", "mlir", "llvm"),
    "protobuf": ("libprotobuf-dev protobuf-compiler", "protobuf-devel", "protobuf", "protobuf"),
    "mpi": ("libopenmpi-dev", "openmpi-devel", "openmpi", "open-mpi"),
    "boost": ("libboost-all-dev", "boost-devel", "boost", "boost"),
    "python": ("python3-dev", "python3-devel", "python", "python"),
    "absl": ("libabsl-dev", "abseil-cpp-devel", "abseil-cpp", "abseil"),
    "java": ("default-jdk", "java-devel", "jdk-openjdk", "openjdk"),
    "gtest": ("libgtest-dev", "gtest-devel", "gtest", "googletest"),
    "clang": ("clang-{version}", "clang", "clang", "llvm"),
    "clang-dev": ("libclang-{version}-dev", "clang-devel", "clang", "llvm"),
    "mlir-dev": ("libmlir-{version}-dev mlir-{version}-tools", "mlir-devel", "mlir", "llvm"),
    "lld-dev": ("liblld-{version}-dev", "lld-devel", "lld", "lld"),
    "lld": ("lld-{version}", "lld", "lld", "lld"),
    **{name: (name,) * 4 for name in ("bison", "cmake", "flex", "mold", "swig")},
    "pybind11": ("pybind11-dev", "pybind11-devel", "pybind11", "pybind11"),
}
_NAMES: Final = {
    "z": "zlib",
    "xml2": "libxml2",
    "libcurl": "curl",
    "edit": "libedit",
    "tinfo": "terminfo",
    "ncurses": "terminfo",
    "ffi_static": "ffi",
    "pollyisl": "polly",
    "libz3": "z3",
    "protoc": "protobuf",
    "filecheck": "llvm-tools",
    "python3": "python",
    "jni": "java",
    "ld.lld": "lld",
    "clang++": "clang",
    "ld.mold": "mold",
}


def packages_of(names: Iterable[str], version: str = "") -> str:
    """The command that installs what ``names`` stand for; empty where no package manager or no package is known.

    A name is an entry of a link line (``ZLIB::ZLIB``, ``pfm``), an archive of LLVM's, a program. ``version`` is LLVM's.
    """
    manager = next((each for each in _MANAGERS if shutil.which(each)), None)
    if manager is None:
        return ""
    command, column = _MANAGERS[manager]
    found = dict.fromkeys(_package(name, column) for name in names)
    major = version.partition(".")[0]
    listed = " ".join(package.replace("{version}", major) for package in found if package)
    return f"{command} {listed}" if listed else ""


def is_system_s(target: str) -> bool:
    """Whether a CMake target, ``absl::status``, is of a package that machines have from their package manager."""
    package, colons, _ = target.partition("::")
    return bool(colons) and _NAMES.get(package.lower(), package.lower()) in _PACKAGES


def _package(name: str, column: int) -> str:
    plain = re.sub(r"-\d+(\.\d+)*$", "", name.partition("::")[0].lower())
    known = _PACKAGES.get(_NAMES.get(plain, plain))
    return known[column] if known else ""
