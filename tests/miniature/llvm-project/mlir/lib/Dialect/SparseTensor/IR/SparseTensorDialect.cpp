#include "mlir/Dialect/SparseTensor/IR/SparseTensor.h"

using namespace mlir;

#include "mlir/Dialect/SparseTensor/IR/SparseTensorOpsDialect.cpp.inc"

void sparse_tensor::SparseTensorDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "mlir/Dialect/SparseTensor/IR/SparseTensorOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "mlir/Dialect/SparseTensor/IR/SparseTensorOps.cpp.inc"

sparse_tensor::LevelType sparse_tensor::getSparseTensorEncoding(StringRef type) {
  return type.contains("#sparse") ? LevelType::Compressed : LevelType::Dense;
}
