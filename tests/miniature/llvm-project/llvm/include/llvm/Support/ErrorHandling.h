#ifndef LLVM_SUPPORT_ERRORHANDLING_H
#define LLVM_SUPPORT_ERRORHANDLING_H

#include "llvm/ADT/StringRef.h"

namespace llvm {

/// Prints "LLVM ERROR: reason" and ends the process.
[[noreturn]] LLVM_ABI void report_fatal_error(StringRef reason);

} // namespace llvm

#endif
