#ifndef MLIR_IR_BUILTINOPS_H
#define MLIR_IR_BUILTINOPS_H

#include "mlir/IR/MLIRContext.h"

namespace mlir {

/// A whole source file.
class ModuleOp {
public:
  explicit ModuleOp(Block *body = nullptr) : Body(body) {}
  Block *getBody() const { return Body; }
  explicit operator bool() const { return Body; }
  void print(raw_ostream &os);

  /// Calls a function for every operation; it may erase the one that it is given.
  template <typename Callback> void walk(Callback callback) {
    for (Operation *op = Body->front(); op;) {
      Operation *next = op->getNextNode();
      callback(op);
      op = next;
    }
  }

private:
  Block *Body;
};

} // namespace mlir

#endif
