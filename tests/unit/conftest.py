"""What the unit tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine may take its time; every run has the same examples and writes nothing beside the tests.
settings.register_profile("llvmgate", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("llvmgate")


@pytest.fixture
def cwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that is the current one, so that messages show short paths."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
