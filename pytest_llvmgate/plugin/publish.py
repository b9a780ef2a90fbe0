"""Writing the verdict to the files that were asked for; a file that cannot be written loses nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_llvmgate.codec import dumps, write_atomically
from pytest_llvmgate.gate.seal import write_sealed
from pytest_llvmgate.model import Verdict
from pytest_llvmgate.verdict import html, markdown


def publish(verdict: Verdict, config: pytest.Config, root: Path, own: Path) -> list[str]:
    """Write the gate's own JSON, the files of ``--llvm-json`` and ``--llvm-html``, and GitHub's step summary.

    Returns what could not be written, in words.
    """
    here = config.invocation_params.dir
    asked_json, asked_html = config.getoption("llvm_json"), config.getoption("llvm_html")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    as_json = dumps(verdict)
    as_html = html.render(verdict, root=root) if asked_html else ""
    work: list[tuple[Path | None, Callable[[Path], None]]] = [
        (own, lambda path: write_sealed(root, path, as_json)),
        (here / asked_json if asked_json else None, lambda path: write_atomically(path, as_json)),
        (here / asked_html if asked_html else None, lambda path: write_atomically(path, as_html)),
        (Path(summary) if summary else None, lambda path: _append(path, markdown.render(verdict))),
    ]
    problems = []
    for path, write in work:
        try:
            if path is not None:
                write(path)
        except OSError as error:
            problems.append(f"llvmgate: {path} could not be written: {error.strerror or error}")
    return problems


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)
