"""How much a file of llvm-project matters to a downstream: by the headers it includes and the libraries it links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.preflight.usage import Usage, as_installed
from pytest_llvmgate.surface.file_tree import SourceTree
from pytest_llvmgate.surface.provided import library_directories
from pytest_llvmgate.upstream.whose import header_path

USED: Final = 1.0
"""The downstream includes it, or links the library that it is part of."""
BUILT: Final = 0.3
"""Part of what any MLIR downstream's LLVM builds, so a broken build there stops it too."""
ELSEWHERE: Final = 0.0

_ROOTS: Final = ("mlir", "llvm")
_PARTS: Final = ("include", "lib", "cmake", "tools", "utils/TableGen", "CMakeLists.txt")
_BUILT: Final = (*(f"{root}/{part}" for root in _ROOTS for part in _PARTS), "cmake/", "third-party/")
_NOT_BUILT: Final = re.compile(
    r"(?:^|/)(?:test|tests|unittests|docs|examples|benchmarks|bazel|gn|python)/|\.(?:md|rst|bazel|bzl|gn)$"
)
_TARGET_SPECIFIC: Final = "llvm/lib/Target/"
"""Back ends: most downstreams build one or two of twenty."""
_EVERYONES: Final = re.compile(r"^(?:cmake/|(?:mlir|llvm)/cmake/|(?:mlir|llvm)/CMakeLists\.txt$)")


@dataclass(frozen=True, kw_only=True)
class UsedParts:
    """What a downstream uses of llvm-project, as paths in it."""

    headers: frozenset[str] = frozenset()
    """Full paths: ``mlir/include/mlir/IR/Builders.h``."""
    directories: frozenset[str] = frozenset()
    """Of sources, with a slash at the end: ``mlir/lib/Dialect/Linalg/IR/``."""

    def of(self, path: str) -> float:
        """:data:`USED`, :data:`BUILT` or :data:`ELSEWHERE`."""
        if _NOT_BUILT.search(path) or not path.startswith(_BUILT):
            return ELSEWHERE
        if _EVERYONES.match(path) or path in self.headers or f"{path.rpartition('/')[0]}/" in self.directories:
            return USED
        return ELSEWHERE if path.startswith(_TARGET_SPECIFIC) else BUILT

    def of_all(self, paths: Iterable[str]) -> float:
        """The most that any of the paths matters."""
        return max(map(self.of, paths), default=ELSEWHERE)

    def those(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of the paths that the downstream uses itself."""
        return tuple(path for path in paths if self.of(path) == USED)


def find_used_parts(usage: Usage, llvm: SourceTree) -> UsedParts:
    """What a downstream of that ``usage`` uses of the llvm-project in ``llvm``."""
    included = {path: place for path in map(as_installed, usage.includes) if (place := header_path(path))}
    generated = {path: place for path, place in included.items() if path.endswith(".inc")}
    headers = {*included.values(), *(_source_of(place) for place in generated.values())}
    directories = {f"{place.partition('/')[0]}/lib/{_inside(path)}" for path, place in included.items()}
    directories |= {f"{place.rpartition('/')[0]}/" for place in generated.values()}
    wanted = {name.lower() for name in usage.words} | {f"llvm{name}" for name in usage.components}
    directories |= {f"{directory}/" for directory in library_directories(llvm, lambda name: name.lower() in wanted)}
    return UsedParts(headers=frozenset(headers), directories=frozenset(directories))


def _source_of(generated: str) -> str:
    """The ``.td`` file that a generated header is made from, by LLVM's custom."""
    return re.sub(r"(?:\.cpp|\.h)?\.inc$", ".td", generated)


def _inside(include: str) -> str:
    """The directory of the sources behind a header: ``mlir/IR/Builders.h`` is implemented in ``mlir/lib/IR/``."""
    directory = include.rpartition("/")[0].partition("/")[2]
    return f"{directory}/" if directory else ""
