"""Formats in which projects write LLVM's commit: what is read, what is somebody else's, what is rewritten."""

from __future__ import annotations

import pytest
from git_kit import A, B, C
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.pins.readers import Mention, find_reader, implied_readers, read_with, rewrite
from pytest_llvmgate.pins.syntax.found import other_commits

X = "19cfd60d92da1fdb958568cdd7d36264ab14e666"
SUM = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
URL = "https://github.com/llvm/llvm-project"


def mentions(path: str, text: str, key: str = "") -> tuple[Mention, ...]:
    """What the readers that the file's name implies find in it."""
    return read_with(implied_readers(path), text, PinSpec(name="?", file=path, key=key))[1]


WRITTEN = {
    ".dep-versions": f"# what CI builds\njax=0.7.1\nstablehlo=v1.13.7\nllvm={A}\nenzyme=v0.0.238\n",
    "pinned-llvm-version": f"{A}\n",
    "deps/llvm.version": f"# of deps\n{A}\n",
    "docker/fpga.dockerfile": f"FROM x\nRUN git clone {URL}.git && \\\n    cd llvm-project && git checkout {A}\n",
    "build-llvm.sh": f": ${{LLVM_URL:={URL}}}\n: ${{LLVM_VERSION:={A}}}\ngit checkout $LLVM_VERSION\n",
    "fetch.sh": f"v={A}\nwget {URL}/archive/${{v}}.tar.gz\n",
    "get.sh": f"fetch_sources {URL}.git llvm {A}\n",
    "remote.sh": f"git init llvm && cd llvm\ngit remote add origin {URL}\ngit fetch --depth 1 origin {A}\n",
    "conandata.yml": f'sources:\n  "1":\n    url: "{URL}/archive/{A}.tar.gz"\n    sha256: "{SUM}"\n',
    ".github/workflows/ci.yml": f"jobs:\n  a:\n    steps:\n    - run: |\n        git clone {URL}\n"
    f"        cd llvm-project\n        git checkout {A}\n    - run: make\n",
    "ci/build.yaml": f"steps:\n- uses: actions/checkout@v4\n  with:\n    repository: llvm/llvm-project\n    ref: {A}\n",
    "a/Makefile": f"LLVM_COMMIT := {A}\nall:\n\tgit checkout $(LLVM_COMMIT)\n",
    "deps.mk": f"REV = {A}\nllvm:\n\t@git clone {URL} llvm && cd llvm && git reset --hard {A}\n",
    "subprojects/llvm.wrap": f"[wrap-git]\nurl = {URL}.git\nrevision = {A}\ndepth = 1\n",
    "build.ps1": f'# old\n$LlvmCommit = "{A}"\ngit checkout $LlvmCommit\n',
    "build.bat": f"@rem set LLVM_COMMIT={B}\nset LLVM_COMMIT={A}\ngit checkout %LLVM_COMMIT%\n",
    "flake.lock": f'{{"nodes": {{"x": {{"locked": {{"owner": "llvm", "repo": "llvm-project", "rev": "{A}"}}}},'
    f'"y": {{"locked": {{"owner": "zoo", "repo": "y", "rev": "{B}"}}}}}}}}\n',
    "flake.nix": f'{{ inputs.llvm = {{ url = "github:llvm/llvm-project/{A}"; flake = false; }}; }}\n',
    "manifest.xml": f'<manifest>\n<project name="wallaby" revision="{B}"/>\n'
    f'<project name="llvm-project" path="llvm" revision="{A}"/>\n</manifest>\n',
    "deps.toml": f'[re2]\ncommit = "{B}"\n\n[llvm]\ncommit = "{A}"\n',
    "pyproject.toml": f'[tool.x]\nllvm = {{ git = "{URL}", rev = "{A}" }}\n',
    "portfile.cmake": f"vcpkg_from_github(OUT_SOURCE_PATH S REPO llvm/llvm-project REF {A} SHA512 0)\n",
    "cpm.cmake": f"CPMAddPackage(NAME l GITHUB_REPOSITORY llvm/llvm-project GIT_TAG {A})\n",
    "MODULE.bazel": f'v = "{A}"\narchive(\n  sha256 = "{SUM}",\n'
    f'  urls = ["{URL}/archive/{{0}}.tar.gz".format(v)],\n)\n',
    "conanfile.py": f'TAG = "{A}"\n\ndef source(self):\n    self.run(f"git fetch {URL} {{TAG}}")\n',
    "package.py": f'git = "{URL}"\nversion("main", commit="{A}", git="{URL}.git")\n',
    "environment.yml": f'dependencies:\n- pip:\n  - "mlir @ git+{URL}@{A}"\n',
    "tpls_commits.lock": f"{B} tpls/fmt\n{A} tpls/llvm\n",
    "submodules.txt": f"externals/llvm-project {A}\nexternals/re2 {B}\n",
    "deps.json": f'{{"commits": [{{"name": "llvm", "subrepo": "llvm/llvm-project", "commit": "{A}"}},'
    f' {{"name": "SPIRV", "subrepo": "zoo/SPIRV", "commit": "{B}"}}]}}\n',
    "prepare.sh": f'LLVM_INSTALL_DIR="/data/llvm_libraries/{A}/llvm_build"\n',
    "packages/llvm.21/opam": f'synopsis: "The bindings"\nurl {{\n  src:\n    "{URL}/archive/{A}.tar.gz"\n'
    f'  checksum: [ "sha256={SUM}" ]\n}}\nextra-source "a.patch" {{\n  src: "https://x/{B}/a"\n}}\n',
    "llvm.opam": f'dev-repo: "git+https://x/w.git"\npin-depends: [ [ "llvm.dev" "git+{URL}.git#{A}" ] ]\n',
    "PKGBUILD": f'pkgname=llvm-wombat\n_llvm_commit={A}\nsource=("git+{URL}.git#commit=$_llvm_commit")\n',
    "APKBUILD": f'_commit={A}\nsource="llvm.tar.gz::{URL}/archive/$_commit.tar.gz"\nsha512sums="{SUM}{SUM}  a"\n',
    "dev-lang/w/w-9999.ebuild": f'E_COMMIT={B}\nLLVM_COMMIT="{A}"\nSRC_URI="{URL}/archive/${{LLVM_COMMIT}}.zip"\n',
    "wombat.cmake": f'set(LLVM_REPO_URL "{URL}/archive/{A}.zip" CACHE STRING "")\n'
    f'set(LLVM_REPO_MD5 "25489a23c6fa971fcd0d1167a560bf0a")\nset(OLD "{URL}/archive/{B}.zip" "{URL}/archive/1.zip")\n',
    "wombat.nix": f'rec {{ rev = "{A}"; src = f {{ owner = "zoo"; repo = "llvm-project"; inherit rev; }}; }}\n',
    "llvm.rb": f"LLVM_COMMIT = (ENV['LLVM_COMMIT'] || \"{A}\").strip\n",
    ".github/workflows/default.yml": f"with:\n  llvm-project-ref: ${{{{ inputs.llvm-project-ref || '{A}' }}}}\n",
    "llvm.cmake": f"FetchContent_Declare(llvm URL https://github.com/zoo/llvm-project/archive/{A}.tar.gz)\n",
}


