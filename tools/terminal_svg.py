"""A terminal's coloured output as an SVG picture, in a form that every browser and GitHub shows alike.

Only what pytest and the gate print is understood: the colours and weights of SGR sequences (ECMA-48, 8.3.117).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Final

_SGR: Final = re.compile(r"\x1b\[([0-9;]*)m")
_COLOURS: Final = {"31": "#ff7b72", "32": "#56d364", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#56d4dd"}
_FOREGROUND: Final = "#e6edf3"
_DIM: Final = "#8b949e"
_BACKGROUND: Final = "#0d1117"
_FONT: Final = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
_FONT_SIZE: Final = 14
_CELL: Final = 8.43
"""Width of a character; ``textLength`` makes every font keep to it."""
_LINE: Final = 19
_PADDING: Final = 18
_TITLE_BAR: Final = 34
_BUTTONS: Final = ("#ff5f57", "#febc2e", "#28c840")


@dataclass(frozen=True)
class Style:
    """How a run of characters looks."""

    colour: str = _FOREGROUND
    bold: bool = False

    def after(self, codes: str) -> Style:
        """The style after an SGR sequence with ``codes``."""
        style = self
        for code in codes.split(";"):
            if code in {"", "0"}:
                style = Style()
            elif code == "1":
                style = replace(style, bold=True)
            elif code == "2":
                style = replace(style, colour=_DIM)
            elif code in _COLOURS:
                style = replace(style, colour=_COLOURS[code])
        return style


def svg(text: str, *, title: str) -> str:
    """The picture of ``text``, which may hold SGR sequences."""
    lines = text.rstrip("\n").expandtabs().split("\n")
    columns = max(len(_SGR.sub("", line)) for line in lines)
    width = round(columns * _CELL + 2 * _PADDING)
    height = _TITLE_BAR + len(lines) * _LINE + _PADDING
    return "\n".join([*_frame(width, height, title), *_text(lines), "</svg>\n"])


def _frame(width: int, height: int, title: str) -> Iterator[str]:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">'
    yield f"<title>{escape(title)}</title>"
    yield f'<rect width="{width}" height="{height}" rx="9" fill="{_BACKGROUND}"/>'
    for position, colour in enumerate(_BUTTONS):
        yield f'<circle cx="{20 + 20 * position}" cy="17" r="6" fill="{colour}"/>'
    style = f'font-family="{_FONT}" font-size="12" fill="{_DIM}" text-anchor="middle"'
    yield f'<text x="{width / 2:g}" y="21" {style}>{escape(title)}</text>'


def _text(lines: list[str]) -> Iterator[str]:
    yield f'<g font-family="{_FONT}" font-size="{_FONT_SIZE}" style="white-space: pre" xml:space="preserve">'
    style = Style()
    for number, line in enumerate(lines):
        y = _TITLE_BAR + number * _LINE + _FONT_SIZE
        column = 0
        for position, part in enumerate(_SGR.split(line)):
            if position % 2:
                style = style.after(part)
                continue
            if part.strip():
                yield _run(part, column, y, style)
            column += len(part)
    yield "</g>"


def _run(text: str, column: int, y: int, style: Style) -> str:
    """One run of characters of the same style; outer blanks are left out, renderers disagree on them."""
    shown = text.strip(" ")
    x = _PADDING + (column + len(text) - len(text.lstrip(" "))) * _CELL
    weight = ' font-weight="700"' if style.bold else ""
    place = f'x="{x:.2f}" y="{y}" textLength="{len(shown) * _CELL:.2f}"'
    return f'<text {place} fill="{style.colour}"{weight}>{escape(shown, quote=False)}</text>'
