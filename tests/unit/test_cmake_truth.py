"""CMake's true and false, as CMake itself sees them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.cmake.truth import is_false, truth

VALUES = (
    *("1", "ON", "on", "Yes", "TRUE", "y", "2", "-1", "0.5", "10", "007"),
    *("0", "OFF", "no", "False", "N", "Ignore", "notfound", "", "LLVM_DIR-NOTFOUND", "0.0", "00"),
    *("llvm_dir-notfound", "maybe", "ONE", "1 2", "x1"),
)


@pytest.mark.parametrize("value", VALUES)
def test_a_constant_is_what_cmake_says(value: str, tmp_path: Path) -> None:
    """What is neither is the name of a variable to ``if``, and false because there is none."""
    script = tmp_path / "ask.cmake"
    script.write_text(
        f'cmake_policy(VERSION 3.20)\nif({value or chr(34) * 2})\n  message(FATAL_ERROR "true")\nendif()\n'
    )
    is_true = subprocess.run(["cmake", "-P", script], capture_output=True, check=False).returncode != 0
    if " " not in value:
        assert bool(truth(value)) is is_true


@pytest.mark.parametrize("value", VALUES)
def test_a_variable_is_true_unless_its_value_is_false(value: str, tmp_path: Path) -> None:
    script = tmp_path / "ask.cmake"
    script.write_text(f'set(X "{value}")\nif(X)\n  message(FATAL_ERROR "true")\nendif()\n')
    is_true = subprocess.run(["cmake", "-P", script], capture_output=True, check=False).returncode != 0
    assert (not is_false(value)) is is_true
