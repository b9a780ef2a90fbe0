"""The forms in which a verdict can be had: one row each, for pytest's options and for ``llvmgate report``."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import dumps
from pytest_llvmgate.model import Verdict


@dataclass(frozen=True, kw_only=True)
class Form:
    """One of them."""

    name: str
    """As in ``--llvm-NAME FILE`` and ``llvmgate report --NAME``."""
    help: str
    """What is written, in words."""
    is_json: bool = False

    def render(self, verdict: Verdict, root: Path) -> str:
        """The text; ``root`` is the directory that the verdict's paths start from."""
        if self.name == "json":
            return dumps(verdict)
        if self.name == "html":
            from pytest_llvmgate.verdict import html

            return html.render(verdict, root=root)
        module = importlib.import_module(f"pytest_llvmgate.verdict.{self.name.replace('-', '_')}")
        return str(module.render(verdict))


FORMS: Final = (
    Form(name="json", help="the verdict as JSON", is_json=True),
    Form(name="html", help="the verdict as one HTML file"),
    Form(name="markdown", help="the verdict as Markdown"),
    Form(name="comment", help="the verdict as a pull request's comment, with a marker to update it by"),
    Form(name="sarif", help="the causes as SARIF 2.1.0, for code scanning", is_json=True),
    Form(name="code-quality", help="the causes as GitLab's code quality report", is_json=True),
)
