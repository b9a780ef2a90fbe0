"""A downstream's tree as it stands: its components, and by them whose a file is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pytest_llvmgate.git.gitmodules import LARGEST, parse_gitmodules
from pytest_llvmgate.model import Layer, Location
from pytest_llvmgate.owners.file_owners import FileOwners, is_llvm_directory
from pytest_llvmgate.plain_file import read_plain


@dataclass(frozen=True, kw_only=True)
class Component:
    """A project that the downstream embeds."""

    name: str
    path: Path
    """Absolute."""
    is_llvm: bool = False
    """LLVM itself, as a submodule."""

    @property
    def is_there(self) -> bool:
        """Whether it has files: a submodule that is not checked out has none."""
        return self.path.is_dir() and any(self.path.iterdir())


@dataclass(frozen=True, kw_only=True)
class Layers:
    """Tells whose a file is, and how to name it in a report."""

    root: Path
    """The downstream's root, absolute."""
    components: tuple[Component, ...] = ()

    @cached_property
    def owners(self) -> FileOwners:
        """The judge that knows this tree."""
        components = {each.path.as_posix(): each.path.name if each.is_llvm else each.name for each in self.components}
        return FileOwners(source=self.root.as_posix(), components=components, knows_tree=True)

    @property
    def llvms(self) -> tuple[str, ...]:
        """Where LLVM itself lies in the tree, by :meth:`name`: what is not the downstream's to be read."""
        return tuple(self.name(each.path) for each in self.components if each.is_llvm)

    def of(self, path: Path) -> tuple[Layer, str]:
        """Layer and component name of a file."""
        owner = self.owners.of(path.as_posix())
        return owner.layer, owner.component

    def name(self, path: Path) -> str:
        """The path relative to the root where it lies inside, with forward slashes."""
        return (path.relative_to(self.root) if path.is_relative_to(self.root) else path).as_posix()

    def location(self, path: Path, line: int | None = None) -> Location:
        """A place for a finding."""
        return Location(path=self.name(path), line=line)


def find_layers(root: Path, extra: Iterable[Path | str] = ()) -> Layers:
    """The layers of a downstream: its submodules (``.gitmodules``, as git reads it) and ``extra`` directories."""
    root = root.resolve()
    places = dict.fromkeys((*(root / path for path in submodule_paths(root)), *(root / path for path in extra)))
    return Layers(
        root=root,
        components=tuple(
            Component(name=place.name, path=place, is_llvm=is_llvm_directory(place.name)) for place in places
        ),
    )


def submodule_paths(root: Path) -> tuple[str, ...]:
    """Where the submodules of a tree lie, relative to its root; none where it has no readable ``.gitmodules``."""
    try:
        text = read_plain(root / ".gitmodules", LARGEST).decode("utf-8", "replace")
    except OSError:
        return ()
    return tuple(module.path for module in parse_gitmodules(text))
