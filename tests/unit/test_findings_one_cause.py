"""One change or one failure, told in many messages, is one finding."""

# ruff: noqa: E501, RUF001  (what tools print, in other alphabets too)
from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.findings import DiagnosisContext, diagnose
from pytest_llvmgate.model import Finding, Layer

INSTALL = "/opt/llvm/include/llvm/ADT"


def findings(log: str) -> tuple[Finding, ...]:
    return diagnose([log.encode()], context=DiagnosisContext(exit_code=1)).findings


def unit(name: str, output: str, standard: str = "-std=c++14") -> str:
    target = f"src/CMakeFiles/t.dir/{name}.cpp.o"
    command = f"c++ {standard} -o {target} -c /home/u/p/src/{name}.cpp"
    return f"[1/9] Building CXX object {target}\nFAILED: {target} \n{command}\n{output}"


def refused(name: str, line: int, unit_name: str = "a") -> str:
    included = f"In file included from /home/u/p/src/{unit_name}.cpp:3:\n"
    return included + f"{INSTALL}/STLExtras.h:{line}:9: error: no member named '{name}' in namespace 'std'\n"


def test_a_standard_that_is_too_old_is_one_cause_whatever_it_lacks():
    names = ("is_enum_v", "optional", "void_t", "is_same_v", "size", "conjunction_v")
    log = "".join(unit(f"u{i}", refused(name, i + 9, f"u{i}")) for i, name in enumerate(names))
    (finding,) = findings(log)
    assert finding.facts["form"] == "standard"
    assert finding.facts["failed-edges"] == "6"
    assert {f"src/u{i}.cpp" for i in range(6)} <= {place.path for place in finding.locations}


def test_words_that_a_path_with_blanks_broke_into_are_one_cause_and_no_library():
    says = "".join(f"/usr/bin/ld: cannot find {word}: No such file or directory\n" for word in ("b", "c/d", "e/lib"))
    (finding,) = findings(
        f"[1/9] Linking CXX executable x\nFAILED: x \nc++ -Wl,-rpath-link,/a b/c/d e/lib -o x\n{says}"
    )
    assert (finding.facts["form"], finding.layer) == ("words", Layer.MACHINE)
    assert findings("/usr/bin/ld: cannot find -lMLIRX: No such file or directory\n")[0].identifier == "MLIRX"
    assert findings("/usr/bin/ld: cannot find gone.o: No such file or directory\n")[0].identifier == "gone.o"


def test_a_removed_header_beside_a_standard_that_is_too_old_is_told():
    own = "/home/u/p/src/b.cpp:4:10: fatal error: 'llvm/ADT/None.h' file not found\n"
    kinds = [finding.kind for finding in findings(unit("a", refused("is_enum_v", 9)) + unit("b", own))]
    assert sorted(kinds) == ["api-removed", "header-missing"]


@pytest.mark.parametrize(
    ("header", "says", "is_looked_for"),
    [
        ("llvm/Transforms/IPO/PassManagerBuilder.h", "It is gone from LLVM: PassBuilder", False),
        ("llvm/ADT/None.h", "It is gone from LLVM: <optional>", False),
        ("mlir/IR/Module.h", "LLVM moved it: mlir/IR/BuiltinOps.h", True),
    ],
)
def test_nobody_is_sent_to_look_in_llvm_for_what_has_no_place_there(header: str, says: str, is_looked_for: bool):
    (finding,) = findings(unit("b", f"/home/u/p/src/b.cpp:4:10: fatal error: '{header}' file not found\n"))
    assert finding.advice[0].startswith(says)
    assert any("new place in LLVM" in one for one in finding.advice) == is_looked_for


def cmake(place: str, text: str, command: str = "message", stack: str = "") -> str:
    return f"CMake Error at {place} ({command}):\n{text}\n{stack}\n\n"


def test_sentences_of_one_refusal_are_one_cause():
    log = "".join(
        cmake(f"cmake/Find.cmake:{line}", f"  {text}")
        for line, text in ((7, "LLVM 19 is not supported"), (8, "Use 6 to 15"), (9, "See LLVM_WANTED"))
    )
    (finding,) = findings(log)
    assert "LLVM 19 is not supported" in finding.headline
    assert any("Use 6 to 15" in line for line in finding.evidence)


@pytest.mark.parametrize(
    ("first", "second"), [("a/CMakeLists.txt:7", "b/CMakeLists.txt:8"), ("CMakeLists.txt:7", "CMakeLists.txt:40")]
)
def test_refusals_at_different_places_are_two_causes(first: str, second: str):
    assert len(findings(cmake(first, "  no flex") + cmake(second, "  no bison"))) == 2


