#ifndef LLVM_SUPPORT_RAW_OSTREAM_H
#define LLVM_SUPPORT_RAW_OSTREAM_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

namespace llvm {

class LLVM_ABI raw_ostream {
public:
  virtual ~raw_ostream();
  raw_ostream &operator<<(StringRef text) {
    write(text.data(), text.size());
    return *this;
  }
  raw_ostream &operator<<(const char *text) { return *this << StringRef(text); }
  raw_ostream &operator<<(char character) { return *this << StringRef(&character, 1); }
  raw_ostream &operator<<(unsigned number);

private:
  virtual void write(const char *data, size_t size) = 0;
};

/// Appends to a vector of characters.
class LLVM_ABI raw_svector_ostream : public raw_ostream {
public:
  explicit raw_svector_ostream(SmallVectorImpl<char> &vector) : OS(vector) {}

private:
  void write(const char *data, size_t size) override;
  SmallVectorImpl<char> &OS;
};

LLVM_ABI raw_ostream &outs();
LLVM_ABI raw_ostream &errs();

} // namespace llvm

#endif
