#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

#include "mlir/Dialect/Tensor/IR/TensorOpsDialect.cpp.inc"

void tensor::TensorDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "mlir/Dialect/Tensor/IR/TensorOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "mlir/Dialect/Tensor/IR/TensorOps.cpp.inc"

unsigned tensor::getRank(StringRef type) {
  if (!type.starts_with("tensor<"))
    return 0;
  unsigned rank = 0;
  for (char character : type)
    rank += character == 'x';
  return rank;
}
