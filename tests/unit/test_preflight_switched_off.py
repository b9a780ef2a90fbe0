"""What no configuration builds: told from options and ``add_subdirectory``, and never guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_llvmgate.cmake.listfile import parse
from pytest_llvmgate.preflight.switched_off import BuiltParts, switches_of

_TOP = """\
option(WITH_PYTHON "" OFF)
set(OTHER ${WITH_PYTHON})
add_subdirectory(lib)
if(WITH_PYTHON AND UNHEARD_OF)
  add_subdirectory(${CMAKE_CURRENT_SOURCE_DIR}/python)
endif()
"""


def built(top: str = _TOP, *asked: dict[str, str], known: dict[str, str] | None = None, **others: str) -> BuiltParts:
    texts = {"CMakeLists.txt": top, **{f"{name}/CMakeLists.txt": text for name, text in others.items()}}
    texts.setdefault("python/CMakeLists.txt", "add_subdirectory(deep)\n")
    texts.setdefault("python/deep/CMakeLists.txt", "")
    texts.setdefault("lib/CMakeLists.txt", "")
    return BuiltParts({name: tuple(parse(text)) for name, text in texts.items()}, asked or ({},), known or {})


@pytest.mark.parametrize("file", ["python/CMakeLists.txt", "python/a.cpp", "python/sub/a.cpp", "python/deep/a.cpp"])
def test_what_only_a_false_condition_leads_to_is_off(file: str) -> None:
    assert built().off(file) == "WITH_PYTHON AND UNHEARD_OF"


@pytest.mark.parametrize("file", ["lib/a.cpp", "a.cpp", "python/a.h", "elsewhere/a.cpp"])
def test_what_else_there_is_counts_as_built(file: str) -> None:
    """A header may be included from anywhere, and a directory that nothing leads to is a project of its own."""
    assert built().off(file) == ""


def test_one_configuration_that_builds_it_is_enough() -> None:
    on = {"WITH_PYTHON": "ON", "UNHEARD_OF": "ON"}
    assert built(_TOP, {"WITH_PYTHON": "OFF"}, {}).off("python/a.cpp")
    assert not built(_TOP, {}, on).off("python/a.cpp")


def test_another_way_to_a_directory_counts() -> None:
    assert not built(_TOP, lib="add_subdirectory(../python)\n").off("python/a.cpp")


def test_a_directory_is_added_only_on_a_way_from_where_the_builds_begin() -> None:
    """A part with a project of its own, to which nothing leads, adds what it adds for itself."""
    parts = built(apart="project(apart)\nadd_subdirectory(godot)\n", lib="add_subdirectory(deep)\n")
    assert parts.adds("lib/deep")
    assert not parts.adds("apart/godot")
    assert replace(parts, top="apart").adds("apart/godot")
    assert not parts.adds("python/deep")


def test_what_an_included_file_adds_counts() -> None:
    parts = built("include(cmake/more.cmake)\n")
    lists = {**parts.listfiles, "cmake/more.cmake": tuple(parse("add_subdirectory(x)\n"))}
    assert BuiltParts(lists).adds("cmake/x")


def test_directories_that_lead_to_each_other_lead_nowhere() -> None:
    parts = built(_TOP, **{"python": "add_subdirectory(deep)\n", "python/deep": "add_subdirectory(..)\n"})
    assert parts.off("python/deep/a.cpp")


@pytest.mark.parametrize(
    ("condition", "is_off"),
    [
        ("WITH_PYTHON", True),
        ("OTHER", True),
        ("NOT WITH_PYTHON", False),
        ("${WITH_PYTHON}", True),
        ("UNHEARD_OF", True),
        ("SOME_FOUND", False),
        ("CXX_SUPPORTS_IT", False),
        ("HANDED_ON", False),
        ("MADE_UP", False),
        ("UNHEARD_OF OR WITH_PYTHON", True),
        ("SOME_FOUND OR WITH_PYTHON", False),
        ("NOT (SOME_FOUND OR NOT WITH_PYTHON)", True),
        ("NOT (SOME_FOUND OR WITH_PYTHON)", False),
        ("NOT ON OR (WITH_PYTHON)", True),
        ("(NOT ON OR (NOT WITH_PYTHON))", False),
        ("OFF AND ON OR SOME_FOUND", False),
        ("WITH_PYTHON OR OTHER", True),
        ("NOT (WITH_PYTHON AND OTHER)", False),
        ("NOT NOT WITH_PYTHON", True),
        ("WITH_PYTHON AND NOT OTHER", True),
        ("SOME_FOUND AND (WITH_PYTHON OR OTHER)", True),
        ("SOME_FOUND AND (NOT WITH_PYTHON OR OTHER)", False),
        ("WITH_PYTHON STREQUAL x", True),
        ("WITH_PYTHON STREQUAL BOTH", False),
        ("WITH_PYTHON STREQUAL OTHER_ONE_FOUND", False),
        ("WITH_PYTHON EQUAL ON", True),
        ("x STREQUAL y", False),
        ("NOT TARGET x", False),
        ("x IN_LIST NONE", True),
        ("x IN_LIST SOME", False),
        ("BOTH", False),
        ("OF_LLVM", True),
        ("OFF", True),
        ("(", False),
    ],
)
def test_a_condition_that_cannot_be_told_is_not_false(condition: str, *, is_off: bool) -> None:
    top = 'option(WITH_PYTHON "")\nset(OTHER ${WITH_PYTHON})\nset(NONE "" CACHE STRING "")\nset(SOME a b)\n'
    top += "externalproject_add(x CMAKE_ARGS -DHANDED_ON=ON)\nset(${PREFIX}_UP ON)\n"
    top += f"set(BOTH ON)\nset(BOTH OFF)\nif({condition})\n  add_subdirectory(python)\nendif()\n"
    assert bool(built(top, known={"OF_LLVM": "0", "BOTH": "0"}).off("python/a.cpp")) == is_off


def test_a_variable_in_a_path_may_mean_every_directory_of_that_end() -> None:
    assert not built(_TOP + "add_subdirectory(${SOMEWHERE}/python)\n").off("python/a.cpp")


def test_a_use_inside_of_a_condition_is_off_with_it() -> None:
    parts = built()
    assert parts.off("CMakeLists.txt", ("WITH_PYTHON",))
    assert parts.off("CMakeLists.txt", ("not (WITH_PYTHON)",)) == ""


def test_deep_conditions_end() -> None:
    condition = "(" * 5000 + "PYTHON_FOUND" + ")" * 5000
    assert built(f"if({condition})\n  add_subdirectory(python)\nendif()\n").off("python/a.cpp") == ""
    condition = "NOT (" * 90 + "WITH_PYTHON" + ")" * 90
    assert built(_TOP.replace("WITH_PYTHON AND UNHEARD_OF", condition)).off("python/a.cpp")
    assert built("if(" + "NOT " * 500 + "A_FOUND)\n  add_subdirectory(python)\nendif()\n").off("python/a.cpp") == ""


_OPTION = 'option(USE_LLVM "" OFF)\noption(BUILD_AX "" OFF)\noption(PLAIN "" ON)\n'


@pytest.mark.parametrize(
    ("top", "switches"),
    [
        ("if(USE_LLVM)\n  find_package(LLVM REQUIRED)\nendif()\n", ["USE_LLVM"]),
        ("if(PLAIN AND USE_LLVM)\n  find_package(MLIR)\nendif()\n", ["USE_LLVM"]),
        ("if(BUILD_AX)\n  if(USE_LLVM)\n    find_package(LLVM)\n  endif()\nendif()\n", ["BUILD_AX", "USE_LLVM"]),
        ("if(USE_LLVM OR BUILD_AX)\n  add_subdirectory(ax)\nendif()\n", ["USE_LLVM"]),
        ("find_package(LLVM)\nif(USE_LLVM)\n  find_package(MLIR)\nendif()\n", []),
        ("if(PLAIN)\n  find_package(LLVM)\nendif()\n", []),
        ("if(NOT PLAIN)\n  find_package(LLVM)\nendif()\n", []),
        ("if(USE_LLVM)\n  find_package(Threads)\nendif()\n", []),
        ("if(USE_LLVM)\n  find_package(LLVM)\n  find_package(MLIR)\nendif()\n", ["USE_LLVM"]),
        (
            'set(LLVM_DIR "" CACHE PATH x)\nif(USE_LLVM)\n  if(LLVM_DIR)\n    find_package(LLVM)\n  endif()\nendif()\n',
            ["USE_LLVM"],
        ),
        ("if(UNDECLARED OR OTHER)\n  find_package(LLVM)\nendif()\n", ["UNDECLARED"]),
    ],
)
def test_the_options_that_llvm_is_behind(top: str, switches: list[str]) -> None:
    files = {"CMakeLists.txt": _OPTION + top, "cmake/FindToy.cmake": "find_package(LLVM)\n"}
    if "ax" in top:
        files["ax/CMakeLists.txt"] = "find_package(LLVM REQUIRED)\n"
    assert [*switches_of({"LLVM", "MLIR"}, {name: tuple(parse(text)) for name, text in files.items()})] == switches


_VERSIONS = """\
option(STRICT "" ON)
set(OLDEST 15.0)
set(NEWEST 19)
if(NOT OLD)
  set(NEWEST 18)
