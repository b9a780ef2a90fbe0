#ifndef LLVM_DEMANGLE_DEMANGLE_H
#define LLVM_DEMANGLE_DEMANGLE_H

#include "llvm/Support/Compiler.h"

namespace llvm {

/// Whether a symbol has a mangled C++ name.
LLVM_ABI bool isMangled(const char *symbol);

} // namespace llvm

#endif
