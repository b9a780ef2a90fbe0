"""Paths in the configuration that can be none on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from git_kit import A, Repo

from pytest_llvmgate.config.expand import DEFAULT_FLAVOUR
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import Config, sibling_paths
from pytest_llvmgate.errors import EXIT_USAGE, ConfigError
from pytest_llvmgate.llvm.from_archive import _url
from pytest_llvmgate.llvm.from_prefix import supplied
from pytest_llvmgate.llvm.revision import clone_path
from pytest_llvmgate.model import Revision
from pytest_llvmgate.pins.bulk import clone_paths
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.pins.read import read_pins

HOP = """[[pin]]
name = "llvm"
file = "llvm.txt"
through = [{ file = "commit.txt", repository = "%s" }]
"""


def toolchain() -> None:
    raise AssertionError


USES: dict[str, tuple[str, Callable[[Config], object]]] = {
    "update.siblings": ('[update]\nsiblings = ["%s"]\n', sibling_paths),
    "llvm.repository": ('[llvm]\nsupplier = "prefix"\nprefix = "x"\nrepository = "%s"\n', find_upstream),
    "llvm.repository, for names": ('[llvm]\nsupplier = "prefix"\nprefix = "x"\nrepository = "%s"\n', clone_path),
    "llvm.prefix": (
        '[llvm]\nsupplier = "prefix"\nprefix = "%s"\n',
        lambda config: supplied(config, [A], DEFAULT_FLAVOUR, toolchain),  # type: ignore[arg-type]
    ),
    "llvm.archive": (
        '[llvm]\nsupplier = "archive"\narchive = "%s"\n',
        lambda config: _url(config, Revision(sha=A), DEFAULT_FLAVOUR),
    ),
}


@pytest.mark.parametrize("text", ["~nosuchuser/x", "a" * 3000])
@pytest.mark.parametrize("use", USES)
def test_a_path_that_can_be_none_is_a_usage_error(tmp_path: Path, use: str, text: str) -> None:
    template, work = USES[use]
    repo = Repo(tmp_path / "repo")
    repo.commit({"llvmgate.toml": template % text, "commit.txt": f"{A}\n"})
    with pytest.raises(ConfigError, match=use.partition(",")[0]) as caught:
        work(load_config(repo.path / "llvmgate.toml"))
    assert caught.value.exit_code == EXIT_USAGE
    assert len(str(caught.value)) < 400


def test_a_clone_on_the_command_line_of_nobody() -> None:
    with pytest.raises(ConfigError, match="no user of that name"):
        clone_paths(["stablehlo=~nosuchuser/x"])


def test_a_clone_on_the_way_to_a_pin_of_nobody_is_that_pins_problem(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"llvmgate.toml": HOP % "~nosuchuser/x", "commit.txt": f"{A}\n"})
    (reading,) = read_pins(load_config(repo.path / "llvmgate.toml"))
    assert reading.problem is not None
    assert "no user of that name" in str(reading.problem)
