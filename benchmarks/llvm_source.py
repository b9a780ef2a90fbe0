"""The source supplier on the real thing: the tree of an LLVM release, a few targets of it, static and shared.

Usage::

    python benchmarks/llvm_source.py SOURCES [--work DIR] [--minutes N] [--targets NAME...] [--built]

SOURCES is an unpacked llvm-project, a release tarball, or ``debian:llvm-toolchain-22``, Debian's source package.
It becomes a local git repository of one commit. A build of LLVM takes long: after ``--minutes`` this stops with exit
code 75, and when started again with the same ``--work``, it takes the build up. At the end a downstream of one file
is built against both flavours and run. With ``--built`` the shared flavour is then built in full, without a compiler
cache, and compared with the derived one. All times go to ``DIR/times.txt``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.debian import upstream_tarball
from benchmarks.llvm import toolchain
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.suppliers import supply
from pytest_llvmgate.llvm.supply import Request
from pytest_llvmgate.model import Revision
from tests.support.shared_libraries import differences, libraries

STOPPED: Final = 75
"""EX_TEMPFAIL of sysexits.h: start again."""
PARTS: Final = ("llvm", "mlir", "cmake", "third-party")
PROJECT: Final = """\
cmake_minimum_required(VERSION 3.20)
project(one LANGUAGES C CXX)
set(CMAKE_CXX_STANDARD 17)
find_package(MLIR REQUIRED CONFIG)
add_executable(one one.cpp)
target_include_directories(one SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_compile_options(one PRIVATE -fno-rtti)
target_link_libraries(one PRIVATE MLIRIR MLIRSupport LLVMSupport)
"""
PROGRAM: Final = """\
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
int main() {
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module(mlir::ModuleOp::create(mlir::UnknownLoc::get(&context)));
  module->dump();
}
"""


def unpack(sources: str, directory: Path) -> None:
    """Bring the parts of llvm-project that are needed into ``directory``."""
    if sources.startswith("debian:"):
        sources = str(upstream_tarball(sources.removeprefix("debian:"), directory.parent))
    if Path(sources).is_dir():
        for part in PARTS:
            if (Path(sources) / part).is_dir():
                shutil.copytree(Path(sources) / part, directory / part, symlinks=True)
        return
    with tarfile.open(sources) as archive:
        for member in archive:
            below = member.name.partition("/")[2]
            if below.split("/")[0] in PARTS:
                member.name = below
                archive.extract(member, directory, filter="tar")


def repository(sources: str, work: Path) -> tuple[Path, str]:
    """The sources as a git repository of one commit, made once; its commit."""
    place = work / "llvm-project"
    if not (place / ".git/llvmgate-done").is_file():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        unpack(sources, place)
        identity = ["-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.org"]
        for words in (["init", "-q"], ["add", "--all", "--force"], [*identity, "commit", "-q", "-m", "A release"]):
            subprocess.run(["git", "-C", place, *words], check=True)
        (place / ".git/llvmgate-done").touch()
    done = subprocess.run(["git", "-C", place, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return place, done.stdout.strip()


def note(work: Path, text: str) -> None:
    """Print a line, and keep it."""
    print(text, flush=True)
    with (work / "times.txt").open("a", encoding="utf-8") as stream:
        stream.write(f"{time.strftime('%Y-%m-%d %H:%M')} load {os.getloadavg()[0]:.1f}  {text}\n")


def flavour(work: Path, clone: tuple[Path, str], name: str, settings: str, seconds: float) -> Path | None:
    """The install of a flavour; None when the time did not suffice."""
    place, sha = clone
    axes = "[axes.linkage]\nstatic = { flavour = 'static' }\nshared = { flavour = 'shared' }\n"
    text = f"[llvm]\nsupplier = 'source'\nrepository = '{place}'\n{settings}{axes}"
    (work / "llvmgate.toml").write_text(text, encoding="utf-8")
    started = time.monotonic()
    request = Request(
        candidate=Revision(sha=sha),
        flavour=name,
        log=work / f"{name}.log",
        timeout=seconds,
        on_wait=lambda told: print(told, flush=True),
        toolchain=toolchain,
    )
    try:
        found = supply(load_config(work / "llvmgate.toml"), request)
    except SupplyError as error:
        if "time-out" not in str(error):
            raise SystemExit(str(error)) from error
        note(work, f"{name}: stopped after {time.monotonic() - started:.0f} s, to be taken up")
        return None
    note(work, f"{name}: {found.origin} in {time.monotonic() - started:.0f} s {found.remark}")
    return found.prefix.llvm_root


def downstream(work: Path, prefix: Path, name: str, program: str) -> None:
    """A program of one file, built and run."""
    started = time.monotonic()
    source = work / "one"
    source.mkdir(exist_ok=True)
    (source / "CMakeLists.txt").write_text(PROJECT, encoding="utf-8")
    (source / "one.cpp").write_text(program, encoding="utf-8")
    build = work / f"one-{name}"
    shutil.rmtree(build, ignore_errors=True)
    where = f"-DMLIR_DIR={next(iter(sorted(prefix.glob('lib*/cmake/mlir'))))}"
    subprocess.run(["cmake", "-G", "Ninja", "-S", source, "-B", build, where], check=True)
    subprocess.run(["ninja", "-C", build], check=True)
    subprocess.run([build / "one"], check=True)
    note(work, f"one file against {name}: configured, built and run in {time.monotonic() - started:.0f} s")


def main() -> int:
    """Both flavours, then the downstream."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources")
    parser.add_argument("--work", type=Path, default=Path("llvm-source-work"))
    parser.add_argument("--minutes", type=float, default=240.0)
    parser.add_argument("--program", type=Path, help="the downstream's file (default: one that dumps a module)")
    parser.add_argument("--targets", nargs="+", default=["mlir-tblgen", "MLIRIR"])
    parser.add_argument("--built", action="store_true", help="build the shared flavour in full, too, and compare")
    arguments = parser.parse_args()
    program = arguments.program.read_text(encoding="utf-8") if arguments.program else PROGRAM
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    os.environ["LLVMGATE_CACHE"] = str(work / "cache")
    deadline = time.monotonic() + 60 * arguments.minutes
    clone = repository(arguments.sources, work)
    targets = f"source.targets = {arguments.targets}\n"
    builds = [("static", targets), ("shared", targets)]
    if arguments.built:
        builds.append(("shared", f"derive = false\nsource.launcher = 'none'\n{targets}"))
    installs: list[Path] = []
    for name, settings in builds:
        prefix = flavour(work, clone, name, settings, max(1.0, deadline - time.monotonic()))
        if prefix is None:
            return STOPPED
        downstream(work, prefix, name, program)
        installs.append(prefix)
    return compare(work, *installs[1:]) if arguments.built else 0


def compare(work: Path, derived: Path, built: Path) -> int:
    """Exit code 1 when the derived flavour is not what is built."""
    found = differences(derived, built)
    note(work, f"derived against built, {len(libraries(built))} libraries: {', '.join(found) or 'no difference'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
