#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

#include "mlir/Dialect/Arith/IR/ArithOpsDialect.cpp.inc"

void arith::ArithDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "mlir/Dialect/Arith/IR/ArithOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "mlir/Dialect/Arith/IR/ArithOps.cpp.inc"
