#include "llvm/Demangle/Demangle.h"

bool llvm::isMangled(const char *symbol) { return symbol[0] == '_' && symbol[1] == 'Z'; }
