"""Logs of compilers and TableGen."""

# ruff: noqa: E501, ISC004  (recipes are data: one line each reads better)
from __future__ import annotations

from tests.corpus.make import Edit, Recipe

LOWER = "lib/Transforms/Lower.cpp"
TD = "include/Quill/IR/QuillOps.td"


def lower(body: str, *includes: str, top: str = "") -> dict[str, Edit]:
    lines = "".join(f'#include "{name}"\n' for name in ("mlir/IR/Builders.h", "mlir/IR/BuiltinOps.h", *includes))
    return {LOWER: f"{lines}\nnamespace quill {{\n{top}\n{body}\n}} // namespace quill\n"}


def both(name: str, edits: dict[str, Edit], **rest: object) -> tuple[Recipe, ...]:
    """The same with GCC and clang."""
    rest.setdefault("llvm", "22")
    rest.setdefault("targets", ("QuillTransforms",))
    return tuple(
        Recipe(name=f"{name}-{short}", edits=edits, compiler=compiler, **rest)  # type: ignore[arg-type]
        for short, compiler in (("gcc", "g++"), ("clang", "clang++-19"))
    )


MEMBER = lower(
    "mlir::Value lower(mlir::OpBuilder &builder, mlir::Value value) {\n"
    "  if (value.isa<mlir::OpResult>())\n    return value;\n"
    "  auto type = value.getType().dyn_cast<mlir::RankedTensorType>();\n"
    "  return type ? value : mlir::Value();\n}",
    "mlir/IR/BuiltinTypes.h",
)
NAMESPACE = lower(
    "void fill(mlir::RewritePatternSet &patterns) {\n"
    "  mlir::populateExpandTanhPattern(patterns);\n"
    "  mlir::populateExpandSinhPattern(patterns);\n}",
    "mlir/Dialect/Math/Transforms/Passes.h",
)
OLD_HEADERS = {
    **lower("void run() {}", "mlir/Dialect/Mesh/IR/MeshDialect.h"),
    "lib/Transforms/Bits.cpp": '#include "mlir/Dialect/Arithmetic/IR/Arithmetic.h"\n',
    "lib/Transforms/Copies.cpp": '#include "mlir/Interfaces/CopyOpInterface.h"\n',
    "lib/Transforms/CMakeLists.txt": ("Lower.cpp", "Lower.cpp Bits.cpp Copies.cpp"),
}
BUILDER = lower(
    "mlir::Value make(mlir::OpBuilder &b, mlir::Location loc, mlir::Value v) {\n"
    "  return b.create<mlir::tosa::ClampOp>(loc, v.getType(), v, 0, 6).getResult();\n}\n"
    "mlir::Value again(mlir::OpBuilder &b, mlir::Location loc, mlir::Value v) {\n"
    "  return b.create<mlir::tosa::ClampOp>(loc, v.getType(), v, 1, 7).getResult();\n}",
    "mlir/Dialect/Tosa/IR/TosaOps.h",
)
OVERRIDE = lower(
    "struct LowerAdd : mlir::OpRewritePattern<mlir::ModuleOp> {\n"
    "  using OpRewritePattern::OpRewritePattern;\n"
    "  mlir::LogicalResult match(mlir::ModuleOp op) const override { return mlir::success(); }\n"
    "  void rewrite(mlir::ModuleOp op, mlir::PatternRewriter &rewriter) const override {}\n};\n"
    "void fill(mlir::RewritePatternSet &patterns) { patterns.add<LowerAdd>(patterns.getContext()); }",
    "mlir/IR/PatternMatch.h",
)
ABSTRACT = lower(
    "struct Lowering : mlir::TypeConverter {};\n"
    "struct Interface : mlir::DialectInlinerInterface { using DialectInlinerInterface::DialectInlinerInterface; };\n"
    "struct Pass : mlir::OperationPass<mlir::ModuleOp> {\n"
    "  Pass() : OperationPass(mlir::TypeID::get<Pass>()) {}\n"
    '  llvm::StringRef getName() const override { return "p"; }\n'
    "  std::unique_ptr<mlir::Pass> clonePass() const override { return std::make_unique<Pass>(); }\n};",
    "mlir/Transforms/DialectConversion.h",
    "mlir/Transforms/InliningUtils.h",
    "mlir/Pass/Pass.h",
)
CONVERT = lower(
    "int width(mlir::IntegerType type) { return type; }\n"
    "llvm::StringRef name(mlir::Operation *op) { return op->getName(); }\n"
    "mlir::ArrayAttr pack(mlir::OpBuilder &b, llvm::ArrayRef<int64_t> v) { return b.getDenseI64ArrayAttr(v); }",
    "mlir/IR/BuiltinTypes.h",
)
FOLD = {
    TD: ("let results = (outs AnyInteger:$result);", "let results = (outs AnyInteger:$result);\n  let hasFolder = 1;"),
    "lib/IR/QuillDialect.cpp": (
        "#define GET_OP_CLASSES",
        "mlir::OpFoldResult quill::AddOp::fold(llvm::ArrayRef<mlir::Attribute> operands) { return {}; }\n\n"
        "#define GET_OP_CLASSES",
    ),
}
DEPRECATED = lower(
    "mlir::Value make(mlir::OpBuilder &b, mlir::Location loc) {\n"
    "  return b.create<mlir::arith::ConstantIndexOp>(loc, 3);\n}",
    "mlir/Dialect/Arith/IR/Arith.h",
)
INCOMPLETE = {
    LOWER: (
        '#include "mlir/IR/Operation.h"\n#include "mlir/IR/Value.h"\n\nnamespace mlir {\nclass PatternRewriter;\n}\n\n'
        "namespace quill {\nvoid erase(mlir::PatternRewriter &rewriter, mlir::Operation *op) {\n"
        "  rewriter.eraseOp(op);\n}\n} // namespace quill\n"
    )
}
PRIVATE = lower("int peek(mlir::Operation *op) { return op->numRegions; }")
STATIC_ASSERT = lower(
    "struct NotAnOp {};\nbool check(mlir::Operation *op) { return llvm::isa<mlir::Type>(op); }",
)
UNQUALIFIED = {
    TD: (
        "class Quill_Op",
        'def Quill_Small : ConfinedType<AnyInteger, [CPred<"isa<IntegerType>($_self)">,\n'
        '    CPred<"isSmallEnough(cast<IntegerType>($_self))">], "small integer">;\n'
        'def Quill_Tensor : Type<CPred<"isa<RankedTensorType>($_self)">, "ranked tensor">;\n\nclass Quill_Op',
    ),
    "include/Quill/IR/QuillOps.h": (
        "#define GET_OP_CLASSES",
        "namespace quill {\nusing namespace mlir;\nbool isSmallEnough(mlir::IntegerType type);\n}\n\n#define GET_OP_CLASSES",
    ),
}
UNQUALIFIED_OPS = (
    '\ndef MulOp : Quill_Op<"mul"> {\n  let arguments = (ins Quill_Small:$lhs, Quill_Tensor:$rhs);\n'
    "  let results = (outs Quill_Small:$result);\n}\n\n#endif\n"
)
td_text = (
    '#ifndef QUILL_OPS\n#define QUILL_OPS\n\ninclude "mlir/IR/OpBase.td"\n'
    'include "mlir/Interfaces/SideEffectInterfaces.td"\n\n'
    'def Quill_Dialect : Dialect {\n  let name = "quill";\n  let cppNamespace = "::quill";\n}\n\n'
)
OP = 'def AddOp : Op<Quill_Dialect, "add", [TRAIT]> {\n  let arguments = (ins AnyInteger:$lhs);\n  let results = (outs AnyInteger:$r);\n}\n#endif\n'

