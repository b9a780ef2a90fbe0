// SPDX-License-Identifier: Apache-2.0

#include "abacus/AbacusOps.h"
#include "abacus/Conversions.h"
#include "abacus/ReplaceOp.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace {

struct AbacusToArith : PassWrapper<AbacusToArith, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(AbacusToArith)

  StringRef getArgument() const override { return "convert-abacus-to-arith"; }
  StringRef getDescription() const override {
    return "Convert abacus operations to arith and math";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, math::MathDialect>();
  }

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<abacus::ReplaceOp<abacus::ConstantOp, arith::ConstantOp>,
                 abacus::ReplaceOp<abacus::AddOp, arith::AddFOp>,
                 abacus::ReplaceOp<abacus::MulOp, arith::MulFOp>,
                 abacus::ReplaceOp<abacus::TanhOp, math::TanhOp>>(
        &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void abacus::registerAbacusToArith() { PassRegistration<AbacusToArith>(); }
