#ifndef MLIR_PASS_PASSREGISTRY_H
#define MLIR_PASS_PASSREGISTRY_H

#include "mlir/Pass/Pass.h"

namespace mlir {

/// Makes passes known to the command line of the process's tool.
void registerPass(Pass *pass);

const SmallVectorImpl<Pass *> &getRegisteredPasses();

} // namespace mlir

#endif
