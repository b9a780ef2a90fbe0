#ifndef MLIR_IR_BUILDERS_H
#define MLIR_IR_BUILDERS_H

#include "mlir/IR/Operation.h"

namespace mlir {

/// Makes operations and puts them before an insertion point.
class OpBuilder {
public:
  explicit OpBuilder(Operation *insertionPoint)
      : Context(insertionPoint->getContext()), Parent(insertionPoint->getBlock()), Before(insertionPoint) {}
  MLIRContext *getContext() const { return Context; }
  void setInsertionPoint(Operation *op);
  Operation *insert(Operation *op);

  /// Makes an operation of a type: builder.create<arith::AddIOp>(lhs, rhs, type).
  template <typename OpTy, typename... Args> OpTy create(Args &&...args) {
    return OpTy::create(*this, static_cast<Args &&>(args)...);
  }

private:
  MLIRContext *Context;
  Block *Parent;
  Operation *Before;
};

} // namespace mlir

#endif
