include "tinyc/Dialect/Tiny/IR/TinyBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Tiny_Op<string mnemonic, list<Trait> traits = []> : Op<Tiny_Dialect, mnemonic, traits>;

def Tiny_AddOp : Tiny_Op<"add", [NoSideEffect, Commutative]> {
  let arguments = (ins AnyTensor:$lhs, AnyTensor:$rhs);
  let results = (outs AnyTensor:$result);
}

def Tiny_ReluOp : Tiny_Op<"relu", [NoSideEffect]> {
  let arguments = (ins AnyTensor:$input);
  let results = (outs AnyTensor:$result);
}
