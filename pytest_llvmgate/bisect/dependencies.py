"""Which of LLVM's files the downstream's build depends on, as the build of the good commit shows it.

ninja's dependency log has every header and ``.td`` file that was read (depfiles of the compiler and of mlir-tblgen),
the link edges name the libraries; CMake files and the generators count always. A header that a later commit adds is in
no log, which is one reason why a fold is never trusted without a judgement on either side.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_llvmgate.bisect.bisection import LEAST_WEIGHT
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.include_lines import included
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import Family
from pytest_llvmgate.plain_file import LARGEST_MADE, text_of
from pytest_llvmgate.process.asking import ask
from pytest_llvmgate.stages.build_tools import build_environment
from pytest_llvmgate.surface.file_tree import GitTree
from pytest_llvmgate.surface.provided import library_directories
from pytest_llvmgate.upstream.whose import INCLUDE_ROOTS, header_path

_GENERATORS: Final = (
    "mlir/tools/mlir-tblgen/",
    "mlir/tools/mlir-linalg-ods-gen/",
    "mlir/lib/Tools/mlir-tblgen/",
    "mlir/lib/TableGen/",
    "mlir/include/mlir/TableGen/",
    "mlir/include/mlir/Tools/mlir-tblgen/",
    "llvm/lib/TableGen/",
    "llvm/include/llvm/TableGen/",
)
_TOOLS: Final = ("llvm/utils/FileCheck/", "llvm/utils/lit/", "llvm/utils/not/", "llvm/utils/count/")
_PROJECTS: Final = ("llvm", "mlir", "cmake", "third-party")
"""Top-level directories that are built."""
_NOT_INSTALLED: Final = re.compile(r"(?:^|/)(?:tests?|unittests|docs|examples|benchmarks)/|\.(?:md|rst|txt\.in)$")
_CMAKE: Final = re.compile(r"(?:^|/)CMakeLists\.txt$|\.cmake(?:\.in)?$")
_HEADER: Final = re.compile(r"\.(?:h|hpp|inc|def|td)(?:\.in|\.cmake)?$")
_LINKED: Final = re.compile(r"(?:^|/)lib((?:MLIR|LLVM)\w+)\.(?:a|so)\b")
_DEPS_SECONDS: Final = 120


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """Paths of llvm-project, at the good commit."""

    files: frozenset[str] = frozenset()
    """Headers and ``.td`` files that the build read."""
    libraries: frozenset[str] = frozenset()
    """Directories with the sources of libraries that it links."""
    directories: frozenset[str] = frozenset()
    """The directories of ``files``."""

    def rate(self, stage: str, kind: str) -> Callable[[str], float]:
        """How much a file matters (0 to 1) to a failure of that class in that stage."""
        table = _RATES[_failure_of(stage, kind)]
        return lambda path: table.get(self.sort_of(path), LEAST_WEIGHT)

    def sort_of(self, path: str) -> str:
        """What a file is to the downstream; empty for nothing."""
        if path in self.files:
            return "read"
        if path.split("/", 1)[0] not in _PROJECTS or _NOT_INSTALLED.search(path):
            return ""
        if _CMAKE.search(path):
            return "cmake"
        if path.startswith(_GENERATORS):
            return "generator"
        if path.startswith(_TOOLS):
            return "tool"
        return self._header_or_source(path)

    def _header_or_source(self, path: str) -> str:
        directory = str(PurePosixPath(path).parent)
        if "/include/" in path and _HEADER.search(path):
            if not self.files:
                return "read"
            return "beside" if directory in self.directories else "header"
        if not self.libraries:
            return "linked"
        return "source" if self.libraries.isdisjoint(map(str, PurePosixPath(path).parents)) else "linked"


def _failure_of(stage: str, kind: str) -> str:
    """The row of :data:`_RATES` for a failure."""
    is_link = kind_of(kind).is_about_linking
    if stage == "llvm":
        return "llvm lists" if is_link or kind_of(kind).family is Family.CMAKE else "llvm"
    if stage == "configure":
        return "configure"
    if not kind or stage not in {"build", "syntax", "preflight"}:
        return "run"
    return "link" if is_link else "compile"


_EVERYTHING: Final = ("read", "beside", "header", "linked", "source", "generator", "tool", "cmake")
_RATES: Final = {
    "llvm": dict.fromkeys(_EVERYTHING, 1.0),
    "llvm lists": dict.fromkeys(_EVERYTHING, 0.1) | {"cmake": 1.0},
    "configure": {"cmake": 1.0, "read": 0.02, "generator": 0.01},
    "compile": {"read": 1.0, "generator": 0.5, "cmake": 0.3, "beside": 0.1, "header": 0.02},
    "link": {"cmake": 1.0, "read": 0.1, "linked": 0.1, "beside": 0.05, "header": 0.02, "source": 0.02},
    "run": {
        "read": 1.0,
        "linked": 1.0,
        "generator": 0.5,
        "cmake": 0.5,
        "tool": 0.5,
        "beside": 0.2,
        "source": 0.1,
        "header": 0.1,
    },
}
"""By what a failure is of: what each sort of file weighs. What is not named cannot matter."""


def find_dependencies(
    build: Path, include_dirs: Sequence[Path], repository: Repository, good: str, *, ninja: str = "ninja"
) -> Dependencies:
    """What the build in ``build`` read of the LLVM installed at ``include_dirs``, as paths of the commit ``good``."""
    inside = dict.fromkeys(str(directory) + "/" for directory in include_dirs)
    installed = {path[len(root) :] for path in _read_files(build, ninja) for root in inside if path.startswith(root)}
    if not installed:
        return Dependencies()
    files = {path for name in installed if (path := header_path(name))}
    directories = {str(PurePosixPath(name).parent) for name in files}
    files |= _definitions(repository, good, directories, generated=any(name.endswith(".inc") for name in files))
    linked = _linked_libraries(build)
    return Dependencies(
        files=frozenset(files),
        libraries=library_directories(GitTree(repository, good), linked.__contains__) if linked else frozenset(),
        directories=frozenset(str(PurePosixPath(name).parent) for name in files),
    )


def _read_files(build: Path, ninja: str) -> Iterator[str]:
    """Every path in ninja's dependency log (ninja's manual, ``-t deps``: indented below each output)."""
    command = [ninja, "-C", str(build), "-t", "deps"]
    try:
        done = ask(command, env=build_environment({}), seconds=_DEPS_SECONDS, errors="surrogateescape")
    except (OSError, subprocess.TimeoutExpired):
        return
    for line in done.stdout.splitlines():
        if line.startswith("    "):
            yield line.strip()


def _definitions(repository: Repository, good: str, directories: set[str], *, generated: bool) -> set[str]:
    """The ``.td`` files beside what was read, where generated code is among that, and all that they include."""
    if not generated:
        return set()
    known = {name for name in repository.blobs(good, *INCLUDE_ROOTS) if name.endswith(".td")}
    fresh = {name for name in known if str(PurePosixPath(name).parent) in directories}
    found: set[str] = set()
    while fresh:
        found |= fresh
        contents = repository.contents({name: f"{good}:{name}" for name in sorted(fresh)})
        names = {name for _, data in contents for name in included(data)}
        fresh = {f"{root}{name}" for name in names for root in INCLUDE_ROOTS} & known - found
    return found


def _linked_libraries(build: Path) -> set[str]:
    """LLVM's libraries on the link lines of the build."""
    text = text_of(build / "build.ninja", LARGEST_MADE)
    words = (word for line in text.splitlines() if "LINK_LIBRARIES" in line for word in line.split())
    return {match[1] for word in words if (match := _LINKED.search(word))}
