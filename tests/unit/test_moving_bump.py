from __future__ import annotations

import base64
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from git_kit import A, B, C, Repo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project_kit import HLO, OWN, VERSION, World, clone_script, day

from pytest_llvmgate.config.settings import Config, HopSpec, PinSpec, Policy
from pytest_llvmgate.errors import GateError, RepositoryError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.moving.moves import Bump, apply_bump, diff, prepare_bump
from pytest_llvmgate.pins.check import check_pins
from pytest_llvmgate.upstream.llvm_clone import Clone, Upstream

NOTHING = Upstream(clones=())
SUM = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SRI = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "plain")


def prepared(repo: Repo, *pins: PinSpec, candidate: str = B, checksum: str | None = None) -> Bump:
    config = Config(path=repo.path / "llvmgate.toml", pins=pins)
    return prepare_bump(config, candidate, upstream=NOTHING, checksum=checksum)


def apply(repo: Repo, bump: Bump) -> tuple[str, ...]:
    return apply_bump(bump, Repository.open(repo.path))


# --- texts


def test_a_text_is_rewritten_and_nothing_else(repo: Repo) -> None:
    repo.commit({"utils/clone-mlir.sh": f"# {A}\r\n{clone_script(A)}# tail"})
    apply(repo, prepared(repo, OWN))
    assert (repo.path / "utils/clone-mlir.sh").read_bytes().decode() == f"# {A}\r\n{clone_script(B)}# tail"


