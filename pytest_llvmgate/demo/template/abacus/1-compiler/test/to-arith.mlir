// CHECK-LABEL: func.func @polynomial
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @polynomial(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[TWO:.*]] = arith.constant dense<2.000000e+00> : tensor<4xf32>
  %two = abacus.constant dense<2.0> : tensor<4xf32>
  // CHECK: %[[SQUARE:.*]] = arith.mulf %[[X]], %[[X]] : tensor<4xf32>
  %square = abacus.mul %x, %x : tensor<4xf32>
  // CHECK: %[[SUM:.*]] = arith.addf %[[SQUARE]], %[[TWO]] : tensor<4xf32>
  %sum = abacus.add %square, %two : tensor<4xf32>
  // CHECK: math.tanh %[[SUM]] : tensor<4xf32>
  %result = abacus.tanh %sum : tensor<4xf32>
  return %result : tensor<4xf32>
}
