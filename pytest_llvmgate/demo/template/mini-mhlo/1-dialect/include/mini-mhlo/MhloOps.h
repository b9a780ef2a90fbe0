// SPDX-License-Identifier: Apache-2.0

#ifndef MINI_MHLO_MHLO_OPS_H
#define MINI_MHLO_MHLO_OPS_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "mini-mhlo/MhloOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "mini-mhlo/MhloOps.h.inc"

#endif // MINI_MHLO_MHLO_OPS_H
