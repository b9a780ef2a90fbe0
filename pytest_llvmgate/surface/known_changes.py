"""What LLVM's releases say of names that are asked for again and again: for logs without an LLVM to ask.

Read in the headers of LLVM 13 to 16, 19, 21 and 22 (MLIR's: 21 and 22): "by LLVM 19" means that 19 does not have it any
more. With an LLVM at hand its declarations say it better.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RENAMED_IN_TABLEGEN: Final[Mapping[str, tuple[str, str]]] = {
    "NoSideEffect": ("Pure", "LLVM 16, SideEffectInterfaces.td: NoSideEffect is called Pure"),
}
"""A name of MLIR's ``.td`` files to the one that it has now, and where LLVM says so."""
NOT_SET_ANY_MORE: Final[Mapping[str, str]] = {
    "useFoldAPI": "LLVM 18, DialectBase.td: every dialect folds with adaptors",
    "emitAccessorPrefix": "LLVM 17, DialectBase.td: accessors always have their prefix",
}
"""Values that records of ``.td`` files have no more, and where LLVM says so."""

CHANGES: Final[Mapping[str, str]] = {
    "Optional": "llvm::Optional is gone by LLVM 19, and an alias in LLVM 16: std::optional and std::nullopt.",
    "None": "llvm::None is gone by LLVM 19: std::nullopt.",
    "nullopt_t": "Gone by LLVM 22, as what an ArrayRef or a range of values or types is made of: {}.",
    "startswith": "Gone by LLVM 19: starts_with, which LLVM 16 has already.",
    "endswith": "Gone by LLVM 19: ends_with, which LLVM 16 has already.",
    "equals": "StringRef's is gone by LLVM 19: use ==.",
    "find_lower": "Gone by LLVM 13: find_insensitive.",
    "startswith_lower": "Gone by LLVM 13; starts_with_insensitive in LLVM 16.",
    "std::optional::hasValue": "llvm::Optional's name for has_value: an optional is std::optional by LLVM 19.",
    "std::optional::getValue": "llvm::Optional's name for value: an optional is std::optional by LLVM 19.",
    "llvm::CodeGenOpt::Level": "An enum class by LLVM 19: llvm::CodeGenOptLevel.",
    "getIntNPtrTy": "Gone by LLVM 19: PointerType::get, since pointers are opaque.",
    "getPointerElementType": "Gone by LLVM 19: pointers are opaque, the type has to be known from elsewhere.",
    "getBasicBlockList": "Private by LLVM 16: use Function's own insert, splice and erase.",
    "getInstList": "Private by LLVM 16: use BasicBlock's own insert, splice and erase.",
    "LLVMLinkModules": "Gone by LLVM 13: LLVMLinkModules2.",
    "LLVMBuildInvoke": "LLVM 16 removed it: LLVMBuildInvoke2, which takes the function's type.",
    "LLVMBuildPtrDiff": "LLVM 16 removed it: LLVMBuildPtrDiff2, which takes the type.",
    "LLVMBuildCall": "LLVM 16 removed it: LLVMBuildCall2, which takes the function's type.",
    **{
        name: f"LLVM 16 removed it: {name}2, which takes the type."
        for name in ("LLVMBuildLoad", "LLVMBuildGEP", "LLVMConstGEP", "LLVMBuildStructGEP", "LLVMBuildInBoundsGEP")
    },
    "PassManagerBuilder": "Gone by LLVM 19 with the pipeline of the legacy pass manager: use PassBuilder.",
    "RegisterStandardPasses": "Gone by LLVM 16: a plugin's llvmGetPassPluginInfo registers callbacks with PassBuilder.",
    "isIdentifierBody": "clang 14 renamed it: isAsciiIdentifierContinue.",
    "isIdentifierHead": "clang 14 renamed it: isAsciiIdentifierStart.",
    "kDynamicSize": "Gone by LLVM 16: ShapedType::kDynamic.",
    "FuncOp": "MLIR moved it into the func dialect: mlir::func::FuncOp.",
    "applyPatternsAndFoldGreedily": "Deprecated by LLVM 21: applyPatternsGreedily.",
    "updateRootInPlace": "Gone by LLVM 21: modifyOpInPlace.",
    "createLinalgGeneralizationPass": "Gone by LLVM 21: createLinalgGeneralizeNamedOpsPass.",
    "getRegisteredDialect": "Gone by LLVM 21: getLoadedDialect.",
    "addArgumentMaterialization": "Gone by LLVM 21: addSourceMaterialization.",
    "ToMemrefOp": "Gone by LLVM 21: bufferization::ToBufferOp.",
    **{f"TableGen::{name}": f"{said}." for name, (_, said) in RENAMED_IN_TABLEGEN.items()},
    **{f"TableGen::{name}": f"Delete the line that sets it: {said}." for name, said in NOT_SET_ANY_MORE.items()},
    "TableGen::OpTrait": "Gone by LLVM 15: Trait, as in list<Trait>.",
    **dict.fromkeys(
        ("override::match", "override::rewrite"),
        "MLIR's patterns have no such functions by LLVM 21: matchAndRewrite does both.",
    ),
    "OwningRewritePatternList": "Gone by LLVM 14: RewritePatternSet.",
    "CodeGenFileType": "An enum class by LLVM 19: llvm::CodeGenFileType::ObjectFile.",
    "CGFT_ObjectFile": "An enum class by LLVM 19: llvm::CodeGenFileType::ObjectFile.",
    "LLVM_ATTRIBUTE_NORETURN": "Gone by LLVM 15: [[noreturn]].",
    "find_if": "It is declared in llvm/ADT/STLExtras.h.",
    "F_None": "Gone by LLVM 13: sys::fs::OF_None.",
    "F_Text": "Gone by LLVM 13: sys::fs::OF_Text.",
    "getInt8PtrTy": "Gone by LLVM 19: getPtrTy, since pointers are opaque.",
    "TerminatorInst": "Gone by LLVM 14: Instruction, whose isTerminator tells.",
    "BasicBlockPass": "Gone by LLVM 14: a pass over functions that goes through their blocks.",
    "llvm::AttributeList::addAttribute": "Gone by LLVM 14: addAttributeAtIndex, addFnAttribute and the like.",
    "getParamAttributes": "Gone by LLVM 14: getParamAttrs.",
    "getFnAttributes": "Gone by LLVM 14: getFnAttrs.",
    "getRetAttributes": "Gone by LLVM 14: getRetAttrs.",
    "isOriginalNamespace": "Gone by clang 19: isFirstDecl.",
    "getOriginalNamespace": "Gone by clang 19: getFirstDecl.",
    "setPure": "Gone by clang 19: setIsPureVirtual.",
    "clang::SourceManager::getBuffer": "Gone by clang 13: getBufferData, getBufferOrFake, getBufferOrNone.",
    "DependentTemplateSpecializationType": "Gone by clang 22: TemplateSpecializationType, which may be dependent.",
    "getLocStart": "Gone by clang 15: getBeginLoc.",
    "getLocEnd": "Gone by clang 15: getEndLoc.",
    "createDriverOptTable": "Gone by clang 15: clang::driver::getDriverOptTable.",
    "add_llvm_loadable_module": "Gone by LLVM 14: add_llvm_library(NAME MODULE ...), add_llvm_pass_plugin for passes.",
    "getHostCPUName": "LLVM 16 moved llvm/Support/Host.h to llvm/TargetParser/Host.h.",
}
"""Last part of a name, qualified where others have it, too, to a sentence."""

