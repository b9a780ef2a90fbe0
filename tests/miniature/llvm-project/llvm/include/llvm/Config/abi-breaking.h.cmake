#ifndef LLVM_ABI_BREAKING_CHECKS_H
#define LLVM_ABI_BREAKING_CHECKS_H

// Whether checks are on that change the layout of LLVM's classes. Whoever includes this refers to a symbol that only
// an LLVM of the same kind defines, so that mixing the two kinds does not link.
#define LLVM_ENABLE_ABI_BREAKING_CHECKS ${LLVM_ENABLE_ABI_BREAKING_CHECKS}

namespace llvm {
#if LLVM_ENABLE_ABI_BREAKING_CHECKS
extern int EnableABIBreakingChecks;
__attribute__((weak, visibility("hidden"))) int *VerifyEnableABIBreakingChecks = &EnableABIBreakingChecks;
#else
extern int DisableABIBreakingChecks;
__attribute__((weak, visibility("hidden"))) int *VerifyDisableABIBreakingChecks = &DisableABIBreakingChecks;
#endif
} // namespace llvm

#endif
