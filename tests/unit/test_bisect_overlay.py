"""A failing command of the bad end, tried on the include directories of other commits: real git, a real compiler."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from git_kit import Repo

from pytest_llvmgate.bisect import overlay
from pytest_llvmgate.bisect.overlay import Overlay, failing_commands, find_overlay_hints
from pytest_llvmgate.bisect.supplied import this_toolchain
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.diagnose import diagnose
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.model import Finding, Location
from pytest_llvmgate.process.run import run

HEADER = "mlir/include/mlir/IR/Tile.h"
GENERATED = "mlir/IR/Tile.h.inc"
TILE = '#pragma once\n#include "mlir/IR/Tile.h.inc"\nnamespace mlir {{ struct Op {{}}; void tile(Op *{more}); }}\n'
UNIT = '#include "mlir/IR/Tile.h"\nvoid use(mlir::Op *op) { mlir::tile(op); }\n'
TBLGEN = """\
import pathlib, sys
places = [word[2:] for word in sys.argv if word.startswith("-I")]
text = next(path for place in places if (path := pathlib.Path(place, "mlir/IR/Base.td")).is_file()).read_text()
out = sys.argv[sys.argv.index("-o") + 1]
if "Renamed" in text:
    source = next(word for word in sys.argv if word.endswith(".td"))
    sys.exit(f"{source}:3:9: error: Couldn't find class 'Base'\\ndef X : Base;\\n        ^")
pathlib.Path(out).write_text("made")
"""


@dataclass
class Bench:
    """A clone of LLVM, a downstream, and the build that failed at the clone's head."""

    root: Path
    llvm: Repo
    points: list[str]

    @property
    def prefix(self) -> Path:
        return self.root / "prefix"

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root, self.points[-1])

    @property
    def build(self) -> Path:
        return self.workspace.group("on") / "build"

    @property
    def unit(self) -> Path:
        return self.root / "lib/Use.cpp"

    def commit(self, files: dict[str, str]) -> str:
        self.points.append(self.llvm.commit(files))
        return self.points[-1]

    def install(self) -> None:
        """LLVM as the head has it, with what a build generates."""
        for tree in ("llvm/include", "mlir/include"):
            for path in (self.llvm.path / tree).rglob("*.*"):
                target = self.prefix / "include" / path.relative_to(self.llvm.path / tree)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
        generated = self.prefix / "include" / GENERATED
        generated.parent.mkdir(parents=True, exist_ok=True)
        generated.write_text("namespace mlir { struct Generated {}; }\n")

    def fail(self, output: str, words: list[str]) -> Finding:
        """Run a command as the build of the head would, with its log; the finding."""
        log = self.workspace.log("on", "build")
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"[1/1] Making {output}\nFAILED: [code=1] {output} \n{shlex.join(words)}\n")
        there = words.index("&&") + 1 if "&&" in words else 0
        done = run(words[there:], cwd=self.build, env=this_toolchain().env, log=log, timeout=60)
        assert done.returncode == 1, log.read_text()
        with log.open("a") as stream:
            stream.write("ninja: build stopped: subcommand failed.\n")
        context = DiagnosisContext(stage="build", source=self.root, build=self.build, prefixes=(self.prefix,))
        return diagnose(log, context=context).findings[0]

    def compile(self, flag: str = "-isystem") -> Finding:
        """Compile the unit at the head."""
        self.install()
        self.unit.parent.mkdir(exist_ok=True)
        self.unit.write_text(UNIT)
        self.build.mkdir(parents=True, exist_ok=True)
        include = [flag, f"{self.prefix}/include"] if flag != "-I" else [f"-I{self.prefix}/include"]
        words = [this_toolchain().cxx, *include, "-MD", "-MF", "Use.o.d", "-o", "Use.o", "-c", str(self.unit)]
        entry = {"directory": str(self.build), "file": str(self.unit), "command": shlex.join(words), "output": "Use.o"}
        (self.build / "compile_commands.json").write_text(json.dumps([entry]))
        finding = self.fail("Use.o", words)
        (self.build / "Use.o.d").unlink(missing_ok=True)  # what is there later is not the compiler's doing at the head
        return finding

    def hints(self, finding: Finding, node: str = "on::build") -> list[tuple[str, str]]:
        found = find_overlay_hints(
            Config(path=self.root / "llvmgate.toml"),
            Repository.open(self.llvm.path),
            self.points,
            finding,
            node,
            roots=(self.prefix,),
        )
        return [(hint.sha, hint.why) for hint in found]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, Repo(tmp_path / "llvm-project"), [])
    bench.commit({HEADER: TILE.format(more=""), "llvm/include/llvm/ADT/A.h": "\n", "mlir/include/mlir/IR/Base.td": ""})
    for number in range(3):
        bench.commit({"llvm/include/llvm/ADT/A.h": f"// {number}\n"})
    yield bench
    assert not list(tmp_path.glob("**/*.o*"))


def fill(bench: Bench) -> None:
    for number in range(4):
        bench.commit({f"mlir/include/mlir/IR/More{number}.h": "\n", "mlir/lib/x.cpp": f"// {number}\n"})


@pytest.mark.parametrize("flag", ["-isystem", "-I"])
def test_the_syntax_of_the_failing_unit_tells_the_commit(bench: Bench, flag: str) -> None:
    culprit = bench.commit({HEADER: TILE.format(more=", int size")})
    fill(bench)
    finding = bench.compile(flag)
    assert finding.kind.startswith("api-")
    assert bench.hints(finding) == [(culprit, "the syntax of Use.cpp")]


