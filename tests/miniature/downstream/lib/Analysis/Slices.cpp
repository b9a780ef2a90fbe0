#include "llvm/Support/raw_ostream.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/Analysis/Elementwise.h"
#include "tinyc/Passes.h"

using namespace mlir;

namespace {
/// Notes at every returning operation how many it depends on, and how many of those treat all elements alike.
class SlicePass : public Pass {
public:
  StringRef getArgument() const override { return "tiny-slices"; }
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if (op->getInfo().hasResult || op->getNumOperands() == 0)
        return;
      SmallVector<Operation *> slice;
      getBackwardSlice(op, slice);
      unsigned elementwise = 0;
      for (Operation *member : slice)
        elementwise += linalg::isElementwise(member);
      SmallString<16> text;
      llvm::raw_svector_ostream os(text);
      os << unsigned(slice.size()) << "/" << elementwise;
      op->setAttr("slice", text);
    });
  }
};
} // namespace

Pass *tiny::createSlicePass() { return new SlicePass; }
