#include "CppNames.h"
#include "mlir/Tools/mlir-tblgen/MlirTblgenMain.h"

using namespace llvm;

namespace {
/// What a definition says about an operation.
class Operator {
public:
  Operator(const RecordKeeper &records, const Record &def) : Records(records), Def(def) {
    Dialect = records.getDef(def.getValueAsString("opDialect"));
  }
  StringRef space() const { return Dialect->getValueAsString("cppNamespace"); }
  const Init &arguments() const { return Def.getValueInit("arguments"); }
  bool hasResult() const { return !Def.getValueInit("results").elements.empty(); }
  /// "Arith_AddIOp" as "AddIOp".
  StringRef className() const {
    size_t underscore = Def.getName().find("_");
    return underscore == StringRef::npos ? Def.getName() : Def.getName().drop_front(underscore + 1);
  }
  bool hasTrait(StringRef name) const {
    for (const Init &trait : Def.getValueInit("traits").elements)
      if (Records.getDef(trait.text)->getValueAsString("trait") == name)
        return true;
    return false;
  }
  void printName(raw_ostream &os) const {
    os << Dialect->getValueAsString("name") << "." << Def.getValueAsString("opName");
  }
  /// The parameters of create().
  void printParameters(raw_ostream &os) const {
    os << "::mlir::OpBuilder &builder";
    for (const SmallString<16> &name : arguments().names)
      os << ", ::mlir::Value " << name.str();
    os << ", ::llvm::StringRef type";
  }

private:
  const RecordKeeper &Records;
  const Record &Def;
  const Record *Dialect;
};
} // namespace

static void emitAccessors(const Operator &op, raw_ostream &os) {
  unsigned index = 0;
  for (const SmallString<16> &name : op.arguments().names) {
    os << "  ::mlir::Value " << getterName(name).str() << "() { return getOperation()->getOperand(" << index << "); }\n";
    os << "  ::mlir::Value " << name.str() << "() { return " << getterName(name).str() << "(); }\n";
    ++index;
  }
}

static void emitDecl(const Operator &op, raw_ostream &os) {
  openNamespaces(op.space(), os);
  os << "class " << op.className() << " : public ::mlir::Op<" << op.className() << "> {\npublic:\n";
  os << "  using Op::Op;\n";
  os << "  static ::llvm::StringRef getOperationName() { return \"";
  op.printName(os);
  os << "\"; }\n";
  os << "  static ::mlir::OperationInfo getOperationInfo();\n";
  emitAccessors(op, os);
  os << "  static " << op.className() << " create(";
  op.printParameters(os);
  os << ");\n};\n";
  closeNamespaces(op.space(), os);
}

static void emitDef(const Operator &op, raw_ostream &os) {
  openNamespaces(op.space(), os);
  os << "::mlir::OperationInfo " << op.className() << "::getOperationInfo() { return {getOperationName(), "
     << unsigned(op.arguments().elements.size()) << ", " << (op.hasResult() ? "true" : "false") << ", "
     << (op.hasTrait("MemoryEffectFree") ? "true" : "false") << "}; }\n";
  os << op.className() << " " << op.className() << "::create(";
  op.printParameters(os);
  os << ") {\n  ::llvm::SmallVector<::mlir::Value> operands;\n";
  for (const SmallString<16> &name : op.arguments().names)
    os << "  operands.push_back(" << name.str() << ");\n";
  os << "  return " << op.className() << "(builder.insert(::mlir::Operation::create(builder.getContext(), "
     << "getOperationName(), operands, type)));\n}\n";
  closeNamespaces(op.space(), os);
}

static bool emitOpDecls(const RecordKeeper &records, raw_ostream &os) {
  os << "#ifdef GET_OP_CLASSES\n#undef GET_OP_CLASSES\n";
  for (const Record *def : records.getAllDerivedDefinitions("Op"))
    emitDecl(Operator(records, *def), os);
  os << "#endif // GET_OP_CLASSES\n";
  return false;
}

static bool emitOpDefs(const RecordKeeper &records, raw_ostream &os) {
  os << "#ifdef GET_OP_LIST\n#undef GET_OP_LIST\n";
  bool first = true;
  for (const Record *def : records.getAllDerivedDefinitions("Op")) {
    Operator op(records, *def);
    os << (first ? "" : ",\n") << op.space() << "::" << op.className();
    first = false;
  }
  os << "\n#endif // GET_OP_LIST\n#ifdef GET_OP_CLASSES\n#undef GET_OP_CLASSES\n";
  for (const Record *def : records.getAllDerivedDefinitions("Op"))
    emitDef(Operator(records, *def), os);
  os << "#endif // GET_OP_CLASSES\n";
  return false;
}

static mlir::GenRegistration genOpDecls("gen-op-decls", "Generate op declarations", emitOpDecls);
static mlir::GenRegistration genOpDefs("gen-op-defs", "Generate op definitions", emitOpDefs);
