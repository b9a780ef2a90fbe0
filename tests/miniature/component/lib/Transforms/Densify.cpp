#include "mini-hlo/IR/HloOps.h"
#include "mlir/Dialect/SparseTensor/IR/SparseTensor.h"
#include "mlir/Dialect/SparseTensor/Utils/Merger.h"

using namespace mlir;

bool hlo::needsDensification(Operation *op) {
  auto encoding = sparse_tensor::getSparseTensorEncoding(op->getType());
  return encoding == sparse_tensor::LevelType::Dense && sparse_tensor::countSparseOperands(op) > 0;
}
