"""tinyc, a downstream of the miniature LLVM, with mini-hlo as a real submodule and whatever pins a test wants."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from tests.miniature.edits import Tree
from tests.miniature.git import FastImport, Signature, git, init
from tests.miniature.history import Miniature

_HERE: Final = Path(__file__).parent
_EPOCH: Final = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp())
_DAY: Final = 86_400

COMPONENT: Final = "third_party/mini-hlo"
"""Path of the component's gitlink."""
LLVM_GITLINK: Final = "externals/llvm-project"
"""Path of LLVM's gitlink, in the style ``gitlink``."""


@dataclass(frozen=True, kw_only=True)
class Pins:
    """What one bump of the downstream names."""

    llvm: str
    """SHA that the downstream pins."""
    component_llvm: str = ""
    """SHA that the component pins; the downstream's where empty."""

    @property
    def of_component(self) -> str:
        """SHA that the component pins."""
        return self.component_llvm or self.llvm


@dataclass(frozen=True, kw_only=True)
class TinyC:
    """A checkout of the downstream, with its submodules."""

    root: Path
    """The work tree, with the configuration file of the gate."""
    component: Path
    """The component's work tree inside it."""
    component_origin: Path
    """The repository that the component was cloned from."""
    history: tuple[str, ...]
    """The downstream's commits, oldest first: one for each of the pins it was made with."""
    component_history: tuple[str, ...]
    """The component's commits, oldest first."""

    @property
    def config(self) -> Path:
        """The configuration file of the gate."""
        return self.root / "llvmgate.toml"


def create_downstream(
    directory: Path,
    miniature: Miniature,
    *,
    pins: Sequence[Pins] = (),
    style: Literal["script", "gitlink"] = "script",
    llvm: Mapping[str, str] | None = None,
) -> TinyC:
    """Write ``tinyc`` and its component ``mini-hlo`` below ``directory``, one commit for each of ``pins``.

    Without ``pins`` both are on the miniature's first commit, where everything is green. In the style ``script`` LLVM
    is pinned by ``utils/clone-mlir.sh``, as onnx-mlir does, in the style ``gitlink`` by a submodule, as torch-mlir
    does. ``llvm`` is the table of that name in ``llvmgate.toml``; by default a prefix below ``directory/prefixes``,
    where :func:`tests.miniature.builds.supply` puts what it builds.
    """
    pins = pins or (Pins(llvm=miniature.base),)
    origin, root = directory / "mini-hlo", directory / "tinyc"
    component_history = _write_component(origin, pins)
    values = {
        "supplier": "prefix",
        "prefix": f"{directory / 'prefixes'}/{{sha}}-{{flavour}}",
        "repository": str(miniature.repository),
    }
    supplier = "\n".join(f'{name} = "{value}"' for name, value in (values if llvm is None else llvm).items())
    modules = _module("third_party/mini-hlo", "../mini-hlo")
    if style == "gitlink":
        modules += _module(LLVM_GITLINK, os.path.relpath(miniature.repository, root))
    init(root)
    with FastImport(root) as stream:
        for index, pin in enumerate(pins):
            _commit(stream, index, pin.llvm, "tinyc")
            for path, text in _downstream_files(pin, style, supplier).items():
                stream.write(path, text, executable=path.endswith(".sh"))
            stream.write(".gitmodules", modules)
            stream.write(".gitignore", "/build/\n/.llvmgate/\n")
            stream.gitlink(COMPONENT, component_history[_component_index(pins, index)])
            if style == "gitlink":
                stream.gitlink(LLVM_GITLINK, pin.llvm)
    git(root, "reset", "-q", "--hard")
    git(root, "submodule", "--quiet", "update", "--init")
    return TinyC(
        root=root,
        component=root / COMPONENT,
        component_origin=origin,
        history=tuple(git(root, "rev-list", "--reverse", "main").splitlines()),
        component_history=component_history,
    )


def _component_index(pins: Sequence[Pins], index: int) -> int:
    """The component's commit that belongs to a bump: it has one for each change of its pin."""
    named = [pin.of_component for pin in pins[: index + 1]]
    return sum(1 for before, after in pairwise(named) if before != after)


def _write_component(origin: Path, pins: Sequence[Pins]) -> tuple[str, ...]:
    init(origin)
    tree = Tree.read(_HERE / "component")
    with FastImport(origin) as stream:
        for index in sorted({_component_index(pins, bump): bump for bump in range(len(pins))}):
            sha = next(pin for bump, pin in enumerate(pins) if _component_index(pins, bump) == index).of_component
            _commit(stream, index, sha, "mini-hlo")
            # The sum of an archive that nobody fetches: any will do, as long as it follows the commit.
            archive = hashlib.sha256(sha.encode()).hexdigest()
            for path, text in tree.files.items():
                stream.write(path, text.replace("@LLVM@", sha).replace("@SHA256@", archive))
    git(origin, "reset", "-q", "--hard")
    return tuple(git(origin, "rev-list", "--reverse", "main").splitlines())


def _downstream_files(pin: Pins, style: str, supplier: str) -> dict[str, str]:
    place = (
        f'file = "{LLVM_GITLINK}"' if style == "gitlink" else 'file = "utils/clone-mlir.sh"\nreader = "git-checkout"'
    )
    files = Tree.read(_HERE / "downstream").files
    files["llvmgate.toml"] = files["llvmgate.toml"].replace("@PIN@", place).replace("@SUPPLIER@", supplier)
    if style == "gitlink":
        del files["utils/clone-mlir.sh"]
    return {path: text.replace("@LLVM@", pin.llvm) for path, text in files.items()}


def _module(path: str, url: str) -> str:
    return f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n'


def _commit(stream: FastImport, index: int, sha: str, name: str) -> None:
    person = Signature(name="Ada Example", email="ada@example.org", time=_EPOCH + index * _DAY)
    message = f"Start {name}\n" if index == 0 else f"Bump LLVM to {sha[:12]}\n"
    stream.commit(author=person, committer=person, message=message)
