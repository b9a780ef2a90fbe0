"""Configuration files written, loaded, and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.config.load import CONFIG_NAME, load_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import ConfigError


def load(directory: Path, text: str, *, name: str = CONFIG_NAME) -> Config:
    """The configuration that ``text`` says."""
    path = directory / name
    path.write_bytes(text.encode())
    return load_config(path)


def refusal(directory: Path, text: str, *, name: str = CONFIG_NAME) -> ConfigError:
    """The error that ``text`` is refused with."""
    with pytest.raises(ConfigError) as caught:
        load(directory, text, name=name)
    return caught.value


def problems(directory: Path, text: str, *, name: str = CONFIG_NAME) -> list[str]:
    """Each problem of ``text`` as ``line: message -> hint``, with the file's name left out."""
    found = []
    for problem in refusal(directory, text, name=name).problems:
        assert problem.where is not None
        file, _, line = problem.where.partition(":")
        assert file == name
        found.append(f"{line}: {problem.message}" + (f" -> {problem.hint}" if problem.hint else ""))
    return found
