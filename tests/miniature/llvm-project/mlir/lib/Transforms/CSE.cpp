#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace {
class CSE : public Pass {
public:
  StringRef getArgument() const override { return "cse"; }
  StringRef getDescription() const override { return "Eliminate common sub-expressions"; }
  void runOnOperation() override {
    getOperation().walk([&](Operation *op) {
      for (Operation *other = op->getBlock()->front(); other && other != op; other = other->getNextNode())
        if (isMemoryEffectFree(op) && isSame(op, other)) {
          op->replaceAllUsesWith(other->getResult());
          op->erase();
          return;
        }
    });
  }

private:
  static bool isSame(Operation *left, Operation *right) {
    if (left->getName() != right->getName() || left->getType() != right->getType())
      return false;
    for (unsigned i = 0; i < left->getNumOperands(); ++i)
      if (!(left->getOperand(i) == right->getOperand(i)))
        return false;
    return left->getAttr("value") == right->getAttr("value");
  }
};
} // namespace

Pass *mlir::createCSEPass() { return new CSE; }
