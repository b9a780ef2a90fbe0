#ifndef LLVM_SUPPORT_VERSION_H
#define LLVM_SUPPORT_VERSION_H

#include "llvm/ADT/StringRef.h"

namespace llvm {

/// Prints the version and the revision of this LLVM.
LLVM_ABI void printVersion();

} // namespace llvm

#endif
