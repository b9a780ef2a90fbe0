include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Linalg_Dialect : Dialect {
  let name = "linalg";
  let cppNamespace = "::mlir::linalg";
}

class Linalg_Op<string mnemonic, list<Trait> traits = []> : Op<Linalg_Dialect, mnemonic, traits>;

def Linalg_FillOp : Linalg_Op<"fill"> {
  let arguments = (ins AnyTensor:$value, AnyTensor:$output);
  let results = (outs AnyTensor:$result);
}

def Linalg_MatmulOp : Linalg_Op<"matmul"> {
  let arguments = (ins AnyTensor:$lhs, AnyTensor:$rhs, AnyTensor:$output);
  let results = (outs AnyTensor:$result);
}

def Linalg_MapOp : Linalg_Op<"map"> {
  let arguments = (ins AnyTensor:$input);
  let results = (outs AnyTensor:$result);
}