@pytest.mark.parametrize("path", WRITTEN)
def test_a_format_that_projects_use(path: str) -> None:
    assert {found.text for found in mentions(path, WRITTEN[path])} == {A}


@pytest.mark.parametrize("path", WRITTEN)
@given(sha=st.text("0123456789abcdef", min_size=40, max_size=40).filter(lambda sha: not sha.isdigit()))
def test_what_is_rewritten_reads_as_the_new_commit_and_nothing_else_changed(path: str, sha: str) -> None:
    text = WRITTEN[path]
    changed = rewrite(text, [(found, sha) for found in mentions(path, text)])
    assert {found.text for found in mentions(path, changed)} == {sha}
    assert changed.replace(sha, A) == text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("build_deps.sh", f"c={X}\ngit clone https://x.org/redis/hiredis.git h\n(cd h && git checkout $c)\n"),
        (
            "clone-mlir-wallaby.sh",
            f"HASH={X}\ngit clone https://github.com/zoo/mlir-wallaby.git d\ncd d\ngit checkout $HASH\n",
        ),
        ("test_perf.py", f'T = {{"mlir_wallaby_hash": "{X}"}}\n'),
        ("deps.cmake", f"FetchContent_Declare(s GIT_REPOSITORY https://github.com/zoo/spirv-llvm GIT_TAG {X})\n"),
        ("build.sh", f"git clone {URL}\ngit clone https://github.com/zoo/x\ncd x && git checkout {X}\n"),
        ("deps.bzl", f'commit = "{X}"\nrepo(remote = "{URL}", commit = LLVM)\n'),
        (
            "wheels.yml",
            f"- run: |\n    git clone https://github.com/zoo/llvm-mingw m\n    git -C m checkout {X}\n",
        ),
        ("README.md", f"See {URL}/blob/{X}/README.md and\n\n```\ngit clone {URL}\n```\n"),
        ("x.yml", f"- uses: zoo/llvm-setup@{X}\n- uses: actions/checkout@{X}\n"),
        ("m.xml", f'<project name="llvm-test-suite" revision="{X}"/>\n'),
        ("a.ps1", f"<# $LLVM_COMMIT = '{X}' #>\n$Re2Commit = '{X}'\n"),
        ("a_commits.lock", f"{X} tpls/llvm-mingw\n"),
        ("Makefile", f"# LLVM_COMMIT := {X}\nRE2 := {X}\n"),
    ],
)
def test_what_is_another_projects_commit(path: str, text: str) -> None:
    assert mentions(path, text) == ()


