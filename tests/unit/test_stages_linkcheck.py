"""Over which LLVMs the stage ``linkcheck`` looks, and its log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.linkcheck.link_analysis import LinkPrediction
from pytest_llvmgate.linkcheck.prediction import LinkcheckResult
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix
from pytest_llvmgate.stages.commands import BuildContext
from pytest_llvmgate.stages.linkcheck_stage import as_shared, find_shared_llvm
from pytest_llvmgate.stages.predicted_links import log_text
from tests.support.configs import load
from tests.support.toy import make_llvm

CONFIG = """\
[axes.linkage]
static = { flavour = "static" }
dylib = { flavour = "dylib" }
shared = { flavour = "shared" }
[build]
"""


@pytest.fixture
def installs(tmp_path: Path) -> dict[str, ToolchainPrefix]:
    found = {}
    for flavour in ("static", "dylib", "shared"):
        root = make_llvm(tmp_path / flavour)
        config = root / "lib/cmake/llvm/LLVMConfig.cmake"
        config.write_text(
            config.read_text() + f"set(LLVM_ENABLE_SHARED_LIBS {'ON' if flavour == 'shared' else 'OFF'})\n"
        )
        found[flavour] = read_prefix(root)
    return found


@pytest.mark.parametrize(
    ("flavour", "more", "expected"),
    [
        ("static", "", "shared"),
        ("dylib", "", "shared"),
        ("shared", "", None),
        ("static", 'linkcheck.llvm = "shared"', "shared"),
        ("static", 'linkcheck.llvm = "as-configured"', None),
    ],
)
def test_the_flavour_that_is_shared_is_looked_at_as_well(
    tmp_path: Path, installs: dict[str, ToolchainPrefix], flavour: str, more: str, expected: str | None
) -> None:
    config = load(tmp_path, f"{more}\n{CONFIG}")
    configuration = next(each for each in config.configurations if each.flavour == flavour)
    found = find_shared_llvm(config, configuration, installs.get)
    assert (found.flavour if found else None) == expected
    assert found is None or found.prefix == installs["shared"]


def test_an_install_that_cannot_be_had_is_not_looked_at(tmp_path: Path) -> None:
    config = load(tmp_path, CONFIG)
    assert find_shared_llvm(config, config.configurations[0], lambda _: None) is None


SIBLINGS = """\
[axes.linkage]
static = { cmake = { BUILD_SHARED_LIBS = "OFF" } }
shared = { cmake = { BUILD_SHARED_LIBS = "ON", X_USE_SHARED_Y = "ON" }, env = { LIBS = "shared" } }
[axes.mhlo]
on = { cmake = { X_MHLO = "ON" } }
off = {}
[build]
"""


@dataclass(frozen=True)
class Context:
    config: Config
    configuration: Configuration


def in_context(config: Config, configuration: Configuration) -> BuildContext:
    return cast("BuildContext", Context(config, configuration))


def test_a_shared_build_is_foretold_with_what_the_shared_sibling_asks_of_cmake(tmp_path: Path) -> None:
    config = load(tmp_path, SIBLINGS)
    static = next(each for each in config.configurations if each.name == "static-mhlo_on")
    foretold = as_shared(in_context(config, static)).configuration
    assert foretold.name == "static-mhlo_on"
    assert foretold.cmake == {"BUILD_SHARED_LIBS": "ON", "X_USE_SHARED_Y": "ON", "X_MHLO": "ON"}
    assert foretold.env == {"LIBS": "shared"}


def test_without_a_shared_sibling_a_shared_build_is_foretold_as_the_static_one_is(tmp_path: Path) -> None:
    config = load(tmp_path, f"exclude = ['linkage=shared, mhlo=on']\n{SIBLINGS}")
    static = next(each for each in config.configurations if each.name == "static-mhlo_on")
    assert as_shared(in_context(config, static)).configuration == static


def test_a_link_that_no_view_could_analyse_is_in_the_log_once() -> None:
    links = (
        LinkPrediction(target="Built", type="SHARED_LIBRARY", output="libBuilt.so"),
        LinkPrediction(target="Unbuilt", type="SHARED_LIBRARY", output="libUnbuilt.so", not_analysed="not built"),
    )
    views = [LinkcheckResult(build_dir="b", links=links, notes=("common", own)) for own in ("own", "other")]
    assert log_text(*views).splitlines() == [
        *["1 of 2 links analysed, 0 would fail; "] * 2,
        *["note: common", "note: own", "note: other", "not analysed: Unbuilt: not built"],
    ]