def source(path: str, listfile: str) -> str:
    stack = f"Call Stack (most recent call first):\n  {listfile} (add_mlir_library)\n"
    return cmake(
        "/opt/llvm/lib/cmake/llvm/AddLLVM.cmake:625",
        f"  Cannot find source file:\n\n    {path}\n",
        "add_library",
        stack,
    )


def test_sources_missing_from_one_directory_elsewhere_are_one_cause():
    log = "".join(
        source(f"/home/u/p/llvm/lib/{name}/{name}.cpp", f"backend/{name}/CMakeLists.txt:3")
        for name in ("IR", "MC", "Object")
    )
    log += source("/home/u/build/backend/MC/Parser/Asm.cpp", "backend/MC/Parser/CMakeLists.txt:9")
    (finding,) = findings(log)
    assert finding.identifier == "/home/u/p/llvm/lib"
    assert finding.sites == 4


def test_sources_that_lie_where_they_are_listed_are_causes_of_their_own():
    log = "".join(
        source(f"/home/u/p/lib/{name}/Gone.cpp", f"lib/{name}/CMakeLists.txt:3") for name in ("IR", "MC", "Object")
    )
    assert len(findings(log)) == 3


def test_git_that_gives_up_after_the_network_failed_is_no_second_cause():
    log = (
        "Cloning into '/w/p/3rdparty/rt'...\nfatal: unable to access 'http://gone.example/rt/': Could not resolve host: gone.example\n"
        "fatal: clone of 'http://gone.example/rt' into submodule path '/w/p/3rdparty/rt' failed\n"
    )
    assert [finding.kind for finding in findings(log)] == ["network"]


@pytest.mark.parametrize(
    ("printed", "identifier"),
    [
        ("ошибка: «class llvm::Type» не содержит элемента с именем «isPtr»", "llvm::Type::isPtr"),
        ("erreur: « class llvm::Type » n'a pas de membre nommé « isPtr »", "llvm::Type::isPtr"),
        ("Fehler: »class llvm::Type« hat kein Element namens »isPtr«", "llvm::Type::isPtr"),
        ("错误：‘class llvm::Type’没有名为‘isPtr’的成员", "llvm::Type::isPtr"),
        ("错误：‘Gone’不是‘llvm’的成员", "llvm::Gone"),
        ("ошибка: нет декларации «gone» в этой области видимости", "gone"),
    ],
)
def test_a_translated_message_is_what_it_is_in_english(printed: str, identifier: str):
    (finding,) = findings(unit("a", f"/home/u/p/src/a.cpp:4:3: {printed}\n"))
    assert (finding.kind, finding.identifier) == ("api-removed", identifier)


@pytest.mark.parametrize(
    "printed",
    [
        "фатальная ошибка: mlir/Gone.h: Нет такого файла или каталога",
        "schwerwiegender Fehler: mlir/Gone.h: Datei oder Verzeichnis nicht gefunden",
        "致命错误：mlir/Gone.h：没有那个文件或目录",
        "erreur fatale: mlir/Gone.h : Aucun fichier ou dossier de ce type",
        "fatal error: mlir/Gone.h: Filen eller katalogen finns inte",
    ],
)
def test_a_header_that_is_not_there_is_known_in_any_language(printed: str):
    (finding,) = findings(unit("a", f"/home/u/p/src/a.cpp:4:10: {printed}\n"))
    assert (finding.kind, finding.identifier) == ("header-missing", "mlir/Gone.h")


def test_a_header_that_cannot_be_read_is_there():
    (finding,) = findings(unit("a", "/home/u/p/src/a.cpp:4:10: fatal error: mlir/Gone.h: Permission denied\n"))
    assert finding.kind == "compile-error"


def test_a_header_that_every_llvm_has_is_missing_from_the_machine():
    (finding,) = findings(
        unit("a", "/home/u/p/src/a.cpp:4:10: fatal error: llvm/IR/Module.h: No such file or directory\n")
    )
    assert finding.layer == "machine"


def test_a_cmake_message_that_lost_its_indentation_is_read():
    log = (
        'CMake Error at CMakeLists.txt:9 (find_package):\nCould not find a configuration file for package "LLVM" that is\n'
        'compatible with requested version "12".\n\n-- Configuring incomplete, errors occurred!\n'
    )
    (finding,) = findings(log)
    assert (finding.kind, finding.facts["sort"], finding.facts["version"]) == ("cmake-package", "version", "12")


@pytest.mark.parametrize(
    "said", ["cannot detect LLVM", "could not find any usable LLVM", "Couldn't locate llvm-config"]
)
def test_configure_without_llvm_is_the_machines(said: str):
    (finding,) = findings(f"checking for LLVM... no\nconfigure: error: {said}; see --with-llvm\n")
    assert (finding.kind, finding.layer) == ("cmake-package", "machine")


