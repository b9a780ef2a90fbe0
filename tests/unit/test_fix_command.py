"""``llvmgate fix`` on a real project: what the compiler agrees with is kept, and the checkout is left alone."""

from __future__ import annotations

import datetime
import json
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from pytest_llvmgate.carry.offers import as_toml
from pytest_llvmgate.carry.patch_files import file_changes
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.cmake.compile_commands import CompileCommand, ninja_edges
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.errors import EXIT_INTERRUPTED
from pytest_llvmgate.fix import unit_check
from pytest_llvmgate.fix.briefs import _places
from pytest_llvmgate.fix.component_patches import ComponentPatch
from pytest_llvmgate.fix.fix_outcome import Cause
from pytest_llvmgate.fix.trials import Trials
from pytest_llvmgate.fix.unit_check import UnitCheck
from pytest_llvmgate.kinds.facts import CULPRIT
from pytest_llvmgate.model import Finding, Location
from tests.support.fixable import Fixable, commit_all, fixable
from tests.unit.git_kit import git

START = '#include "mlir/Builders.h"\nusing namespace mlir;\n'


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    for who in ("AUTHOR", "COMMITTER"):  # a machine may have no name to commit under
        monkeypatch.setenv(f"GIT_{who}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@example.org")


def fix(project: Fixable, *more: str) -> int:
    return main(["fix", *project.arguments, *more])


def patch(project: Fixable) -> str:
    return (project.build / "llvmgate-fix/small.patch").read_text()


def outcome(project: Fixable) -> dict[str, object]:
    found: dict[str, object] = json.loads((project.build / "llvmgate-fix/outcome.json").read_text())
    return found


def applied(project: Fixable) -> str:
    """The unit a.cpp after git itself has applied the patch."""
    git(project.root, "apply", str(project.build / "llvmgate-fix/small.patch"))
    return (project.root / "a.cpp").read_text()


def sibling(directory: Path, name: str, old: str, new: str) -> Path:
    root = directory / name
    root.mkdir()
    (root / "lib.cpp").write_text(old)
    commit_all(root, "Before")
    (root / "lib.cpp").write_text(new)
    commit_all(root, "Bump LLVM")
    return root


def test_documented_changes_are_made_where_the_compiler_complains(tmp_path: Path) -> None:
    code = "int f(OpBuilder &b, Loc l) {\n  auto x = b.create<AddOp>(\n      l, 3);\n  return x.getLhs();\n}\n"
    project = fixable(tmp_path, {"a.cpp": START + code})
    assert fix(project) == 0
    wanted = "int f(OpBuilder &b, Loc l) {\n  auto x = AddOp::create(b, l, 3);\n  return x.getLhs();\n}\n"
    assert applied(project) == START + wanted


def test_the_checkout_is_not_touched(tmp_path: Path) -> None:
    project = fixable(tmp_path, {"a.cpp": f"{START}bool f() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n"})
    assert fix(project) == 0
    assert git(project.root, "status", "--porcelain") == ""
    assert git(project.root, "branch", "--list", "llvmgate*") == ""


def test_code_of_that_shape_that_compiles_stays_as_it_is(tmp_path: Path) -> None:
    own = "struct M { template <class T> T create(int) { return {}; } };\nint g(M m) { return m.create<int>(1); }\n"
    project = fixable(
        tmp_path, {"a.cpp": f"{START}{own}int f(OpBuilder &b, Loc l) {{ return b.create<AddOp>(l, 1).getLhs(); }}\n"}
    )
    assert fix(project) == 0
    assert own in applied(project)


def test_what_shows_behind_a_mended_error_is_mended_too(tmp_path: Path) -> None:
    code = "int f(OpBuilder &b, Loc l) {\n  auto x = b.create<AddOp>(l, 3);\n  return x.lhs();\n}\n"
    project = fixable(tmp_path, {"a.cpp": START + code})
    assert fix(project) == 0
    assert "return x.getLhs();" in applied(project)


