// RUN: tiny-opt %s -tiny-tile | FileCheck %s

// CHECK: tensor.empty : tensor<4xi32>
%a = tensor.empty : tensor<4xi32>
// CHECK: linalg.map %0 {tile_sizes = 8} : tensor<4x8xi32>
%b = linalg.map %a : tensor<4x8xi32>
func.return %b
