#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/Support/FileUtilities.h"

using namespace mlir;

namespace {
struct NamedValue {
  StringRef name;
  Operation *op;
};

class Parser {
public:
  Parser(StringRef path, MLIRContext *context) : Path(path), Context(context) {}

  ModuleOp parse(StringRef contents) {
    Block *body = new Block;
    while (!contents.empty() && !Failed) {
      size_t end = contents.find("\n");
      StringRef line = contents.take_front(end).trim();
      contents = end == StringRef::npos ? StringRef() : contents.drop_front(end + 1);
      ++Line;
      if (!line.empty() && !line.starts_with("//"))
        if (Operation *op = parseOperation(line))
          body->insert(op, nullptr);
    }
    return ModuleOp(Failed ? nullptr : body);
  }

private:
  Operation *error(StringRef message, StringRef detail = "", StringRef after = "") {
    llvm::errs() << Path << ":" << Line << ":1: error: " << message << detail << after << "\n";
    Failed = true;
    return nullptr;
  }

  /// The characters up to one of `stops`, without blanks around them.
  static StringRef takeUntil(StringRef &text, StringRef stops) {
    size_t length = 0;
    while (length < text.size() && stops.find(text.substr(length, 1)) == StringRef::npos)
      ++length;
    StringRef taken = text.take_front(length).trim();
    text = text.drop_front(length).trim();
    return taken;
  }

  bool parseOperands(StringRef &rest, SmallVectorImpl<Value> &operands) {
    while (rest.starts_with("%")) {
      StringRef name = takeUntil(rest, ", {:");
      Operation *definition = nullptr;
      for (const NamedValue &value : Values)
        if (value.name == name)
          definition = value.op;
      if (!definition)
        return error("use of undeclared SSA value name '", name, "'");
      operands.push_back(definition);
      if (rest.consume_front(","))
        rest = rest.trim();
    }
    return true;
  }

  static void parseAttributes(StringRef &rest, Operation *op) {
    bool properties = rest.consume_front("<");
    if (!rest.consume_front("{"))
      return;
    while (!rest.empty() && !rest.starts_with("}")) {
      StringRef name = takeUntil(rest, "=");
      rest = rest.drop_front().trim();
      op->setAttr(name, takeUntil(rest, ",}"));
      rest.consume_front(",");
    }
    rest = rest.drop_front(properties ? 2 : 1).trim();
  }

  Operation *parseOperation(StringRef line) {
    StringRef result;
    if (line.starts_with("%")) {
      result = takeUntil(line, "=");
      line = line.drop_front().trim();
    }
    StringRef name = takeUntil(line, " ");
    const OperationInfo *info = Context->lookupOperation(name);
    if (!info)
      return error("unregistered operation '", name, "'");
    StringRef symbol;
    if (line.consume_front("@"))
      symbol = takeUntil(line, " ");
    SmallVector<Value> operands;
    if (!parseOperands(line, operands))
      return nullptr;
    if (operands.size() != info->numOperands)
      return error("'", name, "' op has another number of operands");
    StringRef attributes = line;
    takeUntil(line, ":"); // the type follows the first colon
    StringRef type = line.drop_front().trim();
    Operation *op = Operation::create(Context, name, operands, type);
    if (!symbol.empty())
      op->setAttr("sym_name", symbol);
    parseAttributes(attributes, op);
    if (!result.empty())
      Values.push_back({result, op});
    return op;
  }

  StringRef Path;
  MLIRContext *Context;
  SmallVector<NamedValue> Values;
  unsigned Line = 0;
  bool Failed = false;
};
} // namespace

ModuleOp mlir::parseSourceFile(StringRef path, MLIRContext *context) {
  SmallString<256> contents;
  if (failed(openInputFile(path, contents)))
    return ModuleOp();
  return Parser(path, context).parse(contents);
}
