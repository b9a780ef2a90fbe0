#ifndef MLIR_IR_OPDEFINITION_H
#define MLIR_IR_OPDEFINITION_H

#include "mlir/IR/Operation.h"

namespace mlir {

/// A typed view of an operation.
template <typename ConcreteType> class Op {
public:
  explicit Op(Operation *op = nullptr) : State(op) {}
  static bool classof(const Operation *op) { return op->getName() == ConcreteType::getOperationName(); }

  Operation *getOperation() { return State; }
  Operation *operator->() const { return State; }
  operator Operation *() const { return State; }
  operator Value() const { return Value(State); }
  explicit operator bool() const { return State; }

private:
  Operation *State;
};

} // namespace mlir

#endif
