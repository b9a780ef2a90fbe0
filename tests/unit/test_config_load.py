"""What a configuration that is accepted comes to mean, and which file is taken."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from pytest_llvmgate.config.load import fill, find_config, load_config
from pytest_llvmgate.config.settings import (
    NO_LAUNCHER,
    AdviceSpec,
    BuildSpec,
    Config,
    Hold,
    HopSpec,
    LinkcheckSpec,
    LlvmSpec,
    PinSpec,
    Policy,
    PredictionPolicy,
    PreflightSpec,
    RevisionRule,
    SourceSpec,
    SupplierKind,
    Timeouts,
    UpdateSpec,
    WheelSet,
)
from pytest_llvmgate.errors import ConfigError
from tests.support.configs import load, problems

A, B = "a" * 40, "b" * 40


def test_a_pin_with_everything(cwd: Path) -> None:
    text = """
[axes.mhlo]
on = {}
off = {}
[[pin]]
name = "stablehlo"
component = "third_party/stablehlo"
file = "build_tools/llvm_version.txt"
reader = "sha-file"
key = "LLVM_COMMIT"
pattern = "(?P<sha>x)"
policy = "same-base"
reason = "carries patches"
until = 2026-12-10
only = { mhlo = "on" }
"""
    [pin] = load(cwd, text).pins
    assert pin == PinSpec(
        name="stablehlo",
        component="third_party/stablehlo",
        file="build_tools/llvm_version.txt",
        reader="sha-file",
        key="LLVM_COMMIT",
        pattern="(?P<sha>x)",
        policy=Policy.SAME_BASE,
        reason="carries patches",
        until=datetime.date(2026, 12, 10),
        only={"mhlo": ("on",)},
        line=5,
    )
    assert not pin.is_direct


def test_a_pin_is_direct_and_equal_unless_said_otherwise(cwd: Path) -> None:
    [pin] = load(cwd, "[[pin]]\nname = 'x'\nfile = 'f'").pins
    assert pin.is_direct
    assert pin.policy is Policy.EQUAL


def test_an_empty_file_configures_nothing(cwd: Path) -> None:
    assert load(cwd, "") == Config(path=cwd / "llvmgate.toml")


def test_the_table_llvm(cwd: Path) -> None:
    text = f"""
[llvm]
supplier = "wheels"
revision = "unrecorded"
repository = "../llvm-project"
tags = {{ "llvmorg-22.1.8" = "{A}" }}
[[llvm.wheels]]
revision = "{A}"
tag = "llvmorg-22.1.8"
requirements = ["xtc-llvm-dev==22.1.8.2", "xtc-mlir-dev==22.1.8.4 --hash=sha256:{"0" * 64}"]
flavours = ["static"]
[[llvm.wheels]]
revision = "{A}"
requirements = ["x==1"]
flavours = ["shared"]
"""
    assert load(cwd, text).llvm == LlvmSpec(
        supplier=SupplierKind.WHEELS,
        revision=RevisionRule.UNRECORDED,
        repository="../llvm-project",
        tags={"llvmorg-22.1.8": A},
        wheels=(
            WheelSet(
                revision=A,
                tag="llvmorg-22.1.8",
                requirements=("xtc-llvm-dev==22.1.8.2", f"xtc-mlir-dev==22.1.8.4 --hash=sha256:{'0' * 64}"),
                flavours=("static",),
                line=7,
            ),
            WheelSet(revision=A, requirements=("x==1",), flavours=("shared",), line=12),
        ),
    )


def test_the_table_build(cwd: Path) -> None:
    (cwd / "cpp").mkdir()
    text = """
[build]
source = "cpp"
targets = ["my-opt"]
install = false
install_targets = ["install-my-opt"]
check = [["{build}/bin/my-opt", "--version"], ["echo", "{not-a-name} {} {{build}}"]]
cmake = { A = "x", B = 1, "C:BOOL" = true, D = false, E = 1.5 }
env = { PATH = "/bin" }
"""
    assert load(cwd, text).build == BuildSpec(
        source="cpp",
        targets=("my-opt",),
        install=False,
        install_targets=("install-my-opt",),
        check=(("{build}/bin/my-opt", "--version"), ("echo", "{not-a-name} {} {{build}}")),
        cmake={"A": "x", "B": "1", "C:BOOL": "ON", "D": "OFF", "E": "1.5"},
        env={"PATH": "/bin"},
    )


def test_a_source_build(cwd: Path) -> None:
    text = """
