#ifndef MLIR_TRANSFORMS_GREEDYPATTERNREWRITEDRIVER_H
#define MLIR_TRANSFORMS_GREEDYPATTERNREWRITEDRIVER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir {

/// Applies patterns until none matches, and removes what nobody uses. Fails where it does not come to an end.
LogicalResult applyPatternsAndFoldGreedily(ModuleOp module, const RewritePatternSet &patterns);

} // namespace mlir

#endif