@pytest.mark.parametrize(
    ("place", "layer"),
    [
        ("/w/llvm-project/llvm/projects/Translator/lib/A.cpp", "downstream"),
        ("/w/llvm/projects/my-tool/A.cpp", "downstream"),
        ("/w/llvm-project/llvm/tools/SPIRV-Tool/lib/A.cpp", "downstream"),
        ("/w/llvm-project/llvm/projects/compiler-rt/A.cpp", "llvm"),
        ("/w/llvm-project/llvm/tools/llc/llc.cpp", "llvm"),
    ],
)
def test_projects_that_are_built_in_llvms_tree_are_not_llvm(place: str, layer: str):
    (finding,) = findings(f"{place}:4:10: fatal error: 'llvm/ADT/Gone.h' file not found\n")
    assert finding.layer == layer


@pytest.mark.parametrize("name", ["LLVMLinkModules", "LLVMBuildLoad", "_LLVMBuildGEP"])
def test_no_library_is_asked_for_that_would_define_what_llvms_c_api_has_lost(name: str):
    (finding,) = findings(f"/usr/bin/ld: link.o: in function 'f':\nlink.c:7: undefined reference to '{name}'\n")
    assert f"{name.removeprefix('_')}2" in finding.advice[0]
    assert not any("library" in step for step in finding.advice)


# -- what a header does to all its units -------------------------------------------------------------------------------

LISTED = "In file included from /home/u/p/src/{0}.cpp:3:\n/home/u/p/include/p/Support.h:{1}: error: {2}\n"


def test_types_that_a_projects_header_declares_and_llvm_elsewhere_are_one_cause_with_all_that_is_incomplete():
    log = "".join(
        unit(
            name,
            LISTED.format(name, "9:1", "declaration conflicts with target of using declaration already in scope")
            + LISTED.format(name, "12:7", "reference to 'Success' is ambiguous")
            + LISTED.format(name, "15:7", "reference to 'Parsed' is ambiguous")
            + f"/home/u/p/src/{name}.cpp:40:2: error: no viable conversion from 'llvm::X' to incomplete type 'Success'\n"
            + f"/home/u/p/src/{name}.cpp:44:2: error: cannot initialize a pear with a peel\n",
            "-std=c++17",
        )
        for name in ("a", "b", "c")
    )
    (finding,) = findings(log)
    assert finding.facts["names"] == "Success, Parsed"
    assert finding.facts["failed-edges"] == "3"


def test_what_is_wrong_in_llvms_headers_behind_an_error_of_the_unit_follows_from_it():
    own = "/home/u/p/src/a.cpp:4:3: error: no member named 'ripen' in 'llvm::Function'\n"
    header = f"{INSTALL}/Pears.h:{{}}:9: error: use of class template 'Op' requires template arguments\n"
    (finding,) = findings(unit("a", own + header.format(4) + header.format(9), "-std=c++17"))
    assert finding.identifier == "llvm::Function::ripen"


def test_headers_that_follow_from_an_old_standard_are_counted_with_it():
    other = f"{INSTALL}/Pears.h:70:9: error: 'byteswap' was not declared in this scope\n"
    (finding,) = findings(unit("a", refused("is_enum_v", 9) + other))
    assert finding.facts["form"] == "standard"


@pytest.mark.parametrize(
    "missed", ["no member named 'ripen' in 'llvm::Function'", "no matching function for call to 'peel'"]
)
def test_what_a_unit_misses_behind_an_old_standard_is_counted_with_it(missed: str):
    own = f"/home/u/p/src/a.cpp:4:3: error: {missed}\n"
    (finding,) = findings(unit("a", refused("is_enum_v", 9) + own))
    assert (finding.facts["form"], finding.facts["probably-follow"]) == ("standard", "1")
    assert len(findings(unit("a", refused("is_enum_v", 9) + own) + unit("b", own))) == 2


def test_members_that_several_classes_of_llvm_lost_are_one_cause():
    line = "/home/u/p/src/a.cpp:{}:3: error: no member named '{}' in 'mlir::{}'\n"
    gone = [("isa", "Type"), ("cast", "Type"), ("cast", "Attribute"), ("isa", "TypedAttr")]
    log = "".join(line.format(number, *names) for number, names in enumerate(gone, 4))
    assert len(findings(unit("a", log, "-std=c++17"))) == 1


