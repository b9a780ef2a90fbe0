"""What discovery makes of projects as they are: which places are pins, who leads, what stays undecided."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from git_kit import A, B, C, Repo

from pytest_llvmgate.chronicle.layouts import own_history
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.settings import Config, PinSpec
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.moving.moves import prepare_bump
from pytest_llvmgate.pins.discover import Discovery, discover
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.titles import claimed_commits
from pytest_llvmgate.upstream.llvm_clone import Upstream

X = "19cfd60d92da1fdb958568cdd7d36264ab14e666"
N = "1234567890abcdef1234567890abcdef12345678"
URL = "https://github.com/llvm/llvm-project"
CMAKE = {"CMakeLists.txt": "project(wombat CXX)\nfind_package(MLIR REQUIRED CONFIG)\n"}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "wombat")


def look(repo: Repo, clones: dict[str, Path] | None = None) -> Discovery:
    return discover(Repository.open(repo.path), clones)


def files(found: Discovery) -> list[str]:
    return [one.spec.file for one in found.pins if one.spec.is_direct]


def modules(**urls: str) -> dict[str, str]:
    sections = (f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n' for path, url in urls.items())
    return {".gitmodules": "".join(sections)}


def read(repo: Repo, found: Discovery) -> dict[str, str]:
    config = Config(path=repo.path / "llvmgate.toml", pins=tuple(one.spec for one in found.pins))
    return {reading.name: reading.sha or reading.text for reading in read_pins(config)}


# --- Nothing that is not LLVM's


@pytest.mark.parametrize(
    "made",
    [
        {"build_deps.sh": f"c={X}\ngit clone https://x/redis/hiredis.git h\n(cd h && git checkout $c)\n"},
        {"utils/clone-mlir-wallaby.sh": f"H={X}\ngit clone https://github.com/zoo/mlir-wallaby\ngit checkout $H\n"},
        {"scripts/test.py": f'T = {{"mlir_wallaby_hash": "{X}"}}\n'},
        {"pytorch-hash.txt": f"{X}\n"},
        {"cmake/llvm-spirv.cmake": f"set(LLVM_SPIRV_COMMIT {X})\n"},
        {"third_party/re2/LICENSE": "x\n", "third_party/re2/llvm_version.txt": f"{X}\n"},
        {"docs/log.md": f"LLVM moved to {URL}/tree/{X}.\n"},
    ],
)
def test_another_projects_commit_is_no_pin(repo: Repo, made: dict[str, str]) -> None:
    repo.commit(made)
    assert look(repo).pins == ()


def test_a_sibling_with_mlir_in_its_name_is_left_alone_by_bump(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = f"git clone {URL} llvm\npushd llvm\ngit checkout {A}\npopd\n"
    sibling = f"export HASH={X}\ngit clone https://github.com/zoo/mlir-wallaby w\npushd w\ngit checkout $HASH\n"
    repo.commit({"utils/clone-llvm.sh": own, "utils/clone-mlir-wallaby.sh": sibling})
    monkeypatch.chdir(repo.path)
    assert main(["bump", N]) == 0
    assert (repo.path / "utils/clone-mlir-wallaby.sh").read_text() == sibling
    assert (repo.path / "utils/clone-llvm.sh").read_text() == own.replace(A, N)
    capsys.readouterr()


# --- What is the project's own


@pytest.mark.parametrize(
    "path",
    [
        "cmake/third_party/llvm-project.cmake",
        "third_party/llvm.cmake",
        "vendor/llvm/fetch.cmake",
        "external/deps.cmake",
        "deps/llvm.cmake",
    ],
)
def test_a_file_below_third_party_may_be_the_projects_own(repo: Repo, path: str) -> None:
    repo.commit({path: f"FetchContent_Declare(llvm-project URL https://github.com/zoo/llvm-project/archive/{A}.zip)\n"})
    assert files(look(repo)) == [path]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("nix/llvm.nix", f'f {{ owner = "llvm"; repo = "llvm-project"; rev = "{B}"; }}\n'),
        ("bazel/llvm.bzl", f'LLVM_COMMIT = "{B}"\n'),
        ("build_tools/llvm_version.txt", f"{B}\n"),
        ("scripts/get-llvm.sh", f"git clone {URL}\ngit -C llvm-project checkout {B}\n"),
        ("cmake/llvm.cmake", f"set(LLVM_COMMIT {B})\n"),
    ],
)
def test_two_pins_that_differ_are_both_proposed(repo: Repo, path: str, text: str) -> None:
    repo.commit({**modules(llvm=f"{URL}.git"), path: text}, links={"llvm": A})
    found = look(repo)
    assert list(read(repo, found).values()) == [A, B]
    assert not any(one.spec.group for one in found.pins)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", f"```\ngit clone {URL}\ncd llvm-project\ngit checkout {B}\n```\n"),
        ("docker/Dockerfile", f"ARG LLVM_COMMIT={B}\n"),
        ("test/llvm.sh", f"LLVM_COMMIT={B}\n"),
        ("examples/x/llvm.cmake", f"set(LLVM_COMMIT {B})\n"),
    ],
)
def test_what_only_repeats_and_says_something_else_is_listed_with_the_line_to_add(
    repo: Repo, path: str, text: str
) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", path: text})
    found = look(repo)
    assert files(found) == ["llvm_version.txt"]
    (gap,) = found.gaps
    assert gap.where.startswith(path)
    assert f'file = "{path}"' in gap.line_to_add


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("WORKSPACE", f'LLVM_COMMIT = "{A}"\n'), (".github/workflows/a.yaml", f"env:\n  LLVM_COMMIT: {A}\n")),
        (("third_party/llvm.bzl", f'LLVM_COMMIT = "{A}"\n'), ("MODULE.bazel.lock", f'{{"LLVM_COMMIT": "{A}"}}\n')),
        (("llvm-version.txt", f"{A}\n"), ("build.sh", f"LLVM_COMMIT={A}\n")),
        (("cmake/llvm.cmake", f"set(LLVM_COMMIT {A})\n"), ("a/Dockerfile", f"ARG LLVM_COMMIT={A}\n")),
        (("z/clone-llvm.sh", f"LLVM_COMMIT={A}\n"), ("README.md", f"```\ncd llvm; git checkout {A}\n```\n")),
        ((".github/workflows/a.yaml", f"env:\n  LLVM_COMMIT: {A}\n"), ("README.md", f"The LLVM commit is {A}.\n")),
    ],
)
def test_the_authoritative_place_leads(repo: Repo, first: tuple[str, str], second: tuple[str, str]) -> None:
    repo.commit(dict([first, second]))
    assert files(look(repo))[0] == first[0]


def test_a_submodule_leads_what_repeats_its_commit_since_some_time(repo: Repo) -> None:
    repo.commit({**modules(**{"x/llvm-project": f"{URL}.git"}), "build.sh": "echo\n"}, links={"x/llvm-project": B})
    repo.commit({"build.sh": f"LLVM_COMMIT={A}\n"}, links={"x/llvm-project": A})
    history = own_history(Repository.open(repo.path), [one.spec for one in look(repo).pins])
    assert [history.said(state) for state in history.bumps] == [B, A]


def test_how_a_file_was_written_before_is_read_too(repo: Repo) -> None:
    """The reader that fits today is not written down where the file's name implies those that fitted before."""
    repo.commit({"infra/build_llvm.sh": f"LLVM_REVISION=llvmorg-22.1.6\nget {URL} $LLVM_REVISION\n"})
    repo.commit({"infra/build_llvm.sh": f"git clone {URL} l\ngit -C l checkout {A}\n"})
    specs = [one.spec for one in look(repo).pins]
    assert [spec.reader for spec in specs] == [""]
    assert len(own_history(Repository.open(repo.path), specs).bumps) == 2


# --- Several LLVMs by design


def test_a_matrix_of_versions_is_the_newest_and_groups(repo: Repo) -> None:
    text = "if (V STREQUAL 23)\n  set(LLVM_TAG {A})\nelseif (V STREQUAL 22)\n  set(LLVM_TAG llvmorg-22.1.6)\nendif()\n"
    repo.commit({"superbuild/CMakeLists.txt": text.replace("{A}", A)})
    found = look(repo)
    assert [(one.spec.group, said) for one, said in zip(found.pins, read(repo, found).values(), strict=True)] == [
        ("", A),
        ("22.1.6", "llvmorg-22.1.6"),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.cmake", f"set(LLVM_COMMIT_18 {A})\nset(LLVM_COMMIT_19 {B})\n"),
        ("a.bzl", f'LLVM_COMMIT = "{A}"\nTEST_LLVM_COMMIT = "{B}"\n'),
        ("a.json", f'{{"llvm_hash": "{A}", "tests": {{"llvm_sha": "{B}"}}}}\n'),
        ("llvm.toml", f'[llvm]\ncommit = "{A}"\n[llvm.old]\nhash = "{B}"\n'),
        ("a.sh", f"LLVM_COMMIT={A}\nLLVM_COMMIT_FOR_TESTS={B}\n"),
    ],
)
def test_names_tell_the_llvms_of_one_file_apart(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    found = look(repo)
    assert [bool(one.spec.group) for one in found.pins] == [False, True]
    assert list(read(repo, found).values()) == [A, B]


def test_a_part_with_components_of_its_own_has_an_llvm_of_its_own(repo: Repo) -> None:
    links = {"external/llvm-project": A, "frontends/onnx/deps/onnx-mlir": C}
    urls = {"external/llvm-project": f"{URL}.git", "frontends/onnx/deps/onnx-mlir": "https://github.com/onnx/onnx-mlir"}
    repo.commit({**modules(**urls), "frontends/onnx/env.sh": f"LLVM_DIR=/data/{B}/build\n"}, links=links)
    groups = {one.spec.file: one.spec.group for one in look(repo).pins if one.spec.is_direct}
    assert groups == {"external/llvm-project": "", "frontends/onnx/env.sh": "onnx"}


def test_a_release_in_an_image_beside_a_commit_of_main_is_a_group(repo: Repo) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", "Dockerfile": f"RUN git clone -b llvmorg-18.1.8 {URL}\n"})
    assert [one.spec.group for one in look(repo).pins] == ["", "release-18.1.8"]


def test_pins_of_another_group_agree_among_themselves_and_are_not_moved(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", "host/llvm_version.txt": f"{B}\n"})
    pins = ("llvm_version.txt", ""), ("host/llvm_version.txt", 'group = "host"\n')
    tables = (f'[[pin]]\nname = "p{i}"\nfile = "{file}"\n{group}' for i, (file, group) in enumerate(pins))
    repo.write({"llvmgate.toml": "".join(tables)})
    monkeypatch.chdir(repo.path)
    assert main(["pins"]) == 0
    assert main(["bump", N]) == 0
    assert (repo.path / "host/llvm_version.txt").read_text() == f"{B}\n"
    assert main(["bump", C, "--group", "host"]) == 0
    assert (repo.path / "host/llvm_version.txt").read_text() == f"{C}\n"
    assert (repo.path / "llvm_version.txt").read_text() == f"{N}\n"
    capsys.readouterr()


# --- Through components


@pytest.fixture
def component(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "stablehlo")


def test_a_file_that_names_a_known_projects_commit_is_a_way(repo: Repo, component: Repo) -> None:
    at = component.commit({"build_tools/llvm_version.txt": f"{A}\n"})
    url = "https://github.com/openxla/stablehlo/archive/{c}.zip"
    repo.commit(
        {"third_party/workspace.bzl": f'STABLEHLO_COMMIT = "{at}"\nx(urls = ["{url}"], c = STABLEHLO_COMMIT)\n'}
    )
    assert read(repo, look(repo)) == {"stablehlo": A}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Makefile", "../{n}:\n\tgit clone https://github.com/openxla/{n}\n\tcd ../{n} && git checkout {c}\n"),
        ("ci/build.sh", "git clone https://github.com/openxla/{n}\ncd {n} && git checkout {c}\n"),
        ("setup.bat", "git clone https://github.com/openxla/{n}\r\ncd {n}\r\ngit checkout {c}\r\n"),
        ("ci.yml", "jobs:\n  a:\n    steps:\n      - run: |\n          cd {n}\n          git checkout {c}\n"),
        ("Dockerfile", "FROM x\nRUN git clone https://github.com/openxla/{n} && cd {n} && git checkout {c}\n"),
    ],
)
def test_a_components_checkout_in_a_script_of_any_kind_is_a_way_that_is_read(
    repo: Repo, component: Repo, path: str, text: str
) -> None:
    at = component.commit({"build_tools/llvm_version.txt": f"{A}\n"})
    repo.commit({path: text.format(n="stablehlo", c=at)})
    assert read(repo, look(repo)) == {"stablehlo": A}


