"""``llvmgate schema``."""

from __future__ import annotations

import argparse
import json

from pytest_llvmgate.config.json_schema import json_schema
from pytest_llvmgate.errors import EXIT_OK


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(_: argparse.Namespace) -> int:
    """Print the JSON schema of the configuration file."""
    print(json.dumps(json_schema(), indent=2))
    return EXIT_OK
