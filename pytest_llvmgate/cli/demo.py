"""``llvmgate demo DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_llvmgate.demo import create_demo
from pytest_llvmgate.errors import EXIT_OK


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the directory."""
    parser.add_argument("directory", metavar="DIR", type=Path, help="an empty or new directory for the workspace")


def run(arguments: argparse.Namespace) -> int:
    """Make the workspace and say what to try."""
    print(create_demo(arguments.directory).instructions())
    return EXIT_OK