endif()
"""


@pytest.mark.parametrize(
    ("guard", "holds"),
    [
        ("LLVM_VERSION_MAJOR GREATER_EQUAL 16", True),
        ("LLVM_VERSION_MAJOR GREATER_EQUAL 23", False),
        ("NOT LLVM_VERSION_MAJOR LESS 16", True),
        ("LLVM_PACKAGE_VERSION VERSION_GREATER_EQUAL OLDEST", True),
        ("${LLVM_PACKAGE_VERSION} VERSION_LESS ${OLDEST}", False),
        ("LLVM_PACKAGE_VERSION VERSION_GREATER NEWEST", False),
        ("LLVM_PACKAGE_VERSION VERSION_EQUAL 22.1.8.0", True),
        ("not (LLVM_ENABLE_EH)", True),
        ("TARGET x", False),
        ("x STREQUAL y", False),
    ],
)
def test_a_condition_holds_only_where_it_surely_does(guard: str, *, holds: bool) -> None:
    known = {"LLVM_VERSION_MAJOR": "22", "LLVM_PACKAGE_VERSION": "22.1.8", "LLVM_ENABLE_EH": "OFF"}
    assert built(_VERSIONS, known=known).holds("CMakeLists.txt", (guard,)) == holds


def test_what_a_configuration_asks_for_holds_in_all_or_not_at_all() -> None:
    assert built(_TOP, {"WITH_PYTHON": "ON"}).holds("CMakeLists.txt", ("WITH_PYTHON",))
    assert not built(_TOP, {"WITH_PYTHON": "ON"}, {}).holds("CMakeLists.txt", ("WITH_PYTHON",))


_BEHIND_IT = "if(FOO_PARTS)\n  add_subdirectory(python)\nendif()\n"
_FROM_TEXT = 'file(STRINGS of.mk lines)\nstring(REGEX MATCH "(.*)=(.*)" _ "${lines}")\nset(${CMAKE_MATCH_1} ON)\n'


@pytest.mark.parametrize(
    "before",
    [
        "include(${CMAKE_BINARY_DIR}/choices.cmake OPTIONAL)\n",
        "include(${CHOICES})\n",
        "include(${CMAKE_CURRENT_LIST_DIR}/local.cmake OPTIONAL)\n",
        "load_cache(../other INCLUDE_INTERNALS)\n",
        "add_subdirectory(third_party/absent)\n",
        "add_subdirectory(${ELSEWHERE}/absent)\n",
        "find_package(FooCompiler)\n",
        "FetchContent_Declare(foo URL x)\nFetchContent_MakeAvailable(foo)\n",
        'function(f)\ncmake_parse_arguments(PARSE_ARGV 1 FOO "PARTS" "" "")\nendfunction()\n',
        "set(${A}_${B} ON)\n",
        _FROM_TEXT,
    ],
)
def test_a_variable_that_a_file_out_of_sight_may_set_is_not_off(before: str) -> None:
    assert built(_BEHIND_IT).off("python/a.cpp")
    assert not built(before + _BEHIND_IT).off("python/a.cpp")


@pytest.mark.parametrize("name", ["CMAKE_TOOLCHAIN_FILE", "CMAKE_PROJECT_INCLUDE"])
def test_a_configuration_may_hand_over_a_file_that_sets_it(name: str) -> None:
    handed = {name: "/opt/board.cmake"}
    assert not built(_BEHIND_IT, handed).off("python/a.cpp")
    lists = {**built(_BEHIND_IT).listfiles, "cmake/board.cmake": tuple(parse("set(CMAKE_SYSTEM_NAME Linux)\n"))}
    assert BuiltParts(lists, [handed]).off("python/a.cpp")


def test_a_file_that_is_made_of_one_in_sight_is_in_sight() -> None:
    lists = built("include(${CMAKE_BINARY_DIR}/made.cmake)\n" + _BEHIND_IT).listfiles
    assert BuiltParts({**lists, "made.cmake.in": tuple(parse("set(OTHER @OTHER@)\n"))}).off("python/a.cpp")
    assert not BuiltParts({**lists, "made.cmake.in": tuple(parse("set(FOO_PARTS @X@)\n"))}).off("python/a.cpp")


_PLAIN_OFF = 'set(PARTS "")\n'
_ASKS_FOR_IT = "if(python IN_LIST PARTS OR PARTS)\n  add_subdirectory(python)\nendif()\n"


@pytest.mark.parametrize(
    "between",
    [
        "list(APPEND PARTS python)\n",
        "find_program(PARTS of)\n",
        "choose(PARTS)\n",
        "set(PAR${x} ON)\n",
        "include(${CHOICES} OPTIONAL)\n",
    ],
)
def test_a_variable_that_more_than_set_may_change_is_not_settled(between: str) -> None:
    assert built(_PLAIN_OFF + _ASKS_FOR_IT).off("python/a.cpp")
    assert not built(_PLAIN_OFF + between + _ASKS_FOR_IT).off("python/a.cpp")
    assert built(_PLAIN_OFF).holds("CMakeLists.txt", ("NOT PARTS",))
    assert not built(_PLAIN_OFF + between).holds("CMakeLists.txt", ("NOT PARTS",))


def test_a_variable_that_is_set_on_a_condition_may_be_empty() -> None:
    top = "{}if(NOT OTHERWISE)\n  add_subdirectory(python)\nendif()\n"
    assert built(top.format("set(OTHERWISE ON)\n")).off("python/a.cpp")
    assert not built(top.format("if(APPLE)\n  set(OTHERWISE ON)\nendif()\n")).off("python/a.cpp")


def test_an_option_has_its_default_whoever_speaks_of_it() -> None:
    top = 'option(PARTS "" OFF)\nadd_compile_definitions(PARTS)\n'
    assert built(top + _ASKS_FOR_IT.replace("python IN_LIST PARTS OR ", "")).off("python/a.cpp")


@pytest.mark.parametrize("text", ["set(CACHE ON)\n", "set(A CACHE)\n", "set()\n", "option()\n", "find_package()\n"])
def test_commands_without_their_words_say_nothing(text: str) -> None:
    assert not built(text).holds("CMakeLists.txt", ("A",))
    assert not built(text).off("python/a.cpp", ("A_FOUND",))


_ALONE = "if({})\n  set(ALONE ON)\nendif()\nif(ALONE)\n  add_subdirectory(python)\nendif()\n"


@pytest.mark.parametrize(
    "condition",
    [
        "CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR",
        '"${CMAKE_CURRENT_SOURCE_DIR}" STREQUAL "${CMAKE_SOURCE_DIR}"',
        "${CMAKE_SOURCE_DIR} PATH_EQUAL ${CMAKE_CURRENT_LIST_DIR}",
        "PROJECT_IS_TOP_LEVEL",
        "wombat_IS_TOP_LEVEL",
        "CMAKE_PROJECT_NAME STREQUAL PROJECT_NAME",
        "${CMAKE_PROJECT_NAME} STREQUAL wombat",
        "PROJECT_SOURCE_DIR STREQUAL CMAKE_SOURCE_DIR",
    ],
)
def test_a_project_is_built_on_its_own_where_cmake_begins_with_it(condition: str) -> None:
    """And is a part of another where it does not."""
    text = f"project(wombat)\n{_ALONE.format(condition)}"
    assert built(text.replace("(ALONE)", "(NOT ALONE)")).off("python/a.cpp") == "NOT ALONE"
    assert not built(text).off("python/a.cpp")
    assert "python/CMakeLists.txt" in _run(built(text))
    inner = built("project(outer)\nadd_subdirectory(inner)\n", inner=text.replace("python", "../python"))
    assert inner.off("python/a.cpp") == "ALONE"
    assert "python/CMakeLists.txt" not in _run(inner)
    assert not replace(inner, top="inner").off("python/a.cpp")


def _run(parts: BuiltParts) -> set[str]:
    """The files that CMake surely comes to."""
    lists = {name: (*some, *parse("message(x)")) for name, some in parts.listfiles.items()}
    return {file for file, _ in replace(parts, listfiles=lists).surely_run}


@pytest.mark.parametrize(
    ("top", "runs"),
    [
        ("macro(find)\n  find_package(It)\nendmacro()\nfind()\n", True),
        ("function(find)\n  find_package(It)\nendfunction()\n", False),
        ("macro(leave)\n  return()\nendmacro()\nleave()\nfind_package(It)\n", False),
        ("function(leave)\n  return()\nendfunction()\nleave()\nfind_package(It)\n", True),
        ("function(f)\n  f()\n  find_package(It)\nendfunction()\nf()\n", True),
        ("if(SOME_FOUND)\n  function(f)\n    find_package(It)\n  endfunction()\nendif()\n", False),
        ("function(f)\n  function(g)\n    find_package(It)\n  endfunction()\nendfunction()\nf()\n", False),
    ],
)
def test_what_a_function_does_is_done_where_it_is_called(top: str, *, runs: bool) -> None:
    assert ("find_package" in {command.name for _, command in built(top).surely_run}) == runs


@pytest.mark.parametrize(
    ("top", "asked", "says"),
    [
        ("if(NOT DEFINED BASE)\n  set(BASE 24.0)\nendif()\n", {}, "24.0"),
        ("if(NOT DEFINED BASE)\n  set(BASE 24.0)\nendif()\n", {"BASE": "23"}, "23"),
        ("if(NOT DEFINED BASE)\n  set(BASE 24.0)\nendif()\nset(BASE 25)\n", {}, "${BASE}"),
        ("if(NOT DEFINED BASE)\n  if(SOME_FOUND)\n    set(BASE 24.0)\n  endif()\nendif()\n", {}, "${BASE}"),
    ],
)
def test_a_variable_that_is_set_where_nobody_has_is_a_default(top: str, asked: dict[str, str], says: str) -> None:
    assert built(top, asked).said("${BASE}") == says


def test_a_package_that_is_looked_for_only_where_a_variable_says_so_does_not_set_it() -> None:
    top = "if(PYTHON_BINDING)\n  find_package(Python3)\n  add_subdirectory(python)\nendif()\n"
    assert built(top).off("python/a.cpp") == "PYTHON_BINDING"
    assert not built(f"find_package(Python3)\n{top}").off("python/a.cpp")
    absent = "if(NOT PYTHON_BINDING)\n  find_package(Python3)\nendif()\n"
    assert not built(f"{absent}{top}").off("python/a.cpp")  # there it may be set


def test_what_is_done_where_a_variable_holds_does_not_set_it() -> None:
    top = 'if(SCOP)\n  set(CMAKE_CXX_FLAGS "-DSCOP")\n  add_subdirectory(python)\nendif()\n'
    assert built(top).off("python/a.cpp") == "SCOP"
    assert not built(f"if(NOT SCOP)\n  find_path(SCOP scop.h)\nendif()\n{top}").off("python/a.cpp")


@pytest.mark.parametrize(
    ("top", "asked", "runs"),
    [
        ("", {}, True),
        ("", {"SOURCES": "a.cpp"}, False),
        ("set(SOURCES a.cpp)\n", {}, False),
        ("find_package(Sources)\n", {}, False),
    ],
)
def test_what_nobody_gives_a_variable_it_does_not_have(top: str, asked: dict[str, str], *, runs: bool) -> None:
    text = 'if(DEFINED SOURCES)\n  message(STATUS "${SOURCES}")\nelse()\n  message(FATAL_ERROR none)\nendif()\n'
    assert (
        "FATAL_ERROR" in {word for _, command in built(top + text, asked).surely_run for word in command.words}
    ) == runs


def test_whether_a_default_was_there_before_nobody_can_tell() -> None:
    parts = built("if(NOT DEFINED BASE)\n  set(BASE 24.0)\nendif()\n")
    assert not parts.holds("CMakeLists.txt", ("DEFINED BASE",))
    assert not parts.holds("CMakeLists.txt", ("NOT DEFINED BASE",))


@pytest.mark.parametrize(
    "guard", ["WIN32", "MSVC AND SOME_FOUND", "APPLE", "NOT UNIX", 'CMAKE_SYSTEM_NAME STREQUAL "Windows"']
)
def test_what_only_another_system_builds_is_off(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    top = f"if({guard})\n  add_subdirectory(python)\nendif()\n"
    assert built(top).off("python/a.cpp")
    assert not built(top, {"CMAKE_TOOLCHAIN_FILE": "mingw.cmake"}).off("python/a.cpp")
    monkeypatch.setattr("pytest_llvmgate.preflight.variables.SYSTEM", "darwin")
    assert not built(top).off("python/a.cpp")


def test_a_variable_that_is_set_only_where_the_project_is_a_part_is_empty_on_its_own() -> None:
    """Whatever else is out of sight: the name is the project's."""
    top = "if(NOT CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR)\n  set(IN_TREE 1)\nendif()\n"
    top += "add_subdirectory(not_checked_out)\n"
    assert built(top).holds("CMakeLists.txt", ("NOT IN_TREE",)) is False  # no condition asks for it
    assert built(top + "if(IN_TREE)\nendif()\n").holds("CMakeLists.txt", ("NOT IN_TREE",))


