"""``llvmgate candidates --newest-that-passes`` with real builds of the miniature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.miniature import create, isolated
from tests.miniature.downstream import create_downstream


def test_the_gate_finds_the_newest_that_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    miniature = create(tmp_path / "llvm-project", commits=isolated("header-moved", before=2, after=1))
    source = {"supplier": "source", "repository": str(miniature.repository)}
    tinyc = create_downstream(tmp_path, miniature, llvm=source)
    words = ["--newest-that-passes", "--configuration", "static-mhlo_off", "--stage", "build", "--json"]
    assert main(["candidates", "-C", str(tinyc.root), *words]) == 0
    newest = json.loads(capsys.readouterr().out)["newest_that_passes"]
    assert newest["sha"] == miniature.before("header-moved")
    assert newest["first_failing"] == miniature.commits["header-moved"]
    assert newest["complete"]
    assert [one["mark"] for one in newest["tried"]].count("skip") == 0
