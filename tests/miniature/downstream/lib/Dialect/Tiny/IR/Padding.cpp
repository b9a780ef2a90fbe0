#include "tinyc/Dialect/Tiny/IR/TinyStructs.h.inc"

namespace mlir {
namespace tiny {

/// The size of a dimension with its padding.
unsigned getPaddedSize(unsigned size, PaddingAttr padding) { return padding.low + size + padding.high; }

} // namespace tiny
} // namespace mlir
