"""What a downstream's own tests get from the fixture ``llvm_build``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_llvmgate.model import Revision


@dataclass(frozen=True, kw_only=True)
class LlvmBuild:
    """A configuration of the downstream, built against the candidate."""

    name: str
    """The configuration's name, e.g. ``shared-mhlo_on``."""
    options: Mapping[str, str]
    """Axis name to option name."""
    candidate: Revision
    source_dir: Path
    build_dir: Path
    install_dir: Path | None
    """None where the configuration file turns installing off."""
    llvm_dir: Path
    """The install prefix of LLVM."""
    mlir_dir: Path
    """The install prefix of MLIR."""
    env: Mapping[str, str]
    """The environment that the build ran in."""
