#ifndef MLIR_IR_PATTERNMATCH_H
#define MLIR_IR_PATTERNMATCH_H

#include "mlir/IR/Builders.h"
#include "mlir/Support/LogicalResult.h"

namespace mlir {

class PatternRewriter : public OpBuilder {
public:
  using OpBuilder::OpBuilder;
  void replaceOp(Operation *op, Value value) {
    op->replaceAllUsesWith(value);
    op->erase();
  }
  void eraseOp(Operation *op) { op->erase(); }
};

/// Rewrites operations of one name.
class RewritePattern {
public:
  explicit RewritePattern(StringRef rootName) : RootName(rootName) {}
  virtual ~RewritePattern() = default;
  StringRef getRootName() const { return RootName; }
  virtual LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const = 0;

private:
  StringRef RootName;
};

template <typename OpTy> class OpRewritePattern : public RewritePattern {
public:
  OpRewritePattern() : RewritePattern(OpTy::getOperationName()) {}
  virtual LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const = 0;

private:
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const final {
    return matchAndRewrite(OpTy(op), rewriter);
  }
};

class RewritePatternSet {
public:
  template <typename... Patterns> void add() { (Members.push_back(new Patterns), ...); }
  const SmallVectorImpl<RewritePattern *> &getPatterns() const { return Members; }

private:
  SmallVector<RewritePattern *> Members;
};

} // namespace mlir

#endif
