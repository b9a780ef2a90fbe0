#include "mlir/Pass/Pass.h"

namespace {
class TestPrint : public mlir::Pass {
public:
  mlir::StringRef getArgument() const override { return "test-print"; }
  void runOnOperation() override {}
};
} // namespace

mlir::Pass *createTestPrintPass() { return new TestPrint; }
