; RUN: llc | FileCheck %s
; CHECK: LLVM version
