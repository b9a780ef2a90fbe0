#ifndef LLVM_SUPPORT_TARGETSELECT_H
#define LLVM_SUPPORT_TARGETSELECT_H

#include "llvm/Config/llvm-config.h"

extern "C" {
#define LLVM_TARGET(Name) void LLVMInitialize##Name##Target();
#include "llvm/Config/Targets.def"
}

namespace llvm {

inline void InitializeAllTargets() {
#define LLVM_TARGET(Name) LLVMInitialize##Name##Target();
#include "llvm/Config/Targets.def"
}

} // namespace llvm

#endif