def test_the_directory_of_a_subshell_is_left_with_it() -> None:
    text = f"git clone {URL} llvm\ngit clone https://github.com/zoo/x x\n(cd x)\ncd llvm\ngit checkout {A}\n"
    assert [found.text for found in mentions("a.sh", text)] == [A]


def test_a_variable_that_is_given_two_values_is_each_ones() -> None:
    text = f"H={X}\ngit clone https://github.com/zoo/x x\ngit -C x checkout $H\n"
    text += f"H={A}\ngit clone {URL} l\ngit -C l checkout $H\n"
    assert [found.text for found in mentions("a.sh", text)] == [A]


RELEASES = {
    "recipe/meta.yaml": '{% set version = "22.1.7" %}\nurl: http://llvm.org/releases/{{ version }}/cfe.txz\n',
    "Makefile.uk": "V=22.1.7\nLIB_URL=http://releases.llvm.org/$(V)/libcxx-$(V).src.tar.xz\n",
    "Dockerfile": f"RUN wget {URL}/releases/download/llvmorg-22.1.7/llvm-project-22.1.7.src.tar.xz "
    "&& tar -xf llvm-project-22.1.7.src.tar.xz\n",
    "get.sh": f"curl -LO {URL}/archive/refs/tags/llvmorg-22.1.7.tar.gz\n",
    "conandata.yml": f'sources:\n  "22.1.7":\n    url: "{URL}/releases/download/llvmorg-22.1.7/llvm-22.1.7.txz"\n',
    "v.sh": f"LLVM_VERSION=22.1.7\nwget {URL}/archive/refs/tags/llvmorg-$LLVM_VERSION.tar.gz\n",
    "meta.yaml": f'{{% set version = "22.1.7" %}}\nsource:\n  url: {URL}/archive/llvmorg-{{{{ version }}}}.tar.gz\n',
    "llvm.nix": 'rec { version = "22.1.7"; src = f { owner = "llvm"; repo = "llvm-project"; '
    'rev = "llvmorg-${version}"; }; }\n',
}


@pytest.mark.parametrize("path", RELEASES)
def test_a_release_is_a_tag_and_its_version_in_the_names_of_files_moves_with_it(path: str) -> None:
    found = mentions(path, RELEASES[path])
    assert {one.says for one in found} == {"llvmorg-22.1.7"}
    moved = rewrite(RELEASES[path], [(one, "llvmorg-22.1.8".removeprefix(one.prefix)) for one in found])
    assert moved == RELEASES[path].replace("22.1.7", "22.1.8")


