#include "mlir/Interfaces/SideEffectInterfaces.h"

bool mlir::isMemoryEffectFree(Operation *op) { return op->getInfo().isMemoryEffectFree; }
