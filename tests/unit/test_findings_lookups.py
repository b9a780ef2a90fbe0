"""What is looked up besides the log: defining libraries, CMake lines, generators, successors, culprits, the command."""

# ruff: noqa: E501  (what tools print)
from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.errors import EXIT_OK, EXIT_USAGE
from pytest_llvmgate.findings import DiagnosisContext, diagnose
from pytest_llvmgate.findings.known_llvms import known_llvms
from pytest_llvmgate.findings.successor_rules import add_successors, header_successors
from pytest_llvmgate.model import Confidence, Finding, Layer
from pytest_llvmgate.surface.definers import Definers
from pytest_llvmgate.upstream.blame import blame
from tests.miniature import Miniature, create, isolated
from tests.support.programs import needs

CXX = shutil.which("c++")
needs_compiler = needs("c++", "ar")


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


# -- which library defines a symbol ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive and a shared library."""
    root = tmp_path_factory.mktemp("libraries")
    code = "namespace ns {{ struct {0} {{ virtual ~{0}(); int get(int) const; }}; {0}::~{0}() {{}} int {0}::get(int x) const {{ return x; }} }}"
    for name in ("One", "Two"):
        source = root / f"{name}.cpp"
        source.write_text(code.format(name), encoding="utf-8")
        subprocess.run([str(CXX), "-fPIC", "-c", str(source), "-o", str(root / f"{name}.o")], check=True)
    (root / "lib").mkdir()
    subprocess.run(["ar", "crs", str(root / "lib/libMLIROne.a"), str(root / "One.o")], check=True)
    subprocess.run([str(CXX), "-shared", "-o", str(root / "lib/libMLIRTwo.so"), str(root / "Two.o")], check=True)
    return root


@needs_compiler
def test_a_shared_library_that_holds_a_copy_of_an_archives_object_is_not_meant(libraries: Path, tmp_path: Path) -> None:
    objects = [str(libraries / "One.o"), str(libraries / "Two.o")]
    subprocess.run([str(CXX), "-shared", "-o", str(tmp_path / "libX.so"), *objects], check=True)
    symbols = ("ns::One::get(int) const", "ns::Two::get(int) const")
    found = Definers(directories=[tmp_path, libraries / "lib"]).find(symbols)
    assert found == {symbols[0]: ("MLIROne",), symbols[1]: ("X", "MLIRTwo")}


@needs_compiler
@pytest.mark.parametrize(
    ("symbol", "library"),
    [
        ("ns::One::get(int) const", "MLIROne"),
        ("ns::Two::get(int) const", "MLIRTwo"),
        ("vtable for ns::One", "MLIROne"),
        ("ns::One::~One()", "MLIROne"),
        ("_ZNK2ns3One3getEi", "MLIROne"),
    ],
)
def test_the_library_that_defines_a_symbol(libraries: Path, symbol: str, library: str):
    assert Definers(directories=[libraries]).find([symbol]) == {symbol: (library,)}


OPERATORS = """
namespace fig { struct Date {}; }
namespace ns { struct Pear { int n; operator int *() const; operator fig::Date() const; bool operator==(int) const;
int operator()(int); int &operator[](int); Pear &operator+=(int); Pear *operator->(); Pear operator-() const; ~Pear(); };
template <typename T> struct Of { T get; explicit operator bool() const; };
Pear::operator int *() const { return nullptr; }  Pear::operator fig::Date() const { return {}; }  Pear::~Pear() {}
bool Pear::operator==(int) const { return true; }  int Pear::operator()(int x) { return x; }
int &Pear::operator[](int) { return n; }  Pear &Pear::operator+=(int) { return *this; }
Pear *Pear::operator->() { return this; }  Pear Pear::operator-() const { return {}; }
template <> Of<Pear>::operator bool() const { return true; }
Pear operator<<(Pear p, int) { return p; } }
bool operator<(ns::Pear, int) { return true; }
"""


