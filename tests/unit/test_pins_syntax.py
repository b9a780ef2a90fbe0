"""Every format: what is a pin in it, what is none, and that rewriting changes the pin alone."""

from __future__ import annotations

import time

import pytest
from git_kit import A, B, C
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.pins.readers import Mention, find_reader, implied_readers, rewrite
from pytest_llvmgate.pins.syntax.nested import json

ARCHIVE = "https://github.com/llvm/llvm-project/archive"

SUM = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SRI = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def mentions(reader_name: str, text: str, *, key: str = "", pattern: str = "") -> tuple[Mention, ...]:
    reader = find_reader(reader_name)
    assert reader is not None
    found = reader.mentions(text, PinSpec(name="x", key=key, pattern=pattern))
    for mention in found:
        assert text[mention.start :].startswith(mention.text)
        for checksum in mention.checksums:
            assert text[checksum.start :].startswith(checksum.text)
    return found


def texts(reader_name: str, text: str, *, key: str = "", pattern: str = "") -> list[str]:
    return [mention.text for mention in mentions(reader_name, text, key=key, pattern=pattern)]


# --- Starlark


@pytest.mark.parametrize(
    "text",
    [
        f'LLVM_COMMIT = "{A}"\n',
        f"def repo(name):\n    LLVM_COMMIT = '{A}'\n",
        f'"""Doc with LLVM_COMMIT = "{B}"."""\nLLVM_COMMIT = "{A}"  # "{B}"\n',
        f'# LLVM_COMMIT = "{B}"\nLLVM_COMMIT = "{A}"\nSTABLEHLO_COMMIT = "{C}"\n',
        f'vars = {{\n  "llvm_revision": "{A}",\n  "skia_revision": "{B}",\n}}\n',
        f'git_repository(name = "llvm-raw", commit = "{A}", remote = "https://x/llvm/llvm-project")\n',
        f'_C = "{A}"\nhttp_archive(name = "x", urls = ["https://x/llvm-project/archive/"], commit = _C)\n',
        f'LLVM_COMMIT = "{A}"\nrepo(commit = LLVM_COMMIT, x = "llvm-project".format(commit = LLVM_COMMIT))\n',
        f"deps = {{\n 'llvm': 'https://x/llvm/llvm-project.git@{A}',\n 're2': 'https://x/google/re2@{B}',\n}}\n",
        f'archive(name = "l", urls = ["https://x/llvm-project/archive/{A}.tar.gz", "https://x/re2/archive/{B}.zip"])\n',
        f'LLVM_COMMIT = "{A}"\nDOC = "https://x/llvm/llvm-project/archive/{B}.zip"\n',
    ],
)
def test_starlark(text: str) -> None:
    assert texts("starlark", text) == [A]


@pytest.mark.parametrize(
    "text",
    [
        f'# LLVM_COMMIT = "{A}"\n',
        f'STABLEHLO_COMMIT = "{A}"\n',
        f'LLVM_SHA256 = "{SUM}"\n',
        f'if LLVM_COMMIT == "{A}":\n    pass\n',
        f'git_repository(name = "abseil", commit = "{A}")\n',
        f'DOC = "https://x/llvm/llvm-project/blob/{A}/llvm/README.txt"\n',
        'LLVM_VERSION = "20240603"\n',
        "commit = commit\nllvm = llvm\n",
        f'print("""\nLLVM_COMMIT = "{A}"\n""")\n',
    ],
)
def test_what_is_no_pin_in_starlark(text: str) -> None:
    assert texts("starlark", text) == []


def test_the_key_names_another_projects_commit() -> None:
    text = f'LLVM_COMMIT = "{A}"\nSTABLEHLO_COMMIT = "{B}"\n'
    assert texts("starlark", text, key="STABLEHLO_COMMIT") == [B]


def test_the_checksum_with_the_same_stem_belongs_to_the_commit() -> None:
    other = "f" * 64
    text = f'SKYLIB_SHA256 = "{other}"\nLLVM_COMMIT = "{A}"\nLLVM_SHA256 = "{SUM}"\n'
    (found,) = mentions("starlark", text)
    assert [checksum.text for checksum in found.checksums] == [SUM]


