#ifndef LLVM_SUPPORT_COMMANDLINE_H
#define LLVM_SUPPORT_COMMANDLINE_H

#include "llvm/ADT/SmallString.h"

namespace llvm {
namespace cl {

/// An option of the command line, registered for as long as it lives.
class LLVM_ABI Option {
public:
  Option(StringRef name, StringRef description, bool takesValue);
  virtual ~Option();
  virtual void handle(StringRef value) = 0;

  StringRef ArgStr;
  StringRef HelpStr;
  bool TakesValue;
  Option *Next = nullptr;
};

template <typename T> class opt;

template <> class opt<bool> : public Option {
public:
  opt(StringRef name, StringRef description) : Option(name, description, false) {}
  void handle(StringRef value) override { Value = value != "false"; }
  operator bool() const { return Value; }

private:
  bool Value = false;
};

template <> class opt<StringRef> : public Option {
public:
  opt(StringRef name, StringRef description, StringRef initial = "") : Option(name, description, true), Value(initial) {}
  void handle(StringRef value) override { Value = value; }
  operator StringRef() const { return Value; }
  StringRef getValue() const { return Value; }

private:
  StringRef Value;
};

class list : public Option {
public:
  list(StringRef name, StringRef description) : Option(name, description, true) {}
  void handle(StringRef value) override { Values.push_back(value); }
  const SmallVectorImpl<StringRef> &values() const { return Values; }

private:
  SmallVector<StringRef, 8> Values;
};

/// Gives every argument to its option; the others, unless they look like options, become positional. Ends the process
/// where an option is unknown.
LLVM_ABI void ParseCommandLineOptions(int argc, char **argv, SmallVectorImpl<StringRef> &positional);

} // namespace cl
} // namespace llvm

#endif
