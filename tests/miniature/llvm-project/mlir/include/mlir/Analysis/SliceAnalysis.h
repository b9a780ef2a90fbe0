#ifndef MLIR_ANALYSIS_SLICEANALYSIS_H
#define MLIR_ANALYSIS_SLICEANALYSIS_H

#include "mlir/IR/Operation.h"

namespace mlir {

/// Collects everything that an operation depends on, without the operation itself.
void getBackwardSlice(Operation *op, SmallVectorImpl<Operation *> &slice);

} // namespace mlir

#endif
