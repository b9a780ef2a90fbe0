#include "mlir/Analysis/SliceAnalysis.h"

using namespace mlir;

static bool contains(const SmallVectorImpl<Operation *> &slice, Operation *op) {
  for (Operation *member : slice)
    if (member == op)
      return true;
  return false;
}

void mlir::getBackwardSlice(Operation *op, SmallVectorImpl<Operation *> &slice) {
  for (unsigned i = 0; i < op->getNumOperands(); ++i) {
    Operation *definition = op->getOperand(i).getDefiningOp();
    if (contains(slice, definition))
      continue;
    slice.push_back(definition);
    getBackwardSlice(definition, slice);
  }
}
