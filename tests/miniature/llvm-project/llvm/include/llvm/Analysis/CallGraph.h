#ifndef LLVM_ANALYSIS_CALLGRAPH_H
#define LLVM_ANALYSIS_CALLGRAPH_H

#include "llvm/IR/Module.h"

namespace llvm {

/// Number of nodes in a module's call graph.
LLVM_ABI size_t countCallGraphNodes(const Module &module);

} // namespace llvm

#endif
