"""Migrations that LLVM itself documents: in a deprecation's text, a release note, or a page of its documentation."""

from __future__ import annotations

from typing import Final

from pytest_llvmgate.fix.rewrite_rules import Rule
from pytest_llvmgate.surface.known_changes import NOT_SET_ANY_MORE, RENAMED_IN_TABLEGEN

_MLIR: Final = "https://mlir.llvm.org/deprecation"
_CASTS: Final = f"{_MLIR}: use the free functions of the cast family"
_CREATE: Final = f"{_MLIR}: use OpTy::create with the builder as first argument"
_OPTIONAL: Final = "LLVM 16 release notes: llvm::Optional is replaced with std::optional"
_ROOT_UPDATE: Final = "LLVM 18, PatternMatch.h: root updates are called op modifications"
_GREEDY: Final = "LLVM 20, GreedyPatternRewriteDriver.h: 'Use {}() instead'"
_FLOATS: Final = "LLVM 20, BuiltinTypes.h: float types are got from their own classes"
_UNIONS: Final = "LLVM 20, PointerUnion.h: 'Use isa instead', 'Use cast instead'"
_OPAQUE: Final = "https://llvm.org/docs/OpaquePointers.html (LLVM 17): a pointer has no type that it points to"
_LISTS: Final = "LLVM 16: lists of blocks and instructions are private, their owners insert"
_CONFIG: Final = "LLVM 21, GreedyPatternRewriteDriver.h: a configuration has setters"
_VECTORS: Final = "LLVM 21, VectorOps.td: 'This operation is deprecated'; gone in 22"
_VECTOR_OPS: Final = {"Splat": "Broadcast", "ExtractElement": "Extract", "InsertElement": "Insert"}
_ATTRIBUTES: Final = "LLVM 14, Attributes.h: {} is what takes an index or says whose attributes"
_CAPTURES: Final = "LLVM 21 release notes: nocapture is captures(none)"
_TAGS: Final = "LLVM 22, ASTContext.h: {} takes any tag's declaration"
_DEBUG_RECORDS: Final = "LLVM 22, llvm.org/docs/RemoveDIsDebugInfo: no instruction is one of debug info"


def _rule(before: str, after: str, source: str, *, header: str = "") -> Rule:
    return Rule(before=before, after=after, source=source, is_documented=True, needs_header=header)


def _casts() -> list[Rule]:
    renamed = {"dyn_cast_or_null": "dyn_cast_if_present", "isa_and_nonnull": "isa_and_present"}
    found = []
    for name in ("isa", "cast", "dyn_cast", "dyn_cast_or_null", "isa_and_nonnull"):
        free = renamed.get(name, name)
        found.append(_rule(f"$x.{name}<$*T>()", f"llvm::{free}<$*T>($x)", _CASTS))
    return found


def _renamed(source: str, **names: str) -> list[Rule]:
    return [_rule(old, new, source.format(new)) for old, new in names.items()]


