// FileCheck: looks in standard input for what a file's CHECK lines say, in their order.
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace llvm;

static cl::opt<StringRef> CheckPrefix("check-prefix", "Prefix of the check lines", "CHECK");

namespace {
/// A file with the position that was reached in it.
struct Text {
  StringRef name;
  StringRef contents;

  unsigned line(size_t offset) const {
    unsigned number = 1;
    for (char character : contents.take_front(offset))
      number += character == '\n';
    return number;
  }
  size_t lineStart(size_t offset) const {
    while (offset > 0 && contents[offset - 1] != '\n')
      --offset;
    return offset;
  }
  StringRef lineAt(size_t offset) const {
    size_t start = lineStart(offset);
    size_t end = contents.find("\n", start);
    return contents.substr(start, end == StringRef::npos ? StringRef::npos : end - start);
  }
  void report(size_t offset, StringRef severity, StringRef message) const {
    unsigned column = offset - lineStart(offset);
    errs() << name << ":" << line(offset) << ":" << column + 1 << ": " << severity << ": " << message << "\n";
    errs() << lineAt(offset) << "\n";
    for (unsigned i = 0; i < column; ++i)
      errs() << " ";
    errs() << "^\n";
  }
};
} // namespace

/// Finds the next check line at or after `from`: its kind ("", "-NEXT", "-NOT", "-LABEL") and what it looks for.
static bool nextCheck(const Text &checks, size_t &from, StringRef &kind, StringRef &pattern) {
  StringRef prefix = CheckPrefix;
  for (size_t at = checks.contents.find(prefix, from); at != StringRef::npos;
       at = checks.contents.find(prefix, at + 1)) {
    StringRef rest = checks.lineAt(at).drop_front(at - checks.lineStart(at) + prefix.size());
    kind = "";
    for (StringRef suffix : {StringRef("-NEXT"), StringRef("-NOT"), StringRef("-LABEL")})
      if (rest.consume_front(suffix))
        kind = suffix;
    if (!rest.consume_front(":"))
      continue;
    pattern = rest.trim();
    from = pattern.data() - checks.contents.data();
    return true;
  }
  return false;
}

static int fail(const Text &checks, size_t check, StringRef kind, StringRef message, const Text &input, size_t position) {
  SmallString<64> text(CheckPrefix.getValue());
  text.append(kind);
  text.append(message);
  checks.report(check, "error", text);
  input.report(position, "note", "scanning from here");
  return 1;
}

static int run(const Text &checks, const Text &input) {
  size_t position = 0, at = 0;
  StringRef kind, pattern;
  bool any = false;
  while (nextCheck(checks, at, kind, pattern)) {
    any = true;
    size_t found = input.contents.find(pattern, position);
    if (kind == "-NOT") {
      if (found != StringRef::npos)
        return fail(checks, at, kind, ": excluded string found in input", input, found);
      continue;
    }
    if (found == StringRef::npos)
      return fail(checks, at, kind, ": expected string not found in input", input, position);
    if (kind == "-NEXT" && input.line(found) != input.line(position) + 1)
      return fail(checks, at, kind, ": is not on the line after the previous match", input, found);
    position = found + pattern.size();
  }
  if (any)
    return 0;
  errs() << "error: no check strings found with prefix '" << CheckPrefix << ":'\n";
  return 2;
}

int main(int argc, char **argv) {
  SmallVector<StringRef> positional;
  cl::ParseCommandLineOptions(argc, argv, positional);
  SmallString<256> checks, input;
  if (positional.size() != 1 || !readFile(positional[0], checks) || !readFile("-", input)) {
    errs() << "usage: FileCheck <file with check lines>\n";
    return 2;
  }
  if (input.empty()) {
    errs() << "FileCheck error: '<stdin>' is empty.\n";
    return 2;
  }
  return run({positional[0], checks}, {"<stdin>", input});
}