def test_what_a_guess_uncovers_does_not_count_where_llvm_changed_it(tmp_path: Path) -> None:
    """`gone` went from LLVM as well, which nobody shows how to mend: the first edit is right nevertheless."""
    level = "#pragma once\nnamespace mlir {{ struct Level {{ int size(); {0} }}; Level {1}; }}\n"
    unit = '#include "mlir/L.h"\nint f(int v) {\n  auto r = mlir::getEncoding(v);\n  return r.gone();\n}\n'
    headers = {"mlir/L.h": level.format("", "levelOf(int, bool)")}
    project = fixable(tmp_path, {"a.cpp": unit}, headers=headers)
    lines = "int a = mlir::{0}(1{1});\nint c;\nint b = mlir::{0}(2{1});\n"
    other = sibling(tmp_path, "elsewhere", lines.format("getEncoding", ""), lines.format("levelOf", ", true"))
    assert fix(project, "--sibling", str(other)) == 1
    assert not outcome(project)["patches"]
    before = tmp_path / "before/include/mlir"
    before.mkdir(parents=True)
    (before / "L.h").write_text(level.format("int gone();", "getEncoding(int)"))
    assert fix(project, "--sibling", str(other), "--baseline-llvm", str(tmp_path / "before")) == 1
    assert "auto r = mlir::levelOf(v, true);" in patch(project)


def test_a_sibling_that_was_there_before_shows_the_way(tmp_path: Path) -> None:
    project = fixable(tmp_path, {"a.cpp": f"{START}int f(int v) {{ return mlir::getEncoding(v); }}\n"})
    assert fix(project) == 1
    old = "int a = mlir::getEncoding(1);\n\nint b(int x) {\n  return mlir::getEncoding(x + 2);\n}\n"
    new = "int a = mlir::levelType(1, true);\n\nint b(int x) {\n  return mlir::levelType(x + 2, true);\n}\n"
    other = sibling(tmp_path, "elsewhere", old, new)
    assert fix(project, "--sibling", str(other)) == 0
    assert "return mlir::levelType(v, true);" in applied(project)
    assert "elsewhere" in str(outcome(project)["causes"])


def test_what_hides_behind_another_error_is_looked_for_in_histories_when_it_shows(tmp_path: Path) -> None:
    unit = f'#include "mlir/Old/Slice.h"\n{START}int f(int v) {{ return mlir::getEncoding(v); }}\n'
    project = fixable(tmp_path, {"a.cpp": unit}, headers={"mlir/New/Slice.h": "#pragma once\n"})
    other = sibling(tmp_path, "elsewhere", "int a = getEncoding(1);\n", "int a = levelType(1, true);\n")
    assert fix(project, "--sibling", str(other)) == 0
    assert "return mlir::levelType(v, true);" in applied(project)


def test_the_project_s_own_history_is_one_of_them(tmp_path: Path) -> None:
    unit = f"{START}int g() {{ return mlir::getEncoding(1); }}\nint f(int v) {{ return mlir::getEncoding(v); }}\n"
    project = fixable(tmp_path, {"a.cpp": unit})
    (project.root / "a.cpp").write_text(unit.replace("getEncoding(1)", "levelType(1, true)"))
    commit_all(project.root, "Fix the build with latest LLVM, in part")
    assert fix(project) == 0
    assert "return mlir::levelType(v, true);" in applied(project)


def test_what_an_example_leaves_to_its_surroundings_is_found_in_the_headers(tmp_path: Path) -> None:
    """The sibling stands in another namespace: the new name has to be qualified here."""
    headers = {"mlir/Math.h": "#pragma once\nnamespace mlir { namespace math { int levelOf(int x, bool strict); } }\n"}
    unit = f'{START}#include "mlir/Math.h"\nint f(int v) {{ return getEncoding(v); }}\n'
    project = fixable(tmp_path, {"a.cpp": unit}, headers=headers)
    lines = "int a = {0}(1{1});\nint c;\nint b = {0}(2{1});\n"
    other = sibling(tmp_path, "elsewhere", lines.format("getEncoding", ""), lines.format("levelOf", ", true"))
    assert fix(project, "--sibling", str(other)) == 0
    assert "return math::levelOf(v, true);" in applied(project)


