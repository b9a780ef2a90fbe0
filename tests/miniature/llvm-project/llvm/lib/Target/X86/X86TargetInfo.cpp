#include "llvm/ADT/StringRef.h"

namespace llvm {
StringRef getX86TargetName() { return "x86"; }
} // namespace llvm
