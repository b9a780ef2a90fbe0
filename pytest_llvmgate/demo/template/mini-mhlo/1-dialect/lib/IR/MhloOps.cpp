// SPDX-License-Identifier: Apache-2.0

#include "mini-mhlo/MhloOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

#include "mini-mhlo/MhloOpsDialect.cpp.inc"

void mhlo::MhloDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "mini-mhlo/MhloOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "mini-mhlo/MhloOps.cpp.inc"
