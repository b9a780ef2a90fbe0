#include "llvm/Config/abi-breaking.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/Version.h"

int main() {
  llvm::InitializeAllTargets();
  llvm::printVersion();
}
