#include "mlir/IR/Operation.h"
#include "llvm/Support/ErrorHandling.h"
#include "mlir/IR/MLIRContext.h"

using namespace mlir;

StringRef Value::getType() const { return DefiningOp ? DefiningOp->getType() : StringRef(); }

Operation *Operation::create(MLIRContext *context, StringRef name, ArrayRef<Value> operands, StringRef type) {
  Operation *op = new Operation;
  op->Context = context;
  op->Info = context->lookupOperation(name);
  if (!op->Info) {
    SmallString<64> message("Building op `");
    message.append(name);
    message.append("` but it isn't known in this MLIRContext: the dialect may not be loaded");
    llvm::report_fatal_error(message);
  }
  op->Operands.append(operands.begin(), operands.end());
  op->Type = type;
  return op;
}

StringRef Operation::getAttr(StringRef name) const {
  for (const NamedAttribute &attribute : Attributes)
    if (attribute.name.str() == name)
      return attribute.value;
  return StringRef();
}

void Operation::setAttr(StringRef name, StringRef value) {
  for (NamedAttribute &attribute : Attributes)
    if (attribute.name.str() == name) {
      attribute.value = value;
      return;
    }
  Attributes.push_back({name, value});
}

bool Operation::use_empty() {
  for (Operation *op = Next; op; op = op->Next)
    for (Value operand : op->Operands)
      if (operand.getDefiningOp() == this)
        return false;
  return true;
}

void Operation::replaceAllUsesWith(Value value) {
  for (Operation *op = Parent->front(); op; op = op->Next)
    for (Value &operand : op->Operands)
      if (operand.getDefiningOp() == this)
        operand = value;
}

void Operation::erase() { Parent->remove(this); }

void Block::insert(Operation *op, Operation *before) {
  op->Parent = this;
  op->Next = before;
  op->Previous = before ? before->Previous : Last;
  (op->Previous ? op->Previous->Next : First) = op;
  (before ? before->Previous : Last) = op;
}

void Block::remove(Operation *op) {
  (op->Previous ? op->Previous->Next : First) = op->Next;
  (op->Next ? op->Next->Previous : Last) = op->Previous;
}
