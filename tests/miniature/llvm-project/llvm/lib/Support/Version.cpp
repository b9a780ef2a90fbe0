#include "llvm/Support/Version.h"
#include "llvm/Support/VCSRevision.h"
#include "llvm/Support/raw_ostream.h"

void llvm::printVersion() {
  outs() << "LLVM (miniature):\n  LLVM version " << LLVM_VERSION_STRING << "\n";
#ifdef LLVM_REVISION
  outs() << "  Revision " << LLVM_REVISION << "\n";
#endif
}
