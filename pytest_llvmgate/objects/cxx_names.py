"""C++ names and types as compilers and demanglers print them, taken apart."""

from __future__ import annotations

import re
from typing import Final

_ELABORATION: Final = re.compile(
    r"\b(?:class|struct|enum|union|typename|const|volatile|constexpr|static|virtual) "
    r"|\(anonymous namespace\)::|\{anonymous\}::"
)

_ALIAS: Final = re.compile(r"using [\w:]+ = ")
"""How GCC prints a type that the source calls by an alias: ``using Ref = class llvm::Optional<X>``."""


def bare_type(text: str) -> str:
    """A type without its alias, ``aka``, elaboration, qualifiers, template arguments, references and pointers."""
    text = text.split("' (aka", 1)[0].split(" {aka", 1)[0].split(" [with ", 1)[0]
    text = without_template_arguments(text)
    if alias := _ALIAS.match(text):
        text = text[alias.end() :]
    return _ELABORATION.sub("", text).strip(" &*")


def is_word(text: str, at: int) -> bool:
    """Whether a letter, digit or underscore stands there; nothing stands outside of the text."""
    return text[at : at + 1].isalnum() or text[at : at + 1] == "_"


def function_name(text: str) -> str:
    """The qualified name in a function's signature: no return type, template arguments or parameters."""
    text = text.split(" [with ", 1)[0].split(" {aka", 1)[0]
    text = without_template_arguments(_ELABORATION.sub("", text))
    call = text.find("(", 1)
    if call > 0 and not text.startswith("operator("):
        text = text[:call]
    if "operator" in text:
        return text[max(0, text.rfind(" ", 0, text.find("operator")) + 1) :].strip()
    return text.strip().rpartition(" ")[2].strip("&*")


def without_template_arguments(text: str) -> str:
    """``a::b<c<d>>::e`` as ``a::b::e``; comparison operators are left alone."""
    if "<" not in text or "operator<" in text or "operator-" in text:
        return text
    out: list[str] = []
    depth = 0
    for char in text:
        if char == "<":
            depth += 1
        elif char == ">":
            depth = max(0, depth - 1)
        elif not depth:
            out.append(char)
    return "".join(out)


_HANDS_ON: Final = ("std::move", "std::forward")


def enclosing_call(code: str, column: int | None) -> str:
    """The function of whose call a column of a source line is an argument, or the closing parenthesis (old GCCs)."""
    opened: list[int] = []
    for at, char in enumerate(code[: (column or 1) - 1]):
        if char == "(":
            opened.append(at)
        elif char == ")" and opened:
            opened.pop()
        elif char in "{;":  # a lambda's body is no argument
            opened.clear()
    names = (_name_before(code, at) for at in reversed(opened))
    return next((name for name in names if name not in _HANDS_ON), "")


def _name_before(code: str, end: int) -> str:
    start = end
    while start and (is_word(code, start - 1) or code[start - 1] == ":"):
        start -= 1
    return code[start:end].lstrip(":")


def last_name(qualified: str) -> str:
    """The last part of a qualified name."""
    return qualified.rpartition("::")[2].strip(" &*")


def names_a_class(qualified: str) -> bool:
    """Whether a qualified name is a class's and no namespace's, by LLVM's style: types begin with a capital."""
    return last_name(qualified)[:1].isupper()
