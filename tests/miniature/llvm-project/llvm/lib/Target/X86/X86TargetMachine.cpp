#include "llvm/Analysis/CallGraph.h"

namespace llvm {
StringRef getX86TargetName();
static size_t Initialized = 0;
} // namespace llvm

extern "C" void LLVMInitializeX86Target() {
  llvm::Module module(llvm::getX86TargetName());
  llvm::Initialized += llvm::countCallGraphNodes(module);
}
