"""What commands share: the configuration of the project they stand in, written or discovered, and the terminal."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from pytest_llvmgate.config.load import find_config, load_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.wording import counted


def open_project(arguments: argparse.Namespace) -> Config:
    """The configuration; where none is written, one made of what the repository shows.

    Raises ``ConfigError``, ``RepositoryError``, and ``GateError`` where nothing shows an LLVM pin.
    """
    start = arguments.directory.resolve()
    path = (start / arguments.config) if arguments.config else find_config(start)
    if path is not None:
        config = load_config(path)
        if not config.pins:
            raise GateError("the configuration names no pin", where=str(path), hint="add a [[pin]] table")
        return config
    return discovered(start)


def discovered(start: Path) -> Config:
    """A configuration of the pins that the repository at ``start`` shows. Raises ``GateError`` where it shows none."""
    from pytest_llvmgate.pins.discover import discover_pins

    repository = Repository.open(start)
    pins = tuple(found.spec for found in discover_pins(repository))
    if not pins:
        raise GateError(
            f"found no LLVM pin in {repository.display}",
            hint="write the places down as [[pin]] tables in llvmgate.toml",
        )
    tell(
        f"(no llvmgate.toml: {counted(len(pins), 'pin was', 'pins were')} recognised; `llvmgate init` writes them down)"
    )
    return Config(path=repository.work_tree / "llvmgate.toml", pins=pins)


def open_subject(arguments: argparse.Namespace) -> Config:
    """The configuration of a downstream that is to be built.

    Raises ``ConfigError`` where there is none, or a wrong one.
    """
    from pytest_llvmgate.gate.start import open_config

    return open_config(arguments.directory.resolve(), arguments.config)


def tell(text: str) -> None:
    """Say how far things are, on standard error, at once."""
    print(text, file=sys.stderr, flush=True)


def terminal_width() -> int:
    """Columns of the terminal; 100 where there is none, as in CI's logs."""
    return shutil.get_terminal_size((100, 24)).columns


def use_color() -> bool:
    """Whether standard output shows colours (see https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
