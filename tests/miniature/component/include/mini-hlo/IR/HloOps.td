include "mlir/IR/OpBase.td"

def Hlo_Dialect : Dialect {
  let name = "hlo";
  let cppNamespace = "::mlir::hlo";
}

class Hlo_Op<string mnemonic, list<Trait> traits = []> : Op<Hlo_Dialect, mnemonic, traits>;

def Hlo_AddOp : Hlo_Op<"add", [Commutative]> {
  let arguments = (ins AnyTensor:$lhs, AnyTensor:$rhs);
  let results = (outs AnyTensor:$result);
}

def Hlo_ReshapeOp : Hlo_Op<"reshape"> {
  let arguments = (ins AnyTensor:$operand);
  let results = (outs AnyTensor:$result);
}
