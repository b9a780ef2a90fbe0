#include "mini-hlo/IR/HloOps.h"
#include "mlir/Dialect/SparseTensor/IR/Enums.h"

using namespace mlir;

#include "mini-hlo/IR/HloOpsDialect.cpp.inc"

/// What the lowering of every operation expects.
static_assert(int(sparse_tensor::LevelType::Dense) == 0, "dense is the default");

void hlo::HloDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "mini-hlo/IR/HloOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "mini-hlo/IR/HloOps.cpp.inc"
