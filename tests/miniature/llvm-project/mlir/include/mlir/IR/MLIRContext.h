#ifndef MLIR_IR_MLIRCONTEXT_H
#define MLIR_IR_MLIRCONTEXT_H

#include "mlir/IR/Operation.h"

namespace mlir {

class Dialect;

/// Owns the dialects that are loaded.
class MLIRContext {
public:
  MLIRContext() = default;
  MLIRContext(const MLIRContext &) = delete;

  template <typename ConcreteDialect> void loadDialect() {
    if (!getLoadedDialect(ConcreteDialect::getDialectNamespace()))
      addDialect(new ConcreteDialect(this));
  }
  Dialect *getLoadedDialect(StringRef name) const;
  const SmallVectorImpl<Dialect *> &getLoadedDialects() const { return Dialects; }
  void registerOperation(const OperationInfo &info) { Operations.push_back(new OperationInfo(info)); }
  /// What is known of an operation; null where no dialect has registered it.
  const OperationInfo *lookupOperation(StringRef name) const;

private:
  void addDialect(Dialect *dialect) { Dialects.push_back(dialect); }
  SmallVector<Dialect *> Dialects;
  SmallVector<OperationInfo *> Operations;
};

} // namespace mlir

#endif
