// RUN: mlir-opt %s | FileCheck %s
// RUN: mlir-opt %s -cse -canonicalize | FileCheck %s --check-prefix=CSE

// CHECK: func.func @main
func.func @main
// CHECK-NEXT: %0 = arith.constant {value = 1} : i32
%a = arith.constant {value = 1} : i32
%b = arith.constant {value = 1} : i32
// CHECK: %2 = arith.addi %0, %1 : i32
// CSE: %1 = arith.addi %0, %0 : i32
%c = arith.addi %a, %b : i32
%unused = arith.muli %a, %b : i32
// CSE-NEXT: func.return %1 : i32
func.return %c : i32
