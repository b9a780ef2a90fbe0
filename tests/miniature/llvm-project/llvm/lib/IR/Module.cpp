#include "llvm/IR/Module.h"
#include "llvm/BinaryFormat/Magic.h"

using namespace llvm;

void Module::addFunction(StringRef name) { Functions.push_back(name); }

bool Module::isObject() const { return isELF(Identifier); }
