#include "mlir/IR/Builders.h"

using namespace mlir;

void OpBuilder::setInsertionPoint(Operation *op) {
  Parent = op->getBlock();
  Before = op;
}

Operation *OpBuilder::insert(Operation *op) {
  Parent->insert(op, Before);
  return op;
}
