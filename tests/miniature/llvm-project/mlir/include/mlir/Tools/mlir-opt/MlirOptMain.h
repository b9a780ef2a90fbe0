#ifndef MLIR_TOOLS_MLIROPT_MLIROPTMAIN_H
#define MLIR_TOOLS_MLIROPT_MLIROPTMAIN_H

#include "mlir/IR/Dialect.h"

namespace mlir {

/// The main function of an optimiser: reads a file, runs the passes that the command line names, prints the result.
int MlirOptMain(int argc, char **argv, StringRef toolName, const DialectRegistry &registry);

} // namespace mlir

#endif
