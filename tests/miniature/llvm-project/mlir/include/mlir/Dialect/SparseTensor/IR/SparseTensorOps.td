include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def SparseTensor_Dialect : Dialect {
  let name = "sparse_tensor";
  let cppNamespace = "::mlir::sparse_tensor";
}

class SparseTensor_Op<string mnemonic, list<Trait> traits = []> : Op<SparseTensor_Dialect, mnemonic, traits>;

def SparseTensor_ConvertOp : SparseTensor_Op<"convert", [NoSideEffect]> {
  let arguments = (ins AnyTensor:$source);
  let results = (outs AnyTensor:$result);
}

def SparseTensor_ToValuesOp : SparseTensor_Op<"values", [NoSideEffect]> {
  let arguments = (ins AnyTensor:$tensor);
  let results = (outs AnyTensor:$result);
}
