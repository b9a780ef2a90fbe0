"""Pages in Markdown, reStructuredText and AsciiDoc: shell commands in code blocks and within sentences, and links.

What else a sentence says is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pytest_llvmgate.pins.syntax import checkout, shell
from pytest_llvmgate.pins.syntax.found import REVISION, Document, Embedded, Span, other_named_last
from pytest_llvmgate.pins.syntax.prose import EXAMPLE, said_before

_NOT_NEWLINE: Final = re.compile(r"[^\n]")
_FENCE: Final = re.compile(
    r"^(?:[ \t]*+(?P<fence>`{3,}+|~{3,}+)[ \t]*+(?P<language>[\w+-]*+)[^\n]*+\n"
    r"|\[(?:source)?,[ \t]*+(?P<source>[\w+-]*+)[^\n]*+\n(?P<dashes>-{4,}+)[ \t]*+\r?\n)",
    re.MULTILINE,
)
_COMMAND: Final = re.compile(
    r"`(?:\$ )?(?P<command>(?:git|wget|curl)[ ][^`\n]{0,300}?llvm(?:org-|-project)[^`\n]{0,300})`"
)
"""One of LLVM's within a sentence."""
_LINK: Final = re.compile(
    r"(?:\[`?(?P<before>[0-9a-f]{7,12})`?\]\()?"
    r"(?P<link>https?://[\w.-]{1,80}/[\w.-]{1,80}/llvm-project(?:/tree/(?P<sha>[0-9a-f]{40})(?![\w/])"
    r"|/releases/download/llvmorg-[\w.-]{1,30}/[\w.+-]{1,100}))(?:\[(?P<after>[0-9a-f]{7,12})\])?"
)
"""All that there was at a commit, or an archive; files of LLVM's tree are cited for many reasons."""
_RELEASE: Final = re.compile(r"llvmorg-[0-9][0-9.]*")
_ASKS: Final = re.compile(
    r"(?i)\b(?:depends?|needs?|requires?|us(?:es|ing)|based|builds?|built|tested|version|commit)\b"
)
"""What a sentence has that says which LLVM is taken; a log links those that were."""
_INDENTED: Final = re.compile(r"(?:(?<=\n)\n|\A)(?:(?:[ ]{3,}|\t)[^\n]*(?:\n|\Z)|[ \t]*\n)+")
_DIRECTIVE: Final = re.compile(
    r"^\S[^\n]{0,400}?::[ \t]*+(?P<language>[\w+-]*+)[ \t]*+\r?\n(?P<block>(?>(?:[ \t]++[^\n]*+(?:\n|\Z)|\r?\n)+))",
    re.MULTILINE,
)
"""reStructuredText: ``.. code-block:: console``, or a line that ends in ``::``; a blank before each line is enough."""
_SHELLS_TEXT: Final = "none bash sh shell zsh console shell-session text plaintext bat cmd powershell batch"
_SHELLS: Final = frozenset(["", *_SHELLS_TEXT.split()])


def read(text: str) -> Document:
    """Everything in the code blocks of a page, which are one script together: each block may be of another project."""
    document = Document()
    for number, block in enumerate(code_blocks(text), start=1):
        names_some = REVISION.search(block.text) is not None  # documentation is long, and most of it names no commit
        if names_some and not EXAMPLE.search(text, max(0, block.start - 200), block.start):
            script = checkout.read(shell.commands(block.text))
            other = other_named_last(text, block.start)
            for one in script.assignments if other else ():  # in a directory that nobody names
                if one.name == ".checkout" and one.scope not in script.subjects:
                    script.speaks_of(other, [one.scope])
            document.absorb(script, block.start, number)
    _links(document, text)
    return document


def _links(document: Document, text: str) -> None:
    """Note the links in sentences that say which LLVM is taken."""
    said = {one.text for one in document.assignments}
    lists_many = len({one.rstrip(".") for one in _RELEASE.findall(text)}) > 1  # what is needed with which of them, say
    for match in _LINK.finditer(text) if "llvm" in text else ():
        if lists_many and not match["sha"]:
            continue
        if match["sha"] not in {None, *said} and not _ASKS.search(said_before(text, match.start()) or ""):
            continue
        document.mention([], match["link"], match.start("link"))
        for name in ("before", "after"):
            if match[name] and match["sha"].startswith(match[name]):
                document.embedded.append(Embedded(text=match[name], start=match.start(name)))


def code_blocks(text: str) -> Iterator[Span]:
    """The blocks that may hold commands: the fenced ones, those of directives, then what is only indented."""
    prose = _blanked(text, _comments(text))
    for find in (_fenced, _directives, _indented, _in_sentences):
        found = list(find(prose))
        prose = _blanked(prose, [(block.start, block.start + len(block.text)) for _, block in found])
        yield from (block for language, block in found if language.lower() in _SHELLS)


def _fenced(text: str) -> Iterator[tuple[str, Span]]:
    at = 0
    while opening := _FENCE.search(text, at):
        fence = re.escape(opening["fence"] or opening["dashes"])
        closing = re.compile(rf"^[ \t]*+{fence}[`~]*+[ \t]*+$", re.MULTILINE).search(text, opening.end())
        end = closing.start() if closing else len(text)
        yield opening["language"] or opening["source"] or "", Span(text=text[opening.end() : end], start=opening.end())
        at = closing.end() if closing else len(text)


def _directives(text: str) -> Iterator[tuple[str, Span]]:
    for match in _DIRECTIVE.finditer(text) if "::" in text else ():
        if match["language"].lower() in _SHELLS:
            yield match["language"], Span(text=match["block"], start=match.start("block"))


def _indented(text: str) -> Iterator[tuple[str, Span]]:
    for match in _INDENTED.finditer(text):
        yield "", Span(text=match[0], start=match.start())


def _in_sentences(text: str) -> Iterator[tuple[str, Span]]:
    for match in _COMMAND.finditer(text) if "llvm" in text else ():
        if said_before(text, match.start()) is not None:
            yield "", Span(text=match["command"], start=match.start("command"))


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """The spans of HTML comments; one that is never closed is none."""
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        at = end + 3
        yield start, at


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """``text`` with those spans (in order) as blanks, so that offsets stay."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], _NOT_NEWLINE.sub(" ", text[start:end])]
        at = end
    return "".join([*parts, text[at:]])
