// count N: succeeds if standard input has N lines.
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

int main(int argc, char **argv) {
  llvm::SmallString<256> input;
  if (argc != 2 || !llvm::readFile("-", input)) {
    llvm::errs() << "usage: count <number of lines>\n";
    return 2;
  }
  unsigned expected = std::atoi(argv[1]);
  unsigned lines = 0;
  for (char character : input)
    lines += character == '\n';
  if (lines == expected)
    return 0;
  llvm::errs() << "Expected " << expected << " lines, got " << lines << ".\n";
  return 1;
}
