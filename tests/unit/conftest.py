"""What the unit tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.web_server import Server, serving

# A busy machine may take its time; every run has the same examples and writes nothing beside the tests.
settings.register_profile("llvmgate", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("llvmgate")


@pytest.fixture
def cwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that is the current one, so that messages show short paths."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def own_user_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that seals records is the test's own, not the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.with_name(f"{tmp_path.name}-xdg")))


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server on this machine."""
    with serving() as one:
        yield one
