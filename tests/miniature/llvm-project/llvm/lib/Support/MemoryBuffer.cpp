#include "llvm/Support/MemoryBuffer.h"
#include <cstdio>

using namespace llvm;

bool llvm::readFile(StringRef path, SmallString<256> &contents) {
  SmallString<64> name(path);
  std::FILE *file = path == "-" ? stdin : std::fopen(name.c_str(), "rb");
  if (!file)
    return false;
  char buffer[4096];
  while (size_t count = std::fread(buffer, 1, sizeof(buffer), file))
    contents.append(StringRef(buffer, count));
  bool good = !std::ferror(file);
  if (file != stdin)
    std::fclose(file);
  return good;
}

bool llvm::writeFileIfChanged(StringRef path, StringRef contents) {
  SmallString<256> present;
  if (readFile(path, present) && present.str() == contents)
    return true;
  SmallString<64> name(path);
  std::FILE *file = std::fopen(name.c_str(), "wb");
  if (!file)
    return false;
  bool good = std::fwrite(contents.data(), 1, contents.size(), file) == contents.size();
  return std::fclose(file) == 0 && good;
}
