// RUN: tiny-opt %s -convert-hlo-to-tiny | FileCheck %s

%a = tensor.empty : tensor<4xi32>
// CHECK: %1 = tiny.add %0, %0 : tensor<4xi32>
%b = hlo.add %a, %a : tensor<4xi32>
func.return %b
