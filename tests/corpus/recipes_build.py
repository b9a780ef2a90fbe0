"""Logs of CMake, linkers, ninja and make."""

# ruff: noqa: E501  (recipes are data: one line each reads better)
from __future__ import annotations

from tests.corpus.make import Edit, Recipe

SHARED = ("-DBUILD_SHARED_LIBS=ON", "-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-z,defs")
CONVERSION = "lib/Conversion/CMakeLists.txt"
HLO = "third_party/hlo/lib/CMakeLists.txt"
NO_SUPPORT: dict[str, Edit] = {CONVERSION: "add_library(QuillConversion Convert.cpp)\n"}
NO_SUPPORT_HLO: dict[str, Edit] = {HLO: "add_library(HloShapes Shapes.cpp)\n"}
LINKERS = ("bfd", "gold", "lld", "mold")


def shared(linker: str) -> tuple[str, str]:
    return ("-DBUILD_SHARED_LIBS=ON", f"-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-z,defs -fuse-ld={linker}")


def configure(name: str, edits: dict[str, Edit], *, llvm: str = "", **rest: object) -> Recipe:
    return Recipe(name=name, edits=edits, llvm=llvm, steps=("configure",), **rest)  # type: ignore[arg-type]


TOP = "CMakeLists.txt"
LINKING = tuple(
    Recipe(name=f"shared-{linker}", edits={**NO_SUPPORT, **NO_SUPPORT_HLO}, cmake=shared(linker)) for linker in LINKERS
) + tuple(
    Recipe(
        name=f"library-gone-{linker}",
        edits={CONVERSION: "add_library(QuillConversion Convert.cpp)\n"
               "target_link_libraries(QuillConversion PUBLIC QuillSupport HloShapes -lMLIRTosa -lMLIRStandard)\n"},
        cmake=shared(linker),
    )
    for linker in LINKERS
) + tuple(
    Recipe(
        name=f"executable-undefined-{linker}",
        edits={"tools/CMakeLists.txt": "add_executable(quill-calc quill-calc/quill-calc.cpp)\n"
               "target_link_libraries(quill-calc PRIVATE QuillSupport)\n"},
        cmake=(f"-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld={linker}",),
        compiler=compiler,
    )
    for linker, compiler in (("bfd", "clang++"), ("lld", "clang++"))
)  # fmt: skip

MLIR_SHARED = {
    "lib/Transforms/CMakeLists.txt": "add_library(QuillTransforms Lower.cpp)\ntarget_link_libraries(QuillTransforms PUBLIC MLIRIR LLVM)\nadd_dependencies(QuillTransforms QuillOpsIncGen)\n",
    "lib/Transforms/Lower.cpp": '#include "mlir/IR/Builders.h"\n#include "mlir/Dialect/Arith/IR/Arith.h"\n#include "mlir/Dialect/SparseTensor/IR/SparseTensor.h"\n#include "mlir/Dialect/Utils/StaticValueUtils.h"\n\n'
    "namespace quill {\nbool isSparse(mlir::Type type) { return bool(mlir::sparse_tensor::getSparseTensorEncoding(type)); }\n"
    "bool isOne(mlir::OpFoldResult value) { return mlir::isConstantIntValue(value, 1); }\n}\n",
}

WHOLE = "echo 'target_link_libraries(quill-calc PRIVATE -Wl,--whole-archive QuillSupport -Wl,--no-whole-archive)' >> tools/CMakeLists.txt"

