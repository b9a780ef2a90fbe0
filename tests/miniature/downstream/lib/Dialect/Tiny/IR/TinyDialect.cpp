#include "tinyc/Dialect/Tiny/IR/Tiny.h"

using namespace mlir;

#include "tinyc/Dialect/Tiny/IR/TinyOpsDialect.cpp.inc"

void tiny::TinyDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "tinyc/Dialect/Tiny/IR/TinyOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "tinyc/Dialect/Tiny/IR/TinyOps.cpp.inc"
