"""What LLVM's releases say of names that are asked for again and again: for logs without an LLVM to ask.

Read in the headers of LLVM 13 to 16, 19, 21 and 22: "by LLVM 19" means that 19 does not have it any more. With an LLVM
at hand its declarations say it better.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CHANGES: Final[Mapping[str, str]] = {
    "Optional": "llvm::Optional is gone by LLVM 19, and an alias in LLVM 16: std::optional and std::nullopt.",
    "None": "llvm::None is gone by LLVM 19: std::nullopt.",
    "startswith": "Gone by LLVM 19: starts_with, which LLVM 16 has already.",
    "endswith": "Gone by LLVM 19: ends_with, which LLVM 16 has already.",
    "equals": "StringRef's is gone by LLVM 19: use ==.",
    "startswith_lower": "Gone by LLVM 13; starts_with_insensitive in LLVM 16.",
    "getPointerElementType": "Gone by LLVM 19: pointers are opaque, the type has to be known from elsewhere.",
    "getBasicBlockList": "Private by LLVM 16: use Function's own insert, splice and erase.",
    "getInstList": "Private by LLVM 16: use BasicBlock's own insert, splice and erase.",
    "LLVMLinkModules": "Gone by LLVM 13: LLVMLinkModules2.",
    "LLVMBuildCall": "LLVM 16 removed it: LLVMBuildCall2, which takes the function's type.",
    "LLVMBuildLoad": "LLVM 16 removed it: LLVMBuildLoad2, which takes the type.",
    "LLVMBuildGEP": "LLVM 16 removed it: LLVMBuildGEP2, which takes the type.",
    "LLVMConstGEP": "LLVM 16 removed it: LLVMConstGEP2, which takes the type.",
    "LLVMBuildStructGEP": "LLVM 16 removed it: LLVMBuildStructGEP2, which takes the type.",
    "PassManagerBuilder": "Gone by LLVM 19 with the pipeline of the legacy pass manager: use PassBuilder.",
    "isIdentifierBody": "clang 14 renamed it: isAsciiIdentifierContinue.",
    "isIdentifierHead": "clang 14 renamed it: isAsciiIdentifierStart.",
    "kDynamicSize": "Gone by LLVM 16: ShapedType::kDynamic.",
    "FuncOp": "MLIR moved it into the func dialect: mlir::func::FuncOp.",
    "applyPatternsAndFoldGreedily": "Deprecated by LLVM 21: applyPatternsGreedily.",
    "OwningRewritePatternList": "Gone by LLVM 14: RewritePatternSet.",
    "CodeGenFileType": "An enum class by LLVM 19: llvm::CodeGenFileType::ObjectFile.",
    "CGFT_ObjectFile": "An enum class by LLVM 19: llvm::CodeGenFileType::ObjectFile.",
    "find_if": "It is declared in llvm/ADT/STLExtras.h.",
    "F_None": "Gone by LLVM 13: sys::fs::OF_None.",
    "F_Text": "Gone by LLVM 13: sys::fs::OF_Text.",
    "getInt8PtrTy": "Gone by LLVM 19: getPtrTy, since pointers are opaque.",
    "getHostCPUName": "LLVM 16 moved llvm/Support/Host.h to llvm/TargetParser/Host.h.",
}
"""Last part of a name to a sentence."""
