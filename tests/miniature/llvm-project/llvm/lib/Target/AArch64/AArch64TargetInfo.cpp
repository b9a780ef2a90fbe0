#include "llvm/ADT/StringRef.h"

namespace llvm {
StringRef getAArch64TargetName() { return "aarch64"; }
} // namespace llvm