def test_an_edit_that_only_moves_the_error_is_not_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The example has another result type: what follows would not compile."""
    code = "struct Old;\nOld *f(int v) {\n  auto r = mlir::getEncoding(v);\n  return r.old();\n}\n"
    project = fixable(tmp_path, {"a.cpp": START + code})
    lines = "int a = mlir::{0}(1{1});\nint c;\nint b = mlir::{0}(2{1});\n"
    other = sibling(tmp_path, "elsewhere", lines.format("getEncoding", ""), lines.format("levelType", ", true"))
    assert fix(project, "--sibling", str(other)) == 1
    assert not (project.build / "llvmgate-fix/small.patch").exists()
    assert "tried: getEncoding($1) -> levelType($1, true)" in capsys.readouterr().out


def test_an_edit_with_a_name_that_is_not_there_is_not_kept(tmp_path: Path) -> None:
    """That LLVM took that name away as well is no excuse: the edit says it."""
    project = fixable(tmp_path, {"a.cpp": f"{START}int f() {{ return mlir::oldKind(1); }}\n"})
    before = tmp_path / "before/include/mlir"
    before.mkdir(parents=True)
    (before / "T.h").write_text("#pragma once\nnamespace mlir {\nint oldKind(int n);\nint levelKind(int n);\n}\n")
    lines = "int a = mlir::{0}(1);\nint c;\nint b = mlir::{0}(2);\n"
    other = sibling(tmp_path, "elsewhere", lines.format("oldKind"), lines.format("levelKind"))
    assert fix(project, "--sibling", str(other), "--baseline-llvm", str(tmp_path / "before")) == 1
    assert not (project.build / "llvmgate-fix/small.patch").exists()


def test_a_header_that_moved_is_included_from_its_new_place(tmp_path: Path) -> None:
    headers = {"mlir/Analysis/Slice/SliceAnalysis.h": "#pragma once\ninline int slice() { return 1; }\n"}
    code = '#include "mlir/Analysis/SliceAnalysis.h"\nint f() { return slice(); }\n'
    project = fixable(tmp_path, {"a.cpp": code}, headers=headers)
    assert fix(project) == 0
    assert applied(project) == code.replace("SliceAnalysis.h", "Slice/SliceAnalysis.h")


def test_a_header_is_included_from_where_siblings_include_it(tmp_path: Path) -> None:
    """Its name alone says another one."""
    headers = {"mlir/Pass/Registries.h": "#pragma once\n", "mlir/IR/Store.h": "#pragma once\ninline int slice();\n"}
    unit = '#include "mlir/Support/Registry.h"\nint f() { return slice(); }\n'
    project = fixable(tmp_path, {"a.cpp": unit}, headers=headers)
    line = '#include "mlir/{}.h"\n'
    other = sibling(tmp_path, "elsewhere", line.format("Support/Registry"), line.format("IR/Store"))
    assert fix(project, "--sibling", str(other)) == 0
    assert '#include "mlir/IR/Store.h"' in applied(project)


def test_a_header_that_went_before_the_baseline_need_not_be_a_new_one(tmp_path: Path) -> None:
    headers = {"mlir/MC/Registry.h": "#pragma once\ninline int slice();\n", "mlir/Support/Register.h": "#pragma once\n"}
    project = fixable(
        tmp_path, {"a.cpp": '#include "mlir/Support/Registry.h"\nint f() { return slice(); }\n'}, headers=headers
    )
    before = tmp_path / "before/include/mlir/MC"
    before.mkdir(parents=True)
    (before / "Registry.h").write_text(headers["mlir/MC/Registry.h"])
    assert fix(project, "--baseline-llvm", str(tmp_path / "before")) == 0
    assert '#include "mlir/MC/Registry.h"' in applied(project)


def test_a_header_that_no_longer_comes_along_is_included(tmp_path: Path) -> None:
    headers = {"mlir/Support/Extra.h": "#pragma once\nnamespace mlir { struct Extra { int n = 0; }; }\n"}
    project = fixable(tmp_path, {"a.cpp": f"{START}int f() {{ mlir::Extra e; return e.n; }}\n"}, headers=headers)
    assert fix(project) == 0
    assert '#include "mlir/Builders.h"\n#include "mlir/Support/Extra.h"\n' in applied(project)


def test_a_header_of_the_project_is_mended_once_for_all_its_units(tmp_path: Path) -> None:
    units = {
        "include/own.h": f"#pragma once\n{START}inline bool own() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n",
        "a.cpp": '#include "own.h"\nbool a() { return own(); }\n',
        "b.cpp": '#include "own.h"\nbool b() { return own(); }\n',
    }
    project = fixable(tmp_path, units)
    assert fix(project) == 0
    assert patch(project).count("applyPatternsGreedily(1, 2)") == 1


def test_units_that_no_first_look_had_time_for_are_mended_when_their_turn_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_llvmgate.fix.fixing._LOOKING", 1e9)
    code = START + "bool {}() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n"
    project = fixable(tmp_path, {"a.cpp": code.format("a"), "b.cpp": code.format("b")})
    assert fix(project) == 0
    assert patch(project).count("+bool") == 2


BAD = "bool {}() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n"


def log_of(unit: str) -> str:
    return (
        f"[1/2] Building CXX object CMakeFiles/small.dir/{unit}.o\nFAILED: CMakeFiles/small.dir/{unit}.o\n"
        f"c++ -c {unit}\n{unit}:3:5: error: 'applyPatternsAndFoldGreedily' was not declared in this scope\n"
    )


@pytest.mark.parametrize("says_outputs", [True, False], ids=["", "cmake before 3.26"])
def test_only_what_a_log_names_is_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], says_outputs: bool
) -> None:
    project = fixable(tmp_path, {"a.cpp": START + BAD.format("a"), "b.cpp": START + BAD.format("b")})
    if not says_outputs:
        keys = ("directory", "command", "file")
        entries = [{key: edge[key] for key in keys} for edge in ninja_edges(project.build) if " -c " in edge["command"]]
        (project.build / "compile_commands.json").write_text(json.dumps(entries))
    log = tmp_path / "log"
    log.write_text(log_of("b.cpp"))
    assert fix(project, str(log)) == 0
    assert "1 of 1 units do not compile" in capsys.readouterr().err
    assert "b.cpp" in patch(project)
    assert "a.cpp" not in patch(project)


def test_a_failed_object_that_no_unit_makes_is_not_called_cured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = fixable(tmp_path, {"a.cpp": START + BAD.format("a")})
    log = tmp_path / "log"
    log.write_text(log_of("nobodys.cpp"))
    assert fix(project, str(log)) == 1
    assert "not looked at: 1 object: CMakeFiles/small.dir/nobodys.cpp.o" in capsys.readouterr().out


def test_what_there_was_no_time_to_look_at_does_not_count_as_green(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = fixable(tmp_path, {"a.cpp": START + BAD.format("a")})
    assert fix(project, "--seconds", "0.000001") == 1
    assert "not looked at: 1 object: CMakeFiles/small.dir/a.cpp.o" in capsys.readouterr().out


def compiled_by(project: Fixable, script: str) -> None:
    """The unit's compiler becomes a script, which goes on to ``$REAL``; ``$UNIT`` is what is compiled."""
    (unit,) = [edge for edge in ninja_edges(project.build) if " -c " in edge["command"]]
    real, _, rest = unit["command"].partition(" ")
    compiler = project.build / "compiler"
    find = 'for WORD; do case "$WORD" in *.cpp) UNIT="$WORD";; esac; done'
    compiler.write_text(f'#!/bin/sh\nREAL={real}\n{find}\n{script}\nexec $REAL "$@"\n')
    compiler.chmod(0o755)
    (project.build / "compile_commands.json").write_text(json.dumps([{**unit, "command": f"{compiler} {rest}"}]))


