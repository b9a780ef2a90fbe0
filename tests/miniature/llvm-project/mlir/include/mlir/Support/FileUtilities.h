#ifndef MLIR_SUPPORT_FILEUTILITIES_H
#define MLIR_SUPPORT_FILEUTILITIES_H

#include "mlir/Support/LLVM.h"
#include "mlir/Support/LogicalResult.h"

namespace mlir {

/// Reads a source file, or standard input for "-"; reports an error where it cannot.
LogicalResult openInputFile(StringRef path, SmallString<256> &contents);

} // namespace mlir

#endif
