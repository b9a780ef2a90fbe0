from __future__ import annotations

from pathlib import Path

import pytest
from git_kit import A, Repo

from pytest_llvmgate.chronicle.layouts import history_specs
from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.discover import Discovery, discover
from pytest_llvmgate.upstream.whose import repository_name


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def look(repo: Repo) -> Discovery:
    return discover(Repository.open(repo.path))


def test_an_empty_repository_has_nothing(repo: Repo) -> None:
    assert look(repo) == Discovery(pins=(), options=(), source="")


def test_known_files_are_pins(repo: Repo) -> None:
    repo.commit({"utils/clone-mlir.sh": f"cd llvm-project && git checkout {A}\n"})
    (found,) = look(repo).pins
    assert (found.spec.file, found.spec.reader) == ("utils/clone-mlir.sh", "")
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


# --- known projects, by their layouts

STABLEHLO = "build_tools/llvm_version.txt"
BZL = f'LLVM_COMMIT = "{A}"\n'
LAYOUTS: dict[str, tuple[dict[str, str], dict[str, str], list[tuple[str, str]]]] = {
    # project: files, gitlinks, expected (pin, where)
    "onnx-mlir": (
        {
            "utils/clone-mlir.sh": f"cd llvm-project && git checkout {A}\n",
            "MLIR.cmake": "",
            "docs/BuildOnWindows.md": f"```shell\ncd llvm-project && git checkout {A}\n```\n",
        },
        {},
        [("llvm-project", "utils/clone-mlir.sh"), ("docs-windows", "docs/BuildOnWindows.md")],
    ),
    "torch-mlir": (
        {"lib/Dialect/Torch/x": ""},
        {"externals/llvm-project": A},
        [("llvm-project", "externals/llvm-project")],
    ),
    "stablehlo": (
        {STABLEHLO: A, "stablehlo/dialect/x": "", "third_party/llvm/workspace.bzl": BZL},
        {},
        [("llvm-project", STABLEHLO), ("bazel", "third_party/llvm/workspace.bzl")],
    ),
    "mlir-hlo": (
        {STABLEHLO: A, "mhlo/IR/x": "", "WORKSPACE": BZL, f"stablehlo/{STABLEHLO}": A},
        {},
        [("llvm-project", STABLEHLO), ("bazel", "WORKSPACE"), ("stablehlo", f"stablehlo/{STABLEHLO}")],
    ),
    "iree": (
        {"runtime/src/iree/x": ""},
        {"third_party/llvm-project": A},
        [("llvm-project", "third_party/llvm-project")],
    ),
    "circt": ({"include/circt/x": ""}, {"llvm": A}, [("llvm-project", "llvm")]),
    "triton": ({"cmake/llvm-info.json": f'{{"llvm_hash": "{A}"}}'}, {}, [("llvm-project", "cmake/llvm-info.json")]),
    "heir": ({"bazel/extensions.bzl": BZL, "lib/Dialect/Secret/x": ""}, {}, [("llvm-project", "bazel/extensions.bzl")]),
    "xla": (
        {"third_party/llvm/workspace.bzl": BZL, "xla/x": ""},
        {},
        [("llvm-project", "third_party/llvm/workspace.bzl")],
    ),
    "mlir-aie": (
        {"utils/clone-llvm.sh": f"LLVM_PROJECT_COMMIT={A}\n", "include/aie/x": ""},
        {},
        [("llvm-project", "utils/clone-llvm.sh")],
    ),
}


@pytest.mark.parametrize("project", sorted(LAYOUTS))
def test_a_known_project_is_recognised_by_its_layout(repo: Repo, project: str) -> None:
    files, links, expected = LAYOUTS[project]
    repo.commit({**files, "README": "x"}, links=links)
    found = look(repo)
    assert found.project == project
    assert found.evidence.startswith("it has ")
    places = [(one.spec.name, f"{one.spec.component}/{one.spec.file}".lstrip("/")) for one in found.pins]
    assert [place for place in places if place in expected] == expected
    for one in found.pins:
        assert A[:12] in one.evidence


