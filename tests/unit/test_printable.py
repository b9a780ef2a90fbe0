"""Strangers' text on its way to people: no control of terminals, no commands to CI services."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_llvmgate.cli.output import guarded_output
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.findings import diagnose
from pytest_llvmgate.findings.screen import render as screen
from pytest_llvmgate.model import Location
from pytest_llvmgate.printable import cleaned, in_ci, printable, shell_word, shortened, without_commands
from pytest_llvmgate.verdict import html, markdown, terminal
from pytest_llvmgate.verdict.github import workflow_commands
from tests.support.ci_services import github_commands, other_commands
from tests.support.gated import Gated
from tests.support.verdicts import MISSING, failed, verdict

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u2028\u2029\ufeff]")
NASTY = (
    "\x1b\x1b[m]0;title\x07",
    "\x1b\x00[2J",
    "\u009b2J\u009d0;x\u009c",
    "\x1b[\x1b[2J31m\x1b]8;;http://x\x1b\\y",
    "if (a\u202e)b",
    "a\rb\x85c\u2028d",
    "\x1b",
    "\x1b[!p\x1bc\x1b#8\x1b(0",
    "\ufeffx\U000e0041",
)
COMMANDS = (
    "::stop-commands::x",
    "  \t::add-mask::x",
    "see ##[add-mask]x",
    "##[stop-commands]x",
    "###[error]x",
    "x ##vso[task.setvariable variable=a]b",
    "section_start:1:a\r\x1b[0Kb",
    "##teamcity[testFailed name='a']",
    "--- x",
    "+++ x",
    "^^^ +++",
    "~~~ x",
    "a\r::add-mask::b",
    "##\x00[add-mask]x",
    "\ufeff::add-mask::x",
    "##\u202e[add-mask]x",
    "::\x1b[m:add-mask::x\n:\x00:add-mask::y",
)

texts = st.lists(st.sampled_from([*NASTY, *COMMANDS, "\x1b", "[", "]", "\u009b", "2J", "#", ":", "\n", " ", "é"])).map(
    "".join
)


@pytest.mark.parametrize("text", NASTY)
def test_nothing_that_controls_a_terminal_is_left(text: str) -> None:
    assert not CONTROL.search(printable(text))


@given(texts | st.text())
@example("\x1b\x1b[m]0;x")
def test_to_clean_twice_changes_nothing(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert not CONTROL.search(once)
    once.encode()


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_what_prints_stays_as_it_is(text: str) -> None:
    assert printable(f"{text}\n\t{text}") == f"{text}\n\t{text}"


@given(texts)
def test_no_command_is_left_for_any_service(text: str) -> None:
    said = without_commands(printable(text))
    assert github_commands(said) == []
    assert other_commands(said) == []


def test_the_judge_knows_the_commands() -> None:
    assert len(github_commands("\n".join(COMMANDS[1:3]))) == 2
    assert github_commands("::stop-commands::x\n::error::a\n::x::\n::error::b")[-1] == ("error", "b")
    assert other_commands("\n".join(COMMANDS[5:12]))


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [({"CI": "true"}, True), ({"TF_BUILD": "True"}, True), ({"TEAMCITY_VERSION": "1"}, True), ({"CI": "0"}, False)],
)
def test_a_ci_service_is_told_by_its_variables(environment: dict[str, str], wanted: bool) -> None:
    assert in_ci(environment) is wanted


def test_a_long_line_keeps_its_head_and_tail() -> None:
    text = shortened("a" + "x" * 4_000_000 + "z", 100)
    assert len(text) < 150
    assert (text[0], text[-1]) == ("a", "z")


def hostile(text: str) -> object:
    finding = replace(
        MISSING,
        headline=f"word {text}",
        evidence=(text, f"x {text}"),
        advice=(f"{'word ' * 12}{text}",),
        locations=(Location(path=text, line=1),),
        log=text,
        facts={"x": text},
    )
    result = failed("shared-mhlo_on::build", text, findings=(finding,), detail=text, log=text, facts={"note": text})
    return verdict([result, failed("pins::x", f"{'word ' * 9}{text}", detail=text)], notes=(text,))


@pytest.mark.parametrize("text", [*NASTY, *COMMANDS])
@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "github"])
def test_every_form_of_a_verdict_is_clean(text: str, form: str) -> None:
    known = hostile(text)
    shown = {
        "terminal": lambda: "\n".join(terminal.render(known, width=50)),
        "markdown": lambda: markdown.render(known),
        "html": lambda: html.render(known),
        "github": lambda: "\n".join(workflow_commands(known)),
    }[form]()
    assert not CONTROL.search(shown)


@given(st.integers(40, 120), st.integers(0, 90), st.sampled_from(COMMANDS))
def test_wrapping_makes_no_commands(width: int, before: int, text: str) -> None:
    lines = terminal.render(hostile("w" * before + " " + text), width=width)
    said = "\n".join(map(without_commands, lines))
    assert github_commands(said) == []
    assert other_commands(said) == []


@pytest.mark.parametrize("text", [*NASTY, *COMMANDS])
def test_a_log_is_explained_without_what_it_would_control(text: str) -> None:
    log = f"/a/b.cpp:1:1: error: 'x{text}' was not declared {text}\n    1 | {text}\n{text}/c.cpp:2:2: error: {text}\n"
    assert not CONTROL.search("\n".join(screen(diagnose([log.encode()]), text)))


def test_an_error_of_the_gate_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    said = str(GateError("no\n".join(COMMANDS), where="\n##[error]", hint="\n".join(NASTY)))
    assert not CONTROL.search(said)
    assert github_commands(said) == other_commands(said) == []


@pytest.mark.parametrize("text", [*NASTY, *COMMANDS])
def test_json_says_the_same_without_a_command(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with guarded_output(as_json=True):
        print(json.dumps({"a": text}, ensure_ascii=False))
    said = capsys.readouterr().out
    assert json.loads(said) == {"a": text}
    assert not CONTROL.search(said)
    assert github_commands(said) == other_commands(said) == []


def test_text_that_comes_in_pieces_is_judged_by_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "1")
    with guarded_output():
        for piece in (":", ":add-mask", "::x", "\n##", "[add-mask]y\x1b", "[2J", "\n"):
            print(piece, end="")
            sys.stderr.write(piece)
    out, err = capsys.readouterr()
    assert out == err == ": :add-mask::x\n# #[add-mask]y\n"


def test_a_file_that_a_command_writes_has_every_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CI service reads a pipe. A file is read by others, for whom `---` is a line of a patch."""
    program = "from pytest_llvmgate.cli.output import guarded_output\nwith guarded_output(): print('--- a ##[x]')"
    monkeypatch.setenv("CI", "1")
    path = tmp_path / "out"
    with path.open("w") as stream:
        subprocess.run([sys.executable, "-c", program], stdout=stream, check=True)
    piped = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert (path.read_text(), piped) == ("--- a ##[x]\n", "-- - a # #[x]\n")


def test_cleaning_reaches_every_string_and_keeps_what_is_clean() -> None:
    clean = verdict([failed("pins::x")])
    assert cleaned(clean) is clean
    assert cleaned({"a\x07": ["b\x07", ("c\x07",)]}) == {"a": ["b", ("c",)]}


def test_a_build_in_ci_gives_no_commands_but_the_gates_own(gated: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("CI", "true")
    script = gated.root / "make.cmake"
    words = "\\n".join(["::stop-commands::x", "##[stop-commands]y", "##teamcity[a]", "--- b", f"{chr(27)}[2J"])
    script.write_text(f'{script.read_text()}\nmessage(FATAL_ERROR "{words}")\n')
    said = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on", "-rA").stdout.str()
    assert "stop-commands" in said
    assert {name for name, _ in github_commands(said)} == {"error"}
    assert [line for line in other_commands(said) if not line.startswith(("---", "::error"))] == []
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("name", "word"),
    [("third_party/llvm", "third_party/llvm"), ("a b", "'a b'"), ("$(id)", "'$(id)'"), ("--force", "./--force")],
)
def test_a_name_is_one_word_of_a_command(name: str, word: str) -> None:
    assert shell_word(name) == word
