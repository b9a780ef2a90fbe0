"""The suppliers: from (candidate, flavour) to a verified prefix."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import filelock
import msgspec
import packaging
import pytest

import pytest_llvmgate
from pytest_llvmgate.bisect.supplied import this_toolchain
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.layout import LLVM
from pytest_llvmgate.config.settings import Config, SupplierKind
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm import prefix_cache
from pytest_llvmgate.llvm.from_prefix import supplied
from pytest_llvmgate.llvm.suppliers import at_hand, supplier, supply
from pytest_llvmgate.llvm.supply import Request, Supply
from pytest_llvmgate.model import Revision
from tests.support.configs import load
from tests.support.llvm_installs import llvm_files, mlir_files, wheel, write
from tests.support.programs import needs

SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
OTHER = "b708aea0bc7127adf4ec643660699c8bcdde1273"


def test_every_kind_of_supplier_has_a_module_and_a_key_of_its_own() -> None:
    for kind in SupplierKind:
        module = supplier(kind)
        assert all(hasattr(module, name) for name in ("MAKES_ANY", "supply", "identities", "supplied")), kind
        assert kind.value in LLVM.keys, kind


def request(directory: Path, **changes: Any) -> Request:
    return Request(
        **{
            "candidate": Revision(sha=SHA),
            "flavour": "static",
            "log": directory / "logs/llvm.log",
            "timeout": 120.0,
            "on_wait": lambda _: None,
        }
        | changes
    )


def refusal(config: Config, asked: Request) -> str:
    with pytest.raises(SupplyError) as caught:
        supply(config, asked)
    return str(caught.value)


def test_no_supplier(cwd: Path) -> None:
    assert refusal(load(cwd, ""), request(cwd)) == (
        "llvmgate.toml: no supplier is configured: expected a table [llvm] that says where the LLVM comes from\n"
        '    -> add [llvm] with supplier = "prefix" and prefix = "/path/to/llvm-install", or supplier = "wheels"'
    )


# An existing prefix


def prefix_config(directory: Path, template: str, more: str = "") -> Config:
    return load(directory, f"[llvm]\nsupplier = 'prefix'\nprefix = '{template}'\n{more}")


@pytest.mark.parametrize(
    ("template", "place"),
    [
        ("../llvm/{sha}", f"llvm/{SHA}"),
        ("../llvm/{short}-{flavour}", f"llvm/{SHA[:12]}-static"),
        ("../{tag}/{flavour}", "llvmorg-22.1.8/static"),
        ("../x{}", "x{}"),
    ],
)
def test_the_template_is_filled_and_relative_to_the_configuration(tmp_path: Path, template: str, place: str) -> None:
    root = write(tmp_path / place, llvm_files(SHA) | mlir_files())
    (tmp_path / "project").mkdir()
    candidate = Revision(sha=SHA, name="llvmorg-22.1.8")
    found = supply(prefix_config(tmp_path / "project", template), request(tmp_path, candidate=candidate))
    assert found.prefix.llvm_dir.resolve() == root / "lib/cmake/llvm"
    assert found.prefix.llvm_dir.is_absolute()
    assert found.origin.startswith("prefix /")
    assert (found.remark, found.saved) == ("", 0.0)


def test_an_absolute_template_and_one_below_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "llvm", llvm_files(SHA))
    monkeypatch.setenv("HOME", str(tmp_path))
    for template in (str(root), "~/llvm"):
        assert supply(prefix_config(tmp_path, template), request(tmp_path)).prefix.llvm_root == root


def test_a_template_that_needs_a_tag(cwd: Path) -> None:
    assert refusal(prefix_config(cwd, "/opt/{tag}"), request(cwd)).startswith(
        f"llvm.prefix = '/opt/{{tag}}' needs a tag, and {SHA[:12]} has none in [llvm.tags]"
    )


def test_a_prefix_that_is_not_there(cwd: Path) -> None:
    assert refusal(prefix_config(cwd, "nowhere/{sha}"), request(cwd)) == (
        f"expected an installed LLVM at {cwd}/nowhere/{SHA}, found no such directory\n"
        "    -> install the candidate there, or say in [llvm] where one is: a prefix, wheels, an archive or source"
    )


def test_a_prefix_of_another_revision(cwd: Path) -> None:
    write(cwd / "llvm", llvm_files(OTHER))
    assert f"expected an LLVM of revision {SHA}, found {OTHER}" in refusal(prefix_config(cwd, "llvm"), request(cwd))


def test_a_prefix_that_is_half(cwd: Path) -> None:
    (write(cwd / "llvm", llvm_files(SHA)) / "lib/libLLVMCore.a").unlink()
    assert "found half of one" in refusal(prefix_config(cwd, "llvm"), request(cwd))


def test_a_prefix_without_a_revision(cwd: Path) -> None:
    write(cwd / "llvm", llvm_files(None))
    assert "found an install that records none" in refusal(prefix_config(cwd, "llvm"), request(cwd))
    found = supply(prefix_config(cwd, "llvm", "revision = 'unrecorded'"), request(cwd))
    assert found.remark.startswith("the install records no revision; taken on trust")


def test_a_prefix_that_is_at_hand(cwd: Path) -> None:
    root = write(cwd / "llvm", llvm_files(SHA))
    found = at_hand(prefix_config(cwd, "llvm"), Revision(sha=SHA), "default")
    assert found is not None
    assert found.llvm_root == root


def test_an_install_that_may_be_anybody_s_is_the_candidate_s_alone(cwd: Path) -> None:
    write(cwd / "llvm", llvm_files(None))
    write(cwd / SHA, llvm_files(None))
    unrecorded = "revision = 'unrecorded'"
    fixed, own = (prefix_config(cwd, template, unrecorded) for template in ("llvm", "{sha}"))
    assert at_hand(fixed, Revision(sha=SHA), "default", trusted=True) is not None
    assert at_hand(fixed, Revision(sha=SHA), "default") is None
    assert at_hand(own, Revision(sha=SHA), "default") is not None
    assert supplied(fixed, [SHA, OTHER], "default", this_toolchain) == frozenset()
    assert supplied(own, [SHA, OTHER], "default", this_toolchain) == {SHA}
    write(cwd / "llvm", llvm_files(SHA))
    assert supplied(fixed, [SHA, OTHER], "default", this_toolchain) == {SHA}


def test_what_would_have_to_be_made_or_is_another_is_not_at_hand(cwd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(cwd / "cache"))
    write(cwd / "llvm", llvm_files(OTHER))
    assert at_hand(prefix_config(cwd, "llvm"), Revision(sha=SHA), "default") is None
    assert at_hand(prefix_config(cwd, "gone"), Revision(sha=SHA), "default") is None
    assert at_hand(prefix_config(cwd, "{tag}"), Revision(sha=SHA), "default") is None
    assert at_hand(wheels_config(cwd, "x-llvm==22.1.8"), Revision(sha=SHA), "default") is None
    assert at_hand(load(cwd, ""), Revision(sha=SHA), "default") is None
    assert not (cwd / "cache").exists()


# Wheels


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of wheels that is all that pip and uv know, and a cache of the test's own."""
    directory = tmp_path / "wheels"
    wheel(directory, "x_llvm", "22.1.8", {f"llvm/{name}": text for name, text in llvm_files(SHA).items()})
    wheel(directory, "x_mlir", "22.1.8", {f"mlir/{name}": text for name, text in mlir_files().items()})
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(directory))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return directory