def test_without_a_clone_the_way_is_proposed_with_the_clone_to_make(repo: Repo) -> None:
    repo.commit({"xla.bzl": f'XLA_COMMIT = "{X}"\n'})
    (found,) = look(repo).pins
    assert found.spec.file == "third_party/llvm/workspace.bzl"
    assert found.spec.through[0].key == "XLA_COMMIT"
    assert "git clone https://github.com/openxla/xla ../xla" in found.evidence


def test_a_chain_of_files_is_followed_to_its_end(repo: Repo, tmp_path: Path) -> None:
    xla = Repo(tmp_path / "xla").commit({"third_party/llvm/workspace.bzl": f'LLVM_COMMIT = "{A}"\n', "xla/x": ""})
    jax = Repo(tmp_path / "jax").commit({"third_party/xla/revision.bzl": f'XLA_COMMIT = "{xla}"\n'})
    repo.commit({"workspace.bzl": f'JAX_COMMIT = "{jax}"\n'})
    found = look(repo)
    assert [len(one.spec.through) for one in found.pins] == [2]
    assert read(repo, found) == {"jax": A}


def test_a_mirror_that_the_user_names_is_looked_into(repo: Repo, tmp_path: Path) -> None:
    mirror = Repo(tmp_path / "mirrors/imex.git")
    at = mirror.commit({"build_tools/llvm_version.txt": f"{A}\n"})
    repo.commit({"cmake/imex-version.txt": f"{at}\n"})
    (found,) = look(repo, {"mlir-extensions": mirror.path}).pins
    assert A[:12] in found.evidence


def test_a_submodule_of_unknown_name_is_searched_like_a_project(repo: Repo, tmp_path: Path) -> None:
    wallaby = Repo(tmp_path / "w")
    wallaby.commit({**modules(**{"llvm-project": f"{URL}.git"})}, links={"llvm-project": B})
    repo.add_submodule(wallaby, "deps/wallaby")
    repo.commit()
    assert read(repo, look(repo)) == {"wallaby": B}


def test_what_only_a_document_says_of_a_component_is_no_way(repo: Repo) -> None:
    repo.commit(
        {"docs/x.md": f"```\ngit clone https://github.com/openxla/stablehlo\ngit -C stablehlo checkout {X}\n```\n"}
    )
    assert look(repo).pins == ()


