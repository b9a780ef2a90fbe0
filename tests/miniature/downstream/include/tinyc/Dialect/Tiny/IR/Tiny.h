#ifndef TINYC_DIALECT_TINY_IR_TINY_H
#define TINYC_DIALECT_TINY_IR_TINY_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "tinyc/Dialect/Tiny/IR/TinyOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "tinyc/Dialect/Tiny/IR/TinyOps.h.inc"

#endif
