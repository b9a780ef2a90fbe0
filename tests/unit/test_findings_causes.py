"""From many lines to few causes."""

# ruff: noqa: E501, ARG002  (what tools print; the parsers' interface)
from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.config.settings import AdviceSpec
from pytest_llvmgate.findings import Diagnosis, DiagnosisContext, default_registry, diagnose
from pytest_llvmgate.findings.events import Event, LineParser
from pytest_llvmgate.findings.follow_ons.broken_declarations import declared_names
from pytest_llvmgate.findings.ranking import merged
from pytest_llvmgate.findings.screen import render
from pytest_llvmgate.model import Confidence, Finding, Layer
from tests.support.logs import only


def unit(name: str, output: str, *, source: str = "") -> str:
    path = source or f"/home/user/p/lib/{name}.cpp"
    target = f"lib/CMakeFiles/L.dir/{name}.cpp.o"
    return f"[1/9] Building CXX object {target}\nFAILED: [code=1] {target} \nc++ -o {target} -c {path}\n{output}"


def findings(*parts: str, **known: object) -> tuple[Finding, ...]:
    log = "".join(parts) + "ninja: build stopped: cannot make progress due to previous errors.\n"
    return diagnose([log.encode()], context=DiagnosisContext(**known)).findings  # type: ignore[arg-type]


def error(line: int, message: str, code: str = "", *, file: str = "a") -> str:
    shown = f"{line:5} | {code}\n      | ^\n" if code else ""
    return f"/home/user/p/lib/{file}.cpp:{line}:3: error: {message}\n{shown}"


def test_one_cause_in_many_units_is_one_finding():
    found = findings(*(unit(f"u{i}", error(i, "'x' is not a member of 'mlir'", file=f"u{i}")) for i in range(1, 8)))
    assert [(finding.identifier, finding.sites) for finding in found] == [("mlir::x", 7)]


def test_a_name_whose_declaration_failed_is_no_cause():
    (finding,) = findings(
        unit("a", error(3, "'Gone' is not a member of 'mlir'", "using Shape = mlir::Gone;"),
             ) + error(9, "'Shape' was not declared in this scope", "Shape f();"),
    )  # fmt: skip
    assert finding.identifier == "mlir::Gone"
    assert finding.facts["follow-on-errors"] == "1"


def test_members_of_a_class_without_base_are_no_causes():
    (finding,) = findings(
        unit("a", error(3, "'GoneBase' is not a member of 'impl'", "struct P : impl::GoneBase<P> {"))
        + error(4, "'void P::runOnOperation()' marked 'override', but does not override")
        + error(9, "'getOperation' was not declared in this scope", "getOperation();")
        + error(12, "could not convert 'p' from 'P' to 'std::unique_ptr<mlir::Pass>'")
    )
    assert finding.identifier == "impl::GoneBase"
    assert finding.facts["follow-on-errors"] == "3"


def test_an_error_of_its_own_survives_beside_a_cascade():
    found = findings(
        unit("a", error(3, "'GoneBase' is not a member of 'impl'", "struct P : impl::GoneBase<P> {"))
        + error(40, "'other' is not a member of 'mlir'", "mlir::other();")
    )
    assert {finding.identifier for finding in found} == {"impl::GoneBase", "mlir::other"}


def test_gcc_expects_a_template_where_a_base_class_is_gone():
    (finding,) = findings(
        unit("a", "/home/user/p/lib/a.cpp:7:37: error: expected template-name before '<' token\n"
             "    7 | struct FusePass : impl::FusePassBase<FusePass> {\n      |                                     ^\n"
             "/home/user/p/lib/a.cpp:16:81: error: could not convert 'x' from 'unique_ptr<FusePass>' to 'unique_ptr<Pass>'\n"),
    )  # fmt: skip
    assert finding.key == ("api-removed", "impl::FusePassBase")


