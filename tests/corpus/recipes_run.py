"""Logs of programs that were built and then run: the loader, LLVM's own errors, lit, scripts of the build."""

# ruff: noqa: E501, ISC004, PIE800  (recipes are data: one line each reads better)
from __future__ import annotations

from tests.corpus.make import Edit, Recipe

SHARED = ("-DBUILD_SHARED_LIBS=ON",)
CALC = "{build}/tools/quill-calc"
OPT = "{build}/tools/quill-opt"
LIT_CFG = (
    "import lit.formats\nconfig.name = 'QUILL'\nconfig.test_format = lit.formats.ShTest()\n"
    "config.suffixes = ['.mlir', '.test']\nconfig.test_source_root = '{source}/test'\nconfig.test_exec_root = '{build}/test'\n"
    "config.substitutions.append(('%calc', '{build}/tools/quill-calc'))\n"
    "config.substitutions.append(('%opt', '{build}/tools/quill-opt'))\n"
    "config.substitutions.append(('FileCheck', '{llvm22}/llvm/bin/FileCheck'))\n"
)
FILL_LIT = "sed -i 's,{so''urce},{source},g; s,{bu''ild},{build},g; s,{ll''vm22},{llvm22},g' test/lit.cfg.py"
CHECK_TARGET = (
    "\nadd_custom_target(check-quill COMMAND ${PYTHON} -m lit.main -v ${CMAKE_SOURCE_DIR}/test USES_TERMINAL)\n"
)


def tests(**files: str) -> dict[str, Edit]:
    edits: dict[str, Edit] = {f"test/{name.replace('_', '.', 1)}": text for name, text in files.items()}
    edits["test/lit.cfg.py"] = LIT_CFG
    return edits


LIT = "python3 -c 'from lit.main import main; main()' -v {source}/test"


def lit(name: str, edits: dict[str, Edit], **rest: object) -> Recipe:
    rest.setdefault("targets", ("quill-calc",))
    rest.setdefault("prepare", (FILL_LIT,))
    return Recipe(name=name, edits=edits, steps=("configure", "build", LIT), **rest)  # type: ignore[arg-type]


def custom(command: str, *, output: str = "table.inc", comment: str = "") -> dict[str, Edit]:
    words = f' COMMENT "{comment}"' if comment else ""
    return {
        "lib/Support/CMakeLists.txt": "add_library(QuillSupport Shapes.cpp)\n"
        f"add_custom_command(OUTPUT {output} COMMAND {command}{words} VERBATIM)\n"
        f"add_custom_target(tables DEPENDS {output})\nadd_dependencies(QuillSupport tables)\n"
    }


PROMISE = {
    "tools/quill-opt/quill-opt.cpp": (
        "registry.insert<quill::QuillDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect>();",
        "registry.insert<quill::QuillDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect>();\n"
        "  mlir::bufferization::registerBufferizationPasses();\n  registry.insert<mlir::bufferization::BufferizationDialect, mlir::tensor::TensorDialect>();",
    )
}
INCLUDES = '#include "mlir/Dialect/Bufferization/IR/Bufferization.h"\\n#include "mlir/Dialect/Bufferization/Transforms/Passes.h"\\n#include "mlir/Dialect/Tensor/IR/Tensor.h"\\n#include "mlir/Dialect/Linalg/IR/Linalg.h"'
TENSORS = "func.func @f(%a: tensor<4xf32>, %i: index) -> f32 {\n  %x = arith.constant dense<1.0> : tensor<4xf32>\n  %r = tensor.extract %x[%i] : tensor<4xf32>\n  return %r : f32\n}\n"

