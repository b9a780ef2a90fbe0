#include "llvm/BinaryFormat/Magic.h"

bool llvm::isELF(StringRef bytes) { return bytes.starts_with("\177ELF"); }
