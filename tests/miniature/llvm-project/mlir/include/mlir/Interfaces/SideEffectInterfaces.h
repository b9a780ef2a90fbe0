#ifndef MLIR_INTERFACES_SIDEEFFECTINTERFACES_H
#define MLIR_INTERFACES_SIDEEFFECTINTERFACES_H

#include "mlir/IR/Operation.h"

namespace mlir {

/// Whether an operation neither reads nor writes memory.
bool isMemoryEffectFree(Operation *op);

} // namespace mlir

#endif
