include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tosa_Dialect : Dialect {
  let name = "tosa";
  let cppNamespace = "::mlir::tosa";
}

class Tosa_Op<string mnemonic, list<Trait> traits = []> : Op<Tosa_Dialect, mnemonic, traits>;

def Tosa_AddOp : Tosa_Op<"add", [NoSideEffect]> {
  let arguments = (ins AnyTensor:$input1, AnyTensor:$input2);
  let results = (outs AnyTensor:$result);
}

def Tosa_ClampOp : Tosa_Op<"clamp", [NoSideEffect]> {
  let arguments = (ins AnyTensor:$input);
  let results = (outs AnyTensor:$result);
}