def test_llvm_through_a_component_only_is_what_history_and_status_tell(
    repo: Repo, component: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = component.commit({"build_tools/llvm_version.txt": f"{A}\n"})
    second = component.commit({"build_tools/llvm_version.txt": f"{N}\n"})
    repo.add_submodule(component, "third_party/stablehlo")
    for at in (first, second):
        repo.commit(links={"third_party/stablehlo": at})
    monkeypatch.chdir(repo.path)
    assert main(["pins"]) == 0
    assert "which the component third_party/stablehlo is on" in capsys.readouterr().out
    assert main(["pins", "--history"]) == 0
    assert "stablehlo: 2 LLVM commits" in capsys.readouterr().out
    assert main(["status"]) == 0
    assert capsys.readouterr().out.startswith(f"LLVM {N}")


def test_a_table_of_hundreds_of_commits_is_told_and_proposes_no_pins(repo: Repo) -> None:
    table = "".join(f'LLVM_COMMIT_{number} = "{number:040x}"\n' for number in range(200))
    repo.commit({"llvms.bzl": table, "few.bzl": table[: 3 * len(table) // 200]})
    found = look(repo)
    assert {one.spec.file for one in found.pins} == {"few.bzl"}
    assert [str(gap.where) for gap in found.gaps if "names 200 LLVM commits" in gap.message] == ["llvms.bzl:1"]


# --- The build


@pytest.mark.parametrize("directory", ["compiler", "mlir", "a/b", "tools/x", "water"])
def test_cmake_below_the_top_is_the_source(repo: Repo, directory: str) -> None:
    repo.commit(
        {f"{directory}/CMakeLists.txt": CMAKE["CMakeLists.txt"], "third_party/x/CMakeLists.txt": "project(x)\n"}
    )
    assert look(repo).source == directory


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ('option(WOMBAT_SHARED_LIB "x" OFF)\nif(WOMBAT_SHARED_LIB)\nendif()\n', "WOMBAT_SHARED_LIB"),
        ('option(WOMBAT_BUILD_SHARED_LIBS "x" OFF)\n', "WOMBAT_BUILD_SHARED_LIBS"),
        ('option(WOMBAT_ENABLE_SHARED_LIB "x" ON)\n', "WOMBAT_ENABLE_SHARED_LIB"),
        ('option(WOMBAT_BUILD_SHARED "x" ON)\n', "WOMBAT_BUILD_SHARED"),
        ('option(W_SHARED_LIB "x" ON)\nif(BUILD_SHARED_LIBS)\nendif()\n', "BUILD_SHARED_LIBS"),
        ("add_library(x x.cpp)\n", "BUILD_SHARED_LIBS"),
    ],
)
def test_the_projects_own_option_for_linkage(repo: Repo, text: str, option: str) -> None:
    repo.commit({"CMakeLists.txt": f"project(w)\nadd_library(w w.cpp)\n{text}"})
    assert look(repo).linkage == option


@pytest.mark.parametrize(
    ("adds", "option"),
    [
        ("", ""),
        ("add_subdirectory(lib)\n", ""),
        ("add_subdirectory(use-it)\n", "BUILD_SHARED_LIBS"),
        ('add_subdirectory("${CMAKE_SOURCE_DIR}/use-it" EXCLUDE_FROM_ALL)\n', "BUILD_SHARED_LIBS"),
        ("add_subdirectory(${part})\n", "BUILD_SHARED_LIBS"),
    ],
)
def test_libraries_of_a_project_beside_that_nothing_adds_make_no_axis(repo: Repo, adds: str, option: str) -> None:
    repo.commit(
        {
            "CMakeLists.txt": f"project(w)\nadd_library(w MODULE w.cpp)\n{adds}",
            "use-it/CMakeLists.txt": "project(use-it)\nadd_subdirectory(src)\n",
            "use-it/src/CMakeLists.txt": "add_library(u u.cpp)\n",
        }
    )
    assert look(repo).linkage == option


@pytest.mark.parametrize("path", ["conftest.py", "pytest.ini", "tests/conftest.py"])
def test_a_project_with_tests_of_its_own_is_told_to_name_the_file(
    repo: Repo, path: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({**CMAKE, "llvm_version.txt": f"{A}\n", path: "\n"})
    monkeypatch.chdir(repo.path)
    assert main(["init"]) == 0
    assert "pytest --llvm-sha=pinned llvmgate.toml" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("setup.cfg", "[metadata]\nname = w\n[tool:pytest]\naddopts =\n    --wombat=1\n"),
        ("tox.ini", "[tox]\n[pytest]\naddopts=--wombat\n"),
        ("pytest.ini", "[pytest]\ntestpaths = x\nrequired_plugins = wombat\naddopts = --wombat\n"),
        (".pytest.ini", "[pytest]\nrequired_plugins = wombat\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\nmarkers = [\n  "a",\n]\naddopts = "--wombat=1"\n[tool.x]\n'),
        ("pyproject.toml", '[tool.pytest]\naddopts = ["--wombat=1"]\n'),
        ("setup.cfg", "[tool:wombat]\naddopts = --wombat=1\n"),
        ("conftest.py", "import wombat\n"),
        ("tests/conftest.py", "import wombat\n"),
    ],
)
def test_what_the_projects_own_tests_ask_for_does_not_stop_the_printed_command(
    repo: Repo, path: str, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({**CMAKE, "llvm_version.txt": f"{A}\n", path: text})
    monkeypatch.chdir(repo.path)
    assert main(["init"]) == 0
    (command,) = [each for each in capsys.readouterr().out.splitlines() if each.endswith("-k pins")]
    done = subprocess.run([sys.executable, "-m", *command.split()], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "looks", ["find_package(LibClang)", "find_library(CLANG libclang.so)", "find_program(C llvm-config)"]
)
def test_a_project_of_libclang_below_the_top_is_found(
    repo: Repo, looks: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"server/CMakeLists.txt": f"project(wombat)\n{looks}\n", "web/CMakeLists.txt": "project(web)\n"})
    monkeypatch.chdir(repo.path)
    assert main(["init", "--print"]) == 0
    assert 'source = "server"' in capsys.readouterr().out


def test_no_builds_are_said_and_explained(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n"})
    monkeypatch.chdir(repo.path)
    assert main(["init"]) == 0
    out = capsys.readouterr().out
    assert "1 pin, 0 configurations" in out
    assert "nothing is built" in out


# --- Tags


@pytest.fixture
def tags(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    text = f'LLVM_TAG = "llvmorg-22.1.7"\n\ndef source(self):\n    self.run(f"git clone -b {{LLVM_TAG}} {URL}.git")\n'
    repo.commit({"conan/llvm/conanfile.py": text, "conan/tools/conanfile.py": text})
    monkeypatch.chdir(repo.path)
    return repo


def test_two_pins_that_say_the_same_tag_agree(tags: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pins"]) == 0
    assert capsys.readouterr().out.count("agrees") == 2


def test_two_tags_that_differ_do_not(tags: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    file = tags.path / "conan/tools/conanfile.py"
    file.write_text(file.read_text().replace("22.1.7", "22.1.6"))
    tags.git("commit", "-qam", "x")
    assert main(["pins"]) == 1
    assert "expected llvmorg-22.1.7, found llvmorg-22.1.6" in capsys.readouterr().out


def test_a_tag_is_moved_to_a_tag_without_any_clone(tags: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bump", "llvmorg-22.1.8"]) == 0
    for name in ("llvm", "tools"):
        assert 'LLVM_TAG = "llvmorg-22.1.8"' in (tags.path / f"conan/{name}/conanfile.py").read_text()
    capsys.readouterr()


def test_no_sha_is_written_where_git_takes_only_a_tag(tags: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bump", N]) == 1
    assert "only a tag can stand here" in capsys.readouterr().out
    assert tags.git("status", "--porcelain", "--untracked-files=no") == ""


# --- Moving


def test_one_file_with_llvm_and_a_component_is_one_edit(
    repo: Repo, component: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = component.commit({"build_tools/llvm_version.txt": f"{A}\n"})
    second = component.commit({"build_tools/llvm_version.txt": f"{N}\n"})
    repo.commit({"env/CMakeLists.txt": f'set(LLVM_PROJECT_VERSION "{A}")\nset(STABLEHLO_VERSION "{first}")\n'})
    monkeypatch.chdir(repo.path)
    monkeypatch.delenv("CI", raising=False)  # where a pipe may be a service's log, in which no line begins with +++
    assert main(["bump", N, "--dry-run"]) == 0
    patch = capsys.readouterr().out
    assert patch.count("diff --git") == 1
    repo.git("apply", "--check", "-", stdin=patch)
    monkeypatch.setenv("CI", "true")
    assert main(["bump", N, "--dry-run"]) == 0
    in_ci = capsys.readouterr()
    with pytest.raises(AssertionError, match="error: "):
        repo.git("apply", "--check", "-", stdin=in_ci.out)
    assert "git apply does not take it; write it to a file: --dry-run > FILE" in in_ci.err
    assert main(["bump", N]) == 0
    wanted = f'set(LLVM_PROJECT_VERSION "{N}")\nset(STABLEHLO_VERSION "{second}")\n'
    assert (repo.path / "env/CMakeLists.txt").read_text() == wanted
    capsys.readouterr()


@pytest.mark.parametrize("lock", ["MODULE.bazel.lock", "flake.lock", "uv.lock"])
def test_a_generated_lock_is_left_to_its_tool(
    repo: Repo, lock: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f'{{"llvm_url": "{URL}/archive/{A}.tar.gz"}}\n'
    repo.commit({"llvm.bzl": f'LLVM_COMMIT = "{A}"\n', lock: text})
    repo.write({"llvmgate.toml": '[[pin]]\nname = "llvm"\nfile = "llvm.bzl"\n'})
    monkeypatch.chdir(repo.path)
    assert main(["bump", N]) == 0
    assert (repo.path / lock).read_text() == text
    assert "it is generated, run `" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sums", "command"),
    [
        ("sha256-UfqpYHb4c+xdMer9tKeiiRasdoQE2Rbx6sIBnbW+brk=", "openssl dgst -sha256 -binary | base64"),
        ("a" * 64, "sha256sum"),
        ("b" * 128, "sha512sum"),
    ],
)
def test_the_note_on_a_checksum_names_the_files_own_archive_in_its_notation(
    repo: Repo, sums: str, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "https://github.com/zoo/llvm-project/archive/{}.zip"
    text = f'LLVM_COMMIT = "{A}"\nx(\n  integrity = "{sums}",\n  urls = ["{url}".format(LLVM_COMMIT)],\n)\n'
    repo.commit({"WORKSPACE": text})
    monkeypatch.chdir(repo.path)
    assert main(["bump", N]) == 0
    out = capsys.readouterr().out
    assert f"curl -L https://github.com/zoo/llvm-project/archive/{N}.zip | {command}" in out
    assert sums not in (repo.path / "WORKSPACE").read_text()


# --- Titles


@pytest.mark.parametrize(
    ("title", "claims"),
    [
        ("Merge OpenAI Wombat commit `76e2689` (#6057)", False),
        ("Sync internal f7c52af6", False),
        ("Fix what 1a2b3c4 broke", False),
        ("Cherry-pick wallaby 1a2b3c4", False),
        ("Update wallaby to 1a2b3c4", False),
        ("Bump LLVM to 1a2b3c4", True),
        ("Bump to 1a2b3c4", True),
        ("Update submodule to commit 1a2b3c4", True),
    ],
)
def test_a_title_that_speaks_of_another_project_claims_nothing(title: str, claims: bool) -> None:
    assert bool(claimed_commits(title, {"llvm"})) is claims


def test_where_nothing_was_read_nothing_is_said_of_agreement(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", "xla.bzl": f'XLA_COMMIT = "{X}"\n'})
    monkeypatch.chdir(repo.path)
    assert main(["pins", "--history"]) == 0
    out = capsys.readouterr().out
    assert "never disagreed" not in out
    assert "cannot be told" in out


def test_tags_are_shown_whole(repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for version in ("22.1.6", "22.1.7"):
        repo.commit({"build_llvm.sh": f"LLVM_REVISION=llvmorg-{version}\n"})
    monkeypatch.chdir(repo.path)
    assert main(["pins", "--history"]) == 0
    out = capsys.readouterr().out
    assert "llvmorg-22.1.6" in out
    assert "llvmorg-22.1.7" in out


# --- Tags of forks, branches, packages


def test_a_numbered_release_of_a_fork_is_a_pin_and_stays_a_tag(repo: Repo) -> None:
    repo.commit({"deps/llvm.version": "LLVM_VER := 15.0.7\nLLVM_BRANCH=wombat-15.0.7-11\nLLVM_SHA1=wombat-15.0.7-11\n"})
    found = look(repo)
    assert read(repo, found) == {"llvm-project": "wombat-15.0.7-11"}
    config = Config(path=repo.path / "llvmgate.toml", pins=tuple(one.spec for one in found.pins))
    change = prepare_bump(config, N, upstream=Upstream(clones=()))
    assert not change.edits
    assert "only a tag can stand here" in change.remarks[0]


@pytest.mark.parametrize(
    ("made", "ref"),
    [
        ({"build.sh": f"git clone --depth 1 -b release/18.x {URL}\n"}, "release/18.x"),
        ({"build.sh": f"git clone {URL}\ncd llvm-project && git checkout release/18.x\n"}, "release/18.x"),
        ({"l.cmake": f"FetchContent_Declare(l GIT_REPOSITORY {URL}\n GIT_TAG release/19.x)\n"}, "release/19.x"),
        ({"versions.env": "LLVM_BRANCH=release/17.x\n"}, "release/17.x"),
        (
            {"deps.sh": "llvm_repo=https://x/y/llvm-project.git\nllvm_commit=wombat-llvmorg-18.1.6\n"},
            "wombat-llvmorg-18.1.6",
        ),
    ],
)
def test_a_branch_is_no_pin_and_is_told(
    repo: Repo, made: dict[str, str], ref: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({**CMAKE, **made})
    found = look(repo)
    assert found.pins == ()
    assert [gap.message.split("'")[1] for gap in found.gaps] == [ref]
    monkeypatch.chdir(repo.path)
    assert main(["init"]) == 0
    assert f"takes LLVM from '{ref}'" in capsys.readouterr().out


@pytest.mark.parametrize(
    "made",
    [
        {"build.sh": "git clone -b release/3.x https://github.com/zoo/wallaby\n"},
        {"versions.env": "WALLABY_BRANCH=release/17.x\n"},
        {"docs/build.md": f"    git clone -b release/18.x {URL}\n"},
    ],
)
def test_branches_of_others_and_of_pages_are_not_told(repo: Repo, made: dict[str, str]) -> None:
    repo.commit({**CMAKE, **made})
    assert look(repo).gaps == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[tool.pixi.dependencies]\nmlir = "==21.1.1"\nclang = "==21.1.0"\n'),
        ("environment.yml", "dependencies:\n  - llvmdev=21.1.1\n  - python=3.12\n"),
    ],
)
def test_a_package_of_a_release_is_a_pin_that_moves_by_version(
    repo: Repo, path: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({path: text})
    found = look(repo)
    assert read(repo, found) == {"llvm-project": "llvmorg-21.1.1"} or read(repo, found) == {"llvm-project": "21.1.1"}
    monkeypatch.chdir(repo.path)
    assert main(["init"]) == 0
    assert main(["bump", "21.1.2"]) == 0
    assert (repo.path / path).read_text() == text.replace("21.1.1", "21.1.2")


def test_a_package_that_a_recipe_requires_exactly_is_a_pin(repo: Repo) -> None:
    recipe = "requirements:\n  host:\n    - llvmdev 20.1.8 *_1\n    - zlib 1.3.1\n    - clangdev 20.1.7\n"
    repo.commit({"recipe/meta.yaml": recipe})
    assert list(read(repo, look(repo)).values()) == ["llvmorg-20.1.8"]


def test_a_release_in_ci_is_a_pin_where_ci_alone_says_the_projects(repo: Repo) -> None:
    nightly = {".github/workflows/nightly.yml": f"env:\n  LLVM_COMMIT: {X}\n"}
    release = {".github/workflows/release.yml": "env:\n  LLVM_VERSION: 21.1.1\n"}
    repo.commit({**CMAKE, **nightly, **release})
    found = look(repo)
    assert set(files(found)) == {*nightly, *release}
    assert found.gaps == ()


def test_a_release_in_ci_is_a_tools_where_a_file_of_the_build_says_the_projects(repo: Repo) -> None:
    release = {".github/workflows/release.yml": "env:\n  LLVM_VERSION: 21.1.1\n"}
    repo.commit({**CMAKE, "cmake/llvm.cmake": f"set(LLVM_COMMIT {X})\n", **release})
    found = look(repo)
    assert files(found) == ["cmake/llvm.cmake"]
    assert "a tool's, as it seems" in found.gaps[0].message


BRANCHES = "if [ $1 = old ]; then\n  LLVM_COMMIT=%s\nelse\n  LLVM_COMMIT=%s\nfi\n"


@pytest.mark.parametrize("commits", [(N, X), (X, N)])
def test_of_several_commits_under_one_name_the_one_that_was_written_last_leads(
    repo: Repo, commits: tuple[str, str]
) -> None:
    repo.commit({"get-llvm.sh": BRANCHES % (A, B)}, date="2024-01-01T00:00:00 +0000")
    repo.commit({"get-llvm.sh": BRANCHES % (A, commits[1])}, date="2024-02-01T00:00:00 +0000")
    assert read(repo, look(repo))["llvm-project"] == commits[1]
    repo.commit({"get-llvm.sh": BRANCHES % commits}, date="2024-03-01T00:00:00 +0000")
    assert read(repo, look(repo))["llvm-project"] == commits[0]


# --- Recipes, templates, checksums


RECIPE = """package: Clang
version: "v{0}"
tag: "llvmorg-{0}-wombat2"
source: https://github.com/{1}
---
#!/bin/bash -e
cmake "$SOURCEDIR/llvm"
"""


def test_a_forks_tag_in_the_header_of_a_recipe_is_a_pin_and_moves(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = RECIPE.format("18.1.8", "zoo/llvm-project-reduced")
    repo.commit({"clang.sh": recipe, "wallaby.sh": RECIPE.format("18.1.8", "zoo/wallaby")})
    found = look(repo)
    assert read(repo, found) == {"llvm-project": "llvmorg-18.1.8-wombat2"}
    monkeypatch.chdir(repo.path)
    assert main(["init"]) == 0
    assert main(["bump", "llvmorg-20.1.7-wombat2"]) == 0
    assert 'tag: "llvmorg-20.1.7-wombat2"' in (repo.path / "clang.sh").read_text()


def test_the_version_beside_the_tag_in_the_header_of_a_recipe_follows(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = RECIPE.replace("-wombat2", "")
    repo.commit({"clang.sh": recipe.format("18.1.8", "llvm/llvm-project")})
    monkeypatch.chdir(repo.path)
    assert main(["init"]) == 0
    assert main(["bump", "llvmorg-20.1.7"]) == 0
    assert (repo.path / "clang.sh").read_text() == recipe.format("20.1.7", "llvm/llvm-project")


@pytest.mark.parametrize(("old", "new"), [("-wombat2", ""), ("", "-wombat2")])
def test_a_forks_tag_and_llvms_own_do_not_replace_each_other(
    repo: Repo, old: str, new: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = f"LLVM_TAG=llvmorg-18.1.8{old}\n"
    repo.commit({"get.sh": recipe + "git clone -b $LLVM_TAG https://github.com/zoo/llvm-project\n"})
    monkeypatch.chdir(repo.path)
    assert main(["init"]) == 0
    main(["bump", f"llvmorg-20.1.7{new}"])
    assert recipe in (repo.path / "get.sh").read_text()
    assert f"llvmorg-18.1.8{old} was left" in capsys.readouterr().out


def test_a_template_of_a_script_is_read_as_one(repo: Repo) -> None:
    repo.commit({**CMAKE, "config.sh.template": ": ${WALLABY:=true}\n: ${LLVM_SRC_VERSION:=20.1.8}\n"})
    assert read(repo, look(repo)) == {"llvm-project": "llvmorg-20.1.8"}


def test_many_files_of_checksums_hide_no_pin(repo: Repo) -> None:
    sums = {
        f"package/p{one}/p{one}.hash": f"sha256  {'ab' * 32}  p.tar.gz\nmd5  {'cd' * 16}  p\n" for one in range(210)
    }
    named = {
        "llvm-hash.txt": f"{X}\n",
        "a/llvm_version": f"  {X}  # since then\n",
        "b/commits.txt": f"{X} llvm-project\n",
    }
    repo.commit({**sums, **named})
    found = look(repo)
    assert set(files(found)) == set(named)
    assert found.looked < 20


@pytest.mark.parametrize("text", ['[project]\nmlir = "21.1.1"\n', '[x.dependencies]\nmlir = ">=21.1.1"\n'])
def test_a_bound_or_another_key_is_no_package(repo: Repo, text: str) -> None:
    repo.commit({**CMAKE, "pyproject.toml": text})
    assert look(repo).pins == ()


def test_an_image_and_a_script_that_build_other_releases_are_both_listed(repo: Repo) -> None:
    wget = "wget https://github.com/llvm/llvm-project/releases/download/llvmorg-{0}/llvm-project-{0}.src.tar.xz\n"
    repo.commit({**CMAKE, "py/Dockerfile": "FROM x\nRUN " + wget.format("20.1.0"), "py/mac.sh": wget.format("20.1.2")})
    found = look(repo)
    assert [(one.spec.file, one.spec.group) for one in found.pins] == [
        ("py/mac.sh", ""),
        ("py/Dockerfile", "py"),
    ]


def test_an_editors_container_does_not_lead_ci(repo: Repo) -> None:
    environment = '{"build": {"args": {"LLVM_BRANCH": "llvmorg-19.1.5"}}}\n'
    workflow = "env:\n  LLVM_BRANCH: llvmorg-19.1.5\n"
    repo.commit({**CMAKE, ".devcontainer/devcontainer.json": environment, ".github/workflows/b.yml": workflow})
    assert files(look(repo))[0] == ".github/workflows/b.yml"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ci/set_up.sh", f"add_it \\\n  triton \\\n  https://github.com/triton-lang/triton.git \\\n  {X}\n"),
        ("Makefile", f"OPENXLA_GIT_REV ?= {X}\n"),
    ],
)
def test_a_set_up_script_and_a_makefile_lead_through_a_component(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    (found,) = look(repo).pins
    (hop,) = found.spec.through
    config = Config(path=repo.path / "llvmgate.toml", pins=(found.spec,))
    (reading,) = read_pins(config)
    assert hop.file == path
    assert reading.problem is not None
    assert X[:12] in reading.problem.message


def test_init_says_where_it_looked_in_vain(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"MODULE.bazel": f'git_override(module_name = "wallaby", commit = "{X}")\n', "x.py": "\n"})
    monkeypatch.chdir(repo.path)
    assert main(["init"]) == 4
    err = capsys.readouterr().err
    assert "no commit or tag of LLVM's in 1 file" in err
    assert "--clone NAME=DIR" in err


# --- Only a part of another project, an older release of this one


XLA_PART = """git_repository(
    name = "xla",
    remote = "https://github.com/openxla/xla.git",
    commit = "%s",
    sparse_checkout_patterns = ["xla/pjrt/**"],
)
"""
XLA_SOURCES = """FetchPackage(
  NAME XLA
  GIT_REPOSITORY https://github.com/openxla/xla.git
  GIT_TAG %s
  DOWNLOAD_ONLY TRUE%s
)
"""


@pytest.mark.parametrize(
    "made",
    [
        {"third_party/xla/repo.bzl": XLA_PART % X},
        {"cmake/deps.cmake": XLA_SOURCES % (X, "")},
        {"xla.nix": f'fetchFromGitHub {{ owner = "openxla"; repo = "xla"; rev = "{X}"; sparseCheckout = ["xla"]; }}'},
    ],
)
def test_no_llvm_comes_with_a_part_of_a_component(repo: Repo, made: dict[str, str]) -> None:
    repo.commit(made)
    found = look(repo)
    assert found.pins == ()
    assert ["only a part is taken" in gap.message for gap in found.gaps] == [True]


def test_llvm_comes_with_a_component_that_is_downloaded_and_built_by_hand(repo: Repo) -> None:
    hook = "\n  POST_ADD_HOOK [[ add_subdirectory(third_party/xla) ]]"
    repo.commit({"cmake/deps.cmake": XLA_SOURCES % (X, hook)})
    assert [pin.spec.name for pin in look(repo).pins] == ["xla"]


def test_an_image_of_an_older_release_is_told_and_is_no_pin(repo: Repo) -> None:
    image = f"RUN wget {URL}/releases/download/llvmorg-%s/llvm.tar.xz\n"
    repo.commit({"cmake/llvm.cmake": f"set(LLVM_COMMIT {A})\n", "docker/v1.12.0/c7/Dockerfile": image % "8.0.1"})
    found = look(repo)
    assert files(found) == ["cmake/llvm.cmake"]
    assert [gap.where for gap in found.gaps] == ["docker/v1.12.0/c7/Dockerfile:1"]


def test_the_builds_own_file_leads_a_helper_in_python(repo: Repo) -> None:
    script = f'LLVM_COMMIT = "{A}"\n'
    repo.commit({"tool/get.py": script, "superbuild/CMakeLists.txt": f"set(LLVM_COMMIT {A})\n"})
    assert files(look(repo)) == ["superbuild/CMakeLists.txt", "tool/get.py"]


@pytest.mark.parametrize(("day", "file"), [("2024-10-12", "llvm-hash.txt"), ("2026-08-01", "llvm-info.json")])
def test_the_layout_that_a_component_had_on_the_day_is_proposed(repo: Repo, day: str, file: str) -> None:
    made = modules(triton="https://github.com/triton-lang/triton.git")
    repo.commit(made, links={"triton": X}, date=f"{day}T12:00:00+00:00")
    (pin,) = look(repo).pins
    assert pin.spec.file == f"cmake/{file}"


# --- Sentences


@pytest.mark.parametrize(
    "page",
    [
        f"This project was tested with `llvm-project` commit:\n`{A}`.\n",
        f"Your LLVM version should be\n```\n{A}\n```\nwhich you fetch from {URL}\n",
        f"Build MLIR (llvm-project commit `{A}`) first.\n",
        f"Check out commit {A} of llvm-project.\n",
        f"| LLVM | commit | {A} |\n",
    ],
)
def test_the_sentence_that_asks_for_a_commit_is_a_pin(repo: Repo, page: str) -> None:
    repo.commit({"README.md": page})
    found = look(repo)
    assert files(found) == ["README.md"]
    assert read(repo, found) == {"llvm-project": A}


@pytest.mark.parametrize(
    "page",
    [
        f"The crash was introduced by LLVM commit {A}.\n",
        f"Build Torch-MLIR at commit {A}.\n",
        f"LLVM version 18.\n\nThe wombat commit is {A}.\n",
        f"See {URL}/commit/{A} for the LLVM version.\n",
        f"LLVM commit {A} or, for tests, LLVM commit {B}.\n",
        f"LLVM is a compiler. {A}\n",
    ],
)
def test_a_sentence_about_anything_else_is_none(repo: Repo, page: str) -> None:
    repo.commit({"README.md": page})
    assert look(repo).pins == ()


# --- Programs, wheels, lists, bare names


BUILD_RS = """fn get_llvm_version() -> String {
    if cfg!(feature = "llvm19") {
        "19.1.0".into()
    }
}
fn get_llvm_tag() -> String {
    // "llvmorg-1.2.3" was before
    if cfg!(feature = "llvm19") {
        "llvmorg-19.1.0".to_owned()
    } else if cfg!(feature = "llvm20") {
        "llvmorg-20.1.0".to_owned()
    }
}
"""


def test_the_tags_of_a_build_script_are_groups_and_the_newest_leads(repo: Repo) -> None:
    repo.commit({"build.rs": BUILD_RS})
    found = look(repo)
    assert [pin.spec.group for pin in found.pins] == ["", "19.1.0"]
    assert set(read(repo, found).values()) == {"llvmorg-20.1.0", "llvmorg-19.1.0"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("build.rs", f'const LLVM_COMMIT: &str = "{A}";\n'),
        ("get.go", f'package x // llvm-project\nvar llvmCommit = "{A}"\n'),
        ("deps.zig", f'.llvm = .{{ .url = "{URL}/archive/{A}.tar.gz" }},\n'),
        ("build-llvm.py", f"# of llvm-project\nGOOD_REVISION = '{A}'\n"),
        (".github/workflows/ci.yml", f"      matrix:\n        llvm-commit: [{A}] # 13.0.1\n"),
        ("README.md", f"```\ngit clone {URL}\ncd llvm-project\ngit checkout tags/llvmorg-18-init\n```\n"),
        (".env", f'LLVM_URL="https://zoo.example/download/llvm-{A}/llvm-{A}-20260323-release.tar.gz"\n'),
        ("pyproject.toml", 'dependencies = [\n  "mlir-python-bindings==20260820+002905df0",\n]\n'),
        ("requirements.txt", "mlir-python-bindings==20260820+002905df0\n"),
        ("README.md", f'```\nmake USE_MLIR=1 \\\n    LLVM_GIT_VER="{A}" # of llvm-project\n```\n'),
        ("build.sh", f"cmake .. -DLLVM_COMMIT:STRING={A} # llvm-project\n"),
    ],
)
def test_more_places_in_which_a_pin_is_found(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    found = look(repo)
    assert files(found) == [path]
    assert list(read(repo, found).values()) in ([A], ["llvmorg-18-init"], ["002905df0"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("build-rust.py", f"# beside llvm-project\nGOOD_REVISION = '{A}'\n"),
        ("src/a.rs", f'// see {URL}/blob/{A}/llvm/a.cpp, llvmorg-17.0.1\nlet id = "{A}";\n'),
        ("deps.bzl", f'urls = ["https://github.com/zoo/libs/releases/download/v2/device-libs-llvm-{A}.tgz"]\n'),
        ("src/b.rs", f'let link = "{URL}/blob/{A}/llvm/a.cpp";\n'),
        (".github/workflows/ci.yml", f"        julia-commit: [{A}] # for llvm\n"),
        ("requirements.txt", "# mlir-python-bindings==20260820+002905df0\nnumpy==1.2+00290500\n"),
    ],
)
def test_what_only_looks_like_those_is_none(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    assert look(repo).pins == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "mlir-python-bindings==20260820+002905df0\n"),
        (".env", f'LLVM_URL="https://zoo.example/download/llvm-{A}-20260323.tar.gz"\n'),
    ],
)
def test_what_is_made_elsewhere_for_a_commit_is_not_rewritten(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="llvm-project", file=path),))
    bump = prepare_bump(config, N, upstream=Upstream(clones=()))
    assert bump.is_empty
    assert any("was left: it is in the" in remark for remark in bump.remarks)


def test_a_release_in_an_image_is_a_tool_where_llvm_comes_through_a_component(repo: Repo) -> None:
    image = f"RUN wget {URL}/releases/download/llvmorg-18.1.8/clang+llvm-18.1.8-x86_64.tar.xz\n"
    repo.commit({"third_party/xla/revision.bzl": f'XLA_COMMIT = "{X}"\n', "docker/Dockerfile": image})
    found = look(repo)
    assert [pin.spec.name for pin in found.pins] == ["xla"]
    assert ["a tool's, as it seems" in gap.message for gap in found.gaps] == [True]


def test_a_commit_in_ci_beside_a_release_is_another_llvm(repo: Repo) -> None:
    ci = f"      - run: |\n          wget {URL}/archive/{A}.zip\n"
    repo.commit({"build/llvm.py": 'LLVM_TAG = "llvmorg-18.1.8"\n', ".github/workflows/lldb.yml": ci})
    assert [(pin.spec.file, pin.spec.group) for pin in look(repo).pins] == [
        ("build/llvm.py", ""),
        (".github/workflows/lldb.yml", "lldb"),
    ]


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        (
            "bootstrap.d/sys.yml",
            "  - name: llvm\n    git: '" + URL + "'\n    tag: 'llvmorg-21.1.0'\n    version: '21.1.0'\n",
            2,
        ),
        ("deps.sh", "LLVM_VERSION=14.0.6\nfetch() {\n  V=${LLVM_VERSION}\n  get $H/llvm/$V/llvm-$V.src.tar.xz\n}\n", 1),
        (
            "setup.py",
            f'LLVM_VERSION = "10.0.1"\n\ndef get(version):\n    return f"{URL}/archive/llvmorg-{{version}}.zip"\n',
            1,
        ),
        ("CMakeLists.txt", f'project(x)\nset(LLVM_DESIRED_HASH "{A}")\n', 1),
    ],
)
def test_a_version_is_a_pin_where_it_is_put_behind_the_tag(repo: Repo, path: str, text: str, lines: int) -> None:
    repo.commit({path: text})
    config = Config(path=repo.path / "llvmgate.toml", pins=tuple(one.spec for one in look(repo).pins))
    new = N if A in text else "llvmorg-22.1.8"
    (edit,) = prepare_bump(config, new, upstream=Upstream(clones=()), tag="" if A in text else new).edits
    before, after = text.splitlines(), edit.after.splitlines()
    assert len([1 for old, said in zip(before, after, strict=True) if old != said]) == lines
    assert edit.after.count(new.removeprefix("llvmorg-")) == lines


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("deps.sh", "LLVM_VERSION=14.0.6\napt-get install llvm-14 clang-14\n"),
        ("deps.sh", "VERS=3.2.1\nget gmp-$VERS.tar.xz\nLLVM_VERSION=14.0.6\n"),
        ("docs/dev.md", f"```\nclang version 14.0.5 ({URL}.git {A})\n```\n"),
        ("ci/check.sh", f"expect_llvm_commit={A}\n"),
    ],
)
def test_a_version_of_what_is_installed_is_none(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    assert look(repo).pins == ()


def test_a_bare_commit_in_a_file_named_for_a_component_is_the_components(repo: Repo) -> None:
    repo.commit({"utils/mlir-air-hash.txt": "Commit: d0e522b\nTimestamp: 2026081604\n"})
    (pin,) = look(repo).pins
    assert (pin.spec.name, pin.spec.through[0].key) == ("mlir-air", "Commit")


def test_the_layout_that_the_downstream_speaks_of_is_proposed(repo: Repo) -> None:
    repo.commit(
        {"ci/build.sh": "head -c 8 triton/cmake/llvm-hash.txt\n", **modules(**{"3p/triton-windows": "https://x/y/z"})},
        links={"3p/triton-windows": A},
    )
    (pin,) = look(repo).pins
    assert (pin.spec.component, pin.spec.file) == ("3p/triton-windows", "cmake/llvm-hash.txt")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/path.rs", 'const SOURCE: &str = "./wombat-llvm/llvm/";\n'),
        ("build.zig", 'const source = "wombat-llvm/llvm/CMakeLists.txt";\n'),
        ("tools/build.go", 'const source = "wombat-llvm/clang/lib"\n'),
        ("justfile", "build:\n    cmake -S wombat-llvm/llvm/ -B b\n"),
        ("scripts/build.ps1", 'cmake -S "wombat-llvm/mlir/" -B b\n'),
    ],
)
def test_a_program_that_builds_parts_of_a_submodule_as_llvms_shows_what_it_is(repo: Repo, path: str, line: str) -> None:
    repo.commit({path: line, **modules(**{"wombat-llvm": "https://x.org/zoo/wombat-llvm"})}, links={"wombat-llvm": A})
    assert [pin.spec.reader for pin in look(repo).pins] == ["gitlink"]


@pytest.mark.parametrize(
    ("path", "line", "says"),
    [
        ("x.nuspec", '<repository url="https://github.com/llvm/llvm-project" branch="{}" />', "llvmorg-21.1.8"),
        ("a/x.nuspec", '<repository branch="{}" url="https://github.com/llvm/llvm-project.git"/>', "llvmorg-21.1.8"),
        ("x.props", '<Llvm repository="https://github.com/llvm/llvm-project" commit="{}"/>', B),
        ("x.csproj", '<Exec url="https://github.com/llvm/llvm-project" tag="{}"/>', "llvmorg-21.1.8"),
    ],
)
def test_projects_and_packages_of_net_are_read_as_the_xml_that_they_are(
    repo: Repo, path: str, line: str, says: str
) -> None:
    repo.commit({path: f"<Project>\n{line.format(says)}\n</Project>\n"})
    (pin,) = look(repo).pins
    assert (pin.spec.file, pin.spec.reader, says[:12] in pin.evidence) == (path, "", True)


@pytest.mark.parametrize("licence", [True, False])
def test_a_submodule_that_is_built_as_llvm_is_llvm_and_one_that_may_be_is_told(repo: Repo, licence: bool) -> None:
    build = "configure_file(${CMAKE_SOURCE_DIR}/wombat-llvm/LICENSE.TXT x)\n" if licence else ""
    repo.commit(
        {"CMakeLists.txt": f"project(x)\n{build}", **modules(**{"wombat-llvm": "https://x.org/zoo/wombat-llvm"})},
        links={"wombat-llvm": A},
    )
    found = look(repo)
    assert [pin.spec.reader for pin in found.pins] == (["gitlink"] if licence else [])
    assert ["may be a fork of LLVM" in gap.message for gap in found.gaps] == ([] if licence else [True])


def test_prose_on_a_submodules_licence_does_not_make_it_llvm(repo: Repo) -> None:
    repo.commit(
        {"NOTICE.md": "See wombat-llvm/LICENSE.TXT.\n", **modules(**{"wombat-llvm": "https://x.org/zoo/wombat-llvm"})},
        links={"wombat-llvm": A},
    )
    assert look(repo).pins == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/utils.rs", 'pub const LLVM_HOST_SOURCE_TAG: &str = "llvmorg-17.0.6";\n'),
        ("ci/llvm-version.env", f'LLVM_MODERN_COMMIT="{A}"\n'),
        ("MODULE.bazel", f'LLVM_VERSION = "git_revision:{A}"\n'),
    ],
)
def test_more_names_and_values_of_llvms_commit(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    found = look(repo)
    assert files(found) == [path]
    assert list(read(repo, found).values()) in ([A], ["llvmorg-17.0.6"])


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({"get.sh": f"MAJOR=21\nVER=${{MAJOR}}.1.0\nwget {URL}/archive/refs/tags/llvmorg-$VER.tar.gz\n"}, "get.sh:2"),
        ({"get.sh": f"MAJOR=21\nwget {URL}/archive/refs/tags/llvmorg-${{MAJOR}}.1.0.tar.gz\n"}, "get.sh:1"),
        ({"Makefile": f"M = 21\nV = $(M).1.0\nx:\n\twget {URL}/archive/refs/tags/llvmorg-$(V).zip\n"}, "Makefile:2"),
        ({"get.py": f'M = 21\nV = f"{{M}}.1.0"\nU = f"{URL}/archive/refs/tags/llvmorg-{{V}}.zip"\n'}, "get.py:2"),
        ({"Dockerfile": f"ARG M=21\nARG V=$M.1.0\nRUN wget {URL}/archive/refs/tags/llvmorg-$V.zip\n"}, "Dockerfile:2"),
    ],
)
def test_a_release_put_together_of_pieces_is_undecided(repo: Repo, made: dict[str, str], told: str) -> None:
    repo.commit({**CMAKE, **made})
    found = discover(Repository.open(repo.path))
    assert not found.pins
    assert [gap.where for gap in found.gaps if "in one piece" in gap.message] == [told]


def test_variables_of_one_name_in_several_functions_are_no_release_put_together(repo: Repo) -> None:
    functions = 'def a():\n    version = "14"\n\ndef b():\n    version = "16.04"\n\n'
    code = f'{functions}U = "{URL}/releases/download/llvmorg-{{version}}/"\n'
    repo.commit({**CMAKE, "toolchain/dist.bzl": code})
    assert not look(repo).gaps


# --- The number of a release under LLVM's name


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile", "FROM x\nENV llvm_version=21.1.0\nENV LLVM_DIR=/opt/llvm-$llvm_version.obj\n"),
        ("buildall.sh", "export NINJA_VERSION=1.13.2\nLLVM_VERSION=21.1.0 $DIR/source/llvm/build.sh\n"),
        ("versions.env", "GTEST_VERSION=1.14.0\nLLVM_VERSION=21.1.0\n"),
        ("deps/versions.yml", "llvm:\n  LLVM_VERSION: 21.1.0\n"),
        ("deps.mk", "LLVM_VER := 21.1.0\n"),
    ],
)
def test_a_release_under_llvms_name_is_a_pin_and_moves_to_a_release(repo: Repo, path: str, text: str) -> None:
    repo.commit({**CMAKE, path: text})
    found = look(repo)
    assert read(repo, found) == {"llvm-project": "llvmorg-21.1.0"}
    config = Config(path=repo.path / "llvmgate.toml", pins=tuple(one.spec for one in found.pins))
    moved = prepare_bump(config, "llvmorg-22.1.8", upstream=Upstream(clones=()), tag="llvmorg-22.1.8")
    assert [edit.after for edit in moved.edits] == [text.replace("21.1.0", "22.1.8")]
    assert not prepare_bump(config, A, upstream=Upstream(clones=())).edits


