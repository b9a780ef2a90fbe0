"""``llvmgate candidates``: LLVM commits to move to next, ranked, with the reasons."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_llvmgate.cli import arguments as options
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.cli.project import open_project, tell, terminal_width
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO

if TYPE_CHECKING:
    from pytest_llvmgate.candidates.gathering import Ranking
    from pytest_llvmgate.candidates.newest import Judge, Newest
    from pytest_llvmgate.config.settings import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    options.add_project_arguments(parser)
    options.add_llvm_clone(parser, ", if not the configured")
    parser.add_argument("--head", default="", metavar="REV", help="the newest commit to look at (default: LLVM's main)")
    options.add_siblings(parser)
    options.add_clones(parser)
    preflight = "hold the best N against this project's sources (default: %(default)s; 0: none)"
    parser.add_argument("--preflight", type=int, default=3, metavar="N", help=preflight)
    parser.add_argument(
        "--count", type=options.whole, default=10, metavar="N", help="how many to show (default: %(default)s)"
    )
    form = parser.add_mutually_exclusive_group()
    options.add_json(form)
    form.add_argument("--markdown", action="store_true", help="print Markdown for an update issue")
    trial = parser.add_argument_group("trying them out")
    trial.add_argument("--newest-that-passes", action="store_true", help="run the gate to find the newest that passes")
    trial.add_argument(
        "--tries", type=options.whole, default=8, metavar="N", help="at most so many gates (default: %(default)s)"
    )
    options.add_several(trial, "--configuration", "NAME", "only this (repeatable)")
    options.add_several(trial, "--stage", "STAGE", "only up to this (repeatable)")


def run(arguments: argparse.Namespace) -> int:
    """Print the ranking. 1 where there is nothing to move to, or nothing passes."""
    from pytest_llvmgate.candidates.gathering import CandidateRequest, find_candidates
    from pytest_llvmgate.pins.bulk import clone_paths

    config = open_project(arguments)
    ranking = find_candidates(
        CandidateRequest(
            config=config,
            llvm=arguments.llvm_repository,
            head=arguments.head,
            siblings=tuple(arguments.sibling),
            clones=clone_paths(arguments.clone, config.pins),
            preflights=max(0, arguments.preflight),
        )
    )
    newest = None
    if arguments.newest_that_passes:
        from pytest_llvmgate.candidates.newest import find_newest

        newest = find_newest(ranking.field, _judge(arguments, config), tries=arguments.tries, tell=tell)
    _show(arguments, ranking, newest)
    found = newest.found if newest is not None else ranking.best
    return EXIT_OK if found is not None else EXIT_VERDICT_NO


def _judge(arguments: argparse.Namespace, config: Config) -> Judge:
    """The gate, as the bisection asks it too: any failure is one, and what cannot be judged is none."""
    from pytest_llvmgate.bisect.bisection import Mark
    from pytest_llvmgate.bisect.judge import Wanted, judge
    from pytest_llvmgate.bisect.probing import run_probe, select_request

    request = select_request(config, tuple(arguments.configuration), tuple(arguments.stage))

    def ask(sha: str) -> tuple[Mark, str]:
        judgement = judge(run_probe(config, sha, request), Wanted())
        return judgement.mark, judgement.reason

    return ask


def _show(arguments: argparse.Namespace, ranking: Ranking, newest: Newest | None) -> None:
    from pytest_llvmgate.candidates.candidates_text import ranking_data, render_markdown, render_text

    lines = (
        render_markdown(ranking, count=arguments.count, newest=newest)
        if arguments.markdown
        else render_text(ranking, count=arguments.count, width=terminal_width(), newest=newest)
    )
    show(arguments, ranking_data(ranking, count=arguments.count, newest=newest), lines)
