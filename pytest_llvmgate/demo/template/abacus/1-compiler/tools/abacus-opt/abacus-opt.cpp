// SPDX-License-Identifier: Apache-2.0

#include "abacus/AbacusOps.h"
#include "abacus/Conversions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<abacus::AbacusDialect, mlir::arith::ArithDialect,
                  mlir::func::FuncDialect, mlir::math::MathDialect>();
  abacus::registerAbacusToArith();

  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "abacus optimizer driver\n", registry));
}
