// RUN: not tiny-opt %s

%a = tiny.relu : tensor<4xi32>
