#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

bool linalg::tile(Operation *op, ArrayRef<unsigned> sizes) {
  if (!hasPureTensorSemantics(op))
    return false;
  SmallString<16> text;
  llvm::raw_svector_ostream os(text);
  for (unsigned size : sizes)
    os << (text.empty() ? "" : "x") << size;
  op->setAttr("tile_sizes", text);
  return true;
}

bool linalg::tile(Operation *op, unsigned size) { return tile(op, ArrayRef<unsigned>(&size, 1)); }