[llvm]
supplier = "source"
[llvm.source]
repository = "https://github.com/llvm/llvm-project"
cmake = { LLVM_ENABLE_ASSERTIONS = true }
targets = ["mlir-opt"]
launcher = "none"
flavours = { static = { cmake = { BUILD_SHARED_LIBS = false } } }
"""
    assert load(cwd, text).llvm.source == SourceSpec(
        repository="https://github.com/llvm/llvm-project",
        cmake={"LLVM_ENABLE_ASSERTIONS": "ON"},
        targets=("mlir-opt",),
        launcher=NO_LAUNCHER,
        flavours={"static": {"BUILD_SHARED_LIBS": "OFF"}},
    )


def test_a_pin_behind_another_repository(cwd: Path) -> None:
    text = "[[pin]]\nname = 'x'\nfile = 'f'\nthrough = [{ file = 'triton-hash.txt', repository = '../triton' }]"
    assert load(cwd, text).pins[0].through == (HopSpec(file="triton-hash.txt", repository="../triton"),)


def test_predictions_advice_and_cadence(cwd: Path) -> None:
    text = """
[linkcheck]
policy = "report"
confirm = true
[preflight]
enabled = false
[update]
cadence = "twice a month"
[[advice]]
match = "undefined reference to `mlir::.*'"
text = "see the link"
link = "https://example.org"
"""
    config = load(cwd, text)
    assert config.linkcheck == LinkcheckSpec(policy=PredictionPolicy.REPORT, confirm=True)
    assert config.preflight == PreflightSpec(enabled=False)
    assert config.update == UpdateSpec(cadence="twice a month")
    assert config.advice == (
        AdviceSpec(match="undefined reference to `mlir::.*'", text="see the link", link="https://example.org"),
    )


def test_timeouts_keep_their_defaults(cwd: Path) -> None:
    assert load(cwd, "[timeouts]\nbuild = 60\ncheck = 0.5").timeouts == Timeouts(build=60.0, check=0.5)


def test_holds(cwd: Path) -> None:
    text = """
