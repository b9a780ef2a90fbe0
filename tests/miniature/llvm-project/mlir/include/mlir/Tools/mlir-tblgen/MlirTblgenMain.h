#ifndef MLIR_TOOLS_MLIRTBLGEN_MLIRTBLGENMAIN_H
#define MLIR_TOOLS_MLIRTBLGEN_MLIRTBLGENMAIN_H

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TableGen/Record.h"

namespace mlir {

/// A generator, chosen by the flag of its name. It returns true on an error, after having said what is wrong.
class GenRegistration : public llvm::cl::opt<bool> {
public:
  using Function = bool (*)(const llvm::RecordKeeper &records, llvm::raw_ostream &os);
  GenRegistration(llvm::StringRef name, llvm::StringRef description, Function generate);

  Function Generate;
  GenRegistration *Next;
};

int MlirTblgenMain(int argc, char **argv);

} // namespace mlir

#endif