def test_a_directory_that_is_not_there_does_not_unsettle_what_the_project_sets_itself() -> None:
    lists = "set(NEEDED 15)\nadd_subdirectory(not_checked_out)\n"
    assert built(lists).said("${NEEDED}") == "15"
    assert built(lists + "include(${SOMETHING})\n").said("${NEEDED}") == "${NEEDED}"


def test_what_an_installed_package_would_read_is_nobody_s_business_here() -> None:
    lists = {
        **built("set(NEEDED 15)\n").listfiles,
        "PConfig.cmake.in": tuple(parse("include(${CMAKE_CURRENT_LIST_DIR}/PTargets.cmake)\n")),
    }
    assert BuiltParts(lists).said("${NEEDED}") == "15"


def test_a_script_that_a_build_runs_sets_no_variable() -> None:
    run = "add_custom_command(OUTPUT x COMMAND cmake -P ${CMAKE_SOURCE_DIR}/cmake/version.cmake)\n"
    script = {"cmake/version.cmake": tuple(parse("include(${SCRIPT})\n"))}
    assert BuiltParts({**built("set(NEEDED 15)\n" + run).listfiles, **script}).said("${NEEDED}") == "15"
    assert BuiltParts({**built("set(NEEDED 15)\n").listfiles, **script}).said("${NEEDED}") == "${NEEDED}"


