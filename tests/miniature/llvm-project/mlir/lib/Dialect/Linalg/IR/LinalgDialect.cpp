#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

#include "mlir/Dialect/Linalg/IR/LinalgOpsDialect.cpp.inc"

void linalg::LinalgDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "mlir/Dialect/Linalg/IR/LinalgOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "mlir/Dialect/Linalg/IR/LinalgOps.cpp.inc"

bool linalg::hasPureTensorSemantics(Operation *op) { return tensor::getRank(op->getType()) > 0; }
