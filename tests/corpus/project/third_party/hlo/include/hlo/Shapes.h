#ifndef HLO_SHAPES_H
#define HLO_SHAPES_H

#include "Quill/Support/Shapes.h"

namespace hlo {

void forEachExtent(const std::vector<long> &shape, quill::support::Visitor &visitor);

bool isStatic(const std::vector<long> &shape);

} // namespace hlo

#endif
