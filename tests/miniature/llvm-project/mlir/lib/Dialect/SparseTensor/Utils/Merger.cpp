#include "mlir/Dialect/SparseTensor/Utils/Merger.h"
#include "mlir/Dialect/SparseTensor/IR/SparseTensor.h"

using namespace mlir;

unsigned sparse_tensor::countSparseOperands(Operation *op) {
  unsigned count = 0;
  for (unsigned i = 0; i < op->getNumOperands(); ++i)
    count += getSparseTensorEncoding(op->getOperand(i).getType()) != LevelType::Dense;
  return count;
}