def test_a_compiler_that_dies_without_a_word_has_not_agreed_with_an_edit(tmp_path: Path) -> None:
    project = fixable(tmp_path, {"a.cpp": START + BAD.format("a")})
    compiled_by(project, 'if grep -q applyPatternsGreedily "$UNIT"; then kill -9 $$; fi')
    assert fix(project) == 1
    assert not (project.build / "llvmgate-fix/small.patch").exists()


@pytest.mark.parametrize("form", [r"\1(\2): error:", r"\1(\2,\3): error C2065:"], ids=["NVCC", "MSVC"])
def test_what_a_compiler_says_in_another_form_is_no_silence(tmp_path: Path, form: str) -> None:
    project = fixable(tmp_path, {"a.cpp": START + BAD.format("a") + "int left() { return mlir::nobodys(); }\n"})
    other = f"s/^([^:]+):([0-9]+):([0-9]+): error:/{form}/"
    compiled_by(project, f"$REAL \"$@\" >errors.txt 2>&1 && exit 0; sed -E '{other}' errors.txt; exit 1")
    assert fix(project) == 1
    assert "applyPatternsGreedily(" in applied(project)


def test_units_of_another_generator_are_known_by_their_compile_commands(tmp_path: Path) -> None:
    project = fixable(tmp_path, {"a.cpp": START + BAD.format("a")})
    compiled_by(project, "")
    (project.build / "build.ninja").unlink()
    assert fix(project) == 0
    assert "applyPatternsGreedily(" in applied(project)


def test_a_compiler_without_an_end_does_not_hold_it_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = fixable(tmp_path, {"a.cpp": START + BAD.format("a")})
    compiled_by(project, "exec sleep 120")
    started = time.monotonic()
    assert fix(project, "--seconds", "2") == 1
    assert time.monotonic() - started < 60
    assert "not looked at: 1 object: CMakeFiles/small.dir/a.cpp.o" in capsys.readouterr().out


