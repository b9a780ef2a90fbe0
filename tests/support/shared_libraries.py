"""What the shared libraries and the CMake packages of an install offer, so that two installs can be compared."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path


def packages(prefix: Path) -> dict[str, str]:
    """The files of the CMake packages LLVM and MLIR."""
    directories = [prefix / "lib/cmake" / name for name in ("llvm", "mlir")]
    return {f"{path.parent.name}/{path.name}": path.read_text() for each in directories for path in each.iterdir()}


def libraries(prefix: Path) -> dict[str, Path]:
    """Shared libraries by name, symbolic links included."""
    return {path.name: path for path in prefix.glob("lib/*.so*")}


def dynamic(library: Path) -> tuple[list[str], list[str]]:
    """What a library offers, and what it needs."""
    names = subprocess.run(["nm", "-D", "--defined-only", "-P", library], capture_output=True, text=True, check=True)
    entries = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
    tags = re.findall(r"\((SONAME|NEEDED|RUNPATH)\).*\[(.*)\]", entries)
    return (
        sorted(line.split()[0] for line in names.stdout.splitlines()),
        sorted(value for tag, value in tags if value.startswith("lib") and tag != "RUNPATH"),
    )


def differences(one: Path, other: Path) -> list[str]:
    """In what the shared libraries and CMake packages of two installs differ; nothing, if they are interchangeable."""
    ours, theirs = libraries(one), libraries(other)
    found = [f"{name}: only one has it" for name in sorted(ours.keys() ^ theirs.keys())]
    found += [name for name in sorted(ours.keys() & theirs.keys()) if dynamic(ours[name]) != dynamic(theirs[name])]
    here, there = packages(one), packages(other)
    return found + [name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)]
