#include "llvm/Support/CommandLine.h"
#include "llvm/Config/abi-breaking.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace llvm;

static cl::Option *&registered() {
  static cl::Option *first = nullptr;
  return first;
}

static cl::Option *lookup(StringRef name) {
  for (cl::Option *option = registered(); option; option = option->Next)
    if (option->ArgStr == name)
      return option;
  return nullptr;
}

cl::Option::Option(StringRef name, StringRef description, bool takesValue)
    : ArgStr(name), HelpStr(description), TakesValue(takesValue) {
  if (lookup(name)) {
    errs() << ": CommandLine Error: Option '" << name << "' registered more than once!\n";
    report_fatal_error("inconsistency in registered CommandLine options");
  }
  Next = registered();
  registered() = this;
}

cl::Option::~Option() = default;

/// An option of every tool. Where two copies of this library meet in one process, it is registered twice.
static cl::opt<bool> PrintDebugCounter("print-debug-counter", "Print the debug counters at the end");

static void printHelp(StringRef program) {
  outs() << "USAGE: " << program << " [options] <input>\n\nOPTIONS:\n";
  for (cl::Option *option = registered(); option; option = option->Next)
    outs() << "  --" << option->ArgStr << " - " << option->HelpStr << "\n";
}

static cl::Option *findOption(StringRef program, StringRef argument, StringRef &value, bool &hasValue) {
  StringRef name = argument.drop_front(argument.starts_with("--") ? 2 : 1);
  size_t equals = name.find("=");
  hasValue = equals != StringRef::npos;
  if (hasValue)
    value = name.drop_front(equals + 1);
  StringRef bare = hasValue ? name.take_front(equals) : name;
  if (cl::Option *option = lookup(bare))
    return option;
  if (cl::Option *option = lookup(name.take_front(1)); option && option->TakesValue && name.size() > 1) { // -Idirectory
    value = name.drop_front(1);
    hasValue = true;
    return option;
  }
  errs() << program << ": Unknown command line argument '" << argument << "'.  Try: '" << program << " --help'\n";
  std::exit(1);
}

void cl::ParseCommandLineOptions(int argc, char **argv, SmallVectorImpl<StringRef> &positional) {
  StringRef program = argv[0];
  for (int i = 1; i < argc; ++i) {
    StringRef argument = argv[i];
    if (argument == "--help") {
      printHelp(program);
      std::exit(0);
    }
    if (!argument.starts_with("-") || argument == "-") {
      positional.push_back(argument);
      continue;
    }
    StringRef value;
    bool hasValue = false;
    cl::Option *option = findOption(program, argument, value, hasValue);
    if (option->TakesValue && !hasValue && i + 1 < argc)
      value = argv[++i];
    option->handle(value);
  }
}
