#ifndef MLIR_INITALLDIALECTS_H
#define MLIR_INITALLDIALECTS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/Func.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SparseTensor/IR/SparseTensor.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/Tosa.h"

namespace mlir {

inline void registerAllDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect, sparse_tensor::SparseTensorDialect,
                  tensor::TensorDialect, tosa::TosaDialect>();
}

} // namespace mlir

#endif
