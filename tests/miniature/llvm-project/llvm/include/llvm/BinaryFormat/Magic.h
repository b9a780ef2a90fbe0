#ifndef LLVM_BINARYFORMAT_MAGIC_H
#define LLVM_BINARYFORMAT_MAGIC_H

#include "llvm/ADT/StringRef.h"

namespace llvm {

/// Whether these are the first bytes of an ELF file.
LLVM_ABI bool isELF(StringRef bytes);

} // namespace llvm

#endif