def test_commits_are_one_per_cause_on_a_branch_of_their_own(tmp_path: Path) -> None:
    code = (
        "int f(OpBuilder &b, Loc l) {\n  return b.create<AddOp>(l, 3).getLhs();\n}\n\n\n"
        "bool g() {\n  return applyPatternsAndFoldGreedily(1, 2);\n}\n"
    )
    project = fixable(tmp_path, {"a.cpp": START + code})
    head = git(project.root, "rev-parse", "HEAD")
    assert fix(project, "--write") == 0
    assert git(project.root, "rev-parse", "HEAD", "main").split() == [head, head]
    titles = git(project.root, "log", "--format=%s", "main..llvmgate-fix").splitlines()
    assert len(titles) == 2
    assert all(title.startswith("Follow LLVM: ") for title in titles)
    body = git(project.root, "log", "--format=%b", "main..llvmgate-fix")
    assert "from https://mlir.llvm.org/deprecation" in body
    git(project.root, "merge", "-q", "--ff-only", "llvmgate-fix")
    assert fix(project) == 0
    assert outcome(project)["units"] == 0


def test_a_branch_that_exists_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = fixable(tmp_path, {"a.cpp": f"{START}bool g() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n"})
    git(project.root, "branch", "mine")
    assert fix(project, "--write", "mine") == 4
    assert "the branch mine exists already" in capsys.readouterr().err


def test_what_is_not_committed_elsewhere_stays_where_it_is(tmp_path: Path) -> None:
    """Also with a detached HEAD: the branch begins there, and nothing moves."""
    project = fixable(tmp_path, {"a.cpp": f"{START}bool g() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n"})
    git(project.root, "checkout", "-q", "--detach")
    (project.root / "notes.txt").write_text("mine\n")
    (project.root / "CMakeLists.txt").write_text((project.root / "CMakeLists.txt").read_text() + "# mine\n")
    git(project.root, "add", "CMakeLists.txt")
    before = (git(project.root, "rev-parse", "HEAD"), git(project.root, "status", "--porcelain"))
    assert fix(project, "--write") == 0
    assert (git(project.root, "rev-parse", "HEAD"), git(project.root, "status", "--porcelain")) == before
    assert git(project.root, "rev-parse", "llvmgate-fix~1").strip() == before[0].strip()
    assert "mine" not in git(project.root, "show", "llvmgate-fix")


def test_what_was_mended_before_an_interruption_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = f"{START}bool NAME() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n"
    project = fixable(tmp_path, {f"{name}.cpp": bad.replace("NAME", name) for name in ("a", "b")})
    looks: list[CompileCommand] = []
    look = Trials._look

    def interrupted(trials: Trials, command: CompileCommand) -> UnitCheck:
        looks.append(command)
        if len(looks) == 3:  # the first unit is mended by then, and the second has an edit in place
            raise KeyboardInterrupt
        return look(trials, command)

    monkeypatch.setattr(Trials, "_look", interrupted)
    assert fix(project) == EXIT_INTERRUPTED
    assert patch(project).count("+bool") == 1
    assert git(project.root, "status", "--porcelain") == ""


def test_changes_that_are_not_committed_stop_a_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = fixable(tmp_path, {"a.cpp": START})
    (project.root / "a.cpp").write_text(f"{START}bool g() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n")
    assert fix(project, "--write") == 4
    assert "a.cpp has changes that are not committed" in capsys.readouterr().err


def with_component(tmp_path: Path) -> Fixable:
    """The project and a submodule of it need the same edit."""
    bad = f"{START}bool NAME() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n"
    project = fixable(tmp_path, {"a.cpp": bad.replace("NAME", "a"), "third_party/hlo/h.cpp": "int unused;\n"})
    origin = tmp_path / "hlo"
    origin.mkdir()
    (origin / "h.cpp").write_text(bad.replace("NAME", "h"))
    commit_all(origin, "A component")
    git(project.root, "rm", "-rq", "third_party")
    git(project.root, "submodule", "--quiet", "add", str(origin), "third_party/hlo")
    commit_all(project.root, "Embed it")
    return project


CARRIES = "[[pin]]\nname = 'llvm'\nfile = 'llvm.txt'\n"


