#ifndef LLVM_TABLEGEN_PARSER_H
#define LLVM_TABLEGEN_PARSER_H

#include "llvm/TableGen/Record.h"

namespace llvm {

/// Reads a .td file. Ends the process where it is wrong; returns false where it cannot be read.
LLVM_ABI bool TableGenParseFile(StringRef path, ArrayRef<StringRef> includes, RecordKeeper &records);

} // namespace llvm

#endif
