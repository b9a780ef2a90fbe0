#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::registerTransformsPasses();
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  return mlir::MlirOptMain(argc, argv, "MLIR modular optimizer driver", registry);
}
