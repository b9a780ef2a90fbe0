"""Writing the verdict to the files that were asked for; a file that cannot be written loses nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from pytest_llvmgate.codec import dumps, write_atomically
from pytest_llvmgate.gate.seal import write_sealed
from pytest_llvmgate.gate.trouble import as_gate_error
from pytest_llvmgate.model import Verdict
from pytest_llvmgate.plugin.option_names import FORMS
from pytest_llvmgate.verdict import markdown
from pytest_llvmgate.verdict.forms import render


def report_files(config: pytest.Config) -> Iterator[tuple[Path, str]]:
    """The files of ``--llvm-json`` and its like, each with its form. Raises ``pytest.UsageError`` for a directory."""
    for form in FORMS:
        if name := config.getoption(f"llvm_{form.replace('-', '_')}"):
            path = config.invocation_params.dir / name
            if path.is_dir():
                raise pytest.UsageError(f"--llvm-{form}: expected a file to write, found a directory: {path}")
            yield path, form


def publish(verdict: Verdict, config: pytest.Config, root: Path, own: Path) -> list[str]:
    """Write the gate's own JSON, the files of ``--llvm-json`` and its like, and GitHub's step summary.

    Returns what could not be written, in words.
    """
    work: dict[Path, Callable[[Path], None]] = {own: lambda path: write_sealed(root, path, dumps(verdict))}
    work |= {path: partial(_write, form, verdict, root) for path, form in report_files(config)}
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        work[Path(summary)] = lambda path: _append(path, markdown.render(verdict))
    problems = []
    for path, write in work.items():
        try:
            write(path)
        except OSError as error:
            problems.append(f"llvmgate: {path} could not be written: {error.strerror or error}")
        except Exception as error:  # one form's defect must not cost the others
            problems.append(f"llvmgate: {path} could not be written: {as_gate_error(error)}")
    return problems


def _write(form: str, verdict: Verdict, root: Path, path: Path) -> None:
    write_atomically(path, render(form, verdict, root))


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)