@needs_compiler
def test_the_library_that_defines_an_operator(tmp_path: Path) -> None:
    many = "".join(f"int f{number}(int) {{ return 0; }}" for number in range(500))
    (tmp_path / "One.cpp").write_text(f"namespace ns {{ {many} }}\n{OPERATORS}")
    subprocess.run([str(CXX), "-shared", "-fPIC", "One.cpp", "-o", "libOne.so"], cwd=tmp_path, check=True)
    members = (
        "int*() const",
        "fig::Date() const",
        "==(int) const",
        "()(int)",
        "[](int)",
        "+=(int)",
        "->()",
        "-() const",
    )
    joined = [f"ns::Pear::operator{' ' if member[0].isalpha() else ''}{member}" for member in members]
    others = ("ns::Pear::~Pear()", "ns::Of<ns::Pear>::operator bool() const", "ns::operator<<(ns::Pear, int)")
    symbols = (*joined, *others, "operator<(ns::Pear, int)")
    assert Definers(directories=[tmp_path]).find(symbols) == dict.fromkeys(symbols, ("One",))


@needs_compiler
@pytest.mark.parametrize(
    ("defined", "setting", "key"),
    [
        ("struct Tree { virtual ~Tree(); }; Tree::~Tree() {}", "ON", ("shared-link", "Foo -> MLIRIR")),
        ("struct Leaf {}; int at(Leaf) { return 0; }", "ON", ("shared-link", "Foo -> mlir")),
        ("struct Leaf {}; int at(Leaf) { return 0; }", "OFF", ("abi-mismatch", "RTTI")),
    ],
)
def test_a_typeinfo_is_a_matter_of_rtti_where_the_llvm_at_hand_is_without(
    tmp_path: Path, defined: str, setting: str, key: tuple[str, str]
) -> None:
    write(
        tmp_path,
        {
            "a.cpp": f"namespace mlir {{ {defined} }}",
            "lib/cmake/llvm/LLVMConfig.cmake": f"set(LLVM_ENABLE_RTTI {setting})\n",
        },
    )
    subprocess.run([str(CXX), "-shared", "-fPIC", "a.cpp", "-o", "lib/libMLIRIR.so"], cwd=tmp_path, check=True)
    log = LINK.replace("ns::One::get(int) const", "typeinfo for mlir::Tree")
    (finding,) = diagnose([log.encode()], context=DiagnosisContext(prefixes=(tmp_path,))).findings
    assert finding.key == key
    assert (finding.confidence is Confidence.LIKELY) == (key[1] == "Foo -> mlir")


TEMPLATES = """
namespace ns { struct Pear {}; struct Fig {}; namespace in { struct Plum {}; }
template <typename T, typename U = void> struct Id { static int id; template <typename V> void put(V, T); T get(); };
template <> int Id<Pear>::id = 1;
template <> int Id<in::Plum, Fig>::id = 2;
template <> template <> void Id<Pear>::put(Fig, Pear) {}
template <> in::Plum Id<in::Plum>::get() { return {}; }
template <typename T> T made() { return {}; }
template in::Plum made<in::Plum>(); }
"""


@needs_compiler
@pytest.mark.parametrize(
    "symbol",
    [
        "ns::Id<ns::Pear, void>::id",
        "ns::Id<ns::in::Plum, ns::Fig>::id",
        "void ns::Id<ns::Pear, void>::put<ns::Fig>(ns::Fig, ns::Pear)",
        "ns::Id<ns::in::Plum, void>::get()",
        "ns::in::Plum ns::made<ns::in::Plum>()",
    ],
)
def test_the_library_that_defines_a_member_of_a_templates_instance(tmp_path: Path, symbol: str) -> None:
    others = TEMPLATES.replace("Pear", "Quince").replace("Plum", "Sloe").replace("Fig", "Date")
    for name, text in (("One", TEMPLATES), ("Two", others)):
        (tmp_path / f"{name}.cpp").write_text(text)
        subprocess.run([str(CXX), "-shared", "-fPIC", f"{name}.cpp", "-o", f"lib{name}.so"], cwd=tmp_path, check=True)
    assert Definers(directories=[tmp_path]).find([symbol]) == {symbol: ("One",)}


@needs_compiler
def test_another_overload_is_another_symbol(libraries: Path):
    assert Definers(directories=[libraries]).find(["ns::One::get(long) const"]) == {"ns::One::get(long) const": ()}


