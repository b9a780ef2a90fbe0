"""``llvmgate init`` on repositories of many kinds: the file that it writes can be loaded and says what is there."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from git_kit import A, B, Repo

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import BuildSpec, Config, HopSpec, PinSpec, Policy, SupplierKind

CMAKE = "cmake_minimum_required(VERSION 3.20)\nproject(x)\nadd_library(x x.cpp)\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    made = Repo(tmp_path / "my-project")
    monkeypatch.chdir(made.path)
    return made


def written(repo: Repo) -> Config:
    """The configuration that init writes."""
    assert main(["init"]) == 0
    return load_config(repo.path / "llvmgate.toml")


def options_of(config: Config) -> dict[str, tuple[str, ...]]:
    return dict(config.axes)


def pin(config: Config, name: str) -> PinSpec:
    [found] = [each for each in config.pins if each.name == name]
    return found


# What is found


def test_a_plain_cmake_project(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit({"CMakeLists.txt": CMAKE})
    config = written(repo)
    assert config.pins == ()
    assert (config.llvm.supplier, config.llvm.prefix) == (SupplierKind.PREFIX, "../llvm-install/{sha}")
    assert [each.name for each in config.configurations] == ["static", "shared"]
    assert config.configuration("shared").cmake == {"CMAKE_BUILD_TYPE": "Release", "BUILD_SHARED_LIBS": "ON"}
    assert config.build == BuildSpec(cmake={"CMAKE_BUILD_TYPE": "Release"})
    said = capsys.readouterr().out
    assert said.startswith("wrote llvmgate.toml: 0 pins, 2 configurations\nNo LLVM commit was found here: ")


def test_a_component_behind_a_file_may_be_given_a_clone_of_any_name(repo: Repo, tmp_path: Path) -> None:
    clone = Repo(tmp_path / "elsewhere")
    commit = clone.commit({"build_tools/llvm_version.txt": A})
    repo.commit({"deps.cmake": f"set(STABLEHLO_COMMIT {commit})\n"})
    assert main(["init", "--clone", f"stablehlo={clone.path}"]) == 0
    assert pin(load_config(repo.path / "llvmgate.toml"), "stablehlo").through[0].repository == str(clone.path)


def test_a_clone_that_leads_to_no_pin_is_told(repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clone = Repo(tmp_path / "elsewhere")
    commit = clone.commit({"build_tools/llvm_version.txt": A})
    repo.commit({"deps.cmake": f"set(STABLEHLO_COMMIT {commit})\n"})
    assert main(["init", "--clone", f"stablehlo={clone.path}", "--clone", f"openxla={clone.path}"]) == 0
    assert "--clone openxla: no pin is behind a component 'openxla'" in capsys.readouterr().out


def test_files_that_git_does_not_know_are_told_where_nothing_was_found(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"CMakeLists.txt": CMAKE})
    (repo.path / "llvm-hash.txt").write_text(f"{A}\n")
    assert main(["init"]) == 0
    assert "not looked at: 1 untracked file; git add" in capsys.readouterr().out


def test_an_option_in_a_cmake_file_of_another_encoding_is_seen(repo: Repo) -> None:
    repo.commit({"CMakeLists.txt": CMAKE})
    lists = repo.path / "CMakeLists.txt"
    lists.write_bytes(lists.read_bytes() + b'# \xfcber\noption(P_ENABLE_GPU "Build the GPU part" OFF)\n')
    repo.git("commit", "-qam", "more")
    assert main(["init"]) == 0
    assert "P_ENABLE_GPU" in (repo.path / "llvmgate.toml").read_text()


def test_a_shared_build_over_a_shared_llvm_is_proposed(repo: Repo) -> None:
    repo.commit({"CMakeLists.txt": CMAKE})
    path = repo.path / "llvmgate.toml"
    written(repo)
    assert '# With flavour = "shared" besides, ' in path.read_text()
    path.write_text(path.read_text().replace("shared = { ", 'shared = { flavour = "shared", '))
    assert load_config(path).configuration("shared").flavour == "shared"


def test_an_option_that_llvm_is_behind_is_on(repo: Repo) -> None:
    """Else every build passes whatever becomes of LLVM."""
    use = 'option(TOY_USE_LLVM "Disassemble" OFF)\nif(TOY_USE_LLVM)\n  find_package(LLVM REQUIRED)\nendif()\n'
    repo.commit({"CMakeLists.txt": f"project(toy)\n{use}add_library(toy a.cpp)\n"})
    assert written(repo).build.cmake["TOY_USE_LLVM"] == "ON"


def test_a_project_that_asks_by_a_variable_of_its_own_is_told_where_llvm_is(repo: Repo) -> None:
    asks = 'set(LT_LLVM_INSTALL_DIR "" CACHE PATH "LLVM")\nset(LT_LLVM_INSTALL_NAME "" CACHE STRING "")\n'
    has = 'set(LT_CLANG_ROOT "/opt" CACHE PATH "Clang")\nset(LT_LLVM_PREFIX)\n'
    repo.commit({"CMakeLists.txt": f"project(toy)\n{asks}{has}find_package(LLVM)\nadd_library(toy a.cpp)\n"})
    assert written(repo).build.cmake == {"CMAKE_BUILD_TYPE": "Release", "LT_LLVM_INSTALL_DIR": "{llvm}"}


def test_which_commit_a_tag_is_has_to_be_said(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    get = "git clone -b llvmorg-22.1.8 https://github.com/llvm/llvm-project\n"
    repo.commit({"CMakeLists.txt": CMAKE, "get.sh": get})
    written(repo)
    assert "and which commit llvmorg-22.1.8 is; then run" in capsys.readouterr().out
    uncommented = (repo.path / "llvmgate.toml").read_text().replace("# [llvm.tags]", "[llvm.tags]")
    text = uncommented.replace('# "llvmorg-22.1.8" = "SHA"', f'"llvmorg-22.1.8" = "{A}"')
    (repo.path / "llvmgate.toml").write_text(text)
    assert load_config(repo.path / "llvmgate.toml").llvm.tags == {"llvmorg-22.1.8": A}


@pytest.mark.parametrize(
    ("files", "steps"),
    [
        ({}, ["llvmgate doctor --llvm-sha=COMMIT", "pytest --llvm-sha=COMMIT"]),
        (
            {"llvm-version.txt": f"{A}\n"},
            ["llvmgate pins", "pytest --llvm-sha=pinned -k pins", "llvmgate doctor", "pytest --llvm-sha=pinned"],
        ),
    ],
)
def test_the_next_steps_are_those_that_work(
    repo: Repo, capsys: pytest.CaptureFixture[str], files: dict[str, str], steps: list[str]
) -> None:
    repo.commit({"CMakeLists.txt": CMAKE, **files})
    written(repo)
    assert [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("    ")] == steps


@pytest.mark.parametrize(
    "makes",
    [
        "add_executable(x x.cpp)",
        "# links with -DBUILD_SHARED_LIBS=on, too\nadd_executable(x x.cpp)",
        "add_library(x SHARED x.cpp)\nadd_library(y OBJECT y.cpp)\nadd_library(z::z ALIAS x)",
        "add_library(x STATIC x.cpp)\nadd_llvm_library(y MODULE y.cpp)",
        'if(UNIX)\n  set(KIND "SHARED")\nendif()\nadd_library(x ${KIND}\n  x.cpp)',
    ],
)
def test_a_project_whose_libraries_are_what_they_are_is_built_once(repo: Repo, makes: str) -> None:
    lists = CMAKE.replace("add_library(x x.cpp)", makes)
    repo.commit({"CMakeLists.txt": lists, "third_party/gtest/CMakeLists.txt": "add_library(gtest x.cpp)\n"})
    config = written(repo)
    assert [each.name for each in config.configurations] == ["release"]
    assert config.axes == {}


@pytest.mark.parametrize(
    "makes", ["add_library(x ${SOURCES})", "add_my_library(x SHARED x.cpp)", "add_mlir_dialect(X x)"]
)
def test_a_project_with_a_library_that_may_be_either_is_built_as_both(repo: Repo, makes: str) -> None:
    repo.commit({"CMakeLists.txt": CMAKE.replace("add_library(x x.cpp)", makes)})
    assert [each.name for each in written(repo).configurations] == ["static", "shared"]


def test_an_option_of_the_projects_own_for_its_linkage_is_an_axis_however_it_makes_its_libraries(repo: Repo) -> None:
    own = 'option(PEAR_SHARED_LIB "" OFF)\nset(KIND STATIC)\nif(PEAR_SHARED_LIB)\n  set(KIND SHARED)\nendif()\n'
    repo.commit({"CMakeLists.txt": CMAKE.replace("add_library(x x.cpp)", f"{own}add_library(x ${{KIND}} x.cpp)")})
    assert written(repo).configuration("shared").cmake["PEAR_SHARED_LIB"] == "ON"


@pytest.mark.parametrize(
    ("version", "is_refused"), [("3.3", True), ("2.8.12", True), ("3.1...3.20", False), ("3.5", False), ("${X}", False)]
)
def test_a_project_for_old_cmakes_is_built_with_new_ones(repo: Repo, version: str, is_refused: bool) -> None:
    repo.commit({"CMakeLists.txt": CMAKE.replace("3.20", version)})
    (config, *_) = written(repo).configurations
    assert config.cmake.get("CMAKE_POLICY_VERSION_MINIMUM") == ("3.5" if is_refused else None)


def test_a_project_like_onnx_mlir(repo: Repo, tmp_path: Path) -> None:
    stablehlo = Repo(tmp_path / "stablehlo")
    stablehlo.commit({"build_tools/llvm_version.txt": A})
    repo.add_submodule(stablehlo, "third_party/stablehlo")
    repo.commit(
        {
            "CMakeLists.txt": f'{CMAKE}option(ONNX_MLIR_ENABLE_STABLEHLO "Enable StableHLO support." ON)\n',
            "MLIR.cmake": '# why\nset(BUILD_SHARED_LIBS ${LLVM_ENABLE_SHARED_LIBS} CACHE BOOL "" FORCE)\n',
            "src/CMakeLists.txt": "add_tool(onnx-mlir-opt)\nadd_tool(onnx-mlir)\nadd_lit_testsuite(check-onnx-lit x)\n",
            "utils/clone-mlir.sh": f"cd llvm-project && git checkout {A} && cd ..\n",
        }
    )
    config = written(repo)
    assert (pin(config, "llvm-project").file, pin(config, "llvm-project").reader) == (
        "utils/clone-mlir.sh",
        "git-checkout",
    )
    assert pin(config, "stablehlo").component == "third_party/stablehlo"
    assert pin(config, "stablehlo").only == {"stablehlo": ("on",)}
    assert options_of(config) == {"linkage": ("static", "shared"), "stablehlo": ("on", "off")}
    assert config.configuration("static-stablehlo_off").cmake["ONNX_MLIR_ENABLE_STABLEHLO"] == "OFF"
    assert config.build.targets == ("onnx-mlir-opt", "onnx-mlir")
    assert not config.build.install, "not all targets are built"
    assert config.build.check == (("cmake", "--build", "{build}", "--target", "check-onnx-lit"),)
    assert [each.flavour for each in config.configurations] == ["static", "static", "shared", "shared"]
    assert config.llvm.prefix == "../llvm-install/{sha}/{flavour}"
    assert "# MLIR.cmake:2 takes BUILD_SHARED_LIBS from LLVM" in (repo.path / "llvmgate.toml").read_text()


def test_what_is_known_of_a_project_must_be_in_its_cmake_files(repo: Repo) -> None:
    repo.commit({"llvm_version.txt": A, "CMakeLists.txt": f"{CMAKE}add_lit_testsuite(check-circt-old)\n", "x": ""})
    repo.commit({"include/circt/x": "", "README": "check-circt circt-opt"}, links={"llvm": A})
    config = written(repo)
    assert "# This looks like circt" in (repo.path / "llvmgate.toml").read_text()
    assert (config.build.targets, config.build.check) == ((), ())


def test_a_project_like_torch_mlir(repo: Repo) -> None:
    modules = (
        '[submodule "a"]\n\tpath = externals/llvm-project\n\turl = https://github.com/llvm/llvm-project.git\n'
        '[submodule "b"]\n\tpath = externals/stablehlo\n\turl = https://github.com/openxla/stablehlo.git\n'
    )
    cmake = f"{CMAKE}option(TORCH_MLIR_OUT_OF_TREE_BUILD x OFF)\n"
    repo.commit(
        {".gitmodules": modules, "CMakeLists.txt": cmake, "lib/Dialect/Torch/x.cpp": ""},
        links={"externals/llvm-project": A, "externals/stablehlo": B},
    )
    config = written(repo)
    assert pin(config, "llvm-project").reader == "gitlink"
    assert pin(config, "stablehlo").policy is Policy.ADVISORY
    assert pin(config, "stablehlo").reason
    assert config.build.cmake["TORCH_MLIR_OUT_OF_TREE_BUILD"] == "ON"
    assert "# This looks like torch-mlir: it has " in (repo.path / "llvmgate.toml").read_text()


def test_a_pin_behind_another_repository(repo: Repo) -> None:
    repo.commit({"triton-hash.txt": f"{A}\n", "triton_shared.cc": "", "CMakeLists.txt": CMAKE})
    through = [each.through for each in written(repo).pins if each.through]
    assert through
    assert isinstance(through[0][0], HopSpec)
    assert through[0][0].file == "triton-hash.txt"
    assert through[0][0].repository


def test_pins_without_cmake_make_no_builds(repo: Repo) -> None:
    repo.commit({"build_tools/llvm_version.txt": A})
    config = written(repo)
    assert [each.file for each in config.pins] == ["build_tools/llvm_version.txt"]
    assert config.configurations == ()


def test_several_options_for_one_component(repo: Repo) -> None:
    options = ("X_ENABLE_STABLEHLO OFF", "Y_USE_STABLEHLO OFF", "X_ENABLE_MHLO OFF", "X_ENABLE_TOSA")
    text = CMAKE + "".join(f"option({option})\n" for option in options)
    repo.commit({"CMakeLists.txt": text})
    config = written(repo)
    assert options_of(config) == {"linkage": ("static", "shared"), "stablehlo": ("on", "off"), "mhlo": ("on", "off")}
    assert config.configuration("static-stablehlo_on-mhlo_on").cmake["X_ENABLE_STABLEHLO"] == "ON"
    assert (
        "# Other options of this project. Each that has to work either way is an axis, and doubles the builds:\n"
        "#     CMakeLists.txt:5: Y_USE_STABLEHLO (default OFF)\n"
        "#     [axes.stablehlo-2]\n"
        '#     on = { cmake = { Y_USE_STABLEHLO = "ON" } }\n'
        '#     off = { cmake = { Y_USE_STABLEHLO = "OFF" } }\n'
        "#     CMakeLists.txt:7: X_ENABLE_TOSA (default OFF)\n"
        "#     [axes.tosa]\n"
    ) in (repo.path / "llvmgate.toml").read_text()


def test_every_option_that_init_lists_is_an_axis_when_its_lines_are_taken(repo: Repo) -> None:
    options = ("WOMBAT_ENABLE_GPU OFF", "WOMBAT_PYTHON_ENABLED ON", "WOMBAT_ENABLE_WERROR OFF", "WOMBAT_TORCH_DIR OFF")
    repo.commit({"CMakeLists.txt": CMAKE + "".join(f"option({option})\n" for option in options)})
    written(repo)
    path = repo.path / "llvmgate.toml"
    head, _, listed = path.read_text().partition("# Other options of this project.")
    taken = [line.removeprefix("#     ") for line in listed.splitlines() if line.startswith(("#     [", "#     o"))]
    path.write_text(head + "\n" + "\n".join(taken) + listed.partition("\n\n")[2].join(["\n", ""]))
    assert set(options_of(load_config(path))) == {"linkage", "gpu", "wombat_python"}


def test_two_components_of_one_name(repo: Repo) -> None:
    modules = "".join(f'[submodule "{n}"]\n\tpath = {n}/mlir-hlo\n\turl = https://x/mlir-hlo\n' for n in "ab")
    repo.commit({".gitmodules": modules, "CMakeLists.txt": CMAKE}, links={"a/mlir-hlo": A, "b/mlir-hlo": B})
    names = [each.name for each in written(repo).pins]
    assert len(names) == len(set(names)) == 2


# Text that is no plain text


@pytest.mark.parametrize(
    "summary",
    [
        "several\nlines\n[of] = text",
        "a # b",
        "tab\there",
        "bell\a, escape\x1b and delete\x7f",
        "Grüße",
        "a\r\nb",
        "[x]",
    ],
)
def test_any_summary_of_an_option_stays_a_comment(repo: Repo, summary: str) -> None:
    repo.commit({"CMakeLists.txt": f'{CMAKE}option(X_ENABLE_STABLEHLO "{summary}" ON)\n'})
    assert "stablehlo" in written(repo).axes


ODD_NAMES = ('qu"ote', "back\\slash", "Grüße", "a b", "a\tb", "-dash", ".dot", "[#]", "del\x7f")


def test_components_may_have_any_path(repo: Repo, tmp_path: Path) -> None:
    component = Repo(tmp_path / "component")
    component.commit({"build_tools/llvm_version.txt": A})
    repo.git("clone", "-q", str(component.path), f"x/{ODD_NAMES[0]}")
    for name in ODD_NAMES[1:]:
        shutil.copytree(repo.path / "x" / ODD_NAMES[0], repo.path / "x" / name)
    repo.commit({"CMakeLists.txt": CMAKE}, links={f"x/{name}": component.head for name in ODD_NAMES})
    assert {each.component for each in written(repo).pins} == {f"x/{name}" for name in ODD_NAMES}


# When it is not written


def test_printing_writes_nothing(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit({"CMakeLists.txt": CMAKE})
    assert main(["init", "--print"]) == 0
    document: dict[str, Any] = tomllib.loads(capsys.readouterr().out)
    assert document["llvm"]["supplier"] == "prefix"
    assert not (repo.path / "llvmgate.toml").exists()


def test_a_file_that_is_there_stays(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit({"CMakeLists.txt": CMAKE, "llvmgate.toml": "# mine\n"})
    assert main(["init"]) == 4
    assert capsys.readouterr().err == (
        "llvmgate init: llvmgate.toml: there is a configuration already\n    -> use --print to see a fresh one\n"
    )
    assert (repo.path / "llvmgate.toml").read_text() == "# mine\n"


def test_force_writes_all_the_same(repo: Repo) -> None:
    repo.commit({"CMakeLists.txt": CMAKE, "llvmgate.toml": "# mine\n"})
    assert main(["init", "--force"]) == 0
    assert "# mine" not in (repo.path / "llvmgate.toml").read_text()


def test_a_table_in_pyproject_is_a_configuration_too(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit({"CMakeLists.txt": CMAKE, "pyproject.toml": "[tool.llvmgate]\n"})
    assert main(["init"]) == 4
    assert "pyproject.toml: there is a configuration already" in capsys.readouterr().err


def test_from_a_subdirectory_it_is_written_at_the_root(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"CMakeLists.txt": CMAKE, "lib/x.cpp": ""})
    monkeypatch.chdir(repo.path / "lib")
    assert main(["init"]) == 0
    assert (repo.path / "llvmgate.toml").is_file()


def test_in_another_directory(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"CMakeLists.txt": CMAKE})
    monkeypatch.chdir(repo.path.parent)
    assert main(["init", "-C", repo.path.name]) == 0
    assert (repo.path / "llvmgate.toml").is_file()


def test_before_the_first_commit(repo: Repo) -> None:
    repo.write({"CMakeLists.txt": CMAKE})
    assert [each.name for each in written(repo).configurations] == ["static", "shared"]


@pytest.mark.parametrize(
    ("bare", "message"),
    [
        (None, "is not in a git repository"),
        (True, "is a bare repository"),
        (False, "expected an LLVM downstream, found neither a CMakeLists.txt nor a known LLVM pin"),
    ],
)
def test_where_there_is_nothing_to_gate(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bare: bool | None,
    message: str,
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    if bare is not None:
        Repo(place, bare=bare)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.chdir(place)
    assert main(["init"]) == 4
    assert message in capsys.readouterr().err
    assert not (place / "llvmgate.toml").exists()
