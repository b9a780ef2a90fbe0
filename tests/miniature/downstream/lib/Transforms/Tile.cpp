#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "tinyc/Passes.h"

using namespace mlir;

namespace {
class TilePass : public Pass {
public:
  StringRef getArgument() const override { return "tiny-tile"; }
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if (tensor::getRank(op->getType()) > 1)
        linalg::tile(op, 8);
    });
  }
};
} // namespace

Pass *tiny::createTilePass() { return new TilePass; }
