#include "llvm/Analysis/CallGraph.h"
#include "llvm/BinaryFormat/Magic.h"

using namespace llvm;

size_t llvm::countCallGraphNodes(const Module &module) {
  return isELF(module.getModuleIdentifier()) ? 0 : module.size() + 1;
}
