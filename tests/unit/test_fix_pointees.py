"""Types that pointers do not say any more: told by who made the pointer, or by nobody."""

from __future__ import annotations

import pytest

from pytest_llvmgate.fix.pointees import Pointees
from pytest_llvmgate.fix.rewrite_rules import applied
from pytest_llvmgate.fix.unit_check import ErrorPlace, Trouble
from pytest_llvmgate.kinds.catalogue import API_CHANGED
from pytest_llvmgate.surface.entity_fates import SurfaceDifference


def mended(code: str) -> str:
    """The line that the compiler points at with ``@`` in front of a name, after the cure; empty without one."""
    before, _, behind = code.partition("@")
    text = before + behind
    place = ErrorPlace(path="a.cpp", line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))
    trouble = Trouble(kind=API_CHANGED, identifier="it", message="too few arguments", place=place)
    search = Pointees(difference=SurfaceDifference(), trouble=trouble, place=place, text=text)
    cures = [one for one in search.cures() if one.edits]
    return applied(text, cures[0].edits)[0].split("\n")[place.line - 1].strip() if cures else ""


@pytest.mark.parametrize(
    ("made", "call", "wanted"),
    [
        ("AllocaInst *p = f();", "b.@CreateLoad(p);", "b.CreateLoad(p->getAllocatedType(), p);"),
        ("auto *p = b.CreateAlloca(t);", "b.@CreateStructGEP(p, 1);",
         "b.CreateStructGEP(p->getAllocatedType(), p, 1);"),
        ("llvm::GlobalVariable *p = f();", "b.@CreateInBoundsGEP(p, {i, j});",
         "b.CreateInBoundsGEP(p->getValueType(), p, {i, j});"),
        ("LLVMValueRef p = LLVMBuildAlloca(b, t, n);", "@LLVMBuildLoad(b, p, n);",
         "LLVMBuildLoad2(b, LLVMGetAllocatedType(p), p, n);"),
        ("p = LLVMAddFunction(m, n, t);", "@LLVMBuildCall(b, p, 0, 0, n);",
         "LLVMBuildCall2(b, LLVMGlobalGetValueType(p), p, 0, 0, n);"),
        ("p = LLVMAddGlobal(m, t, n);", "@LLVMConstGEP(p, i, 2);",
         "LLVMConstGEP2(LLVMGlobalGetValueType(p), p, i, 2);"),
    ],
)  # fmt: skip
def test_who_made_a_pointer_says_what_it_leads_to(made: str, call: str, wanted: str) -> None:
    assert mended(f"void f() {{\n  {made}\n  {call}\n}}\n") == wanted


@pytest.mark.parametrize(
    ("made", "call"),
    [
        ("LLVMValueRef p = argument();", "@LLVMBuildLoad(b, p, n);"),
        ("p = LLVMBuildAlloca(b, t, n); p = LLVMBuildGEP(b, p, i, 1, n);", "@LLVMBuildLoad(b, p, n);"),
        ("p = LLVMBuildAlloca(b, t, n); p = LLVMAddGlobal(m, t, n);", "@LLVMBuildLoad(b, p, n);"),
        ("p = LLVMBuildAlloca(b, t, n); for (;;) {", "@LLVMBuildLoad(b, p, n); p = next(p); }"),
        ("{ LLVMValueRef p = LLVMBuildAlloca(b, t, n); } g(&p);", "@LLVMBuildLoad(b, p, n);"),
        ("s.p = LLVMBuildAlloca(b, t, n);", "@LLVMBuildLoad(b, p, n);"),
        ("// p = LLVMBuildAlloca(b, t, n);", "@LLVMBuildLoad(b, p, n);"),
        ("p = LLVMBuildAlloca(b, t, n); [](V p) {", "@LLVMBuildLoad(b, p, n); };"),
        ("Value *p = f();", "b.@CreateLoad(p);"),
        ("AllocaInst *p = f();", "b.@CreateLoad(p + 1);"),
    ],
)
def test_a_pointer_of_which_nobody_says_it_is_left(made: str, call: str) -> None:
    assert not mended(f"void f() {{\n  {made}\n  {call}\n}}\n")
