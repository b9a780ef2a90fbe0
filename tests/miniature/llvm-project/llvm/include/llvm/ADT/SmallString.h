#ifndef LLVM_ADT_SMALLSTRING_H
#define LLVM_ADT_SMALLSTRING_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

namespace llvm {

/// Characters of its own.
template <unsigned N> class SmallString : public SmallVector<char, N> {
public:
  SmallString() = default;
  SmallString(StringRef text) { append(text); }

  void append(StringRef text) { SmallVectorImpl<char>::append(text.begin(), text.end()); }
  SmallString &operator+=(StringRef text) {
    append(text);
    return *this;
  }
  StringRef str() const { return StringRef(this->data(), this->size()); }
  operator StringRef() const { return str(); }
  const char *c_str() {
    this->push_back('\0');
    this->pop_back();
    return this->data();
  }
};

} // namespace llvm

#endif
