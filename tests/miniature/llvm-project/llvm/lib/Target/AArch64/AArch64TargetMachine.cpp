#include "llvm/Analysis/CallGraph.h"

namespace llvm {
StringRef getAArch64TargetName();
static size_t Initialized = 0;
} // namespace llvm

extern "C" void LLVMInitializeAArch64Target() {
  llvm::Module module(llvm::getAArch64TargetName());
  llvm::Initialized += llvm::countCallGraphNodes(module);
}
