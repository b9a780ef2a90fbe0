# ruff: noqa: E501  (recipes are data: one line each reads better)
"""A second batch: made, and its truths written, after the rules were done with the first. Its first score is an estimate."""

from __future__ import annotations

from tests.corpus.make import Recipe
from tests.corpus.recipes_compile import LOWER, lower
from tests.corpus.recipes_run import lit, tests

T = ("QuillTransforms",)
PASS = (
    '#include "mlir/Pass/Pass.h"\n#include "mlir/IR/BuiltinOps.h"\n\nnamespace quill {\nnamespace impl {}\n\n'
    "struct FusePass : impl::FusePassBase<FusePass> {\n  void runOnOperation() override {\n    auto module = getOperation();\n"
    "    module.walk([&](mlir::Operation *op) { if (op->getNumOperands() > 9) signalPassFailure(); });\n"
    "    mlir::MLIRContext &context = getContext();\n    (void)context;\n  }\n};\n\n"
    "std::unique_ptr<mlir::Pass> createFusePass() { return std::make_unique<FusePass>(); }\n}\n"
)
TWO_FILES = {
    LOWER: '#include "mlir/IR/PatternMatch.h"\n\nvoid a(mlir::OwningRewritePatternList &patterns);\nvoid b(mlir::OwningRewritePatternList &patterns) {}\n',
    "lib/Transforms/Other.cpp": '#include "mlir/IR/PatternMatch.h"\n\nvoid c(mlir::OwningRewritePatternList &patterns) {}\n',
    "lib/Transforms/CMakeLists.txt": ("Lower.cpp", "Lower.cpp Other.cpp"),
}

RECIPES = (
    Recipe(name="second-optional-header", llvm="21", targets=T, edits=lower("llvm::Optional<int> width() { return llvm::None; }", "llvm/ADT/Optional.h")),
    Recipe(name="second-none", llvm="22", compiler="clang++-19", targets=T, edits=lower("std::optional<int> width() { return llvm::None; }")),
    Recipe(name="second-startswith", llvm="22", targets=T, edits=lower("bool isQuill(mlir::Operation *op) { return op->getName().getStringRef().startswith(\"quill\"); }\nbool ends(llvm::StringRef s) { return s.endswith(\"x\"); }")),
    Recipe(name="second-two-files", llvm="21", compiler="clang++-19", targets=T, edits=TWO_FILES),
    Recipe(name="second-template-arguments", llvm="22", targets=T, edits=lower("struct P : mlir::OpRewritePattern<mlir::ModuleOp, int> {};", "mlir/IR/PatternMatch.h")),
    Recipe(name="second-constructor", llvm="22", compiler="clang++-19", targets=T, edits=lower("void f(mlir::MLIRContext *c) { mlir::ConversionTarget t(c, 1); (void)t; }", "mlir/Transforms/DialectConversion.h")),
    Recipe(name="second-pass-base-gcc", llvm="22", targets=T, edits={LOWER: PASS}),
    Recipe(name="second-pass-base-clang", llvm="22", compiler="clang++-19", targets=T, edits={LOWER: PASS}),
    Recipe(name="second-discards-const", llvm="22", targets=T, edits=lower("void f(const mlir::OpBuilder &b) { b.setInsertionPointToEnd(nullptr); }")),
    Recipe(name="second-macro", llvm="22", targets=T, edits=lower("LLVM_ATTRIBUTE_GONE int f();\nint g() { return f(); }")),
    Recipe(name="second-namespace", llvm="22", targets=T, edits=lower("using namespace mlir::mesh;\nint f() { return 0; }")),
    Recipe(name="second-module-lld", edits={"lib/Conversion/CMakeLists.txt": "add_library(QuillPlugin MODULE Convert.cpp)\nadd_library(QuillConversion INTERFACE)\ntarget_link_libraries(QuillConversion INTERFACE QuillSupport HloShapes)\n"}, cmake=("-DCMAKE_MODULE_LINKER_FLAGS=-fuse-ld=lld -Wl,-z,defs",), targets=("QuillPlugin",)),
    Recipe(name="second-mold-component", compiler="clang++-19", edits={"third_party/hlo/lib/CMakeLists.txt": "add_library(HloShapes Shapes.cpp)\n"}, cmake=("-DBUILD_SHARED_LIBS=ON", "-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-z,defs -fuse-ld=mold")),
    Recipe(name="second-mangled-lld", compiler="clang++-19", edits={"third_party/hlo/lib/CMakeLists.txt": "add_library(HloShapes Shapes.cpp)\n"}, cmake=("-DBUILD_SHARED_LIBS=ON", "-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-z,defs -fuse-ld=lld -Wl,--no-demangle")),
    Recipe(name="second-wrong-directory", llvm="", steps=("configure",), cmake=("-DQUILL_WITH_MLIR=ON", "-DMLIR_DIR=/nowhere/lib/cmake/mlir")),
    Recipe(name="second-library-name", llvm="22", targets=T, cmake=("-DBUILD_SHARED_LIBS=ON",), edits={"lib/Transforms/CMakeLists.txt": ("PUBLIC QuillDialect MLIR", "PUBLIC QuillDialect MLIRMeshDialect MLIR LLVM")}),
    Recipe(name="second-tablegen-target", llvm="22", steps=("configure",), edits={"lib/IR/CMakeLists.txt": ("add_dependencies(QuillDialect QuillOpsIncGen)", "add_dependencies(QuillDialect QuillOpsIncGen MLIRMeshOpsIncGen)")}),
    Recipe(name="second-td-file", llvm="22", targets=T, edits={"include/Quill/IR/CMakeLists.txt": ("set(LLVM_TARGET_DEFINITIONS QuillOps.td)", "set(LLVM_TARGET_DEFINITIONS QuillPasses.td)\nmlir_tablegen(QuillPasses.h.inc -gen-pass-decls)\nadd_public_tablegen_target(QuillPassesIncGen)\nset(LLVM_TARGET_DEFINITIONS QuillOps.td)"), "lib/Transforms/CMakeLists.txt": ("add_dependencies(QuillTransforms QuillOpsIncGen)", "add_dependencies(QuillTransforms QuillOpsIncGen QuillPassesIncGen)")}),
    Recipe(name="second-pipeline", llvm="22", targets=("quill-opt",), steps=("configure", "build", "printf 'module {}' | {build}/tools/quill-opt --pass-pipeline='builtin.module(mesh-spmdization)'")),
    Recipe(name="second-import", cmake=("-DBUILD_SHARED_LIBS=ON",), steps=("configure", "build", "cd {build} && printf 'import ctypes\\nctypes.CDLL(\"./libgone.so\")\\n' > t.py && python3 t.py")),
    Recipe(name="second-install-file", steps=("configure", "build", "install"), edits={"tools/CMakeLists.txt": ("install(TARGETS", "install(FILES ${CMAKE_SOURCE_DIR}/docs/GONE.md DESTINATION share)\ninstall(TARGETS")}),
    lit("second-label", tests(a_mlir="// RUN: %calc | FileCheck %s --check-prefix=SUM\n// SUM-LABEL: begin\n// SUM: 33\n")),
    Recipe(name="second-killed-ninja-make", generator="Unix Makefiles", edits={"fake/cc1plus": "#!/bin/sh\nkill -9 $$\n"}, prepare=("chmod +x fake/cc1plus",), cmake=("-DCMAKE_CXX_FLAGS_INIT=",), env={"CCACHE_DISABLE": "1"}, steps=("configure", "cmake -DCMAKE_CXX_FLAGS=-B{source}/fake/ {build} >/dev/null && cmake --build {build}")),
)  # fmt: skip
