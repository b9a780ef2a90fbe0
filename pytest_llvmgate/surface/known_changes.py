"""What LLVM's releases say of names that are asked for again and again: for logs without an LLVM to ask.

From LLVM's and MLIR's release notes. With an LLVM at hand its declarations say it better.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CHANGES: Final[Mapping[str, str]] = {
    "Optional": "LLVM 16 replaced llvm::Optional and llvm::None by std::optional and std::nullopt.",
    "None": "LLVM 16 replaced llvm::Optional and llvm::None by std::optional and std::nullopt.",
    "startswith": "LLVM 18 renamed it: starts_with.",
    "endswith": "LLVM 18 renamed it: ends_with.",
    "startswith_lower": "LLVM 13 renamed it: starts_with_insensitive.",
    "getPointerElementType": "Pointers are opaque since LLVM 17: the type has to be known from elsewhere.",
    "getBasicBlockList": "Private since LLVM 16: use Function's own insert, splice and erase.",
    "getInstList": "Private since LLVM 16: use BasicBlock's own insert, splice and erase.",
    "LLVMBuildCall": "LLVM 17 removed it: LLVMBuildCall2, which takes the function's type.",
    "LLVMBuildLoad": "LLVM 17 removed it: LLVMBuildLoad2, which takes the type.",
    "LLVMBuildGEP": "LLVM 17 removed it: LLVMBuildGEP2, which takes the type.",
    "LLVMConstGEP": "LLVM 17 removed it: LLVMConstGEP2, which takes the type.",
    "LLVMBuildStructGEP": "LLVM 17 removed it: LLVMBuildStructGEP2, which takes the type.",
    "PassManagerBuilder": "LLVM 17 removed the pipeline of the legacy pass manager: use PassBuilder.",
    "isIdentifierBody": "clang 14 renamed it: isAsciiIdentifierContinue.",
    "isIdentifierHead": "clang 14 renamed it: isAsciiIdentifierStart.",
    "kDynamicSize": "MLIR moved it to ShapedType: ShapedType::kDynamic today.",
    "FuncOp": "MLIR moved it into the func dialect: mlir::func::FuncOp.",
    "applyPatternsAndFoldGreedily": "MLIR renamed it: applyPatternsGreedily.",
    "OwningRewritePatternList": "MLIR renamed it: RewritePatternSet.",
    "CodeGenFileType": "LLVM 18 made it an enum class: llvm::CodeGenFileType::ObjectFile.",
    "CGFT_ObjectFile": "LLVM 18 made it an enum class: llvm::CodeGenFileType::ObjectFile.",
    "find_if": "It is declared in llvm/ADT/STLExtras.h.",
    "F_None": "LLVM 13 renamed the flags: sys::fs::OF_None.",
    "F_Text": "LLVM 13 renamed the flags: sys::fs::OF_Text.",
    "getInt8PtrTy": "LLVM 18 removed the typed pointers of the builder: getPtrTy.",
    "getHostCPUName": "LLVM 17 moved llvm/Support/Host.h to llvm/TargetParser/Host.h.",
}
"""Last part of a name to a sentence."""
