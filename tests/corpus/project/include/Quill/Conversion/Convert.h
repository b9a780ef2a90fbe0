#ifndef QUILL_CONVERSION_CONVERT_H
#define QUILL_CONVERSION_CONVERT_H

#include <vector>

namespace quill {
namespace conversion {

long convert(const std::vector<long> &shape);

} // namespace conversion
} // namespace quill

#endif
