#ifndef MLIR_PARSER_PARSER_H
#define MLIR_PARSER_PARSER_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir {

/// Reads a file: one operation per line, as the printer writes them. Reports errors and then returns a null module.
ModuleOp parseSourceFile(StringRef path, MLIRContext *context);

} // namespace mlir

#endif
