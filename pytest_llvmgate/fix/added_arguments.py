"""Arguments for parameters that came: where one value is meant for certain, or where nothing is a value too.

Of a type that is rare in a function there is one variable at most: LLVM's own users hand that one on. A callback or a
list that is new is left empty by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.code_pieces import first_list, span
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import call_at, offset_of
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.signatures import Parameter, declared_at, parameters, parameters_in, same_parameter
from pytest_llvmgate.fix.statements import FUNCTIONS, code_of, nodes_around
from pytest_llvmgate.objects.cxx_names import last_name
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.llvm_surface import Surface

TOO_FEW: Final = re.compile(
    r"too few arguments|requires (?:at least )?\d+ arguments?|candidate expects \d+ arguments?"
    r"|(?:passing|initializing) argument"
)
"""How compilers say that a call has too few arguments, or that one is for another parameter."""
_NOTE: Final = re.compile(
    r"^(?P<file>/[^\s:]+):(?P<line>\d+):\d+: note:\s+(?:candidate\b|(?:'[^'\n]+' )?declared here"
    r"|(?:in )?passing argument|initializing argument)",
    re.MULTILINE,
)
_EMPTY: Final = frozenset({"function_ref", "function", "optional", "ArrayRef"})
"""Types of which an empty one says "none"."""
_PADDING: Final = "padding"
"""Read where nothing is: without one, LLVM takes poison for what was zero before."""
_MOST_OVERLOADS: Final = 6
_IMPLIED: Final = {"FileSystem": ("*llvm::vfs::getRealFileSystem()", "llvm/Support/VirtualFileSystem.h")}
"""What functions used by themselves before they asked for it, as LLVM 17 to 20 did it to their own users."""
_OF_CODE: Final = frozenset({"Type", "Value", "Constant", "Instruction"})
"""Classes of which one in sight is none in particular: a pointer's own type is not the type that it leads to."""
_CONTEXT: Final = "MLIRContext"
_BUILDER: Final = "OpBuilder"


@dataclass(frozen=True, kw_only=True)
class AddedArguments(CureSearch):
    """Cures of one call with too few arguments."""

    def cures(self) -> Iterator[Cure]:
        """The call with what is asked for besides, by each overload that the compiler looked at."""
        call = call_at(self.text, self.place) if TOO_FEW.search(self.trouble.about) and self.trouble.is_here else None
        if call is None:
            return
        name, group = call
        given = [self.text[slice(*span(argument))] for argument in group.arguments if argument]
        for declared in self._overloads(name.text):
            wanted = parameters(declared) or ()
            arguments = self._filled(declared, given, wanted)
            if arguments is not None:
                yield self.cure(
                    Edit(start=group.start, end=group.end, text=f"({', '.join(arguments)})"),
                    header=next((header for value, header in _IMPLIED.values() if value in arguments), ""),
                    source=f"the candidate's {declared.where}: what is there of that type, or nothing",
                    what=f"{name.text}(...): {', '.join(one for one in arguments if one not in given)}",
                )

    def _overloads(self, name: str) -> Iterator[Declaration]:
        notes = {(match["file"], int(match["line"])): None for match in _NOTE.finditer(self.trouble.about)}
        for file, line in list(notes)[:_MOST_OVERLOADS]:
            if (found := declared_at(file, line, name)) is not None:
                yield found

    def _filled(self, declared: Declaration, given: list[str], wanted: tuple[Parameter, ...]) -> list[str] | None:
        """The arguments with one value for each parameter that came."""
        required = [one for one in wanted if not one.is_optional]
        missing = len(required) - len(given)
        if missing <= 0:
            return None
        came = self._that_came(declared, required, missing)
        written, rest = list[str](), list(given)
        for parameter in required:
            value = self._value(parameter) if parameter in came else rest.pop(0) if rest else None
            if value is None:
                return None
            written.append(value)
        return written

    def _that_came(self, declared: Declaration, required: list[Parameter], missing: int) -> list[Parameter]:
        """Those that the baseline's function of that name had not; where it is not known, the last ones."""
        baseline = self.difference.baseline
        for before in baseline.declarations(declared.name) if baseline is not None else ():
            old = parameters(before)
            if old is None or last_name(before.owner) != last_name(declared.owner):
                continue
            came = [one for one in required if same_parameter(one, old) is None]
            if len(came) == missing and len([one for one in old if not one.is_optional]) == len(required) - missing:
                return came
        return required[-missing:]

    def _value(self, parameter: Parameter) -> str | None:
        candidate = self.difference.candidate
        wanted = _class_of(" ".join(parameter.type))
        at = offset_of(self.text, self.place)
        is_object = parameter.written.endswith(("&", "*")) and wanted[:1].isupper()  # not a number, nor a plain value
        is_object = is_object and wanted not in _OF_CODE
        if is_object and (value := _variable_of(self.text, at, wanted, candidate, is_pointer="*" in parameter.type)):
            return value
        if wanted == _CONTEXT and (builder := _variable_of(self.text, at, _BUILDER, candidate, is_pointer=False)):
            return f"{builder}.getContext()"
        if wanted in _IMPLIED and parameter.written.endswith("&"):
            return _IMPLIED[wanted][0]
        if wanted in _EMPTY and parameter.name != _PADDING:
            return f"/*{parameter.name}=*/{{}}" if parameter.name else "{}"
        return None


def _variable_of(text: str, offset: int, wanted: str, candidate: Surface | None, *, is_pointer: bool) -> str:
    """The one parameter of the functions around a place that has a type or one derived from it; empty without."""
    for node in nodes_around(text, offset, FUNCTIONS):
        written = code_of(node.child_by_field_name("declarator"))
        given = parameters_in(written, group) if (group := first_list(written)) is not None else ()
        found = [one for one in given if one.name and _is_a(_class_of(one.written), wanted, candidate)]
        if len(found) == 1:
            has_pointer = "*" in found[0].written
            return f"{'' if has_pointer == is_pointer else '&' if is_pointer else '*'}{found[0].name}"
        if found:
            return ""
    return ""


def _class_of(written: str) -> str:
    """``mlir::FailureOr<X> &`` as ``FailureOr``."""
    return re.sub(r"<.*|\b(?:const|struct|class)\b|[&*\s]", "", written.replace(" ", "\n"), flags=re.DOTALL).rpartition(
        "::"
    )[2]


def _is_a(kind: str, wanted: str, candidate: Surface | None) -> bool:
    """Whether one class is the other or derives from it, by LLVM's headers."""
    if kind == wanted or candidate is None or not kind[:1].isupper():
        return kind == wanted
    classes = [one.qualified for one in candidate.declarations(kind) if one.is_definition]
    return any(last_name(base) == wanted for one in classes for base in candidate.lineage(one))
