#include "CppNames.h"
#include "mlir/Tools/mlir-tblgen/MlirTblgenMain.h"

using namespace llvm;

static bool emitStructDecls(const RecordKeeper &records, raw_ostream &os) {
  for (const Record *structure : records.getAllDerivedDefinitions("StructAttr")) {
    StringRef space = records.getDef(structure->getValueAsString("dialect"))->getValueAsString("cppNamespace");
    openNamespaces(space, os);
    os << "struct " << structure->getValueAsString("className") << " {\n";
    for (const Init &field : structure->getValueInit("fields").elements) {
      const Record *record = records.getDef(field.text);
      os << "  " << record->getValueAsString("type") << " " << record->getValueAsString("name") << ";\n";
    }
    os << "};\n";
    closeNamespaces(space, os);
  }
  return false;
}

static mlir::GenRegistration genStructDecls("gen-struct-attr-decls", "Generate struct utility declarations", emitStructDecls);