DOCUMENTED: Final[tuple[Rule, ...]] = (
    _rule("$b.create<$T>($*args)", "$T::create($b, $*args)", _CREATE),
    *_casts(),
    *_renamed(_OPTIONAL, hasValue="has_value", getValueOr="value_or"),
    _rule("$x.getValue()", "$x.value()", _OPTIONAL),
    _rule("Optional<$*T>", "std::optional<$*T>", _OPTIONAL, header="<optional>"),
    _rule("None", "std::nullopt", _OPTIONAL, header="<optional>"),
    *_renamed(
        _ROOT_UPDATE,
        updateRootInPlace="modifyOpInPlace",
        startRootUpdate="startOpModification",
        finalizeRootUpdate="finalizeOpModification",
        cancelRootUpdate="cancelOpModification",
    ),
    *_renamed(
        _GREEDY, applyPatternsAndFoldGreedily="applyPatternsGreedily", applyOpPatternsAndFold="applyOpPatternsGreedily"
    ),
    *(
        _rule(f"FloatType::get{short}($c)", f"{kind}::get($c)", _FLOATS)
        for short, kind in (
            ("F32", "Float32Type"),
            ("F64", "Float64Type"),
            ("F16", "Float16Type"),
            ("BF16", "BFloat16Type"),
        )
    ),
    _rule("makeArrayRef($*a)", "ArrayRef($*a)", "LLVM 16, ArrayRef.h: deduction guides take its place"),
    _rule("std::nullopt", "{}", "LLVM 21, ArrayRef.h: 'Use {} or ArrayRef<T>() instead'"),
    _rule("std::nullopt", "mlir::ValueRange{}", f"{_MLIR}: an empty range, also of types; no template hands {{}} on"),
    _rule(
        "Intrinsic::getDeclaration($*a)",
        "Intrinsic::getOrInsertDeclaration($*a)",
        "LLVM 20, Intrinsics.h: 'Use getOrInsertDeclaration instead'",
    ),
    *_renamed("LLVM 21, IRBuilder.h: 'Use {} instead'", CreateGlobalStringPtr="CreateGlobalString"),
    *_renamed(f"{_MLIR}: BlockAndValueMapping is called {{}}", BlockAndValueMapping="IRMapping"),
    *(_rule(old, new, source) for old, (new, source) in RENAMED_IN_TABLEGEN.items()),
    _rule("list<OpTrait>", "list<Trait>", "LLVM 14, OpBase.td: operations have a list of Trait"),
    _rule("$x.equals($y)", "($x == $y)", "LLVM 19, StringRef.h: 'Use == instead'"),
    _rule("$x.is<$*T>()", "llvm::isa<$*T>($x)", _UNIONS),
    _rule("$x.get<$*T>()", "llvm::cast<$*T>($x)", _UNIONS),
    _rule("$b.getInt8PtrTy($*a)", "$b.getPtrTy($*a)", _OPAQUE),
    *(
        _rule(f"Type::get{kind}PtrTy($c)", "PointerType::getUnqual($c)", _OPAQUE)
        for kind in ("Int1", "Int8", "Int16", "Int32", "Int64", "Half", "Float", "Double")
    ),
    _rule("$x->getType()->getPointerElementType()", "$x->getValueType()", _OPAQUE),
    _rule("$x->getType()->getElementType()", "$x->getValueType()", _OPAQUE),
    _rule("$x->getType()->getPointerElementType()", "$x->getAllocatedType()", f"{_OPAQUE}: an alloca says its type"),
    _rule("$x->getCalledOperand()->getType()->getPointerElementType()", "$x->getFunctionType()", _OPAQUE),
    *(
        _rule(f"$x->{operand}->getPointerElementType()", "$x->getSourceElementType()", _OPAQUE)
        for operand in ("getPointerOperandType()", "getPointerOperand()->getType()")
    ),
    _rule("$x->getPointerTo()", "llvm::PointerType::getUnqual($x->getContext())", _OPAQUE),
    _rule("$x->getPointerTo($a)", "llvm::PointerType::get($x->getContext(), $a)", _OPAQUE),
    _rule("$c.setOpaquePointers($x);", "", _OPAQUE),
    _rule("$f->getBasicBlockList().push_back($b)", "$f->insert($f->end(), $b)", _LISTS),
    _rule("$b->getInstList().push_back($i)", "$i->insertInto($b, $b->end())", _LISTS),
    _rule("$b->getInstList().insert($a, $i)", "$i->insertInto($b, $a)", _LISTS),
    _rule("$b->getInstList().insertAfter($a, $i)", "$i->insertAfter(&*$a)", _LISTS),
    *(
        _rule(f"$b->get{kind}List().splice($*a, $x->get{kind}List())", "$b->splice($*a, $x)", _LISTS)
        for kind in ("BasicBlock", "Inst")
    ),
    *(_rule(f"$x->get{kind}List().$m($*a)", "$x->$m($*a)", _LISTS) for kind in ("BasicBlock", "Inst")),
    *(_rule(f"$x.get{kind}List()", "$x", _LISTS) for kind in ("BasicBlock", "Inst")),
    _rule("$x->getGlobalList().push_back($y)", "$x->insertGlobalVariable($y)", _LISTS),
    _rule("$x.getGlobalList()", "$x.globals()", _LISTS),
    _rule("$x.enableRegionSimplification = $y;", "$x.setRegionSimplificationLevel($y);", _CONFIG),
    _rule("$x.strictMode = $y;", "$x.setStrictness($y);", _CONFIG),
    _rule("bufferization::ToMemrefOp", "bufferization::ToBufferOp", "LLVM 21, BufferizationOps.td: to_buffer"),
    *(_rule(f"vector::{old}Op", f"vector::{new}Op", _VECTORS) for old, new in _VECTOR_OPS.items()),
    _rule("$x.getAlignment()", "$x.getAlign().value()", "LLVM 15: alignments are of the class Align"),
    *_renamed(_ATTRIBUTES, **{f"{one}Attribute": f"{one}AttributeAtIndex" for one in ("add", "has", "remove")}),
    *_renamed("LLVM 15, InstrTypes.h: {} counts the arguments", getNumArgOperands="arg_size"),
    *(
        _rule(
            f"$x->{add}($*n, {space}Attribute::NoCapture)",
            f"$x->{add}($*n, {space}Attribute::getWithCaptureInfo($x->getContext(), {space}CaptureInfo::none()))",
            _CAPTURES,
        )
        for add in ("addParamAttr", "addAttr")
        for space in ("", "llvm::")
    ),
    _rule("$s.getAddress()", "$s.getValue()", "LLVM 15, LLJIT.h: what is looked up is an ExecutorAddr"),
    _rule("array_lengthof($a)", "std::size($a)", "LLVM 16, STLExtras.h: it is std::size", header="<iterator>"),
    _rule(
        "$s.getFileEntryForID($i)->getName()",
        "$s.getFileEntryRefForID($i)->getName()",
        "LLVM 18, FileEntry.h: a name is what the reference has",
    ),
    *_renamed("LLVM 21, FileManager.h: {} is what is left to look for a file", getFile="getOptionalFileRef"),
    *_renamed(_TAGS, getRecordType="getCanonicalTagType", getEnumType="getCanonicalTagType"),
    *(_rule(f"$x->get{way}NonDebugInstruction()", f"$x->get{way}Node()", _DEBUG_RECORDS) for way in ("Next", "Prev")),
    *(_rule(f"let {name} = $x;", "", source) for name, source in NOT_SET_ANY_MORE.items()),
)
"""Tried behind what is mined: a project's own history knows its own habits."""
