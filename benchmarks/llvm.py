"""Figures of LLVM's supply: built, resumed, cached, derived; and what a compiler cache shares between configurations.

Usage::

    python benchmarks/llvm.py supply            # the miniature llvm-project: cold, resumed, cached, derived, built
    python benchmarks/llvm.py derive PREFIX     # an install with static archives, e.g. the 22.1.8 wheels
    python benchmarks/llvm.py objects           # tinyc's four configurations with and without ccache and base dirs
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.llvm.derive import derive
from pytest_llvmgate.llvm.prefix import read_prefix
from pytest_llvmgate.llvm.relink import Relinking
from pytest_llvmgate.llvm.suppliers import supply
from pytest_llvmgate.llvm.supply import Request, Supply
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.model import Revision
from pytest_llvmgate.stages.build_tools import toolchain_on_path
from tests.miniature import CONFIGURATIONS, Miniature, create
from tests.miniature.builds import build_downstream, downstream_options, run_stages
from tests.miniature.builds import supply as build_prefix
from tests.miniature.downstream import create_downstream

JOBS: Final = len(os.sched_getaffinity(0))


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print wall time, CPU time of children and the load around a piece of work."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    yield
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    wall = time.monotonic() - started
    memory = after.ru_maxrss / 1024
    print(
        f"{what:<52} {wall:7.1f} s wall {cpu:7.1f} s CPU  largest process so far {memory:5.0f} MiB"
        f"  load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def toolchain() -> Toolchain:
    """The tools on PATH."""
    return toolchain_on_path(JOBS)


def ask(config: Config, sha: str, flavour: str) -> Supply:
    """One flavour, as a session asks for it."""
    return supply(
        config,
        Request(
            candidate=Revision(sha=sha),
            flavour=flavour,
            log=config.root / "llvm.log",
            timeout=3600.0,
            on_wait=lambda _: None,
            toolchain=toolchain,
        ),
    )


def configured(directory: Path, miniature: Miniature, more: str) -> Config:
    """A configuration file with both linkages and the source supplier."""
    axes = "[axes.linkage]\nstatic = { flavour = 'static' }\nshared = { flavour = 'shared' }\n"
    text = f"[llvm]\nsupplier = 'source'\nrepository = '{miniature.repository}'\n{more}{axes}"
    (directory / "llvmgate.toml").write_text(text, encoding="utf-8")
    return load_config(directory / "llvmgate.toml")


def supply_figures(directory: Path) -> None:
    """Cold, cached, derived and built; then a build that was killed half-way."""
    os.environ |= {"LLVMGATE_CACHE": str(directory / "cache"), "CCACHE_DIR": str(directory / "ccache")}
    miniature = create(directory / "llvm-project", commits=("filler",))
    plain, sha = "source.launcher = 'none'\n", miniature.base
    with measured("static, cold, no compiler cache"):
        print(ask(configured(directory, miniature, plain), sha, "static").origin)
    with measured("static, from the cache"):
        print(ask(configured(directory, miniature, plain), sha, "static").origin)
    with measured("shared, derived from it"):
        print(ask(configured(directory, miniature, plain), sha, "shared").origin)
    with measured("shared, built, no compiler cache"):
        print(ask(configured(directory, miniature, f"derive = false\n{plain}"), sha, "shared").origin)
    shutil.rmtree(directory / "cache")
    if shutil.which("ccache"):
        with measured("static, cold, ccache empty"):
            ask(configured(directory, miniature, ""), sha, "static")
        with measured("shared, built, ccache filled by the static build"):
            ask(configured(directory, miniature, "derive = false\n"), sha, "shared")
        shutil.rmtree(directory / "cache")
    resumed_figures(configured(directory, miniature, plain), sha)


def resumed_figures(config: Config, sha: str) -> None:
    """Kill a build when half of its objects are there, and take it up."""
    program = (
        "import sys; from pathlib import Path; from benchmarks.llvm import ask, load_config; "
        "ask(load_config(Path(sys.argv[1])), sys.argv[2], 'static')"
    )
    command = [sys.executable, "-c", program, str(config.path), sha]
    with measured("static, killed half-way"):
        victim = subprocess.Popen(command, cwd=Path(__file__).parents[1])
        cache = Path(os.environ["LLVMGATE_CACHE"])
        while len(list(cache.glob("building/*/build/**/*.o"))) < 25 and victim.poll() is None:
            time.sleep(0.1)
        victim.kill()
        victim.wait()
    with measured("static, taken up"):
        print(ask(config, sha, "static").origin)


def derive_figures(prefix: Path, directory: Path) -> None:
    """Relink every archive of an install."""
    work = Relinking(
        directory=directory / "work", toolchain=toolchain(), packages={}, log=directory / "log", timeout=3600.0
    )
    with measured(f"shared, derived from {prefix}"):
        print(derive(read_prefix(prefix), directory / "shared", work, owned=False).remark)


def objects_figures(directory: Path) -> None:
    """The four configurations of tinyc, one after the other, as a script would build them."""
    miniature = create(directory / "llvm-project", commits=("filler",))
    prefix = build_prefix(miniature, miniature.base, "static", directory / "prefixes", jobs=JOBS)
    tinyc = create_downstream(directory / "tinyc", miniature).root

    def plain(name: str, build: Path) -> object:
        return build_downstream(tinyc, build, prefix, name, jobs=JOBS)

    def cached(base: bool) -> Callable[[str, Path], object]:
        def build(name: str, place: Path) -> object:
            os.environ |= {"CCACHE_DIR": str(directory / f"ccache-{base}")}
            if base:
                os.environ |= {"CCACHE_BASEDIR": str(directory), "CCACHE_NOHASHDIR": "1"}
            return with_launcher(tinyc, place, prefix, name)

        return build

    ways: dict[str, Callable[[str, Path], object]] = {"no compiler cache": plain}
    if shutil.which("ccache"):
        ways |= {"ccache, no base directory": cached(base=False), "ccache with base directories": cached(base=True)}
    for what, way in ways.items():
        for index, name in enumerate(CONFIGURATIONS):
            with measured(f"{what}: {name}{' (the first)' if not index else ''}"):
                way(name, directory / what.replace(" ", "-") / name)
        if what.startswith("ccache"):
            print(subprocess.run(["ccache", "-s"], capture_output=True, text=True, check=False).stdout)


def with_launcher(source: Path, build: Path, prefix: Path, name: str) -> object:
    """Configure and build a configuration with ccache."""
    defines = {
        **downstream_options(name),
        "MLIR_DIR": f"{prefix}/lib/cmake/mlir",
        "CMAKE_CXX_COMPILER_LAUNCHER": "ccache",
    }
    words = [f"-D{key}={value}" for key, value in defines.items()]
    return run_stages(
        {
            "configure": [["cmake", "-G", "Ninja", "-S", str(source), "-B", str(build), *words]],
            "build": [["ninja", "-C", str(build), f"-j{JOBS}"]],
        }
    )


def main() -> None:
    """What was asked for, in a directory that goes away again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("supply", "derive", "objects"))
    parser.add_argument("prefix", nargs="?", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="llvmgate-benchmark-") as scratch:
        directory = Path(scratch)
        if arguments.what == "supply":
            supply_figures(directory)
        elif arguments.what == "objects":
            objects_figures(directory)
        elif arguments.prefix is None:
            parser.error("derive: expected the prefix of an install")
        else:
            derive_figures(arguments.prefix, directory)


if __name__ == "__main__":
    main()
