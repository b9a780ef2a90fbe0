"""What a session in which nothing fails, and nothing is to be done, must not pay for."""

from __future__ import annotations

import subprocess
import sys

DEAR = ("bisect", "carry", "findings", "fix", "linkcheck.prediction", "preflight.gone", "surface", "upstream.blame")


def test_the_diagnosis_and_the_predictions_are_imported_when_they_are_asked_for() -> None:
    program = (
        "import sys, pytest_llvmgate.plugin.active\n"
        "from pytest_llvmgate.model import CONFIGURATION_STAGES\n"
        "from pytest_llvmgate.stages.stage_plan import stage_module\n"
        "[stage_module(name) for name in CONFIGURATION_STAGES]\n"
        "print(*(name.removeprefix('pytest_llvmgate.') for name in sys.modules if name.startswith('pytest_llvmgate.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert [name for name in loaded if name.startswith(DEAR)] == []