@pytest.mark.parametrize(
    "text",
    [
        "export MIN_LLVM_VERSION=21.1.0\n",
        "export LLVM_VERSION=0.3.1\n",
        "export LLVM_VERSION=21.0.0\n",
        "export LLVM_REQUIRED_VERSION=21.1.0\n",
        "export LLVM_SPIRV_VERSION=21.1.0\n",
        "LLVM_VERSION=21.1.0\nmake\n",
    ],
)
def test_a_bound_another_tool_what_llvm_never_released_and_what_nobody_uses_are_no_pins(repo: Repo, text: str) -> None:
    repo.commit({**CMAKE, "build.sh": text})
    assert not look(repo).pins


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".github/workflows/ci.yml", "env:\n  LLVM_VERSION: 21.1.0\n"),
        ("appveyor.yml", "environment:\n  matrix:\n    - LLVM_VERSION: 21.1.0\n"),
        (".travis.yml", "env:\n  LLVM_VERSION: 21.1.0\n"),
        ("cmake/check.cmake", "set(LLVM_VERSION 21.1.0)\n"),
        (".devcontainer/Dockerfile", "ARG LLVM_VERSION=21.1.0\n"),
    ],
)
def test_a_release_that_ci_or_cmake_names_may_be_a_tools_and_is_undecided(repo: Repo, path: str, text: str) -> None:
    repo.commit({**CMAKE, path: text})
    found = look(repo)
    assert not found.pins
    assert [gap.message for gap in found.gaps] == [
        "names llvmorg-21.1.0: a tool's, as it seems, since nothing there says what becomes of it"
    ]