def wheels_config(directory: Path, *requirements: str, more: str = "") -> Config:
    listed = ", ".join(f"'{each}'" for each in requirements)
    return load(
        directory,
        f"[llvm]\nsupplier = 'wheels'\n[[llvm.wheels]]\nrevision = '{SHA}'\nrequirements = [{listed}]\n{more}",
    )


def entries(directory: Path) -> list[Path]:
    return list(directory.glob("cache/entries/*")) + list(directory.glob("cache/partial/*"))


def test_wheels_are_installed_once_and_then_come_from_the_cache(cwd: Path, index: Path) -> None:
    checksum = hashlib.sha256((index / "x_llvm-22.1.8-py3-none-any.whl").read_bytes()).hexdigest()
    other = hashlib.sha256((index / "x_mlir-22.1.8-py3-none-any.whl").read_bytes()).hexdigest()
    config = wheels_config(cwd, f"x_llvm==22.1.8 --hash=sha256:{checksum}", f"x-mlir==22.1.8 --hash=sha256:{other}")
    first = supply(config, request(cwd))
    [entry] = entries(cwd)
    assert (first.prefix.llvm_root, first.prefix.mlir_root) == (entry / "llvm", entry / "mlir")
    assert (first.prefix.revision, first.origin, first.saved) == (SHA, "wheels (installed)", 0.0)
    assert "Successfully installed " in (cwd / "logs/llvm.log").read_text()

    shutil.rmtree(index)
    second = supply(config, request(cwd, flavour="shared"))
    assert second == Supply(prefix=first.prefix, origin="wheels (from the cache)", was_there=True, saved=second.saved)
    assert second.saved > 0
    assert at_hand(config, Revision(sha=SHA), "static") == first.prefix


@pytest.mark.parametrize(
    ("requirement", "error"),
    [
        ("x-llvm==99", "ERROR: No matching distribution found for x-llvm==99"),
        (f"x-llvm==22.1.8 --hash=sha256:{'0' * 64}", "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"),
    ],
)
def test_wheels_that_cannot_be_installed(cwd: Path, index: Path, requirement: str, error: str) -> None:
    message = refusal(wheels_config(cwd, requirement), request(cwd))
    assert message.startswith(f"{cwd}/logs/llvm.log: the wheels could not be installed (exit code 1): {error}")
    assert "\n    -> try it by hand: " in message
    assert entries(cwd) == []