def test_the_checksum_in_the_same_call_belongs_to_the_commit() -> None:
    text = f'http_archive(name = "llvm-project", commit = "{A}", sha256 = "{SUM}")\nx(sha256 = "{"f" * 64}")\n'
    (found,) = mentions("starlark", text)
    assert [checksum.text for checksum in found.checksums] == [SUM]


# --- JSON

TRITON = (
    f'{{\n  "llvm_hash": "{A}",\n  "build_number": 1,\n  "sha256sum": {{\n    "ubuntu-x64": "{SUM}",\n'
    f'    "macos": "{"f" * 64}"\n  }}\n}}\n'
)


def test_the_archive_is_named_with_the_commit_in_several_places() -> None:
    url, directory = f"https://x/llvm/llvm-project/archive/{A}.tar.gz", f"llvm-project-{A}"
    text = f'http_archive(name = "l", sha256 = "{SUM}", strip_prefix = "{directory}", urls = ["{url}"])\n'
    found = mentions("starlark", text)
    assert [mention.text for mention in found] == [A, A]
    assert [checksum.text for mention in found for checksum in mention.checksums] == [SUM, SUM]


def test_json_with_the_checksums_of_its_artefacts() -> None:
    (found,) = mentions("json", TRITON)
    assert found.text == A
    assert [checksum.text for checksum in found.checksums] == [SUM, "f" * 64]


@pytest.mark.parametrize("key", ["deps.llvm.rev", "llvm.rev"])
def test_a_dotted_key_in_json(key: str) -> None:
    text = f'{{"deps": {{"other": {{"rev": "{B}"}}, "llvm": {{"rev": "{A}", "list": ["{C}"]}}}}}}'
    assert texts("json", text, key=key) == [A]
    assert texts("json", text) == [A]


def test_json_with_comments() -> None:
    assert texts("json", f'// "llvm": "{B}"\n{{ /* "llvm": "{B}" */ "llvm": "{A}" }}') == [A]


def test_an_object_that_speaks_of_llvm_project() -> None:
    text = f'[{{"name": "llvm-project", "commit": "{A}"}}, {{"name": "abseil", "commit": "{B}"}}]'
    assert texts("json", text) == [A]


def test_broken_json_has_no_pin_that_is_not_written() -> None:
    assert texts("json", f'{{"llvm": "{A}"') == [A]
    assert texts("json", f'"{A}" ]}} : "{B}"') == []


# --- CMake


@pytest.mark.parametrize(
    "text",
    [
        f"FetchContent_Declare(llvm\n  GIT_REPOSITORY https://x/llvm-project.git\n  GIT_TAG {A} # main\n)\n",
        f'ExternalProject_Add(x GIT_REPOSITORY "https://github.com/llvm/llvm-project" GIT_TAG "{A}")\n',
        f'set(LLVM_COMMIT "{A}" CACHE STRING "LLVM commit {B}")\n',
        f"set(LLVM_TAG {A})\nFetchContent_Declare(l GIT_REPOSITORY llvm/llvm-project GIT_TAG ${{LLVM_TAG}})\n",
        f"set(TAG {A})\nFetchContent_Declare(l GIT_REPOSITORY https://x/llvm-project.git GIT_TAG ${{TAG}})\n",
        f"set(URL a/llvm-project.git)\nset(TAG {A})\nExternalProject_Add(l GIT_REPOSITORY ${{URL}} GIT_TAG ${{TAG}})\n",
        f"FetchContent_Declare(l URL https://x/llvm/llvm-project/archive/{A}.tar.gz)\n",
        f"#[[ set(LLVM_COMMIT {B}) ]]\n# set(LLVM_COMMIT {B})\nset(LLVM_COMMIT {A})\n",
    ],
)
def test_cmake(text: str) -> None:
    assert texts("cmake", text) == [A]


