#ifndef MLIR_DIALECT_SPARSETENSOR_IR_ENUMS_H
#define MLIR_DIALECT_SPARSETENSOR_IR_ENUMS_H

namespace mlir {
namespace sparse_tensor {

/// How a dimension of a sparse tensor is stored.
enum class LevelType { Dense, Compressed, Singleton };

} // namespace sparse_tensor
} // namespace mlir

#endif