def moved_release(repo: Repo, path: str, **files: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The files after a move from 19.1.0 to 20.1.8, where ``path`` has the pin, and what is said of it."""
    repo.commit({name.replace("__", "."): text for name, text in files.items()})
    pins = (PinSpec(name="llvm-project", file=path),)
    config = Config(path=repo.path / "llvmgate.toml", pins=pins)
    bump = prepare_bump(config, "llvmorg-20.1.8", upstream=NOTHING, tag="llvmorg-20.1.8")
    apply(repo, bump)
    return {name: (repo.path / name.replace("__", ".")).read_text() for name in files}, bump.remarks


SPECIAL = """LLVM_VERSION={0}
URL=https://github.com/llvm/llvm-project/releases/download/llvmorg-${{LLVM_VERSION}}/
if [ ${{LLVM_VERSION}} = "19.1.0" ]; then
    URL=https://github.com/llvm/llvm-project/releases/download/llvmorg-19.1.0/
fi
"""


def test_what_is_said_of_one_release_alone_stays(repo: Repo) -> None:
    after, _ = moved_release(repo, "get.sh", get__sh=SPECIAL.format("19.1.0"))
    assert after["get__sh"] == SPECIAL.format("20.1.8")


def test_what_is_done_where_another_release_is_found_moves(repo: Repo) -> None:
    text = "if [ $(clang --version) != 19.1.0 ]; then\n  git checkout llvmorg-19.1.0\nfi\n"
    after, _ = moved_release(repo, "get.sh", get__sh=text)
    assert "git checkout llvmorg-20.1.8" in after["get__sh"]


def test_the_release_that_a_module_works_with_stays_and_is_told(repo: Repo) -> None:
    module = "class Tool:\n    llvm_version = '19.1.0'\n"
    after, remarks = moved_release(repo, "get.sh", get__sh="git checkout llvmorg-19.1.0\n", tool__py=module)
    assert after["tool__py"] == module
    assert "tool.py:2: 19.1.0 was left, since no reader finds a pin there" in remarks


def test_a_tag_under_any_name_moves_with_its_file(repo: Repo) -> None:
    text = "LLVM_WOMBAT=llvmorg-19.1.0\nLLVM_TAG=llvmorg-19.1.0\n"
    after, _ = moved_release(repo, "deps.conf", deps__conf=f"{text}MINIMUM=llvmorg-19.1.0\n")
    assert after["deps__conf"] == text.replace("19.1.0", "20.1.8") + "MINIMUM=llvmorg-19.1.0\n"


def test_an_archive_of_binaries_is_told_since_its_name_may_differ(repo: Repo) -> None:
    url = "https://github.com/llvm/llvm-project/releases/download/llvmorg-19.1.0/clang+llvm-19.1.0-x86_64-linux.tar.xz"
    after, remarks = moved_release(repo, "get.sh", get__sh=f"wget {url}\n")
    assert after["get__sh"] == f"wget {url}\n".replace("19.1.0", "20.1.8")
    assert any("whose name may differ with each release" in remark for remark in remarks)


def test_a_checksum_of_another_archive_in_the_same_step_stays(repo: Repo) -> None:
    step = f"env:\n  LLVM_VERSION: {{0}}\n  LLVM_SHA256: {{1}}\n  SDK_URL: https://x.org/s.pkg\n  SDK_SHA256: {SUM}\n"
    step += f"  PKG_SHA256: {SUM}\n"
    step += "run: wget https://github.com/llvm/llvm-project/releases/download/llvmorg-$LLVM_VERSION/x.tar.xz\n"
    after, _ = moved_release(repo, "ci.yml", ci__yml=step.format("19.1.0", "a" * 64))
    assert after["ci__yml"] == step.format("20.1.8", "0" * 64)


def test_a_checksum_under_an_archives_name_follows_it(repo: Repo) -> None:
    text = 'LLVM_VERSION = "{0}"\nURL = "llvmorg-%s" % LLVM_VERSION\n'
    text += 'SUMS = {{\n    "LLVM-{0}-Linux-X64.tar.xz": "{1}",\n}}\n'
    after, _ = moved_release(repo, "versions.bzl", versions__bzl=text.format("19.1.0", SUM))
    assert after["versions__bzl"] == text.format("20.1.8", "0" * 64)


def test_a_checksum_beside_an_archive_put_together_follows_its_pin(repo: Repo) -> None:
    url = "https://github.com/llvm/llvm-project/archive/${{ llvm_commit }}.tar.gz"
    recipe = f"context:\n  llvm_commit: %s\nsource:\n  - url: {url}\n    sha256: %s\n"
    repo.commit({"recipe.yaml": recipe % (A, SUM)})
    apply(repo, prepared(repo, PinSpec(name="llvm-project", file="recipe.yaml")))
    assert (repo.path / "recipe.yaml").read_text() == recipe % (B, "0" * 64)


def test_a_directory_named_for_the_release_follows(repo: Repo) -> None:
    text = "IF EXIST llvm-project_{1} GOTO HAS\n"
    text += "git clone --branch llvmorg-{0} https://github.com/llvm/llvm-project llvm-project_{1}\n"
    others = "git apply llvm-fix_19_1_0.patch llvm_19_1_0.patch\nset NO_LLVM_19_1_0=1\n"
    after, _ = moved_release(repo, "get.bat", get__bat=text.format("19.1.0", "19_1_0") + others)
    assert after["get__bat"] == text.format("20.1.8", "20_1_8") + others


def test_a_checksum_that_nobody_reads_is_told(repo: Repo) -> None:
    text = "wget https://github.com/llvm/llvm-project/releases/download/llvmorg-19.1.0/llvm-19.1.0.src.tar.xz\n"
    text += f'echo "{SUM}  llvm.tar.xz" | sha256sum -c\n'
    _, remarks = moved_release(repo, "get.sh", get__sh=text)
    assert any("get.sh:2: a checksum stands near what was moved" in remark for remark in remarks)


def test_a_page_follows_in_its_sentence_too(repo: Repo) -> None:
    page = f"It needs LLVM: https://github.com/llvm/llvm-project/tree/{A}[{A[:7]}]\n"
    repo.commit({"llvm-commit.txt": f"{A}\n", "install.adoc": page})
    apply(repo, prepared(repo, PinSpec(name="llvm-project", file="llvm-commit.txt")))
    assert (repo.path / "install.adoc").read_text() == page.replace(A, B).replace(A[:7], B[:7])


def test_a_scripts_mode_stays(repo: Repo) -> None:
    repo.write({"utils/clone-mlir.sh": clone_script(A)})
    (repo.path / "utils/clone-mlir.sh").chmod(0o755)
    repo.git("add", "utils")
    repo.commit()
    apply(repo, prepared(repo, OWN))
    assert stat.S_IMODE((repo.path / "utils/clone-mlir.sh").stat().st_mode) == 0o755


def test_duplicates_that_no_pin_names_are_rewritten_where_a_reader_finds_them(repo: Repo) -> None:
    repo.commit(
        {
            "utils/clone-mlir.sh": clone_script(A),
            "README.md": f"```bash\ncd llvm-project && git checkout {A}\n```\n",
            "notes.txt": f"LLVM was on {A} then\n",
        }
    )
    bump = prepared(repo, OWN)
    assert [edit.path for edit in bump.edits] == ["utils/clone-mlir.sh", "README.md"]
    (remark,) = bump.remarks
    assert remark.startswith("notes.txt mentions aaaaaaaaaaaa")


def test_duplicates_beside_other_projects_commits_and_abbreviated_ones(repo: Repo) -> None:
    docker = f"ARG PROTOBUF_COMMIT={C}\nARG LLVM_COMMIT={A}\nRUN cd onnx && git checkout {C}\n"
    page = f"On {A[:12]}.\n\n```\ncd llvm-project\ngit checkout {A[:12]}\n```\n"
    repo.commit({"utils/clone-mlir.sh": clone_script(A), "Dockerfile": docker, "README.md": page})
    bump = prepared(repo, OWN)
    assert [edit.path for edit in bump.edits] == ["utils/clone-mlir.sh", "Dockerfile", "README.md"]
    assert bump.edits[1].after == docker.replace(A, B)
    assert bump.edits[2].after == page.replace(f"checkout {A[:12]}", f"checkout {B[:12]}")
    (remark,) = bump.remarks
    assert remark.startswith("README.md mentions aaaaaaaaaaaa")


@pytest.mark.parametrize("name", ["SUBMODULE_VERSIONS.txt", "SUBMODULE_VERSIONS"])
def test_the_line_of_a_list_of_commits(repo: Repo, name: str) -> None:
    listing = f"{C} third_party/abseil\n{A} third_party/llvm-project\n"
    repo.commit({"llvm_version.txt": f"{A}\n", name: listing})
    bump = prepared(repo, PinSpec(name="llvm", file="llvm_version.txt"))
    assert [edit.after for edit in bump.edits if edit.path == name] == [listing.replace(A, B)]


def test_duplicates_of_a_gitlink(repo: Repo) -> None:
    repo.commit({"README.md": f"```\ncd llvm-project && git checkout {A}\n```\n"}, links={"llvm": A})
    bump = prepared(repo, PinSpec(name="llvm", file="llvm", reader="gitlink"))
    assert [edit.path for edit in bump.edits] == ["README.md"]
    assert [link.path for link in bump.links] == ["llvm"]


def test_every_implied_reader_is_tried_for_duplicates(repo: Repo) -> None:
    script = f"git clone https://x/abseil && git -C abseil checkout {C}\ngit -C src checkout {C}\nMLIR_SHA={A}\n"
    repo.commit({"llvm_version.txt": f"{A}\n", "build.sh": script})
    bump = prepared(repo, PinSpec(name="llvm", file="llvm_version.txt"))
    assert bump.edits[1].after == script.replace(A, B)


def test_a_literal_beside_the_variable_that_the_key_names(repo: Repo) -> None:
    text = f'LLVM_COMMIT = "{A}"\nhttp_archive(name = "l", strip_prefix = "llvm-project-{A}", sha256 = "{SUM}")\n'
    repo.commit({"x.bzl": text})
    (edit,) = prepared(repo, PinSpec(name="x", file="x.bzl", key="LLVM_COMMIT")).edits
    assert edit.after == text.replace(A, B).replace(SUM, "0" * 64)


def test_the_configuration_itself_is_no_duplicate(repo: Repo) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", "llvmgate.toml": f"# on {A}\n[x]\nllvm_commit = '{A}'\n"})
    bump = prepared(repo, PinSpec(name="llvm", file="llvm_version.txt"))
    assert [edit.path for edit in bump.edits] == ["llvm_version.txt"]
    assert bump.remarks == ()


def test_a_file_in_another_encoding_is_told(repo: Repo) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n"})
    (repo.path / "alt.txt").write_bytes(f"für {A}\n".encode("latin-1"))
    repo.git("add", "alt.txt")
    assert prepared(repo, PinSpec(name="llvm", file="llvm_version.txt")).remarks == (
        "alt.txt mentions aaaaaaaaaaaa and is not UTF-8 text; it was left alone",
    )


def test_a_tag_becomes_the_tag_that_the_candidate_was_named_by(repo: Repo) -> None:
    text = "FetchContent_Declare(l GIT_REPOSITORY a/llvm-project GIT_TAG llvmorg-18.1.0)\n"
    repo.commit({"l.cmake": text, "x.sh": f"git clone -b llvmorg-18.1.0 a/llvm-project\n# {A}\n"})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="l", file="l.cmake"),))
    by_tag = prepare_bump(config, B, upstream=NOTHING, tag="llvmorg-19.1.0")
    assert [edit.after for edit in by_tag.edits] == [edit.before.replace("18", "19") for edit in by_tag.edits]
    assert len(by_tag.edits) == 2
    by_sha = prepare_bump(config, B, upstream=NOTHING)
    assert by_sha.edits[0].after == text.replace("llvmorg-18.1.0", B)


def test_all_places_of_one_file(repo: Repo) -> None:
    repo.commit({"x.sh": f"git checkout {A}\ngit checkout {A}\n"})
    apply(repo, prepared(repo, PinSpec(name="x", file="x.sh")))
    assert (repo.path / "x.sh").read_text() == f"git checkout {B}\ngit checkout {B}\n"


def test_two_pins_in_one_file(repo: Repo) -> None:
    repo.commit({"x.bzl": f'LLVM_A = "{A}"\nLLVM_B = "{C}"\n'})
    pins = [PinSpec(name=key, file="x.bzl", key=key) for key in ("LLVM_A", "LLVM_B")]
    config = Config(path=repo.path / "llvmgate.toml", pins=tuple(pins))
    apply(repo, prepare_bump(config, B, upstream=NOTHING, apart=True))
    assert (repo.path / "x.bzl").read_text() == f'LLVM_A = "{B}"\nLLVM_B = "{B}"\n'


def test_tags_and_abbreviations_become_full_shas(repo: Repo) -> None:
    repo.commit({"x.sh": "git checkout llvmorg-18.1.0\n", "y.sh": "git checkout abcdef012345\n"})
    apply(repo, prepared(repo, PinSpec(name="x", file="x.sh"), PinSpec(name="y", file="y.sh")))
    assert (repo.path / "x.sh").read_text() == f"git checkout {B}\n"
    assert (repo.path / "y.sh").read_text() == f"git checkout {B}\n"


def test_a_release_is_followed_into_the_names_of_its_files_and_directories(repo: Repo) -> None:
    fetch = "curl -LO https://github.com/llvm/llvm-project/releases/download/llvmorg-13.0.0/clang+llvm-13.0.0-x86_64.tar.xz\n"
    home = 'LLVM_DIR="$HERE/llvm-13.0.0.obj"\nGTEST="$HERE/gtest-13.0.0.obj"\n# was llvm-13.0.0\n'
    repo.commit({"build.sh": fetch, "setup.sh": home, "other.sh": "X=$HERE/llvm-12.0.0.obj\nY=boost-13.0.0\n"})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="llvm-project", file="build.sh"),))
    tag = "llvmorg-14.0.6"
    bump = prepare_bump(config, tag, upstream=NOTHING, tag=tag)
    assert {edit.path: edit.after for edit in bump.edits} == {
        "build.sh": fetch.replace("13.0.0", "14.0.6"),
        "setup.sh": home.replace("llvm-13.0.0.obj", "llvm-14.0.6.obj"),
    }


def test_the_old_number_elsewhere_in_a_rewritten_file_is_told(repo: Repo) -> None:
    text = "git clone -b llvmorg-13.0.0 https://github.com/llvm/llvm-project\nX=13.0.0\nY=13.0.0.1\n"
    repo.commit({"build.sh": text})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="llvm-project", file="build.sh"),))
    tag = "llvmorg-14.0.6"
    bump = prepare_bump(config, tag, upstream=NOTHING, tag=tag)
    assert bump.edits[0].after == text.replace("llvmorg-13.0.0", tag)
    assert [remark.partition(" was left")[0] for remark in bump.remarks] == ["build.sh:2: 13.0.0"]


def test_a_sentence_of_a_page_is_told_until_the_projects_own_history_shows_that_it_follows(repo: Repo) -> None:
    page = "* [LLVM][] version [13.0.0][LLVM-13.0.0]\n\n```\n7.0.0-llvm-13.0.0-wombat:5a52b0ca\n```\n"
    repo.commit({"v.txt": "LLVM_VERSION=13.0.0\n", "docs/install.md": page, "log.md": "gtest-13.0.0\n"})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="llvm-project", file="v.txt"),))
    bump = prepare_bump(config, "llvmorg-14.0.6", upstream=NOTHING, tag="llvmorg-14.0.6")
    assert [remark.partition(" was left")[0] for remark in bump.remarks] == ["docs/install.md:1, 4: 13.0.0"]
    first, rest = page.split("\n", 1)
    moved = first.replace("13.0.0", "14.0.6") + "\n" + rest
    repo.commit({"v.txt": "LLVM_VERSION=14.0.6\n", "docs/install.md": moved})
    bump = prepare_bump(config, "llvmorg-15.0.7", upstream=NOTHING, tag="llvmorg-15.0.7")
    assert bump.edits[1].after == moved.replace("14.0.6", "15.0.7")


@pytest.mark.parametrize(
    ("path", "text", "moves"),
    [
        ("lib/tool.py", "llvm_version = '13.0.0'\n", False),
        ("setup.py", "llvm_version = '13.0.0'\n", True),
        ("ci.yml", "env:\n  LLVM_VERSION: 13.0.0\n", True),
        ("CMakeLists.txt", "find_package(MLIR 13.0.0 REQUIRED CONFIG)\n", True),
        ("CMakeLists.txt", "find_package(Wombat 13.0.0)  # as LLVM 13.0.0\n", False),
        ("ci.yml", "env:\n  LLVM_VERSION: 13.0.01\n  MIN_LLVM_VERSION: 13.0.0\n", False),
        ("README.md", "Since LLVM 13.0.0 it works; LLVM 13.0.0.1 does not.\n", False),
        ("README.md", "Built with wombat 13.0.0, and LLVM.\n", False),
        ("README.md", "It takes LLVM-13.0.0 and LLVM-12.0.1; others may work.\n", False),
        ("CHANGELOG.md", "* now needs LLVM 13.0.0\n", False),
        ("docs/ReleaseNotes13.rst", "LLVM_VERSION=13.0.0\n", False),
        ("ci/change-llvm.yml", "env:\n  LLVM_VERSION: 13.0.0\n", True),
        ("cmake/exchange.cmake", 'set(LLVM_VERSION "13.0.0")\n', True),
        ("tests/expected.yml", "llvm_version: 13.0.0\n", False),
    ],
)
def test_the_old_release_moves_where_llvms_name_says_it(repo: Repo, path: str, text: str, moves: bool) -> None:
    repo.commit({"v.txt": "LLVM_VERSION=13.0.0\n", path: text})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="llvm-project", file="v.txt"),))
    bump = prepare_bump(config, "llvmorg-14.0.6", upstream=NOTHING, tag="llvmorg-14.0.6")
    after = {edit.path: edit.after for edit in bump.edits}
    assert after.get(path, text) == (text.replace("13.0.0", "14.0.6") if moves else text)


def test_every_release_under_llvms_name_that_says_the_same_moves(repo: Repo) -> None:
    text = "LLVM_VERSION=9.0.1\nLLVM_VERSION_USED_FOR_TIDY=9.0.1\n"
    text += "fetch llvm-$LLVM_VERSION.src.tar.xz\nuse $LLVM_VERSION_USED_FOR_TIDY\n"
    repo.commit({"build.sh": text})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="llvm-project", file="build.sh"),))
    tag = "llvmorg-14.0.6"
    assert prepare_bump(config, tag, upstream=NOTHING, tag=tag).edits[0].after == text.replace("9.0.1", "14.0.6")


BZL = '# Take this one.\n# 14.0.6 => %s\nLLVM_COMMIT = "%s"%s\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (BZL % (A, A, ""), BZL % (A, B, "")),
        (BZL % (C, A, ""), BZL % (C, B, "")),
        (f'// v14.0.6: {A}\n\nLLVM_COMMIT = "{A}"\n', f'// v14.0.6: {A}\n\nLLVM_COMMIT = "{B}"\n'),
        (f'LLVM_COMMIT = "{A}",  # llvmorg-14.0.6\n', f'LLVM_COMMIT = "{B}",  # llvmorg-15.0.7\n'),
        (f'LLVM_COMMIT = "{A}"  # since 14.0.6\n', f'LLVM_COMMIT = "{B}"  # since 14.0.6\n'),
    ],
)
def test_a_comment_behind_a_commit_that_says_which_release_it_is_follows_it(repo: Repo, old: str, new: str) -> None:
    repo.commit({"deps.bzl": old})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="llvm-project", file="deps.bzl"),))
    assert prepare_bump(config, B, upstream=NOTHING, tag="llvmorg-15.0.7").edits[0].after == new


def test_a_comment_on_a_release_stays_where_nobody_says_which_the_candidate_is(repo: Repo) -> None:
    repo.commit({"deps.bzl": BZL % (A, A, "  # v14.0.6")})
    bump = prepared(repo, PinSpec(name="llvm-project", file="deps.bzl"))
    assert bump.edits[0].after == BZL % (A, B, "  # v14.0.6")
    assert any("mentions aaaaaaa" in remark for remark in bump.remarks)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("setup.py", "setup(\n    name='libwombat',\n    version='13.0.0',\n)\n"),
        ("docs/conf.py", "author = 'x'\nrelease = '13.0.0'\n\n"),
        ("docs/index.rst", "Wombat\n======\n:Version: 13.0.0\n"),
    ],
)
def test_a_version_of_the_projects_own_that_was_the_releases_stays_and_is_told(
    repo: Repo, path: str, text: str
) -> None:
    repo.commit({"v.txt": "LLVM_VERSION=13.0.0\n", path: text})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="llvm-project", file="v.txt"),))
    bump = prepare_bump(config, "llvmorg-14.0.6", upstream=NOTHING, tag="llvmorg-14.0.6")
    line = text[: text.index("13.0.0")].count("\n") + 1
    assert [edit.path for edit in bump.edits] == ["v.txt"]
    assert bump.remarks == (f"{path}:{line}: 13.0.0 was left, since no reader finds a pin there",)


def test_an_abbreviated_copy_keeps_its_length_since_it_may_be_a_name(repo: Repo) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", "ci.yml": f"env:\n  LLVM_RELEASE: {A[:7]}\n  LLVM_COMMIT: {A}\n"})
    bump = prepared(repo, PinSpec(name="llvm-project", file="llvm_version.txt"))
    assert bump.edits[1].after == f"env:\n  LLVM_RELEASE: {B[:7]}\n  LLVM_COMMIT: {B}\n"


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("versions.json", '{{"{0}": {{"url": "https://zoo.example/llvm-project-{0}.src.tar.xz"}}}}\n'),
        ("conandata.yml", 'sources:\n  "{0}":\n    url: https://zoo.example/llvm-project-{0}.src.tar.xz\n'),
        ("versions.bzl", 'KNOWN = {{\n    "llvmorg-{0}": "https://zoo.example/llvm-project-{0}.src.tar.xz",\n}}\n'),
        ("versions.toml", '"{0}" = "https://zoo.example/llvm-project-{0}.src.tar.xz"\n'),
    ],
)
def test_what_is_kept_for_each_release_stays_with_its_own(repo: Repo, path: str, table: str) -> None:
    repo.commit(
        {"x.sh": "git clone -b llvmorg-22.1.2 https://github.com/llvm/llvm-project\n", path: table.format("22.1.2")}
    )
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="x", file="x.sh"),))
    bump = prepare_bump(config, "llvmorg-22.1.3", upstream=NOTHING, tag="llvmorg-22.1.3")
    assert [edit.path for edit in bump.edits] == ["x.sh"]
    assert sum(path in remark for remark in bump.remarks) == 1


def test_a_pin_that_abbreviates_what_another_spells_out_keeps_its_length(repo: Repo) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", "x.sh": f"cd llvm-project && git checkout {A[:7]}\n"})
    bump = prepared(repo, PinSpec(name="llvm-project", file="llvm_version.txt"), PinSpec(name="x", file="x.sh"))
    assert {edit.path: edit.after for edit in bump.edits} == {
        "llvm_version.txt": f"{B}\n",
        "x.sh": f"cd llvm-project && git checkout {B[:7]}\n",
    }


def test_the_archive_to_compute_a_checksum_of_has_the_new_releases_number_in_its_name_too(repo: Repo) -> None:
    url = "https://github.com/llvm/llvm-project/releases/download/llvmorg-{0}/llvm-project-{0}.src.tar.xz"
    table = f'sources:\n  "22.1.2":\n    url: {url.format("22.1.2")}\n    sha256: {"ab" * 32}\n'
    repo.commit({"conandata.yml": table})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="x", file="conandata.yml"),))
    bump = prepare_bump(config, "llvmorg-22.1.3", upstream=NOTHING, tag="llvmorg-22.1.3")
    assert any(f"curl -L {url.format('22.1.3')} |" in remark for remark in bump.remarks)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("git checkout abcdef012345\n", f"git checkout {B[:12]}\n"),
        ("git -C llvm-project checkout llvmorg-18.1.0\n", f"git -C llvm-project checkout {B[:12]}\n"),
        (f"git checkout {A}\n", ""),
        ("git clone -b llvmorg-18.1.0 https://github.com/llvm/llvm-project\n", ""),
    ],
)
def test_an_abbreviation_that_nothing_resolves_is_written_where_one_may_stand(
    repo: Repo, text: str, after: str
) -> None:
    repo.commit({"x.sh": text})
    bump = prepared(repo, PinSpec(name="x", file="x.sh"), candidate=B[:12])
    assert [edit.after for edit in bump.edits] == ([after] if after else [])
    assert bool(bump.remarks) == (not after)


def test_a_pin_that_is_there_already_changes_nothing(repo: Repo) -> None:
    repo.commit({"utils/clone-mlir.sh": clone_script(B)})
    assert prepared(repo, OWN).is_empty


def test_what_only_a_pattern_reads_is_no_prose(repo: Repo) -> None:
    repo.commit({"notes.txt": f"LLVM at {A}\n"})
    bump = prepared(repo, PinSpec(name="x", file="notes.txt", reader="regex", pattern="at (?P<sha>[0-9a-f]+)"))
    assert bump.edits[0].after == f"LLVM at {B}\n"
    assert bump.remarks == ()


def test_an_ignored_pin_is_left_alone(repo: Repo) -> None:
    repo.commit({"x.sh": f"git checkout {A}\n"})
    assert prepared(repo, PinSpec(name="x", file="x.sh", policy=Policy.IGNORE)).is_empty


def test_a_pin_that_differed_before_stays_and_is_told(repo: Repo) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", "other/llvm_version.txt": f"{C}\n", "note.sh": f"LLVM_COMMIT={C}\n"})
    pins = PinSpec(name="llvm-project", file="llvm_version.txt"), PinSpec(name="b", file="other/llvm_version.txt")
    bump = prepared(repo, *pins)
    assert [edit.path for edit in bump.edits] == ["llvm_version.txt"]
    assert (
        f"b: other/llvm_version.txt:1 said {C[:12]} before, where llvm-project says {A[:12]}; it was left"
        in bump.remarks[0]
    )


def test_a_pin_that_differed_before_moves_where_that_is_asked_for(repo: Repo) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", "other/llvm_version.txt": f"{C}\n"})
    pins = PinSpec(name="llvm-project", file="llvm_version.txt"), PinSpec(name="b", file="other/llvm_version.txt")
    config = Config(path=repo.path / "llvmgate.toml", pins=pins)
    assert len(prepare_bump(config, B, upstream=NOTHING, apart=True).edits) == 2


def test_a_move_that_was_begun_is_brought_to_its_end(repo: Repo) -> None:
    repo.commit({"llvm_version.txt": f"{B}\n", "other/llvm_version.txt": f"{A}\n"})
    pins = PinSpec(name="llvm-project", file="llvm_version.txt"), PinSpec(name="b", file="other/llvm_version.txt")
    assert [edit.path for edit in prepared(repo, *pins).edits] == ["other/llvm_version.txt"]


def test_a_pin_that_cannot_be_read_is_told(repo: Repo) -> None:
    repo.commit()
    (remark,) = prepared(repo, PinSpec(name="x", file="x.sh")).remarks
    assert remark == "x: the file is not there"


def bzl(commit: str, checksum: str) -> str:
    return f'LLVM_COMMIT = "{commit}"\nLLVM_SHA256 = "{checksum}"\n'


BAZEL = PinSpec(name="bazel", file="workspace.bzl")


def test_a_checksum_is_marked_to_be_recomputed(repo: Repo) -> None:
    repo.commit({"workspace.bzl": bzl(A, SUM)})
    bump = prepared(repo, BAZEL)
    apply(repo, bump)
    assert (repo.path / "workspace.bzl").read_text() == bzl(B, "0" * 64)
    assert f"curl -L https://github.com/llvm/llvm-project/archive/{B}.tar.gz | sha256sum" in bump.remarks[0]


def test_a_checksum_that_is_given_is_written(repo: Repo) -> None:
    repo.commit({"workspace.bzl": bzl(A, SUM)})
    bump = prepared(repo, BAZEL, checksum="f" * 64)
    apply(repo, bump)
    assert (repo.path / "workspace.bzl").read_text() == bzl(B, "f" * 64)
    assert bump.remarks == ()


def test_a_checksum_keeps_its_notation(repo: Repo) -> None:
    repo.commit({"x.bzl": f'LLVM_COMMIT = "{A}"\nLLVM_INTEGRITY = "{SRI}"\n'})
    apply(repo, prepared(repo, PinSpec(name="x", file="x.bzl"), checksum="f" * 64))
    expected = base64.b64encode(b"\xff" * 32).decode()
    assert f'LLVM_INTEGRITY = "sha256-{expected}"' in (repo.path / "x.bzl").read_text()


def test_nix_hashes_the_unpacked_tree(repo: Repo) -> None:
    repo.commit({"x.nix": f'{{ rev = "{A}"; repo = "llvm-project"; hash = "{SRI}"; }}\n'})
    bump = prepared(repo, PinSpec(name="x", file="x.nix"), checksum="f" * 64)
    assert f'hash = "sha256-{"A" * 43}="' in bump.edits[0].after
    assert "nix-prefetch-url --unpack" in bump.remarks[0]


def test_checksums_of_several_artefacts_cannot_be_given(repo: Repo) -> None:
    text = f'{{"llvm_hash": "{A}", "sha256sum": {{"x64": "{SUM}", "arm": "{"e" * 64}"}}}}'
    repo.commit({"info.json": text})
    bump = prepared(repo, PinSpec(name="x", file="info.json"), checksum="f" * 64)
    apply(repo, bump)
    assert (repo.path / "info.json").read_text().count("0" * 64) == 2
    (remark,) = bump.remarks
    assert "2 checksums have to be recomputed" in remark
    assert "curl" not in remark


def test_a_diff_that_git_applies(repo: Repo) -> None:
    repo.commit({"x.sh": f"one\ngit checkout {A}", "y.sh": f"git checkout {A}\n"})
    bump = prepared(repo, PinSpec(name="x", file="x.sh"), PinSpec(name="y", file="y.sh"))
    text = "\n".join(diff(bump)) + "\n"
    repo.git("apply", "-", stdin=text)
    assert (repo.path / "x.sh").read_text() == f"one\ngit checkout {B}"
    assert (repo.path / "y.sh").read_text() == f"git checkout {B}\n"


def test_a_diff_has_the_lines_that_git_sees(repo: Repo) -> None:
    repo.commit({"x.sh": f"a page\x0cand another\u2028one\ngit checkout {A}\n"})
    text = "\n".join(diff(prepared(repo, PinSpec(name="x", file="x.sh")))) + "\n"
    repo.git("apply", "-", stdin=text)
    assert (repo.path / "x.sh").read_text() == f"a page\x0cand another\u2028one\ngit checkout {B}\n"


def test_a_file_that_changed_in_the_meantime_is_not_overwritten(repo: Repo) -> None:
    repo.commit({"x.sh": f"git checkout {A}\n", "y.sh": f"git checkout {A}\n"})
    bump = prepared(repo, PinSpec(name="x", file="x.sh"), PinSpec(name="y", file="y.sh"))
    repo.write({"y.sh": "edited\n"})
    with pytest.raises(GateError, match="has changed in the meantime"):
        apply(repo, bump)
    assert (repo.path / "x.sh").read_text() == f"git checkout {A}\n"


# --- gitlinks


def test_a_gitlink_of_llvm_is_moved_in_the_index(repo: Repo) -> None:
    repo.commit(links={"llvm": A})
    bump = prepared(repo, PinSpec(name="llvm", file="llvm", reader="gitlink"))
    apply(repo, bump)
    assert repo.git("rev-parse", ":llvm") == B
    assert "+Subproject commit " + B in list(diff(bump))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shas=st.lists(st.text(alphabet="0123456789abcdef", min_size=40, max_size=40), min_size=2, max_size=2))
def test_rewriting_then_reading_a_gitlink(tmp_path: Path, shas: list[str]) -> None:
    old, new = (f"1{sha[1:]}" for sha in shas)  # git takes no null SHA
    repo = Repo.at(tmp_path / "linked") if (tmp_path / "linked").exists() else Repo(tmp_path / "linked")
    repo.commit({"x": "1"}, links={"llvm": old, "other": old})
    pin = PinSpec(name="llvm", file="llvm", reader="gitlink")
    apply(repo, prepared(repo, pin, candidate=new))
    links = {line.split()[3]: line.split()[1] for line in repo.git("ls-files", "--stage").splitlines()}
    assert (links["llvm"], links["other"]) == (new, old)
    (verdict,) = check_pins(Config(path=repo.path / "llvmgate.toml", pins=(pin,)), new).verdicts
    assert verdict.reading.sha == new


def test_a_checkout_that_does_not_have_the_commit_gets_the_command(world: World) -> None:
    world.repo.add_submodule(world.llvm_repo, "llvm")
    world.repo.commit()
    later = world.llvm_repo.commit(message="later", date=day(20))
    pin = PinSpec(name="llvm", file="llvm", reader="gitlink")
    (left,) = apply(world.repo, prepared(world.repo, pin, candidate=later))
    assert left.endswith(f"git -C llvm fetch origin {later} && git -C llvm checkout {later}")


def moved(world: World, number: int, *, upstream: Upstream | None = None, **pin: object) -> Bump:
    config = replace(world.config, pins=(OWN, replace(HLO, **pin)))  # type: ignore[arg-type]
    return prepare_bump(config, world.llvm[number - 1], upstream=upstream or world.upstream)


def test_a_component_moves_to_the_first_commit_that_carries_the_candidate(world: World) -> None:
    bump = moved(world, 3)
    (link,) = bump.links
    assert (link.path, link.before, link.after) == ("third_party/stablehlo", world.on[1], world.on[3])
    assert "carries the candidate" in link.why
    assert bump.remarks == ()
    assert apply(world.repo, bump) == ()
    assert world.checkout.head == world.on[3]
    assert check_pins(world.config, world.llvm[2], look_around=False).exit_code == 0


def test_a_component_with_changes_keeps_its_checkout(world: World) -> None:
    world.checkout.write({VERSION: "mine\n"})
    (left,) = apply(world.repo, moved(world, 3))
    assert "has changes and was left alone" in left
    assert world.checkout.head == world.on[1]
    assert world.repo.git("rev-parse", ":third_party/stablehlo") == world.on[3]


def test_of_two_stretches_with_the_candidate_the_newest_counts(world: World) -> None:
    world.move_component(9, on_day=20)
    again = world.move_component(3, on_day=21)
    world.checkout.git("fetch", "-q", "origin")
    assert moved(world, 3).links[0].after == again


def test_a_component_without_the_candidate_moves_to_the_nearest(world: World) -> None:
    bump = moved(world, 5)
    assert bump.links[0].after == world.on[6]
    assert f"pins {world.llvm[5][:12]}: 1 ahead (1 days newer)" in bump.links[0].why
    assert "no commit of third_party/stablehlo carries the candidate" in bump.remarks[0]


def test_a_component_is_not_moved_to_something_farther_off(world: World) -> None:
    world.move(6, component=6, on_day=9)
    bump = moved(world, 8)
    assert bump.links == ()
    assert "nearest" in bump.remarks[0]


def test_without_a_clone_of_llvm_distances_are_not_guessed(world: World) -> None:
    bump = moved(world, 5, upstream=NOTHING)
    assert bump.links == ()
    assert "cannot be told without a clone of llvm-project" in bump.remarks[0]
    assert f"its main line pins {world.llvm[5][:12]} since 2026-01-07" in bump.remarks[0]


def test_components_can_be_left_alone(world: World) -> None:
    bump = prepare_bump(world.config, world.llvm[2], upstream=NOTHING, components=False)
    assert (bump.links, bump.remarks) == ((), ())


def test_an_advisory_component_is_left_alone(world: World) -> None:
    bump = moved(world, 3, policy=Policy.ADVISORY, reason="lags")
    assert bump.links == ()
    assert bump.remarks == (f"stablehlo: advisory, left at {world.llvm[0][:12]} (lags)",)


def test_a_component_that_cannot_be_read_is_told(world: World) -> None:
    bump = moved(world, 3, component="third_party/none")
    assert bump.remarks == ("stablehlo: the component is neither a gitlink nor a directory",)


def test_the_code_of_a_vendored_component_is_left_to_a_human(world: World) -> None:
    world.repo.commit({"vendored/v.txt": A})
    bump = moved(world, 3, component="vendored", file="v.txt", reader="sha-file")
    assert bump.edits[-1].after == world.llvm[2]
    assert "was rewritten, but vendored is no submodule" in bump.remarks[-1]


@pytest.mark.parametrize("policy", [Policy.ADVISORY, Policy.IGNORE])
def test_a_vendored_component_that_need_not_follow_stays(repo: Repo, policy: Policy) -> None:
    repo.commit({"llvm_version.txt": f"{A}\n", "hlo/llvm_version.txt": f"{A}\n"})
    hlo = PinSpec(name="hlo", component="hlo", file="llvm_version.txt", policy=policy)
    bump = prepared(repo, PinSpec(name="llvm", file="llvm_version.txt"), hlo)
    assert [edit.path for edit in bump.edits] == ["llvm_version.txt"]


def test_a_component_whose_clone_lacks_the_gitlinks_commit_is_told(world: World) -> None:
    world.repo.git("update-index", "--cacheinfo", f"160000,{C},third_party/stablehlo")
    (remark,) = moved(world, 3).remarks
    assert "is not in its clone" in remark


def test_a_gitlink_in_a_component_is_found_too(world: World) -> None:
    world.component.commit(links={"llvm": world.llvm[6]}, date=day(20))
    world.checkout.git("fetch", "-q", "origin")
    world.component.commit(links={"llvm": world.llvm[7]}, date=day(21))
    first = world.component.git("rev-parse", "HEAD~")
    world.checkout.git("fetch", "-q", "origin")
    world.checkout.git("checkout", "-q", world.component.head)
    world.repo.git("add", "third_party/stablehlo")
    bump = moved(world, 7, file="llvm", reader="gitlink")
    assert bump.links[0].after == first


def test_a_component_whose_main_line_pins_nothing(world: World) -> None:
    world.checkout.git("update-ref", "refs/remotes/origin/main", world.checkout.git("commit-tree", "-m", "x", EMPTY))
    (remark,) = moved(world, 3).remarks
    assert remark == "stablehlo: the history of third_party/stablehlo pins no LLVM commit that can be read"


EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Git's empty tree."""


def test_a_clone_of_the_component_that_is_none(world: World, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not a directory"):
        prepare_bump(world.config, world.llvm[2], upstream=NOTHING, clones={"stablehlo": tmp_path / "nowhere"})


def test_a_file_that_names_the_components_commit_follows_too(world: World) -> None:
    hop = HopSpec(file="hlo-hash.txt", repository="../stablehlo")
    pin = PinSpec(name="hlo", file=VERSION, through=(hop,))
    world.repo.commit({"hlo-hash.txt": f"{world.on[1]}  # of stablehlo\n"})
    config = replace(world.config, pins=(OWN, pin))
    bump = prepare_bump(config, world.llvm[2], upstream=world.upstream)
    (edit,) = [edit for edit in bump.edits if edit.path == "hlo-hash.txt"]
    assert edit.after == f"{world.on[3]}  # of stablehlo\n"
    apply(world.repo, bump)
    assert check_pins(config, world.llvm[2]).exit_code == 0
    late = prepare_bump(config, world.llvm[7], upstream=NOTHING)
    assert [edit.path for edit in late.edits] == ["utils/clone-mlir.sh"]
    assert late.remarks[-1].startswith("hlo: no commit of ../stablehlo carries the candidate")


def test_a_file_that_names_a_commit_inside_a_component(world: World) -> None:
    """The clones on the way are relative to the downstream, not to the component."""
    middle = Repo(world.path / "middle")
    for number in (1, 3):
        middle.commit({"hlo-hash.txt": f"{world.on[number]}\n"}, message=f"to {number}")
    checkout = world.repo.add_submodule(middle, "third_party/middle")
    first = checkout.git("rev-parse", "HEAD~1")
    checkout.git("checkout", "-q", first)
    world.repo.git("add", "third_party/middle")
    world.repo.commit(message="deep")
    hop = HopSpec(file="hlo-hash.txt", repository="../stablehlo")
    pin = PinSpec(name="hlo", component="third_party/middle", file=VERSION, through=(hop,))
    config = replace(world.config, pins=(OWN, pin))
    (link,) = prepare_bump(config, world.llvm[2], upstream=NOTHING).links
    assert (link.path, link.before, link.after) == ("third_party/middle", first, middle.head)


def test_distances_by_date_alone(world: World) -> None:
    other = Repo(world.path / "other")
    strangers = [other.commit(message=f"unrelated {number}", date=day(number)) for number in (2, 30)]
    world.component.commit({VERSION: strangers[0]}, date=day(25))
    world.checkout.git("fetch", "-q", "origin")
    both = Upstream(clones=(*world.upstream.clones, Clone(Repository.open(other.path), "refs/heads/main")))
    config = replace(world.config, pins=(OWN, HLO))
    bump = prepare_bump(config, strangers[1], upstream=both)
    assert bump.links[0].after == world.on[6]
    assert "24 days away" in bump.links[0].why