@pytest.mark.parametrize(
    "text",
    [
        f"FetchContent_Declare(googletest GIT_REPOSITORY https://x/googletest.git GIT_TAG {A})\n",
        f"# set(LLVM_COMMIT {A})\n",
        f'message("set(LLVM_COMMIT {A})")\n',
        "find_package()\n",
        "set(LLVM_VERSION 20240603)\nset(LLVM_REQUIRED_VERSION 22.1.8)\n",
        "FetchContent_Declare(l GIT_REPOSITORY a/llvm-project GIT_TAG release/14.x)\n",
        "FetchContent_Declare(l GIT_REPOSITORY a/llvm-project GIT_TAG llvmorg-${LLVM_VERSION})\n",
    ],
)
def test_what_is_no_pin_in_cmake(text: str) -> None:
    assert texts("cmake", text) == []


def test_a_tag_in_cmake() -> None:
    text = "FetchContent_Declare(l GIT_REPOSITORY https://x/llvm-project.git GIT_TAG llvmorg-18.1.0)\n"
    assert texts("cmake", text) == ["llvmorg-18.1.0"]


def test_a_digest_in_cmake() -> None:
    text = f"FetchContent_Declare(l URL https://x/llvm-project/archive/{A}.zip URL_HASH SHA256={SUM})\n"
    (found,) = mentions("cmake", text)
    assert [checksum.text for checksum in found.checksums] == [SUM]


# --- Nix


@pytest.mark.parametrize(
    "text",
    [
        f'src = fetchFromGitHub {{\n  repo = "llvm-project";\n  rev = "{A}";\n  hash = "{SRI}";\n}};\n',
        f'rec {{ version = "{A}"; src = fetch {{ repo = "llvm-project"; rev = "${{version}}"; hash = "{SRI}"; }}; }}\n',
        f'rec {{ version = "{A}"; src = fetch {{ repo = "llvm-project"; rev = version; hash = "{SRI}"; }}; }}\n',
        f'{{ version = "{A}"; src = fetch {{ repo = "llvm-project"; rev = a.version; hash = "{SRI}"; }}; }}\n',
        f'let rev = "{A}"; sum = "{SRI}"; in f {{ repo = "llvm-project"; rev = rev; sha256 = sum; }}\n',
        f'rec {{ pname = "llvm-project"; src = f {{ repo = pname; rev = "{A}"; hash = "{SRI}"; }}; }}\n',
        f'/* rev = "{B}"; */ src = f {{ repo = "llvm-project"; # rev = "{B}";\n rev = "{A}"; hash = "{SRI}"; }};\n',
    ],
)
def test_nix(text: str) -> None:
    (found,) = mentions("nix", text)
    assert found.text == A
    assert [checksum.text for checksum in found.checksums] == [SRI]


@pytest.mark.parametrize(
    "text",
    [
        f'src = fetchFromGitHub {{ repo = "nixpkgs"; rev = "{A}"; }};\n',
        f"x = ''\n  llvm = \"{A}\";\n'';\n",
        f'# llvm = "{A}";\n',
    ],
)
def test_what_is_no_pin_in_nix(text: str) -> None:
    assert texts("nix", text) == []


# --- key: value


@pytest.mark.parametrize(
    "text",
    [
        f"env:\n  LLVM_COMMIT: {A} # why\n",
        f'llvm_commit = "{A}"\nother_commit = "{B}"\n',
        f"[llvm]\r\nllvm-rev={A}\r\n",
        f"- with:\n    repository: llvm/llvm-project\n    ref: {A}\n- with:\n    repository: x/y\n    ref: {B}\n",
        f"export LLVM_HASH='{A}'\n",
        f"deps:\n- name: llvm-project\n  commit: {A}\n- name: abseil\n  commit: {B}\n",
        f"%define llvmCommit {A}\n%define iwyuCommit {B}\n",
        f"%{{!?rev: %global rev {A}}}\n%global b {B}\nSource0: {ARCHIVE}/%{{rev}}.zip\nSource1: https://x.org/%{{b}}.zip\n",
    ],
)
def test_key_value(text: str) -> None:
    assert texts("key-value", text) == [A]