@pytest.mark.parametrize(
    ("path", "text", "only"),
    [
        ("a.sh", f"git clone -b llvmorg-22.1.7 {URL}\n", True),
        ("b.sh", f"T=llvmorg-22.1.7\ngit clone --branch $T {URL}\n", True),
        ("c.py", f'LLVM_TAG = "llvmorg-22.1.7"\nrun(f"git clone -b {{LLVM_TAG}} {URL}.git")\n', True),
        ("d.sh", f"wget {URL}/releases/download/llvmorg-22.1.7/x.tar.xz\n", True),
        ("e.cmake", f"FetchContent_Declare(l GIT_REPOSITORY {URL} GIT_TAG llvmorg-22.1.7)\n", False),
        ("f.sh", f"git clone {URL}\ncd llvm-project\ngit checkout llvmorg-22.1.7\n", False),
    ],
)
def test_where_git_takes_only_a_tag(path: str, text: str, only: bool) -> None:
    assert {found.only_tags for found in mentions(path, text)} == {only}


def test_a_describe_name_is_a_commit() -> None:
    assert [one.text for one in mentions("a.sh", "LLVM_COMMIT=llvmorg-15-init-5937-g23b3df56\n")] == [
        "llvmorg-15-init-5937-g23b3df56"
    ]


def test_a_variable_with_llvm_in_its_name_wins_over_those_of_mlir() -> None:
    text = f'set(MLIR_WOMBAT_LLVM_COMMIT "{A}")\nset(MLIR_WOMBAT_TORCH_MLIR_COMMIT "{B}")\nset(MLIR_COMMIT "{C}")\n'
    assert [found.text for found in mentions("x.cmake", text)] == [A]


@pytest.mark.parametrize(
    ("path", "text", "archive"),
    [
        (
            "WORKSPACE",
            f'LLVM_COMMIT = "{A}"\nx(u = ["https://github.com/zoo/llvm-project/archive/{{}}.zip".format(LLVM_COMMIT)])\n',
            "https://github.com/zoo/llvm-project/archive/{commit}.zip",
        ),
        ("x.cmake", f"f(llvm URL {URL}/archive/{A}.tar.gz URL_HASH SHA256={SUM})\n", URL + "/archive/{commit}.tar.gz"),
    ],
)
def test_the_archive_is_the_one_that_the_file_fetches(path: str, text: str, archive: str) -> None:
    assert {found.archive for found in mentions(path, text)} == {archive}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("MODULE.bazel", WRITTEN["MODULE.bazel"]),
        ("conandata.yml", WRITTEN["conandata.yml"]),
        ("a.bzl", f'C = "{A}"\nx(urls = [mirror("{URL}/archive/" + C + ".tar.gz")], integrity = "{SUM}")\n'),
        ("b.bzl", f'LLVM_COMMIT = "{A}"\nLLVM_SHA256 = "{SUM}"\nx(sha256 = LLVM_SHA256, urls = [U % LLVM_COMMIT])\n'),
        ("c.cmake", f"ExternalProject_Add(llvm URL {URL}/archive/{A}.zip URL_HASH SHA256={SUM})\n"),
    ],
)
def test_the_checksum_stands_beside_the_commit_or_beside_its_use(path: str, text: str) -> None:
    assert {one.text for found in mentions(path, text) for one in found.checksums} == {SUM}


def test_commits_of_other_projects_are_told_apart() -> None:
    reader = find_reader("starlark")
    assert reader is not None
    assert reader.document is not None
    url = "https://github.com/openxla/xla/archive/{c}.tar.gz"
    text = f'XLA_COMMIT = "{X}"\nx(urls = ["{url}".format(c = XLA_COMMIT)])\n'
    text += f'LLVM_COMMIT = "{A}"\n'
    (found,) = other_commits(reader.document(text))
    assert (found[0], found[1].text, found[1].subject) == ("XLA_COMMIT", X, "openxla/xla")


@given(st.text(max_size=300))
def test_every_reader_takes_any_text(text: str) -> None:
    for path in WRITTEN:
        mentions(path, text)