def test_arguments_of_a_call_that_clang_corrects_are_no_cause():
    place = "/home/u/p/src/a.cpp"
    log = (
        f"{place}:46:14: error: no member named 'peel' in namespace 'mlir::old'; did you mean 'pare::peel'?\n"
        f"{place}:47:37: error: non-const lvalue reference to type 'Pear' cannot bind to a temporary of type 'bool'\n"
    )
    (finding,) = findings(unit("a", log, "-std=c++17"))
    assert finding.identifier == "mlir::old::peel"


def test_one_call_of_llvms_cmake_functions_is_one_cause():
    caller = "Call Stack (most recent call first):\n  tools/run/CMakeLists.txt:8 (add_llvm_executable)"
    module = "/opt/llvm/lib/cmake/llvm/AddLLVM.cmake"
    exists = (
        '  add_executable cannot create target "run" because an imported\n  target with the same name already exists.'
    )
    log = (
        cmake(f"{module}:78", "  target_compile_options may only set INTERFACE\n  properties", "x", caller)
        + cmake(f"{module}:105", exists, "add_executable", caller)
        + cmake(
            f"{module}:95",
            '  Cannot specify link libraries for target "run" which is not built\n  by this project.',
            "x",
            caller,
        )
    )
    (finding,) = findings(log)
    assert (finding.facts["sort"], finding.identifier) == ("exists", "run")


def test_headers_by_their_path_in_llvms_sources_are_one_cause():
    line = "/home/u/p/src/{0}.cpp:4:10: fatal error: '{1}' file not found\n"
    log = unit("a", line.format("a", "mlir/include/mlir/Pass/Pass.h")) + unit(
        "b", line.format("b", "llvm/include/llvm/X.h")
    )
    (finding,) = findings(log)
    assert finding.facts["form"] == "sources"


def test_headers_by_the_directory_of_one_version_are_one_cause():
    line = "/home/u/p/src/{0}.cpp:4:10: fatal error: 'llvm-17/llvm/{1}' file not found\n"
    (alone,) = findings(unit("a", line.format("a", "Pass.h")))
    (finding,) = findings(unit("a", line.format("a", "Pass.h")) + unit("b", line.format("b", "IR/Value.h")))
    assert alone.facts["form"] == finding.facts["form"] == "versioned"
    assert (finding.kind, finding.identifier, finding.sites) == ("header-missing", "llvm-17/", 2)


@pytest.mark.parametrize(
    "warning",
    [
        "#warning The X.h header is deprecated and will be removed in LLVM 24. [-Werror=cpp]",
        "multi-line comment [-Werror=comment]",
        "'llvm::X' is deprecated: use Y [-Werror,-Wdeprecated-declarations]",
    ],
)
def test_a_warning_in_llvms_header_is_an_error_by_the_projects_own_wish(warning):
    log = unit("a", f"In file included from /home/u/p/src/a.cpp:4:\n{INSTALL}/X.h:15:2: error: {warning}\n")
    (finding,) = findings(log)
    assert (finding.kind, finding.layer.value) == ("warning-as-error", "downstream")
    assert str(finding.locations[0]) == "src/a.cpp:4"
    assert "SYSTEM" in finding.advice[0]


def test_what_cmake_says_for_want_of_the_listfiles_end_is_no_cause():
    first = cmake("CMakeLists.txt:2", "  This project is built as a part of LLVM")
    (finding,) = findings(
        first + "CMake Error in CMakeLists.txt:\n  No cmake_minimum_required command is present.\n\n\n"
    )
    assert str(finding.locations[0]) == "CMakeLists.txt:2"


def error(line: int, message: str, *notes: str, file: str = "/home/u/p/src/a.cpp") -> str:
    return "".join(
        [f"{file}:{line}:9: error: {message}\n", *(f"/opt/llvm/include/llvm/P.h:9:3: note: {note}\n" for note in notes)]
    )


CONVERTS = "candidate constructor not viable: no known conversion from '{}' to '{}' for 2nd argument"
POINTER = error(
    7, "no matching constructor for initialization of 'clang::Printer'", CONVERTS.format("clang::Pears *", "Pears &")
)


@pytest.mark.parametrize(
    "others",
    [
        error(9, "no matching constructor for initialization of 'clang::Engine'", CONVERTS.format("clang::Pears *", "Pears &")),
        error(9, "no matching function for call to 'peel'", CONVERTS.format("clang::Pears *", "const Pears &")),
        error(9, "no viable conversion from 'clang::Pears' to 'clang::Pears *'"),
        error(163, "no member named 'Retain' in 'clang::Pears'", file="/opt/llvm/include/llvm/ADT/Counted.h"),
        error(9, "no member named 'getPrefix' in 'clang::Pears'"),
    ],
)  # fmt: skip
def test_a_class_that_is_handed_on_otherwise_is_one_cause(others: str):
    (finding,) = findings(unit("a", POINTER + others))
    assert (finding.layer, len(finding.locations)) == (Layer.DOWNSTREAM, 2)


