// SPDX-License-Identifier: Apache-2.0

#include "abacus/AbacusOps.h"
#include "abacus/Conversions.h"
#include "abacus/ReplaceOp.h"

#include "mini-mhlo/MhloOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace {

struct AbacusToMhlo : PassWrapper<AbacusToMhlo, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(AbacusToMhlo)

  StringRef getArgument() const override { return "convert-abacus-to-mhlo"; }
  StringRef getDescription() const override {
    return "Convert abacus operations to mhlo";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<mhlo::MhloDialect>();
  }

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<abacus::ReplaceOp<abacus::ConstantOp, mhlo::ConstantOp>,
                 abacus::ReplaceOp<abacus::AddOp, mhlo::AddOp>,
                 abacus::ReplaceOp<abacus::MulOp, mhlo::MultiplyOp>,
                 abacus::ReplaceOp<abacus::TanhOp, mhlo::TanhOp>>(
        &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void abacus::registerAbacusToMhlo() { PassRegistration<AbacusToMhlo>(); }
