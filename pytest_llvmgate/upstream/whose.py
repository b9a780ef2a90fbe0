"""Is this name, this URL, this path LLVM's? The one judgement that readers, discovery and history share.

Many names have LLVM or MLIR in them and are other projects: a sibling (``mlir-aie``), a tool (``llvm-mingw``), a
project that calls all of its variables ``MLIR_...``. What is written for one of those is never LLVM's commit.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

LLVM: Final = "llvm-project"
"""The repository, and the name that a project's own pin gets."""
OFFICIAL: Final = "llvm/llvm-project"
LLVM_PACKAGES: Final = frozenset({"LLVM", "MLIR", "Clang", "LLD"})
"""The CMake packages of LLVM's installs."""
INCLUDE_ROOTS: Final = ("llvm/include/", "mlir/include/", "clang/include/", "lld/include/")
"""Where llvm-project keeps its headers."""
OF_ONE_RELEASE: Final = "llvm|clang|mlir"
"""Of a regular expression: the names that stand in front of a release of LLVM, as people write it."""

_HOSTED: Final = re.compile(r"^(?:[a-z+]+://(?!/)|[\w.-]+@)[^/:]+(?::\d+)?[:/](?:.*/)?([^/]+/[^/]+?)(?:\.git)?/?$")
_LLVM_REPOSITORY: Final = re.compile(r"(?:[a-z0-9]+[._-])*llvm[._-]?(?:project|fork|upstream)", re.IGNORECASE)
_AFTER_LLVM: Final = re.compile(r"[._-](?:fork|mirror|upstream|dev|patched|private|public|internal|staging|reduced)")
"""What a fork adds after ``llvm-project``; anything else (``-tests``, ``-prebuilt``) makes it another project."""
_PORT: Final = re.compile(
    r"[._-](?:windows|win|cpu|rocm|amd|ascend|xpu|fork|mirror|upstream|dev|staging)$", re.IGNORECASE
)
"""What a port of a project adds to its name."""

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_COMMIT_WORDS_TEXT: Final = (
    "commit commithash commitid sha sha1 hash githash rev revision version tag gittag ref branch id git "
    "checkout pin pinned head base baseline ver"
)
_COMMIT_WORDS: Final = frozenset(_COMMIT_WORDS_TEXT.split())
"""What names of a commit end in, beside the name of the project."""
_SAME_WORDS_TEXT: Final = (
    "project projects mono monorepo repo repository source sources src fork upstream main trunk archive "
    "tarball external submodule build built install installed prebuilt release required current default "
    "known good rtti eh assertions static shared debug latest new old the our my hex full short string "
    "str value info data number num dir path url mlir clang lld llvm core download package toolchain "
    "compiler dep deps dependency version hash desired expected wanted tested "
    "modern legacy stable nightly host target next preferred recommended bundled vendored"
)
_SAME_WORDS: Final = frozenset(_SAME_WORDS_TEXT.split())
"""Words beside LLVM's name that leave it LLVM."""
_BOUNDS: Final = frozenset(
    {"first", "min", "minimum", "oldest", "compatible", "since", "broken", "bad", "max", "maximum", "expect", "assert"}
)
"""What makes a commit a bound or an example rather than the one that is taken: ``FIRST_COMPATIBLE_LLVM_COMMIT``."""
_COMMIT_OF_LLVM: Final = re.compile(
    r"(?:^|_)llvm(?:_project)?_(?:commit|version|hash|sha|sha1|rev|revision|tag)(?:_|$)"
)
"""What follows a commit's word tells one LLVM from another: ``llvm-version-imex``, ``LLVM_COMMIT_17``."""


def include_name(path: str) -> str:
    """What an ``#include`` says of a file at ``path`` in llvm-project; empty for one that no include path leads to."""
    return next((path[len(root) :] for root in INCLUDE_ROOTS if path.startswith(root)), "")


def header_path(include: str) -> str:
    """Where llvm-project has a header that is included so, the C API's beside the others; empty for no header of it."""
    root = f"{include.partition('/')[0].removesuffix('-c')}/include/"
    return f"{root}{include}" if root in INCLUDE_ROOTS else ""


