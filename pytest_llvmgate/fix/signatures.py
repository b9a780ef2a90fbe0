"""A call made to fit a declaration that lost parameters, or has them in another order: told by both signatures.

A parameter is known again by its type and name, or by its type alone where that is the only one. What the candidate
asks for besides has no answer here: somebody has to say what to pass.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.fix.code_pieces import Brackets, Piece, Token, is_text, pieces_of, plain, span
from pytest_llvmgate.fix.expressions import calls_in, makings_in
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.objects.cxx_names import last_name
from pytest_llvmgate.plain_file import read_plain
from pytest_llvmgate.surface.cxx_declarations import Declaration, declarations_in


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a declaration."""

    type: tuple[str, ...]
    """Its tokens, without ``const`` and references."""
    name: str = ""
    written: str = ""
    """The type as it is written, with ``const`` and references."""
    default: str = ""
    """What a call that leaves it out passes."""

    @property
    def is_optional(self) -> bool:
        """Whether a call may leave it out."""
        return bool(self.default)

    @property
    def may_be_written(self) -> bool:
        """Whether what is passed may come back changed."""
        return self.written.endswith(("&", "*")) and not self.written.startswith("const ")


_MEANS_THE_SAME: Final = re.compile(r"-?\d+|true|false|nullptr|\{\}|\"\"|(?:::)?std::\w+")
"""Default values that are the same wherever they are written."""
_BEHIND: Final = 3
"""Lines on which a declaration may begin before its name."""


def declared_at(file: str, line: int, name: str) -> Declaration | None:
    """What a header declares by a name at a line, as a compiler's note points at it."""
    found = [one for one in _declared_in(file) if one.name == name and one.line <= line < one.line + _BEHIND]
    return replace(found[-1], file=file.rpartition("/include/")[2]) if found else None


@lru_cache(maxsize=8)
def _declared_in(file: str) -> list[Declaration]:
    try:
        return declarations_in(read_plain(Path(file)))
    except OSError:
        return []


def parameters(declared: Declaration) -> tuple[Parameter, ...] | None:
    """The parameters of a function; ``None`` for what is none, or takes any number."""
    pieces = pieces_of(declared.signature)
    at = next((at for at, piece in enumerate(pieces) if is_text(piece, declared.name)), None)
    group = pieces[at + 1] if at is not None and at + 1 < len(pieces) else None
    if not isinstance(group, Brackets) or group.opening != "(":
        return None
    found = parameters_in(declared.signature, group)
    return None if any("..." in one.type for one in found) else found


def parameters_in(text: str, group: Brackets) -> tuple[Parameter, ...]:
    """The parameters of a list in ``text``."""
    return tuple(_parameter(text, argument) for argument in group.arguments if argument)


def _parameter(text: str, pieces: Sequence[Piece]) -> Parameter:
    default = next((at for at, one in enumerate(pieces) if is_text(one, "=")), len(pieces))
    declared = list(pieces[:default])
    name = ""
    last, before = declared[-1] if declared else None, declared[-2] if len(declared) > 1 else None
    if isinstance(last, Token) and last.is_name and before is not None and not is_text(before, "::"):
        name = last.text
        declared.pop()
    words = tuple(word for word in plain(declared) if word not in {"const", "&", "&&"})
    written = text[slice(*span(declared))] if declared else ""
    value = text[slice(*span(pieces[default + 1 :]))] if default + 1 < len(pieces) else ""
    return Parameter(type=words, name=name, written=written, default=value)


def fitted_calls(text: str, start: int, end: int, before: Declaration, after: Declaration) -> Iterator[Edit]:
    """Every call in ``text[start:end]`` with its arguments as the other declaration has them."""
    old, new = parameters(before), parameters(after)
    if old is None or new is None or _asked_for(old) == _asked_for(new):
        return
    returned, now = (one.signature.partition(f"{one.name}(")[0].split()[-1:] for one in (before, after))
    if returned != now and any(one.may_be_written and same_parameter(one, new) is None for one in old):
        return  # what was written to the argument is returned now
    is_constructor = last_name(after.owner) == after.name  # what it makes of nothing is another object, or a function
    required = sum(not one.is_optional for one in old)
    for name, group in itertools.chain(calls_in(text, start, end), makings_in(text, start, end)):
        if name.text == before.name and required <= len(group.arguments) <= len(old):
            given = [text[slice(*span(argument))] if argument else "" for argument in group.arguments]
            arguments = rearranged(old, new, given)
            if arguments is not None and arguments != given and (arguments or not is_constructor):
                yield Edit(start=group.start + 1, end=group.end - 1, text=", ".join(arguments))


def _asked_for(these: Sequence[Parameter]) -> list[tuple[tuple[str, ...], bool]]:
    return [(one.type, one.is_optional) for one in these]


def rearranged(old: Sequence[Parameter], new: Sequence[Parameter], given: Sequence[str]) -> list[str] | None:
    """The arguments in the new order; ``None`` where one is missing, or an optional one would have to be skipped.

    Where a parameter came as well as one went, the new one most likely stands for the old one: nobody knows its value.
    """
    met = [same_parameter(parameter, old) for parameter in new]
    known = [at for at in met if at is not None]
    if len(set(known)) < len(known) or (None in met and any(at not in met for at in range(len(given)))):
        return None  # what was given once is not given twice
    arguments: list[str] = []
    skipped = False
    for parameter in new:
        at = same_parameter(parameter, old)
        if at is None or at >= len(given):
            said = old[at].default if at is not None and old[at].name == parameter.name != "" else ""
            if not (skipped or parameter.is_optional) and _MEANS_THE_SAME.fullmatch(said):
                arguments.append(said)  # what was meant by leaving it out
                continue
            if not parameter.is_optional:
                return None
            skipped = True
        elif skipped:
            return None
        else:
            arguments.append(given[at])
    return arguments


def same_parameter(parameter: Parameter, old: Sequence[Parameter]) -> int | None:
    """Which of ``old`` it is; ``None`` where that cannot be told."""
    alike = [at for at, one in enumerate(old) if one.type == parameter.type]
    named = [at for at in alike if parameter.name and old[at].name == parameter.name]
    found = named or alike
    return found[0] if len(found) == 1 else None


def other_access(text: str, offset: int, *, is_pointer: bool) -> Edit | None:
    """``.`` for ``->`` or the reverse, at a place or right in front of the name there."""
    wanted, there = ("->", ".") if is_pointer else (".", "->")
    for start in range(offset, max(offset - 4, -1), -1):
        if text.startswith(there, start) and not (there == "." and text.startswith("...", start)):
            return Edit(start=start, end=start + len(there), text=wanted)
    return None
