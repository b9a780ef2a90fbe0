// SPDX-License-Identifier: Apache-2.0

#include "mini-mhlo/MhloOps.h"
#include "mini-mhlo/Passes.h"
#include "mini-mhlo/ShapeUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace {

/// mhlo's element-wise operations have twins of the same operands and type.
template <typename MhloOp, typename ScalarOp>
struct LegalizeElementwise : OpRewritePattern<MhloOp> {
  using OpRewritePattern<MhloOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(MhloOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<ScalarOp>(op, op->getResultTypes(),
                                          op->getOperands());
    return success();
  }
};

struct LegalizeConstant : OpRewritePattern<mhlo::ConstantOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(mhlo::ConstantOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, op.getValue());
    return success();
  }
};

/// A constant is reshaped here and now; other reshapes move no data and are
/// left to whoever assigns memory.
struct ReshapeConstant : OpRewritePattern<mhlo::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(mhlo::ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getOperand().getDefiningOp<arith::ConstantOp>();
    if (!constant)
      return rewriter.notifyMatchFailure(op, "not a reshape of a constant");
    auto value = dyn_cast<DenseElementsAttr>(constant.getValue());
    auto type = cast<ShapedType>(op.getType());
    if (!value || !type.hasStaticShape() ||
        !mhlo::canHoldSameElements(value.getType(), type))
      return rewriter.notifyMatchFailure(op, "the shapes do not fit");
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, value.reshape(type));
    return success();
  }
};

struct LegalizeToArith : PassWrapper<LegalizeToArith, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LegalizeToArith)

  StringRef getArgument() const override { return "mhlo-legalize-to-arith"; }
  StringRef getDescription() const override {
    return "Legalize mhlo operations to arith and math";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, math::MathDialect>();
  }

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LegalizeConstant, ReshapeConstant,
                 LegalizeElementwise<mhlo::AddOp, arith::AddFOp>,
                 LegalizeElementwise<mhlo::MultiplyOp, arith::MulFOp>,
                 LegalizeElementwise<mhlo::TanhOp, math::TanhOp>>(
        &getContext());
    // Backends rarely have a tanh, nearly all have an exp.
    populateExpandTanhPattern(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void mhlo::registerMhloPasses() { PassRegistration<LegalizeToArith>(); }