def test_another_class_that_a_function_does_not_take_is_another_cause():
    other = error(9, "no matching function for call to 'peel'", CONVERTS.format("clang::Figs *", "Figs &"))
    assert len(findings(unit("a", POINTER + other))) == 2


@pytest.mark.parametrize(
    ("header", "missed"),
    [
        ("llvm/ADT/Optional.h", "no template named 'Optional' in namespace 'llvm'; did you mean 'std::optional'?"),
        ("llvm/ADT/Optional.h", "'Optional' in namespace 'llvm' does not name a template type"),
        ("llvm/ADT/Triple.h", "no type named 'Triple' in namespace 'llvm'"),
        ("mlir/IR/Pears.h", "no member named 'Pears' in namespace 'mlir'"),
        ("clang/AST/Pear.h", "'Pear' is not a member of 'clang'"),
    ],
)
def test_a_header_that_is_gone_and_the_class_that_it_had_are_one_cause(header: str, missed: str):
    (finding,) = findings(unit("a", error(3, f"'{header}' file not found")) + unit("b", error(8, missed)))
    assert (finding.kind, finding.facts["failed-edges"]) == ("header-missing", "2")


def test_a_name_that_another_header_had_is_another_cause():
    found = findings(unit("a", error(3, "'llvm/ADT/Optional.h' file not found")) + unit("b", error(8, "no member named 'Triple' in namespace 'llvm'")))  # fmt: skip
    assert len(found) == 2


@pytest.mark.parametrize(
    "missed",
    [
        "no member named 'pearType' in namespace 'clang::ast_matchers'",
        "no member named 'getPearType' in 'clang::ASTContext'",
        "'class clang::ASTContext' has no member named 'getPearType'",
        "no member named 'getPearType' in 'clang::TypeBuilder'",
        "'pearType' is not a member of 'clang::ast_matchers'",
    ],
)
def test_what_is_called_after_a_class_goes_with_it(missed: str):
    (finding,) = findings(unit("a", error(7, missed) + error(9, "no type named 'PearType' in namespace 'clang'")))
    assert finding.identifier == "clang::PearType"


@pytest.mark.parametrize(
    "text",
    [
        '  The keyword signature for target_link_libraries has already been used with\n  the target "{}".  All uses must be alike.',
        '  The plain signature for target_link_libraries has already been used with\n  the target "{}".',
        '  target_precompile_headers may not be used on "{}".',
        '  add_library cannot create ALIAS target "{}" because target "x" is IMPORTED.',
        '  Target "{}" is of a type that may not be linked into another target.',
    ],
)
def test_what_cmake_says_of_one_target_after_another_is_one_cause(text: str):
    log = "".join(
        cmake(f"{name}/CMakeLists.txt:7", text.format(name), "target_link_libraries") for name in ("pears", "figs")
    )
    (finding,) = findings(log)
    assert len(finding.locations) == 2


CHAINS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)


@pytest.mark.parametrize("said", CHAINS)
@pytest.mark.parametrize(
    "last", ["peel.PeelError: no pears", "RuntimeError: cannot build", "subprocess.CalledProcessError: x"]
)
def test_an_exception_that_came_of_another_follows_from_it(said: str, last: str):
    trace = 'Traceback (most recent call last):\n  File "/home/u/p/make.py", line {}, in <module>\n    peel()\n{}\n'
    first = trace.format(3, "parser.ParseError: llvm-c/Core.h:37:15: before: (")
    (finding,) = findings(f"{first}\n{said}\n\n{trace.format(9, last)}")
    assert "Core.h:37:15" in finding.headline


# -- what no longer comes along ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missed", "name", "header"),
    [
        ("no template named 'map' in namespace 'std'; did you mean 'max'?", "std::map", "map"),
        ("no member named 'unique_ptr' in namespace 'std'", "std::unique_ptr", "memory"),
        ("'set' in namespace 'std' does not name a template type", "std::set", "set"),
        ("'sort' is not a member of 'std'", "std::sort", "algorithm"),
        ("no type named 'mutex' in namespace 'std'", "std::mutex", "mutex"),
        ("no type named 'uint8_t' in namespace 'std'", "std::uint8_t", "cstdint"),
        ("implicit declaration of function 'memcpy'", "memcpy", "string.h"),
    ],
)
def test_a_name_of_the_standard_library_is_not_gone_from_it(missed: str, name: str, header: str):
    (finding,) = findings(unit("a", error(8, missed)))
    assert (finding.kind, finding.identifier, finding.layer) == ("header-not-included", name, Layer.DOWNSTREAM)
    assert f"Include the standard header that declares it: <{header}>;" in finding.advice[0]


