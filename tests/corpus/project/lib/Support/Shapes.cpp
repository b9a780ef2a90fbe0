#include "Quill/Support/Shapes.h"

namespace quill {
namespace support {

long countElements(const std::vector<long> &shape) {
  long count = 1;
  for (long extent : shape)
    count *= extent;
  return count;
}

bool broadcasts(const std::vector<long> &lhs, const std::vector<long> &rhs) {
  return countElements(lhs) == countElements(rhs);
}

Visitor::~Visitor() = default;
void Visitor::visit(long) {}

} // namespace support
} // namespace quill
