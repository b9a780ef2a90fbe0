#ifndef MLIR_DIALECT_LINALG_IR_LINALG_H
#define MLIR_DIALECT_LINALG_IR_LINALG_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "mlir/Dialect/Linalg/IR/LinalgOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "mlir/Dialect/Linalg/IR/LinalgOps.h.inc"

namespace mlir {
namespace linalg {

/// Whether an operation works on tensors rather than on buffers.
bool hasPureTensorSemantics(Operation *op);

} // namespace linalg
} // namespace mlir

#endif
