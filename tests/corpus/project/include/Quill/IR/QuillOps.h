#ifndef QUILL_IR_QUILLOPS_H
#define QUILL_IR_QUILLOPS_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "Quill/IR/QuillDialect.h.inc"

#define GET_OP_CLASSES
#include "Quill/IR/QuillOps.h.inc"

#endif
