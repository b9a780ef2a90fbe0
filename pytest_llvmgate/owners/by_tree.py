"""Whose code a file is: the downstream's, one of its components', or LLVM's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.model import Layer, Location

_MODULE_PATH: Final = re.compile(r"^[ \t]*+path[ \t]*+=[ \t]*+(?P<path>\S++(?:[ \t]++\S++)*+)", re.MULTILINE)
_LLVM_ITSELF: Final = re.compile(r"(^|/)llvm(-project)?$")


@dataclass(frozen=True, kw_only=True)
class Component:
    """A project that the downstream embeds."""

    name: str
    path: Path
    """Absolute."""
    is_llvm: bool = False
    """LLVM itself, as a submodule."""


@dataclass(frozen=True, kw_only=True)
class Layers:
    """Tells whose a file is, and how to name it in a report."""

    root: Path
    """The downstream's root, absolute."""
    components: tuple[Component, ...] = ()

    def of(self, path: Path) -> tuple[Layer, str]:
        """Layer and component name of a file."""
        for component in sorted(self.components, key=lambda item: -len(item.path.parts)):
            if path.is_relative_to(component.path):
                return (Layer.LLVM, "") if component.is_llvm else (Layer.COMPONENT, component.name)
        return (Layer.DOWNSTREAM, "") if path.is_relative_to(self.root) else (Layer.UNKNOWN, "")

    def name(self, path: Path) -> str:
        """The path relative to the root where it lies inside, with forward slashes."""
        return (path.relative_to(self.root) if path.is_relative_to(self.root) else path).as_posix()

    def location(self, path: Path, line: int | None = None) -> Location:
        """A place for a finding."""
        return Location(path=self.name(path), line=line)


def find_layers(root: Path, extra: Iterable[Path] = ()) -> Layers:
    """The layers of a downstream: its submodules (``.gitmodules``, as git reads it) and ``extra`` directories."""
    root = root.resolve()
    modules = root / ".gitmodules"
    paths = _MODULE_PATH.findall(modules.read_text(encoding="utf-8", errors="replace")) if modules.is_file() else []
    places: Sequence[Path] = [*(root / path for path in paths), *(root / path for path in extra)]
    return Layers(
        root=root,
        components=tuple(
            Component(name=place.name, path=place, is_llvm=bool(_LLVM_ITSELF.search(place.as_posix())))
            for place in dict.fromkeys(places)
        ),
    )
