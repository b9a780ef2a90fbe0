"""What lets a compiler cache share objects between configurations."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pytest_llvmgate.stages.build_tools import base_directories
from tests.support.programs import needs


def test_the_users_own_settings_stay() -> None:
    root = Path("/x")
    assert base_directories(root, {}) == {"CCACHE_BASEDIR": "/x", "CCACHE_NOHASHDIR": "1", "SCCACHE_BASEDIRS": "/x"}
    assert "CCACHE_BASEDIR" not in base_directories(root, {"CCACHE_BASEDIR": "/"})


@needs("ccache")
def test_two_configurations_share_an_object(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/x.c").write_text('#include "x.h"\nint x(void) { return X; }\n')
    env = {"PATH": "/usr/bin:/bin", "CCACHE_DIR": str(tmp_path / "ccache"), **base_directories(tmp_path, {})}
    for name in ("static", "shared"):
        build = tmp_path / ".llvmgate/0123" / name / "build"
        build.mkdir(parents=True)
        (build / "x.h").write_text("#define X 1\n")
        words = ["ccache", "cc", f"-I{build}", "-c", str(tmp_path / "lib/x.c"), "-o", "x.o"]
        subprocess.run(words, cwd=build, env=env, check=True)
    found = subprocess.run(["ccache", "--print-stats"], env=env, capture_output=True, text=True, check=True).stdout
    hits = {name: int(count) for name, count in (line.split("\t") for line in found.splitlines())}
    assert hits["cache_miss"] == 1
    assert hits["direct_cache_hit"] + hits["preprocessed_cache_hit"] == 1
