#include "mlir/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"

void mlir::registerTransformsPasses() {
  registerPass(createCanonicalizerPass());
  registerPass(createCSEPass());
}
