"""Sentences by which anybody's script says that something is not installed: LLVM first of all."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.lines import first_group
from pytest_llvmgate.kinds.catalogue import CMAKE_PACKAGE
from pytest_llvmgate.kinds.facts import NAME, SORT

REPORT: Final = re.compile(
    r"(?i)(?:--|#|//|\*(?! missing)|\$|checking\b|looking\b|performing\b|note\b|info\b|skip|found\b|==> (?!error)"
    r"|\S{0,200}warning\b)"
)
"""Beginnings of lines that report how a check went, or comment on something: no failure."""
_LLVM: Final = r"llvm-config(?:-[\d.]+)?|(?:lib)?(?:llvm|clang)|mlir"
_WHOLE: Final = r"\b(?![/:\w]|\.\S|-[a-z])"
"""Behind a name: it goes on neither as a path, a version or a word, nor as the name of another package."""
_FOUND: Final = r"found|installed|available|detected|located"
_WORDS: Final = r"(?:(?!(?:in|of|from|for|with|by|to|and)\b(?! (?:llvm|clang|mlir)\b))[\w-]{1,20} ){0,4}"
"""A few words in front of the name, none of which begins another phrase."""
_NEWER: Final = (
    r"(?:>=? ?v?\d[\d.*]{0,20}(?!.{0,40}<)|v?\d[\d.]{0,20} (?:or|and) (?:newer|later|higher|greater|above|up))"
)
_NO_LLVM: Final = re.compile(
    rf"(?i)(?:dependency '?(?P<a>llvm|clang|mlir)\b.{{0,200}}(?:not found|is required)"
    rf"|(?<![\w/.'-])(?P<b>{_LLVM}){_WHOLE}(?! (?:header|target|plugin)).{{0,60}}"
    rf"(?:(?:is |was |were |be |been )?not (?:{_FOUND})"
    r"|could not be (?:found|run|executed)|cannot (?:find|be found)|missing\b|failed (?:executing|to (?:run|execute)))"
    rf"|(?:cannot|can't|can not|could not|couldn't|unable to|didn't|did not|failed to)"
    rf" (?:find|locate|detect|get|determine|run|execute|set up|load):? {_WORDS}'?(?P<c>{_LLVM}){_WHOLE}"
    rf"|\bmissing (?:\w{{1,20}} ){{0,3}}(?:library|package|program|dependency|tool):? '?"
    rf"(?P<f>{_LLVM}){_WHOLE}"
    rf"|\bno {_WORDS}(?P<d>{_LLVM}){_WHOLE}.{{0,60}}(?:{_FOUND})"
    rf"|(?:have|has) installed {_WORDS}(?P<e>{_LLVM})\b"
    rf"|(?<![\w/.-])(?P<g>{_LLVM})'? (?:version )?(?:{_NEWER}(?: is)? (?:required|needed)"
    r"|(?:v?\d[\d.]* )?(?:is )?too old)\b"
    rf"|(?:requires?|needs?) (?:only )?{_WORDS}(?P<i>{_LLVM}) (?:version )?{_NEWER}"
    r"|(?P<j>llvm)_(?:config|dir)-notfound\b"
    r"|\b(?P<h>llvm)\b(?: [\w']{1,30}){0,3} target\b(?: '?[\w-]{1,30}'?){0,2} not (?:enabled|built))"
)
"""An LLVM that is not there, or lacks what is asked for: a target, or to be newer."""
_SOLVER: Final = re.compile(
    r"(?i)\b(?:could not|cannot|can't|failed to|unable to) (?:solve|resolve)(?: \w{1,20}){0,2}"
    r" (?:dependency|dependencies|environment|specs|request|requirements|packages?)\b|\b(?:UnsatisfiableError"
    r"|ResolutionImpossible|PackagesNotFoundError|InstallationError): |No solution found when resolving"
    r"|(?<![\w.+-])(?P<wheel>[\w.+-]++(?<=\.whl)) is not a supported wheel"
)
"""What resolvers of packages say when there are none that fit together, or that fit this machine."""
_UNFIT: Final = re.compile(
    rf"(?i)(?:unsupported|incompatible|wrong|too (?:old|new)) {_WORDS}(?P<a>{_LLVM}){_WHOLE}"
    rf"|(?:unhandled|unknown|unexpected|unrecogni[sz]ed|invalid) (?:version (?:of )?(?P<e>{_LLVM}){_WHOLE}"
    rf"|(?P<f>{_LLVM}) version\b)"
    rf"|(?<![\w/.'-])(?P<h>{_LLVM}) (?:version )?v?\d[\d.]*(?:git)? (?:was |is )?(?:found|detected)\b.{{0,40}}"
    r"(?:only|support|requir|expect|need|but)"
    rf"|\bversion of (?P<b>{_LLVM})\b.{{0,60}} tested|\b(?:cannot|can not|can't) use {_WORDS}(?P<g>{_LLVM})[ -]?v?\d"
    rf"|(?<![\w/.-])(?P<c>{_LLVM})'? (?:version )?(?:[<>=^~]* ?v?\d[\d.*]*(?:git)? )?(?:(?:or|and) \w+ )?(?:is |are )?"
    r"(?:not supported|unsupported|too (?:old|new)|required\b|needed\b|not compatible)"
    rf"|(?:requires?|needs?|supports?) (?:only )?{_WORDS}(?P<d>{_LLVM}) (?:version )?(?:>|<|=|v?\d)"
)
_NOT_THINGS: Final = r"source|file|toolchain|target|directory|the|in|to|for|by|of|and|suitable|required|valid|build|it"
_NOT_FOUND: Final = re.compile(
    r"(?i)(?:\b(?:could not|cannot|can't|unable to|failed to) (?:find|locate)[\w ]{0,60} ['\"](?P<c>[\w.+-]{2,60})['\"]"
    r"|\b(?:could not|couldn't|cannot|can not|can't|unable to|failed to|did not|didn't) (?:find|locate)"
    r"(?: (?:the|a|an|any|suitable|required|valid|working|your|executable|program|package|library|tool|command)){0,3}"
    rf" ['\"]?(?!(?:{_NOT_THINGS})\b)(?P<a>[\w.+-]{{2,60}})"
    r"|^(?:error: )?(?:(?:required|needed) )?(?:(?:library|package|program|tool|dependency) )?"
    rf"['\"]?(?!(?:{_NOT_THINGS})\b)(?P<b>[\w.+-]{{2,60}})['\"]?"
    r"(?: (?:library|libraries|headers?|package|compiler|executable|program|tool|module|command|v?\d[\d.]*)){0,2}"
    r" (?:was |is |are |were )?(?:not (?:found|installed)|missing|required)\b"
    r"|Depends: (?P<d>[\w.+-]+)[^,]{0,80} but it is not (?:installable|going to be)|nothing provides (?P<e>[\w.+-]+)"
    r"|unable to locate package (?P<f>[\w.+-]+)|no package (?P<g>[\w.+-]+) available|target not found: (?P<h>[\w.+-]+)"
    r"|\bThe repository '(?P<i>\S+)[^']{0,200}' does not have a Release file)"
)
"""Scripts, and with the last three lines package managers."""
_UNLISTED: Final = re.compile(
    r"(?i)\bunable to locate package |\bno package \S+ available|\bdoes not have a release file"
)
"""What managers of packages say of what no repository has."""


_STATUS: Final = re.compile(
    r"^\++ exit [1-9]|^(?i:stack ?trace(?:back)?):$|\brecipe for target '[^']{1,400}' failed"
    r"|\b(?:exit(?:ed)?|return(?:ed)?|completed|failed|died|terminated|successfully)\b[:\w ()-]{0,40}"
    r"\b(?:code|status)(?::| =)? (?:Some\()?-?\d|\breturned \d{1,3} exit status|\(Exit \d{1,3}\)"
    r"|\b(?:[Ff]ailed|[Cc]ould not|unable)(?: to)? (?:build(?:ing)?|compil(?:e|ing)|run custom build command)\b[^:]*+$"
    r"|^(?:[Ee]rror: )?Command failed: |^Error generating\b|(?i:\bcommands?\b)[^:]{0,300} failed:?$"
    r"|\bfailed to build\.?$|\bhad \d{1,9} command failures|\bsubprocess-exited-with-error$|\bBUILD[ _]FAILED\b"
    r"|\bdoes not verify as correct!$|\bnot remade because of errors"
    r"|: \*\*\* \[|^ninja: error: rebuilding|\bBuild did NOT complete"
    r"|\b(?:did not|didn't) (?:run|complete|exit) successfully\b"
)
"""That a command has failed, and with which status: why is said elsewhere."""
_ABSENT: Final = re.compile(
    r"(?i)\bno (?:such|available|module named|package|compatible)\b|\bthere is no\b|\bcontains no\b"
    r"|(?:not|n't) (?:be )?(?:found|exist|installed|available|accessible|opened|loaded)\b"
    r"|\b(?:cannot|can't|could not|couldn't|unable to|failed to) (?:open|access|find|locate|load|import)\b"
    r"|\b(?:code|status):? 12[67]\b|\] \S+ 12[67]$|\bcannot (?:create executables|execute)\b"
    r"|\b(?:permission denied|temporarily unavailable)\b"
    r"|\b(?:unsupported|unknown|unrecogni[sz]ed) (?:target|platform|architecture|version|host|triple|os)\b"
)
"""That something is not there, may not be used, or is for other machines, whatever it is."""
_OF_CODE: Final = re.compile(
    r"(?i)\b(?:symbols?|module files?|dialects?|pass(?:es)?|operations?|members?"
    r"|functions?|types?|attributes?|identifiers?|fields?|declarations?|(?<!environment )variables?"
    r"|implementations? provided|multiple rules"
    r"|(?<!invalid )arguments?|operands?|syntax|undefined)\b"
    r"|'[^'/\s][^'\s]{0,400}\.(?:c|cc|cpp|cxx|h|hpp|ll|mlir|td|rs|py)'"
)
"""What code has or lacks, and no machine."""


def is_about_the_machine(sentence: str) -> bool:
    """Whether a sentence that no rule knows says that something is not there, or does not serve on this machine."""
    return _ABSENT.search(sentence[:_LOOKED_AT]) is not None and not is_about_code(sentence)


def is_about_code(sentence: str) -> bool:
    """Whether a sentence speaks of what code has or lacks."""
    return _OF_CODE.search(sentence[:_LOOKED_AT]) is not None


def tells_status(sentence: str) -> bool:
    """Whether a sentence says with which status a command ended, whatever else: an exception quotes the command."""
    return _STATUS.search(sentence[:_LOOKED_AT]) is not None


def is_only_status(sentence: str) -> bool:
    """Whether a sentence says that a command failed, and neither which nor why."""
    match = _STATUS.search(sentence[:_LOOKED_AT])
    return match is not None and '"' not in sentence and not sentence[match.end() :].startswith(":")


def is_bare_status(sentence: str) -> bool:
    """Whether it does not even say that the machine lacks or refuses something."""
    return is_only_status(sentence) and not is_about_the_machine(sentence)


def say_absent(event: Event, name: str) -> None:
    """Make the event one about a tool or package, ``name``, that is not on this machine, or of no fitting version."""
    is_unfit = not _named(_NO_LLVM, event.message) and bool(_named(_UNFIT, event.message))
    is_unlisted = _UNLISTED.search(event.message[:_LOOKED_AT]) is not None
    event.kind, event.identifier = CMAKE_PACKAGE, name
    event.facts.update({SORT: "unfit" if is_unfit else "unlisted" if is_unlisted else "tool", NAME: name})


def lacking_llvm(sentence: str) -> str:
    """What of LLVM a sentence says to be not there, or of a version that does not serve, as it calls it; empty where
    it says no such thing.
    """
    name = _named(_NO_LLVM, sentence) or _named(_UNFIT, sentence)
    return "" if name and is_bare_status(sentence) else name  # asked last: most sentences lack nothing


def _named(pattern: re.Pattern[str], sentence: str) -> str:
    return first_group(pattern.search(sentence[:_LOOKED_AT])).rstrip(".")


_LOOKED_AT: Final = 2000
"""Characters of a sentence that are looked at."""


def absent_thing(sentence: str) -> str:
    """The program, library or package that a sentence says to be not there; empty where it says no such thing."""
    if match := _SOLVER.search(sentence[:_LOOKED_AT]):
        return match["wheel"] or "packages"
    return _named(_NOT_FOUND, sentence)
