"""HTML pages: one file each, without scripts, without anything from elsewhere, made of a template that escapes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llvmgate.printable import cleaned
from pytest_llvmgate.wording import duration

if TYPE_CHECKING:
    from jinja2 import Environment


def page(template: str, **values: object) -> str:
    """The page of ``templates/<template>.html.jinja``. Every value is text from strangers, and stays text."""
    return _environment().get_template(f"{template}.html.jinja").render(cleaned(values))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["duration"] = duration
    return environment
