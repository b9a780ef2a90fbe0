"""``[llvm.source] store``: an LLVM that another machine has built is brought before one is built here."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import pytest_llvmgate.llvm.download as download_module
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.llvm import shared, source
from pytest_llvmgate.llvm.prefix_cache import Cache, CachedLlvm
from pytest_llvmgate.llvm.suppliers import supply
from pytest_llvmgate.llvm.supply import Request, Supply
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.model import Revision
from tests.support.configs import load, problems
from tests.support.llvm_installs import llvm_files, mlir_files, write
from tests.support.programs import UNPACKS
from tests.support.web_server import Server, send

pytestmark = UNPACKS

SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
TOOLS = Toolchain(cmake="/nowhere/cmake", ninja="/nowhere/ninja", cxx="c++", compiler="c++ 12", env={})
LLVM = "[llvm]\nsupplier = 'source'\nrepository = 'nowhere'\n"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_module, "_LONGEST_PAUSE", 0.0)


def made(directory: Path) -> None:
    """What a build would leave."""
    write(directory, llvm_files(SHA) | mlir_files())


def refused(handler: BaseHTTPRequestHandler) -> None:
    send(handler, b"", status=401)


class Machines:
    """One that has built LLVM, one that has not; a store between them."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path, self.monkeypatch = path, monkeypatch

    def config(self, store: str, more: str = "") -> Config:
        return load(self.path, f"{LLVM}{more}[llvm.source]\nstore = {store!r}\n")

    def push(self, store: str, identity: dict[str, str]) -> None:
        """The first machine has an LLVM of that identity, and pushes it."""
        self.monkeypatch.setenv("LLVMGATE_CACHE", str(self.path / "first"))
        Cache(self.path / "first").provide(identity, made, on_wait=print)
        assert main(["cache", "push", str(self.path / store) if "://" not in store else store]) == 0

    def supply(self, config: Config, flavour: str = "static") -> Supply:
        """On the second machine, where nothing can be built: there are no sources and no tools."""
        self.monkeypatch.setenv("LLVMGATE_CACHE", str(self.path / "second"))
        request = Request(
            candidate=Revision(sha=SHA),
            flavour=flavour,
            log=self.path / "log",
            timeout=60,
            on_wait=print,
            toolchain=lambda: TOOLS,
        )
        return supply(config, request)


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machines:
    return Machines(tmp_path, monkeypatch)


def test_what_the_store_has_is_not_built(machines: Machines) -> None:
    config = machines.config("store")
    machines.push("store", source.identity(config, SHA, "static", TOOLS))
    found = machines.supply(config)
    assert found.remark == "brought from store"
    assert found.prefix.llvm_root.is_relative_to(machines.path / "second/entries")
    assert machines.supply(config).remark == ""  # it is in the cache by now


def test_the_same_over_http_and_the_server_is_told_no_token(machines: Machines, server: Server) -> None:
    """The URL may come with a pull request."""
    config = machines.config(server.url)
    machines.push(server.url, source.identity(config, SHA, "static", TOOLS))
    server.credentials.clear()
    machines.monkeypatch.setenv("LLVMGATE_STORE_TOKEN", "secret-word")
    assert machines.supply(config).remark == f"brought from {server.url}"
    assert server.credentials == {""}


def test_a_derived_flavour_is_brought_as_it_is(machines: Machines) -> None:
    axes = "[axes.linkage]\nstatic = { flavour = 'static' }\nshared = { flavour = 'shared' }\n"
    config = load(machines.path, f"{LLVM}[llvm.source]\nstore = 'store'\n{axes}")
    machines.push("store", shared.source_identity(config, SHA, TOOLS))
    assert "brought from store" in machines.supply(config, "shared").remark


def test_what_another_store_has_is_not_believed(machines: Machines) -> None:
    """A change that names a store of its own fills nothing that other changes look at."""
    theirs, ours = machines.config("theirs"), machines.config("ours")
    machines.push("theirs", source.identity(theirs, SHA, "static", TOOLS))
    assert machines.supply(theirs).was_there
    with pytest.raises(GateError, match="nowhere"):
        machines.supply(ours)


@pytest.mark.parametrize(
    ("wrong", "remark"),
    [
        ("absent", ""),
        ("refused", "was of no use: "),
        ("damaged", "was of no use: the store does not describe "),
        ("another commit", "was of no use: "),
    ],
)
def test_a_store_that_is_of_no_use_is_told_and_llvm_is_built(
    machines: Machines, server: Server, wrong: str, remark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = machines.config(server.url)
    identity = source.identity(config, SHA, "static", TOOLS)
    machines.push(server.url, identity)
    if wrong == "another commit":
        (name,) = [name for name in server.files if name.endswith(".json")]
        server.files[name] = bytes(server.files[name]).replace(SHA.encode(), b"b" * 40)  # type: ignore[arg-type]
    else:
        answers = {"refused": refused, "damaged": b"x"}
        server.files = {name: answers[wrong] for name in server.files if wrong in answers}

    def build(*_: object) -> tuple[CachedLlvm, bool]:
        entry = Cache(machines.path / "second").provide(identity, made, on_wait=print)
        return entry, False

    monkeypatch.setattr(source, "provide", build)
    found = machines.supply(config)
    assert found.remark.startswith(f"{server.url} {remark}" if remark else "")
    assert found.origin == "source (built)"


@pytest.mark.parametrize("store", ["", "http://example.org/llvm", "http://localhost.example.org/llvm"])
def test_a_store_that_is_none_is_refused(cwd: Path, store: str) -> None:
    (problem,) = problems(cwd, f"{LLVM}[llvm.source]\nstore = {store!r}\n")
    assert "expected a directory, or a URL of https" in problem
