// RUN: tiny-opt %s -convert-tiny-to-tosa -canonicalize | FileCheck %s

%a = tensor.empty : tensor<4xi32>
// CHECK: %1 = tosa.clamp %0 : tensor<4xi32>
%b = tiny.relu %a : tensor<4xi32>
// CHECK-NEXT: %2 = tosa.add %0, %1 : tensor<4xi32>
%c = tiny.add %a, %b : tensor<4xi32>
func.return %c