def test_a_wheel_that_is_not_as_its_record_says(cwd: Path, index: Path) -> None:
    path = index / "x_llvm-22.1.8-py3-none-any.whl"
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data.replace(b"RTTI OFF", b"RTTI 0FF"))
    message = refusal(wheels_config(cwd, "x-llvm==22.1.8"), request(cwd))
    assert "the wheels are damaged: llvm/lib/cmake/llvm/LLVMConfig.cmake is not as" in message
    assert entries(cwd) == []


@pytest.mark.parametrize("name", ["libLLVMCore.a", "LLVMConfig.cmake", "mlir-tblgen"])
def test_damage_in_installed_wheels_is_found_and_made_again(
    cwd: Path, index: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = wheels_config(cwd, "x_llvm==22.1.8", "x-mlir==22.1.8")
    supply(config, request(cwd))
    (entry,) = entries(cwd)
    next(entry.rglob(name)).write_text("damaged")
    assert main(["cache", "verify"]) == 1
    assert f"{name} has changed" in capsys.readouterr().out
    prefix_cache._SOUND.clear()
    assert supply(config, request(cwd)).origin == "wheels (installed)"
    assert main(["cache", "verify"]) == 0


def test_an_entry_without_digests_is_not_whole_and_is_made_again(
    cwd: Path, index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = wheels_config(cwd, "x_llvm==22.1.8", "x-mlir==22.1.8")
    supply(config, request(cwd))
    (entry,) = entries(cwd)
    info = json.loads((entry / "llvmgate-entry.json").read_text())
    (entry / "llvmgate-entry.json").write_text(json.dumps(info | {"manifest": ""}))
    (entry / "llvmgate-manifest.json").unlink()
    assert main(["cache", "verify"]) == 1
    assert "llvmgate-manifest.json is missing" in capsys.readouterr().out
    supply(config, request(cwd))
    assert main(["cache", "verify"]) == 0


def test_wheels_of_another_revision_than_they_should_be(cwd: Path, index: Path) -> None:
    wheel(index, "x_llvm", "22.1.8", {f"llvm/{name}": text for name, text in llvm_files(OTHER).items()})
    assert f"expected an LLVM of revision {SHA}, found {OTHER}" in refusal(
        wheels_config(cwd, "x-llvm==22.1.8"), request(cwd)
    )


def test_an_install_that_takes_too_long(cwd: Path, index: Path) -> None:
    message = refusal(wheels_config(cwd, "x-llvm==22.1.8"), request(cwd, timeout=0.2))
    assert "(stopped after its time-out of 0.2 s): it printed nothing" in message
    assert entries(cwd) == []


def test_no_wheels_of_the_candidate(cwd: Path, index: Path) -> None:
    config = wheels_config(cwd, "x-llvm==22.1.8", more="tag = 'llvmorg-22.1.8'")
    assert refusal(config, request(cwd, candidate=Revision(sha=OTHER))) == (
        f"llvmgate.toml: expected wheels of LLVM {OTHER}, found wheels of {SHA[:12]} (llvmorg-22.1.8)\n"
        "    -> add a [[llvm.wheels]] table for it, or choose one of these commits"
    )


def test_no_wheels_of_the_flavour(cwd: Path, index: Path) -> None:
    config = wheels_config(cwd, "x-llvm==22.1.8", more="flavours = ['shared']")
    assert refusal(config, request(cwd)) == (
        f"llvmgate.toml:3: expected wheels of {SHA[:12]} for the flavour 'static', found none\n"
        "    -> add the flavour to 'flavours' of these wheels, or a further [[llvm.wheels]] table"
    )


WITHOUT_PIP = """
import sys
import zipfile
from pathlib import Path
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.llvm.suppliers import supply
from pytest_llvmgate.llvm.supply import Request
from pytest_llvmgate.model import Revision
request = Request(
    candidate=Revision(sha=sys.argv[1]), flavour="f", log=Path("logs/x"), timeout=120.0, on_wait=print
)
try:
    print(supply(load_config(Path("llvmgate.toml").absolute()), request).origin)
except GateError as error:
    print(error)
"""


def without_pip(directory: Path, path: str) -> str:
    """What the supplier says in an interpreter that has the gate and what it imports, and no other package."""
    packages = directory / "packages"
    packages.mkdir()
    for package in (pytest_llvmgate, filelock, msgspec, packaging):
        assert package.__file__
        (packages / package.__name__).symlink_to(Path(package.__file__).parent)
    command = [sys.executable, "-S", "-c", WITHOUT_PIP, SHA]
    env = {**os.environ, "PYTHONPATH": str(packages), "PATH": path}
    return subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=True).stdout


def test_neither_pip_nor_uv(cwd: Path, index: Path) -> None:
    wheels_config(cwd, "x-llvm==22.1.8")
    said = without_pip(cwd, "/nowhere")
    assert said.startswith("expected pip in ")
    assert " or uv on PATH, found neither\n    -> " in said
    assert said.endswith("-m ensurepip\n")


@needs("uv")
def test_uv_where_there_is_no_pip(cwd: Path, index: Path) -> None:
    wheels_config(cwd, "x-llvm==22.1.8", "x-mlir==22.1.8")
    assert without_pip(cwd, os.environ["PATH"]) == "wheels (installed)\n"
