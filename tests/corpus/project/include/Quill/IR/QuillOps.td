#ifndef QUILL_OPS
#define QUILL_OPS

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Quill_Dialect : Dialect {
  let name = "quill";
  let cppNamespace = "::quill";
}

class Quill_Op<string mnemonic, list<Trait> traits = []>
    : Op<Quill_Dialect, mnemonic, traits>;

def AddOp : Quill_Op<"add", [Pure]> {
  let arguments = (ins AnyInteger:$lhs, AnyInteger:$rhs);
  let results = (outs AnyInteger:$result);
}

#endif
