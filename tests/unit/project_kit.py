"""A small world: a clone of LLVM, a component that follows it, a downstream of both. All real git repositories."""

from __future__ import annotations

from pathlib import Path

from git_kit import Repo

from pytest_llvmgate.config.settings import Config, LlvmSpec, PinSpec
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.upstream.llvm_clone import Upstream

OWN = PinSpec(name="llvm-project", file="utils/clone-mlir.sh")
HLO = PinSpec(name="stablehlo", component="third_party/stablehlo", file="build_tools/llvm_version.txt")
VERSION = "build_tools/llvm_version.txt"
CONFIG = """\
[[pin]]
name = "llvm-project"
file = "utils/clone-mlir.sh"

[[pin]]
name = "stablehlo"
component = "third_party/stablehlo"
file = "build_tools/llvm_version.txt"

[llvm]
supplier = "prefix"
prefix = "/opt/llvm/{sha}"
repository = "../llvm-project"
"""


def day(number: int) -> str:
    """A date in January 2026, as git takes it."""
    return f"2026-01-{number:02}T12:00:00+00:00"


def clone_script(sha: str) -> str:
    return f"git clone https://example.org/llvm-project\ncd llvm-project && git checkout {sha} && cd ..\n"


class World:
    """LLVM has nine commits, one a day. The component was on 1, 3 and 6, the downstream is on 1."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.llvm_repo = Repo(path / "llvm-project")
        self.llvm = [self.llvm_repo.commit(message=f"llvm {number}", date=day(number)) for number in range(1, 10)]
        self.component = Repo(path / "stablehlo")
        self.on: dict[int, str] = {}
        for number in (1, 3, 6):
            self.move_component(number, on_day=number + 1)
            self.component.commit({"other.txt": str(number)}, message="other work", date=day(number + 1))
        self.repo = Repo(path / "repo")
        self.repo.write({"utils/clone-mlir.sh": clone_script(self.llvm[0])})
        self.repo.git("add", "utils")
        self.checkout = self.repo.add_submodule(self.component, "third_party/stablehlo")
        self.checkout.git("checkout", "-q", self.on[1])
        self.repo.git("add", "third_party/stablehlo")
        self.first = self.repo.commit(message="start", date=day(2))

    def move_component(self, number: int, *, on_day: int) -> str:
        """The component moves to LLVM's commit of that number."""
        sha = self.llvm[number - 1]
        title = f"Integrate LLVM at {sha[:12]}"
        self.on[number] = self.component.commit({VERSION: f"{sha}\n"}, message=title, date=day(on_day))
        return self.on[number]

    def move(self, number: int, *, component: int | None, on_day: int, title: str = "Bump LLVM") -> str:
        """The downstream moves to LLVM's commit of that number, and the component's gitlink with it (or not)."""
        if component is not None:
            self.checkout.git("fetch", "-q", "origin")
            self.checkout.git("checkout", "-q", self.on[component])
            self.repo.git("add", "third_party/stablehlo")
        return self.repo.commit(
            {"utils/clone-mlir.sh": clone_script(self.llvm[number - 1])}, message=title, date=day(on_day)
        )

    @property
    def config(self) -> Config:
        """The downstream's pins, with the clone of LLVM at hand."""
        llvm = LlvmSpec(repository=str(self.llvm_repo.path))
        return Config(path=self.repo.path / "llvmgate.toml", pins=(OWN, HLO), llvm=llvm)

    @property
    def upstream(self) -> Upstream:
        return find_upstream(self.config)
