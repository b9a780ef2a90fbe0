#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

/// Patterns that undo each other would go on for ever.
static constexpr unsigned MaxIterations = 100;

static bool rewriteOnce(ModuleOp module, const RewritePatternSet &patterns) {
  bool changed = false;
  module.walk([&](Operation *op) {
    if (op->getInfo().hasResult && op->use_empty() && isMemoryEffectFree(op)) {
      op->erase();
      changed = true;
      return;
    }
    for (const RewritePattern *pattern : patterns.getPatterns()) {
      PatternRewriter rewriter(op);
      if (pattern->getRootName() == op->getName() && succeeded(pattern->matchAndRewrite(op, rewriter))) {
        changed = true;
        return;
      }
    }
  });
  return changed;
}

LogicalResult mlir::applyPatternsAndFoldGreedily(ModuleOp module, const RewritePatternSet &patterns) {
  for (unsigned iteration = 0; iteration < MaxIterations; ++iteration)
    if (!rewriteOnce(module, patterns))
      return success();
  return failure();
}
