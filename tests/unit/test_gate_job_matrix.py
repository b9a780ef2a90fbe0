"""The configurations of a project as jobs for several machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.job_matrix import job_matrix
from pytest_llvmgate.stages.stage_plan import all_nodes
from tests.support.carries import carry
from tests.support.configs import load

TWO_AXES = """
[[pin]]
name = "llvm"
file = "llvm.txt"

[llvm]
supplier = "prefix"
prefix = "/opt/{flavour}"

[build]

[axes.linkage]
static = { flavour = "static" }
shared = { flavour = "shared" }

[axes.mhlo]
on = {}
off = {}
"""


@pytest.fixture
def config(cwd: Path) -> Config:
    return load(cwd, TWO_AXES)


def test_one_job_per_configuration_behind_the_pins_and_one_per_llvm(config: Config) -> None:
    matrix = job_matrix(config, {})
    assert matrix.first.nodes == ("llvmgate.toml::pins",)
    assert [job.nodes for job in matrix.llvms] == [
        ("llvmgate.toml::llvm::static", "llvmgate.toml::preflight::static"),
        ("llvmgate.toml::llvm::shared", "llvmgate.toml::preflight::shared"),
    ]
    assert [job.name for job in matrix.builds] == [
        "static-mhlo_on",
        "static-mhlo_off",
        "shared-mhlo_on",
        "shared-mhlo_off",
    ]
    assert matrix.builds[2].nodes == ("llvmgate.toml::shared-mhlo_on",)
    assert matrix.builds[2].flavours == ("shared",)


def test_every_stage_is_some_jobs(cwd: Path) -> None:
    for text in (TWO_AXES, TWO_AXES.replace('"prefix"\nprefix = "/opt/{flavour}"', '"source"\nrepository = "../llvm"')):
        for switch in ("true", "false"):
            config = load(cwd, f"{text}[preflight]\nenabled = {switch}\n")
            matrix = job_matrix(config, {}, shards=3)
            nodes = [node for job in (matrix.first, *matrix.llvms, *matrix.builds) for node in job.nodes]
            done = {
                known for known in all_nodes(config) for node in nodes if f"x::{known}".startswith(f"x::{node[15:]}")
            }
            assert done == set(all_nodes(config))
            assert (switch == "false") == all("preflight" not in node for node in nodes)


def test_shards_take_about_equally_long(config: Config) -> None:
    seconds = {"static-mhlo_on": 100.0, "static-mhlo_off": 60.0, "shared-mhlo_on": 50.0, "shared-mhlo_off": 20.0}
    first, second = job_matrix(config, seconds, shards=2).builds
    assert (first.configurations, first.seconds) == (("static-mhlo_on", "shared-mhlo_off"), 120.0)
    assert (second.configurations, second.seconds) == (("static-mhlo_off", "shared-mhlo_on"), 110.0)
    assert [first.name, second.name] == ["shard-1", "shard-2"]


def test_what_was_never_gated_counts_as_the_others_do(config: Config) -> None:
    assert [job.seconds for job in job_matrix(config, {"static-mhlo_on": 80.0}).builds] == [80.0] * 4


def test_more_machines_than_configurations(config: Config) -> None:
    assert len(job_matrix(config, {}, shards=9).builds) == 4


def test_more_jobs_than_a_matrix_may_have(cwd: Path) -> None:
    axes = "".join(
        f"[axes.{axis}]\n" + "".join(f"{option} = {{}}\n" for option in "abcdefg") for axis in ("x", "y", "z")
    )
    with pytest.raises(GateError, match=r"343 configurations are more jobs than a matrix may have \(256\)"):
        job_matrix(load(cwd, f"[build]\n{axes}"), {})


def test_preflight_comes_first_where_llvm_is_built_here(cwd: Path) -> None:
    config = load(cwd, TWO_AXES.replace('supplier = "prefix"', 'supplier = "source"\nrepository = "../llvm"'))
    assert job_matrix(config, {}).first.nodes == ("llvmgate.toml::pins", "llvmgate.toml::preflight")


def test_the_forms_of_the_services(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", "--github"]) == 0
    text = capsys.readouterr().out
    assert text.count("\n") == 1
    assert json.loads(text)["include"][0] == {
        "name": "static-mhlo_on",
        "nodes": "llvmgate.toml::static-mhlo_on",
        "flavours": "static",
        "configurations": "static-mhlo_on",
        "artifacts": "llvmgate-llvm-@(static)",
        "minutes": 10.0,
    }
    assert main(["matrix", "--gitlab", "--shards", "2"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["builds"][0] == {
        "JOB_NAME": "shard-1",
        "JOB_NODES": "llvmgate.toml::static-mhlo_on llvmgate.toml::shared-mhlo_on",
    }
    assert printed["first"] == "llvmgate.toml::pins"
    assert [job["JOB_NODES"].split()[0] for job in printed["llvms"]] == [
        "llvmgate.toml::llvm::static",
        "llvmgate.toml::llvm::shared",
    ]


def test_no_configuration_file(cwd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix"]) == 4
    assert "there is no llvmgate.toml" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "-1", "x", "1e9", "9" * 5000])
def test_a_number_of_machines_that_is_none(text: str, config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["matrix", "--shards", text])
    assert "expected a whole number above 0" in capsys.readouterr().err


def test_carries_are_looked_at_in_the_first_job(cwd: Path) -> None:
    config = load(cwd, TWO_AXES + carry("x", more="component = 'hlo'"))
    assert job_matrix(config, {}).first.nodes == ("llvmgate.toml::pins", "llvmgate.toml::carry")
