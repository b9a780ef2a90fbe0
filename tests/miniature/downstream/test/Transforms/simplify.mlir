// RUN: tiny-opt %s -tiny-simplify | FileCheck %s
// RUN: tiny-opt %s -tiny-simplify | count 3

// CHECK: %1 = tiny.relu %0 : tensor<4xi32>
// CHECK-NEXT: func.return %1
%a = tensor.empty : tensor<4xi32>
%b = tiny.relu %a : tensor<4xi32>
%c = tiny.relu %b : tensor<4xi32>
func.return %c
