#ifndef MLIR_DIALECT_TOSA_IR_TOSA_H
#define MLIR_DIALECT_TOSA_IR_TOSA_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "mlir/Dialect/Tosa/IR/TosaOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "mlir/Dialect/Tosa/IR/TosaOps.h.inc"

#endif
