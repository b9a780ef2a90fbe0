#ifndef MLIR_DIALECT_SPARSETENSOR_UTILS_MERGER_H
#define MLIR_DIALECT_SPARSETENSOR_UTILS_MERGER_H

#include "mlir/IR/Operation.h"

namespace mlir {
namespace sparse_tensor {

/// Number of an operation's operands that are sparse.
unsigned countSparseOperands(Operation *op);

} // namespace sparse_tensor
} // namespace mlir

#endif
