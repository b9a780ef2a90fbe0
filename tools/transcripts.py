"""Run the demo and put what it prints into the documentation: transcripts, and pictures of the terminal.

Usage: ``python tools/transcripts.py DIR [NAME...]`` with pytest-llvmgate, CMake and Ninja installed. Makes the demo's
workspace in DIR unless it is there, plays the scenes that are named or that DIR has no record of yet, and rewrites the
parts of README.md and docs/*.md between ``<!-- transcript: NAME -->`` and ``<!-- end -->``. The scene that has a
picture also writes that one, in docs/images.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marked_blocks import rewrite
from terminal_svg import svg

ROOT: Final = Path(__file__).parents[1]
KIND: Final = "transcript"
SHOWN_AS: Final = "~/demo"
"""What the workspace's own path becomes."""
COLUMNS: Final = 100
_SGR: Final = re.compile(r"\x1b\[[0-9;]*m")
_PROGRESS: Final = re.compile(r"(?:\nllvmgate: \S+ \S+(?::| [^\n]*\d+:\d\d)[^\n]*)+\n")
"""What a log gets now and then; a terminal shows one line that is gone at the end."""
_GATE: Final = ("pytest", "--llvm-sha=llvmorg-22.1.8")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Commands on a branch of the demo."""

    name: str
    branch: str
    commands: tuple[tuple[str, ...], ...]
    before: tuple[tuple[str, ...], ...] = ()
    """Commands that make the scene ready and are not shown."""
    picture: str = ""
    """File name of a picture of the gate's summary; no picture if empty."""


SCENES: Final = (
    Scene(
        name="good",
        branch="good",
        before=(("git", "clean", "-qfdX"),),
        commands=(_GATE,),
    ),
    Scene(name="unchanged", branch="good", commands=(_GATE,)),
    Scene(name="pins", branch="pins-disagree", commands=(("llvmgate", "pins"),)),
    Scene(name="pins-disagree", branch="pins-disagree", commands=((*_GATE, "-k", "pins"),)),
    Scene(name="shared-breaks", branch="shared-breaks", commands=(_GATE,), picture="summary.svg"),
    Scene(
        name="shared-mended",
        branch="shared-breaks",
        commands=(
            ("git", "-C", "third_party/mini-mhlo", "checkout", "--quiet", "main"),
            (*_GATE, "-k", "shared"),
            ("llvmgate", "pins"),
        ),
    ),
    Scene(
        name="api-breaks",
        branch="api-breaks",
        before=(("git", "submodule", "--quiet", "update"),),
        commands=((*_GATE, "--llvm-pins=agree"),),
    ),
)


def main(directory: Path, names: Iterable[str]) -> None:
    """Play scenes and rewrite the documentation."""
    downstream = directory.resolve() / "abacus"
    if not downstream.is_dir():
        subprocess.run([sys.executable, "-m", "pytest_llvmgate", "demo", str(directory)], check=True)
    texts = {scene.name: _recorded(scene, downstream, again=scene.name in set(names)) for scene in SCENES}
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        rewrite(page, KIND, lambda name: _block(texts[name]))
    for scene in SCENES:
        if scene.picture:
            _draw(scene, texts[scene.name])


def _recorded(scene: Scene, downstream: Path, *, again: bool) -> str:
    """What the scene printed when it was last played; it is played first if need be."""
    record = downstream.parent / "transcripts" / f"{scene.name}.ansi"
    if again or not record.is_file():
        record.parent.mkdir(exist_ok=True)
        record.write_text(_play(scene, downstream), encoding="utf-8")
    return record.read_text(encoding="utf-8")


def _play(scene: Scene, downstream: Path) -> str:
    """What the scene's commands print, in colour, each after its prompt."""
    print(f"--- {scene.name}", flush=True)
    _run(("git", "checkout", "--quiet", "--recurse-submodules", "--force", scene.branch), downstream)
    for command in scene.before:
        _run(command, downstream)
    parts = [f"$ {shlex.join(command)}\n{_run(command, downstream)}" for command in scene.commands]
    return _PROGRESS.sub("", "".join(parts).replace(str(downstream.parent), SHOWN_AS))


def _run(command: tuple[str, ...], downstream: Path) -> str:
    done = subprocess.run(
        command, cwd=downstream, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.stdout.decode(errors="replace")


def _environment() -> Mapping[str, str]:
    """The caller's, as on a terminal; without tox's own variables, which pytest heeds."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("TOX_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), outer.get("PATH", os.defpath)])
    shown = {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm"}
    return outer | shown | {"PATH": path, "CCACHE_DISABLE": "1"}  # the times of a first run


def _block(text: str) -> str:
    plain = "\n".join(line.rstrip() for line in _SGR.sub("", text).rstrip("\n").split("\n"))
    return f"```console\n{plain}\n```"


def _draw(scene: Scene, text: str) -> None:
    """The summary: from the gate's own headline on."""
    lines = text.split("\n")
    start = next(number for number, line in enumerate(lines) if re.fullmatch(r"=+ llvmgate =+", _SGR.sub("", line)))
    picture = ROOT / "docs" / "images" / scene.picture
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(svg("\n".join(lines[start + 1 :]), title=shlex.join(_GATE)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
