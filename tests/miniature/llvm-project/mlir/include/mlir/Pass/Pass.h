#ifndef MLIR_PASS_PASS_H
#define MLIR_PASS_PASS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LogicalResult.h"

namespace mlir {

/// A transformation of a module.
class Pass {
public:
  virtual ~Pass();
  /// Its name on the command line.
  virtual StringRef getArgument() const = 0;
  virtual StringRef getDescription() const { return ""; }

protected:
  virtual void runOnOperation() = 0;
  ModuleOp getOperation() const { return Module; }
  void signalPassFailure() { Failed = true; }

private:
  friend class PassManager;
  ModuleOp Module;
  bool Failed = false;
};

class PassManager {
public:
  void addPass(Pass *pass) { Passes.push_back(pass); }
  LogicalResult run(ModuleOp module);

private:
  SmallVector<Pass *> Passes;
};

} // namespace mlir

#endif