@pytest.mark.parametrize(
    "text",
    [
        f"# LLVM_COMMIT: {A}\n",
        f"# %global llvm_commit {A}\n",
        f"skia: {A}\n",
        f"uses: actions/checkout@{A}\n",
        f"llvm commit is {A}\n",
    ],
)
def test_what_is_no_key_value_pin(text: str) -> None:
    assert texts("key-value", text) == []


# --- shell variables and Dockerfiles


@pytest.mark.parametrize(
    "text",
    [
        f"LLVM_PROJECT_COMMIT={A}\nDATETIME=2024060317\nWHEEL=19.0.0.$DATETIME+${{LLVM_PROJECT_COMMIT:0:8}}\n",
        f'export MLIR_SHA="{A}"\n',
        f"LLVM_COMMIT=${{LLVM_COMMIT:-{A}}}\n",
        f"readonly LLVM_COMMIT={A} # {B}\n",
        f"if x; then LLVM_COMMIT={A}; fi\nPROTOBUF_COMMIT={B}\n",
    ],
)
def test_shell_variables(text: str) -> None:
    assert texts("shell-variable", text) == [A]


@pytest.mark.parametrize("text", [f"# LLVM_COMMIT={A}\n", f"echo LLVM_COMMIT={A}\n", "LLVM_DATE=2024060317\n"])
def test_what_is_no_shell_variable(text: str) -> None:
    assert texts("shell-variable", text) == []


def test_a_key_chooses_the_variable() -> None:
    assert texts("shell-variable", f"LLVM_A={A}\nLLVM_B={B}\n", key="LLVM_B") == [B]


@pytest.mark.parametrize(
    "text",
    [
        f"FROM x\nARG LLVM_COMMIT={A}\nRUN git clone x && git checkout ${{LLVM_COMMIT}}\n",
        f'ENV LLVM_COMMIT="{A}" OTHER=x\n',
        f"ENV LLVM_COMMIT {A}\n",
        f"# ARG LLVM_COMMIT={B}\nWORKDIR /src/llvm-project\nRUN git checkout {A}\n",
        f"RUN true && \\\n  # {B}\n  cd protobuf && git checkout {B}\nRUN cd llvm && \\\n  git checkout {A}\n",
    ],
)
def test_dockerfiles(text: str) -> None:
    assert texts("dockerfile", text) == [A]


# --- Markdown


@pytest.mark.parametrize(
    "text",
    [
        f"# LLVM\n\n``` bash\ncd llvm-project && git checkout {A} && cd ..\n```\n",
        f"~~~shell\n$ cd llvm-project\n$ git checkout {A}\n~~~\n",
        f"Then:\n\n    cd llvm-project\n    git checkout {A}\n\nDone.\n",
        f".. code-block:: bash\n\n   cd llvm-project\n   git checkout {A}\n",
        f".. code-block:: console\n\n  $ cd llvm-project\n  $ git checkout {A}\n\nThen build.\n",
        f"Get it::\n\n cd llvm-project\n git checkout {A}\n",
        f".. code:: python\n\n  git checkout {B}\n\n.. code:: shell-session\n\n  $ cd llvm\n\n  $ git checkout {A}\n",
        f"<!-- ```\ngit checkout {B}\n``` -->\n```\ngit checkout {A}\n```\n",
        f"```c++\n// git checkout {B}\n```\n```sh\nexport LLVM_COMMIT={A}\n```\n",
    ],
)
def test_markdown(text: str) -> None:
    assert texts("markdown", text) == [A]


@pytest.mark.parametrize(
    "text",
    [
        f"Run git checkout {A}\n",
        f".. image:: x\n\n  git checkout {A}\n",
        f"```python\ngit checkout {A}\n```\n",
        f"See https://x/commit/{A}\n",
        "```\n",
    ],
)
def test_prose_is_no_pin(text: str) -> None:
    assert texts("markdown", text) == []


def test_a_page_with_a_block_for_every_project() -> None:
    text = f"```\ncd protobuf && git checkout {B}\n```\n\nthen\n\n```\ncd llvm-project && git checkout {A}\n```\n"
    assert texts("markdown", text) == [A]


