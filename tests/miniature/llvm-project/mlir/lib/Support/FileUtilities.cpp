#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

mlir::LogicalResult mlir::openInputFile(StringRef path, SmallString<256> &contents) {
  if (llvm::readFile(path, contents))
    return success();
  llvm::errs() << "cannot open input file '" << path << "': No such file or directory\n";
  return failure();
}
