// RUN: tiny-opt %s | FileCheck %s

// CHECK: func.func @ops
func.func @ops
// CHECK-NEXT: %0 = arith.constant {value = 3} : tensor<4xi32>
%a = arith.constant {value = 3} : tensor<4xi32>
// CHECK-NEXT: %1 = tiny.relu %0 : tensor<4xi32>
%b = tiny.relu %a : tensor<4xi32>
// CHECK-NEXT: %2 = tiny.add %0, %1 : tensor<4xi32>
%c = tiny.add %a, %b : tensor<4xi32>
func.return %c