def test_a_release_beside_a_commit_of_the_same_file_is_not_asked(repo: Repo) -> None:
    repo.commit({**CMAKE, "llvm.env": f"LLVM_VERSION=21.1.0\nLLVM_COMMIT={A}\n"})
    assert read(repo, look(repo)) == {"llvm-project": A}


def test_a_release_that_another_than_llvm_packs_is_llvms(repo: Repo) -> None:
    url = "https://github.com/zoo/llvm-windows/releases/download/llvmorg-22.1.8/LLVM-22.1.8-win64.zip"
    repo.commit({**CMAKE, "fetch.sh": f"curl -LO {url}\n"})
    assert read(repo, look(repo)) == {"llvm-project": "llvmorg-22.1.8"}


def test_all_sources_of_a_release_move_with_its_tag(repo: Repo) -> None:
    names = ("llvm", "cmake", "third-party", "libunwind", "compiler-rt")
    text = "".join(f"wget {URL}/releases/download/llvmorg-19.1.5/{name}-19.1.5.src.tar.xz\n" for name in names)
    repo.commit({**CMAKE, "fetch.sh": text})
    config = Config(path=repo.path / "llvmgate.toml", pins=tuple(one.spec for one in look(repo).pins))
    moved = prepare_bump(config, "llvmorg-22.1.8", upstream=Upstream(clones=()), tag="llvmorg-22.1.8")
    assert [edit.after for edit in moved.edits] == [text.replace("19.1.5", "22.1.8")]