@pytest.mark.parametrize("file", ["llvmgate.toml", "pyproject.toml"])
def test_a_component_s_edits_can_be_carried_by_a_commit_of_their_own(tmp_path: Path, file: str) -> None:
    project = with_component(tmp_path)
    text = CARRIES if file == "llvmgate.toml" else CARRIES.replace("[[pin", "[[tool.llvmgate.pin")
    (project.root / file).write_text(text)
    (project.root / "patches").mkdir()
    (project.root / "patches/third_party-hlo.patch").write_text("another\n")
    commit_all(project.root, "Configure")
    assert fix(project, "--write", "--carry") == 0
    cure, carrying = git(project.root, "log", "--reverse", "--format=%s", "main..llvmgate-fix").splitlines()
    assert (cure[:12], carrying) == ("Follow LLVM:", "Carry a patch on third_party/hlo")
    changed = git(project.root, "diff", "--name-only", "llvmgate-fix~", "llvmgate-fix").splitlines()
    assert changed == sorted([file, "patches/third_party-hlo-2.patch"])
    git(project.root, "merge", "-q", "--ff-only", "llvmgate-fix")
    (carry,) = load_config(project.root / file).carries
    assert (carry.component, carry.name) == ("third_party/hlo", "third_party-hlo-follows-llvm")
    git(project.root / "third_party/hlo", "apply", str(project.root / carry.patches[0]))
    assert "AndFold" not in (project.root / "third_party/hlo/h.cpp").read_text()


def test_where_a_configuration_takes_no_table_the_rest_is_committed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = with_component(tmp_path)
    (project.root / "llvmgate.toml").write_text(f"carry = []\n{CARRIES}")
    commit_all(project.root, "Configure")
    assert fix(project, "--write", "--carry") == 0
    assert "not carried: " in capsys.readouterr().err
    (title,) = git(project.root, "log", "--format=%s", "main..llvmgate-fix").splitlines()
    assert title.startswith("Follow LLVM: ")


def test_a_component_s_edits_are_a_patch_of_their_own(tmp_path: Path) -> None:
    project = with_component(tmp_path)
    assert fix(project, "--write") == 0
    component = (project.build / "llvmgate-fix/third_party-hlo.patch").read_text()
    assert "Subject: [PATCH] Follow LLVM: 'applyPatternsAndFoldGreedily'" in component
    assert [change.path for change in file_changes(component.encode(), "it")] == ["h.cpp"]
    git(project.root / "third_party/hlo", "apply", str(project.build / "llvmgate-fix/third_party-hlo.patch"))
    assert "third_party" not in patch(project)
    assert "third_party" not in git(project.root, "diff", "--name-only", "main", "llvmgate-fix")


def test_a_component_s_patch_can_be_carried_until_the_component_has_it(tmp_path: Path) -> None:
    cause = Cause(
        finding=Finding(
            kind="api-removed", identifier="x", headline="'x' is \"gone\" \U0001f4a5\x7f", facts={CULPRIT: "c" * 40}
        ),
    )
    patch = ComponentPatch(component="third_party/mini hlo", diff="", causes=(cause,))
    table = as_toml(patch.carry("patches/hlo.patch", datetime.date(2026, 1, 1)))
    (tmp_path / "llvmgate.toml").write_text(table)
    (carry,) = load_config(tmp_path / "llvmgate.toml").carries
    assert (carry.component, carry.patches) == ("third_party/mini hlo", ("patches/hlo.patch",))
    assert (carry.until, carry.cause) == (datetime.date(2026, 1, 29), "c" * 40)
    assert carry.reason == "it has not followed LLVM yet: 'x' is \"gone\" \U0001f4a5\x7f"


def test_an_output_directory_keeps_what_is_not_ours(tmp_path: Path) -> None:
    project = fixable(tmp_path, {"a.cpp": f"{START}bool g() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n"})
    mine = tmp_path / "out/mine.patch"
    mine.parent.mkdir()
    mine.write_text("mine\n")
    for _ in range(2):
        assert fix(project, "--output", str(mine.parent)) == 0
    assert mine.read_text() == "mine\n"
    (project.root / "a.cpp").write_text(f"{START}bool g() {{ return applyPatternsGreedily(1, 2); }}\n")
    assert fix(project, "--output", str(mine.parent)) == 0
    assert not (mine.parent / "small.patch").exists()


def test_bytes_that_are_no_utf_8_stay_what_they_are(tmp_path: Path) -> None:
    project = fixable(tmp_path, {"a.cpp": START})
    text = START.encode() + b"bool g() { return applyPatternsAndFoldGreedily(1, 2); } // \xe4\xff \xc3\xa4\n"
    (project.root / "a.cpp").write_bytes(text)
    commit_all(project.root, "Latin")
    assert fix(project, "--write") == 0
    git(project.root, "merge", "-q", "--ff-only", "llvmgate-fix")
    assert (project.root / "a.cpp").read_bytes() == text.replace(b"AndFoldGreedily", b"Greedily")