def test_a_member_that_a_header_could_not_declare_is_missed_in_the_units_that_include_it():
    included = "In file included from /home/u/p/src/{}.cpp:5:\n"
    refused = "/home/u/p/src/S.h:33:8: error: no template named 'map' in namespace 'std'\n   33 |   std::map<Key *, Pear *> pears;\n"
    missed = "/home/u/p/src/{}.cpp:81:7: error: use of undeclared identifier 'pears'\n   81 |   if (pears.count(k))\n"
    log = "".join(unit(name, included.format(name) + refused + missed.format(name)) for name in "ab")
    (finding,) = findings(log)
    assert (finding.identifier, finding.facts["follow-on-errors"]) == ("std::map", "2")


def test_a_member_of_that_name_in_a_unit_that_does_not_see_the_header_is_told():
    refused = "/home/u/p/src/S.h:33:8: error: no template named 'map' in namespace 'std'\n   33 |   std::map<Key *, Pear *> pears;\n"
    missed = error(81, "use of undeclared identifier 'pears'")
    assert len(findings(unit("a", refused) + unit("b", missed))) == 2


@pytest.mark.parametrize(("after", "causes"), [(1, 1), (3, 1), (60, 2)])
def test_a_name_used_right_behind_the_line_that_would_declare_it_follows(after: int, causes: int):
    refused = error(50, "'Optional' in namespace 'llvm' does not name a template type")
    missed = error(50 + after, "'FromFile' was not declared in this scope")
    assert len(findings(unit("a", refused + missed))) == causes


UNCLONED = """\
fatal: unable to access 'https://example.org/google/googletest.git/': Could not resolve host: example.org
CMake Error at googletest-gitclone.cmake:50 (message):
  Failed to clone repository: 'https://example.org/google/googletest.git'


CMake Error at tests/CMakeLists.txt:10 (add_subdirectory):
  add_subdirectory given source "/b/tests/{directory}" which is not an existing directory.

"""


def test_the_directory_that_a_failed_clone_should_have_brought_follows_from_it():
    found = diagnose([UNCLONED.format(directory="googletest-src").encode()], context=DiagnosisContext(exit_code=1))
    assert [finding.kind for finding in found.findings] == ["cmake-error"]


def test_a_directory_of_another_name_does_not_follow_from_a_failed_clone():
    found = diagnose([UNCLONED.format(directory="json").encode()], context=DiagnosisContext(exit_code=1))
    assert {finding.kind for finding in found.findings} == {"cmake-error", "cmake-module-missing"}


# -- what overrides nothing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "'void Pear::ripen()' marked 'final', but is not virtual",
        "only virtual member functions can be marked 'final'\n    3 |   void ripen() final {\n      |                ^",
        "non-virtual member function marked 'final' hides virtual member functions\n/opt/llvm/include/mlir/Tree.h:6:8: note: hidden overloaded virtual function 'mlir::Tree::ripen' declared here: different number of parameters",
    ],
)
def test_a_final_function_that_is_not_virtual_overrides_nothing_any_more(said: str):
    (finding,) = findings(unit("a", f"/home/u/p/src/a.cpp:3:16: error: {said}\n", "-std=c++17"))
    assert (finding.kind, finding.facts["name"]) == ("api-changed", "ripen")
    assert "overrides nothing any more" in finding.headline


def test_a_parameter_of_another_type_is_told_of_what_hides_a_virtual_function():
    note = "/opt/llvm/include/mlir/Tree.h:{}:8: note: hidden overloaded virtual function 'mlir::Tree::ripen' declared here: {}\n"
    said = "/home/u/p/src/a.cpp:3:16: error: non-virtual member function marked 'override' hides virtual member functions\n"
    said += note.format(4, "different number of parameters (1 vs 2)")
    said += note.format(6, "type mismatch at 2nd parameter ('::mlir::Block *' vs 'ArrayRef<Value>')")
    said += note.format(9, "type mismatch at 2nd parameter ('::mlir::ValueRange' vs 'ArrayRef<Value>')")
    (finding,) = findings(unit("a", said, "-std=c++17"))
    step = "Parameter 2 of 'mlir::Tree::ripen' is '::mlir::ValueRange' (mlir/Tree.h:9), not 'ArrayRef<Value>'."
    assert finding.advice[0] == step


