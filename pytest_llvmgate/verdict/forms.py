"""A verdict in one of the forms that it can be had in: the module of the form's name renders it."""

from __future__ import annotations

import importlib
from pathlib import Path

from pytest_llvmgate.codec import dumps
from pytest_llvmgate.model import Verdict


def render(form: str, verdict: Verdict, root: Path) -> str:
    """The text; ``root`` is the directory that the verdict's paths start from."""
    if form == "json":
        return dumps(verdict)
    if form == "html":
        from pytest_llvmgate.verdict import html

        return html.render(verdict, root=root)
    return str(importlib.import_module(f"pytest_llvmgate.verdict.{form.replace('-', '_')}").render(verdict))