RECIPES = (
    *both("member-gone", MEMBER),
    *both("namespace-member-gone", NAMESPACE),
    *both("headers-gone", OLD_HEADERS),
    *both("builder-changed", BUILDER),
    *both("override-nothing", OVERRIDE),
    *both("abstract-class", ABSTRACT),
    *both("conversion-gone", CONVERT),
    *both("fold-signature", FOLD, targets=("QuillDialect",)),
    *both("deprecated-as-error", DEPRECATED, cmake=("-DCMAKE_CXX_FLAGS=-Werror",)),
    *both("incomplete-type", INCOMPLETE),
    *both("private-member", PRIVATE),
    *both("static-assert", STATIC_ASSERT),
    *both(
        "unqualified-predicates",
        {
            TD: td_text.replace("#endif\n", "")
            + UNQUALIFIED[TD][1].replace("\n\nclass Quill_Op", "\n\n")  # type: ignore[index]
            + 'class Quill_Op<string mnemonic, list<Trait> traits = []>\n    : Op<Quill_Dialect, mnemonic, traits>;\n'
            + UNQUALIFIED_OPS,
            "include/Quill/IR/QuillOps.h": UNQUALIFIED["include/Quill/IR/QuillOps.h"],
        },
        targets=("QuillDialect",),
    ),
    *both(
        "generated-header-race",
        {"lib/Transforms/CMakeLists.txt": "add_library(QuillTransforms Lower.cpp)\ntarget_link_libraries(QuillTransforms PUBLIC MLIR)\n",
         LOWER: '#include "Quill/IR/QuillOps.h"\n'},
    ),
    *both(
        "cascade",
        {LOWER: '#include "mlir/IR/Builders.h"\n\nnamespace quill {\nusing mlir::tosa::gone::Shape;\nstruct Table {\n'
         + "".join(f"  Shape get{i}(const Shape &other, std::vector<Shape> all) const;\n" for i in range(40))
         + "};\nShape Table::get0(const Shape &other, std::vector<Shape> all) const { return all[0] ? other : Shape(); }\n}\n"},
    ),
    Recipe(
        name="error-limit-clang", llvm="22", compiler="clang++-19", targets=("QuillTransforms",),
        edits=lower("\n".join(f"int f{i}(mlir::Value v) {{ return v.gone{i}(); }}" for i in range(30))),
    ),
    Recipe(
        name="error-in-llvm-header", llvm="22", targets=("QuillTransforms",),
        edits=lower("struct Odd { int x; };\nvoid print(mlir::Diagnostic &diag, Odd odd) { diag << odd; }\n"
                    "bool same(llvm::SmallVector<Odd> a, llvm::SmallVector<Odd> b) { return a == b; }"),
    ),
    Recipe(
        name="error-in-llvm-header-clang", llvm="22", compiler="clang++-19", targets=("QuillTransforms",),
        edits=lower("struct Odd { int x; };\n"
                    "bool same(llvm::SmallVector<Odd> a, llvm::SmallVector<Odd> b) { return a == b; }"),
    ),
    Recipe(
        name="old-llvm-properties", llvm="16", targets=("QuillTransforms", "QuillDialect"),
        edits=lower("bool hasProperties(mlir::Operation *op) { return op->getPropertiesStorageSize() > 0; }\n"
                    "bool ok(mlir::Value v) { return mlir::isa<mlir::OpResult>(v) && llvm::all_equal({1, 1}); }",),
    ),
    Recipe(name="old-llvm-14-header", llvm="14", targets=("QuillTransforms", "QuillDialect")),
    # llvm-14 as Debian packages it, without libLTO
    Recipe(name="install-incomplete-debian", llvm="14-partial", targets=("QuillTransforms", "QuillDialect")),
    Recipe(
        name="old-llvm-14-clang", llvm="14", compiler="clang++-19", targets=("QuillTransforms",),
        edits=lower("mlir::Value lower(mlir::Value v) { return llvm::cast_if_present<mlir::OpResult>(v); }",
                    "mlir/Dialect/Arith/IR/Arith.h"),
    ),
    Recipe(
        name="syntax-error-own", llvm="22", targets=("QuillTransforms",),
        edits=lower("int broken(int x) {\n  int y = x +;\n  return y\n}"),
    ),
    Recipe(
        name="redefinition-own", compiler="clang++-19",
        edits={"lib/Support/Shapes.cpp": ("Visitor::~Visitor() = default;", "bool broadcasts(const std::vector<long> &a, const std::vector<long> &b) { return true; }\nVisitor::~Visitor() = default;")},
    ),
    Recipe(
        name="warning-as-error-own", cmake=("-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror",),
        edits={"third_party/hlo/lib/Shapes.cpp": ("for (long extent : shape)", "for (unsigned i = 0; i < shape.size() - 1 && i < (int)shape[0]; ++i) {}\n  for (long extent : shape)")},
    ),
    Recipe(
        name="component-api-gone", llvm="22", targets=("HloShapes", "QuillTransforms"),
        edits={"third_party/hlo/lib/CMakeLists.txt": ("PUBLIC QuillSupport", "PUBLIC QuillSupport MLIR"),
               "third_party/hlo/lib/Shapes.cpp": ("namespace hlo {", '#include "mlir/IR/BuiltinTypes.h"\n\nnamespace hlo {\nbool isRanked(mlir::Type type) { return type.isa<mlir::RankedTensorType>(); }\n')},
    ),
    Recipe(
        name="two-layers", llvm="22", targets=("HloShapes", "QuillTransforms"),
        edits={"third_party/hlo/lib/CMakeLists.txt": ("PUBLIC QuillSupport", "PUBLIC QuillSupport MLIR"),
               "third_party/hlo/lib/Shapes.cpp": ("namespace hlo {", '#include "mlir/Dialect/Mesh/IR/MeshOps.h"\n\nnamespace hlo {'),
               **NAMESPACE},
    ),
    # TableGen
    Recipe(name="td-variable", llvm="22", edits={TD: td_text.replace('include "mlir/Interfaces/SideEffectInterfaces.td"\n', "") + OP.replace("TRAIT", "Pure")}, targets=("QuillDialect",)),
    Recipe(name="td-variable-old", llvm="14", edits={TD: td_text + OP.replace("TRAIT", "Pure")}, targets=("QuillDialect",)),
    Recipe(name="td-class", llvm="22", edits={TD: td_text + OP.replace("Op<Quill_Dialect", "NativeOp<Quill_Dialect").replace("TRAIT", "")}, targets=("QuillDialect", "QuillTransforms")),
    Recipe(name="td-include", llvm="22", edits={TD: td_text.replace("SideEffectInterfaces.td", "CopyOpInterface.td") + OP.replace("TRAIT", "CopyOpInterface")}, targets=("QuillDialect",)),
    Recipe(name="td-field", llvm="22", edits={TD: td_text.replace('let name = "quill";', 'let name = "quill";\n  let useFoldAPI = kEmitFoldAdaptorFolder;') + OP.replace("TRAIT", "Pure")}, targets=("QuillDialect",)),
    Recipe(name="td-option", llvm="22", edits={"include/Quill/IR/CMakeLists.txt": ("mlir_tablegen(QuillDialect.h.inc -gen-dialect-decls)", "mlir_tablegen(QuillDialect.h.inc -gen-dialect-decls)\nmlir_tablegen(QuillCanon.inc -gen-canonical-decls)")}, targets=("QuillDialect", "QuillSupport")),
    Recipe(name="td-fatal", llvm="22", edits={TD: td_text + OP.replace("TRAIT", "Pure").replace('"add"', '"add", [Pure], 3')}, targets=("QuillDialect",)),
)  # fmt: skip