def test_a_function_that_is_not_const_any_more():
    (finding,) = findings(
        unit("a", error(6, "passing 'const mlir::OpBuilder' as 'this' argument discards qualifiers [-fpermissive]"))
        + "/opt/llvm/include/mlir/IR/Builders.h:440:8: note:   in call to 'void mlir::OpBuilder::setListener(Listener*)'\n"
    )
    assert finding.key == ("api-changed", "mlir::OpBuilder::setListener")


def test_the_same_failure_twice_in_a_log_is_one():
    log = unit("a", error(3, "'x' is not a member of 'mlir'")) + "[2/9] Building b\n"
    diagnosis = diagnose([(log * 3).encode()])
    assert [(finding.identifier, finding.sites) for finding in diagnosis.findings] == [("mlir::x", 1)]
    assert diagnosis.lines == 3 * log.count("\n")


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("using mlir::tosa::Shape;", {"Shape"}),
        ("typedef a::b C;", {"C"}),
        ("class X : public Y {", {"X"}),
        ("  auto value = mlir::gone();", {"value"}),
        ("  mlir::gone::Type value(3);", {"value"}),
        ("namespace t = mlir::tosa;", {"t"}),
    ],
)
def test_what_a_line_declares(code: str, names: set[str]):
    assert names <= declared_names(code)


def test_calls_that_relied_on_a_lost_conversion_are_its_sites():
    (finding,) = findings(
        unit("a", error(3, "could not convert 'std::nullopt' from 'const std::nullopt_t' to 'llvm::ArrayRef<long>'"))
        + error(9, "no matching function for call to 'mlir::AOp::build(mlir::OpBuilder&, const std::nullopt_t&)'")
        + error(10, "no matching function for call to 'mlir::BOp::build(mlir::OpBuilder&, const std::nullopt_t&)'")
    )
    assert finding.identifier == "std::nullopt_t -> llvm::ArrayRef"
    assert finding.sites == 3


def test_gcc_explains_a_candidate_with_an_error_that_is_none():
    (finding,) = findings(
        unit("a", error(3, "no matching function for call to 'f(X&)'"))
        + "/opt/llvm/include/llvm/ADT/ArrayRef.h:94:3: note: candidate: 'template<class C> f(C)'\n"
        + "/opt/llvm/include/llvm/ADT/ArrayRef.h:94:3: note:   template argument deduction/substitution failed:\n"
        + "/opt/llvm/include/llvm/ADT/ArrayRef.h:87:9: error: 'struct X' has no member named 'data'\n"
    )
    assert finding.identifier == "f"


def test_an_error_in_an_llvm_header_belongs_to_the_line_that_instantiated_it():
    (finding,) = findings(
        unit("a", "/opt/llvm/include/mlir/IR/Builders.h: In instantiation of 'OpTy create(Args ...) [with OpTy = t::AOp; "
             "Args = {int}]':\n/home/user/p/lib/a.cpp:8:9:   required from here\n"
             "/opt/llvm/include/mlir/IR/Builders.h:509:16: error: cannot convert 'int' to 'mlir::Value'\n"),
    )  # fmt: skip
    assert (finding.identifier, finding.layer) == ("t::AOp::build", Layer.DOWNSTREAM)
    assert str(finding.locations[0]) == "lib/a.cpp:8"


def test_an_error_in_an_llvm_header_that_nobody_instantiated_is_llvms():
    (finding,) = findings(
        unit("a", "In file included from /home/user/p/lib/a.cpp:1:\n"
             "/opt/llvm/include/mlir/IR/Builders.h:20:1: error: 'uint8_t' does not name a type\n"),
    )  # fmt: skip
    assert finding.layer is Layer.LLVM


