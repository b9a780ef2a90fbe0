#include "mlir/Dialect/Linalg/Analysis/Elementwise.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

bool linalg::isElementwise(Operation *op) { return isa<MapOp>(op) || isa<FillOp>(op); }