# --- Copies of the commit that leads


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("CMakeLists.txt", f'project(w CXX)\nset(CLANG_KNOWN_GIT_COMMIT_HASH "{A}")\n'),
        ("ci/cache.yml", f"env:\n  TOOLCHAIN_KEY: {A}\n"),
        ("get.sh", f"compiler_rev={A}\n"),
        ("deps.toml", f'[clang]\nrev = "{A}"\n'),
        ("compiler-hash.txt", f"{A}\n"),
    ],
)
def test_what_names_the_very_commit_of_the_project_is_a_copy_whatever_its_name(
    repo: Repo, path: str, text: str
) -> None:
    repo.commit({**CMAKE, **modules(llvm=f"{URL}.git"), path: text}, links={"llvm": A})
    found = look(repo)
    assert files(found) == ["llvm", path]
    assert list(read(repo, found).values()) == [A, A]


def test_under_such_a_name_another_commit_is_no_copy(repo: Repo) -> None:
    repo.commit({**CMAKE, **modules(llvm=f"{URL}.git"), "get.sh": f"compiler_rev={B}\n"}, links={"llvm": A})
    assert files(look(repo)) == ["llvm"]


@pytest.mark.parametrize("short", [A[:7], A[:12], A[:10].upper()])
def test_an_abbreviation_beside_the_commit_in_full_says_the_same(repo: Repo, short: str) -> None:
    repo.commit({**CMAKE, "get.sh": f"LLVM_BUILD={short}\nLLVM_COMMIT={A}\n"})
    assert read(repo, look(repo)) == {"llvm-project": A}


def test_an_abbreviation_of_another_commit_differs(repo: Repo) -> None:
    repo.commit({**CMAKE, "get.sh": f"LLVM_BUILD={B[:7]}\nLLVM_COMMIT={A}\n"})
    assert sorted(read(repo, look(repo)).values()) != [A]


@pytest.mark.parametrize("path", ["packages/llvm.21/opam", "PKGBUILD", "w/APKBUILD", "dev-lang/w-9999.ebuild"])
def test_a_recipe_of_a_distribution_is_looked_at(repo: Repo, path: str) -> None:
    text = f'src: "{URL}/archive/{A}.tar.gz"\n' if path.endswith("opam") else f'source="{URL}/archive/{A}.tar.gz"\n'
    repo.commit({**CMAKE, path: text})
    assert files(look(repo)) == [path]


def test_a_recipe_of_a_distribution_repeats_what_the_projects_script_fetches(repo: Repo) -> None:
    archive = f"{URL}/archive/{A}.tar.gz"
    repo.commit({**CMAKE, "packages/llvm.21/opam": f'src: "{archive}"\n', "clang/prepare.sh": f"curl -L {archive}\n"})
    assert files(look(repo)) == ["clang/prepare.sh", "packages/llvm.21/opam"]


# --- Scripts without a suffix, forks' releases, parameters, numbered directories


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("bin/build-clang", f'#!/usr/bin/env bash\nllvm_commit="{A}"\ngit clone {URL} llvm\n'),
        ("bin/get.d/fetch", f"#!/bin/sh\ngit clone {URL}\ngit -C llvm-project checkout {A}\n"),
        ("tools/pin", f'#!/usr/bin/env python3\nLLVM_COMMIT = "{A}"\n'),
    ],
)
def test_a_script_without_a_suffix_is_read_by_its_first_line(repo: Repo, path: str, text: str) -> None:
    repo.commit({**CMAKE, path: text})
    found = look(repo)
    assert read(repo, found) == {"llvm-project": A}
    config = Config(path=repo.path / "llvmgate.toml", pins=tuple(one.spec for one in found.pins))
    (edit,) = prepare_bump(config, B, upstream=Upstream(clones=())).edits
    assert edit.after == text.replace(A, B)


@pytest.mark.parametrize("text", [f'llvm_commit="{A}"\n', f"#!/usr/bin/perl\n# {URL}\n$llvm_commit = '{A}';\n"])
def test_what_has_no_suffix_and_no_shell_is_left(repo: Repo, text: str) -> None:
    repo.commit({**CMAKE, "bin/build-clang": text})
    assert not look(repo).pins


def test_the_release_of_a_fork_is_compared_and_never_rewritten(repo: Repo) -> None:
    fetch = (
        "curl -L https://github.com/zoo/llvm-project/releases/download/wombat-20.1.7/llvm-wombat-20.1.7-linux.tar.bz2"
    )
    workflow = f"jobs:\n  a:\n    steps:\n      - run: |\n          {fetch} | tar jxf -\n"
    repo.commit({**CMAKE, "docker/Dockerfile": f"RUN {fetch} | tar jxf -\n", ".github/workflows/a.yml": workflow})
    found = look(repo)
    assert set(read(repo, found).values()) == {"wombat-20.1.7"}
    config = Config(path=repo.path / "llvmgate.toml", pins=tuple(one.spec for one in found.pins))
    bump = prepare_bump(config, B, upstream=Upstream(clones=()))
    assert not bump.edits
    assert len([remark for remark in bump.remarks if "release of a fork" in remark]) == 2


def test_a_tools_release_is_no_release_of_a_fork(repo: Repo) -> None:
    fetch = "curl -L https://github.com/zoo/wombat/releases/download/llvm-sdk-22.1.8-a.1/x.tar.xz\n"
    repo.commit({**CMAKE, "get.sh": fetch})
    assert not look(repo).pins


def test_the_default_of_a_parameter_is_its_value(repo: Repo) -> None:
    workflow = (
        "on:\n  workflow_dispatch:\n    inputs:\n      llvm_version:\n        default: '20.1.6'\n"
        "env:\n  llvm_version: ${{ inputs.llvm_version }}\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n"
        "        with:\n          repository: llvm/llvm-project\n          ref: llvmorg-${{ env.llvm_version }}\n"
    )
    repo.commit({**CMAKE, ".github/workflows/a.yml": workflow})
    assert read(repo, look(repo)) == {"llvm-project": "llvmorg-20.1.6"}


def test_numbered_directories_are_llvms_beside_each_other(repo: Repo) -> None:
    port = 'set(LLVM_VERSION "{}")\nvcpkg_from_github(REPO llvm/llvm-project REF llvmorg-${{LLVM_VERSION}} SHA512 0)\n'
    repo.commit({f"ports/llvm-{one.split('.')[0]}/portfile.cmake": port.format(one) for one in ("11.0.1", "12.0.0")})
    assert [(one.spec.file, one.spec.group) for one in look(repo).pins] == [
        ("ports/llvm-12/portfile.cmake", ""),
        ("ports/llvm-11/portfile.cmake", "llvm-11"),
    ]


@pytest.mark.parametrize("sums_first", [False, True])
def test_commits_of_one_name_in_several_functions_move_apart_each_with_its_checksum(
    repo: Repo, *, sums_first: bool
) -> None:
    def function(name: str, commit: str, digit: str) -> str:
        archive = f'f(sha256 = LLVM_SHA256, url = "{URL}/archive/{{commit}}.tar.gz".format(commit = LLVM_COMMIT))'
        lines = [f'    LLVM_COMMIT = "{commit}"\n', f'    LLVM_SHA256 = "{digit * 64}"\n']
        body = "".join(reversed(lines) if sums_first else lines)
        return f'def {name}():\n    """{name}."""\n\n{body}    {archive}\n'

    text = function("old", A, "1") + function("new", B, "2")
    repo.commit({"third_party/llvm/workspace.bzl": text})
    found = look(repo)
    assert sorted(read(repo, found).values()) == [A, B]
    config = Config(path=repo.path / "llvmgate.toml", pins=tuple(one.spec for one in found.pins))
    (edit,) = prepare_bump(config, C, upstream=Upstream(clones=())).edits
    assert edit.after == text.replace(A, C).replace("1" * 64, "0" * 64)


def test_a_list_of_components_in_python_leads_through_them(repo: Repo) -> None:
    text = f'PINNED = {{\n  "iree": "{X}",\n}}\nORIGINS = {{"iree": "https://github.com/openxla/iree.git"}}\n'
    repo.commit({**CMAKE, "sync_deps.py": text})
    (pin,) = look(repo).pins
    assert [(hop.file, hop.key) for hop in pin.spec.through] == [("sync_deps.py", "iree")]


@pytest.mark.parametrize("version", ["7.1.0", "11.1.0", "3.9.1", "17.0.6", "22.1.8"])
def test_every_number_that_llvm_gave_a_release_is_one(repo: Repo, version: str) -> None:
    repo.commit({**CMAKE, "bin/versions": f'Z3_VERSION="4.8.12"\nLLVM_FULL_VERSION="{version}"\n'})
    assert read(repo, look(repo)) == {"llvm-project": f"llvmorg-{version}"}


