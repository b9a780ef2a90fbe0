// SPDX-License-Identifier: Apache-2.0

#ifndef MINI_MHLO_MHLO_OPS_TD
#define MINI_MHLO_MHLO_OPS_TD

include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def MhloDialect : Dialect {
  let name = "mhlo";
  let cppNamespace = "::mhlo";
  let summary = "Operations on tensors, close to what a framework exports";
}

def MhloTensor : TensorOf<[AnyFloat]>;

class MhloOp<string mnemonic, list<Trait> traits = []>
    : Op<MhloDialect, mnemonic, !listconcat(traits, [Pure])>;

class MhloUnaryOp<string mnemonic>
    : MhloOp<mnemonic, [SameOperandsAndResultType]> {
  let arguments = (ins MhloTensor:$operand);
  let results = (outs MhloTensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
}

class MhloBinaryOp<string mnemonic>
    : MhloOp<mnemonic, [SameOperandsAndResultType]> {
  let arguments = (ins MhloTensor:$lhs, MhloTensor:$rhs);
  let results = (outs MhloTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def ConstantOp : MhloOp<"constant", [AllTypesMatch<["value", "result"]>]> {
  let summary = "a tensor known at compile time";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs MhloTensor:$result);
  let assemblyFormat = "$value attr-dict";
}

def AddOp : MhloBinaryOp<"add"> { let summary = "sum, element by element"; }

def MultiplyOp : MhloBinaryOp<"multiply"> {
  let summary = "product, element by element";
}

def TanhOp : MhloUnaryOp<"tanh"> {
  let summary = "hyperbolic tangent, element by element";
}

def ReshapeOp : MhloOp<"reshape"> {
  let summary = "the same elements, in row-major order, under another shape";
  let arguments = (ins MhloTensor:$operand);
  let results = (outs MhloTensor:$result);
  let assemblyFormat =
      "$operand attr-dict `:` functional-type(operands, results)";
}

#endif // MINI_MHLO_MHLO_OPS_TD
