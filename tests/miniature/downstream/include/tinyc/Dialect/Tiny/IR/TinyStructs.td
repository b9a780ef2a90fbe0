include "tinyc/Dialect/Tiny/IR/TinyBase.td"

def LowPadding : StructFieldAttr<"low", "unsigned">;
def HighPadding : StructFieldAttr<"high", "unsigned">;

def Tiny_PaddingAttr : StructAttr<"PaddingAttr", Tiny_Dialect, [LowPadding, HighPadding]>;