def test_a_library_that_cannot_be_read_defines_nothing(tmp_path: Path):
    (tmp_path / "libX.a").write_bytes(b"!<arch>\nnot an archive")
    (tmp_path / "libY.so").write_bytes(b"no elf")
    assert Definers(directories=[tmp_path]).find(["f(int)"]) == {"f(int)": ()}


LINK = """[1/2] Linking CXX shared library lib/libFoo.so
FAILED: lib/libFoo.so
: && c++ -shared -o lib/libFoo.so lib/Foo/CMakeFiles/Foo.dir/Foo.cpp.o && :
/usr/bin/ld: lib/Foo/CMakeFiles/Foo.dir/Foo.cpp.o: in function `f()':
Foo.cpp:(.text+0x14): undefined reference to `ns::One::get(int) const'
collect2: error: ld returned 1 exit status
ninja: build stopped: subcommand failed.
"""


@needs_compiler
def test_a_shared_link_names_the_library_and_the_line_to_edit(libraries: Path, tmp_path: Path):
    source = write(
        tmp_path, {"lib/Foo/CMakeLists.txt": "add_mlir_library(Foo\n  Foo.cpp\n  LINK_LIBS PUBLIC\n  MLIRIR\n  )\n"}
    )
    (finding,) = diagnose([LINK.encode()], context=DiagnosisContext(source=source, prefixes=(libraries,))).findings
    assert finding.key == ("shared-link", "Foo -> MLIROne")
    assert str(finding.locations[0]) == "lib/Foo/CMakeLists.txt:4"
    assert finding.advice[0] == "lib/Foo/CMakeLists.txt:4: add MLIROne to LINK_LIBS of add_mlir_library(Foo)."


FOO = "add_mlir_library(Foo\n  Foo.cpp\n  )\n"
NAMELESS = (
    "a.cpp:(.text+0x14): undefined reference to `ns::One::get(int) const'\ncollect2: error: ld returned 1 exit status\n"
)
NO_OBJECT = (
    f"[1/2] Linking CXX shared library lib/libFoo.so\nFAILED: lib/libFoo.so\n: && c++ @lib/libFoo.rsp && :\n{NAMELESS}"
)


def advice_of_two(
    root: Path, log: str, files: dict[str, str], build: Path | None = None
) -> tuple[str, tuple[str, ...]]:
    source = write(root, {"chapter1/Foo/CMakeLists.txt": FOO, "lib/Foo/CMakeLists.txt": FOO, **files})
    (finding,) = diagnose([log.encode()], context=DiagnosisContext(source=source, build=build)).findings
    return str(next(iter(finding.locations), "")), finding.advice


@pytest.mark.parametrize("build", ["", "/b/"])
def test_of_two_targets_of_one_name_the_one_that_was_built_is_edited(tmp_path: Path, build: str):
    log = LINK.replace("lib/Foo/CMakeFiles", f"{build}lib/Foo/CMakeFiles")
    place, (advice,) = advice_of_two(tmp_path, log, {}, Path("/b"))
    assert place == "lib/Foo/CMakeLists.txt:2"
    assert advice.startswith("lib/Foo/CMakeLists.txt:2: add LINK_LIBS PUBLIC")


@pytest.mark.parametrize("home", ["{root}/project", "{root}/.llvmgate/c/carry", "/another/copy"])
def test_the_build_may_begin_below_the_repository_or_in_a_copy_of_it(tmp_path: Path, home: str):
    begun = Path(home.format(root=tmp_path))
    files = {"b/CMakeCache.txt": f"CMAKE_HOME_DIRECTORY:INTERNAL={begun}\n"}
    files |= {"project/lib/Foo/CMakeLists.txt": FOO} if begun.name == "project" else {}
    place, _ = advice_of_two(tmp_path, LINK, files, tmp_path / "b")
    assert place == ("project/" if begun.name == "project" else "") + "lib/Foo/CMakeLists.txt:2"


def test_a_directory_that_declares_the_target_by_another_name_is_not_taken_for_one_that_was_not_built(tmp_path: Path):
    files = {"lib/Foo/CMakeLists.txt": "add_mlir_library(${NAME} Foo.cpp)\n"}
    place, (advice,) = advice_of_two(tmp_path, LINK, files)
    assert "CMakeLists" not in place
    assert advice == "Add the library that defines them to the LINK_LIBS (target_link_libraries) of Foo."