_MOVED_TOGETHER: Final = (
    ("llvm", "llvm/IR/{}.h (LLVM 3.3)",
     "DataLayout LLVMContext Module Function IRBuilder Constants DerivedTypes Instructions Type"),
    ("llvm/Target", "llvm/CodeGen/{}.h (LLVM 6)", "TargetSubtargetInfo TargetLowering TargetInstrInfo"),
    ("llvm/Support", "llvm/TargetParser/{}.h (LLVM 17)", "Host TargetParser AArch64TargetParser X86TargetParser"),
    ("llvm-c/Transforms", "nothing: LLVMRunPasses of llvm-c/Transforms/PassBuilder.h (gone with LLVM 17)",
     "PassManagerBuilder IPO Scalar Utils Vectorize InstCombine"),
)  # fmt: skip
"""A directory, where its headers went, and which."""
MOVED_HEADERS: Final[Mapping[str, str]] = {
    **{f"{place}/{name}.h": now.format(name) for place, now, names in _MOVED_TOGETHER for name in names.split()},
    "llvm/ADT/Triple.h": "llvm/TargetParser/Triple.h (LLVM 17)",
    "llvm/Support/TargetRegistry.h": "llvm/MC/TargetRegistry.h (LLVM 14)",
    "llvm/Passes/PassPlugin.h": "llvm/Plugins/PassPlugin.h (LLVM 22)",
    "llvm/ADT/Optional.h": "<optional>: std::optional (gone with LLVM 18)",
    "llvm/ADT/None.h": "<optional>: std::nullopt (gone with LLVM 17)",
    "llvm/Bitcode/ReaderWriter.h": "llvm/Bitcode/BitcodeReader.h and BitcodeWriter.h (LLVM 4)",
    "llvm/Analysis/Verifier.h": "llvm/IR/Verifier.h (LLVM 3.5)",
    "llvm/Assembly/PrintModulePass.h": "llvm/IR/IRPrintingPasses.h (LLVM 3.5)",
    "llvm/Support/CallSite.h": "llvm/IR/CallSite.h (LLVM 3.5), and then llvm/IR/AbstractCallSite.h (LLVM 11)",
    "llvm/IR/CallSite.h": "nothing: CallBase of llvm/IR/InstrTypes.h (gone with LLVM 11)",
    "llvm/Target/TargetData.h": "llvm/IR/DataLayout.h (LLVM 3.3)",
    "llvm/PassManager.h": "llvm/IR/LegacyPassManager.h (LLVM 3.7)",
    "llvm/Linker.h": "llvm/Linker/Linker.h (LLVM 3.3)",
    "llvm/Target/TargetLibraryInfo.h": "llvm/Analysis/TargetLibraryInfo.h (LLVM 3.7)",
    "llvm/ExecutionEngine/JIT.h": "llvm/ExecutionEngine/MCJIT.h (gone with LLVM 3.6)",
    "llvm/CodeGen/CommandFlags.def": "llvm/CodeGen/CommandFlags.h (LLVM 11)",
    "llvm/CodeGen/CommandFlags.inc": "llvm/CodeGen/CommandFlags.h (LLVM 11)",
    "llvm/Transforms/IPO/PassManagerBuilder.h": "nothing: PassBuilder of llvm/Passes/PassBuilder.h (gone with LLVM 17)",
    **dict.fromkeys(
        (f"llvm/Analysis/CFL{name}AliasAnalysis.h" for name in ("Anders", "Steens")),
        "nothing: LLVM's other alias analyses are to do without it (gone with LLVM 16)",
    ),
    "llvm-c/Initialization.h": "nothing: passes need no initialisation any more (gone with LLVM 17)",
    "mlir/Dialect/StandardOps/IR/Ops.h": "mlir/Dialect/Func/IR/FuncOps.h, Arith and ControlFlow (LLVM 15)",
    "mlir/Dialect/SCF/SCF.h": "mlir/Dialect/SCF/IR/SCF.h (LLVM 15)",
    "mlir/Dialect/Arithmetic/IR/Arithmetic.h": "mlir/Dialect/Arith/IR/Arith.h (LLVM 16)",
    "mlir/Dialect/Vector/VectorOps.h": "mlir/Dialect/Vector/IR/VectorOps.h (LLVM 14)",
    "mlir/Dialect/GPU/GPUDialect.h": "mlir/Dialect/GPU/IR/GPUDialect.h (LLVM 15)",
    "mlir/Dialect/Linalg/IR/LinalgOps.h": "mlir/Dialect/Linalg/IR/Linalg.h (LLVM 14)",
    "mlir/Dialect/Affine/Passes.h": "mlir/Dialect/Affine/Transforms/Passes.h (LLVM 22)",
    "mlir/Dialect/Quant/QuantOps.h": "mlir/Dialect/Quant/IR/Quant.h (LLVM 20)",
    "mlir/IR/BlockAndValueMapping.h": "mlir/IR/IRMapping.h (LLVM 16)",
    "mlir/IR/Function.h": "mlir/IR/BuiltinOps.h, then mlir/Dialect/Func/IR/FuncOps.h",
    "mlir/IR/Module.h": "mlir/IR/BuiltinOps.h",
    "mlir/IR/StandardTypes.h": "mlir/IR/BuiltinTypes.h",
    "mlir/IR/FunctionSupport.h": "mlir/Interfaces/FunctionInterfaces.h",
    "mlir/IR/FunctionInterfaces.h": "mlir/Interfaces/FunctionInterfaces.h (LLVM 17)",
    "mlir/Parser.h": "mlir/Parser/Parser.h (LLVM 15)",
    "mlir/Translation.h": "mlir/Tools/mlir-translate/Translation.h (LLVM 15)",
    "mlir/Support/MlirOptMain.h": "mlir/Tools/mlir-opt/MlirOptMain.h (LLVM 15)",
}
"""A header to what takes its place, with the first release that has it no more: for logs without an LLVM to ask."""


def header_of_today(name: str) -> str:
    """The header that takes the place of a known one, a standard one in brackets; empty for none, or an unknown one."""
    word = MOVED_HEADERS.get(name, "").partition(" ")[0].rstrip(",:")
    return "" if word == "nothing" else word


def is_gone_for_good(name: str) -> bool:
    """Whether a known header has no place in LLVM any more: nothing took it over, or a standard header did."""
    return name in MOVED_HEADERS and header_of_today(name)[:1] in {"", "<"}


def moved_header(name: str) -> str:
    """A sentence on where a header went, or where it came from; empty where nothing is known of it."""
    if moved := MOVED_HEADERS.get(name):
        bare = moved.removeprefix("nothing: ")
        return f"It is gone from LLVM: {bare}." if is_gone_for_good(name) else f"LLVM moved it: {moved}."
    older = next((old for old in MOVED_HEADERS if header_of_today(old) == name), "")
    return f"Older releases have it as {older}: this LLVM is older than the code expects." if older else ""
