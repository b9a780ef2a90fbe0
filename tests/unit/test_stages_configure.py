"""What CMake remembers is believed only as long as it was asked the same, and succeeded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.gated import Gated
from tests.support.toy import CMAKE_LISTS, CONFIG, commit

_CONFIGURE = "llvmgate.toml::static-mhlo_on::configure"


def _package(directory: Path, content: str) -> Path:
    package = directory / "lib/cmake/Thing"
    package.mkdir(parents=True)
    (package / "ThingConfig.cmake").write_text(content)
    return directory


def _needs_thing(gated: Gated) -> None:
    (gated.root / "CMakeLists.txt").write_text(
        CMAKE_LISTS + 'find_package(Thing REQUIRED)\nif(NOT TARGET Thing::new)\n  message(FATAL_ERROR "old")\nendif()\n'
    )
    commit(gated.root, "Take the new Thing")


def test_a_package_that_was_too_old_is_looked_for_again(
    gated: Gated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _needs_thing(gated)
    old, new = (
        _package(tmp_path / "old", ""),
        _package(tmp_path / "new", "add_library(Thing::new INTERFACE IMPORTED)\n"),
    )
    monkeypatch.setenv("Thing_ROOT", str(old))  # a variable that the gate has never heard of
    gated.run("--llvm-sha=pinned", _CONFIGURE).assert_outcomes(failed=1)
    monkeypatch.setenv("Thing_ROOT", str(new))
    gated.run("--llvm-sha=pinned", _CONFIGURE).assert_outcomes(passed=1)


def test_another_prefix_path_is_another_question(gated: Gated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _needs_thing(gated)
    for name in ("one", "two"):
        where = _package(tmp_path / name, "add_library(Thing::new INTERFACE IMPORTED)\n")
        monkeypatch.setenv("CMAKE_PREFIX_PATH", str(where))
        gated.run("--llvm-sha=pinned", _CONFIGURE).assert_outcomes(passed=1)
        cache = gated.log("static-mhlo_on", "configure").parents[1] / "build/CMakeCache.txt"
        assert f"Thing_DIR:PATH={where}" in cache.read_text()


def test_objects_outlive_a_configure_that_failed(gated: Gated) -> None:
    gated.configure(CONFIG)
    gated.run("--llvm-sha=pinned", "llvmgate.toml::static-mhlo_on::build").assert_outcomes(passed=1)
    objects = gated.log("static-mhlo_on", "configure").parents[1] / "build/CMakeFiles/mine.dir/x.o"
    objects.parent.mkdir()
    objects.touch()
    (gated.root / "break-configure").touch()
    gated.run("--llvm-sha=pinned", _CONFIGURE).assert_outcomes(failed=1)
    (gated.root / "break-configure").unlink()
    gated.run("--llvm-sha=pinned", _CONFIGURE).assert_outcomes(passed=1)
    assert objects.is_file()
