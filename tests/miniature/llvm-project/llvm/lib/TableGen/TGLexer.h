#ifndef LLVM_LIB_TABLEGEN_TGLEXER_H
#define LLVM_LIB_TABLEGEN_TGLEXER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallString.h"

namespace llvm {

/// A source file, kept for the whole run as tokens point into it.
struct TGFile {
  SmallString<128> path;
  SmallString<256> contents;
};

struct Token {
  enum Kind { End, Name, Number, String, Variable, Punctuation };
  Kind kind = End;
  StringRef text;
  const TGFile *file = nullptr;

  bool is(StringRef expected) const { return (kind == Name || kind == Punctuation) && text == expected; }
};

/// Reports an error in tablegen's words and ends the process.
[[noreturn]] void PrintFatalError(const Token &where, StringRef message, StringRef detail = "", StringRef after = "");

/// Reads a file, and those that it includes, into tokens. Returns false where the file cannot be read.
bool lexFile(StringRef path, ArrayRef<StringRef> includes, SmallVectorImpl<Token> &tokens,
             SmallVectorImpl<SmallString<128>> &dependencies);

} // namespace llvm

#endif
