#include "mlir/Tools/mlir-tblgen/MlirTblgenMain.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TableGen/Parser.h"

using namespace llvm;
using namespace mlir;

static GenRegistration *&generators() {
  static GenRegistration *first = nullptr;
  return first;
}

GenRegistration::GenRegistration(StringRef name, StringRef description, Function generate)
    : opt<bool>(name, description), Generate(generate), Next(generators()) {
  generators() = this;
}

static cl::list IncludeDirs("I", "Directory of include files");
static cl::opt<StringRef> OutputFilename("o", "Output filename");
static cl::opt<StringRef> DependFilename("d", "Dependency filename");
static cl::opt<bool> WriteIfChanged("write-if-changed", "Only write output if it changed");

static bool writeDependencies(const RecordKeeper &records) {
  SmallString<256> text;
  raw_svector_ostream os(text);
  os << OutputFilename.getValue() << ":";
  for (const SmallString<128> &path : records.Dependencies)
    os << " " << path.str();
  os << "\n";
  return writeFileIfChanged(DependFilename, text);
}

static bool generate(const RecordKeeper &records, raw_ostream &os) {
  for (GenRegistration *generator = generators(); generator; generator = generator->Next)
    if (*generator)
      return generator->Generate(records, os);
  return false;
}

int mlir::MlirTblgenMain(int argc, char **argv) {
  SmallVector<StringRef> inputs;
  cl::ParseCommandLineOptions(argc, argv, inputs);
  RecordKeeper records;
  if (inputs.size() != 1 || !TableGenParseFile(inputs[0], IncludeDirs.values(), records)) {
    errs() << "error: Could not open input file '" << (inputs.empty() ? StringRef("-") : inputs[0]) << "'\n";
    return 1;
  }
  if (!DependFilename.getValue().empty() && !writeDependencies(records)) {
    errs() << "error: Could not open dependency file '" << DependFilename.getValue() << "'\n";
    return 1;
  }
  SmallString<256> text;
  raw_svector_ostream os(text);
  if (generate(records, os))
    return 1;
  if (OutputFilename.getValue().empty()) {
    outs() << text.str();
    return 0;
  }
  if (writeFileIfChanged(OutputFilename, text))
    return 0;
  errs() << "error: Could not open output file '" << OutputFilename.getValue() << "'\n";
  return 1;
}
