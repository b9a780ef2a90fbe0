// CHECK-LABEL: func.func @elementwise
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[Y:.*]]: tensor<4xf32>)
func.func @elementwise(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[PRODUCT:.*]] = arith.mulf %[[X]], %[[Y]] : tensor<4xf32>
  %product = mhlo.multiply %x, %y : tensor<4xf32>
  // CHECK: arith.addf %[[PRODUCT]], %[[X]] : tensor<4xf32>
  %sum = mhlo.add %product, %x : tensor<4xf32>
  return %sum : tensor<4xf32>
}

// CHECK-LABEL: func.func @tanh
func.func @tanh(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: math.exp
  // CHECK-NOT: tanh
  %result = mhlo.tanh %x : tensor<4xf32>
  return %result : tensor<4xf32>
}

// CHECK-LABEL: func.func @reshape_of_constant
func.func @reshape_of_constant() -> tensor<4xf32> {
  // CHECK: arith.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
  // CHECK-NOT: mhlo.reshape
  %square = mhlo.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %row = mhlo.reshape %square : (tensor<2x2xf32>) -> tensor<4xf32>
  return %row : tensor<4xf32>
}