def test_what_a_page_clones_and_checks_out_at_once_is_of_that_repository() -> None:
    llvm = f"```\ngit clone https://x/llvm/llvm-project\ngit checkout {A}\n```\n"
    other = f"```\ngit clone https://x/google/iree.git\ngit checkout {B}\n```\n"
    assert texts("markdown", llvm + other) == texts("markdown", other + llvm) == [A]


# --- regex


def test_a_pattern_with_a_named_group() -> None:
    assert texts("regex", f"LLVM at commit {A}.\nabseil at {B}\n", pattern=r"LLVM at commit (?P<sha>\w+)") == [A]
    assert texts("regex", "LLVM at commit nothing\n", pattern=r"LLVM at commit (?P<sha>\w+)") == []


# --- properties of every format

FORMATS = {
    "sha-file": "{noise}\n{sha}\n",
    "git-checkout": "{noise}\n(cd abseil; git checkout {other})\ncd llvm-project && git checkout '{sha}' && cd ..\n",
    "shell-variable": '{noise}\nOTHER={other}\nexport LLVM_COMMIT="{sha}"\n',
    "dockerfile": "{noise}\nARG OTHER={other}\nARG LLVM_COMMIT={sha}\n",
    "starlark": '{noise}\nOTHER = "{other}"\nLLVM_COMMIT = "{sha}"\n',
    "json": '{{"other": "{other}", "llvm": {{"hash": "{sha}", "x": [1, true]}}}}',
    "cmake": "{noise}\nset(OTHER {other})\nFetchContent_Declare(llvm GIT_REPOSITORY a/llvm-project GIT_TAG {sha})\n",
    "nix": '{noise}\n{{ other = "{other}"; src = f {{ repo = "llvm-project"; rev = "{sha}"; }}; }}\n',
    "key-value": "{noise}\nother: {other}\nenv:\n  llvm_commit: '{sha}'\n",
    "markdown": "{prose}\n\n```bash\ncd llvm-project && git checkout {sha}\n```\n\n{other}\n",
    "regex": "{noise}\nLLVM: {sha}; other: {other}\n",
}
SHAS = st.text(alphabet="0123456789abcdef", min_size=40, max_size=40)
SUMS = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)
WRITTEN = SHAS | SHAS.map(str.upper) | SHAS.map(lambda sha: f"a{sha[:11]}") | st.just("llvmorg-18.1.0-rc2")
NOISE = st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30)


@pytest.mark.parametrize("reader_name", sorted(FORMATS))
@given(shas=st.tuples(WRITTEN, SHAS, SHAS), noise=NOISE, newline=st.sampled_from(["\n", "\r\n"]))
def test_rewriting_then_reading_gives_the_new_commit_and_changes_nothing_else(
    reader_name: str, shas: tuple[str, str, str], noise: str, newline: str
) -> None:
    written, new, other = shas
    prose = noise.replace("`", "").replace("~", "").replace("<", "").strip()
    pieces = {"sha": written, "other": other, "noise": f"# {noise}", "prose": prose}
    text = FORMATS[reader_name].format(**pieces).replace("\n", newline)
    pattern = "^LLVM: (?P<sha>[^;]+)"
    (mention,) = mentions(reader_name, text, pattern=pattern)
    assert mention.text == written
    rewritten = rewrite(text, [(mention, new)])
    assert texts(reader_name, rewritten, pattern=pattern) == [new]
    assert rewritten == FORMATS[reader_name].format(**pieces | {"sha": new}).replace("\n", newline)


WITH_CHECKSUM = {
    "starlark": '# {noise}\nOTHER_SHA256 = "{other}"\nLLVM_COMMIT = "{sha}"\nLLVM_SHA256 = "{sum}"\n',
    "json": '{{"other": "{other}", "llvm": {{"hash": "{sha}", "sha256": {{"linux": "{sum}"}}}}}}',
    "cmake": "# {noise}\nFetchContent_Declare(l URL a/llvm-project/archive/{sha}.zip URL_HASH SHA256={sum})\n",
    "nix": '# {noise}\nlet s = "{sum}"; in f {{ repo = "llvm-project"; rev = "{sha}"; sha256 = s; }}\n',
}


