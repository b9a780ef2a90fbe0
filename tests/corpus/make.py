"""Make the corpus' logs: ``python -m tests.corpus.make --llvm 22=/opt/llvm-22 --llvm 21=... [NAME...]``.

Every recipe (``tests/corpus/recipes_*.py``) is the project beside this file with a few edits, a toolchain, and the
steps to run. The log of the last step (or of all of them) is kept as it is, but for the
machine's paths. A recipe whose tools are absent is left out. The truths are written by hand and never touched.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE / "project"
LOGS = HERE / "logs"
COMPRESS_ABOVE = 60_000
NAMES = ("/home/user/quill", "/home/user/build")

Edit = str | None | tuple[str, str]
"""New content of a file, ``None`` to delete it, or (old, new) to replace in it."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    name: str
    edits: Mapping[str, Edit] = field(default_factory=dict)
    llvm: str = ""
    """Name of an LLVM given on the command line; empty: the project without MLIR."""
    compiler: str = "g++"
    cmake: tuple[str, ...] = ()
    generator: str = "Ninja"
    steps: tuple[str | Sequence[str], ...] = ("configure", "build")
    keep: str = "last"
    """``last``: the log of the last step; ``all``: of every step, one after the other."""
    env: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    keep_going: bool = True
    """``ninja -k 0``"""
    prepare: tuple[str, ...] = ()
    """Shell lines, run in the source directory before the steps; their output is no part of the log."""
    after: str = ""
    """A shell filter for the log: what stamps it, cuts it, or soils it."""
    passes: bool = False


def all_recipes() -> dict[str, Recipe]:
    from tests.corpus import recipes_build, recipes_compile, recipes_environment, recipes_run, recipes_second

    modules = (recipes_compile, recipes_build, recipes_run, recipes_environment, recipes_second)
    return {recipe.name: recipe for module in modules for recipe in module.RECIPES}


