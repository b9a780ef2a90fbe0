#ifndef MLIR_DIALECT_LINALG_ANALYSIS_ELEMENTWISE_H
#define MLIR_DIALECT_LINALG_ANALYSIS_ELEMENTWISE_H

#include "mlir/IR/Operation.h"

namespace mlir {
namespace linalg {

/// Whether an operation treats every element alike.
bool isElementwise(Operation *op);

} // namespace linalg
} // namespace mlir

#endif