RECIPES = (
    *LINKING,
    Recipe(name="shared-lld-debug", edits={**NO_SUPPORT}, cmake=(*shared("lld"), "-DCMAKE_BUILD_TYPE=Debug"), compiler="clang++-19"),
    Recipe(name="shared-clang-bfd", edits={**NO_SUPPORT}, cmake=SHARED, compiler="clang++"),
    Recipe(name="shared-make", edits={**NO_SUPPORT, **NO_SUPPORT_HLO}, cmake=SHARED, generator="Unix Makefiles", env={"MAKEFLAGS": "-j2"}),
    Recipe(name="shared-first-only", edits={**NO_SUPPORT, **NO_SUPPORT_HLO}, cmake=SHARED, keep_going=False),
    Recipe(name="shared-mlir-libraries", edits=MLIR_SHARED, llvm="22", cmake=SHARED, targets=("QuillTransforms",)),
    Recipe(name="shared-mlir-libraries-lld", edits=MLIR_SHARED, llvm="22", cmake=shared("lld"), targets=("QuillTransforms",)),
    Recipe(name="dso-missing", edits={"lib/IR/CMakeLists.txt": ("MLIR LLVM", "MLIR")}, llvm="22", targets=("quill-opt",), cmake=("-DCMAKE_EXE_LINKER_FLAGS=-Wl,--no-copy-dt-needed-entries",)),
    Recipe(
        name="rtti-differs", llvm="22", targets=("quill-opt",),
        edits={"CMakeLists.txt": ("-fno-rtti", "-frtti"), "lib/Transforms/Lower.cpp": ("namespace quill {", "#include \"mlir/Pass/Pass.h\"\n#include \"mlir/IR/PatternMatch.h\"\nnamespace quill {\nstruct P : mlir::PassWrapper<P, mlir::OperationPass<mlir::ModuleOp>> { void runOnOperation() override {} };\nstd::unique_ptr<mlir::Pass> make() { return std::make_unique<P>(); }\nstruct R : mlir::OpRewritePattern<mlir::ModuleOp> { using OpRewritePattern::OpRewritePattern; mlir::LogicalResult matchAndRewrite(mlir::ModuleOp, mlir::PatternRewriter &) const override { return mlir::failure(); } };\nvoid add(mlir::RewritePatternSet &s) { s.add<R>(s.getContext()); }"),
               "tools/quill-opt/quill-opt.cpp": ("int main(", "namespace quill { std::unique_ptr<mlir::Pass> make(); void add(mlir::RewritePatternSet &); }\nint main("), },
        prepare=("sed -i 's/registry.insert/auto pass = quill::make(); void (*f)(mlir::RewritePatternSet \\&) = quill::add; (void)f;\\n  registry.insert/; s/#include \"mlir.Tools/#include \"mlir\\/Pass\\/Pass.h\"\\n#include \"mlir\\/IR\\/PatternMatch.h\"\\n&/' tools/quill-opt/quill-opt.cpp",),
    ),
    Recipe(
        name="abi-checks-differ", llvm="22", targets=("quill-opt",),
        prepare=("mkdir -p override/llvm/Config && sed 's/define LLVM_ENABLE_ABI_BREAKING_CHECKS 1/define LLVM_ENABLE_ABI_BREAKING_CHECKS 0/' {llvm}/llvm/include/llvm/Config/abi-breaking.h > override/llvm/Config/abi-breaking.h",),
        edits={"CMakeLists.txt": ("include_directories(SYSTEM", "include_directories(BEFORE override)\n  include_directories(SYSTEM")},
    ),
    Recipe(
        name="duplicate-symbol", edits={"lib/Conversion/Convert.cpp": ("namespace quill {\nnamespace conversion {", "namespace quill {\nnamespace support { bool broadcasts(const std::vector<long> &, const std::vector<long> &) { return false; } }\nnamespace conversion {")},
        cmake=("-DCMAKE_EXE_LINKER_FLAGS=",), targets=("quill-calc",), prepare=(WHOLE,),
    ),
    Recipe(
        name="duplicate-symbol-lld", edits={"lib/Conversion/Convert.cpp": ("namespace quill {\nnamespace conversion {", "namespace quill {\nnamespace support { bool broadcasts(const std::vector<long> &, const std::vector<long> &) { return false; } }\nnamespace conversion {")},
        cmake=("-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld",), targets=("quill-calc",), prepare=(WHOLE,),
    ),
    Recipe(
        name="not-position-independent", compiler="g++",
        edits={CONVERSION: "add_library(QuillConversion SHARED Convert.cpp)\ntarget_link_libraries(QuillConversion PUBLIC QuillSupport HloShapes)\n"},
        cmake=("-DCMAKE_CXX_FLAGS=-fno-pic",), targets=("QuillConversion",),
    ),
    Recipe(
        name="archive-of-another-kind", compiler="g++", targets=("QuillConversion",),
        edits={CONVERSION: "add_library(QuillConversion SHARED Convert.cpp)\ntarget_link_libraries(QuillConversion PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/libold.a)\n"},
        prepare=("printf 'not an archive at all\\n' > lib/Conversion/libold.a",),
    ),
    Recipe(
        name="library-file-gone", llvm="22", targets=("QuillTransforms",),
        edits={"lib/Transforms/CMakeLists.txt": "add_library(QuillTransforms SHARED Lower.cpp)\ntarget_link_libraries(QuillTransforms PUBLIC {llvm}/mlir/lib/libMLIRMeshDialect.a MLIR)\n"},
        prepare=("sed -i 's,{ll''vm},{llvm},' lib/Transforms/CMakeLists.txt",),
    ),
    Recipe(
        name="make-file-gone", generator="Unix Makefiles",
        edits={CONVERSION: "add_library(QuillConversion SHARED Convert.cpp)\ntarget_link_libraries(QuillConversion PUBLIC QuillSupport HloShapes /opt/old/lib/libHloBase.a)\n"},
        cmake=("-DCMAKE_POSITION_INDEPENDENT_CODE=ON",),
    ),
    Recipe(name="unknown-target", steps=("configure", ("cmake", "--build", "{build}", "--target", "check-quill-lit")),),
    # CMake
    configure("package-missing", {TOP: ("find_package(MLIR REQUIRED CONFIG)", "find_package(MLIR REQUIRED CONFIG)\n  find_package(StableHlo REQUIRED CONFIG)")}, llvm="22"),
    configure("package-missing-mlir", {}, cmake=("-DQUILL_WITH_MLIR=ON",)),
    configure("package-version", {TOP: ("find_package(MLIR REQUIRED CONFIG)", "find_package(LLVM 23.0 EXACT REQUIRED CONFIG)\n  find_package(MLIR REQUIRED CONFIG)")}, llvm="22"),
    configure("package-rejected", {"cmake/OddConfig.cmake": "set(Odd_FOUND FALSE)\nset(Odd_NOT_FOUND_MESSAGE \"Odd was built without assertions, and LLVM with them, so that the two cannot be used together in one program\")\n", TOP: ("option(QUILL", "find_package(Odd REQUIRED CONFIG PATHS ${CMAKE_SOURCE_DIR}/cmake)\noption(QUILL")}),
    configure("install-incomplete", {}, llvm="22", prepare=(
        "mkdir -p partial/lib && cp -r {llvm}/mlir/lib/cmake partial/lib/cmake && cp -r {llvm}/llvm/lib/cmake/llvm partial/lib/cmake/",
        "mkdir -p partial/include && rm -rf partial/lib/cmake/clang",
    ), cmake=("-DMLIR_DIR={source}/partial/lib/cmake/mlir", "-DLLVM_DIR={source}/partial/lib/cmake/llvm")),
    configure("utility-targets-missing", {TOP: ("add_subdirectory(third_party/hlo)", "add_subdirectory(test)\nadd_subdirectory(third_party/hlo)"), "test/CMakeLists.txt": "add_custom_target(check-quill COMMAND true)\nforeach(suite IR Transforms Conversion Support)\n  add_custom_target(check-quill-${suite} COMMAND true)\n  foreach(tool FileCheck count not split-file)\n    add_dependencies(check-quill-${suite} ${tool})\n    set_target_properties(${tool} PROPERTIES FOLDER Tests)\n  endforeach()\nendforeach()\n"}, llvm="21"),
    configure("dependency-target-gone", {"lib/Transforms/CMakeLists.txt": "add_mlir_library(QuillTransforms Lower.cpp\n  DEPENDS QuillOpsIncGen MLIRMeshIncGen MLIRLinalgAnalysis\n  LINK_LIBS PUBLIC MLIRIR MLIRPass)\n"}, llvm="22"),
    configure("link-target-gone", {CONVERSION: "add_library(QuillConversion Convert.cpp)\ntarget_link_libraries(QuillConversion PUBLIC QuillSupport HLO::Shapes MLIR::StandardOps)\n"}),
    configure("link-target-gone-hlo", {HLO: "add_library(HloShapes Shapes.cpp)\nset_property(TARGET HloShapes PROPERTY INTERFACE_LINK_LIBRARIES)\ntarget_link_libraries(HloShapes PUBLIC MLIR::Mesh)\n"}),
    configure("export-set", {CONVERSION: "add_library(QuillConversion Convert.cpp)\ntarget_link_libraries(QuillConversion PUBLIC QuillSupport HloShapes)\ninstall(TARGETS QuillConversion EXPORT QuillTargets DESTINATION lib)\ninstall(EXPORT QuillTargets DESTINATION lib/cmake/quill)\n"}),
    configure("unknown-command", {TOP: ("  include(AddMLIR)\n", "")}, llvm="22"),
    configure("unknown-command-removed", {"lib/Transforms/CMakeLists.txt": ("target_link", "mlir_check_all_link_libraries(QuillTransforms)\nmlir_target_flatten_library(QuillTransforms)\ntarget_link")}, llvm="22"),
    configure("submodule-empty", {}, prepare=("rm -rf third_party/hlo && mkdir third_party/hlo",)),
    configure("submodule-gone", {}, prepare=("rm -rf third_party/hlo",)),
    configure("module-gone", {TOP: ("include(AddMLIR)", "include(AddMLIR)\n  include(AddMLIRPythonOld)")}, llvm="22"),
    configure("source-gone", {"lib/Support/CMakeLists.txt": "add_library(QuillSupport Shapes.cpp Strides.cpp)\n"}),
    configure("minimum-version", {TOP: ("VERSION 3.20", "VERSION 99.1")}),
    configure("policy-version", {"third_party/hlo/CMakeLists.txt": "cmake_minimum_required(VERSION 2.8.12)\nproject(hlo CXX)\nadd_subdirectory(lib)\n"}),
    configure("own-message", {TOP: ("option(QUILL", 'message(FATAL_ERROR "quill needs an LLVM with assertions: LLVM_ENABLE_ASSERTIONS is OFF in the LLVM that was found, and the tests rely on statistics; rebuild LLVM with -DLLVM_ENABLE_ASSERTIONS=ON")\noption(QUILL')}),
    configure("own-message-component", {"third_party/hlo/CMakeLists.txt": 'function(hlo_require name)\n  if(NOT DEFINED ${name})\n    message(SEND_ERROR "hlo: ${name} is not set; was LLVM found before hlo was added?")\n  endif()\nendfunction()\nhlo_require(HLO_LLVM_REVISION)\nhlo_require(HLO_ENABLE_BINDINGS)\nadd_subdirectory(lib)\n'}),
    configure("compiler-absent", {}, compiler="/usr/bin/no-such-g++"),
    configure("compiler-broken", {}, cmake=("-DCMAKE_CXX_FLAGS=-fno-such-option",)),
    configure("syntax-cmake", {"lib/Support/CMakeLists.txt": "add_library(QuillSupport Shapes.cpp\n\nif(QUILL_WITH_MLIR)\nendif()\n"}),
    configure("duplicate-target", {CONVERSION: "add_library(QuillSupport Convert.cpp)\n"}),
    configure("generator-expression", {CONVERSION: "add_library(QuillConversion Convert.cpp)\ntarget_link_libraries(QuillConversion PUBLIC QuillSupport HloShapes)\nadd_custom_command(TARGET QuillConversion POST_BUILD COMMAND echo $<TARGET_FILE:MLIRMeshDialect>)\n"}),
)  # fmt: skip
