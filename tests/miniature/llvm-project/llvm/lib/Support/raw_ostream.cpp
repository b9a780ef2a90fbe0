#include "llvm/Support/raw_ostream.h"
#include <cstdio>

using namespace llvm;

raw_ostream::~raw_ostream() = default;

raw_ostream &raw_ostream::operator<<(unsigned number) {
  char digits[16];
  std::snprintf(digits, sizeof(digits), "%u", number);
  return *this << digits;
}

void raw_svector_ostream::write(const char *data, size_t size) { OS.append(data, data + size); }

namespace {
class raw_fd_ostream : public raw_ostream {
public:
  explicit raw_fd_ostream(std::FILE *file) : File(file) {}

private:
  void write(const char *data, size_t size) override { std::fwrite(data, 1, size, File); }
  std::FILE *File;
};
} // namespace

raw_ostream &llvm::outs() {
  static raw_fd_ostream stream(stdout);
  return stream;
}

raw_ostream &llvm::errs() {
  static raw_fd_ostream stream(stderr);
  return stream;
}
