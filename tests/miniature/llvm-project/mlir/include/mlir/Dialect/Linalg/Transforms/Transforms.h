#ifndef MLIR_DIALECT_LINALG_TRANSFORMS_TRANSFORMS_H
#define MLIR_DIALECT_LINALG_TRANSFORMS_TRANSFORMS_H

#include "mlir/IR/Builders.h"

namespace mlir {
namespace linalg {

/// Notes the tile size of every dimension of an operation. Returns false where it does not work on tensors.
bool tile(Operation *op, unsigned size);
bool tile(Operation *op, ArrayRef<unsigned> sizes);

} // namespace linalg
} // namespace mlir

#endif
