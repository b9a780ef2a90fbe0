"""The commits of the miniature history that matter, by name; what they do downstream stands in ``culprits``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.miniature.edits import Edit, Move, Remove, Replace

_LINALG: Final = "mlir/include/mlir/Dialect/Linalg"
_SPARSE: Final = "mlir/include/mlir/Dialect/SparseTensor"


@dataclass(frozen=True, kw_only=True)
class Special:
    """A commit with a name. One that undoes or redoes another takes its edits from there."""

    title: str = ""
    """Without the number of the pull request. Empty where ``undoes`` or ``redoes`` give one."""
    body: str = ""
    """With ``{sha}``, ``{short}`` and ``{pr}`` of the commit that it undoes or redoes."""
    edits: tuple[Edit, ...] = ()
    undoes: str = ""
    redoes: str = ""
    """A commit that was undone in between."""
    needs: tuple[str, ...] = ()
    """Commits that must come before."""
    tag: str = ""


_API_DEPRECATED: Final = Replace(
    "template <typename OpTy, typename... Args> OpTy create(",
    'template <typename OpTy, typename... Args> [[deprecated("Use OpTy::create instead")]] OpTy create(',
    ("mlir/include/mlir/IR/Builders.h",),
)

SPECIALS: Final[dict[str, Special]] = {
    # -- without consequence for the downstream ------------------------------------------------------------------------
    "api-deprecated": Special(
        title="[mlir] Deprecate OpBuilder::create in favour of OpTy::create",
        body="The builder's member template is going to be removed. No functional change.",
        edits=(_API_DEPRECATED,),
    ),
    "version-bumped": Special(
        title="Bump the version to 100.0.0git",
        edits=(Replace("set(LLVM_VERSION_MAJOR 99)", "set(LLVM_VERSION_MAJOR 100)", ("llvm/CMakeLists.txt",)),),
        tag="llvmorg-100-init",
    ),
    "patch-context-changed": Special(
        title="[mlir] Let the greedy driver give up earlier",
        body="A carried patch of these lines no longer applies.",
        edits=(
            Replace(
                "MaxIterations = 100;",
                "MaxIterations = 20;",
                ("mlir/lib/Transforms/Utils/GreedyPatternRewriteDriver.cpp",),
            ),
        ),
    ),
    # -- LLVM itself is broken for a while -----------------------------------------------------------------------------
    "llvm-broken": Special(
        title="[Support] Flush all streams before a fatal error",
        edits=(
            Replace(
                "  std::abort();", "  flushAllStreams();\n  std::abort();", ("llvm/lib/Support/ErrorHandling.cpp",)
            ),
        ),
    ),
    "llvm-fixed": Special(
        title="[Support] Fix the build after #{pr}",
        body="The function is not there yet. Fixes {short}.",
        undoes="llvm-broken",
    ),
    "shared-llvm-broken": Special(
        title="[Analysis] Drop a dependency that looks unused",
        edits=(Replace("  BinaryFormat\n  Core\n", "  Core\n", ("llvm/lib/Analysis/CMakeLists.txt",)),),
    ),
    "shared-llvm-fixed": Special(
        title="[Analysis] Fix the BUILD_SHARED_LIBS build after {sha}",
        undoes="shared-llvm-broken",
    ),
    "install-broken": Special(
        title="[cmake] Install the credits",
        edits=(
            Replace(
                "# -- What is installed",
                "install(FILES CREDITS.TXT DESTINATION share/llvm COMPONENT llvm-headers)\n# -- What is installed",
                ("llvm/CMakeLists.txt",),
            ),
        ),
    ),
    "install-fixed": Special(undoes="install-broken", body="This reverts commit {sha}.\n\nThe file was not committed."),
    # -- a change that comes, goes and comes back ----------------------------------------------------------------------
    "api-changed": Special(
        title="[mlir][linalg] Let tile() take a builder",
        body="Callers hand over the builder whose insertion point they want kept.",
        edits=(
            Replace(
                "bool tile(Operation *op, unsigned size);\nbool tile(Operation *op, ",
                "bool tile(OpBuilder &builder, Operation *op, unsigned size);\n"
                "bool tile(OpBuilder &builder, Operation *op, ",
                (f"{_LINALG}/Transforms/Transforms.h",),
            ),
            Replace(
                "linalg::tile(Operation *op, ",
                "linalg::tile(OpBuilder &builder, Operation *op, ",
                ("mlir/lib/Dialect/Linalg/Transforms/Tiling.cpp",),
            ),
            Replace(
                "return tile(op, ",
                "return tile(builder, op, ",
                ("mlir/lib/Dialect/Linalg/Transforms/Tiling.cpp",),
            ),
        ),
    ),
    "api-changed-reverted": Special(
        undoes="api-changed",
        body="Reverts llvm/llvm-project#{pr}\n\nThis reverts commit {sha}.\n\nIt breaks several downstream projects.",
    ),
    "api-changed-relanded": Special(
        redoes="api-changed",
        body="This reverts commit {undone}.\n\nThis relands #{pr}: downstream projects have had their notice.",
        needs=("api-changed-reverted",),
    ),
    "hlo-link-library-dropped": Special(
        title="[mlir][sparse] Do not make every user of the utils link the dialect",
        edits=(Replace("LINK_LIBS PUBLIC\n", "LINK_LIBS\n", ("mlir/lib/Dialect/SparseTensor/Utils/CMakeLists.txt",)),),
    ),
    "hlo-link-library-restored": Special(
        title="[mlir][sparse] Link the dialect publicly again",
        body="Users of the utils need it in shared builds. Fixes #{pr}.",
        undoes="hlo-link-library-dropped",
    ),
    # -- changes that stay ---------------------------------------------------------------------------------------------
    "behaviour-changed": Special(
        title="[mlir] Print inherent attributes as properties",
        body="They are now printed as <{{...}}>, in all dialects.",
        edits=(
            Replace('(first ? " {" : ", ")', '(first ? " <{" : ", ")', ("mlir/lib/IR/AsmPrinter.cpp",)),
            Replace('      OS << "}";', '      OS << "}>";', ("mlir/lib/IR/AsmPrinter.cpp",)),
            Replace(
                "// CHECK-NEXT: %0 = arith.constant {value = 1} :",
                "// CHECK-NEXT: %0 = arith.constant <{value = 1}> :",
                ("mlir/test/IR/roundtrip.mlir",),
            ),
        ),
    ),
    "library-renamed": Special(
        title="[mlir][linalg] Rename MLIRLinalgAnalysis to MLIRLinalgUtils",
        edits=(Replace("MLIRLinalgAnalysis", "MLIRLinalgUtils", ("mlir/lib/Dialect/Linalg/Analysis/CMakeLists.txt",)),),
    ),
    "link-library-dropped": Special(
        title="[mlir][linalg] Remove an unused dependency of the transforms",
        edits=(
            Replace(
                "  MLIRLinalgDialect\n  MLIRTensorDialect\n",
                "  MLIRLinalgDialect\n",
                ("mlir/lib/Dialect/Linalg/Transforms/CMakeLists.txt",),
            ),
        ),
    ),
    "hlo-header-moved": Special(
        title="[mlir][sparse] Move Enums.h to SparseTensorEnums.h",
        edits=(
            Move(f"{_SPARSE}/IR/Enums.h", f"{_SPARSE}/IR/SparseTensorEnums.h"),
            Replace(
                "SparseTensor/IR/Enums.h", "SparseTensor/IR/SparseTensorEnums.h", (f"{_SPARSE}/IR/SparseTensor.h",)
            ),
        ),
    ),
    "hlo-api-renamed": Special(
        title="[mlir][sparse] Rename getSparseTensorEncoding to getLevelType",
        body="NFC.",
        edits=(
            Replace(
                "getSparseTensorEncoding",
                "getLevelType",
                (
                    f"{_SPARSE}/IR/SparseTensor.h",
                    "mlir/lib/Dialect/SparseTensor/IR/SparseTensorDialect.cpp",
                    "mlir/lib/Dialect/SparseTensor/Utils/Merger.cpp",
                ),
            ),
        ),
    ),
    "api-removed": Special(
        title="[mlir] Remove the deprecated OpBuilder::create",
        body="It has been deprecated for a while: use OpTy::create(builder, ...).",
        edits=(
            Replace(
                "\n  /// Makes an operation of a type: builder.create<arith::AddIOp>(lhs, rhs, type).\n"
                f"  {_API_DEPRECATED.new}Args &&...args) {{\n"
                "    return OpTy::create(*this, static_cast<Args &&>(args)...);\n  }\n",
                "",
                ("mlir/include/mlir/IR/Builders.h",),
            ),
        ),
        needs=("api-deprecated",),
    ),
    "api-renamed": Special(
        title="[mlir] Rename applyPatternsAndFoldGreedily to applyPatternsGreedily",
        body="Folding is now an option of the configuration.",
        edits=(
            Replace(
                "applyPatternsAndFoldGreedily",
                "applyPatternsGreedily",
                (
                    "mlir/include/mlir/Transforms/GreedyPatternRewriteDriver.h",
                    "mlir/lib/Transforms/Canonicalizer.cpp",
                    "mlir/lib/Transforms/Utils/GreedyPatternRewriteDriver.cpp",
                ),
            ),
        ),
    ),
    "header-moved": Special(
        title="[mlir] Move SliceAnalysis.h to Analysis/Slice",
        edits=(
            Move("mlir/include/mlir/Analysis/SliceAnalysis.h", "mlir/include/mlir/Analysis/Slice/SliceAnalysis.h"),
            Replace(
                "mlir/Analysis/SliceAnalysis.h",
                "mlir/Analysis/Slice/SliceAnalysis.h",
                ("mlir/lib/Analysis/SliceAnalysis.cpp",),
            ),
        ),
    ),
    "accessors-removed": Special(
        title="[mlir][ods] Generate only accessors with a prefix",
        body="op.lhs() is op.getLhs(): the form without a prefix is gone.",
        edits=(
            Replace(
                '    os << "  ::mlir::Value " << name.str() << "() { return " '
                '<< getterName(name).str() << "(); }\\n";\n',
                "",
                ("mlir/tools/mlir-tblgen/OpDefinitionsGen.cpp",),
            ),
        ),
    ),
    "td-renamed": Special(
        title="[mlir] Rename the trait NoSideEffect to Pure",
        edits=(
            Replace(
                "NoSideEffect",
                "Pure",
                (
                    "mlir/include/mlir/Interfaces/SideEffectInterfaces.td",
                    "mlir/include/mlir/Dialect/Arith/IR/ArithOps.td",
                    f"{_SPARSE}/IR/SparseTensorOps.td",
                    "mlir/include/mlir/Dialect/Tensor/IR/TensorOps.td",
                    "mlir/include/mlir/Dialect/Tosa/IR/TosaOps.td",
                ),
            ),
        ),
    ),
    "tablegen-flag-removed": Special(
        title="[mlir] Remove StructAttr",
        body="Nothing in the tree uses it: attributes have parameters now.",
        edits=(
            Replace("  StructsGen.cpp\n", "", ("mlir/tools/mlir-tblgen/CMakeLists.txt",)),
            Remove("mlir/tools/mlir-tblgen/StructsGen.cpp"),
        ),
    ),
    "target-renamed": Special(
        title="[mlir][tosa] Rename the library MLIRTosa to MLIRTosaDialect",
        edits=(Replace("MLIRTosa\n", "MLIRTosaDialect\n", ("mlir/lib/Dialect/Tosa/IR/CMakeLists.txt",)),),
    ),
}

_CONTEXT: Final = "mlir/lib/Transforms/Utils/GreedyPatternRewriteDriver.cpp"
CARRIED_PATCH: Final = "\n".join(
    (
        f"--- a/{_CONTEXT}",
        f"+++ b/{_CONTEXT}",
        "@@ -4,7 +4,7 @@",
        " using namespace mlir;",
        " ",
        " /// Patterns that undo each other would go on for ever.",
        "-static constexpr unsigned MaxIterations = 100;",
        "+static constexpr unsigned MaxIterations = 1000;",
        " ",
        " static bool rewriteOnce(ModuleOp module, const RewritePatternSet &patterns) {",
        "   bool changed = false;",
        "",
    )
)
"""A patch that a project may carry on top of LLVM. It applies up to ``patch-context-changed`` and no longer there."""