@pytest.mark.parametrize("name", ["uid_t", "mode_t", "ssize_t", "isatty"])
def test_what_the_system_lacks_for_a_header_of_llvms_is_the_machines(name: str):
    (finding,) = findings(
        unit("a", "In file included from /home/user/p/lib/a.cpp:1:\n"
             f"/opt/llvm/include/llvm/Support/FileSystem.h:164:3: error: '{name}' was not declared in this scope\n"),
    )  # fmt: skip
    assert (finding.kind, finding.layer) == ("compile-error", Layer.MACHINE)
    assert "configured for another system" in finding.advice[0]


@pytest.mark.parametrize(
    "message",
    ["no member named 'ForceSet' in 'engine::Object'", "'class boost::asio::Service' has no member named 'post'",
     "'class std::map<int, int>' has no member named 'contains'"],
)  # fmt: skip
def test_a_member_that_a_class_of_others_lacks_is_gone_from_no_llvm(message: str):
    (finding,) = findings(unit("a", error(3, message)))
    assert (finding.kind, finding.layer) == ("compile-error", Layer.DOWNSTREAM)
    assert message.partition("<")[0] in finding.headline


def test_a_member_that_a_class_of_llvms_lacks_is_gone_from_it():
    (finding,) = findings(unit("a", error(3, "'class mlir::quill::AddOp' has no member named 'getLhs'")))
    assert finding.kind == "api-removed"


def test_components_by_name_and_by_custom():
    line = "/home/user/p/{}/lib/x.cpp:1:2: error: 'x' is not a member of 'y'\n"
    (custom,) = findings(unit("x", line.format("third_party/stablehlo"), source="/home/user/p/lib/x.cpp"))
    assert (custom.layer, custom.component) == (Layer.COMPONENT, "stablehlo")
    (named,) = findings(
        unit("x", line.format("hlo")), source=Path("/home/user/p"), components={"mini": "hlo"}
    )  # fmt: skip
    assert (named.layer, named.component) == (Layer.COMPONENT, "mini")


def test_the_stage_llvm_makes_everything_llvms():
    (finding,) = findings(unit("a", error(3, "'x' is not a member of 'y'")), stage="llvm")
    assert finding.layer is Layer.LLVM


def test_a_full_disk_comes_before_what_follows_from_it():
    found = findings(
        unit("a", error(3, "'x' is not a member of 'mlir'")),
        unit("b", "/home/user/p/lib/b.cpp:9:1: fatal error: error writing to /tmp/x.s: No space left on device\n"),
    )
    assert [finding.kind for finding in found] == ["out-of-disk", "api-removed"]


def test_many_sites_come_before_few():
    many = "".join(error(i, "'many' is not a member of 'mlir'") for i in range(10, 40))
    found = findings(unit("a", error(3, "'one' is not a member of 'mlir'") + many))
    assert [finding.identifier for finding in found] == ["mlir::many", "mlir::one"]


def test_alike_edges_that_nobody_understands_are_one_finding():
    edges = "".join(f"[{i}/9] Generating t{i}\nFAILED: [code=7] t{i}\ngen {i}\nE1 bad thing\n" for i in range(1, 5))
    (finding,) = findings(edges)
    assert (finding.kind, finding.sites, finding.confidence) == ("unrecognised", 4, Confidence.GUESS)


def test_the_edge_of_an_external_project_is_explained_by_the_one_inside():
    inner = unit("a", error(3, "'x' is not a member of 'mlir'")).replace("[1/9]", "[1/3]")
    log = f"[5/9] Performing build step for 'llvm'\nFAILED: llvm-build\ncd x && ninja\n{inner}"
    assert [finding.kind for finding in findings(log)] == ["api-removed"]


def test_a_nested_build_counts_the_run_that_failed():
    log = unit("a", error(3, "'x' is not a member of 'mlir'")) + "ninja: build stopped: subcommand failed.\n"
    diagnosis = diagnose([b"[7/7] Linking CXX executable first\n" + log.encode()])
    assert diagnosis.edges is not None
    assert (diagnosis.edges.finished, diagnosis.edges.total) == (1, 9)


