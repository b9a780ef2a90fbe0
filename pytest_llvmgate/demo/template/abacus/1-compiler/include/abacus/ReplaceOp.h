// SPDX-License-Identifier: Apache-2.0

#ifndef ABACUS_REPLACE_OP_H
#define ABACUS_REPLACE_OP_H

#include "mlir/IR/PatternMatch.h"

namespace abacus {

/// Replaces an operation by one of another dialect that takes the same
/// operands and attributes and gives the same type.
template <typename From, typename To>
struct ReplaceOp : mlir::OpRewritePattern<From> {
  using mlir::OpRewritePattern<From>::OpRewritePattern;

  mlir::LogicalResult
  matchAndRewrite(From op, mlir::PatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<To>(op, op->getResultTypes(),
                                    op->getOperands(), op->getAttrs());
    return mlir::success();
  }
};

} // namespace abacus

#endif // ABACUS_REPLACE_OP_H
