// What every dialect's definitions start from.

class Trait<string name> {
  string trait = name;
}
def Commutative : Trait<"IsCommutative">;
def Terminator : Trait<"IsTerminator">;

class Dialect {
  string name = "";
  string cppNamespace = "";
  string summary = "";
}

class Type<string text> {
  string description = text;
}
def AnyType : Type<"any type">;
def AnyInteger : Type<"integer">;
def AnyTensor : Type<"tensor of any type">;

// The operators of dags.
def ins;
def outs;

class Op<Dialect dialect, string mnemonic, list<Trait> props = []> {
  Dialect opDialect = dialect;
  string opName = mnemonic;
  list<Trait> traits = props;
  dag arguments = (ins);
  dag results = (outs);
  string summary = "";
  string description = "";
}

class StructFieldAttr<string fieldName, string fieldType> {
  string name = fieldName;
  string type = fieldType;
}
class StructAttr<string structName, Dialect d, list<StructFieldAttr> f> {
  string className = structName;
  Dialect dialect = d;
  list<StructFieldAttr> fields = f;
}
