// SPDX-License-Identifier: Apache-2.0

#ifndef ABACUS_ABACUS_OPS_H
#define ABACUS_ABACUS_OPS_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "abacus/AbacusOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "abacus/AbacusOps.h.inc"

#endif // ABACUS_ABACUS_OPS_H