# --- Whatever a file is called


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("packages/wombat.recipe", f"source: {URL}/archive/{X}.tar.gz\n"),
        ("build.settings", f"repo={URL}\nllvm_commit={X}\n"),
        ("deps/llvm.lockfile", f"[llvm]\nurl = {URL}\nrev = {X}\n"),
        ("toolchain.tcl", f"fetch {URL}/releases/download/llvmorg-22.1.8/llvm-project-22.1.8.src.tar.xz\n"),
    ],
)
def test_a_text_of_a_suffix_that_nobody_knows_is_read_where_it_speaks_of_llvm(repo: Repo, path: str, text: str) -> None:
    repo.commit(CMAKE | {path: text})
    assert files(look(repo)) == [path]


def test_sources_that_mention_a_commit_are_no_pins(repo: Repo) -> None:
    repo.commit(CMAKE | {"lib/a.cpp": f"// {URL}/archive/{X}.tar.gz\n", "fix.patch": f"+ {URL}/archive/{X}.tar.gz\n"})
    assert files(look(repo)) == []


def test_of_one_directory_per_release_the_newest_leads(repo: Repo) -> None:
    port = 'set(LLVM_VERSION "{}")\nfetch(REPO llvm/llvm-project REF "llvmorg-${{LLVM_VERSION}}")\n'
    repo.commit({f"ports/llvm-{v[:-4]}/portfile.cmake": port.format(v) for v in ("9.0.1", "20.1.8", "21.1.0")})
    assert files(look(repo))[0] == "ports/llvm-21/portfile.cmake"


def test_a_tag_alone_in_a_file_of_llvms_name_is_read(repo: Repo) -> None:
    repo.commit(CMAKE | {"build/llvm.tag.txt": "llvmorg-22.1.8\n"})
    assert read(repo, look(repo)) == {"llvm-project": "llvmorg-22.1.8"}


def test_a_component_that_is_fetched_by_the_tag_of_a_release_leads_to_llvm(repo: Repo) -> None:
    url = "https://github.com/tensorflow/tensorflow/archive/refs/tags/v2.21.0.tar.gz"
    repo.commit({"WORKSPACE": f'http_archive(name = "org_tensorflow", url = "{url}")\n'})
    (pin,) = look(repo).pins
    assert pin.spec.file == "third_party/xla/third_party/llvm/workspace.bzl"
    (reading,) = read_pins(Config(path=repo.path / "llvmgate.toml", pins=(pin.spec,)))
    assert reading.problem is not None
    assert "WORKSPACE:1 names the commit v2.21.0" in reading.problem.message


def test_ci_that_names_the_projects_own_release_is_a_copy_of_it(repo: Repo) -> None:
    made = {"build/llvm.rb": "LLVM_VERSION = '22.1.8'\n", ".circleci/config.yml": "env:\n  LLVM_VERSION: 22.1.8\n"}
    repo.commit(CMAKE | made)
    assert files(look(repo)) == ["build/llvm.rb", ".circleci/config.yml"]


def test_where_ci_alone_names_a_component_it_leads_there(repo: Repo) -> None:
    step = f"env:\n  TRITON_REF: {X}\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n"
    step += "        with:\n          repository: triton-lang/triton\n          ref: ${{ env.TRITON_REF }}\n"
    repo.commit(CMAKE | {".github/workflows/a.yml": step})
    assert [one.spec.through[0].file for one in look(repo).pins] == [".github/workflows/a.yml"]


def test_the_block_of_code_in_an_item_of_a_list_is_read(repo: Repo) -> None:
    page = f"1. LLVM:\n\n\t\t```\n\t\tgit clone {URL}\n\n\t\tcd llvm-project && git checkout {X}\n\t\t```\n"
    repo.commit(CMAKE | {"README.md": page})
    assert files(look(repo)) == ["README.md"]


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("build/llvm.py", f'REF = os.environ.get("LLVM_SHA", "{X}")\n', X),
        ("build/llvm.py", f'parser.add_argument("--llvm-sha", type=str, default="{X}")\n', X),
        ("build/llvm.py", f'class Pins:\n    LLVM_SHA: str = "{X}"\n', X),
        ("build/llvm.py", f'def fetch(url, llvm_sha: str = "{X}"):\n    pass\n', X),
        ("build/llvm.ps1", f'param([string]$LLVMCommit = "{X}", [string]$Out)\n', X),
        ("build/llvm.ps1", f"function Get {{ param([Parameter()][string]$LlvmSha = '{X}') }}\n", X),
        (
            "build.sh",
            f"fetch() {{\n  local sha=${{1:-{X}}}\n  git clone {URL}\n  cd llvm-project && git checkout $sha\n}}\n",
            X,
        ),
        ("build.sh", 'VERSION="llvm-project-22.1.7"\ntar xf $VERSION.src.tar.xz\n', "22.1.7"),
        ("cmake/wombat.cmake", 'setup_llvm("22.1.8")\n', "22.1.8"),
        ("toolchain/base.pin", "# Bump this line alone.\n# The rest follows.\nllvmorg-22.1.8\n", "llvmorg-22.1.8"),
        (
            "deps.cmake",
            f"set(LLVM_PREFERRED_VERSION 22.1.8)\nset(U {URL}/archive/llvmorg-${{LLVM_PREFERRED_VERSION}}.zip)\n",
            "22.1.8",
        ),
    ],
)
def test_a_default_or_an_argument_is_where_llvm_is_written(repo: Repo, file: str, text: str, says: str) -> None:
    repo.commit({**CMAKE, file: text})
    found = look(repo)
    assert files(found) == [file]
    (said,) = read(repo, found).values()
    assert said.removeprefix("llvmorg-") == says.removeprefix("llvmorg-")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("build/llvm.py", f'# os.environ.get("LLVM_SHA", "{X[::-1]}")\nREF = os.environ.get("LLVM_SHA", "{X}")\n'),
        ("build/llvm.py", f'''"""It was ("LLVM_SHA", "{X[::-1]}") once."""\nREF = get("LLVM_SHA", "{X}")\n'''),
        ("build/llvm.ps1", f'# param($LLVMCommit = "{X[::-1]}")\nparam($LLVMCommit = "{X}")\n'),
    ],
)
def test_a_default_in_a_comment_is_none(repo: Repo, file: str, text: str) -> None:
    repo.commit({**CMAKE, file: text})
    assert list(read(repo, look(repo)).values()) == [X]


def test_a_function_that_looks_for_llvm_is_given_the_least_that_will_do(repo: Repo) -> None:
    repo.commit({**CMAKE, "cmake/wombat.cmake": "find_llvm(22.1.8)\n"})
    assert files(look(repo)) == []


def test_a_directory_that_is_named_for_a_release_is_no_branch(repo: Repo) -> None:
    repo.commit({**CMAKE, "build.sh": 'LLVM_VERSION="llvm-project-22.1.7"\ntar xf $LLVM_VERSION.src.tar.xz\n'})
    assert look(repo).gaps == ()


def test_cis_release_is_the_projects_where_a_script_takes_the_sources_by_it(repo: Repo) -> None:
    ci = {".github/workflows/ci.yml": "jobs:\n  build:\n    env:\n      LLVM_VERSION: 22.1.8\n"}
    repo.commit({**ci, "build.bat": "ren llvm-%LLVM_VERSION%.src llvm\n"})
    assert files(look(repo)) == [".github/workflows/ci.yml"]


def test_cis_release_alone_may_be_a_compilers(repo: Repo) -> None:
    repo.commit({**CMAKE, ".github/workflows/ci.yml": "jobs:\n  build:\n    env:\n      LLVM_VERSION: 22.1.8\n"})
    assert files(look(repo)) == []


PARTS = f'{{"component": {{"git": {{"repositoryUrl": "{URL}", "commitHash": "{X}"}}}}}}\n'


def test_a_list_of_others_parts_is_no_pin(repo: Repo) -> None:
    repo.commit({**CMAKE, "cgmanifest.json": PARTS})
    assert files(look(repo)) == []


def test_a_list_of_others_parts_moves_with_the_commit_that_it_repeats(repo: Repo) -> None:
    repo.commit({**CMAKE, "cgmanifest.json": PARTS, "llvm-sha.txt": f"{X}\n"})
    assert files(look(repo)) == ["llvm-sha.txt", "cgmanifest.json"]


# --- Releases, by whatever syntax says that they are LLVM's


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("conandata.yml", "requirements:\n  - zlib/1.2.13\n  - llvm/19.1.3-0@\n"),
        ("recipe/meta.yaml", "requirements:\n  host:\n    - conda-forge::llvmdev 19.1.3\n"),
        ("tools/build.py", "llvm_version = '19.1.3'\nsubprocess.run(['fetch', llvm_version])\n"),
        ("bootstrap", '#!/bin/bash\nllvm_install_version="19.1.3"\nfetch $llvm_install_version\n'),
    ],
)
def test_a_release_beside_the_name_of_a_package_of_llvms_is_a_pin(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    found = look(repo)
    assert files(found) == [path]
    assert list(read(repo, found).values()) == ["llvmorg-19.1.3"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("setup.py", "setup(\n    name='wombat',\n    version='19.1.3',\n    description='binds llvm',\n)\n"),
        ("pyproject.toml", '[project]\nname = "wombat-clang"\nversion = "19.1.3"\n'),
        ("pyproject.toml", '[project]\nname = "bolt"\nversion = "5.0.1"\n'),
        ("setup.py", f"setup(\n    name='wombat',\n    version='19.1.3',\n    url='{URL}',\n)\n"),
        ("CITATION.yml", "references:\n  - name: LLVM\n    version: 19.1.3\n"),
        ("tools.yml", "tools:\n  - name: clang\n    version: 18.1.3\n"),
        ("clang-format.version", "18.1.8\n"),
        ("llvm-version.txt", "18.1.8.1\n"),
        ("copied.toml", 'copied_from = "llvmorg-18.1.3"\n'),
        ("conandata.yml", "requirements:\n  - llvm-openmp-tests/19.1.3\n  - zlib/18.1.3\n"),
    ],
)
def test_a_release_of_another_package_is_no_pin(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    assert look(repo).pins == ()


@pytest.mark.parametrize("name", ["llvm-version", "old-llvm-version"])
def test_what_ci_gives_an_action_alone_is_no_pin(repo: Repo, name: str) -> None:
    """It may be what formats the code, or what is compared with."""
    asks = f"jobs:\n  a:\n    steps:\n      - uses: zoo/format@v1\n        with:\n          {name}: 22.1.4\n"
    repo.commit({**CMAKE, ".github/workflows/a.yml": asks})
    assert look(repo).pins == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("setup.ps1", "choco install llvm --version=22.1.4 --allow-downgrade\n"),
        ("setup.ps1", "Install-Package llvm -Version 22.1.4\n"),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: choco install llvm --version 22.1.4 -y\n"),
        ("build.mjs", "const config = {\n  llvmVersion: process.env.LLVM_VERSION || '22.1.4',\n};\n// llvmorg-\n"),
        ("README.md", f"```none\n$ git clone -b llvmorg-22.1.4 {URL}.git llvm\n```\n"),
    ],
)
def test_a_release_that_is_installed_or_built_is_a_pin(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: text})
    found = look(repo)
    assert files(found) == [path]
    assert list(read(repo, found).values()) == ["llvmorg-22.1.4"]


@pytest.mark.parametrize(
    "line",
    [
        "choco install wombat --version=22.1.4",
        "llvm-config --version 22.1.4",
        "choco install cmake llvm --version=4.0.1",
        "helm install llvm ./chart --version=9.0.1",
        "python build.py mlir --version 4.0.1",
        "echo usage: llvm 18.1.3",
    ],
)
def test_a_version_of_another_package_is_no_pin(repo: Repo, line: str) -> None:
    repo.commit({"setup.ps1": f"# needs llvm\n{line}\n"})
    assert look(repo).pins == ()