def test_compile_commands_of_another_build_system_will_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As Meson writes them: relative to a build directory in the checkout, without CMake's cache, with any word."""
    code = "int f() { return applyPatternsAndFoldGreedily(1, twice(2)); }\n"
    own = {"include/own.h": "inline int twice(int a) { return 2 * a; }\n"}
    project = fixable(tmp_path, {"a.cpp": f'#include "own.h"\n{START}{code}', **own})
    build = project.root / "out"
    build.mkdir()
    long = 300 * "."
    command = f"c++ -I../include -I{project.llvm}/include -DLONG={long} -c ../a.cpp -o a.o"
    entry = {"directory": str(build), "file": "../a.cpp", "command": command}
    (build / "compile_commands.json").write_text(json.dumps([entry]))
    named = ["fix", "--build", str(build), "--llvm", str(project.llvm)]
    assert main(named) == 4
    assert "--source" in capsys.readouterr().err
    assert main([*named, "--source", str(project.root)]) == 0
    assert "+int f() { return applyPatternsGreedily(" in (build / "llvmgate-fix/small.patch").read_text()


@pytest.mark.parametrize("wrong", [["--build", "nowhere"], ["--baseline", "a" * 40]])
def test_what_cannot_be_used_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]) -> None:
    project = fixable(tmp_path, {"a.cpp": START})
    assert fix(project, *wrong) == 4
    assert "->" in capsys.readouterr().err or wrong[0] == "--baseline"


# -- briefs -----------------------------------------------------------------------------------------------------------


def test_a_brief_has_what_whoever_mends_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "struct Old;\nOld *f(int v) {\n  auto r = mlir::getEncoding(v);\n  return r.old();\n}\n"
    project = fixable(tmp_path, {"a.cpp": START + code})
    lines = "int a = mlir::{0}(1{1});\nint c;\nint b = mlir::{0}(2{1});\n"
    other = sibling(tmp_path, "elsewhere", lines.format("getEncoding", ""), lines.format("levelType", ", true"))
    assert fix(project, "--sibling", str(other)) == 1
    capsys.readouterr()
    assert main(["brief", "--build", str(project.build)]) == 0
    (page,) = capsys.readouterr().out.split()
    text = Path(page).read_text()
    for part in (
        ">     5   auto r = mlir::getEncoding(v);",
        "+ int a = mlir::levelType(1, true);",
        "- `getEncoding($1) -> levelType($1, true)` (from elsewhere ",
        "-fsyntax-only",
        "`: 1 place left in 1 unit, 0 mended.",
        "\na.cpp:5:",  # the compiler's own words, of the checkout's file and not of a copy that is gone
    ):
        assert part in text
    assert f"{tempfile.gettempdir()}/llvmgate-process-" not in text
    command = text.rpartition("```console\n")[2].partition("\n```")[0]
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert "getEncoding" in done.stderr


def test_a_brief_is_json_where_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = fixable(tmp_path, {"a.cpp": f"{START}int f() {{ return mlir::noSuchThing(); }}\n"})
    assert fix(project) == 1
    capsys.readouterr()
    assert main(["brief", "--build", str(project.build), "--json"]) == 0
    brief = json.loads(Path(capsys.readouterr().out.strip()).read_text())
    assert (brief["kind"], brief["left"], brief["blocks"]) == ("api-removed", 1, 1)


def test_where_nothing_is_left_brief_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = fixable(tmp_path, {"a.cpp": f"{START}int f() {{ return 0; }}\n"})
    assert fix(project) == 0
    capsys.readouterr()
    assert main(["brief", "--build", str(project.build)]) == 0
    assert capsys.readouterr() == ("", "llvmgate fix has left nothing to mend: there is no page to write\n")


def test_an_outcome_that_the_tree_brings_along_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = fixable(tmp_path, {"a.cpp": f"{START}int f() {{ return mlir::noSuchThing(); }}\n"})
    assert fix(project) == 1
    outcome = project.build / "llvmgate-fix/outcome.json"
    told = json.loads(outcome.read_text())
    del told["seal"]
    outcome.write_text(json.dumps(told, indent=1))
    capsys.readouterr()
    assert main(["brief", "--build", str(project.build)]) == 4
    assert "run llvmgate fix first" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["../secret", "{top}/secret", "link"])
