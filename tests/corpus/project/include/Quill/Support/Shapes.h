#ifndef QUILL_SUPPORT_SHAPES_H
#define QUILL_SUPPORT_SHAPES_H

#include <vector>

namespace quill {
namespace support {

/// Number of elements of a shape.
long countElements(const std::vector<long> &shape);

/// Whether two shapes broadcast together.
bool broadcasts(const std::vector<long> &lhs, const std::vector<long> &rhs);

struct Visitor {
  virtual ~Visitor();
  virtual void visit(long extent);
};

} // namespace support
} // namespace quill

#endif