def test_triton_shared_is_followed_to_triton_and_on(repo: Repo, tmp_path: Path) -> None:
    triton = Repo(tmp_path / "triton")
    commit = triton.commit({"cmake/llvm-hash.txt": A})
    repo.commit({"triton-hash.txt": commit, "triton_shared.cc": ""})
    (found,) = look(repo).pins
    assert (found.spec.file, found.spec.through[0].repository) == ("cmake/llvm-hash.txt", "../triton")
    assert found.evidence == "../triton/cmake/llvm-hash.txt:1 names aaaaaaaaaaaa"


def test_a_hop_without_its_clone_is_proposed_with_the_command(repo: Repo) -> None:
    repo.commit({"triton-hash.txt": A, "triton_shared.cc": ""})
    (found,) = look(repo).pins
    assert "git clone https://github.com/triton-lang/triton ../triton" in found.evidence


def test_a_component_that_is_not_initialised_is_known_by_its_url(repo: Repo) -> None:
    text = '[submodule "x"]\n\tpath = third_party/hlo\n\turl = https://github.com/me/stablehlo.git\n'
    repo.commit({".gitmodules": text}, links={"third_party/hlo": A})
    (found,) = look(repo).pins
    assert (found.spec.component, found.spec.file) == ("third_party/hlo", STABLEHLO)
    assert "not initialised" in found.evidence


def test_a_known_projects_components_have_its_policies(repo: Repo) -> None:
    text = '[submodule "x"]\n\tpath = externals/stablehlo\n\turl = https://github.com/openxla/stablehlo\n'
    repo.commit(
        {"lib/Dialect/Torch/x": "", ".gitmodules": text},
        links={"externals/llvm-project": A, "externals/stablehlo": A},
    )
    component = look(repo).pins[1]
    assert (component.spec.policy, bool(component.spec.reason)) == ("advisory", True)


def test_an_unknown_component_is_looked_into_for_known_files(repo: Repo, tmp_path: Path) -> None:
    component = Repo(tmp_path / "mine")
    component.commit({"utils/clone-mlir.sh": f"cd llvm-project; git checkout {A}\n"})
    repo.add_submodule(component, "deps/mine")
    (found,) = look(repo).pins
    assert (found.spec.name, found.spec.component, found.spec.file) == ("mine", "deps/mine", "utils/clone-mlir.sh")


def test_an_unknown_projects_files_are_searched(repo: Repo) -> None:
    repo.commit(
        {
            "cmake/deps.cmake": f"FetchContent_Declare(l GIT_REPOSITORY https://x/llvm-project.git GIT_TAG {A})\n",
            "third_party/y.cmake": f"FetchContent_Declare(l GIT_REPOSITORY https://x/llvm-project.git GIT_TAG {A})\n",
            "Dockerfile": f"ARG LLVM_COMMIT={A}\n",
        }
    )
    names = [(one.spec.name, one.spec.file, one.spec.reader) for one in look(repo).pins]
    assert names == [
        ("llvm-project", "cmake/deps.cmake", ""),
        ("y", "third_party/y.cmake", ""),
        ("Dockerfile", "Dockerfile", ""),
    ]


def test_duplicates_get_names_of_their_own(repo: Repo) -> None:
    block = f"```\ncd llvm-project && git checkout {A}\n```\n"
    repo.commit({"utils/clone-mlir.sh": f"cd llvm; git checkout {A}\n", "README.md": block, "docs/README.md": block})
    assert [one.spec.name for one in look(repo).pins] == ["llvm-project", "README", "README-2"]


def test_switches_of_components_are_named(repo: Repo) -> None:
    text = 'option(X_ENABLE_MY_HLO "y" ON)\ncmake_dependent_option(X_USE_TORCH "" OFF Y OFF)\n'
    component = Repo(repo.path.parent / "my-hlo")
    component.commit({STABLEHLO: A})
    repo.commit({"CMakeLists.txt": text})
    repo.add_submodule(component, "my-hlo")
    assert [(one.name, one.component) for one in look(repo).options] == [
        ("X_ENABLE_MY_HLO", "my-hlo"),
        ("X_USE_TORCH", ""),
    ]


