"""What a repository shows of its LLVM pins and build options, for a first configuration file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.config.schema import PinSpec
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.model import Location
from pytest_llvmgate.pins.readers import GITLINK, find_reader
from pytest_llvmgate.pins.tree import CommitTree, Gitlink, Tree, Unreadable, WorkTree, enter

_KNOWN_FILES: Final = {
    "utils/clone-mlir.sh": "git-checkout",
    "build_tools/llvm_version.txt": "sha-file",
    "cmake/llvm-hash.txt": "sha-file",
}
"""Files in which known projects write their LLVM commit, and the reader."""

_LLVM_URL: Final = re.compile(r"(?:^|[/:])(?:[A-Za-z0-9_.-]*-)?llvm-project(?:-[A-Za-z0-9]+)?(?:\.git)?/?$")
_OPTION: Final = re.compile(
    r"^[ \t]*option[ \t]*\([ \t]*([A-Za-z0-9_]+)(?:\s+\"([^\"]*)\")?(?:\s+(ON|OFF))?", re.MULTILINE
)
_OPTION_NAME: Final = re.compile(r"HLO|TORCH|TOSA|SHARED|DYLIB|(?:ENABLE|USE|WITH)_(?:LLVM|MLIR)", re.IGNORECASE)
_CMAKE_FILE: Final = re.compile(r"(?:^|/)CMakeLists\.txt$|\.cmake$")


@dataclass(frozen=True, kw_only=True)
class FoundPin:
    """A pin to propose, and why."""

    spec: PinSpec
    evidence: str


@dataclass(frozen=True, kw_only=True)
class FoundOption:
    """A CMake option that may be worth an axis."""

    name: str
    default: str
    """``ON``, ``OFF`` or empty."""
    summary: str
    where: Location


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """Everything found."""

    pins: tuple[FoundPin, ...]
    options: tuple[FoundOption, ...]


def discover(repository: Repository) -> Discovery:
    """Look at the work tree's index, its submodules and its CMake files."""
    tree = WorkTree(repository=repository)
    pins = [*_pins_in_files(tree, ""), *_pins_by_gitlinks(tree, repository)]
    return Discovery(pins=tuple(pins), options=tuple(_options(repository)))


def _pins_in_files(tree: Tree, component: str) -> Iterator[FoundPin]:
    for file, reader_name in _KNOWN_FILES.items():
        name = PurePosixPath(component).name if component else "llvm-project"
        spec = PinSpec(name=name, file=file, reader=reader_name, component=component)
        reader = find_reader(reader_name)
        try:
            mentions = reader.mentions(tree.text(file), spec) if reader else ()
        except Unreadable:
            continue
        if mentions:
            where = f"{component}/{file}" if component else file
            yield FoundPin(spec=spec, evidence=f"{where}:{mentions[0].line} names {mentions[0].text[:12]}")


def _pins_by_gitlinks(tree: WorkTree, repository: Repository) -> Iterator[FoundPin]:
    urls = {module.path: module.url for module in repository.submodules()}
    for path, commit in tree.gitlinks.items():
        url = urls.get(path, "")
        if _LLVM_URL.search(url):
            spec = PinSpec(name="llvm-project", file=path, reader=GITLINK)
            yield FoundPin(spec=spec, evidence=f"the submodule {path} comes from {url}")
            continue
        yield from _pins_in_component(tree, Gitlink(path=path, commit=commit))


def _pins_in_component(tree: WorkTree, link: Gitlink) -> Iterator[FoundPin]:
    try:
        inner: CommitTree = enter(tree, link)
    except Unreadable:
        return
    yield from _pins_in_files(inner, link.path)


def _options(repository: Repository) -> Iterator[FoundOption]:
    listing = repository.run("ls-files", "-z").decode("utf-8", "surrogateescape").split("\0")
    for path in filter(_CMAKE_FILE.search, listing):
        try:
            text = (repository.work_tree / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for match in _OPTION.finditer(text):
            if _OPTION_NAME.search(match[1]):
                where = Location(path=path, line=text.count("\n", 0, match.start(1)) + 1)
                yield FoundOption(name=match[1], default=match[3] or "", summary=match[2] or "", where=where)