# -- extension ---------------------------------------------------------------------------------------------------------


class TableCheck(LineParser):
    name = "tablecheck"
    markers = ("tablecheck: ",)

    def parse(self, text: str, view: object) -> Event | None:
        return Event(kind="table", identifier=text.removeprefix("tablecheck: "), message=text)


def test_an_added_parser_is_asked_first():
    registry = default_registry().extended(parsers=[TableCheck()])
    (finding,) = diagnose([b"tablecheck: error: bad row\n"], registry=registry).findings
    assert finding.key == ("table", "error: bad row")


def test_an_added_rule_sees_all_findings():
    def name_owner(found: tuple[Finding, ...], context: DiagnosisContext) -> tuple[Finding, ...]:
        return tuple(Finding(kind=f.kind, identifier=f.identifier, headline=f"{f.headline} (ask Ann)") for f in found)

    registry = default_registry().extended(rules=[name_owner])
    (finding,) = diagnose([b"/p/a.cpp:1:2: error: x\n"], registry=registry).findings
    assert finding.headline.endswith("(ask Ann)")


def test_the_projects_own_advice_comes_first():
    advice = AdviceSpec(match=r"is not a member of 'mlir'", text="Ask Ann", link="https://x.example/y")
    (finding,) = findings(unit("a", error(3, "'x' is not a member of 'mlir'")), advice=(advice,))
    assert finding.advice[0] == "Ask Ann (https://x.example/y)"


def test_advice_for_other_messages_stays_away():
    (finding,) = findings(
        unit("a", error(3, "'x' is not a member of 'y'")), advice=(AdviceSpec(match="tosa", text="no"),)
    )
    assert "no" not in finding.advice


# -- several logs, one screen ------------------------------------------------------------------------------------------


def test_the_same_finding_in_several_logs_is_one():
    log = unit("a", error(3, "'x' is not a member of 'mlir'"))
    (finding,) = merged((*findings(log, configuration="static"), *findings(log, configuration="shared")))
    assert finding.configurations == ("static", "shared")


def test_a_screen_is_short_and_narrow():
    log = "".join(unit("a", error(i, f"'x{i}' is not a member of 'mlir'")) for i in range(1, 90))
    lines = list(render(diagnose([log.encode()]), "build.log", width=80))
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 80
    assert "69 more" in "\n".join(lines)


def test_filecheck_s_identity_is_the_test_and_its_line() -> None:
    def log(path: str, line: int, check: str, test: str = "") -> bytes:
        head = f"******************** TEST '{test}' FAILED ********************\n" if test else ""
        error = f"{path}:{line}:11: error: CHECK: expected string not found in input\n// {check}\n          ^\n"
        return f"{head}{error}<stdin>:1:1: note: scanning from here\n".encode()

    def keys(*logs: bytes) -> list[str]:
        found = diagnose(logs, context=DiagnosisContext(exit_code=1)).findings
        return [finding.identifier for finding in found if finding.kind == "filecheck"]

    one = log("/a/b/test/Dialect/x.mlir", 5, "CHECK: foo  {a}", "P :: Dialect/x.mlir")
    assert keys(one) == ["Dialect/x.mlir: CHECK: foo {a}"]
    assert keys(log("/elsewhere/test/Dialect/x.mlir", 7, "CHECK: foo {a}")) == keys(
        one
    )  # another machine, another line
    assert keys(log("/a/x.mlir", 7, "CHECK: foo")) == ["x.mlir: CHECK: foo"]
    assert keys(log("test/x.mlir", 7, "CHECK: foo")) == ["test/x.mlir: CHECK: foo"]
    assert keys(one, one) == keys(one)
    two = log("/a/b/test/Dialect/x.mlir", 3, "CHECK: first", "P :: Dialect/x.mlir")
    assert keys(one, two) == ["Dialect/x.mlir: CHECK: first"]  # the file's first, whichever was printed first