_OTHER_PROJECT = "project(other)\nadd_library(x a.cpp)\n"


@pytest.mark.parametrize(
    ("top", "is_off"),
    [
        ("project(p)\n", True),
        ("", False),
        ("project(p)\nadd_subdirectory(apart)\n", False),
        ("project(p)\nforeach(part IN ITEMS x)\n  add_subdirectory(${part})\nendforeach()\n", False),
        ("project(p)\nExternalProject_Add(x SOURCE_DIR ${CMAKE_SOURCE_DIR}/apart)\n", False),
        ("project(p)\nadd_part(apart)\n", False),
        ("project(p)\nadd_library(p ./apart/a.cpp)\n", False),
        ("project(p)\nadd_library(p ${CMAKE_SOURCE_DIR}/apart/${KIND}/a.cpp)\n", False),
    ],
)
def test_a_project_of_its_own_to_which_nothing_leads_is_off(top: str, *, is_off: bool) -> None:
    assert bool(built(top, apart=_OTHER_PROJECT).off("apart/a.cpp")) == is_off
    assert bool(built(top, apart=_OTHER_PROJECT).off("apart/CMakeLists.txt")) == is_off
    assert not built(top, apart=_OTHER_PROJECT).off("a.cpp")
    assert not replace(built(top, apart=_OTHER_PROJECT), top="apart").off("apart/a.cpp")


