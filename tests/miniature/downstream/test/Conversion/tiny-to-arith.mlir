// RUN: tiny-opt %s -convert-tiny-to-arith | FileCheck %s

%a = tensor.empty : tensor<4xi32>
// CHECK: %1 = arith.maxsi %0, %0 : tensor<4xi32>
%b = tiny.relu %a : tensor<4xi32>
// CHECK-NEXT: %2 = arith.addi %0, %1 : tensor<4xi32>
%c = tiny.add %a, %b : tensor<4xi32>
func.return %c
