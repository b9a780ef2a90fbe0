#ifndef MLIR_IR_VALUE_H
#define MLIR_IR_VALUE_H

#include "mlir/Support/LLVM.h"

namespace mlir {

class Operation;

/// The result of an operation.
class Value {
public:
  Value(Operation *definingOp = nullptr) : DefiningOp(definingOp) {}
  Operation *getDefiningOp() const { return DefiningOp; }
  StringRef getType() const;
  explicit operator bool() const { return DefiningOp; }
  friend bool operator==(Value left, Value right) { return left.DefiningOp == right.DefiningOp; }

private:
  Operation *DefiningOp;
};

} // namespace mlir

#endif