def test_a_brief_shows_no_file_from_elsewhere(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("the password\n")
    source = tmp_path / "source"
    source.mkdir()
    (source / "link").symlink_to("../secret")
    (source / "own").write_text("a line\n")
    locations = (Location(path=path.format(top=tmp_path), line=1), Location(path="own", line=1))
    assert list(dict(_places(locations, source))) == ["own:1"]


def test_without_a_fix_there_is_nothing_to_brief_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brief", "--build", str(tmp_path)]) == 4
    assert "run llvmgate fix first" in capsys.readouterr().err


# -- CMake ------------------------------------------------------------------------------------------------------------

PACKAGE = "add_library(MLIRTosaDialect STATIC IMPORTED)\n"
MISSING = """\
CMake Error at CMakeLists.txt:6 (add_dependencies):
  The dependency target "MLIRTosa" of target "small" does not exist.


-- Generating done
CMake Generate step failed.  Build files cannot be regenerated correctly.
"""


@pytest.fixture
def renamed(tmp_path: Path) -> Fixable:
    """A project that links MLIRTosa, of an LLVM in which that is called MLIRTosaDialect."""
    project = fixable(tmp_path, {"a.cpp": f"{START}bool g() {{ return applyPatternsAndFoldGreedily(1, 2); }}\n"})
    package = project.llvm / "lib/cmake/mlir"
    package.mkdir(parents=True)
    (package / "MLIRConfig.cmake").write_text('include("${CMAKE_CURRENT_LIST_DIR}/MLIRTargets.cmake")\n')
    (package / "MLIRTargets.cmake").write_text(PACKAGE)
    lists = project.root / "CMakeLists.txt"
    more = (
        "find_package(MLIR REQUIRED CONFIG)\nadd_dependencies(small MLIRTosa)  # MLIRTosa\n"
        "set(MORE MLIRTosaUtils)\nif(NOT TARGET MLIRTosa)\n  message(FATAL_ERROR [[The dependency]])\nendif()\n"
    )
    lists.write_text(lists.read_text() + more)
    commit_all(project.root, "Link Tosa")
    command = ["cmake", f"-DMLIR_DIR={package}", "-S", str(project.root), "-B", str(project.build)]
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0
    (project.build.parent / "log").write_text(MISSING)
    return project


def test_a_library_that_was_renamed_is_called_by_its_new_name(renamed: Fixable) -> None:
    assert fix(renamed, str(renamed.build.parent / "log")) == 0
    changed = applied(renamed)
    assert "applyPatternsGreedily" in changed  # the units are compiled as the mended project says
    lists = (renamed.root / "CMakeLists.txt").read_text()
    assert "add_dependencies(small MLIRTosaDialect)  # MLIRTosa\n" in lists
    assert "set(MORE MLIRTosaUtils)\nif(NOT TARGET MLIRTosaDialect)\n" in lists


def test_a_new_name_that_cmake_does_not_like_is_taken_back(
    renamed: Fixable, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = renamed.root / "CMakeLists.txt"
    lists.write_text(f"{lists.read_text()}message(FATAL_ERROR [[Something else]])\n")
    commit_all(renamed.root, "Break it otherwise")
    assert fix(renamed, str(renamed.build.parent / "log")) == 1
    assert "Something else" in capsys.readouterr().err
    assert "MLIRTosaDialect" not in str(outcome(renamed)["patches"])


# -- with findings ----------------------------------------------------------------------------------------------------


def test_explain_shows_how_a_sibling_did_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = sibling(tmp_path, "elsewhere", "int a = getEncoding(1);\n", "int a = levelType(1, true);\n")
    log = tmp_path / "log"
    log.write_text("a.cpp:3:5: error: 'getEncoding' is not a member of 'mlir'\n")
    assert main(["explain", str(log), "--sibling", str(other)]) == 0
    shown = capsys.readouterr().out
    assert "-> - int a = getEncoding(1);" in shown
    assert "-> + int a = levelType(1, true);" in shown


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (r"C:\ours\a.cpp(12,3): error C2039: x", (r"C:\ours\a.cpp", "12")),
        ("d:/ours/a.cpp:12:3: error: x", ("d:/ours/a.cpp", "12")),
        (f"a.cpp:{'9' * 5000}:1: error: x", None),
    ],
)
def test_an_error_names_a_file_on_a_drive_and_a_line_that_may_be(line: str, place: tuple[str, str] | None) -> None:
    match = unit_check._ERROR.search(line)
    assert (match and (match["path"], match["line"])) == place
