#ifndef MLIR_TRANSFORMS_PASSES_H
#define MLIR_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {

Pass *createCanonicalizerPass();
Pass *createCSEPass();
void registerTransformsPasses();

} // namespace mlir

#endif
