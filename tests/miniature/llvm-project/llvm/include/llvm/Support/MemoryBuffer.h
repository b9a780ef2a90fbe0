#ifndef LLVM_SUPPORT_MEMORYBUFFER_H
#define LLVM_SUPPORT_MEMORYBUFFER_H

#include "llvm/ADT/SmallString.h"

namespace llvm {

/// Reads a whole file, or standard input for "-". Returns false where it cannot be read.
LLVM_ABI bool readFile(StringRef path, SmallString<256> &contents);

/// Writes a file unless it has these contents already. Returns false where it cannot be written.
LLVM_ABI bool writeFileIfChanged(StringRef path, StringRef contents);

} // namespace llvm

#endif