def test_where_no_object_tells_it_is_the_target_that_the_top_directory_adds(tmp_path: Path):
    build = tmp_path / "b"
    files = {
        "CMakeLists.txt": 'option(OLD "" ON)\nif(OLD)\nadd_subdirectory(chapter1/Foo)\nendif()\nadd_subdirectory(lib/Foo)\n',
        "b/CMakeCache.txt": f"CMAKE_HOME_DIRECTORY:INTERNAL={tmp_path}\nOLD:BOOL=OFF\n",
    }
    place, (advice,) = advice_of_two(tmp_path, NO_OBJECT, files, build)
    assert place == "lib/Foo/CMakeLists.txt:2"
    assert advice.startswith("lib/Foo/CMakeLists.txt:2: add")


def test_where_nothing_tells_which_target_was_built_all_are_named(tmp_path: Path):
    place, advice = advice_of_two(tmp_path, NO_OBJECT, {})
    assert "CMakeLists" not in place
    assert advice == (
        "Add the library that defines them to the LINK_LIBS (target_link_libraries) of Foo.",
        "Several files declare Foo, and one of them was built: chapter1/Foo/CMakeLists.txt:2, lib/Foo/CMakeLists.txt:2.",
    )


# -- generated files ---------------------------------------------------------------------------------------------------

GENERATED = """[1/2] Building CXX object lib/CMakeFiles/A.dir/A.cpp.o
FAILED: lib/CMakeFiles/A.dir/A.cpp.o
c++ -I{build}/include -o lib/CMakeFiles/A.dir/A.cpp.o -c {source}/lib/A.cpp
In file included from {source}/lib/A.cpp:3:
{build}/include/AOps.cpp.inc: In function 'bool helper(mlir::Type)':
{build}/include/AOps.cpp.inc:28:9: error: 'isa' was not declared in this scope
   28 |   if (!((isa<IntegerType>(type))))
      |          ^~~
ninja: build stopped: subcommand failed.
"""


def test_an_error_in_generated_code_leads_to_the_line_of_the_td_file(tmp_path: Path):
    source = write(
        tmp_path / "source",
        {
            "include/AOps.td": 'include "Base.td"\ndef AOp : A_Op<"a">;\n',
            "include/Base.td": '// isa<\ndef Small : Type<CPred<"isa<IntegerType>($_self)">>;\n',
        },
    )
    build = tmp_path / "build"
    rule = (
        f"build include/AOps.cpp.inc: CUSTOM_COMMAND {source}/include/AOps.td\n  COMMAND = mlir-tblgen -gen-op-defs\n\n"
    )
    write(build, {"build.ninja": f"ninja_required_version = 1.5\n\n{rule}"})
    log = GENERATED.format(source=source, build=build).encode()
    (finding,) = diagnose([log], context=DiagnosisContext(source=source, build=build)).findings
    assert str(finding.locations[0]) == "include/Base.td:2"
    assert finding.layer is Layer.DOWNSTREAM


ILL_FORMED = GENERATED.replace(
    "'isa' was not declared in this scope\n   28 |   if (!((isa<IntegerType>(type))))",
    "expected ')'\n   28 |       return emitError(loc, \"'a' op \"'sizes' attribute must have 13 \"",
)


@pytest.mark.parametrize(("code", "is_generators"), [("", True), ("'sizes' attribute must have 13 ", False)])
def test_generated_code_that_is_no_cxx_is_its_generators_mistake_unless_the_td_file_says_so(
    tmp_path: Path, code: str, is_generators: bool
):
    source = write(tmp_path / "source", {"include/AOps.td": f"def AOp : A_Op<[{{{code}}}]>;\n"})
    build = tmp_path / "build"
    rule = (
        f"build include/AOps.cpp.inc: CUSTOM_COMMAND {source}/include/AOps.td\n  COMMAND = mlir-tblgen -gen-op-defs\n"
    )
    write(build, {"build.ninja": f"ninja_required_version = 1.5\n\n{rule}\n"})
    log = ILL_FORMED.format(source=source, build=build).encode()
    (finding,) = diagnose([log], context=DiagnosisContext(source=source, build=build)).findings
    words = "mlir-tblgen makes no valid C++ of AOps.td: expected ')' (AOps.cpp.inc:28)"
    assert (finding.headline == words) is is_generators
    assert finding.layer is Layer.DOWNSTREAM


