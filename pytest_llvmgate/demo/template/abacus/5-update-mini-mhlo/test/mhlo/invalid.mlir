func.func @lost_element(%x: tensor<2x2xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{cannot reshape 'tensor<2x2xf32>' into 'tensor<3xf32>'}}
  %y = mhlo.reshape %x : (tensor<2x2xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @unknown_size(%x: tensor<?xf32>) -> tensor<2x2xf32> {
  %y = mhlo.reshape %x : (tensor<?xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
