"""Which LLVM the commands that CMake made compile and link against: the one that was verified, or another.

A project that takes its flags from the ``llvm-config`` of the search path finds the candidate by ``find_package`` all
the same: everything passes, and the candidate was never compiled against.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.codemodel import Codemodel, Target
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.wording import counted

_CONFIG: Final = Path("llvm/Config/llvm-config.h")
_IDENTITY: Final = (_CONFIG, Path("llvm/Support/VCSRevision.h"))
"""Headers that tell two LLVMs apart: the release and how it was configured, and the commit."""
_VERSION: Final = re.compile(r'^#define LLVM_VERSION_STRING "([^"\n]*+)"', re.MULTILINE)
# Not libclang_rt, libomp or libc++, which come with whatever compiler builds the project; nor libclang and liblldb,
# whose interface is one in all releases.
_NAMES: Final = r"(?:LLVM|MLIR|lld[A-Z]|clang(?:[A-Z]|-cpp))"
_LIBRARY: Final = re.compile(f"lib{_NAMES}[^/]*+")
_BY_NAME: Final = re.compile(f"-l{_NAMES}")
_OF_LLVM: Final = re.compile(r"llvm|mlir|clang|lld|polly|flang|bolt|omp|c\+\+|(?:lib)?unwind|__libunwind")
"""What LLVM's projects install among the headers."""


@dataclass(frozen=True)
class UsedLlvms:
    """The LLVMs whose headers and libraries the targets of a build take, by what their command lines name first."""

    is_candidate_used: bool
    others: tuple[str, ...]
    """A sentence for each that is not the candidate."""


def used_llvms(codemodel: Codemodel, build_dir: Path, prefix: ToolchainPrefix) -> UsedLlvms:
    """Which LLVM each target is compiled and linked against. ``prefix`` is the candidate's install."""
    own = [include for root in prefix.roots if _is_llvms(include := root / "include")]
    taken = {target.name: (target.includes, tuple(_of_libraries(target))) for target in codemodel.targets}
    everywhere = {include for ways in taken.values() for way in ways for include in way}
    is_own = {include: any(_are_one(include, each) for each in own) for include in everywhere if _is_llvms(include)}
    users: dict[Path, list[str]] = {}
    for name, ways in taken.items():
        searched, linked = ([*filter(is_own.__contains__, way)] for way in ways)
        if not any(map(is_own.get, searched)):
            searched = [each for each in searched if not _is_of_many(each)]
        for first in dict.fromkeys((*searched[:1], *linked[:1])):
            users.setdefault(first, []).append(name)
    # An LLVM that the project brings or builds itself is its own business.
    inside = (codemodel.source_dir.resolve(), build_dir.resolve())
    others = (each for each in users if not is_own[each] and not any(map(each.resolve().is_relative_to, inside)))
    return UsedLlvms(
        is_candidate_used=any(map(is_own.get, users)),
        others=tuple(_sentence(each, users[each]) for each in others) if own else (),
    )


def _of_libraries(target: Target) -> Iterator[Path]:
    """The headers beside each directory that LLVM's libraries are taken from, in the order of the link line."""
    words = [word for each in target.link for word in each.text.split()]
    places = [Path(word[2:]) for word in words if word.startswith("-L")]
    for word in words:
        if _BY_NAME.match(word):
            files = [f"lib{word[2:]}{suffix}" for suffix in (".so", ".dylib", ".a")]
            holding = (each for each in places if any((each / file).is_file() for file in files))
            yield from (each.parent / "include" for each in itertools.islice(holding, 1))
        elif word.startswith("/") and _LIBRARY.fullmatch(Path(word).name):
            yield Path(word).parent.parent / "include"


def _is_llvms(include: Path) -> bool:
    return os.path.isfile(include / _CONFIG)  # noqa: PTH113 - pathlib's raises where the directory may not be searched


def _is_of_many(include: Path) -> bool:
    """Whether most headers are other packages' (conda, ``/usr/local``): it may be searched for any of them."""
    found = [_OF_LLVM.match(each.name) is not None for each in include.iterdir()]
    return 2 * sum(found) < len(found)


def _are_one(one: Path, other: Path) -> bool:
    """Whether two directories hold the headers of the same LLVM: a derived or copied install is no other one."""
    return one.resolve() == other.resolve() or _identity(one) == _identity(other)


def _identity(include: Path) -> tuple[str, ...]:
    return tuple(read_plain_text(include / name) if (include / name).is_file() else "" for name in _IDENTITY)


def _sentence(include: Path, users: Sequence[str]) -> str:
    more = f" and {counted(len(users) - 1, 'more target')}" if len(users) > 1 else ""
    version = _VERSION.search(read_plain_text(include / _CONFIG))
    shown = f"{include.parent} ({version[1]})" if version else str(include.parent)
    return f"another LLVM than the candidate is used by {users[0]}{more}: {shown}"
