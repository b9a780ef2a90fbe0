include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Arith_Dialect : Dialect {
  let name = "arith";
  let cppNamespace = "::mlir::arith";
}

class Arith_Op<string mnemonic, list<Trait> traits = []> : Op<Arith_Dialect, mnemonic, traits>;

def Arith_ConstantOp : Arith_Op<"constant", [NoSideEffect]> {
  let results = (outs AnyInteger:$result);
}

def Arith_AddIOp : Arith_Op<"addi", [NoSideEffect, Commutative]> {
  let arguments = (ins AnyInteger:$lhs, AnyInteger:$rhs);
  let results = (outs AnyInteger:$result);
}

def Arith_MulIOp : Arith_Op<"muli", [NoSideEffect, Commutative]> {
  let arguments = (ins AnyInteger:$lhs, AnyInteger:$rhs);
  let results = (outs AnyInteger:$result);
}

def Arith_MaxSIOp : Arith_Op<"maxsi", [NoSideEffect, Commutative]> {
  let arguments = (ins AnyInteger:$lhs, AnyInteger:$rhs);
  let results = (outs AnyInteger:$result);
}
