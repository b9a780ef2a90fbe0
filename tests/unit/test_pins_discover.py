from __future__ import annotations

from pathlib import Path

import pytest
from git_kit import A, Repo

from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.discover import Discovery, discover


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def look(repo: Repo) -> Discovery:
    return discover(Repository.open(repo.path))


def test_an_empty_repository_has_nothing(repo: Repo) -> None:
    assert look(repo) == Discovery(pins=(), options=())


def test_known_files_are_pins(repo: Repo) -> None:
    repo.commit({"utils/clone-mlir.sh": f"cd llvm-project && git checkout {A}\n"})
    (found,) = look(repo).pins
    assert (found.spec.file, found.spec.reader) == ("utils/clone-mlir.sh", "git-checkout")
    assert found.evidence == "utils/clone-mlir.sh:1 names aaaaaaaaaaaa"


def test_a_known_file_without_a_commit_is_none(repo: Repo) -> None:
    repo.commit({"build_tools/llvm_version.txt": "18\n"})
    assert look(repo).pins == ()


@pytest.mark.parametrize(
    "url", ["https://github.com/llvm/llvm-project.git", "git@github.com:me/llvm-project", "../llvm-project"]
)
def test_a_submodule_of_llvm_is_a_pin(repo: Repo, url: str) -> None:
    text = f'[submodule "x"]\n\tpath = externals/llvm\n\turl = {url}\n'
    repo.commit({".gitmodules": text}, links={"externals/llvm": A})
    (found,) = look(repo).pins
    assert (found.spec.file, found.spec.reader) == ("externals/llvm", "gitlink")


def test_a_components_pin_is_found_at_the_gitlinks_commit(repo: Repo, tmp_path: Path) -> None:
    component = Repo(tmp_path / "stablehlo")
    component.commit({"build_tools/llvm_version.txt": A})
    repo.add_submodule(component, "third_party/stablehlo")
    (found,) = look(repo).pins
    assert (found.spec.name, found.spec.component) == ("stablehlo", "third_party/stablehlo")


def test_cmake_options_that_toggle_llvm_parts(repo: Repo) -> None:
    text = 'project(x)\noption(X_ENABLE_STABLEHLO "Build it" ON)\noption(X_TESTS "Tests" OFF)\n# option(A_MHLO "" ON)\n'
    repo.commit({"CMakeLists.txt": text})
    (found,) = look(repo).options
    assert (found.name, found.default, found.summary, str(found.where)) == (
        "X_ENABLE_STABLEHLO",
        "ON",
        "Build it",
        "CMakeLists.txt:2",
    )
