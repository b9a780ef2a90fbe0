#ifndef MLIR_DIALECT_ARITH_IR_ARITH_H
#define MLIR_DIALECT_ARITH_IR_ARITH_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "mlir/Dialect/Arith/IR/ArithOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "mlir/Dialect/Arith/IR/ArithOps.h.inc"

#endif
