#include "llvm/Support/raw_ostream.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace {
/// Gives every result its number, in the order of the operations.
class AsmPrinter {
public:
  explicit AsmPrinter(raw_ostream &os) : OS(os) {}

  void print(Operation *op) {
    if (op->getInfo().hasResult) {
      Numbered.push_back(op);
      OS << "%" << unsigned(Numbered.size() - 1) << " = ";
    }
    OS << op->getName();
    if (!op->getAttr("sym_name").empty())
      OS << " @" << op->getAttr("sym_name");
    for (unsigned i = 0; i < op->getNumOperands(); ++i) {
      OS << (i ? ", " : " ") << "%";
      OS << number(op->getOperand(i));
    }
    printAttributes(op);
    if (!op->getType().empty())
      OS << " : " << op->getType();
    OS << "\n";
  }

private:
  unsigned number(Value value) const {
    unsigned index = 0;
    while (index < Numbered.size() && Numbered[index] != value.getDefiningOp())
      ++index;
    return index;
  }

  void printAttributes(Operation *op) {
    bool first = true;
    for (const NamedAttribute &attribute : op->getAttrs()) {
      if (attribute.name.str() == "sym_name")
        continue;
      OS << (first ? " {" : ", ") << attribute.name.str() << " = " << attribute.value.str();
      first = false;
    }
    if (!first)
      OS << "}";
  }

  raw_ostream &OS;
  SmallVector<Operation *> Numbered;
};
} // namespace

void ModuleOp::print(raw_ostream &os) {
  AsmPrinter printer(os);
  walk([&](Operation *op) { printer.print(op); });
}
