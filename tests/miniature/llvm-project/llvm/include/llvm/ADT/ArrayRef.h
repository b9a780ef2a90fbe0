#ifndef LLVM_ADT_ARRAYREF_H
#define LLVM_ADT_ARRAYREF_H

#include "llvm/ADT/SmallVector.h"

namespace llvm {

/// Elements that somebody else owns.
template <typename T> class ArrayRef {
public:
  ArrayRef() = default;
  ArrayRef(const T *data, size_t length) : Data(data), Length(length) {}
  ArrayRef(const SmallVectorImpl<T> &vector) : Data(vector.data()), Length(vector.size()) {}
  ArrayRef(const T &single) : Data(&single), Length(1) {}
  ArrayRef(std::initializer_list<T> values) : Data(values.begin()), Length(values.size()) {}

  size_t size() const { return Length; }
  bool empty() const { return Length == 0; }
  const T *begin() const { return Data; }
  const T *end() const { return Data + Length; }
  const T &operator[](size_t index) const { return Data[index]; }

private:
  const T *Data = nullptr;
  size_t Length = 0;
};

} // namespace llvm

#endif