def test_without_source_lines_the_file_shows_what_overrides_nothing(tmp_path: Path):
    source = tmp_path / "a.cpp"
    source.write_text(
        "struct Pear : Tree { // peel()\n  void ripen(int (*much)(int),\n             int long_) const final {}\n};\n"
    )
    said = f"{source}:3:32: error: only virtual member functions can be marked 'final'\n"
    assert findings(said)[0].identifier == "ripen"
    assert findings(said.replace(":3:", ":999:"))[0].identifier.startswith("only virtual")


def test_a_class_that_is_abstract_is_of_the_change_by_which_its_functions_override_nothing():
    place = "/home/u/p/src/{}.cpp:{}:16: error: "
    nothing = place + "only virtual member functions can be marked 'final'\n"
    abstract = place + "allocating an object of abstract class type '(anonymous namespace)::Pear'\n"
    log = unit("a", nothing.format("a", 3), "-std=c++17")
    log += unit("b", nothing.format("b", 3) + abstract.format("b", 9), "-std=c++17")
    (finding,) = findings(log)
    assert finding.facts["form"] == "override"


# -- what LLVM's own headers show --------------------------------------------------------------------------------------


def test_an_implicit_declaration_is_no_warning_to_mend():
    said = "implicit declaration of function ‘LLVMBuildGEP’; did you mean ‘LLVMBuildGEP2’? [-Werror=implicit-function-declaration]"
    (finding,) = findings(unit("a", f"/home/u/p/src/a.c:3:4: error: {said}\n"))
    assert (finding.kind, finding.identifier) == ("api-removed", "LLVMBuildGEP")


def test_a_call_that_takes_a_class_which_is_only_declared_lacks_its_header_too():
    place = "/home/u/p/src/a.cpp:{}:4: error: "
    log = place.format(3) + "no matching function for call to ‘wrap(llvm::Module*)’\n"
    log += place.format(5) + "no matching function for call to ‘unwrap(LLVMOpaqueModule*&)’\n"
    log += place.format(9) + "invalid use of incomplete type ‘class llvm::Module’\n"
    (finding,) = findings(unit("a", log, "-std=c++17"))
    assert (finding.identifier, finding.facts["follow-on-errors"]) == ("llvm::Module", "2")


def test_a_member_that_a_template_of_llvms_misses_in_the_projects_class_is_asked_for():
    log = "/opt/llvm/include/mlir/IR/TypeSupport.h:54:28: error: no member named 'name' in 'mlir::pear::Fig'\n"
    log += "/home/u/p/src/a.cpp:54:3: note: in instantiation of function template specialization 'mlir::get' requested here\n"
    (finding,) = findings(unit("a", log, "-std=c++17"))
    assert (finding.kind, finding.facts["form"], finding.layer) == ("api-changed", "asked", Layer.DOWNSTREAM)
    assert "gone" not in finding.headline


def test_functions_of_the_c_api_that_no_header_has_are_in_no_library(tmp_path: Path):
    header = tmp_path / "include" / "llvm-c" / "Core.h"
    header.parent.mkdir(parents=True)
    header.write_text("int LLVMContextCreate(void);\nint LLVMBuildPear2(int Type, int Pear);\n")
    log = "[1/9] Linking C executable x\nFAILED: x \ncc a.o -o x\na.c:(.text+0x4): undefined reference to `{}'\n"
    context = DiagnosisContext(exit_code=1, prefixes=(tmp_path,))
    for name, step in {
        "LLVMBuildPear": "No header of the candidate has LLVMBuildPear:",
        "LLVMBuildPear2": "LINK_LIBS",
        "LLVMMyOwnRipening": "if it is not LLVM's, link what defines it",
        "LLVMBuildGEP": "LLVMBuildGEP2",
        "LLVMInitializePearAsmParser": "Link the libraries of LLVM's targets Pear",
    }.items():
        (finding,) = diagnose([log.format(name).encode()], context=context).findings
        assert step in finding.advice[0]


# -- the same causes of every compiler ---------------------------------------------------------------------------------


SRC = "/home/u/p/src/a.cpp"


def test_a_dialect_in_the_base_of_a_class_is_no_class_without_its_base():
    log = f"{SRC}:3:12: error: no template named 'OpPattern'\n    3 |     : public OpPattern<pear::PeelOp> {{\n"
    log += f"{SRC}:9:18: error: no member named 'getSkin' in 'mlir::pear::CoreOp'\n    9 |     op.getSkin();\n"
    assert {one.identifier for one in findings(unit("a", log, "-std=c++17"))} >= {"mlir::pear::CoreOp::getSkin"}


def test_a_parameter_whose_type_is_lost_is_why_gccs_override_overrides_nothing():
    log = f"{SRC}:16:28: error: ‘Mapping’ has not been declared\n"
    log += (
        f"{SRC}:15:12: error: ‘bool Pear::ripen(mlir::Region*, bool, int&) const’ marked ‘final’, but is not virtual\n"
    )
    (finding,) = findings(unit("a", log, "-std=c++17"))
    assert finding.identifier == "Mapping"