def test_without_a_build_directory_the_file_that_includes_it_is_shown():
    log = GENERATED.format(source="/home/user/p", build="/home/user/b").encode()
    (finding,) = diagnose([log]).findings
    assert str(finding.locations[0]) == "lib/A.cpp:3"


# -- successors --------------------------------------------------------------------------------------------------------


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "include/mlir/Analysis/Slice/SliceAnalysis.h": "#pragma once\n",
            "include/mlir/Dialect/Shard/IR/ShardDialect.h": "\n",
            "include/mlir/IR/Pattern.h": (
                "namespace mlir {\n// applyOld(x) was here\nLogicalResult applyPatternsGreedily(Operation *op);\n"
                "class Rewriter {\npublic:\n  StringRef getName() const;\n  void eraseOp(Operation *op);\n};\n}\n"
            ),
            "include/mlir/IR/Base.td": "def Pure : TraitList<[]>;\n",
            "include/mlir/IR/Ops.h.inc": (
                "class AddOp : public Op<AddOp> {\npublic:\n"
                "  static void build(::mlir::OpBuilder &odsBuilder, ::mlir::OperationState &odsState, ::mlir::Value lhs);\n};\n"
            ),
            "include/llvm/Support/Casting.h": "template <class To> [[nodiscard]] inline bool isa(const From &Val) {\n",
            "lib/cmake/mlir/MLIRTargets.cmake": "add_library(MLIRTosaDialect STATIC IMPORTED)\nadd_library(MLIRIR STATIC)\n",
            "lib/cmake/mlir/AddMLIR.cmake": "function(mlir_tablegen ofn)\nendfunction()\n",
        },
    )


def successor(prefix: Path, kind: str, identifier: str, **facts: str) -> str:
    finding = Finding(kind=kind, identifier=identifier, headline="x", facts=facts)
    (found,) = add_successors((finding,), DiagnosisContext(prefixes=(prefix,)))
    return f"{found.facts.get('successor', '')} {found.facts.get('successor-at', '')}".strip()


@pytest.mark.parametrize(("form", "there"), [("undeclared", True), ("unqualified", False)])
def test_a_name_of_the_projects_own_in_generated_code_is_no_namesake_of_llvms(
    prefix: Path, form: str, *, there: bool
) -> None:
    found = successor(prefix, "api-removed", "unqualified names in generated code", form=form, name="AddOp")
    assert bool(found) is there


@pytest.mark.parametrize(
    ("gone", "there"),
    [
        ("mlir/Analysis/SliceAnalysis.h", "mlir/Analysis/Slice/SliceAnalysis.h"),
        ("mlir/Dialect/Mesh/IR/MeshDialect.h", "mlir/Dialect/Shard/IR/ShardDialect.h"),
        ("mlir/IR/Patterns.h", "mlir/IR/Pattern.h"),
    ],
)
def test_the_successor_of_a_header(prefix: Path, gone: str, there: str):
    assert header_successors(gone, known_llvms(DiagnosisContext(prefixes=(prefix,))))[0].name == there


def test_a_header_without_a_successor_has_none(prefix: Path):
    assert header_successors("quill/Nothing.h", known_llvms(DiagnosisContext(prefixes=(prefix,)))) == []


