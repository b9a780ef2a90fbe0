#ifndef MLIR_IR_DIALECT_H
#define MLIR_IR_DIALECT_H

#include "mlir/IR/MLIRContext.h"

namespace mlir {

class Dialect {
public:
  Dialect(StringRef name, MLIRContext *context) : Name(name), Context(context) {}
  virtual ~Dialect();
  StringRef getNamespace() const { return Name; }
  MLIRContext *getContext() const { return Context; }

protected:
  template <typename... Ops> void addOperations() { (Context->registerOperation(Ops::getOperationInfo()), ...); }

private:
  StringRef Name;
  MLIRContext *Context;
};

/// Dialects that a tool knows, to be loaded into its context.
class DialectRegistry {
public:
  template <typename... Dialects> void insert() { (Loaders.push_back(&load<Dialects>), ...); }
  void loadAll(MLIRContext &context) const {
    for (Loader loader : Loaders)
      loader(context);
  }

private:
  using Loader = void (*)(MLIRContext &);
  template <typename ConcreteDialect> static void load(MLIRContext &context) { context.loadDialect<ConcreteDialect>(); }
  SmallVector<Loader> Loaders;
};

} // namespace mlir

#endif
