// SPDX-License-Identifier: Apache-2.0

#include "abacus/AbacusOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

#include "abacus/AbacusOpsDialect.cpp.inc"

void abacus::AbacusDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "abacus/AbacusOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "abacus/AbacusOps.cpp.inc"
