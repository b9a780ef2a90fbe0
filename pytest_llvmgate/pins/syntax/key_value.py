"""Files of ``key: value`` and ``key = value`` lines: YAML, TOML, ini, properties, env files, lists of versions.

No YAML or TOML reader is needed for that, and none would give places. A block is what is indented alike, or what stands
below a ``[section]``. The shell commands of CI files (``run:``, ``script:``) are read as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pytest_llvmgate.pins.syntax.found import (
    NAMED_ARGUMENT,
    PACKAGES,
    REVISION,
    TAG_OF_USE,
    VERSION,
    Document,
    Span,
    wheels,
)
from pytest_llvmgate.upstream.whose import LLVM

_LINE: Final = re.compile(
    r"^(?P<indent>[ \t]*+)(?P<dash>-[ \t]++)?(?:export[ \t]++)?"
    r"(?P<mark>[\"']?)(?P<name>[A-Za-z_0-9][A-Za-z0-9_.-]*+)[\"']?[ \t]*+[:=][ \t]*+"
    r"(?>(?:\[[ \t]*+)?)(?P<quote>[\"']?)(?P<value>(?>(?:\$\{\{[^}\n]{0,80}\}\}|[^\"'\s#;,\]])*))(?P=quote)"
    r"[ \t]*+(?:\][ \t]*+)?(?:,[ \t]*+)?(?:[#;].*)?\r?$",
    re.MULTILINE,
)
_SECTION: Final = re.compile(r"^[ \t]*\[{1,2}(?P<name>[^\]\n]{1,200})\]{1,2}[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_STRING: Final = re.compile(
    r"\"([^\"\n]{6,2000})\"|'([^'\n]{6,2000})'"
    r"|(?<=[ \t])((?:git\+)?https?://(?:\{\{[^}\n]{0,80}\}\}|[^\s\"'{]|\{(?!\{)){6,2000})"
)
_SET: Final = re.compile(r"\{%-?[ \t]*set[ \t]+(?P<name>\w+)[ \t]*=[ \t]*[\"'](?P<value>[^\"'\n]*)[\"']")
"""A variable of a recipe that is a template (conda)."""
_MACRO: Final = re.compile(
    r"^[^#\n]{0,80}?%(?:define|global)[ \t]++(?P<name>\w++)[ \t]++(?P<value>[^\s{}%()]++)(?=[ \t}\r\n]|$)", re.MULTILINE
)
"""A variable of an RPM spec file: ``%global commit <sha>``, also where ``%{!?commit:...}`` is around it."""
_DEFAULT: Final = re.compile(
    r"^[ \t-]*+(?P<name>[A-Za-z_][\w.-]*+)[ \t]*+[:=][^\n|#]{0,200}\|\|[ \t]*+"
    r"(?P<mark>[\"'])(?P<value>[^\"'\n]*+)(?P=mark)",
    re.MULTILINE,
)
"""What a value is where nothing else gives it: ``ref: ${{ inputs.ref || '<tag>' }}``, ``(ENV['X'] || "<tag>")``."""
_PAIR: Final = re.compile(
    r"^[ \t]*+-[ \t]++name:[ \t]*+(?P<name>\w++)[ \t]*+\r?\n[ \t]++value:[ \t]*+[\"']?(?P<value>[^\s\"'#]++)",
    re.MULTILINE,
)
"""A variable of a pipeline, on two lines."""
_GIVEN: Final = re.compile(rf"{NAMED_ARGUMENT}\s*+[\"'](?P<value>{REVISION.pattern})[\"']")
_SCRIPT: Final = re.compile(
    r"^(?P<indent>[ \t]*)(?P<dash>-[ \t]+)?(?:run|script|before_script|after_script|commands?|bash|sh|cmd|install)"
    r"[ \t]*:[ \t]*(?P<block>[|>][+-]?[0-9]?)?[ \t]*",
    re.MULTILINE,
)
_ITEM: Final = re.compile(r"^([ \t]*)-(?=[ \t])", re.MULTILINE)
_IN_TABLE: Final = re.compile(r"(?<![\w-])(?P<name>[A-Za-z_][\w-]*+)[ \t]*+[=:][ \t]*+\"(?P<value>[^\"\n]*)\"")
_EXACTLY: Final = re.compile(r"={0,2}(?P<version>[0-9]++\.[0-9]++\.[0-9]++(?:-?rc[0-9]++)?)")
_REQUIRED: Final = re.compile(
    rf"^[ \t]*+-[ \t]++(?:[\w-]{{1,40}}::)?(?P<name>{'|'.join(sorted(PACKAGES))})(?:[ \t]++={{0,2}}|/)"
    r"(?P<version>[0-9]++\.[0-9]++\.[0-9]++)(?=[ \t\r\n@-]|$)",
    re.MULTILINE,
)
"""A package of a recipe that must be of that version: ``- llvmdev 22.1.8 *_1``, ``- llvm/22.1.8-0@``."""
_REPOSITORY_KEYS: Final = frozenset({"repository", "repo", "github"})
_NAME_KEYS: Final = frozenset({"name", "repo", "package", "project", "path", "id"})


@dataclass(frozen=True)
class _Block:
    """What the lines that are indented so, or deeper, belong to."""

    indent: int
    scope: int
    name: str


def read(text: str, *, of_one: bool = False) -> Document:
    """All assignments that stand on a line of their own, and what CI files run.

    ``of_one``: all of it speaks of one thing, as the header of a recipe does.
    """
    document = Document()
    blocks: list[_Block] = [_Block(-1, 1, "")] if of_one else []
    keys: list[tuple[int, str]] = []
    """Indentation and name of the keys that the line stands below."""
    section = ""
    number = len(blocks)
    for line in _lines(text):
        number += 1
        if line.re is _SECTION:
            section = line["name"].strip().strip("\"'")
            blocks, keys = [_Block(-1, number, section)], []
            document.mention([number], section, line.start("name"))
            continue
        indent = len(line["indent"]) + len(line["dash"] or "")
        blocks = [one for one in blocks if one.indent < indent or (one.indent == indent and not line["dash"])]
        if indent and (not blocks or blocks[-1].indent < indent):
            blocks.append(_Block(indent, number, ""))
        keys = [(at, name) for at, name in keys if at < indent]
        scopes = [one.scope for one in blocks]
        _note(document, line, scopes, ".".join(filter(None, [section, *(name for _, name in keys), line["name"]])))
        if not line["value"]:
            keys.append((indent, line["name"]))
    for number, (body, start) in enumerate(_scripts(text), start=1):
        _script(document, body, start, number)
    for match in chain(
        _SET.finditer(text), _MACRO.finditer(text), _DEFAULT.finditer(text), _GIVEN.finditer(text), _PAIR.finditer(text)
    ):
        document.assign(match["name"], match["value"], match.start("value"))
    for match in _REQUIRED.finditer(text):
        document.package(match["name"], match["version"], match.start("version"))
    _strings(document, text)
    document.embedded += wheels(text)
    return document


def _lines(text: str) -> Iterator[re.Match[str]]:
    """Assignments and section headers, in order."""
    sections = list(_SECTION.finditer(text))
    for line in _LINE.finditer(text):
        while sections and sections[0].start() < line.start():
            yield sections.pop(0)
        yield line


def _note(document: Document, line: re.Match[str], scopes: list[int], name: str) -> None:
    value, start = line["value"], line.start("value")
    if VERSION.fullmatch(line["name"]) and not value:
        document.versions.append(Span(text=line["name"], start=line.start("name")))
        return
    document.mention(scopes, value, start)
    key = line["name"].lower().rpartition(".")[2]
    if key in _REPOSITORY_KEYS and value.count("/") == 1:
        document.speak(scopes, f"https://github.com/{value}")
    elif key in _NAME_KEYS and value.lower() in {"llvm", "mlir", "llvm-project"}:
        document.speaks_of(LLVM, scopes)
    # the default of a parameter is its value
    document.assign(name.removesuffix(".default"), value, start, scope=scopes[-1] if scopes else 0)
    exactly = _EXACTLY.fullmatch(value) if line["name"].lower() in PACKAGES and "dependencies" in name else None
    if exactly:
        document.package(name, exactly["version"], start + exactly.start("version"))


def _scripts(text: str) -> Iterator[tuple[str, int]]:
    """The shell commands of a CI file, and where each begins."""
    for key in _SCRIPT.finditer(text):
        end_of_line = text.find("\n", key.end())
        end_of_line = len(text) if end_of_line < 0 else end_of_line
        if key.end() < end_of_line and not key["block"]:
            yield text[key.end() : end_of_line], key.end()
            continue
        indent = len(key["indent"]) + len(key["dash"] or "")
        stop = _end_of_block(text, end_of_line + 1, indent)
        yield text[end_of_line + 1 : stop], end_of_line + 1


def _end_of_block(text: str, at: int, indent: int) -> int:
    """Where the lines end that are indented deeper than ``indent`` (list items: as deep)."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        depth = len(line) - len(line.lstrip(" \t"))
        if line.strip() and depth <= indent and not (depth == indent and line.lstrip().startswith("- ")):
            return at
        at = end + 1
    return len(text)


def _script(document: Document, body: str, start: int, number: int) -> None:
    from pytest_llvmgate.pins.syntax import checkout, shell

    if "git" not in body and "llvm" not in body.lower():
        return
    plain = _ITEM.sub(lambda match: f"{match[1]} ", body)
    document.absorb(checkout.read(shell.commands(plain)), start, number)


def _strings(document: Document, text: str) -> None:
    """Longer strings anywhere: requirements, lists of URLs, inline tables. Each is a scope of its own."""
    at = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if ("/" in line or "llvm" in line) and not line.lstrip().startswith("#"):
            scope = -number
            for match in _STRING.finditer(line):
                group = next(index for index in (1, 2, 3) if match[index])
                document.mention([scope], match[group], at + match.start(group))
            document.as_tags.update(TAG_OF_USE.findall(line))  # ref: llvmorg-${{ env.LLVM_VERSION }}
            if "{" in line:
                for match in _IN_TABLE.finditer(line):
                    document.assign(match["name"], match["value"], at + match.start("value"), scope=scope)
        at += len(line)