def test_a_checkout_of_a_tool_with_llvm_in_its_name_is_no_pin(repo: Repo) -> None:
    script = f"git clone https://github.com/zoo/wombat-llvm /deps/wombat-llvm\ncd /deps/wombat-llvm\ngit checkout {X}\n"
    repo.commit({"install.sh": script})
    assert look(repo).pins == ()


def test_what_is_cloned_into_llvms_directory_is_llvm_whatever_its_name(repo: Repo) -> None:
    script = f"git clone https://github.com/zoo/wombat llvm-project\ncd llvm-project\ngit checkout {X}\n"
    repo.commit({"install.sh": script})
    assert files(look(repo)) == ["install.sh"]


def test_the_releases_that_a_programs_modules_can_work_with_are_no_pins(repo: Repo) -> None:
    tools = {f"lib/targets/{name}.py": f"class Tool:\n    llvm_version = '{number}'\n" for name, number in TOOLS}
    repo.commit({**CMAKE, **tools})
    assert look(repo).pins == ()


TOOLS = (("wombat", "19.1.0"), ("wallaby", "18.1.8"))


# --- Forms of every day


RELEASE_PAGE = f"{URL}/releases/download/llvmorg-20.1.8"
FORMS = {
    "a command within a sentence": ("README.md", "* Checkout the version: `git checkout llvmorg-20.1.8`\n"),
    "an archive that a page links": ("docs/setup.md", f"1. Get [it]({RELEASE_PAGE}/llvm-20.1.8.src.tar.xz) here\n"),
    "a recipe of a justfile": ("justfile", "get:\n    cd llvm-project && git checkout llvmorg-20.1.8\n"),
    "a quoted assignment of a batch file": (
        "get.bat",
        f'set "LLVM_TAG=llvmorg-20.1.8"\nset "T=C:\\t"\ngit clone --branch %LLVM_TAG% {URL}.git\n',
    ),
    "a variable of a batch file in a directory": ("get.bat", "set LLVM_VERSION=20.1.8\ncd llvm-%LLVM_VERSION%\n"),
    "a parameter's default in a tag": (
        "get.sh",
        f"LLVM_VERSION=${{1:-20.1.8}}\ngit clone -b llvmorg-$LLVM_VERSION {URL}\n",
    ),
    "a chain of defaults": (
        "get.sh",
        f'V="${{V:-20.1.8}}"\nLLVM_TAG="${{LLVM_TAG:-llvmorg-$V}}"\ngit clone -b "$LLVM_TAG" {URL}\n',
    ),
    "a quote behind the tag's beginning": (
        "get.sh",
        f'LLVM_CLANG_TAG=20.1.8\ngit clone {URL} --branch llvmorg-"${{LLVM_CLANG_TAG}}" d\n',
    ),
    "a quoted value of a makefile": (
        "llvm.mk",
        f'V="20.1.8"\nU="{URL}/releases/download/llvmorg-${{V}}/llvm-${{V/-/}}.src.tar.xz"\n',
    ),
    "a makefile of another name": ("x.Makefile", "LLVM_VER := 8.0.1\nU := http://releases.llvm.org/$(LLVM_VER)\n"),
    "a pipeline's variable on two lines": (
        ".azuredevops/x.yml",
        f"steps:\n- name: LLVM_TAG\n  value: llvmorg-20.1.8\n- script: git clone --branch $(LLVM_TAG) {URL}\n",
    ),
    "settings for other scripts": ("llvm/env_vars.sh", '#!/bin/bash\nLLVM_VERSION="20.1.8"\n'),
    "an old release": ("get.sh", "readonly LOC='http://releases.llvm.org/8.0.1/clang+llvm-8.0.1-x86_64.tar.xz'\n"),
    "an entry of an associative array": (
        "get.sh",
        f"declare -A U=(\n  ['llvm']='{RELEASE_PAGE}/llvm-20.1.8.src.tar.xz'\n)\n",
    ),
    "a package of Maven's": ("build.gradle.kts", 'api("org.wombat:llvm-platform:20.1.8-1.5.12")\n'),
    "a snapshot's name": ("get.sh", 'declare -r U="https://x.org/clang-llvmorg-14-init-9436-g65120988-1.tgz"\n'),
}


@pytest.mark.parametrize(("file", "text"), FORMS.values(), ids=FORMS)
def test_a_release_is_found_as_people_write_it(repo: Repo, file: str, text: str) -> None:
    repo.commit({file: text})
    (said,) = read(repo, look(repo)).values()
    assert said in {"llvmorg-20.1.8", "llvmorg-8.0.1", "llvmorg-14-init-9436-g65120988"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pins.json", f'{{"wombat_revision": "{A}", "llvm_revision": "{X}"}}\n'),
        ("make.py", f'LLVM_REVISION = "{X}"\nWOMBAT_REVISION = "{A}"\n'),
        ("pins.lua", f'pin("llvm_commit", "{X}")\n'),
        ("install.adoc", f"It depends on LLVM: {URL}/tree/{X}[{X[:7]}]\n"),
        ("README.md", f"- based on llvm-project commit: {URL}/tree/{X}\n"),
        ("install.adoc", f"[source,bash]\n----\ngit remote add o {URL}\ngit fetch o {X} <.>\n----\n"),
    ],
)
def test_a_commit_is_found_as_people_write_it(repo: Repo, file: str, text: str) -> None:
    repo.commit({file: text})
    assert list(read(repo, look(repo)).values()) == [X]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("README.md", "see [it](https://releases.llvm.org/12.0.0/docs/LangRef.html#x)\n"),
        ("config.yaml", "docs_of_llvm: https://releases.llvm.org/15.0.0/docs/LangRef.html\n"),
        ("README.md", f"ported from {URL}/tree/{X}/llvm/lib\n"),
        ("README.md", f"up to 9: [x]({RELEASE_PAGE}/llvm-20.1.8.src.tar.xz), {URL}/releases/tag/llvmorg-19.1.2\n"),
        ("src/it.ts", f"const record = {{ llvmCommit: '{X}' }};\n"),
        ("README.md", f"`git clone https://github.com/zoo/llvm-tool` and `git checkout {X}`\n"),
        ("get.sh", f"patch -p1 < patches/llvm-{X}.patch\n"),
        ("demo.md", f"for example `{X}`.\n\n```shell\ncd llvm-project\ngit checkout {X}\n```\n"),
        ("reg/modules/wombat/0.4.3/MODULE.bazel", f'llvm_version = "20.1.8" # {URL}\n'),
        ("clang_notes.txt", f"clang version 24.0.0 ({URL} {X})\n"),
        ("test_it.py", f'expected = {{"llvm_hash": "{X}"}}\n'),
        ("setup.py", "setup(install_requires=['clang-format==20.1.8'])\n"),
        ("release.sh", 'VERSION="7.0.1"\ntar czf clang-${VERSION}-x86_64.tar.gz out # llvm\n'),
        ("README.md", f"The bug was reported against version {URL}/tree/{X} of it\n"),
        ("README.md", "Known to be broken: `git checkout llvmorg-20.1.8` of llvm-project\n"),
        ("CHANGELOG.md", "- 1.2 takes `git checkout llvmorg-20.1.8` of llvm-project\n"),
        ("same.rs", f'assert_same(LLVM, "{X}"); // llvm-project\n'),
        ("get.sh", 'VERSION="20.1.8"\ntool get wombat-${VERSION}-x86_64.tar.gz # llvm\n'),
        ("it.ts", 'expect("llvm_version", "20.1.8") // llvm-project\n'),
    ],
)
def test_what_only_looks_like_one_is_no_pin(repo: Repo, file: str, text: str) -> None:
    repo.commit({file: text})
    assert look(repo).pins == ()


@pytest.mark.parametrize("name", ["build-and-test.yml", "test_all.yml", "build.test.yaml"])
def test_ci_that_is_called_a_test_is_no_module_of_tests(repo: Repo, name: str) -> None:
    repo.commit({f".github/workflows/{name}": f"env:\n  LLVM_COMMIT: {X}\n"})
    assert files(look(repo)) == [f".github/workflows/{name}"]


def test_of_numbered_directories_the_newest_leads(repo: Repo) -> None:
    script = "LLVM_VERSION={0}\ngit clone -b llvmorg-$LLVM_VERSION " + URL + "\n"
    numbers = {"v2": "11.0.0", "v10": "22.1.8", "v9": "20.1.8"}
    repo.commit({f"toolchain/{name}/build.sh": script.format(number) for name, number in numbers.items()})
    assert files(look(repo))[0] == "toolchain/v10/build.sh"


def test_of_scripts_the_newest_release_leads_and_what_repeats_it_is_a_pin(repo: Repo) -> None:
    script = "LLVM_VER={0}\ngit clone -b llvmorg-$LLVM_VER " + URL + "\n"
    image = {"images/x.Dockerfile": "FROM x\nARG LLVM_VER=22.1.3\nRUN ./build ${LLVM_VER}\n"}
    repo.commit({"a.sh": script.format("17.0.5"), "images/build.sh": script.format("22.1.3"), **image})
    found = {one.spec.file: one.spec.group for one in look(repo).pins}
    assert found == {"images/build.sh": "", "a.sh": "", "images/x.Dockerfile": ""}
    assert files(look(repo))[0] == "images/build.sh"


def test_scripts_that_were_forgotten_lead_nobody_however_many_there_are(repo: Repo) -> None:
    scripts = {f"{name}.sh": "git clone -b llvmorg-14.0.6 " + URL + "\n" for name in "abc"}
    repo.commit({**scripts, "tools/changes.sh": "git clone -b llvmorg-20.1.8 " + URL + "\n"})
    assert files(look(repo))[0] == "tools/changes.sh"


def test_images_in_directories_of_their_own_are_groups_of_their_own(repo: Repo) -> None:
    image = "FROM x\nARG LLVM_VERSION={0}\nRUN git clone -b llvmorg-$LLVM_VERSION " + URL + "\n"
    numbers = {"bionic": "16.0.2", "focal": "18.1.8", "jammy": "19.1.7"}
    repo.commit({f"{name}/Dockerfile": image.format(number) for name, number in numbers.items()})
    assert [(one.spec.file, one.spec.group) for one in look(repo).pins] == [
        ("jammy/Dockerfile", ""),
        ("focal/Dockerfile", "focal"),
        ("bionic/Dockerfile", "bionic"),
    ]


def test_another_commit_that_ci_builds_with_is_a_pin_that_disagrees(repo: Repo) -> None:
    repo.commit({"llvm-commit.txt": f"{X}\n", ".github/workflows/ci.yml": f"env:\n  LLVM_COMMIT: {N}\n"})
    found = look(repo)
    assert files(found) == ["llvm-commit.txt", ".github/workflows/ci.yml"]
    assert [one.spec.group for one in found.pins] == ["", ""]


def test_another_commit_that_a_step_of_ci_fetches_is_told_and_no_pin(repo: Repo) -> None:
    step = f"steps:\n- uses: actions/checkout@v4\n  with:\n    repository: llvm/llvm-project\n    ref: {N}\n"
    repo.commit({"llvm-commit.txt": f"{X}\n", ".github/workflows/oldest.yml": step})
    found = look(repo)
    assert files(found) == ["llvm-commit.txt"]
    assert [gap.where for gap in found.gaps] == [".github/workflows/oldest.yml:5"]
