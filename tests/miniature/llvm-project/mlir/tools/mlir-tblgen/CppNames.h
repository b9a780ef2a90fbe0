#ifndef MLIR_TOOLS_MLIRTBLGEN_CPPNAMES_H
#define MLIR_TOOLS_MLIRTBLGEN_CPPNAMES_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/raw_ostream.h"

/// "::mlir::arith" as "namespace mlir { namespace arith {".
inline void openNamespaces(llvm::StringRef name, llvm::raw_ostream &os) {
  while (name.consume_front("::")) {
    size_t end = name.find("::");
    os << "namespace " << name.take_front(end) << " { ";
    name = end == llvm::StringRef::npos ? llvm::StringRef() : name.drop_front(end);
  }
  os << "\n";
}

inline void closeNamespaces(llvm::StringRef name, llvm::raw_ostream &os) {
  for (size_t at = name.find("::"); at != llvm::StringRef::npos; at = name.find("::", at + 2))
    os << "} ";
  os << "\n";
}

/// "lhs" as "getLhs".
inline llvm::SmallString<32> getterName(llvm::StringRef name) {
  llvm::SmallString<32> getter("get");
  getter.push_back(name.front() >= 'a' && name.front() <= 'z' ? name.front() - 'a' + 'A' : name.front());
  getter.append(name.drop_front());
  return getter;
}

#endif
