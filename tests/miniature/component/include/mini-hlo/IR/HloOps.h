#ifndef MINI_HLO_IR_HLOOPS_H
#define MINI_HLO_IR_HLOOPS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "mini-hlo/IR/HloOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "mini-hlo/IR/HloOps.h.inc"

namespace mlir {
namespace hlo {

/// Whether an operation has a sparse operand that must be made dense before it can be lowered.
bool needsDensification(Operation *op);

} // namespace hlo
} // namespace mlir

#endif
