#ifndef LLVM_SUPPORT_COMPILER_H
#define LLVM_SUPPORT_COMPILER_H

#include "llvm/Config/llvm-config.h"

// On ELF everything is visible, in every build mode; on Windows it depends on the mode and on whose code this is.
#if defined(_WIN32) && (defined(LLVM_BUILD_LLVM_DYLIB) || defined(LLVM_BUILD_SHARED_LIBS))
#if defined(LLVM_EXPORTS)
#define LLVM_ABI __declspec(dllexport)
#else
#define LLVM_ABI __declspec(dllimport)
#endif
#else
#define LLVM_ABI __attribute__((visibility("default")))
#endif

#endif
