#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

void llvm::report_fatal_error(StringRef reason) {
  errs() << "LLVM ERROR: " << reason << "\n";
  std::abort();
}
