"""What ``bisect``, ``probe``, ``watch`` and ``roll`` judge: a downstream, its configurations, up to some stage."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_llvmgate.config.settings import Config


def add_subject_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``-C``, ``--config``, ``--configuration`` and ``--stage``."""
    add_downstream_arguments(parser)
    parser.add_argument(
        "--configuration",
        metavar="NAME",
        action="append",
        default=[],
        help="a configuration (default: all); repeatable",
    )
    parser.add_argument(
        "--stage",
        metavar="STAGE",
        action="append",
        default=[],
        help="up to this one: llvm, configure, build, check, ... (default: all but predictions); repeats",
    )


def add_downstream_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``-C`` and ``--config``, for :func:`open_subject`."""
    parser.add_argument("-C", dest="directory", metavar="DIR", type=Path, help="the downstream (default: here)")
    parser.add_argument("--config", metavar="PATH", type=Path, help="the configuration file (default: llvmgate.toml)")


def open_subject(arguments: argparse.Namespace) -> Config:
    """The downstream's configuration. A file that is named is looked for from here, not from the downstream.

    Raises ``ConfigError`` where there is none, or a wrong one.
    """
    from pytest_llvmgate.gate.start import open_config

    written = str(arguments.config.absolute()) if arguments.config else None
    return open_config((arguments.directory or Path()).resolve(), written)