def test_many_tests_of_filecheck_end_in_one_line() -> None:
    error = "/a/test/t{0:02}.mlir:5:11: error: CHECK: expected string not found in input\n// CHECK: {0}\n          ^\n"
    text = "".join(error.format(number) for number in range(20)).encode()
    found = diagnose([text], context=DiagnosisContext(exit_code=1)).findings
    assert [finding.identifier for finding in found[:2]] == ["t00.mlir: CHECK: 0", "t01.mlir: CHECK: 1"]
    assert len(found) == 13
    assert found[-1].headline == "8 more test files expect output that the tools do not print"


def test_a_submodule_that_is_not_there_explains_its_targets_and_commands() -> None:
    log = (
        b"CMake Error at CMakeLists.txt:7 (add_subdirectory):\n  The source directory\n\n    /p/third_party/pybind11\n\n"
        b"  does not contain a CMakeLists.txt file.\n\n\n"
        b'CMake Error at src/CMakeLists.txt:3 (pybind11_add_module):\n  Unknown CMake command "pybind11_add_module".\n\n\n'
        b"-- Configuring incomplete, errors occurred!\n"
    )
    (finding,) = diagnose([log], context=DiagnosisContext(exit_code=1)).findings
    assert finding.identifier == "/p/third_party/pybind11"
    assert finding.advice == ("If it belongs to a submodule, check it out: git submodule update --init --recursive.",)
    (known,) = diagnose([log], context=DiagnosisContext(exit_code=1, source=Path("/p"))).findings
    assert known.identifier == "third_party/pybind11"
    assert finding.facts["follow-on-errors"] == "1"


def test_a_directory_outside_of_the_checkout_is_no_submodule() -> None:
    log = (
        b"[1/2] Performing configure step for 'omp'\n"
        b"FAILED: stamp/omp-configure /p/b/stamp/omp-configure\ncd /p/b/omp && cmake -S /../openmp -B /p/b/omp\n"
        b'CMake Error: The source directory "/openmp" does not exist.\nSpecify --help for usage, or press the help'
        b" button on the CMake GUI.\nninja: build stopped: subcommand failed.\n"
    )
    (finding,) = diagnose([log], context=DiagnosisContext(exit_code=1, source=Path("/p"))).findings
    assert finding.identifier == "/openmp"
    assert "submodule" not in " ".join(finding.advice)
    assert "LLVM_BUILD_MAIN_SRC_DIR" in " ".join(finding.advice)


def test_a_lit_that_python_cannot_open_is_a_missing_lit() -> None:
    log = (
        b"[1/2] Running the regression tests\n"
        b"/v/bin/python3.11: can't open file '/usr/lib/llvm-22/bin/llvm-lit': [Errno 2] No such file or directory\n"
        b"FAILED: [code=2] test/check-it\ncd /p/b/test && /v/bin/python3.11 /usr/lib/llvm-22/bin/llvm-lit -sv /p/b/test\n"
        b"ninja: build stopped: subcommand failed.\n"
    )
    (finding,) = diagnose([log], context=DiagnosisContext(exit_code=2)).findings
    assert (finding.kind, finding.identifier) == ("tool-missing", "llvm-lit")
    assert "LLVM_EXTERNAL_LIT" in finding.advice[0]


FAILED_DOWNLOAD = b"""\
Cloning into 'or-tools-src'...
fatal: unable to access 'https://example.org/or-tools.git/': Could not resolve host: example.org
CMake Error at or-tools-subbuild/tmp/or-tools-populate-gitclone.cmake:55 (message):
  Failed to clone repository: 'https://example.org/or-tools.git'


CMake Error at /usr/share/cmake/Modules/FetchContent.cmake:1933 (message):
  Build step for or-tools failed: 1


-- Configuring incomplete, errors occurred!
"""


