#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Dialect.h"

using namespace mlir;

Dialect::~Dialect() = default;

Dialect *MLIRContext::getLoadedDialect(StringRef name) const {
  for (Dialect *dialect : Dialects)
    if (dialect->getNamespace() == name)
      return dialect;
  return nullptr;
}

const OperationInfo *MLIRContext::lookupOperation(StringRef name) const {
  for (const OperationInfo *info : Operations)
    if (info->name == name)
      return info;
  return nullptr;
}
