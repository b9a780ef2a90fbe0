"""Carries that a candidate needs no more leave the configuration; whatever else stands there stays."""

from __future__ import annotations

from pathlib import Path

from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.roll.dropped_carries import drop_carries, without_tables
from tests.support.carries import carry
from tests.unit.git_kit import Repo

BEFORE = """\
[[pin]]
name = "llvm-project"
file = "utils/clone-mlir.sh"

[llvm]
supplier = "source"
repository = "../llvm-project"
# the next is about a header
"""
AFTER = """
# how often
[update]
cadence = "weekly"
"""


def test_a_table_goes_with_its_comment_and_the_next_keeps_its_own() -> None:
    text = "[a]\nx = 1\n\n# why\n[[b]]\ny = [\n  1,\n]\n\n# of c\n[c]\n"
    assert without_tables(text, {5}) == "[a]\nx = 1\n\n# of c\n[c]\n"
    assert without_tables(text, {11}) == "[a]\nx = 1\n\n# why\n[[b]]\ny = [\n  1,\n]\n\n"


def world(path: Path) -> tuple[Repo, str, str]:
    """LLVM whose second commit makes the change that the patch ``gone`` carries; a downstream with two carries."""
    llvm = Repo(path / "llvm-project")
    first = llvm.commit({"a.txt": "one\n" * 9, "b.txt": "one\n" * 9})
    second = llvm.commit({"a.txt": "one\n" * 8 + "two\n"})
    repo = Repo(path / "repo")
    patches = {"patches/gone.patch": llvm.git("diff", first, second) + "\n"}
    llvm.write({"b.txt": "three\n" + "one\n" * 8})
    patches["patches/kept.patch"] = llvm.git("diff") + "\n"
    llvm.git("checkout", "-q", ".")
    text = BEFORE + carry("patches/gone.patch", name="gone") + carry("patches/kept.patch", name="kept") + AFTER
    script = f"cd llvm-project && git checkout {first} && cd ..\n"
    repo.commit({"llvmgate.toml": text, "utils/clone-mlir.sh": script, **patches})
    return repo, first, second


def test_what_the_candidate_has_is_dropped(tmp_path: Path) -> None:
    repo, first, second = world(tmp_path)
    path = repo.path / "llvmgate.toml"
    said = drop_carries(load_config(path), second, first)
    assert [line.partition(":")[0] for line in said] == ["gone"]
    assert [one.name for one in load_config(path).carries] == ["kept"]
    assert load_config(path).update.cadence == "weekly"
    assert path.read_text().endswith(AFTER)
    assert sorted(file.name for file in (repo.path / "patches").iterdir()) == ["kept.patch"]


def test_what_a_component_has_by_now_is_dropped_as_well(tmp_path: Path) -> None:
    repo, first, _ = world(tmp_path)
    component = Repo(tmp_path / "hlo")
    component.commit({"h.cpp": "old\n"})
    checkout = repo.add_submodule(component, "third_party/hlo")
    patch = "--- a/h.cpp\n+++ b/h.cpp\n@@ -1 +1 @@\n-old\n+new\n"
    text = BEFORE + carry("patches/hlo.patch", name="hlo", more="component = 'third_party/hlo'") + AFTER
    repo.commit({"llvmgate.toml": text, "patches/hlo.patch": patch})
    config = load_config(repo.path / "llvmgate.toml")
    assert drop_carries(config, first, first) == ()
    component.commit({"h.cpp": "new\n"})
    checkout.git("pull", "-q")
    (said,) = drop_carries(config, first, first)
    assert said.startswith("hlo: patches/hlo.patch: upstream's ")
    assert load_config(config.path).carries == ()
    assert not (repo.path / "patches/hlo.patch").exists()


def test_what_is_needed_stays(tmp_path: Path) -> None:
    repo, first, _ = world(tmp_path)
    assert drop_carries(load_config(repo.path / "llvmgate.toml"), first, first) == ()
    assert repo.git("status", "--porcelain") == ""
