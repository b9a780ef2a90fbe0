#ifndef LLVM_IR_MODULE_H
#define LLVM_IR_MODULE_H

#include "llvm/ADT/SmallString.h"

namespace llvm {

/// A unit of LLVM IR: here just its functions' names.
class LLVM_ABI Module {
public:
  explicit Module(StringRef identifier) : Identifier(identifier) {}
  StringRef getModuleIdentifier() const { return Identifier; }
  void addFunction(StringRef name);
  size_t size() const { return Functions.size(); }
  /// Whether the identifier names an object file.
  bool isObject() const;

private:
  SmallString<32> Identifier;
  SmallVector<SmallString<32>, 4> Functions;
};

} // namespace llvm

#endif
