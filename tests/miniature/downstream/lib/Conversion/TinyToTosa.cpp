#include "mlir/Dialect/Tosa/IR/Tosa.h"
#include "mlir/IR/PatternMatch.h"
#include "tinyc/Dialect/Tiny/IR/Tiny.h"
#include "tinyc/Passes.h"

using namespace mlir;

namespace {
class TinyToTosa : public Pass {
public:
  StringRef getArgument() const override { return "convert-tiny-to-tosa"; }
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      PatternRewriter rewriter(op);
      if (auto add = dyn_cast<tiny::AddOp>(op))
        rewriter.replaceOp(op, rewriter.create<tosa::AddOp>(add.getLhs(), add.getRhs(), op->getType()));
      else if (auto relu = dyn_cast<tiny::ReluOp>(op))
        rewriter.replaceOp(op, rewriter.create<tosa::ClampOp>(relu.getInput(), op->getType()));
    });
  }
};
} // namespace

Pass *tiny::createTinyToTosaPass() { return new TinyToTosa; }