def test_a_header_of_a_project_of_its_own_may_be_included_from_anywhere() -> None:
    assert not built("project(p)\n", apart=_OTHER_PROJECT).off("apart/a.h")


def test_functions_that_call_each_other_often_are_followed_once() -> None:
    calls = "".join(f"function(f{at})\n  f{at + 1}()\n  f{at + 1}()\nendfunction()\n" for at in range(60))
    assert len(built(f"{calls}function(f60)\nendfunction()\nf0()\n").surely_run) < 1000


def test_functions_that_are_called_with_ever_other_words_are_followed_so_often_and_no_more() -> None:
    calls = "".join(
        f"function(f{at} x)\n  f{at + 1}(${{x}}a)\n  f{at + 1}(${{x}}b)\nendfunction()\n" for at in range(60)
    )
    assert len(built(f"{calls}function(f60)\nendfunction()\nf0(x)\n").surely_run) < 4000


@pytest.mark.parametrize(("parameter", "twice"), [("x", "${x}${x}"), ("", "${ARGN} ${ARGN}")])
def test_words_that_double_in_every_call_have_an_end(parameter: str, twice: str) -> None:
    calls = "".join(f"function(f{at} {parameter})\n  f{at + 1}({twice})\nendfunction()\n" for at in range(60))
    assert len(built(f"{calls}function(f60)\nendfunction()\nf0(word)\n").surely_run) < 1000


