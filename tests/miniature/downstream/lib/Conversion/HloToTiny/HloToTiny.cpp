#include "mini-hlo/IR/HloOps.h"
#include "mlir/IR/PatternMatch.h"
#include "tinyc/Dialect/Tiny/IR/Tiny.h"
#include "tinyc/Passes.h"

using namespace mlir;

namespace {
class HloToTiny : public Pass {
public:
  StringRef getArgument() const override { return "convert-hlo-to-tiny"; }
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      PatternRewriter rewriter(op);
      auto add = dyn_cast<hlo::AddOp>(op);
      if (add && !hlo::needsDensification(op))
        rewriter.replaceOp(op, tiny::AddOp::create(rewriter, add.lhs(), add.rhs(), op->getType()));
    });
  }
};
} // namespace

Pass *tiny::createHloToTinyPass() { return new HloToTiny; }
