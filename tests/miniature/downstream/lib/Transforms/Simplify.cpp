#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "tinyc/Dialect/Tiny/IR/Tiny.h"
#include "tinyc/Passes.h"

using namespace mlir;

namespace {
/// relu(relu(x)) is relu(x).
class RemoveDoubleRelu : public OpRewritePattern<tiny::ReluOp> {
public:
  LogicalResult matchAndRewrite(tiny::ReluOp op, PatternRewriter &rewriter) const override {
    if (!isa<tiny::ReluOp>(op.getInput().getDefiningOp()))
      return failure();
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

class SimplifyPass : public Pass {
public:
  StringRef getArgument() const override { return "tiny-simplify"; }
  void runOnOperation() override {
    RewritePatternSet patterns;
    patterns.add<RemoveDoubleRelu>();
    if (failed(mlir::applyPatternsAndFoldGreedily(getOperation(), patterns)))
      signalPassFailure();
  }
};
} // namespace

Pass *tiny::createSimplifyPass() { return new SimplifyPass; }