[axes.mhlo]
on = {}
off = {}
[axes.linkage]
static = {}
shared = {}
[[pin]]
name = "stablehlo"
file = "f"
[[hold]]
until = "2026-12-10"
reason = "openxla/stablehlo#1234"
configurations = "mhlo=on, linkage = shared, linkage=static"
stages = ["build"]
pins = ["stablehlo"]
owner = "ada"
issue = "#1"
"""
    assert load(cwd, text).holds == (
        Hold(
            until=datetime.date(2026, 12, 10),
            reason="openxla/stablehlo#1234",
            configurations={"mhlo": ("on",), "linkage": ("shared", "static")},
            stages=("build",),
            pins=("stablehlo",),
            owner="ada",
            issue="#1",
            line=11,
        ),
    )


def test_the_root_is_the_files_directory(cwd: Path) -> None:
    assert load(cwd, "").root == cwd


def test_a_configuration_by_its_name(cwd: Path) -> None:
    config = load(cwd, "[[configuration]]\nname = 'x'\n[[configuration]]\nname = 'y'")
    assert config.configuration("y").name == "y"
    with pytest.raises(KeyError):
        config.configuration("z")


def test_placeholders_are_filled_and_other_braces_stay() -> None:
    values = {"build": "/b", "source": "/s"}
    assert fill("{build}/x {source} {other} {} ${x} {b", values) == "/b/x /s {other} {} ${x} {b"


# pyproject.toml

PYPROJECT = "[project]\nname = 'x'\n\n[[tool.llvmgate.pin]]\nname = 'p'\nfile = 'f'\n"


def test_pyproject_holds_the_same_in_its_tool_table(cwd: Path) -> None:
    config = load(cwd, PYPROJECT, name="pyproject.toml")
    assert config.pins == (PinSpec(name="p", file="f", line=4),)


def test_errors_in_pyproject_have_its_lines_and_the_keys_below_the_tool_table(cwd: Path) -> None:
    text = PYPROJECT + "[tool.llvmgate.timeouts]\nbiuld = 1\n"
    assert problems(cwd, text, name="pyproject.toml") == [
        "8: timeouts.biuld: unknown key -> did you mean 'build'?",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tool]\nllvmgate = 3", "2: expected a table, found the number 3"),
        ("[tool.llvmgate]\nx = 1", "2: x: unknown key"),
    ],
)
def test_a_tool_table_that_is_wrong(cwd: Path, text: str, expected: str) -> None:
    [found] = problems(cwd, text, name="pyproject.toml")
    assert found.startswith(expected)


@pytest.mark.parametrize("text", ["", "tool = 3", "[tool]\nllvmgat = {}", "[tool.other]"])
def test_a_pyproject_without_the_table_says_so(cwd: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(cwd, text, name="pyproject.toml")
    assert str(caught.value) == (
        "pyproject.toml: there is no table [tool.llvmgate]\n"
        "    -> run 'llvmgate init' in the downstream's root to write an llvmgate.toml"
    )


# which file


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """``outer/.git`` with a directory ``outer/a/b``."""
    (tmp_path / "outer/.git").mkdir(parents=True)
    (tmp_path / "outer/a/b").mkdir(parents=True)
    return tmp_path / "outer"


def test_the_nearest_file_upwards_is_taken(tree: Path) -> None:
    (tree / "llvmgate.toml").touch()
    assert find_config(tree / "a/b") == tree / "llvmgate.toml"
    (tree / "a/llvmgate.toml").touch()
    assert find_config(tree / "a/b") == tree / "a/llvmgate.toml"


def test_llvmgate_toml_wins_over_pyproject(tree: Path) -> None:
    (tree / "pyproject.toml").write_text(PYPROJECT)
    assert find_config(tree) == tree / "pyproject.toml"
    (tree / "llvmgate.toml").touch()
    assert find_config(tree) == tree / "llvmgate.toml"


def test_the_search_ends_at_the_repositorys_root(tree: Path) -> None:
    (tree.parent / "llvmgate.toml").touch()
    assert find_config(tree / "a/b") is None


def test_the_search_ends_at_a_submodules_root(tree: Path) -> None:
    (tree / "llvmgate.toml").touch()
    (tree / "a/.git").write_text("gitdir: ../.git/modules/a\n")
    assert find_config(tree / "a/b") is None


def test_without_any_repository_the_search_ends_at_the_top(tmp_path: Path) -> None:
    assert find_config(tmp_path) is None


@pytest.mark.parametrize(
    "text",
    ["[tool]\nllvmgate = {}", "[ tool . 'llvmgate' ]", "tool.llvmgate.pin = []", "[[tool.llvmgate.pin]]"],
)
def test_a_tool_table_in_any_spelling_is_found(tree: Path, text: str) -> None:
    (tree / "pyproject.toml").write_text(text)
    assert find_config(tree) == tree / "pyproject.toml"


@pytest.mark.parametrize(
    "text",
    [
        "[project]\ndependencies = ['pytest-llvmgate']",
        "# [tool.llvmgate]",
        "[tool.llvmgate-other]",
        "[tool]\nllvmgate = 1",
        "tool = ['llvmgate']",
        "tool = 'llvmgate'",
    ],
)
def test_a_pyproject_that_only_mentions_it_is_not(tree: Path, text: str) -> None:
    (tree / "pyproject.toml").write_text(text)
    assert find_config(tree) is None


def test_a_broken_pyproject_is_found_so_that_loading_it_says_how(tree: Path) -> None:
    (tree / "pyproject.toml").write_text("[tool.llvmgate\n")
    with pytest.raises(ConfigError, match="this is not TOML"):
        load_config(find_config(tree) or Path())


def test_a_pyproject_of_bytes_is_passed_over(tree: Path) -> None:
    (tree / "pyproject.toml").write_bytes(b"\xff\xfe[tool.llvmgate]")
    assert find_config(tree) is None