def test_a_failed_download_is_one_cause_at_all_levels_of_cmake() -> None:
    (finding,) = diagnose([FAILED_DOWNLOAD], context=DiagnosisContext(exit_code=1)).findings
    assert (finding.kind, finding.layer) == ("network", Layer.MACHINE)
    assert finding.facts["follow-on-errors"] == "2"


def test_a_failed_download_without_a_reason_is_one_cause() -> None:
    log = FAILED_DOWNLOAD.partition(b"\n")[2].partition(b"\n")[2]
    (finding,) = diagnose([log], context=DiagnosisContext(exit_code=1)).findings
    assert finding.identifier.startswith("Failed to clone repository")


def absent_target(name: str) -> bytes:
    text = f'  get_target_property() called with non-existent target "{name}".\n\n\n'
    return b"CMake Error at python/CMakeLists.txt:1 (get_target_property):\n" + text.encode()


def test_an_llvm_without_python_bindings_is_one_cause() -> None:
    logs = [absent_target("MLIRPythonSources"), absent_target("MLIRPythonExtension.Core")]
    (finding,) = diagnose([*logs, b"-- Configuring incomplete, errors occurred!\n"]).findings
    assert finding.layer is Layer.MACHINE
    assert finding.advice == (
        "LLVM's Python bindings are not in this install: build it with MLIR_ENABLE_BINDINGS_PYTHON=ON.",
    )


FORWARDED = """\
/opt/llvm/include/mlir/Utils.h:94:13: error: no matching function for call to 'create'
   94 |   auto op = TosaOp::create(builder, args...);
      |             ^~~~~~~~~~~~~~
/p/include/u.h:76:10: note: in instantiation of function template specialization 'infer<mlir::tosa::RescaleOp, int>' \
requested here
   76 |   return infer<TosaOp>(builder, std::forward<Args>(args)...);
      |          ^
/p/lib/u.cpp:69:21: note: in instantiation of function template specialization 'make<mlir::tosa::RescaleOp>' requested here
   69 |   return make<mlir::tosa::RescaleOp>(builder, rounding);
      |          ^
/opt/llvm/include/mlir/T.h.inc:6:20: note: candidate function not viable: no known conversion from 'Type' to 'Location' \
for 2nd argument
/opt/llvm/include/mlir/T.h.inc:7:20: note: candidate function not viable: no known conversion from 'mlir::StringAttr' to \
'mlir::tosa::RoundingModeAttr' for 9th argument
"""


def test_templates_that_hand_arguments_on_are_not_the_place() -> None:
    (finding,) = diagnose([FORWARDED.encode()], context=DiagnosisContext(exit_code=1)).findings
    assert finding.identifier == "mlir::tosa::RescaleOp::build"
    assert [str(place) for place in finding.locations] == ["/p/lib/u.cpp:69"]
    assert finding.advice[0] == (
        "The nearest overload takes a 'mlir::tosa::RoundingModeAttr' as argument 9, not a 'mlir::StringAttr'."
    )


def test_where_all_templates_hand_on_the_first_is_the_place() -> None:
    text = FORWARDED.replace("(builder, rounding)", "(builder, args...)")
    (finding,) = diagnose([text.encode()], context=DiagnosisContext(exit_code=1)).findings
    assert str(finding.locations[0]) == "/p/include/u.h:76"


REFUSED = """\
FAILED: [code=1] lib/a.cpp.o
/usr/bin/clang++ -c lib/a.cpp
In file included from /p/lib/a.cpp:12:
/build/Passes.h.inc:630:2: error: "GEN_PASS_CLASSES is deprecated; use per-pass macros"
  630 | #error "GEN_PASS_CLASSES is deprecated; use per-pass macros"
      |  ^
/p/lib/a.cpp:14:14: error: no template named 'FuseBase'
   14 |     : public FuseBase<Fuse> {
      |              ^
/p/lib/a.cpp:15:62: error: only virtual member functions can be marked 'override'
   15 |   void runOnOperation() override {
      |                         ^~~~~~~~
/p/lib/a.cpp:16:5: error: use of undeclared identifier 'signalPassFailure'
   16 |     signalPassFailure();
      |     ^
/p/lib/a.cpp:20:14: error: no template named 'SplitBase'
   20 |     : public SplitBase<
      |              ^
/p/lib/a.cpp:22:5: error: use of undeclared identifier 'getOperation'
   22 |     getOperation();
      |     ^
/p/lib/a.cpp:30:5: error: use of undeclared identifier 'populateGone'
   30 |     populateGone(patterns);
      |     ^
ninja: build stopped: cannot make progress due to previous errors.
"""


