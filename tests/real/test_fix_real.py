"""A bump of the miniature LLVM breaks its downstream in many ways, and ``llvmgate fix`` turns it green wholly."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.miniature import create
from tests.miniature.builds import build_downstream, supply
from tests.miniature.downstream import create_downstream

BREAKS = ("target-renamed", "td-renamed", "header-moved", "api-renamed", "api-removed", "accessors-removed")
CONFIGURATION = "static-mhlo_off"


def test_a_bump_of_the_miniature_becomes_green(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
    miniature = create(tmp_path / "llvm-project", commits=("api-deprecated", *BREAKS))
    tinyc = create_downstream(tmp_path / "downstream", miniature)
    candidate = miniature.sha(BREAKS[-1])
    prefix = supply(miniature, candidate, "static", tmp_path / "prefixes")
    build = tmp_path / "build"
    red = build_downstream(tinyc.root, build, prefix, CONFIGURATION)
    assert red.stage == "configure"
    log = tmp_path / "log"
    log.write_text(red.log)
    history = ["--llvm-repository", str(miniature.repository), "--baseline", miniature.base, "--candidate", candidate]
    code = main(["fix", str(log), "--build", str(build), *history, "--write"])
    said = capsys.readouterr()
    assert code == 0, said.out + said.err
    subprocess.run(["git", "-C", str(tinyc.root), "merge", "-q", "--ff-only", "llvmgate-fix"], check=True)
    green = build_downstream(tinyc.root, tmp_path / "green", prefix, CONFIGURATION)
    assert green.passed, green.log
    titles = subprocess.run(
        ["git", "-C", str(tinyc.root), "log", "--format=%B", f"-{len(BREAKS) + 4}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # Accessors are the downstream's own: TableGen makes them of its files.
    for name in BREAKS[:-1]:
        assert miniature.sha(name)[:12] in titles, f"{name} is not named as the culprit"
