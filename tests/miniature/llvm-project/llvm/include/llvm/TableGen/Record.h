#ifndef LLVM_TABLEGEN_RECORD_H
#define LLVM_TABLEGEN_RECORD_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallString.h"

namespace llvm {

/// The value of a field: a string, an integer (as text), a reference to a record, a list, or a dag.
struct LLVM_ABI Init {
  enum Kind { Unset, String, Int, Def, List, Dag };
  Init();
  Init(const Init &other);
  Init &operator=(const Init &other);
  ~Init();

  Kind kind = Unset;
  SmallString<32> text;
  SmallVector<Init> elements;
  /// The names of a dag's arguments, as many as elements.
  SmallVector<SmallString<16>> names;
};

struct Field {
  SmallString<16> name;
  Init value;
};

/// A definition, with all that it inherits.
class LLVM_ABI Record {
public:
  explicit Record(StringRef name) : Name(name) {}
  StringRef getName() const { return Name; }
  bool isSubClassOf(StringRef name) const;
  /// The value of a field; an unset one where there is none.
  const Init &getValueInit(StringRef field) const;
  StringRef getValueAsString(StringRef field) const { return getValueInit(field).text; }
  void setValue(StringRef field, const Init &value);
  void addSuperClass(StringRef name) { SuperClasses.push_back(name); }

private:
  SmallString<32> Name;
  SmallVector<Field> Fields;
  SmallVector<SmallString<32>> SuperClasses;
};

class LLVM_ABI RecordKeeper {
public:
  Record *addDef(StringRef name);
  Record *getDef(StringRef name) const;
  SmallVector<Record *> getAllDerivedDefinitions(StringRef className) const;

  /// Every file that was read.
  SmallVector<SmallString<128>> Dependencies;

private:
  SmallVector<Record *> Defs;
};

} // namespace llvm

#endif
