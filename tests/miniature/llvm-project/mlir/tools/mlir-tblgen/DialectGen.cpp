#include "CppNames.h"
#include "mlir/Tools/mlir-tblgen/MlirTblgenMain.h"

using namespace llvm;

static cl::opt<StringRef> SelectedDialect("dialect", "The dialect to generate for");

/// The dialect asked for; null, after an error message, where there is none.
static const Record *findDialect(const RecordKeeper &records) {
  for (const Record *dialect : records.getAllDerivedDefinitions("Dialect"))
    if (SelectedDialect.getValue().empty() || dialect->getValueAsString("name") == SelectedDialect.getValue())
      return dialect;
  errs() << "error: selected dialect with '-dialect' does not exist\n";
  return nullptr;
}

/// "Arith_Dialect" as "ArithDialect".
static void printClassName(const Record &dialect, raw_ostream &os) {
  for (char character : dialect.getName())
    if (character != '_')
      os << character;
}

static bool emitDecls(const RecordKeeper &records, raw_ostream &os) {
  const Record *dialect = findDialect(records);
  if (!dialect)
    return true;
  openNamespaces(dialect->getValueAsString("cppNamespace"), os);
  os << "class ";
  printClassName(*dialect, os);
  os << " : public ::mlir::Dialect {\npublic:\n  explicit ";
  printClassName(*dialect, os);
  os << "(::mlir::MLIRContext *context);\n"
     << "  static ::llvm::StringRef getDialectNamespace() { return \"" << dialect->getValueAsString("name") << "\"; }\n"
     << "\nprivate:\n  void initialize();\n};\n";
  closeNamespaces(dialect->getValueAsString("cppNamespace"), os);
  return false;
}

static bool emitDefs(const RecordKeeper &records, raw_ostream &os) {
  const Record *dialect = findDialect(records);
  if (!dialect)
    return true;
  openNamespaces(dialect->getValueAsString("cppNamespace"), os);
  printClassName(*dialect, os);
  os << "::";
  printClassName(*dialect, os);
  os << "(::mlir::MLIRContext *context) : ::mlir::Dialect(getDialectNamespace(), context) { initialize(); }\n";
  closeNamespaces(dialect->getValueAsString("cppNamespace"), os);
  return false;
}

static mlir::GenRegistration genDialectDecls("gen-dialect-decls", "Generate dialect declarations", emitDecls);
static mlir::GenRegistration genDialectDefs("gen-dialect-defs", "Generate dialect definitions", emitDefs);