@pytest.mark.parametrize(
    ("kind", "identifier", "facts", "expected"),
    [
        ("cmake-target-missing", "MLIRTosa", {}, "MLIRTosaDialect"),
        ("cmake-target-missing", "MLIRTosaIncGen", {}, ""),
        ("library-missing", "MLIRTosa", {}, "MLIRTosaDialect"),
        ("library-missing", "TosaDialect", {"form": "absent"}, ""),
        ("cmake-command-missing", "mlir_tablegen", {}, "mlir_tablegen AddMLIR.cmake"),
        ("tablegen", "Variable not defined: 'Pure'", {"name": "Pure"}, "Pure mlir/IR/Base.td:1"),
        ("api-removed", "mlir::Value::isa", {"name": "isa", "scope": "mlir::Value"}, "isa llvm/Support/Casting.h:1"),
        ("api-removed", "mlir::applyPatternsAndFoldGreedily", {"name": "applyPatternsAndFoldGreedily", "scope": "mlir"},
         "applyPatternsGreedily mlir/IR/Pattern.h:3"),
        ("api-removed", "mlir::Rewriter::eraseOps", {"name": "eraseOps", "scope": "mlir::Rewriter"},
         "mlir::Rewriter::eraseOp mlir/IR/Pattern.h:7"),
        ("api-changed", "t::AddOp::build", {"name": "build", "scope": "t::AddOp", "form": "no-match"},
         "t::AddOp::build mlir/IR/Ops.h.inc:3"),
        ("api-changed", "mlir::Rewriter -> mlir::StringRef", {"name": "StringRef", "form": "convert"},
         "mlir::Rewriter::getName() mlir/IR/Pattern.h:6"),
        ("header-not-included", "mlir::Rewriter", {"name": "Rewriter"}, '#include "mlir/IR/Pattern.h" mlir/IR/Pattern.h:4'),
        ("api-removed", "mlir::zzz", {"name": "zzz", "scope": "mlir"}, ""),
    ],
)  # fmt: skip
def test_the_successor_of(prefix: Path, kind: str, identifier: str, facts: dict[str, str], expected: str):
    assert successor(prefix, kind, identifier, **facts) == expected


# -- blame -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def llvm(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    steps = ("header-moved", "api-renamed", "target-renamed", "td-renamed", "tablegen-flag-removed")
    return create(tmp_path_factory.mktemp("history") / "llvm", commits=isolated(*steps))


@pytest.mark.parametrize(
    ("step", "finding"),
    [
        ("header-moved", Finding(kind="header-missing", identifier="mlir/Analysis/SliceAnalysis.h", headline="")),
        ("api-renamed", Finding(kind="api-removed", identifier="mlir::applyPatternsAndFoldGreedily", headline="",
                                facts={"name": "applyPatternsAndFoldGreedily", "scope": "mlir"})),
        ("target-renamed", Finding(kind="cmake-target-missing", identifier="MLIRTosa", headline="")),
        ("td-renamed", Finding(kind="tablegen", identifier="x", headline="", facts={"name": "NoSideEffect"})),
        ("tablegen-flag-removed", Finding(kind="tool-option", identifier="x", headline="",
                                          facts={"option": "-gen-struct-attr-decls"})),
    ],
)  # fmt: skip
def test_the_commit_that_did_it(llvm: Miniature, step: str, finding: Finding):
    (found,) = blame([finding], repository=llvm.repository, baseline=llvm.base, candidate=llvm.head)
    assert found.facts["culprit"] == llvm.commits[step]
    assert f"(#{found.facts['culprit-pull-request']})" in found.facts["culprit-title"]


def test_where_a_header_moved(llvm: Miniature):
    finding = Finding(kind="header-missing", identifier="mlir/Analysis/SliceAnalysis.h", headline="")
    (found,) = blame([finding], repository=llvm.repository, baseline=llvm.base, candidate=llvm.head)
    assert found.facts["culprit-moved-to"] == "mlir/include/mlir/Analysis/Slice/SliceAnalysis.h"


def test_a_commit_outside_of_the_range_is_not_blamed(llvm: Miniature):
    finding = Finding(kind="header-missing", identifier="mlir/Analysis/SliceAnalysis.h", headline="")
    before = llvm.before("header-moved")
    assert blame([finding], repository=llvm.repository, baseline=llvm.base, candidate=before) == (finding,)


def test_a_culprit_that_was_reverted_says_so(tmp_path: Path):
    miniature = create(tmp_path / "llvm", commits=isolated("api-changed-reverted"))
    finding = Finding(kind="api-changed", identifier="tile", headline="", facts={"name": "tile", "scope": ""})
    candidate = miniature.commits["api-changed"]
    (found,) = blame([finding], repository=miniature.repository, baseline=miniature.base, candidate=candidate)
    assert found.facts["culprit-reverted-by"] == miniature.commits["api-changed-reverted"]


