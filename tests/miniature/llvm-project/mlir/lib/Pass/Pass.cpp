#include "mlir/Pass/Pass.h"

using namespace mlir;

Pass::~Pass() = default;

LogicalResult PassManager::run(ModuleOp module) {
  for (Pass *pass : Passes) {
    pass->Module = module;
    pass->runOnOperation();
    if (pass->Failed)
      return failure();
  }
  return success();
}
