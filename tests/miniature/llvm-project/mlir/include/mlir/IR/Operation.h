#ifndef MLIR_IR_OPERATION_H
#define MLIR_IR_OPERATION_H

#include "llvm/Config/abi-breaking.h"
#include "mlir/IR/Value.h"

namespace mlir {

class Block;
class MLIRContext;

/// What a dialect says about one of its operations.
struct OperationInfo {
  StringRef name;
  unsigned numOperands;
  bool hasResult;
  bool isMemoryEffectFree;
};

struct NamedAttribute {
  SmallString<16> name;
  SmallString<16> value;
};

class Operation {
public:
  /// Makes an operation that is in no block yet. Ends the process where no dialect has registered the name.
  static Operation *create(MLIRContext *context, StringRef name, ArrayRef<Value> operands, StringRef type);

  MLIRContext *getContext() const { return Context; }
  StringRef getName() const { return Info->name; }
  const OperationInfo &getInfo() const { return *Info; }
  unsigned getNumOperands() const { return Operands.size(); }
  Value getOperand(unsigned index) const { return Operands[index]; }
  void setOperand(unsigned index, Value value) { Operands[index] = value; }
  Value getResult() { return Value(this); }
  StringRef getType() const { return Type; }

  /// The value of an attribute; empty where there is none.
  StringRef getAttr(StringRef name) const;
  void setAttr(StringRef name, StringRef value);
  const SmallVectorImpl<NamedAttribute> &getAttrs() const { return Attributes; }

  Block *getBlock() const { return Parent; }
  Operation *getNextNode() const { return Next; }
  bool use_empty();
  void replaceAllUsesWith(Value value);
  /// Takes the operation out of its block.
  void erase();

private:
  friend class Block;
  MLIRContext *Context = nullptr;
  const OperationInfo *Info = nullptr;
  Block *Parent = nullptr;
  Operation *Previous = nullptr;
  Operation *Next = nullptr;
  SmallVector<Value> Operands;
  SmallVector<NamedAttribute> Attributes;
  SmallString<16> Type;
#if LLVM_ENABLE_ABI_BREAKING_CHECKS
  /// Counts changes, for the checks of rewrites.
  unsigned OrderStamp = 0;
#endif
};

/// Operations in their order.
class Block {
public:
  Operation *front() const { return First; }
  /// Puts an operation before another one, or at the end.
  void insert(Operation *op, Operation *before);
  void remove(Operation *op);

private:
  Operation *First = nullptr;
  Operation *Last = nullptr;
};

} // namespace mlir

#endif