def test_a_header_that_went_tells_the_commit(bench: Bench) -> None:
    bench.commit({"mlir/include/mlir/IR/New/Tile.h": TILE.format(more="")})
    (bench.llvm.path / HEADER).unlink()
    bench.llvm.git("add", "-A")
    culprit = bench.commit({"mlir/lib/x.cpp": "\n"})
    fill(bench)
    finding = bench.compile()
    assert finding.key == ("header-missing", "mlir/IR/Tile.h")
    assert bench.hints(finding) == [(culprit, "the syntax of Use.cpp")]


def test_another_error_in_the_range_is_not_the_finding(bench: Bench) -> None:
    bench.commit({HEADER: "#error another\n"})
    bench.commit({HEADER: TILE.format(more="")})
    culprit = bench.commit({HEADER: TILE.format(more=", int size")})
    fill(bench)
    assert bench.hints(bench.compile()) == [(culprit, "the syntax of Use.cpp")]


def test_what_headers_do_not_change_gives_no_hint(bench: Bench) -> None:
    bench.points.clear()
    bench.commit({HEADER: TILE.format(more=", int size")})
    fill(bench)
    assert bench.hints(bench.compile()) == []


def test_another_finding_gives_no_hint(bench: Bench) -> None:
    bench.commit({HEADER: TILE.format(more=", int size")})
    fill(bench)
    finding = bench.compile()
    other = Finding(kind=finding.kind, identifier="other", headline="", locations=finding.locations)
    assert bench.hints(other) == []


@pytest.mark.parametrize("node", ["on::configure", "on::check", "other::build", ""])
def test_where_there_is_no_failing_command_there_is_no_hint(bench: Bench, node: str) -> None:
    bench.commit({HEADER: TILE.format(more=", int size")})
    assert bench.hints(bench.compile(), node) == []


def test_out_of_time_is_a_hint_less(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.commit({HEADER: TILE.format(more=", int size")})
    finding = bench.compile()
    monkeypatch.setattr(overlay, "SECONDS", 0.0)
    assert bench.hints(finding) == []


def test_a_clone_without_the_objects_is_a_hint_less(bench: Bench) -> None:
    culprit = bench.commit({HEADER: TILE.format(more=", int size")})
    fill(bench)
    finding = bench.compile()
    blob = bench.llvm.git("rev-parse", f"{culprit}:{HEADER}")
    (bench.llvm.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert bench.hints(finding) == []


def test_the_definitions_alone_tell_the_commit(bench: Bench) -> None:
    culprit = bench.commit({"mlir/include/mlir/IR/Base.td": "class Renamed;"})
    fill(bench)
    bench.install()
    bench.build.mkdir(parents=True)
    tool = bench.prefix / "bin/mlir-tblgen"
    tool.parent.mkdir()
    tool.write_text(f"#!{sys.executable}\n{TBLGEN}")
    tool.chmod(0o755)
    include, source = f"-I{bench.prefix}/include", str(bench.root / "Ops.td")
    words = [str(tool), "-gen-op-decls", include, source, "--write-if-changed", "-o", "Ops.inc", "-d", "Ops.inc.d"]
    (bench.build / "compile_commands.json").write_text("[]")
    finding = bench.fail("Ops.inc", ["cd", str(bench.build), "&&", *words])
    assert bench.hints(finding) == [(culprit, "tablegen of Ops.td")]
    assert not list(bench.root.glob("**/Ops.inc*"))


def test_the_unit_that_the_finding_names_is_tried_first(tmp_path: Path) -> None:
    log = tmp_path / "log"
    names = ("a.cpp", "b.cpp", "c.cpp")
    log.write_text(f"FAILED: a.o \nc++ -o a.o -c {tmp_path}/a.cpp\nFAILED: l.so\nc++ 'unclosed\nFAILED: x")
    entries = [
        {"directory": str(tmp_path), "file": f"{tmp_path}/{name}", "command": f"c++ -o x.o -c {tmp_path}/{name}"}
        for name in names
    ]
    (tmp_path / "compile_commands.json").write_text(json.dumps(entries))
    finding = Finding(kind="k", identifier="i", headline="", locations=(Location(path="b.cpp", line=3),))
    found = list(failing_commands(tmp_path, tmp_path, log, finding))
    assert [attempt.why for attempt in found] == ["the syntax of b.cpp", "the syntax of a.cpp"]
    assert found[0].command == ("c++", f"{tmp_path}/b.cpp", "-fsyntax-only")


def test_directories_follow_the_commit_and_keep_what_was_generated(bench: Bench, tmp_path: Path) -> None:
    bench.install()
    first, last = bench.points[0], bench.points[-1]
    made = Overlay(Repository.open(bench.llvm.path), last, [bench.prefix], tmp_path / "scratch")
    made.move_to(last)
    made.move_to(first)
    there = {path.relative_to(made.scratch).as_posix() for path in made.scratch.rglob("*.*")}
    trees = {HEADER, "llvm/include/llvm/ADT/A.h", "mlir/include/mlir/IR/Base.td"}
    assert there == {*trees, f"generated-0/include/{GENERATED}"}
    assert (made.scratch / "llvm/include/llvm/ADT/A.h").read_text() == "\n"
    words = ["c++", "-isystem", f"{bench.prefix}/include", "-Iother", "-I", f"{bench.prefix}/lib/../include", "x.cpp"]
    places = [f"{made.scratch}/{each}" for each in ("llvm/include", "mlir/include", "generated-0/include")]
    separate = [word for place in places for word in ("-isystem", place)]
    assert list(made.applied(words, tmp_path)) == ["c++", *separate, "-Iother", *(f"-I{p}" for p in places), "x.cpp"]
