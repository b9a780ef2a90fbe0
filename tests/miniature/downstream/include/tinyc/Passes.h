#ifndef TINYC_PASSES_H
#define TINYC_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
namespace tiny {

Pass *createSlicePass();
Pass *createSimplifyPass();
Pass *createTilePass();
Pass *createTinyToArithPass();
Pass *createTinyToTosaPass();
Pass *createHloToTinyPass();

} // namespace tiny
} // namespace mlir

#endif
