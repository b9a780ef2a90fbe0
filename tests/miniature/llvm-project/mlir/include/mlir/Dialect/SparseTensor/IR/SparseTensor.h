#ifndef MLIR_DIALECT_SPARSETENSOR_IR_SPARSETENSOR_H
#define MLIR_DIALECT_SPARSETENSOR_IR_SPARSETENSOR_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Dialect/SparseTensor/IR/Enums.h"

#include "mlir/Dialect/SparseTensor/IR/SparseTensorOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "mlir/Dialect/SparseTensor/IR/SparseTensorOps.h.inc"

namespace mlir {
namespace sparse_tensor {

/// How the values of a type are stored.
LevelType getSparseTensorEncoding(StringRef type);

} // namespace sparse_tensor
} // namespace mlir

#endif
