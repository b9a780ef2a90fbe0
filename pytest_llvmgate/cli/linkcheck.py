"""``llvmgate linkcheck``: what a shared build of this project would refuse to link, from a static build directory."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from pytest_llvmgate.cli.arguments import add_path, add_prediction_arguments, directory, given_layers
from pytest_llvmgate.cli.output import show, told
from pytest_llvmgate.cmake.cache_entries import read_cache
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO
from pytest_llvmgate.linkcheck.prediction import LinkcheckResult, run_linkcheck
from pytest_llvmgate.linkcheck.shared_tree import LinkcheckOptions, LlvmView
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix

_SCRATCH = ".llvmgate-linkcheck"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--build-dir", "-B", type=directory, required=True, metavar="DIR", help="a built CMake/ninja build directory"
    )
    scratch = f"where the second tree is configured (default: {_SCRATCH} inside the build directory)"
    add_path(parser, "--scratch", scratch)
    parser.add_argument(
        "--llvm",
        metavar="VIEW",
        default=LlvmView.AS_CONFIGURED.value,
        help="look at LLVM 'as-configured' (default), 'shared' as if it were built with BUILD_SHARED_LIBS, or over the "
        "install in a directory, which is a shared one",
    )
    parser.add_argument("--confirm", action="store_true", help="then link every library for real, without compiling")
    add_path(parser, "--root", "the downstream's root (default: the CMake source)", kind=directory)
    add_prediction_arguments(parser, "real links")


def run(arguments: argparse.Namespace) -> int:
    build_dir = Path(os.path.normpath(arguments.build_dir.absolute()))  # as CMake writes it
    view, over = _llvm(arguments.llvm)
    source = Path(read_cache(build_dir)["CMAKE_HOME_DIRECTORY"].value)
    root = arguments.root or source
    result = run_linkcheck(
        build_dir,
        scratch=(arguments.scratch or build_dir / _SCRATCH).absolute(),
        layers=given_layers(root, arguments.component),
        options=LinkcheckOptions(view=view, over=over, confirm=arguments.confirm, jobs=arguments.jobs),
    )
    show(arguments, result, _report(result))
    return EXIT_VERDICT_NO if result.fails else EXIT_OK


def _llvm(text: str) -> tuple[LlvmView, ToolchainPrefix | None]:
    """The view of LLVM that is asked for, and the shared LLVM to take. Raises :class:`PrefixError`."""
    if text in list(LlvmView):
        return LlvmView(text), None
    return LlvmView.AS_CONFIGURED, read_prefix(Path(text).absolute())


def _report(result: LinkcheckResult) -> Iterable[str]:
    """The result for people."""
    yield from told(result.findings)
    yield from (f"note: {note}" for note in result.notes)
    yield _summary(result)


def _summary(result: LinkcheckResult) -> str:
    analysed = [link for link in result.links if not link.not_analysed]
    broken = [link for link in analysed if link.fails]
    symbols = sum(len(link.missing) for link in broken)
    seconds = sum(result.seconds.values())
    said = (
        f"{len(broken)} of {len(analysed)} links would fail as a shared build ({symbols} missing symbols)"
        if broken
        else f"all {len(analysed)} links would pass as a shared build"
    )
    confirmed = ""
    if result.confirmation is not None:
        real = result.confirmation
        confirmed = (
            f"; confirmed by real links with {real.linker}: {len(real.found)} found, {len(real.missed)} missed, "
            f"{len(real.false)} false"
        )
    return f"{said}{confirmed}; {seconds:.1f} s"
