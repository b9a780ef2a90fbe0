// SPDX-License-Identifier: Apache-2.0

#ifndef ABACUS_ABACUS_OPS_TD
#define ABACUS_ABACUS_OPS_TD

include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def AbacusDialect : Dialect {
  let name = "abacus";
  let cppNamespace = "::abacus";
  let summary = "The arithmetic of the abacus language";
}

def AbacusTensor : TensorOf<[AnyFloat]>;

class AbacusOp<string mnemonic, list<Trait> traits = []>
    : Op<AbacusDialect, mnemonic, !listconcat(traits, [Pure])>;

class AbacusBinaryOp<string mnemonic>
    : AbacusOp<mnemonic, [SameOperandsAndResultType]> {
  let arguments = (ins AbacusTensor:$lhs, AbacusTensor:$rhs);
  let results = (outs AbacusTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def ConstantOp : AbacusOp<"constant", [AllTypesMatch<["value", "result"]>]> {
  let summary = "a literal";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AbacusTensor:$result);
  let assemblyFormat = "$value attr-dict";
}

def AddOp : AbacusBinaryOp<"add"> { let summary = "a + b"; }

def MulOp : AbacusBinaryOp<"mul"> { let summary = "a * b"; }

def TanhOp : AbacusOp<"tanh", [SameOperandsAndResultType]> {
  let summary = "tanh(a)";
  let arguments = (ins AbacusTensor:$operand);
  let results = (outs AbacusTensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
}

#endif // ABACUS_ABACUS_OPS_TD
