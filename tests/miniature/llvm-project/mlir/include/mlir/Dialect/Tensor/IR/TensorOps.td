include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tensor_Dialect : Dialect {
  let name = "tensor";
  let cppNamespace = "::mlir::tensor";
}

class Tensor_Op<string mnemonic, list<Trait> traits = []> : Op<Tensor_Dialect, mnemonic, traits>;

def Tensor_EmptyOp : Tensor_Op<"empty", [NoSideEffect]> {
  let results = (outs AnyTensor:$result);
}

def Tensor_CastOp : Tensor_Op<"cast", [NoSideEffect]> {
  let arguments = (ins AnyTensor:$source);
  let results = (outs AnyTensor:$result);
}

def Tensor_DimOp : Tensor_Op<"dim", [NoSideEffect]> {
  let arguments = (ins AnyTensor:$source, AnyTensor:$index);
  let results = (outs AnyTensor:$result);
}