class Maker:
    def __init__(self, recipe: Recipe, llvms: Mapping[str, Path], work: Path) -> None:
        self.recipe = recipe
        self.prefix = llvms.get(recipe.llvm)
        self.llvms = llvms
        self.source = work / "quill"
        self.build = work / "build"

    def run(self) -> bytes | None:
        """The log, or ``None`` when the recipe did not fail (or pass) as it should."""
        recipe = self.recipe
        shutil.copytree(PROJECT, self.source)
        for path, edit in recipe.edits.items():
            self._edit(self.source / path, edit)
        for line in recipe.prepare:
            subprocess.run(
                self._fill(line), shell=True, cwd=self.source, check=True, env=self._env(), capture_output=True
            )
        parts, status = [], 0
        for step in recipe.steps:
            done = subprocess.run(
                self._command(step),
                cwd=self.source.parent,
                env=self._env(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            parts.append(done.stdout)
            status = done.returncode
            if status:
                break
        if (status == 0) is not recipe.passes:
            print(f"{recipe.name}: exit status {status}")
            print(parts[-1].decode(errors="replace")[-1500:])
            return None
        return self._filter(parts[-1] if recipe.keep == "last" else b"".join(parts))

    @staticmethod
    def _edit(path: Path, edit: Edit) -> None:
        if edit is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(edit, str):
            path.write_text(edit)
            return
        text = path.read_text()
        assert edit[0] in text, f"{path}: no {edit[0]!r}"
        path.write_text(text.replace(*edit))

    def _fill(self, text: str) -> str:
        prefix = str(self.prefix or "")
        text = text.replace("{source}", str(self.source)).replace("{build}", str(self.build)).replace("{llvm}", prefix)
        for name, path in self.llvms.items():
            text = text.replace(f"{{llvm{name}}}", str(path))
        return text

    def _command(self, step: str | Sequence[str]) -> list[str]:
        recipe = self.recipe
        if not isinstance(step, str):
            return [self._fill(word) for word in step]
        if step == "configure":
            return ["cmake", "-S", str(self.source), "-B", str(self.build), "-G", recipe.generator, *self._cache()]
        if step == "build":
            command = ["cmake", "--build", str(self.build), *(f"--target={name}" for name in recipe.targets), "--"]
            return [*command, *(["-k", "0"] if recipe.generator == "Ninja" else ["-k"]) * recipe.keep_going]
        if step == "install":
            return ["cmake", "--install", str(self.build), "--prefix", str(self.build / "prefix")]
        return ["sh", "-c", self._fill(step)]

    def _cache(self) -> list[str]:
        recipe = self.recipe
        c_compiler = recipe.compiler.replace("clang++", "clang").replace("g++", "gcc")
        values = [f"-DCMAKE_CXX_COMPILER={recipe.compiler}", f"-DCMAKE_C_COMPILER={c_compiler}"]
        if self.prefix is None:
            values.append("-DQUILL_WITH_MLIR=OFF")
        else:
            root = self.prefix
            mlir = root / "mlir" if (root / "mlir").is_dir() else root
            llvm = root / "llvm" if (root / "llvm").is_dir() else root
            values += [f"-DMLIR_DIR={mlir}/lib/cmake/mlir", f"-DLLVM_DIR={llvm}/lib/cmake/llvm"]
        return [*values, *(self._fill(value) for value in recipe.cmake)]

    def _env(self) -> dict[str, str]:
        env = {**os.environ, "LC_ALL": "C.UTF-8", "PATH": f"/usr/lib/ccache:{os.environ['PATH']}"}
        env.update({key: self._fill(value) for key, value in self.recipe.env.items()})
        return env

    def _filter(self, log: bytes) -> bytes:
        log = sanitise(log, self.source, self.build, self.llvms)
        if self.recipe.after:
            done = subprocess.run(self.recipe.after, shell=True, input=log, stdout=subprocess.PIPE, check=True)
            return done.stdout
        return log


def sanitise(log: bytes, source: Path, build: Path, llvms: Mapping[str, Path]) -> bytes:
    """The machine's paths as anybody's."""
    names = {str(source): NAMES[0], str(build): NAMES[1], str(source.parent): "/home/user"}
    names |= {str(path): f"/opt/llvm-{name}" for name, path in llvms.items()}
    for path, name in sorted(names.items(), key=lambda item: -len(item[0])):
        log = log.replace(path.encode(), name.encode())
    log = log.replace(b"/usr/lib/ccache/", b"/usr/bin/")
    cmake = shutil.which("cmake") or ""
    for tool in (cmake, str(Path(cmake).resolve()), shutil.which("python3") or "", shutil.which("ninja") or ""):
        if tool:
            log = log.replace(tool.encode(), b"/usr/bin/" + Path(tool).name.encode())
    log = re.sub(rb"/[\w./-]*/site-packages/cmake/data/", b"/usr/", log)
    log = log.replace(sysconfig.get_paths()["purelib"].encode(), b"/usr/lib/python3/dist-packages")
    log = re.sub(rb"/[\w./-]*/venv/bin/", b"/usr/bin/", log)
    return re.sub(rb"/tmp/(cc\w{6}|[\w-]+-[0-9a-f]{6})", b"/tmp/\\1", log)


def store(name: str, log: bytes) -> None:
    LOGS.mkdir(exist_ok=True)
    for suffix in (".log", ".log.gz"):
        (LOGS / f"{name}{suffix}").unlink(missing_ok=True)
    if len(log) > COMPRESS_ABOVE:
        (LOGS / f"{name}.log.gz").write_bytes(gzip.compress(log, mtime=0))
    else:
        (LOGS / f"{name}.log").write_bytes(log)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--llvm", action="append", default=[], metavar="NAME=PREFIX")
    parser.add_argument("--missing", action="store_true", help="only recipes that have no log yet")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    llvms = {name: Path(path).resolve() for name, _, path in (item.partition("=") for item in arguments.llvm)}
    recipes = all_recipes()
    for name in arguments.names or recipes:
        recipe = recipes[name]
        if arguments.missing and list(LOGS.glob(f"{name}.log*")):
            continue
        if recipe.llvm and recipe.llvm not in llvms:
            print(f"{name}: left out, it needs --llvm {recipe.llvm}=PREFIX")
            continue
        with tempfile.TemporaryDirectory(prefix="corpus-") as work:
            log = Maker(recipe, llvms, Path(work)).run()
        if log is not None:
            store(name, log)
            print(f"{name}: {log.count(bytes([10]))} lines", flush=True)


if __name__ == "__main__":
    main()
