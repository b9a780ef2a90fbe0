#include "hlo/Shapes.h"

namespace hlo {

void forEachExtent(const std::vector<long> &shape, quill::support::Visitor &visitor) {
  for (long extent : shape)
    visitor.visit(extent);
}

bool isStatic(const std::vector<long> &shape) {
  return quill::support::countElements(shape) >= 0;
}

} // namespace hlo
