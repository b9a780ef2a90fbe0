#include "mlir/InitAllDialects.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "tinyc/Dialect/Tiny/IR/Tiny.h"
#include "tinyc/Passes.h"
#include "tinyc/Runtime.h"
#ifdef TINYC_ENABLE_HLO
#include "mini-hlo/IR/HloOps.h"
#endif

using namespace mlir;

int main(int argc, char **argv) {
  registerTransformsPasses();
  registerPass(tiny::createSlicePass());
  registerPass(tiny::createSimplifyPass());
  registerPass(tiny::createTilePass());
  registerPass(tiny::createTinyToArithPass());
  registerPass(tiny::createTinyToTosaPass());
  DialectRegistry registry;
  registry.insert<arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect, tensor::TensorDialect,
                  tosa::TosaDialect, tiny::TinyDialect>();
#ifdef TINYC_ENABLE_HLO
  registerPass(tiny::createHloToTinyPass());
  registry.insert<hlo::HloDialect>();
#endif
  const char *name = tinycRuntimeVersion() == 1 ? "tinyc optimizer driver" : "tinyc optimizer driver, other runtime";
  return MlirOptMain(argc, argv, name, registry);
}
