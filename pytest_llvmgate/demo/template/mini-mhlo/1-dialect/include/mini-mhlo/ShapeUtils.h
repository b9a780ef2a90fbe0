// SPDX-License-Identifier: Apache-2.0

#ifndef MINI_MHLO_SHAPE_UTILS_H
#define MINI_MHLO_SHAPE_UTILS_H

#include "mlir/IR/BuiltinTypeInterfaces.h"

namespace mhlo {

/// Whether a tensor of one type can hold exactly the elements of the other.
/// A shape with a dimension that is not known yet fits any other.
bool canHoldSameElements(mlir::ShapedType lhs, mlir::ShapedType rhs);

} // namespace mhlo

#endif // MINI_MHLO_SHAPE_UTILS_H
