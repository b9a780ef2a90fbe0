// SPDX-License-Identifier: Apache-2.0

#include "mini-mhlo/ShapeUtils.h"

bool mhlo::canHoldSameElements(mlir::ShapedType lhs, mlir::ShapedType rhs) {
  if (lhs.getElementType() != rhs.getElementType())
    return false;
  if (!lhs.hasStaticShape() || !rhs.hasStaticShape())
    return true;
  return lhs.getNumElements() == rhs.getNumElements();
}
