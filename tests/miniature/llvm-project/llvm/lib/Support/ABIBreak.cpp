namespace llvm {
extern int EnableABIBreakingChecks;
extern int DisableABIBreakingChecks;
} // namespace llvm

#include "llvm/Config/abi-breaking.h"

#if LLVM_ENABLE_ABI_BREAKING_CHECKS
int llvm::EnableABIBreakingChecks = 1;
#else
int llvm::DisableABIBreakingChecks = 1;
#endif
