"""``llvmgate report a.xml b.xml [--markdown | --json | --html]``."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from pytest_llvmgate.codec import dumps
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO
from pytest_llvmgate.verdict import html, markdown, terminal
from pytest_llvmgate.verdict.junit_reading import read_junit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the files and the form."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="JUnit files of pytest --llvm-sha runs")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="print Markdown, e.g. for a step summary")
    form.add_argument("--json", action="store_true", help="print the verdict as JSON")
    form.add_argument("--html", action="store_true", help="print one self-contained HTML page")


def run(arguments: argparse.Namespace) -> int:
    """Print the merged verdict; exit code 1 when it is a no."""
    verdict = read_junit(arguments.files)
    if arguments.json:
        print(dumps(verdict), end="")
    elif arguments.markdown:
        print(markdown.render(verdict), end="")
    elif arguments.html:
        print(html.render(verdict, root=Path.cwd()), end="")
    else:
        width = shutil.get_terminal_size().columns
        print("\n".join(terminal.render(verdict, width=width, color=sys.stdout.isatty())))
    return EXIT_OK if verdict.passes else EXIT_VERDICT_NO
