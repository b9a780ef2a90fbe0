include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Func_Dialect : Dialect {
  let name = "func";
  let cppNamespace = "::mlir::func";
}

class Func_Op<string mnemonic, list<Trait> traits = []> : Op<Func_Dialect, mnemonic, traits>;

def Func_FuncOp : Func_Op<"func"> {
}

def Func_CallOp : Func_Op<"call"> {
  let arguments = (ins AnyType:$input);
  let results = (outs AnyType:$result);
}

def Func_ReturnOp : Func_Op<"return", [Terminator]> {
  let arguments = (ins AnyType:$value);
}
