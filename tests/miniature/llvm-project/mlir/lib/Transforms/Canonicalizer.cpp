#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace {
class Canonicalizer : public Pass {
public:
  StringRef getArgument() const override { return "canonicalize"; }
  StringRef getDescription() const override { return "Remove operations that nobody needs"; }
  void runOnOperation() override {
    if (failed(applyPatternsAndFoldGreedily(getOperation(), RewritePatternSet())))
      signalPassFailure();
  }
};
} // namespace

Pass *mlir::createCanonicalizerPass() { return new Canonicalizer; }
