"""CMake's File API codemodel (version 2) as frozen dataclasses: every target with its link line and origin.

The format is that of cmake-file-api(7). Paths are made absolute on reading; a *backtrace* becomes the list of call
sites, innermost first, so that the line in a project's own CMakeLists.txt can be told from LLVM's wrapper functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

_LEADING = frozenset({"include", "add_subdirectory", "find_package"})


@dataclass(frozen=True, kw_only=True)
class CallSite:
    """A command invocation in a CMake file."""

    file: Path
    line: int | None = None
    """1-based; None for the file as a whole."""
    command: str = ""


Backtrace = tuple[CallSite, ...]
"""Innermost call first."""


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """A piece of a link or archive command line."""

    text: str
    role: str
    """``flags``, ``libraries``, ``libraryPath`` or ``frameworkPath``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """A target of the build system; equal to nothing but itself, so that it is a cheap key of what is known of it."""

    name: str
    type: str
    """``STATIC_LIBRARY``, ``SHARED_LIBRARY``, ``MODULE_LIBRARY``, ``OBJECT_LIBRARY``, ``INTERFACE_LIBRARY``,
    ``EXECUTABLE`` or ``UTILITY``."""
    artifacts: tuple[Path, ...] = ()
    """Files that it makes, absolute; the first is the one that is linked or run."""
    link_language: str = ""
    link: tuple[Fragment, ...] = ()
    """The command line of its link step in order; empty for static libraries."""
    includes: tuple[Path, ...] = ()
    """Directories that its headers are looked for in, in the order of the command line; of several languages, all."""
    backtrace: Backtrace = ()
    """Where it was declared."""

    def declared_in(self, root: Path) -> CallSite | None:
        """The call in the project's own CMake files that declared it, past wrapper functions, LLVM's or its own.

        The outermost one, which a person wrote. ``include`` and ``add_subdirectory`` do not count: they lead to the
        file and say nothing of the target.
        """
        own = [site for site in self.backtrace if site.line is not None and site.file.is_relative_to(root)]
        return next((site for site in reversed(own) if site.command not in _LEADING), None)


@dataclass(frozen=True)
class Codemodel:
    """One configuration of a build directory."""

    source_dir: Path
    targets: tuple[Target, ...]
    compilers: Mapping[str, Path] = field(default_factory=dict)
    """By language."""
    directories: tuple[Path, ...] = ()
    """The source directories that CMake has come to."""

    @cached_property
    def by_artifact(self) -> dict[Path, Target]:
        """Targets by each file that they make."""
        return {artifact: target for target in self.targets for artifact in target.artifacts}

    def of_type(self, *types: str) -> tuple[Target, ...]:
        """The targets of the types named, in CMake's order."""
        return tuple(target for target in self.targets if target.type in types)