def test_a_header_that_refuses_a_macro_explains_the_bases_that_it_does_not_make() -> None:
    found = diagnose([b"[1/1] Building CXX object lib/a.cpp.o\n" + REFUSED.encode()]).findings
    assert [(finding.kind, finding.identifier) for finding in found] == [
        ("api-removed", "GEN_PASS_CLASSES"),
        ("api-removed", "populateGone"),
    ]
    assert found[0].facts["follow-on-errors"] == "5"


def test_a_base_that_is_gone_elsewhere_stays_a_cause() -> None:
    log = REFUSED.replace("GEN_PASS_CLASSES is deprecated", "something else is wrong")
    found = diagnose([b"[1/1] Building CXX object lib/a.cpp.o\n" + log.encode()]).findings
    assert {"FuseBase", "SplitBase"} <= {finding.identifier for finding in found}


def test_a_conversion_that_has_to_be_written_down_is_said_to_be_one() -> None:
    finding = only(
        "/p/a.cpp:9:5: error: no viable conversion from 'const char *' to 'Triple'\n"
        "/opt/llvm/include/llvm/TargetParser/Triple.h:366:12: note: explicit constructor is not a candidate\n"
    )
    assert "It has to be written down, as 'Triple(...)': the explicit constructor is at" in finding.advice[0]


def test_an_operator_of_the_standard_library_is_no_nearest_overload() -> None:
    finding = only(
        "/p/a.cpp:9:5: error: invalid operands to binary expression ('basic_ostream<char>' and 'StringRef')\n"
        "/usr/include/c++/12/system_error:279:5: note: candidate function template not viable: no known conversion "
        "from 'StringRef' to 'const error_code' for 2nd argument\n"
    )
    assert not any("nearest overload" in step for step in finding.advice)


def test_what_protoc_makes_is_no_matter_of_tablegen() -> None:
    finding = only("/p/a.cpp:9:10: fatal error: 'proto/api.pb.h' file not found\n")
    assert finding.kind == "generated-header-missing"
    assert not any("TableGen" in step for step in finding.advice)


def test_what_an_interface_in_llvms_install_asks_for_is_not_stale() -> None:
    finding = only(
        "/usr/lib/llvm-22/include/mlir/Interfaces/CallInterfaces.h.inc:413:56: error: no member named "
        "'getArgAttrsAttr' in 'mlir::toy::CallOp'\n"
        "/p/lib/D.cpp:23:3: note: in instantiation of function template specialization "
        "'mlir::Dialect::addOperations<mlir::toy::CallOp>' requested here\n"
    )
    assert not any("stale" in step for step in finding.advice)
    assert "asks for 'mlir::toy::CallOp::getArgAttrsAttr'" in finding.headline


def test_one_error_follows_and_two_follow():
    def shown(**facts: str) -> str:
        finding = Finding(kind="compile-error", identifier="pear", headline="pear", facts=facts)
        return "\n".join(render(Diagnosis(findings=(finding,)), "build.log"))

    assert "1 more error follows from it" in shown(**{"follow-on-errors": "1"})
    assert "2 more errors follow from it" in shown(**{"follow-on-errors": "2"})
    assert "1 error probably follows in the same units" in shown(**{"probably-follow": "1"})