def test_what_gcc_says_of_a_variable_whose_type_is_lost_follows():
    log = f"{SRC}:15:32: error: ‘OperandType’ is not a member of ‘mlir::OpAsmParser’\n"
    log += "   15 |   SmallVector<OpAsmParser::OperandType, 4> operands;\n"
    log += f"{SRC}:18:34: error: no matching function for call to ‘mlir::OpAsmParser::parseOperandList(int&)’\n"
    log += "   18 |   if (parser.parseOperandList(operands))\n"
    log += f"{INSTALL}/ADL.h:28:22: error: no matching function for call to ‘begin(int&)’\n"
    (finding,) = findings(unit("a", log, "-std=c++17"))
    assert (finding.identifier, finding.facts["follow-on-errors"]) == ("mlir::OpAsmParser::OperandType", "2")


def test_a_variable_that_is_declared_an_int_is_one_also_where_its_value_is_missed():
    log = f"{SRC}:3:11: error: ‘peel’ was not declared in this scope\n    3 |   int n = peel();\n"
    log += f"{SRC}:9:4: error: no matching function for call to ‘llvm::Tree::ripen(int)’\n    9 |   tree.ripen(n);\n"
    assert {one.identifier for one in findings(unit("a", log, "-std=c++17"))} == {"peel", "llvm::Tree::ripen"}


def test_macros_of_llvms_are_no_enumerators_of_one_file():
    log = "".join(
        f"{SRC}:{at}:4: error: use of undeclared identifier 'LLVM_{name}'\n" for at, name in ((3, "PEEL"), (9, "RIPE"))
    )
    assert len(findings(unit("a", log, "-std=c++17"))) == 2


@pytest.mark.parametrize("names", [("DW_TAG_skin_type", "DW_TAG_core"), ("OPT_ripe", "OPT_sour")])
def test_enumerators_of_one_def_file_are_one_cause(names: tuple[str, ...]):
    log = "".join(
        f"{SRC}:{at}:4: error: no member named '{name}' in namespace 'llvm::dwarf'\n" for at, name in enumerate(names)
    )
    assert len(findings(unit("a", log, "-std=c++17"))) == 1


def test_a_users_name_for_a_class_of_llvms_is_that_class():
    said = "‘Ripe’ is not a member of ‘kind’ {aka ‘llvm::Attribute::AttrKind’}"
    (finding,) = findings(unit("a", f"{SRC}:3:4: error: {said}\n", "-std=c++17"))
    assert finding.identifier == "llvm::Attribute::AttrKind::Ripe"


def test_a_static_cast_in_vain_is_a_conversion():
    said = "static_cast from 'std::nullopt_t' to 'llvm::ArrayRef<int>' is not allowed"
    (finding,) = findings(unit("a", f"{SRC}:3:4: error: {said}\n", "-std=c++17"))
    assert finding.headline.startswith("'std::nullopt_t' does not convert to 'llvm::ArrayRef'")


REFUSED = """/home/u/p/lib/a.cpp:4:3: error: no matching member function for call to 'insert'
    table.insert(*at, value);
    ~~~~~~^~~~~~
/home/u/p/lib/table.h:41:8: note: candidate function not viable: no known conversion from{cut}'llvm::ilist_iterator<llvm::Pear>'{to}'llvm::Value *const' for 2nd argument
  void insert(const Key &key, const Value &value) {{
       ^
"""


@pytest.mark.parametrize(("cut", "to"), [(" ", " to "), ("\n      ", " to "), (" ", " to\n      ")])
def test_a_function_of_the_projects_own_that_refuses_a_type_of_llvms_is_about_that_type(cut: str, to: str):
    (finding,) = findings(unit("a", REFUSED.format(cut=cut, to=to)))
    assert (finding.facts["form"], finding.identifier) == ("convert", "ilist_iterator -> llvm::Value *const")


def test_a_symbol_that_a_mail_broke_off_its_line_is_read():
    log = (
        "/usr/bin/ld:\ntest/CMakeFiles/pear.dir/pear.c.o:\nin function `main':\n"
        "pear.c:(.text.main+0x58): undefined reference to\n`LLVMContextCreate'\n"
        "/usr/bin/ld: pear.c:(.text.main+0x9b): undefined reference to\n`LLVMDumpModule'\n"
    )
    (finding,) = findings(log)
    assert (finding.kind, finding.facts["symbols"]) == ("undefined-symbol", "LLVMContextCreate\nLLVMDumpModule")
