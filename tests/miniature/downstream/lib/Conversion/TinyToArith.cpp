#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "tinyc/Dialect/Tiny/IR/Tiny.h"
#include "tinyc/Passes.h"

using namespace mlir;

namespace {
class TinyToArith : public Pass {
public:
  StringRef getArgument() const override { return "convert-tiny-to-arith"; }
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      PatternRewriter rewriter(op);
      if (auto add = dyn_cast<tiny::AddOp>(op))
        rewriter.replaceOp(op, arith::AddIOp::create(rewriter, add.lhs(), add.rhs(), op->getType()));
      else if (auto relu = dyn_cast<tiny::ReluOp>(op))
        rewriter.replaceOp(op, arith::MaxSIOp::create(rewriter, relu.input(), relu.input(), op->getType()));
    });
  }
};
} // namespace

Pass *tiny::createTinyToArithPass() { return new TinyToArith; }