def test_loops_within_loops_are_followed_so_often_and_no_more() -> None:
    deep = 30
    loops = "".join(f"foreach(v{at} {' '.join(map(str, range(40)))})\n" for at in range(deep))
    assert len(built(f"{loops}message(x)\n{'endforeach()' * deep}").surely_run) < 4000


@pytest.mark.parametrize(
    ("top", "asked"),
    [
        ("function(find name version)\n  find_package(${name} ${version})\nendfunction()\nfind(LLVM 20)\n", ["20"]),
        ("macro(find)\n  find_package(LLVM ${ARGN})\nendmacro()\nfind(20 REQUIRED)\n", ["20"]),
        ("macro(find)\n  find_package(${ARGV0} ${ARGV1})\nendmacro()\nfind(LLVM 20)\nfind(LLVM 22)\n", ["20", "22"]),
        (
            "macro(g v)\n  find_package(LLVM ${v}.1)\nendmacro()\nfunction(f)\n  g(${ARGV})\nendfunction()\nf(2)\n",
            ["2.1"],
        ),
        ("set(KNOWN 20 21)\nforeach(v ${KNOWN} 22)\n  find_package(LLVM ${v})\nendforeach()\n", ["20", "21", "22"]),
        ("foreach(v IN ITEMS 20 21)\n  find_package(LLVM ${v})\nendforeach()\n", ["20", "21"]),
        (
            "foreach(v 20;21)\n  foreach(w 1 2)\n    find_package(LLVM ${v}.${w})\n  endforeach()\nendforeach()\n",
            ["20.1", "20.2", "21.1", "21.2"],
        ),
        ('set(V "20;21")\nforeach(v IN LISTS V)\n  find_package(LLVM ${v})\nendforeach()\n', ["20", "21"]),
        ("foreach(v 20 21)\n  if(${v} LESS 21)\n    find_package(LLVM ${v})\n  endif()\nendforeach()\n", ["20"]),
        ("foreach(v 20 21)\n  find_package(LLVM ${v})\n  if(LLVM_FOUND)\n    break()\n  endif()\nendforeach()\n", []),
        ("foreach(v RANGE 20 22)\n  find_package(LLVM ${v})\nendforeach()\n", []),
        ("foreach(v IN ZIP_LISTS A B)\n  find_package(LLVM ${v})\nendforeach()\n", []),
        ("foreach(v ${UNKNOWN})\n  find_package(LLVM ${v})\nendforeach()\n", []),
        ("if(SOME_FOUND)\n  foreach(v 20)\n    find_package(LLVM ${v})\n  endforeach()\nendif()\n", []),
        ("while(MORE)\n  foreach(v 20)\n    find_package(LLVM ${v})\n  endforeach()\nendwhile()\n", []),
        ("function(f)\n  foreach(v 20)\n    find_package(LLVM ${v})\n  endforeach()\nendfunction()\n", []),
        ("macro(m v)\n  set(v 22)\n  find_package(LLVM ${v})\nendmacro()\nm(20)\n", ["20"]),
        ("macro(m v)\n  if(${v} LESS 21)\n    find_package(LLVM ${v})\n  endif()\nendmacro()\nm(20)\n", ["20"]),
        ("macro(m v)\n  if(v STREQUAL 20)\n    find_package(LLVM 20)\n  endif()\nendmacro()\nm(20)\n", []),
    ],
)
def test_arguments_and_items_of_loops_are_what_is_said_in_a_body(top: str, asked: list[str]) -> None:
    assert [command.words[1] for _, command in built(top).surely_run if command.name == "find_package"] == asked


@pytest.mark.parametrize(
    "anew",
    [
        "set(v 22)",
        "if(v MATCHES 20)\nstring(REPLACE 20 22 v ${v})\nendif()",
        "foreach(x 1)\nmath(EXPR v 22)\nendforeach()",
        "choose(v)",
    ],
)
def test_an_argument_that_a_function_sets_anew_is_not_what_it_was_called_with(anew: str) -> None:
    top = f"function(f v)\n{anew}\nfind_package(LLVM ${{v}})\nendfunction()\nf(20)\n"
    assert [command.words[1] for _, command in built(top).surely_run if command.name == "find_package"] == ["${v}"]


def test_what_a_function_elsewhere_adds_may_be_any_directory() -> None:
    lists = built("project(p)\n", apart=_OTHER_PROJECT).listfiles
    adds = "function(add_all)\n  add_subdirectory(${ARGV0})\nendfunction()\n"
    assert not BuiltParts({**lists, "cmake/all.cmake": tuple(parse(adds))}).off("apart/a.cpp")
