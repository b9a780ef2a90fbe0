#ifndef MLIR_DIALECT_FUNC_IR_FUNC_H
#define MLIR_DIALECT_FUNC_IR_FUNC_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "mlir/Dialect/Func/IR/FuncOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "mlir/Dialect/Func/IR/FuncOps.h.inc"

#endif
