#include "TGLexer.h"
#include "llvm/TableGen/Parser.h"

using namespace llvm;

namespace {

/// A class: where its template arguments and its body are. It is interpreted anew for every record that derives from it.
struct Class {
  StringRef name;
  size_t position;
};

struct Binding {
  StringRef name;
  Init value;
};

using Environment = SmallVector<Binding>;

class TGParser {
public:
  TGParser(SmallVectorImpl<Token> &tokens, RecordKeeper &records) : Tokens(tokens), Records(records) {}

  void parse() {
    while (peek().kind != Token::End) {
      if (accept("class"))
        parseClass();
      else if (accept("def"))
        parseDef();
      else
        PrintFatalError(peek(), "Unexpected token at top level");
    }
  }

private:
  const Token &peek() const { return Tokens[At]; }
  Token take() { return Tokens[At++]; }
  bool accept(StringRef text) {
    if (!peek().is(text))
      return false;
    ++At;
    return true;
  }
  void expect(StringRef text) {
    if (!accept(text))
      PrintFatalError(peek(), "Expected '", text, "'");
  }

  void parseClass() {
    Token name = take();
    Classes.push_back({name.text, At});
    skipRecord();
  }

  /// Skips over a class's arguments, bases and body.
  void skipRecord() {
    unsigned depth = 0;
    while (peek().kind != Token::End) {
      Token token = take();
      depth += token.is("{");
      if (token.is("}") && --depth == 0)
        return;
      if (token.is(";") && depth == 0)
        return;
    }
  }

  void parseDef() {
    Token name = take();
    if (Records.getDef(name.text))
      PrintFatalError(name, "def '", name.text, "' is already defined");
    Record *record = Records.addDef(name.text);
    Environment environment;
    parseRecord(record, environment);
  }

  /// Bases and body of a record or class, with its template arguments bound.
  void parseRecord(Record *record, Environment &environment) {
    if (accept(":"))
      do
        deriveFrom(record, environment);
      while (accept(","));
    if (accept(";"))
      return;
    expect("{");
    while (!accept("}"))
      parseField(record, environment);
  }

  void deriveFrom(Record *record, Environment &environment) {
    Token name = take();
    const Class *base = nullptr;
    for (const Class &candidate : Classes)
      if (candidate.name == name.text)
        base = &candidate;
    if (!base)
      PrintFatalError(name, "Couldn't find class '", name.text, "'");
    SmallVector<Init> arguments;
    if (accept("<"))
      while (!accept(">")) {
        arguments.push_back(parseValue(environment));
        accept(",");
      }
    size_t back = At;
    At = base->position;
    Environment inner;
    bindArguments(inner, arguments);
    parseRecord(record, inner);
    record->addSuperClass(name.text);
    At = back;
  }

  void bindArguments(Environment &inner, const SmallVectorImpl<Init> &arguments) {
    size_t index = 0;
    if (!accept("<"))
      return;
    while (!accept(">")) {
      parseType();
      Token name = take();
      Init value;
      if (accept("="))
        value = parseValue(inner);
      if (index < arguments.size())
        value = arguments[index];
      inner.push_back({name.text, value});
      ++index;
      accept(",");
    }
  }

  void parseType() {
    take();
    if (accept("<")) {
      parseType();
      expect(">");
    }
  }

  void parseField(Record *record, Environment &environment) {
    bool known = accept("let");
    if (!known)
      parseType();
    Token name = take();
    if (known && record->getValueInit(name.text).kind == Init::Unset)
      PrintFatalError(name, "Value '", name.text, "' unknown!");
    Init value;
    value.kind = Init::String;
    if (accept("="))
      value = parseValue(environment);
    record->setValue(name.text, value);
    expect(";");
  }

  Init parseValue(Environment &environment) {
    Token token = take();
    Init value;
    value.text = token.text;
    if (token.is("["))
      return parseList(environment);
    if (token.is("("))
      return parseDag(environment);
    if (token.kind == Token::String || token.kind == Token::Number) {
      value.kind = token.kind == Token::String ? Init::String : Init::Int;
      return value;
    }
    for (const Binding &binding : environment)
      if (binding.name == token.text)
        return binding.value;
    if (token.kind != Token::Name || !Records.getDef(token.text))
      PrintFatalError(token, "Variable not defined: '", token.text, "'");
    value.kind = Init::Def;
    return value;
  }

  Init parseList(Environment &environment) {
    Init value;
    value.kind = Init::List;
    while (!accept("]")) {
      value.elements.push_back(parseValue(environment));
      accept(",");
    }
    return value;
  }

  Init parseDag(Environment &environment) {
    Init value = parseValue(environment);
    value.kind = Init::Dag;
    while (!accept(")")) {
      value.elements.push_back(parseValue(environment));
      expect(":");
      value.names.push_back(take().text);
      accept(",");
    }
    return value;
  }

  SmallVectorImpl<Token> &Tokens;
  RecordKeeper &Records;
  SmallVector<Class> Classes;
  size_t At = 0;
};

} // namespace

bool llvm::TableGenParseFile(StringRef path, ArrayRef<StringRef> includes, RecordKeeper &records) {
  SmallVector<Token> tokens;
  if (!lexFile(path, includes, tokens, records.Dependencies))
    return false;
  Token end;
  end.file = tokens.empty() ? nullptr : tokens.back().file;
  end.text = tokens.empty() ? StringRef() : tokens.back().text;
  tokens.push_back(end);
  TGParser(tokens, records).parse();
  return true;
}
