"""The stage ``preflight`` before LLVM is there: the candidate is a commit, read from git's objects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_llvmgate.llvm.prefix import read_prefix
from pytest_llvmgate.model import NOTE, Outcome, Revision
from pytest_llvmgate.stages.compared_llvms import ComparisonRequest
from pytest_llvmgate.stages.preflight_stage import preflight
from tests.support.carries import carry
from tests.support.configs import load
from tests.support.gated import Gated
from tests.support.toy import commit, git, make_llvm

BODY = "".join(f"int f{number}();\n" for number in range(30))
LLVM: Mapping[str, str] = {
    "llvm/CMakeLists.txt": "message(FATAL_ERROR no)\n",
    "mlir/include/mlir/IR/Old.h": BODY,
    "mlir/lib/IR/CMakeLists.txt": "add_mlir_library(MLIRIR a.cpp)\nadd_mlir_library(MLIROld a.cpp)\n",
    "llvm/cmake/modules/AddLLVM.cmake": "function(add_llvm_library name)\nendfunction()\n",
}
USES: Mapping[str, str] = {
    "lib/a.cpp": '#include "mlir/IR/Old.h"\n',
    "lib/CMakeLists.txt": "target_link_libraries(x MLIROld)\n",
}


def write(directory: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class World:
    """A clone of LLVM with two commits, and a downstream that uses what the second one renamed and dropped."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "downstream"
        self.clone = directory / "llvm-project"
        write(self.root, USES)
        write(self.clone, LLVM)
        git(self.clone, "init", "-q", "-b", "main")
        self.before = commit(self.clone, "Before")
        old = self.clone / "mlir/include/mlir/IR/Old.h"
        write(self.clone, {"mlir/include/mlir/Support/Fresh.h": BODY})
        old.unlink()
        write(self.clone, {"mlir/lib/IR/CMakeLists.txt": "add_mlir_library(MLIRIR a.cpp)\n"})
        self.now = commit(self.clone, "After")

    def asked(self, text: str = "", *, supplier: str = "source", **more: object) -> ComparisonRequest:
        config = f"[llvm]\nsupplier = '{supplier}'\nrepository = '{self.clone}'\nprefix = 'x'\n{text}\n[build]\n"
        defaults: dict[str, object] = {
            "config": load(self.root, config),
            "root": self.root,
            "flavour": "default",
            "candidate": Revision(sha=self.now),
            "baseline": Revision(sha=self.before),
            "log": self.root / "preflight.log",
            "timeout": 60.0,
            "on_wait": lambda _: None,
        }
        return ComparisonRequest(**(defaults | more))  # type: ignore[arg-type]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    return World(tmp_path)


def test_the_candidate_and_the_baseline_are_read_from_git(world: World) -> None:
    report = preflight(world.asked())
    assert report.outcome is Outcome.FAILED
    assert [finding.identifier for finding in report.findings] == ["mlir/IR/Old.h", "MLIROld"]
    assert report.findings[0].advice == ("renamed, as git says: 'mlir/Support/Fresh.h'",)
    assert report.facts["seen-in"] == "git"
    assert "mlir/IR/Old.h" in (world.root / "preflight.log").read_text()


def test_without_a_program_tablegen_is_said_not_to_have_run(world: World) -> None:
    preflight(world.asked("[preflight]\ntablegen = true"))
    assert "TableGen was not run" in (world.root / "preflight.log").read_text()


def test_a_baseline_that_git_does_not_have_is_no_baseline(world: World) -> None:
    report = preflight(world.asked(baseline=Revision(sha="3" * 40)))
    assert report.outcome is Outcome.PASSED
    assert report.facts[NOTE].endswith("(the baseline is not at hand, so this fails nothing)")


def test_a_candidate_that_git_does_not_have_is_told_by_the_stage_that_needs_it(world: World) -> None:
    report = preflight(world.asked(candidate=Revision(sha="3" * 40)))
    assert report.outcome is Outcome.SKIPPED
    assert "expected the commit 3333" in report.reason


def test_a_repository_elsewhere_is_fetched_from(world: World) -> None:
    git(world.clone, "config", "uploadpack.allowAnySHA1InWant", "true")
    asked = world.asked(f"source.repository = 'file://{world.clone}'")
    report = preflight(asked)
    assert [finding.identifier for finding in report.findings] == ["mlir/IR/Old.h", "MLIROld"]


def test_an_installed_llvm_s_sources_are_not_fetched_for_this(world: World, tmp_path: Path) -> None:
    git(world.clone, "config", "uploadpack.allowAnySHA1InWant", "true")
    install = read_prefix(make_llvm(tmp_path / "install", world.now))
    told: list[str] = []
    more = f"source.repository = 'file://{world.clone}'"
    report = preflight(world.asked(more, candidate_install=install, on_wait=told.append))
    assert (report.facts["seen-in"], told) == ("install", [])


PATCH = """\
--- a/mlir/lib/IR/CMakeLists.txt
+++ b/mlir/lib/IR/CMakeLists.txt
@@ -1 +1,2 @@
 add_mlir_library(MLIRIR a.cpp)
+add_mlir_library(MLIROld a.cpp)
"""


