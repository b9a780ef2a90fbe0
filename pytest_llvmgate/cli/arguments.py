"""Options that several commands have: each is declared here once, so that it has one name and one meaning."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llvmgate.errors import GateError

if TYPE_CHECKING:
    from pytest_llvmgate.owners.by_tree import Layers

_Options = argparse._ActionsContainer
"""A parser or a group of one; argparse has no public name for what both are."""


def add_prediction_arguments(parser: _Options, at_a_time: str) -> None:
    """Declare what predictions have in common, for :func:`given_layers`; ``at_a_time`` is what ``--jobs`` counts."""
    meaning = "a directory that is another project's code; submodules are known without this"
    add_several(parser, "--component", "DIR", meaning, Path)
    meaning = f"{at_a_time} at a time (default: 2)"
    parser.add_argument("--jobs", "-j", type=whole, default=2, metavar="N", help=meaning)
    add_json(parser, "the complete result")


def given_layers(root: Path, given: Sequence[Path]) -> Layers:
    """The downstream with what is said to be others' below it. Raises :class:`GateError` where that is no directory."""
    from pytest_llvmgate.owners.by_tree import find_layers, submodule_paths

    if absent := [str(path) for path in given if not (root / path).is_dir()]:
        known = ", ".join(submodule_paths(root))
        raise GateError(
            "--component: expected a directory below the downstream, found none",
            where=str(root / absent[0]),
            hint=f"its submodules, known without this: {known}" if known else f"name one that is there, below {root}",
        )
    return find_layers(root, given)


def directory(text: str) -> Path:
    """The type of a directory that has to be there. Raises :class:`GateError`."""
    path = Path(text)
    if not path.is_dir():
        raise GateError(
            "expected a directory, found none", where=text, hint=f"name one that is there, as seen from {Path.cwd()}"
        )
    return path


def positive(text: str) -> float:
    """The type of a number of seconds and its like."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text!r}")
    return number


def whole(text: str) -> int:
    """The type of a number of things: 1 to 99,999."""
    if not text.isdecimal() or not 0 < int(text[:9]) < 100_000:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, found {text!r}")
    return int(text)


def add_directory(parser: _Options) -> None:
    """Declare ``-C``."""
    parser.add_argument("-C", dest="directory", metavar="DIR", type=Path, default=Path(), help="stand in DIR instead")


def add_path(
    parser: _Options, name: str, meaning: str, metavar: str = "DIR", kind: Callable[[str], Path] = Path
) -> None:
    """Declare an option whose value is a file or a directory; ``kind`` may be :func:`directory`."""
    parser.add_argument(name, metavar=metavar, type=kind, help=meaning)


def add_project_arguments(parser: _Options) -> None:
    """Declare ``-C`` and ``--config``."""
    add_directory(parser)
    add_path(parser, "--config", "the configuration, seen from DIR (default: llvmgate.toml)", "PATH")


def add_subject_arguments(parser: _Options) -> None:
    """Declare what is judged: ``-C``, ``--config``, ``--configuration`` and ``--stage``."""
    add_project_arguments(parser)
    add_several(parser, "--configuration", "NAME", "a configuration (default: all); repeatable")
    add_several(
        parser,
        "--stage",
        "STAGE",
        "up to this one: llvm, configure, build, check, ... (default: all but predictions); repeats",
    )


def add_several(parser: _Options, name: str, metavar: str, meaning: str, kind: Callable[[str], Any] = str) -> None:
    """Declare an option that may be given several times; its value is a list."""
    parser.add_argument(name, metavar=metavar, type=kind, action="append", default=[], help=meaning)


def add_clones(parser: _Options) -> None:
    """Declare ``--clone NAME=DIR``, for ``pins.bulk.clone_paths``."""
    meaning = "a clone or mirror of the component NAME (its path or the last part of it), to look into"
    add_several(parser, "--clone", "NAME=DIR", meaning)


def add_siblings(parser: _Options) -> None:
    """Declare ``--sibling DIR``."""
    meaning = "a clone of a project that may have been there before, besides [update] siblings (repeatable)"
    add_several(parser, "--sibling", "DIR", meaning, directory)


def add_llvm_clone(parser: _Options, meaning: str) -> None:
    """Declare ``--llvm-repository DIR``. ``meaning`` goes on after "a clone of llvm-project"."""
    add_path(parser, "--llvm-repository", f"a clone of llvm-project{meaning}", kind=directory)


def add_llvm_history(parser: _Options, meaning: str, candidate: str) -> None:
    """Declare a clone of LLVM, with the commit that works and the one that does not, for :func:`llvm_history`."""
    add_llvm_clone(parser, meaning)
    parser.add_argument("--baseline", default="", metavar="SHA", help="an LLVM commit that works (full SHA)")
    parser.add_argument("--candidate", default="", metavar="SHA", help=f"the LLVM commit {candidate} (full SHA)")


def llvm_history(arguments: argparse.Namespace, *, clone_alone: bool = False) -> tuple[Path, str, str] | None:
    """The clone, the baseline and the candidate, or none of them. Raises :class:`GateError` for a part of the three.

    ``clone_alone``: a clone without commits will do.
    """
    clone, *commits = arguments.llvm_repository, arguments.baseline.lower(), arguments.candidate.lower()
    if not (clone or any(commits)):
        return None
    if not (clone and (all(commits) or (clone_alone and not any(commits)))):
        raise GateError("--llvm-repository, --baseline and --candidate belong together")
    return clone, commits[0], commits[1]


def add_json(parser: _Options, what: str = "") -> None:
    """Declare ``--json``."""
    parser.add_argument("--json", action="store_true", help=f"print {what and f'{what} as '}JSON")
