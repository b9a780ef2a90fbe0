#include "Quill/Conversion/Convert.h"

#include "Quill/Support/Shapes.h"
#include "hlo/Shapes.h"

namespace {
struct Summing : quill::support::Visitor {
  long sum = 0;
  void visit(long extent) override {
    Visitor::visit(extent);
    sum += extent;
  }
};
} // namespace

namespace quill {
namespace conversion {

long convert(const std::vector<long> &shape) {
  Summing visitor;
  hlo::forEachExtent(shape, visitor);
  return support::countElements(shape) + visitor.sum;
}

} // namespace conversion
} // namespace quill
