#ifndef LLVM_ADT_STRINGREF_H
#define LLVM_ADT_STRINGREF_H

#include "llvm/Support/Compiler.h"
#include <cstddef>
#include <cstring>

namespace llvm {

/// Characters that somebody else owns.
class StringRef {
public:
  static constexpr size_t npos = ~size_t(0);

  constexpr StringRef() = default;
  StringRef(const char *text) : Data(text), Length(text ? std::strlen(text) : 0) {}
  constexpr StringRef(const char *data, size_t length) : Data(data), Length(length) {}

  const char *data() const { return Data; }
  size_t size() const { return Length; }
  bool empty() const { return Length == 0; }
  const char *begin() const { return Data; }
  const char *end() const { return Data + Length; }
  char operator[](size_t index) const { return Data[index]; }
  char front() const { return Data[0]; }

  bool starts_with(StringRef prefix) const {
    return Length >= prefix.Length && std::memcmp(Data, prefix.Data, prefix.Length) == 0;
  }
  StringRef substr(size_t start, size_t count = npos) const {
    start = start < Length ? start : Length;
    return StringRef(Data + start, count < Length - start ? count : Length - start);
  }
  StringRef drop_front(size_t count = 1) const { return substr(count); }
  StringRef take_front(size_t count = 1) const { return substr(0, count); }
  StringRef drop_back(size_t count = 1) const { return substr(0, count < Length ? Length - count : 0); }
  bool consume_front(StringRef prefix) {
    if (!starts_with(prefix))
      return false;
    *this = drop_front(prefix.size());
    return true;
  }

  LLVM_ABI size_t find(StringRef text, size_t from = 0) const;
  LLVM_ABI StringRef trim() const;
  bool contains(StringRef text) const { return find(text) != npos; }

  friend bool operator==(StringRef left, StringRef right) {
    return left.Length == right.Length && (left.Length == 0 || std::memcmp(left.Data, right.Data, left.Length) == 0);
  }
  friend bool operator!=(StringRef left, StringRef right) { return !(left == right); }

private:
  const char *Data = nullptr;
  size_t Length = 0;
};

} // namespace llvm

#endif
