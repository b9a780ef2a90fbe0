#include "mlir/Dialect/Tosa/IR/Tosa.h"

using namespace mlir;

#include "mlir/Dialect/Tosa/IR/TosaOpsDialect.cpp.inc"

void tosa::TosaDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "mlir/Dialect/Tosa/IR/TosaOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "mlir/Dialect/Tosa/IR/TosaOps.cpp.inc"
