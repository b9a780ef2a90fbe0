"""The compiler launcher of a configuration: a compiler cache where there is one, behind what shares objects."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.settings import BuildSpec
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.llvm.toolchain import find_launcher
from pytest_llvmgate.model import SAVED, TAKEN
from pytest_llvmgate.stages import compile_once

_LANGUAGES: Final = ("C", "CXX")


def launchers(
    spec: BuildSpec, *, store: Path, build_dir: Path, prefix: ToolchainPrefix, env: Mapping[str, str]
) -> dict[str, str]:
    """Variables for CMake's environment that name the launcher of each language.

    In the environment, since there they give way to what the configuration or the project itself says, and a language
    that the project does not use makes no noise (CMake's documentation, "CMAKE_<LANG>_COMPILER_LAUNCHER"). Raises
    :class:`ToolError` when a launcher is demanded and absent.
    """
    found = find_launcher(spec.launcher, env, "build.launcher")
    names = {f"CMAKE_{language}_COMPILER_LAUNCHER" for language in _LANGUAGES}
    chosen = {name: env.get(name, "") or found for name in names}
    if spec.share_objects:
        roots = [store, build_dir, prefix.llvm_root, prefix.mlir_root]
        program = [sys.executable, "-I", "-S", compile_once.__file__, *map(str, roots)]
        # CMake's lists know no file with the one, the compilers' prefix maps none with the other.
        if not any(character in word for character in ";=" for word in program):
            chosen = {
                name: ";".join([*program, launcher or "-"]) if ";" not in launcher else launcher
                for name, launcher in chosen.items()
            }
    return {name: launcher for name, launcher in sorted(chosen.items()) if launcher}


def forget_taken(build_dir: Path) -> None:
    """Begin to count anew."""
    (build_dir / compile_once.TAKEN).unlink(missing_ok=True)


def taken(build_dir: Path) -> dict[str, str]:
    """Facts of a build: what it took over. Empty when that was nothing."""
    try:
        seconds = [float(line) for line in (build_dir / compile_once.TAKEN).read_text(encoding="ascii").splitlines()]
    except (OSError, ValueError):
        return {}
    return {TAKEN: str(len(seconds)), SAVED: f"{sum(seconds):.1f}"}