def is_llvm_url(url: str, path: str = "") -> bool:
    """Whether a repository's URL is llvm-project or one of its forks.

    ``path`` is where a project keeps it: a fork may have any name, but what lies at ``third_party/llvm-project`` is
    LLVM, and so is what lies at ``external/llvm`` and has LLVM in its name.
    """
    name = repository_name(url)
    place = repository_name(path).lower().replace("_", "-")
    if place == LLVM or (place in {"llvm", "mlir"} and "llvm" in name.lower()):
        return True
    return is_llvm_repository(name, owner_of(url))


def is_llvm_repository(name: str, owner: str = "") -> bool:
    """Whether a repository of that name is llvm-project or a fork of it.

    ``llvm`` alone is one under an owner: forks from before the projects were joined, and vendors, call theirs so.
    """
    if name.lower() in {"llvm", "llvm.git"}:
        return bool(owner)
    match = _LLVM_REPOSITORY.match(name)
    if match is None:
        return False
    rest = name[match.end() :]
    return not rest or _AFTER_LLVM.fullmatch(rest.lower()) is not None


def ends_in_llvm(url: str, path: str) -> bool:
    """Whether a submodule's name ends in LLVM's: ``wombat-llvm`` is a fork, or a tool of its own."""
    return any(words_of(repository_name(name))[-1:] == ("llvm",) for name in (url, path))


def without_port(name: str) -> str:
    """The name of the project that a repository is a port or fork of, by its own name: ``triton-windows``."""
    return _PORT.sub("", name)


def is_bound(name: str) -> bool:
    """Whether a name is of a limit or a condition rather than of what is taken: ``FIRST_GOOD``, ``expect_commit``."""
    return not _BOUNDS.isdisjoint(words_of(name))


def owner_of(url: str) -> str:
    """The owner in a URL on some host; empty where there is none."""
    hosted = hosted_name(url)
    return hosted.partition("/")[0] if hosted else ""


def repository_name(url_or_path: str) -> str:
    """The last part of a URL or path, without ``.git``."""
    return url_or_path.rstrip("/").replace(":", "/").rpartition("/")[2].removesuffix(".git")


def hosted_name(url: str) -> str | None:
    """``owner/name`` in a URL on some host; a path on this machine has none: nobody can tell what it is a clone of."""
    match = _HOSTED.search(url)
    return match[1] if match else None


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a variable's or file's name, in lower case: ``TORCH_MLIR_COMMIT``, ``torchMlirCommit``."""
    return tuple(word.lower() for word in _WORDS.findall(name))


@lru_cache(maxsize=4096)
def subject_of(name: str) -> tuple[str, ...]:
    """The words of a name without those that say that it holds a commit: whose commit it is."""
    words = list(words_of(name))
    while words and words[-1] in _COMMIT_WORDS:
        words.pop()
    return tuple(words)


@lru_cache(maxsize=4096)
def is_llvm_name(name: str) -> bool:
    """Whether a variable, key or file of that name speaks of LLVM itself.

    The last word that is none of a commit's decides: ``MLIR_WOMBAT_LLVM_COMMIT`` is LLVM's, ``LLVM_SPIRV_COMMIT`` is
    the translator's. See :func:`is_mlir_name` for names with MLIR alone.
    """
    if is_bound(name):
        return False
    if _COMMIT_OF_LLVM.search("_".join(words_of(name))):
        return True
    words = [word for word in subject_of(name) if word not in _COMMIT_WORDS]
    if "llvm" not in words and "llvmproject" not in words:
        return False
    at = max(place for place, word in enumerate(words) if word in {"llvm", "llvmproject"})
    after = words[at + 1 :]
    while after and (after[0] in _SAME_WORDS or after[0].isdigit()):
        after.pop(0)
    return not after


@lru_cache(maxsize=4096)
def is_mlir_name(name: str) -> bool:
    """Whether a name speaks of MLIR, with nothing beside it that could be another project: ``MLIR_SHA``."""
    words = [word for word in subject_of(name) if word not in _COMMIT_WORDS]
    return "mlir" in words and all(word in _SAME_WORDS or word.isdigit() for word in words)


@lru_cache(maxsize=4096)
def is_bare_commit_name(name: str) -> bool:
    """Whether a name speaks of a commit, and of nobody in particular: ``GOOD_REVISION``, ``commit``."""
    words = words_of(name)
    rest = [word for word in words if word not in _COMMIT_WORDS and word not in _SAME_WORDS]
    return not rest and not _COMMIT_WORDS.isdisjoint(words) and not is_bound(name)
