"""Whether one preprocessed text is another with functions declared besides that nothing in it uses.

Then both compile to the same object, and the shorter one may take that of the longer one, which has been compiled. The
reverse is not shown: the further declarations might not compile there.

Why that is so. A declaration of a function, at the scope of a namespace, makes no code and no data. It can change what
the rest means through its name alone: by being found, or by hiding or overloading another; and its name occurs nowhere
else in the text. Naming types in it instantiates no template, as nothing in it has to be complete (C++ standard,
[temp.inst]). All that follows stands on the same lines of the same files, so that debug information and
``std::source_location`` are the same, too. Whatever is not plainly such a declaration, is none.
"""

from __future__ import annotations

import re
from itertools import pairwise

_MOST_LINES = 60
"""Of further declarations in one place: more are no header's few functions behind an option."""
_MARKER = re.compile(rb'^# (\d+) ("(?:[^"\\]|\\.)*")')
_TOKEN = re.compile(rb"\s*([A-Za-z_]\w*|::|[<>,*&();])")
_TYPES = frozenset(b"bool char double float int long short signed unsigned void wchar_t const volatile".split())
_NOT_NAMES = frozenset(
    b"alignas alignof and and_eq asm auto bitand bitor break case catch class co_await co_return co_yield compl concept"
    b" const_cast consteval constexpr constinit continue decltype default delete do dynamic_cast else enum explicit"
    b" export extern final friend for goto if import inline module mutable namespace new noexcept not not_eq operator"
    b" or or_eq override private protected public register reinterpret_cast requires return sizeof static static_assert"
    b" static_cast struct switch template this thread_local throw try typedef typeid typename typeof union using"
    b" virtual while xor xor_eq".split()
)
"""Keywords, old and new, that no declaration has which is accepted here. GCC's own begin with two underscores."""
_SCOPE = re.compile(
    rb'R"[^()\\\s]{0,16}\(|"(?>(?:[^"\\\n]++|\\.)*)"?|\b\d(?>(?:\'?[\w.])*)|\'(?>(?:[^\'\\\n]++|\\.)*)\'?|[{}]'
)
_NAMESPACE = re.compile(rb'(?:^|[\s;])(?:namespace\b[\s\w:]*|extern\s*"C(?:\+\+)?"\s*)$')
_FAR = 300
"""Bytes before a brace that are looked at for what opens it."""
_BLOCK = 1 << 16
"""Bytes that are compared at a time, of texts of some 20 MB."""


class _Lines:
    """The lines of a text that are not empty, with the file and the number that the line markers give to each."""

    def __init__(self, text: bytes) -> None:
        self.texts: list[bytes] = []
        self.places: list[tuple[bytes, int]] = []
        file, number = b"", 0
        for line in text.split(b"\n"):
            if marker := _MARKER.match(line):
                file, number = marker[2], int(marker[1])
                continue
            if line.strip():
                self.texts.append(line)
                self.places.append((file, number))
            number += 1


def only_declares_more(longer: bytes, shorter: bytes) -> bool:
    """Whether ``longer`` is ``shorter`` with unused functions declared besides, and nothing else."""
    begin, end = _differing(longer, shorter)
    more, fewer = _Lines(longer[begin:end]), _Lines(shorter[begin : end + len(shorter) - len(longer)])
    places = _insertions(more, fewer)
    if not places:
        return False
    names: list[bytes] = []
    for first, last in places:
        found = declared_functions(b" ".join(more.texts[first:last]))
        if not found:
            return False
        names += found
    inside = b"\n".join(line for first, last in places for line in more.texts[first:last])
    if any(_occurs_otherwise(name, longer, inside) for name in {*names}):
        return False
    parts = [b"\n".join(more.texts[first:last]) for first, last in pairwise([0, *(first for first, _ in places)])]
    parts[0] = b"\n".join([_without_markers(longer[:begin]), parts[0]])
    opened: list[bytes] = []
    return all(_is_at_namespace_scope(part, opened) for part in parts)


def _differing(longer: bytes, shorter: bytes) -> tuple[int, int]:
    """Where in ``longer`` all that differs begins and ends: at line markers, so that the rest has the same places."""
    same = 0
    while same < len(shorter) and longer[same : same + _BLOCK] == shorter[same : same + _BLOCK]:
        same += _BLOCK
    begin = longer.rfind(b"\n# ", 0, same) + 1
    same = 0
    more = len(longer) - len(shorter)
    for place in range(len(shorter) - _BLOCK, begin, -_BLOCK):
        if longer[more + place : more + place + _BLOCK] != shorter[place : place + _BLOCK]:
            break
        same = len(shorter) - place
    end = longer.find(b"\n# ", len(longer) - same)
    return begin, len(longer) if end < 0 else end + 1


