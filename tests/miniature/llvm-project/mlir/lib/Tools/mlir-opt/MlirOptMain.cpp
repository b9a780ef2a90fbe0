#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Version.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

static llvm::cl::opt<bool> ShowDialects("show-dialects", "Print the list of registered dialects and exit");
static llvm::cl::opt<bool> ShowVersion("version", "Print the version and exit");

namespace {
/// Appends its pass to the pipeline when it is met on the command line.
class PassOption : public llvm::cl::Option {
public:
  PassOption(Pass *pass, PassManager &manager)
      : Option(pass->getArgument(), pass->getDescription(), false), Member(pass), Manager(manager) {}
  void handle(StringRef) override { Manager.addPass(Member); }

private:
  Pass *Member;
  PassManager &Manager;
};
} // namespace

int mlir::MlirOptMain(int argc, char **argv, StringRef toolName, const DialectRegistry &registry) {
  PassManager manager;
  for (Pass *pass : getRegisteredPasses())
    new PassOption(pass, manager);
  SmallVector<StringRef> inputs;
  llvm::cl::ParseCommandLineOptions(argc, argv, inputs);
  if (ShowVersion) {
    llvm::outs() << toolName << "\n";
    llvm::printVersion();
    return 0;
  }
  MLIRContext context;
  registry.loadAll(context);
  if (ShowDialects) {
    for (Dialect *dialect : context.getLoadedDialects())
      llvm::outs() << dialect->getNamespace() << "\n";
    return 0;
  }
  ModuleOp module = parseSourceFile(inputs.empty() ? StringRef("-") : inputs[0], &context);
  if (!module || failed(manager.run(module)))
    return 1;
  module.print(llvm::outs());
  return 0;
}
