"""Whose file it is: one judge, for a tree at hand and for paths in a log."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.findings import DiagnosisContext, diagnose
from pytest_llvmgate.model import Layer
from pytest_llvmgate.owners.by_tree import find_layers, submodule_paths
from pytest_llvmgate.owners.file_owners import FileOwners

IN_TREE = FileOwners(
    source="/src",
    build="/src/build",
    components={"third_party/hlo": "hlo", "third_party/hlo/deps/inner": "inner", "third_party/llvm": "llvm"},
    prefixes=("/opt/llvm",),
    knows_tree=True,
)
LOG_ALONE = FileOwners(source="/src", build="/src/build")


@pytest.mark.parametrize(
    ("path", "layer", "component"),
    [
        ("/src/lib/a.cpp", Layer.DOWNSTREAM, ""),
        ("/src/third_party/hlo/a.cpp", Layer.COMPONENT, "hlo"),
        ("/src/third_party/hlo/deps/inner/a.cpp", Layer.COMPONENT, "inner"),
        ("/src/build/third_party/hlo/a.cpp.inc", Layer.COMPONENT, "hlo"),
        ("/src/third_party/llvm/mlir/a.cpp", Layer.LLVM, ""),
        ("/src/third_party/copied/a.cpp", Layer.DOWNSTREAM, ""),
        ("/src/build/_deps/json-src/a.cpp", Layer.COMPONENT, "json"),
        ("/src/build/lib/a.cpp.inc", Layer.DOWNSTREAM, ""),
        ("/opt/llvm/include/mlir/a.h", Layer.LLVM, ""),
        ("/other/include/mlir/IR/a.h", Layer.LLVM, ""),
        ("/opt/zlib/include/zlib.h", Layer.MACHINE, ""),
        ("/usr/include/c++/12/bits/a.h", Layer.MACHINE, ""),
    ],
)
def test_of_a_file_in_a_tree_that_is_known(path: str, layer: Layer, component: str) -> None:
    owner = IN_TREE.of(path)
    assert (owner.layer, owner.component) == (layer, component)


@pytest.mark.parametrize(
    ("path", "layer", "component"),
    [
        ("/src/third_party/hlo/a.cpp", Layer.COMPONENT, "hlo"),
        ("/src/third_party/llvm-dialects/a.cpp", Layer.COMPONENT, "llvm-dialects"),
        ("/src/third_party/llvm/a.cpp", Layer.LLVM, ""),
        ("/src/externals/llvm-project/a.cpp", Layer.LLVM, ""),
        ("/elsewhere/lib/a.cpp", Layer.DOWNSTREAM, ""),
    ],
)
def test_of_a_file_in_a_log_alone(path: str, layer: Layer, component: str) -> None:
    owner = LOG_ALONE.of(path)
    assert (owner.layer, owner.component) == (layer, component)


def test_submodules_are_read_as_git_reads_them(tmp_path: Path) -> None:
    (tmp_path / ".gitmodules").write_text('[submodule "a"]\n\tpath = "libs/a b" ; theirs\n[core]\n\tpath = no\n')
    assert submodule_paths(tmp_path) == ("libs/a b",)


def test_a_log_and_a_tree_call_a_component_alike(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitmodules").write_text('[submodule "theirs"]\n\tpath = libs/hlo\n\turl = u\n')
    file = tmp_path / "libs/hlo/a.cpp"
    log = f"FAILED: a.o\nc++ -c {file}\n{file}:1:1: error: 'x' is not a member of 'mlir'\nninja: build stopped: x.\n"
    (finding,) = diagnose([log.encode()], context=DiagnosisContext(source=tmp_path)).findings
    assert (finding.layer, finding.component) == find_layers(tmp_path).of(file) == (Layer.COMPONENT, "hlo")
