"""A bump of the miniature LLVM breaks its downstream in many ways, and ``llvmgate fix`` turns it green wholly."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.demo import create_demo
from tests.miniature import create
from tests.miniature.builds import build_downstream, supply
from tests.miniature.downstream import create_downstream
from tests.unit.git_kit import Repo

BREAKS = ("target-renamed", "td-renamed", "header-moved", "api-renamed", "api-removed", "accessors-removed")
CONFIGURATION = "static-mhlo_off"


def test_a_bump_of_the_miniature_becomes_green(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
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


LLVM_22 = Path("/usr/lib/llvm-22/lib/cmake")
"""Where Debian's packages llvm-22-dev and libmlir-22-dev put it."""
EXAMPLE = "void a(P &patterns) {{\n  {0}(patterns{1});\n}}\n\nvoid b(P &more) {{\n  math::{0}(more{1});\n}}\n"


def test_the_component_of_the_demo_is_mended_as_a_sibling_did_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the branch api-breaks; a real MLIR's headers decide. The new function lies in another namespace, too."""
    if not (LLVM_22 / "mlir").is_dir():
        pytest.skip("no LLVM 22 in /usr/lib")
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    create_demo(tmp_path / "demo")
    root, build, other = tmp_path / "demo/abacus", tmp_path / "build", tmp_path / "other"
    subprocess.run(["git", "checkout", "-q", "--recurse-submodules", "api-breaks"], cwd=root, check=True)
    where = [f"-D{name}_DIR={LLVM_22}/{name.lower()}" for name in ("LLVM", "MLIR")]
    subprocess.run(["cmake", "-G", "Ninja", "-S", root, "-B", build, "-DABACUS_ENABLE_MHLO=ON", *where], check=True)
    unit = "third_party/mini-mhlo/lib/Transforms/CMakeFiles/obj.MhloTransforms.dir/LegalizeToArith.cpp.o"
    red = subprocess.run(["ninja", "-C", build, "-k0", unit], capture_output=True, text=True, check=False)
    (tmp_path / "log").write_text(red.stdout)
    repo = Repo(other)
    repo.commit({"a.cpp": EXAMPLE.format("populateExpandTanhPattern", "")}, message="Expand tanh")
    repo.commit({"a.cpp": EXAMPLE.format("populateExpansionPatterns", ', {"tanh"}')}, message="Bump LLVM")
    code = main(["fix", str(tmp_path / "log"), "--build", str(build), "--sibling", str(other)])
    said = capsys.readouterr()
    assert code == 0, said.out + said.err
    patch = build / "llvmgate-fix/third_party-mini-mhlo.patch"
    assert '+    math::populateExpansionPatterns(patterns, {"tanh"});' in patch.read_text()
    subprocess.run(["git", "apply", patch], cwd=root / "third_party/mini-mhlo", check=True)
    green = subprocess.run(["ninja", "-C", build, unit], capture_output=True, text=True, check=False)
    assert green.returncode == 0, green.stdout
