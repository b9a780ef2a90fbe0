from __future__ import annotations

import pytest
from git_kit import A, B
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.pins.readers import find_reader
from pytest_llvmgate.pins.syntax.shell import ShellCommand, Word, _Scanner, commands


def words(text: str) -> list[list[str]]:
    return [[word.text for word in command.words] for command in commands(text)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a b\nc", [["a", "b"], ["c"]]),
        ("a && b || c; d & e | f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("(a; b)", [["a"], ["b"]]),
        ("a # comment && b\nc", [["a"], ["c"]]),
        ("a#b c", [["a#b", "c"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("a 'b && c' \"d ; e\"", [["a", "b && c", "d ; e"]]),
        ('a "b\\"c" d\\ e', [["a", 'b"c', "d e"]]),
        ("a b'c'\"d\"e", [["a", "bcde"]]),
        ("a > out 2>&1 b", [["a", "b"]]),
        ("a <<EOF b\nprose && prose\nEOF\nc", [["a", "b"], ["c"]]),
        ("a <<-'E O F'\nprose\n\tE O F\nc", [["a"], ["c"]]),
        ("a <<X\nprose without an end", [["a"]]),
        ("a <<<word b", [["a", "b"]]),
        ("a $(b c; d) ${e:-f g} $h", [["a", "$(b c; d)", "${e:-f g}", "$h"]]),
        ("a `b c` d", [["a", "`b c`", "d"]]),
        ("a 'unclosed", [["a", "unclosed"]]),
        ("", []),
        ("# only\n\n", []),
    ],
)
def test_commands(script: str, expected: list[list[str]]) -> None:
    assert words(script) == expected


@given(st.text(alphabet="ab \t\n\\'\"`$(){}<>&|;#=EOF0123", max_size=80))
def test_any_text_is_scanned_to_its_end(script: str) -> None:
    for command in commands(script):
        for word in command.words:
            assert script[word.start : word.start + len(word.raw)] == word.raw
            assert word.raw


def checkouts(script: str, key: str = "") -> list[tuple[str, int]]:
    reader = find_reader("git-checkout")
    assert reader is not None
    found = reader.mentions(script, PinSpec(name="x", key=key))
    for mention in found:
        assert script[mention.start :].startswith(mention.text)
    return [(mention.text, mention.line) for mention in found]


@pytest.mark.parametrize(
    "line",
    [
        f"cd llvm-project && git checkout {A} && cd ..",
        f"git -C build/llvm-project checkout --quiet --detach {A}",
        f"pushd llvm; git reset --hard '{A}'; popd",
        f'git -c advice.detachedHead=false -C "$ROOT/llvm-project" switch --detach "{A}"',
        f"LLVM_COMMIT={A}; cd llvm-project; git checkout $LLVM_COMMIT",
        f'export LLVM_COMMIT="{A}"; git checkout "${{LLVM_COMMIT}}"',
        f"COMMIT=${{COMMIT:-{A}}}; git checkout $COMMIT",
        f"git checkout ${{1:-x}} ${{COMMIT:-{A}}}",
        f"if true; then cd llvm-project; git checkout {A}; fi",
        f"git clone https://x/llvm/llvm-project.git src; cd src; git checkout {A}; cd ../y; git checkout {B}",
        f"URL=https://x/llvm-project.git; git clone --depth 1 $URL src; git -C src checkout {A}",
    ],
)
def test_a_commit_that_is_checked_out(line: str) -> None:
    assert checkouts(f"set -e\n{line}\n") == [(A, 2)]


@pytest.mark.parametrize(
    "line",
    [
        f"# git checkout {A}",
        f"echo 'git checkout {A}'",
        f"cat <<EOF\ngit checkout {A}\nEOF",
        f"git log {A}",
        f"git checkout main -- {A}",
        "git checkout main",
        f"git checkout -b {A}",
        f"git checkout {A}0",
        f"git checkout {A[:3]}''{A[3:]}",
        f"git clone https://x/SwiftShader s; cd s; git checkout {A}",
        "git clone",
        "git clone --branch",
        "git checkout $UNKNOWN",
        "git -C x",
        "git",
    ],
)
def test_what_is_no_checkout_of_a_commit(line: str) -> None:
    assert checkouts(line) == []


def test_of_several_projects_the_llvm_one_is_meant() -> None:
    script = f"(cd protobuf && git checkout {B})\n(cd llvm-project && git checkout {A})\n"
    assert checkouts(script) == [(A, 2)]


def test_the_key_names_the_directory() -> None:
    script = f"cd llvm-a; git checkout {B}\ncd ../llvm-b; git checkout {A}\n"
    assert checkouts(script, key="llvm-b") == [(A, 2)]
    assert checkouts(script, key="other") == []


def test_what_is_checked_out_right_after_a_clone_is_of_that_clone_though_nobody_enters_it() -> None:
    ours = f"git clone https://x/llvm/llvm-project\ngit checkout {A}\n"
    other = f"git clone https://x/google/iree.git\ngit checkout {B}\ngit submodule update --init\n"
    assert checkouts(ours) == [(A, 2)]
    assert checkouts(other) == []
    assert checkouts(ours + other) == [(A, 2)]
    assert checkouts(other + ours) == [(A, 5)]


@pytest.mark.parametrize("moved", ["cd ../llvm-project", "pushd llvm"])
def test_a_clone_that_the_script_has_left_owns_no_checkout(moved: str) -> None:
    assert checkouts(f"git clone https://x/google/iree.git; {moved}; git checkout {A}") == [(A, 1)]


def test_a_clone_in_a_subshell_owns_no_checkout_after_it() -> None:
    assert checkouts(f"cd llvm; (cd y; git clone https://x/google/iree.git); git checkout {A}") == [(A, 1)]


def test_one_variable_used_twice_is_one_place() -> None:
    assert checkouts(f"V={A}\ngit checkout $V\ngit checkout $V\n") == [(A, 1)]


def test_short_shas_and_tags() -> None:
    assert checkouts("cd llvm; git checkout 9778ec057cf4") == [("9778ec057cf4", 1)]
    assert checkouts("cd llvm; git checkout llvmorg-18.1.0-rc2") == [("llvmorg-18.1.0-rc2", 1)]


def test_the_tag_of_a_clone() -> None:
    assert checkouts("git clone --depth 1 -b llvmorg-18.1.0 https://x/llvm-project") == [("llvmorg-18.1.0", 1)]
    assert checkouts("git clone https://x/llvm-project --branch llvmorg-18.1.0") == [("llvmorg-18.1.0", 1)]
    assert checkouts(f"git clone -b {A[:12]} https://x/abseil; git clone -b llvmorg-18.1.0 https://x/llvm-project") == [
        ("llvmorg-18.1.0", 1)
    ]


def test_a_project_with_mlir_in_its_name_is_not_llvm() -> None:
    assert checkouts(f"cd onnx-mlir; git checkout {B}\ncd ../llvm-project; git checkout {A}\n") == [(A, 2)]
    assert checkouts(f"cd mlir; git checkout {A}\ncd ../x; git checkout {B}\n") == [(A, 1)]


@pytest.mark.parametrize("text", ["<" * 20000, ">" * 20000, "<<" * 20000, "$(" * 5000, "{" * 5000, "`" * 5001])
def test_depth_is_no_recursion(text: str) -> None:
    assert all(word.raw for command in commands(text) for word in command.words)


_PIECES = st.sampled_from(
    [
        "a",
        "B=1",
        " ",
        "\n",
        "\\\n",
        "'",
        '"',
        "`",
        "$(",
        ")",
        "${X}",
        "${",
        "}",
        "<<E",
        "E",
        "#",
        ";",
        "&&",
        "|",
        ">f",
        "(",
        "\\",
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_line_by_line_a_script_says_what_it_says_as_a_whole(text: str) -> None:
    scanner = _Scanner(text)
    tokens = list(iter(scanner.next, None))
    words = [token for token in tokens if isinstance(token, Word)]
    assert [word for command in commands(text) for word in command.words] == words
    assert all(isinstance(command, ShellCommand) for command in commands(text))
