#include "llvm/ADT/StringRef.h"

using namespace llvm;

size_t StringRef::find(StringRef text, size_t from) const {
  for (size_t start = from; start + text.size() <= Length; ++start)
    if (substr(start, text.size()) == text)
      return start;
  return npos;
}

static bool isSpace(char character) { return character == ' ' || character == '\t' || character == '\n'; }

StringRef StringRef::trim() const {
  StringRef text = *this;
  while (!text.empty() && isSpace(text.front()))
    text = text.drop_front();
  while (!text.empty() && isSpace(text[text.size() - 1]))
    text = text.drop_back();
  return text;
}