RECIPES = (
    Recipe(name="loader-library", cmake=(*SHARED, "-DCMAKE_INSTALL_RPATH="), steps=("configure", "build", "install", "{build}/prefix/bin/quill-calc"), targets=("quill-calc", "all")),
    Recipe(name="loader-library-all-steps", cmake=SHARED, steps=("configure", "build", "install", "{build}/prefix/bin/quill-calc"), keep="all"),
    Recipe(name="loader-llvm-library", llvm="22", targets=("all",), steps=("configure", "build", "chmod u+w {build}/tools/quill-opt; objcopy --version >/dev/null; cp {build}/tools/quill-opt {build}/q && python3 -c \"import sys; p='{build}/q'; d=open(p,'rb').read(); open(p,'wb').write(d.replace(b'libMLIR.so', b'libMLIX.so'))\" && {build}/q --version")),
    Recipe(name="loader-symbol", cmake=SHARED, steps=("configure", "build", "printf 'int other() { return 1; }' > {build}/x.cpp && g++ -shared -fPIC -o {build}/lib/Support/libQuillSupport.so {build}/x.cpp && {build}/tools/quill-calc")),
    Recipe(name="loader-in-build", edits={**{"tools/CMakeLists.txt": ("install(TARGETS", "add_custom_command(OUTPUT table.txt COMMAND ${CMAKE_COMMAND} -E env LD_LIBRARY_PATH= $<TARGET_FILE:quill-calc> > table.txt)\nadd_custom_target(table ALL DEPENDS table.txt)\ninstall(TARGETS")}}, cmake=(*SHARED, "-DCMAKE_SKIP_RPATH=ON")),
    Recipe(name="llvm-twice", llvm="22", targets=("quill-opt",), edits={
        "lib/Transforms/Options.cpp": '#include "llvm/Support/CommandLine.h"\n\nstatic llvm::cl::opt<bool> fuse("quill-fuse", llvm::cl::desc("Fuse"));\nbool quillFuses() { return fuse; }\n',
        "lib/Transforms/CMakeLists.txt": ("add_library(QuillTransforms Lower.cpp)", "add_library(QuillOptions SHARED Options.cpp)\ntarget_link_libraries(QuillOptions PUBLIC LLVM)\nadd_library(QuillPasses SHARED Options.cpp)\ntarget_link_libraries(QuillPasses PUBLIC LLVM)\nadd_library(QuillTransforms Lower.cpp)\ntarget_link_libraries(QuillTransforms PUBLIC -Wl,--no-as-needed QuillOptions QuillPasses)"),
    }, steps=("configure", "build", f"{OPT} --version")),
    Recipe(name="promised-interface", llvm="22", targets=("quill-opt",), edits={**PROMISE, "t.mlir": TENSORS}, prepare=(f"sed -i 's|#include \"mlir/Tools|{INCLUDES}\\n&|' tools/quill-opt/quill-opt.cpp",), steps=("configure", "build", f"{OPT} --one-shot-bufferize {{source}}/t.mlir")),
    Recipe(name="assertion", llvm="22", targets=("quill-opt",), edits={"tools/quill-opt/quill-opt.cpp": ("  return mlir::asMain", "  mlir::MLIRContext context;\n  mlir::cast<mlir::FloatType>(mlir::Type(mlir::IndexType::get(&context)));\n  return mlir::asMain")}, prepare=("sed -i 's|#include \"mlir/Tools|#include \"mlir/IR/MLIRContext.h\"\\n#include \"mlir/IR/BuiltinTypes.h\"\\n&|' tools/quill-opt/quill-opt.cpp",), steps=("configure", "build", f"{OPT} --version")),
    Recipe(name="unregistered-dialect", llvm="22", targets=("quill-opt",), steps=("configure", "build", f"printf 'func.func @f() {{{{ \"mesh.shard\"() : () -> () return }}}}' | sed 's/{{{{/{{/;s/}}}}/}}/' | {OPT}")),
    Recipe(name="unknown-pass", llvm="22", targets=("quill-opt",), steps=("configure", "build", f"{OPT} --sharding-propagation /dev/null")),
    # lit
    lit("lit-configuration", {**tests(a_mlir="// RUN: true\n"), "test/lit.cfg.py": LIT_CFG.replace("ShTest()", "ShTest(True)")}),
    lit("filecheck-drift", tests(add_mlir="// RUN: %calc | FileCheck %s\n// CHECK: the sum is 33\n", sub_mlir="// RUN: %calc | FileCheck %s\n// CHECK: 33\n// CHECK-NEXT: done\n", ok_mlir="// RUN: %calc | FileCheck %s\n// CHECK: 33\n", neg_mlir="// RUN: %calc | FileCheck %s\n// CHECK-NOT: 33\n")),
    lit("filecheck-printer", {**tests(op_mlir='// RUN: %opt %s | FileCheck %s\n// CHECK: quill.add(%arg0, %arg1) : i32\nfunc.func @f(%a: i32, %b: i32) -> i32 {\n  %r = "quill.add"(%a, %b) : (i32, i32) -> i32\n  return %r : i32\n}\n', attr_mlir='// RUN: %opt %s | FileCheck %s\n// CHECK: arith.constant 3 : i64\nfunc.func @g() -> index {\n  %c = arith.constant 3 : index\n  return %c : index\n}\n')}, llvm="22", targets=("quill-opt",)),
    lit("lit-crash", {**tests(a_mlir="// RUN: %calc | FileCheck %s\n// CHECK: 33\n", b_mlir="// RUN: %calc\n", c_mlir="// RUN: %calc 1\n"), "tools/quill-calc/quill-calc.cpp": ("int main() {", "#include <cassert>\nint main() {\n  std::vector<int> shape;\n  assert(!shape.empty() && \"a shape has at least one extent\");")}),
    lit("lit-loader", {**tests(a_mlir="// RUN: env LD_LIBRARY_PATH= {build}/prefix/bin/quill-calc\n", b_mlir="// RUN: {build}/prefix/bin/quill-calc | FileCheck %s\n// CHECK: 33\n")}, cmake=SHARED, prepare=(FILL_LIT, "sed -i 's,{bu''ild},{build},g' test/*.mlir"), targets=("all",)),
    lit("lit-tool-missing", tests(a_mlir="// RUN: quill-translate --help\n", b_mlir="// RUN: quill-translate %s | FileCheck %s\n// CHECK: x\n")),
    lit("lit-mixed", tests(a_mlir="// RUN: %calc | FileCheck %s\n// CHECK: 44\n", b_mlir="// RUN: false\n", c_mlir="// RUN: %calc\n// XFAIL: *\n", d_mlir="// RUN: %calc\n")),
    lit("lit-parse-error", tests(a_mlir='// RUN: %opt %s | FileCheck %s\n// CHECK: func\nfunc.func @f(%t: tensor<4xf32>) {\n  mesh.shard %t : tensor<4xf32>\n  return\n}\n', b_mlir='// RUN: %opt %s --verify-diagnostics\nfunc.func @g() {\n  // expected-error@+1 {{custom op}}\n  quill.gone\n  %c = arith.constant 1 : i32\n  return %c : i32\n}\n'), llvm="22", targets=("quill-opt",)),
    Recipe(name="lit-in-ninja", edits={**tests(add_mlir="// RUN: %calc | FileCheck %s\n// CHECK: the sum is 33\n", other_mlir="// RUN: %calc --gone | FileCheck %s\n// CHECK: 33\n// CHECK-SAME: 34\n"), "CMakeLists.txt": ("add_subdirectory(tools)", "add_subdirectory(tools)\nadd_custom_target(check-quill COMMAND python3 -c \"from lit.main import main; main()\" -sv ${CMAKE_SOURCE_DIR}/test DEPENDS quill-calc USES_TERMINAL VERBATIM)")}, prepare=(FILL_LIT,), targets=("check-quill",)),
    Recipe(name="ctest-failed", edits={"CMakeLists.txt": ("add_subdirectory(tools)", "enable_testing()\nadd_subdirectory(tools)\nadd_test(NAME calc COMMAND quill-calc)\nadd_test(NAME sum COMMAND ${CMAKE_COMMAND} -E compare_files CMakeLists.txt README)\nadd_test(NAME fail COMMAND ${CMAKE_COMMAND} -E false)")}, steps=("configure", "build", ("ctest", "--test-dir", "{build}", "--output-on-failure"))),
    # commands of the build
    Recipe(name="python-script", edits=custom("python3 ${CMAKE_CURRENT_SOURCE_DIR}/gen.py", comment="Generating tables") | {"lib/Support/gen.py": "import json\n\n\ndef rows(path):\n    return json.loads('{\"rows\": 3}')['columns']\n\n\nprint(rows('x'))\n"}),
    Recipe(name="python-module", edits=custom("python3 -c \"import mlir_old_bindings\"", comment="Generating tables")),
    Recipe(name="tool-not-found", edits=custom("quill-tblgen-old --gen -o table.inc", comment="Generating tables")),
    Recipe(name="odd-tool", edits=custom("sh -c \"echo reading 3 rows >&2; echo 'E0042 bad row 2 in table (expected 4 columns)' >&2; exit 9\"", comment="Generating tables")),
    Recipe(name="silent-tool", edits=custom("sh -c \"exit 3\"", comment="Generating tables")),
    Recipe(name="odd-tool-make", generator="Unix Makefiles", edits=custom("sh -c \"echo reading 3 rows >&2; echo 'row 2 is odd' >&2; exit 9\"", comment="Generating tables")),
    Recipe(name="crashing-tool", edits=custom("sh -c \"kill -SEGV $$\"", comment="Generating tables")),
    # what passed
    Recipe(name="passed-warnings", passes=True, cmake=("-DCMAKE_CXX_FLAGS=-Wall -Wextra",), edits={"lib/Support/Shapes.cpp": ("long count = 1;", "int unused_error = 3; long count = 1;\n#warning error: this is no error")}, keep="all"),
    Recipe(name="passed-noise", passes=True, edits=custom("sh -c \"echo 'error: retrying once'; echo 'fatal: not a git repository'; echo 'undefined reference to nothing'; touch table.inc\"", comment="Generating tables"), keep="all"),
    Recipe(name="passed-mlir", passes=True, llvm="22", targets=("quill-opt",), keep="all"),
    lit("passed-lit", tests(a_mlir="// RUN: %calc | FileCheck %s\n// CHECK: 33\n", b_mlir="// RUN: false\n// XFAIL: *\n"), passes=True, keep="all"),
    Recipe(name="passed-make", passes=True, generator="Unix Makefiles", keep="all", cmake=("-DCMAKE_CXX_FLAGS=-Wall",), edits={"lib/Support/Shapes.cpp": ("long count = 1;", "int error; long count = 1;")}),
    Recipe(name="passed-configure-noise", passes=True, steps=("configure",), edits={"CMakeLists.txt": ("option(QUILL", "include(CheckCXXSourceCompiles)\ncheck_cxx_source_compiles(\"int main() { return no_such; }\" QUILL_HAS_NOTHING)\nexecute_process(COMMAND git describe --tags RESULT_VARIABLE none)\nfind_package(StableHlo CONFIG)\nmessage(WARNING \"error: StableHlo was not found; fatal errors may follow\")\noption(QUILL")}),
)  # fmt: skip