def test_the_places_of_history(repo: Repo) -> None:
    old = '[submodule "l"]\n\tpath = external/llvm-project\n\turl = https://x/llvm-project\n'
    new = (
        '[submodule "l"]\n\tpath = externals/llvm-project\n\turl = https://x/llvm-project\n'
        '[submodule "h"]\n\tpath = externals/mlir-hlo\n\turl = https://x/mlir-hlo\n'
    )
    repo.commit({".gitmodules": old})
    repo.commit({".gitmodules": new})
    specs = history_specs(Repository.open(repo.path), [PinSpec(name="mine", file="x.sh")])
    places = {(spec.name, spec.component, spec.file) for spec in specs}
    assert ("mine", "", "x.sh") in places
    assert ("llvm-project", "", "external/llvm-project") in places
    assert ("llvm-project", "", "externals/llvm-project") in places
    assert ("mlir-hlo", "externals/mlir-hlo", STABLEHLO) in places


def test_the_places_of_no_history(tmp_path: Path) -> None:
    specs = history_specs(Repository.open(Repo(tmp_path).path), [])
    assert {spec.name for spec in specs} == {"llvm-project"}
    assert {"utils/clone-mlir.sh", STABLEHLO} <= {spec.file for spec in specs}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/openxla/stablehlo.git", "stablehlo"),
        ("git@github.com:me/torch-mlir", "torch-mlir"),
        ("../mlir-hlo/", "mlir-hlo"),
        ("third_party/triton", "triton"),
        ("git@host:triton.git", "triton"),
    ],
)
def test_a_repositorys_name(url: str, name: str) -> None:
    assert repository_name(url) == name


READY_MADE = "https://github.com/llvm/llvm-project/releases/download/llvmorg-21.1.8/LLVM-21.1.8-Linux-X64.tar.xz"


def test_the_binaries_of_a_release_do_not_lead_the_commit_that_is_built(repo: Repo) -> None:
    repo.commit({"setup_llvm.bzl": f'urls = ["{READY_MADE}"]\n', "deps.bzl": f'LLVM_COMMIT = "{A}"\n'})
    assert [(one.spec.file, one.spec.group) for one in look(repo).pins] == [
        ("deps.bzl", ""),
        ("setup_llvm.bzl", "release-21.1.8"),
    ]


def test_the_binaries_of_a_release_are_a_tool_where_llvm_comes_through_a_component(repo: Repo, tmp_path: Path) -> None:
    component = Repo(tmp_path / "stablehlo")
    component.commit({"build_tools/llvm_version.txt": A})
    repo.add_submodule(component, "third_party/stablehlo")
    repo.commit({"scripts/get_llvm.sh": f"wget {READY_MADE}\n"})
    found = look(repo)
    assert [one.spec.name for one in found.pins] == ["stablehlo"]
    assert any("a tool's" in gap.message for gap in found.gaps)


def test_the_binaries_of_a_release_are_what_a_project_is_on_that_has_nothing_else(repo: Repo) -> None:
    repo.commit({"scripts/get_llvm.sh": f"wget {READY_MADE}\n"})
    assert [one.spec.file for one in look(repo).pins] == ["scripts/get_llvm.sh"]


@pytest.mark.parametrize("path", ["toolchain/selects.bzl", "build/versions.bzl"])
def test_a_release_under_llvms_name_is_found_in_starlark_that_says_no_more(repo: Repo, path: str) -> None:
    text = 'LLVM_VERSION = "22.1.3"\n\ndef tool(name):\n    return "@llvm-%s//:bin/%s" % (LLVM_VERSION, name)\n'
    repo.commit({path: text})
    assert [(one.spec.file, one.tag) for one in look(repo).pins] == [(path, "llvmorg-22.1.3")]