@pytest.mark.parametrize("reader_name", sorted(WITH_CHECKSUM))
@given(shas=st.tuples(SHAS, SHAS), sums=st.tuples(SUMS, SUMS, SUMS), noise=NOISE)
def test_the_checksum_beside_a_commit_is_rewritten_with_it(
    reader_name: str, shas: tuple[str, str], sums: tuple[str, str, str], noise: str
) -> None:
    (written, new), (old_sum, new_sum, other) = shas, sums
    pieces = {"sha": written, "sum": old_sum, "other": other, "noise": noise}
    text = WITH_CHECKSUM[reader_name].format(**pieces)
    (mention,) = mentions(reader_name, text)
    (checksum,) = mention.checksums
    rewritten = rewrite(text, [(mention, new), (checksum, new_sum)])
    assert rewritten == WITH_CHECKSUM[reader_name].format(**pieces | {"sha": new, "sum": new_sum})


@pytest.mark.parametrize("reader_name", sorted(FORMATS))
@given(
    text=st.text(alphabet="ab0123456789 \t\n\r'\"`\\$(){}[]<>=:;,#/*&|-LlVvMm_.", max_size=120) | st.text(max_size=60)
)
def test_no_text_confuses_a_reader(reader_name: str, text: str) -> None:
    for mention in mentions(reader_name, text, pattern="(?P<sha>[a-f0-9]{7,40})"):
        assert 1 <= mention.line <= text.count("\n") + 1


def test_several_places_are_rewritten_together() -> None:
    text = f'LLVM_COMMIT = "{A}"\nLLVM_SHA256 = "{SUM}"\nx\n'
    (found,) = mentions("starlark", text)
    changed = rewrite(text, [(found, B), (found.checksums[0], "0" * 64)])
    assert changed == f'LLVM_COMMIT = "{B}"\nLLVM_SHA256 = "{"0" * 64}"\nx\n'


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("third_party/llvm/workspace.bzl", ["starlark"]),
        ("WORKSPACE", ["starlark"]),
        ("cmake/llvm-info.json", ["json"]),
        ("CMakeLists.txt", ["cmake"]),
        ("cmake/llvm.cmake", ["cmake"]),
        ("nix/llvm.nix", ["nix"]),
        (".github/workflows/ci.yml", ["key-value"]),
        ("docker/Dockerfile.llvm-project", ["dockerfile"]),
        ("Dockerfile", ["dockerfile"]),
        ("docs/BuildOnWindows.md", ["markdown"]),
        ("utils/clone-llvm.sh", ["git-checkout", "shell-variable"]),
        ("config.sh.template", ["git-checkout", "shell-variable"]),
        ("x/versions.env.example", ["key-value"]),
        ("ci.yml.j2", ["key-value"]),
        ("llvm.cmake.in", ["cmake"]),
        ("CMakeLists.txt.in", ["cmake"]),
        ("versions.strange", ["key-value"]),
        ("notes.template", ["key-value"]),
        ("lib/Target.cpp", []),
        ("expected.ll", []),
    ],
)
def test_a_files_name_implies_its_readers(path: str, names: list[str]) -> None:
    assert [reader.name for reader in implied_readers(path)] == names


@pytest.mark.parametrize("reader", ["json", "starlark", "nix"])
def test_brackets_without_end_take_linear_time(reader: str) -> None:
    began = time.process_time()
    mentions(reader, "(" * 200_000 if reader == "starlark" else "[" * 200_000)
    assert time.process_time() - began < 20  # some 0.5; where each costs what stands around it, 100 and more


def test_a_key_is_named_by_so_many_of_the_objects_around_it_as_anybody_writes() -> None:
    depth = 5_000
    document = json(f'{{"a": "x", "{"k" * 10}": ' * depth + "1" + "}" * depth)
    assert len(document.assignments) == depth
    assert max(len(one.name) for one in document.assignments) < 2_000
