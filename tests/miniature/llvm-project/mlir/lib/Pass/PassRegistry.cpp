#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

static SmallVector<Pass *> &passes() {
  static SmallVector<Pass *> registered;
  return registered;
}

void mlir::registerPass(Pass *pass) { passes().push_back(pass); }

const SmallVectorImpl<Pass *> &mlir::getRegisteredPasses() { return passes(); }
