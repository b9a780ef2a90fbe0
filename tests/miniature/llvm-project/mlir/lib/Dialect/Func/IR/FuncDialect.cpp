#include "mlir/Dialect/Func/IR/Func.h"

using namespace mlir;

#include "mlir/Dialect/Func/IR/FuncOpsDialect.cpp.inc"

void func::FuncDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "mlir/Dialect/Func/IR/FuncOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "mlir/Dialect/Func/IR/FuncOps.cpp.inc"