def _occurs_otherwise(name: bytes, whole: bytes, inside: bytes) -> bool:
    """Whether a name is anywhere but ``inside``."""
    if whole.count(name) == inside.count(name):
        return False
    word = re.compile(rb"\b" + name + rb"\b")
    return len(word.findall(whole)) != len(word.findall(inside))


def _without_markers(text: bytes) -> bytes:
    first, *others = (b"\n" + text).split(b"\n# ")
    return b"\n".join([first, *(each.partition(b"\n")[2] for each in others)])


def _insertions(more: _Lines, fewer: _Lines) -> list[tuple[int, int]]:
    """The ranges of lines that only the longer text has; none where the texts differ otherwise."""
    found = []
    at = 0
    for text, place in zip(fewer.texts, fewer.places):  # noqa: B905 - of one length
        first = at
        while at < len(more.texts) and (more.texts[at] != text or more.places[at] != place):
            at += 1
            if at - first > _MOST_LINES:
                return []
        if at == len(more.texts):
            return []
        if at > first:
            found.append((first, at))
        at += 1
    if at < len(more.texts):
        found.append((at, len(more.texts)))
    return found if len(more.texts) - at <= _MOST_LINES else []


def declared_functions(text: bytes) -> list[bytes]:
    """The names that a text declares, if it is nothing but plain declarations of functions; else none."""
    names: list[bytes] = []
    tokens: list[bytes] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return []
        at = match.end()
        if match[1] != b";":
            tokens.append(match[1])
            continue
        name = _declared(tokens)
        if not name:
            return []
        names.append(name)
        tokens = []
    return names if not tokens else []


def _declared(tokens: list[bytes]) -> bytes:
    """The name of the function that ``TYPE NAME(PARAMETERS)`` declares; empty for what is, or may be, anything else."""
    if any(token in _NOT_NAMES or token.startswith(b"__") for token in tokens):
        return b""
    if tokens.count(b"(") != 1 or tokens[-1] != b")":
        return b""
    opening = tokens.index(b"(")
    result, parameters = tokens[: opening - 1], tokens[opening + 1 : -1]
    name = tokens[opening - 1] if opening else b""
    if not result or not _is_name(name) or result[-1] in (b"::", b"<", b",") or result[0] in (b"*", b"&", b"::"):
        return b""
    if any(one == b">" and other == b"::" for one, other in pairwise(tokens)):
        return b""  # a member of a template's: that is instantiated
    # "T x(y);" and "T x(y & z);" are variables where y is one: a parameter has to show that it is one.
    certain = not parameters or result == [b"void"] or any(map(_is_parameter, _split(parameters)))
    return name if certain else b""


def _is_name(token: bytes) -> bool:
    return re.fullmatch(rb"[A-Za-z_]\w*", token) is not None and token not in _TYPES


def _split(tokens: list[bytes]) -> list[list[bytes]]:
    """Parameters, divided at the commas that are not inside of angle brackets."""
    found: list[list[bytes]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token == b"<") - (token == b">")
        if token == b"," and depth == 0:
            found.append([])
        else:
            found[-1].append(token)
    return found


def _is_parameter(tokens: list[bytes]) -> bool:
    """Whether this cannot be an expression: a type of the language, or two names in a row."""
    if tokens and tokens[0] in _TYPES:
        return True
    return any(_is_name(one) and _is_name(other) for one, other in pairwise(tokens))


def _is_at_namespace_scope(before: bytes, opened: list[bytes]) -> bool:
    """Whether what comes next stands in namespaces alone, and begins a declaration.

    ``opened`` has what opened each scope that ``before`` begins in, and afterwards of each that it ends in.
    """
    end = position = 0
    while match := _SCOPE.search(before, position):
        token, position = match[0], match.end()
        if token.startswith(b"R"):  # a raw string ends with its own mark
            mark = before.find(b")" + token[2:-1] + b'"', position)
            if mark < 0:
                return False
            position = mark + len(token) - 1
        elif token == b"{":
            opened.append(before[max(end, match.start() - _FAR) : match.start()])
            end = position
        elif token == b"}":
            if not opened:
                return False
            opened.pop()
            end = position
    rest = before[end:].strip()
    return (not rest or rest.endswith(b";")) and all(map(_NAMESPACE.search, opened))
