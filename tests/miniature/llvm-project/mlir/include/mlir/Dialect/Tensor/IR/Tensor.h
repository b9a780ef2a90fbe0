#ifndef MLIR_DIALECT_TENSOR_IR_TENSOR_H
#define MLIR_DIALECT_TENSOR_IR_TENSOR_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "mlir/Dialect/Tensor/IR/TensorOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "mlir/Dialect/Tensor/IR/TensorOps.h.inc"

namespace mlir {
namespace tensor {

/// Number of dimensions of a type such as tensor<4x8xf32>; 0 where it is no tensor.
unsigned getRank(StringRef type);

} // namespace tensor
} // namespace mlir

#endif
