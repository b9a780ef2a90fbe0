#include "llvm/TableGen/Record.h"

using namespace llvm;

// Out of line, as everything that has an Init would repeat them.
Init::Init() = default;
Init::Init(const Init &other) = default;
Init &Init::operator=(const Init &other) = default;
Init::~Init() = default;

bool Record::isSubClassOf(StringRef name) const {
  for (const SmallString<32> &super : SuperClasses)
    if (super.str() == name)
      return true;
  return false;
}

const Init &Record::getValueInit(StringRef field) const {
  static const Init unset;
  for (const Field &candidate : Fields)
    if (candidate.name.str() == field)
      return candidate.value;
  return unset;
}

void Record::setValue(StringRef field, const Init &value) {
  for (Field &candidate : Fields)
    if (candidate.name.str() == field) {
      candidate.value = value;
      return;
    }
  Field added;
  added.name = field;
  added.value = value;
  Fields.push_back(added);
}

Record *RecordKeeper::addDef(StringRef name) {
  Defs.push_back(new Record(name));
  return Defs.back();
}

Record *RecordKeeper::getDef(StringRef name) const {
  for (Record *record : Defs)
    if (record->getName() == name)
      return record;
  return nullptr;
}

SmallVector<Record *> RecordKeeper::getAllDerivedDefinitions(StringRef className) const {
  SmallVector<Record *> derived;
  for (Record *record : Defs)
    if (record->isSubClassOf(className))
      derived.push_back(record);
  return derived;
}
