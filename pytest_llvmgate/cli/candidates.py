"""``llvmgate candidates``: LLVM commits to move to next, ranked, with the reasons."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_llvmgate.cli.arguments import add_clones, add_json, add_llvm_clone, add_project_arguments, add_several
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.cli.project import open_project, terminal_width
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO, GateError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    add_llvm_clone(parser, ", if not the configured")
    parser.add_argument("--head", default="", metavar="REV", help="the newest commit to look at (default: LLVM's main)")
    add_several(parser, "--sibling", "DIR", _SIBLING_HELP, Path)
    add_clones(parser)
    parser.add_argument("--preflight", type=int, default=3, metavar="N", help=_PREFLIGHT_HELP)
    parser.add_argument("--count", type=int, default=10, metavar="N", help="how many to show (default: %(default)s)")
    form = parser.add_mutually_exclusive_group()
    add_json(form)
    form.add_argument("--markdown", action="store_true", help="print Markdown for an update issue")


_SIBLING_HELP = "a clone of a project whose choice of LLVM counts, besides [update] siblings (repeatable)"
_PREFLIGHT_HELP = "hold the best N against this project's sources (default: %(default)s; 0: none)"


def run(arguments: argparse.Namespace) -> int:
    """Print the ranking. 1 where there is nothing to move to."""
    from pytest_llvmgate.candidates.candidates_text import ranking_data, render_markdown, render_text
    from pytest_llvmgate.candidates.gathering import CandidateRequest, find_candidates
    from pytest_llvmgate.pins.bulk import clone_paths

    if arguments.count < 1:
        raise GateError(f"expected a number above 0 for --count, found {arguments.count}")
    ranking = find_candidates(
        CandidateRequest(
            config=open_project(arguments),
            llvm=arguments.llvm_repository,
            head=arguments.head,
            siblings=tuple(arguments.sibling),
            clones=clone_paths(arguments.clone),
            preflights=max(0, arguments.preflight),
        )
    )
    lines = (
        render_markdown(ranking, count=arguments.count)
        if arguments.markdown
        else render_text(ranking, count=arguments.count, width=terminal_width())
    )
    show(arguments, ranking_data(ranking, count=arguments.count), lines)
    return EXIT_OK if ranking.best is not None else EXIT_VERDICT_NO