def test_no_time_means_no_blame_and_no_failure(llvm: Miniature):
    finding = Finding(kind="header-missing", identifier="mlir/Analysis/SliceAnalysis.h", headline="")
    found = blame([finding], repository=llvm.repository, baseline=llvm.base, candidate=llvm.head, seconds=0)
    assert found == (finding,)


@pytest.mark.parametrize("identifier", ["../../etc/passwd", "--output=x", "a b", ":(glob)**"])
def test_a_name_from_a_log_is_no_option_for_git(llvm: Miniature, identifier: str):
    findings = [Finding(kind=kind, identifier=identifier, headline="", facts={"name": identifier})
                for kind in ("header-missing", "api-removed", "cmake-target-missing", "tablegen")]  # fmt: skip
    assert blame(findings, repository=llvm.repository, baseline=llvm.base, candidate=llvm.head) == tuple(findings)


def test_short_shas_are_refused(llvm: Miniature):
    with pytest.raises(ValueError, match="full SHAs"):
        blame([], repository=llvm.repository, baseline=llvm.base[:8], candidate=llvm.head)


# -- llvmgate explain --------------------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "build.log"
    path.write_text("/home/user/p/a.cpp:1:2: error: 'x' is not a member of 'mlir'\n", encoding="utf-8")
    return path


def test_explain_prints_a_screen(log: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["explain", str(log)]) == EXIT_OK
    out = capsys.readouterr().out
    assert "1 line, 1 error, 1 cause" in out
    assert "'x' is not in 'mlir'" in out
    assert "Look whether this LLVM still declares it" in out


def test_explain_as_json_has_findings_in_rank_order(log: Path, capsys: pytest.CaptureFixture[str]):
    main(["explain", "--json", str(log), str(log)])
    data = json.loads(capsys.readouterr().out)
    assert [(finding["kind"], finding["identifier"]) for finding in data["findings"]] == [("api-removed", "mlir::x")]
    assert len(data["logs"]) == 2


def test_explain_reads_standard_input(monkeypatch: pytest.MonkeyPatch, log: Path, capsys: pytest.CaptureFixture[str]):
    with log.open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        main(["explain"])
    assert "standard input: 1 line" in capsys.readouterr().out


def test_explain_of_a_success_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "ok.log"
    path.write_text("[1/1] Linking CXX executable x\n", encoding="utf-8")
    main(["explain", str(path)])
    assert "no failure found" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["nowhere.log"], ["--llvm", "nowhere"], ["--component", "x"], ["--baseline", "a" * 40]],
)
def test_explain_refuses_with_a_sentence(arguments: list[str], log: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["explain", *arguments, *([] if arguments[0] == "nowhere.log" else [str(log)])]) == EXIT_USAGE
    assert capsys.readouterr().err.startswith("llvmgate explain: ")


def test_explain_uses_the_projects_own_advice(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    advice = '[[advice]]\nmatch = "mlir"\ntext = "Ask Ann"\n'
    pin = '[[pin]]\nname = "llvm"\nfile = "llvm.txt"\n'
    write(tmp_path, {"llvmgate.toml": f"{pin}{advice}", "llvm.txt": f"{'a' * 40}\n"})
    main(["explain", "--source", str(tmp_path), str(log)])
    assert "-> Ask Ann" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("scope", "is_blamed"),
    [("mlir::PatternRewriter", True), ("mlir", True), ("mlir::tiny::AddOp", False), ("quill", False), ("-O", False)],
)
def test_a_member_of_the_downstream_s_own_is_not_blamed_on_llvm(tmp_path: Path, scope: str, is_blamed: bool):
    miniature = create(tmp_path / "llvm", commits=isolated("api-removed"))
    finding = Finding(kind="api-removed", identifier="create", headline="", facts={"name": "create", "scope": scope})
    (found,) = blame([finding], repository=miniature.repository, baseline=miniature.base, candidate=miniature.head)
    assert ("culprit" in found.facts) is is_blamed
