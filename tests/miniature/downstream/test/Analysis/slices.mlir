// RUN: tiny-opt %s -tiny-slices | FileCheck %s

%a = tensor.empty : tensor<4xi32>
%b = linalg.map %a : tensor<4xi32>
%c = tiny.relu %b : tensor<4xi32>
// CHECK: func.return %2
// CHECK: slice = 3/1
func.return %c
