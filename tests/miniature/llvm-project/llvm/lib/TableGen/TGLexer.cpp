#include "TGLexer.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace llvm;

void llvm::PrintFatalError(const Token &where, StringRef message, StringRef detail, StringRef after) {
  StringRef contents = where.file->contents;
  size_t offset = where.text.data() - contents.data(), start = offset;
  while (start > 0 && contents[start - 1] != '\n')
    --start;
  unsigned line = 1;
  for (char character : contents.take_front(start))
    line += character == '\n';
  errs() << where.file->path << ":" << line << ":" << unsigned(offset - start + 1) << ": error: " << message << detail
         << after << "\n";
  size_t end = contents.find("\n", start);
  errs() << contents.substr(start, end == StringRef::npos ? StringRef::npos : end - start) << "\n";
  for (size_t i = start; i < offset; ++i)
    errs() << " ";
  errs() << "^\n";
  std::exit(1);
}

static bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// What is left of `text` after blanks and comments.
static StringRef skipBlanks(StringRef text) {
  while (!text.empty()) {
    if (text.starts_with("//")) {
      size_t end = text.find("\n");
      text = end == StringRef::npos ? StringRef() : text.drop_front(end);
    } else if (text.front() == ' ' || text.front() == '\t' || text.front() == '\n') {
      text = text.drop_front();
    } else {
      break;
    }
  }
  return text;
}

static StringRef takeWhileName(StringRef text) {
  size_t length = 0;
  while (length < text.size() && isNameCharacter(text[length]))
    ++length;
  return text.take_front(length);
}

/// The first token of `text`, which is not blank; moves `text` behind it.
static Token lexToken(StringRef &text, const TGFile *file) {
  Token token;
  token.file = file;
  size_t length = 1;
  if (text.front() == '"') {
    size_t end = text.find("\"", 1);
    token.kind = Token::String;
    token.text = text.substr(1, end - 1);
    length = end + 1;
  } else if (text.starts_with("[{")) {
    size_t end = text.find("}]");
    token.kind = Token::String;
    token.text = text.substr(2, end - 2);
    length = end + 2;
  } else if (isNameCharacter(text.front())) {
    token.text = takeWhileName(text);
    token.kind = text.front() >= '0' && text.front() <= '9' ? Token::Number : Token::Name;
    length = token.text.size();
  } else if (text.front() == '$') {
    token.kind = Token::Variable;
    token.text = takeWhileName(text.drop_front());
    length = token.text.size() + 1;
  } else {
    token.kind = Token::Punctuation;
    token.text = text.take_front();
  }
  text = text.drop_front(length);
  return token;
}

static void lexInclude(const Token &name, ArrayRef<StringRef> includes, SmallVectorImpl<Token> &tokens,
                       SmallVectorImpl<SmallString<128>> &dependencies) {
  for (StringRef directory : includes) {
    SmallString<128> path(directory);
    path.append("/");
    path.append(name.text);
    for (const SmallString<128> &known : dependencies)
      if (known.str() == path.str())
        return;
    if (lexFile(path, includes, tokens, dependencies))
      return;
  }
  PrintFatalError(name, "Could not find include file '", name.text, "'");
}

bool llvm::lexFile(StringRef path, ArrayRef<StringRef> includes, SmallVectorImpl<Token> &tokens,
                   SmallVectorImpl<SmallString<128>> &dependencies) {
  TGFile *file = new TGFile;
  file->path = path;
  if (!readFile(path, file->contents))
    return false;
  dependencies.push_back(path);
  StringRef text = skipBlanks(file->contents);
  while (!text.empty()) {
    Token token = lexToken(text, file);
    text = skipBlanks(text);
    if (!token.is("include")) {
      tokens.push_back(token);
      continue;
    }
    Token name = lexToken(text, file);
    text = skipBlanks(text);
    lexInclude(name, includes, tokens, dependencies);
  }
  return true;
}