def test_carried_patches_count(world: World) -> None:
    write(world.root, {"keep-old.patch": PATCH})
    report = preflight(world.asked(carry("keep-old.patch")))
    assert [finding.identifier for finding in report.findings] == ["mlir/IR/Old.h"]
    assert git(world.clone, "status", "--porcelain") == ""


def test_a_patch_that_does_not_apply_is_told_by_the_stage_that_needs_it(world: World) -> None:
    write(world.root, {"bad.patch": PATCH.replace("MLIRIR", "MLIRGone")})
    report = preflight(world.asked(carry("bad.patch")))
    assert (report.outcome, "bad.patch does not apply" in report.reason) == (Outcome.SKIPPED, True)


@pytest.mark.parametrize(("flags", "count"), [("", 1), ("source.cmake = { LLVM_ENABLE_RTTI = 'ON' }", 0)])
def test_settings_of_an_llvm_that_is_yet_to_be_built_are_known(world: World, flags: str, count: int) -> None:
    asked = world.asked(f"{flags}\n[axes.rtti]\non = {{ cmake = {{ LLVM_ENABLE_RTTI = 'ON' }} }}\n")
    found = [finding for finding in preflight(asked).findings if finding.kind == "abi-mismatch"]
    assert [finding.configurations for finding in found] == [("rtti_on",)] * count


def test_an_installed_candidate_is_not_held_against_more_than_installs_have(world: World, tmp_path: Path) -> None:
    """What git knows and an install never has would be gone: without a baseline's install both are read from git."""
    install = read_prefix(make_llvm(tmp_path / "install", world.now))
    report = preflight(world.asked(supplier="prefix", candidate_install=install))
    assert report.facts["seen-in"] == "git"
    assert [finding.identifier for finding in report.findings] == ["mlir/IR/Old.h", "MLIROld"]


def test_an_installed_candidate_alone_is_compared_with_nothing(world: World, tmp_path: Path) -> None:
    install = read_prefix(make_llvm(tmp_path / "install", world.now))
    asked = world.asked(supplier="prefix", candidate_install=install, baseline=Revision(sha="3" * 40))
    report = preflight(asked)
    assert (report.outcome, report.facts["seen-in"]) == (Outcome.PASSED, "install")


def test_a_partial_clone_is_refused(world: World, tmp_path: Path) -> None:
    """Names without contents would all count as gone."""
    git(world.clone, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", f"file://{world.clone}", str(tmp_path / "partial"))
    git(tmp_path / "partial", "config", "remote.origin.url", str(tmp_path / "nowhere"))
    report = preflight(world.asked(f"source.repository = '{tmp_path / 'partial'}'"))
    assert (report.outcome, "cannot be" in report.reason) == (Outcome.SKIPPED, True)


def test_it_answers_before_llvm_is_built(gated: Gated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    world = World(tmp_path / "world")
    write(gated.root, {"lib/a.cpp": USES["lib/a.cpp"]})
    gated.configure(f"[llvm]\nsupplier = 'source'\nrepository = '{world.clone}'\n[build]\n")
    result = gated.run(f"--llvm-sha={world.now}", f"--llvm-baseline={world.before}", "-v", "-rN", "--tb=no")
    ids = [line.split()[0] + " " + line.split()[1] for line in result.outlines if line.startswith("llvmgate.toml::")]
    assert "mlir/IR/Old.h" in result.stdout.str()
    result.stdout.fnmatch_lines([f"*{world.now[:12]}*After*"])  # LLVM's commit that did it
    assert ids[:2] == ["llvmgate.toml::preflight::default FAILED", "llvmgate.toml::llvm::default FAILED"]


def test_what_a_component_has_lost_since_the_branch_point_is_a_break(world: World) -> None:
    """Its directory may be the downstream's, too: that the header was the component's is known from its commit."""
    hlo, root = world.root.parent / "hlo", world.root
    write(hlo, {"hlo/Gone.h": BODY, "hlo/Kept.h": ""})
    git(hlo, "init", "-q", "-b", "main")
    commit(hlo, "Before")
    git(root, "init", "-q", "-b", "main")
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(hlo), "third_party/hlo")
    write(root, {"lib/b.cpp": '#include "hlo/Gone.h"\n#include "hlo/Kept.h"\n', "lib/hlo/Own.h": ""})
    commit(root, "Before")
    asked = world.asked(supplier="prefix", baseline=None)
    assert "hlo/Gone.h" not in log_of(asked)
    git(root, "switch", "-q", "-c", "bump")
    git(root / "third_party/hlo", "mv", "hlo/Gone.h", "hlo/Found.h")
    commit(root / "third_party/hlo", "After")
    commit(root, "Bump")
    assert "header 'hlo/Gone.h' is gone from hlo" in log_of(asked)


def log_of(asked: ComparisonRequest) -> str:
    preflight(asked)
    return asked.log.read_text()
