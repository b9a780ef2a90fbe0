"""Every kind of finding: its name, what it means, and what the other rooms must know of it.

A kind that is not here can come from a parser of another package; :func:`kind_of` describes it by what all have in
common. The table in docs/findings.md is written from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.kinds.description import Family, Kind, Subject, Tier, Variant, Whose
from pytest_llvmgate.model import Confidence

_described: dict[str, Kind] = {}
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(_described)
"""By name, in the order of the documents."""


def kind_of(name: str) -> Kind:
    """The description of a kind; of one that another package has made up, what all kinds have in common."""
    return _described.get(name) or Kind(name=name, meaning="", family=Family.PROGRAM, tier=Tier.OTHERS)


_USUALLY: Final = {
    Family.MACHINE: Whose.MACHINE,
    Family.GIT: Whose.CHECKOUT,
    Family.LOADER: Whose.DOWNSTREAM,
    Family.TESTS: Whose.DOWNSTREAM,
}
"""Whose the kinds of a family are, where they do not say otherwise."""


def _kind(family: Family, name: str, meaning: str, tier: Tier, facts: Iterable[str] = (), **rest: Any) -> str:
    rest.setdefault("whose", _USUALLY.get(family, Whose.PLACE))
    _described[name] = Kind(name=name, meaning=meaning, family=family, tier=tier, facts=frozenset(facts), **rest)
    return name


_of_tablegen = partial(_kind, Family.TABLEGEN)
_of_build_tools = partial(_kind, Family.BUILD_TOOL)
_of_cmake = partial(_kind, Family.CMAKE)
_of_git = partial(_kind, Family.GIT)
_of_linkers = partial(_kind, Family.LINKER)
_of_loaders = partial(_kind, Family.LOADER)
_of_machines = partial(_kind, Family.MACHINE)
_of_programs = partial(_kind, Family.PROGRAM)
_of_tests = partial(_kind, Family.TESTS)
_of_the_gate = partial(_kind, Family.GATE)


def _of_machine(**rest: Any) -> Variant:
    """A form of which the machine is the cause, whosever the kind is as a whole."""
    return Variant(whose=Whose.MACHINE, **rest)


# -- compilers --------------------------------------------------------------------------------------------------------

_OF_COMPILERS: Final = (
    fact.FORM, fact.NAME, fact.SCOPE, fact.COMPILER_SUGGESTS, fact.GENERATED, fact.NAMES, fact.CLASS, fact.PURE,
    fact.PURE_AT, fact.OVERRIDES, fact.FATE, fact.BEFORE, fact.AFTER, fact.NO_LONGER_INCLUDED_BY, fact.HEADER,
    fact.VERSION, fact.REASON,
)  # fmt: skip


def _of_compilers(name: str, meaning: str, tier: Tier, *more: str, **rest: Any) -> str:
    return _kind(Family.COMPILER, name, meaning, tier, (*_OF_COMPILERS, *more), **rest)


API_REMOVED: Final = _of_compilers(
    "api-removed",
    "a name is gone from its class or namespace, or is not declared",
    Tier.DECLARATIONS,
    subject=Subject.DECLARATION,
    variants={
        "not-member": Variant(headline="'{name}' {is_gone_from} '{scope}'{at}"),
        "undeclared": Variant(headline="'{id}' is not declared{at}", confidence=Confidence.LIKELY),
        "directive": Variant(
            headline="'{id}' is refused by the header that it is defined for: {message}{at}",
            advice="Look into the header at that line for what it takes instead.",
        ),
        "members": Variant(headline="{quoted_names} are gone from '{scope}'{at}"),
        "enumerators": Variant(
            headline="Enumerators {quoted_names} (enumeration '{enumeration}') are gone{from_scope}{at}"
        ),
        "standard": Variant(
            headline="LLVM's headers need a newer C++ standard than this code is compiled with{reason}: '{id}' is "
            "not there{at}",
            advice="Set CMAKE_CXX_STANDARD to what this LLVM asks for (17 since LLVM 16), or take the -std option out.",
            whose=Whose.DOWNSTREAM,
        ),
        "target": _of_machine(
            headline="This LLVM is built without the target {target_name}: {quoted_names} {are} not declared{at}",
            advice="Build LLVM with {target_name} in LLVM_TARGETS_TO_BUILD, or use an install that has it.",
        ),
        "unqualified": Variant(
            headline="Code generated into {generated} uses {names} without a namespace: it no longer lies inside of "
            "one{at}",
            advice="Qualify the names in the .td file, as in ::llvm::isa<::mlir::IntegerType>($_self).",
        ),
    },
)
API_CHANGED: Final = _of_compilers(
    "api-changed",
    "a call, override, conversion or access does not fit the declaration any more",
    Tier.DECLARATIONS,
    fact.ALSO,
    subject=Subject.DECLARATION,
    variants={
        "no-match": Variant(
            headline="No overload of '{id}' takes these arguments any more{at}",
            needs_name=True,
            advice="Compare the call with the declarations that the candidate has.",
        ),
        "handed": Variant(headline="'{name}' is a value where it was a pointer, or the other way round: {message}{at}"),
        "convert": Variant(headline="'{source}' does not convert to '{target}' any more{in_call}{at}", needs_name=True),
        "override": Variant(headline="'{overrides}' overrides nothing any more{pure}{at}"),
        "abstract": Variant(headline="'{id}' is abstract{pure}{at}"),
        "no-declaration": Variant(headline="'{id}' matches no declaration any more{at}"),
        "private": Variant(headline="'{id}' is not accessible any more{at}"),
        "returns": Variant(headline="'{id}' returns another type now{at}"),
        "taken": Variant(
            headline="LLVM declares '{id}' itself now, and otherwise than the project does{at}",
            advice="LLVM's is in {headers}: use it in place of the project's own, or give that another name.",
        ),
        "const": Variant(headline="'{id}' cannot be called on a const object (any more){at}"),
        "deleted": Variant(headline="'{id}' is deleted{at}"),
        "ambiguous": Variant(headline="{targets} {are} ambiguous{at}"),
        "static-assert": Variant(confidence=Confidence.LIKELY),
        "macro": Variant(
            headline="'{id}' is a macro of this LLVM's, which takes no such use{at}",
            advice="Look at the macro in LLVM's header: it may stand for a function in LLVM built with other settings "
            "(assertions).",
        ),
        "void": Variant(headline="'{id}' returns nothing any more{at}"),
        "asked": Variant(
            headline="An interface or a template of LLVM's asks for '{id}', which is not there{at}",
            advice="Look at what asks for it in LLVM (an interface's .td file, the template's header): the operation "
            "or class needs the arguments or members that it asks for now.",
        ),
        "generated": Variant(
            headline="Generated code does not fit LLVM's headers: '{id}' in {generated}, made from {source_name}{at}",
            advice="mlir-tblgen and the headers are of different versions, or the file is stale: make it anew with the "
            "mlir-tblgen of this LLVM.",
        ),
    },
)
API_DEPRECATED: Final = _of_compilers(
    "api-deprecated",
    "a name is deprecated, and `-Werror` makes that an error",
    Tier.DECLARATIONS,
    subject=Subject.DEPRECATED,
    headline="'{id}' is deprecated, and warnings are errors{at}",
)
WARNING_AS_ERROR: Final = _of_compilers(
    "warning-as-error",
    "another warning that `-Werror` makes an error",
    Tier.DECLARATIONS,
    advice="Mend what the compiler warns of, or build without -Werror: this compiler warns of more than others.",
    variants={
        "in-llvm": Variant(
            headline="A warning in a header of LLVM's is an error here: {message}{at}",
            advice="Do what the warning says, if it is LLVM's own advice (a header that is deprecated); else include "
            "LLVM's headers as SYSTEM, as in include_directories(SYSTEM ${LLVM_INCLUDE_DIRS}): compilers do not warn "
            "of those.",
            whose=Whose.DOWNSTREAM,
        ),
    },
)
HEADER_MISSING: Final = _of_compilers(
    "header-missing",
    "an `#include` that finds nothing",
    Tier.HEADERS,
    fact.NAME_KIND,
    subject=Subject.HEADER,
    headline="Header '{id}' is not found{at}",
    advice="Look for the header's new place in LLVM, and change the #include.",
    variants={
        "undepended": Variant(
            headline="'{id}' is included, and the target does not depend on what exports it{at}",
            advice="Add the target that exports the header to the deps of the one that is compiled, in its BUILD file.",
        ),
        "builtin": _of_machine(
            headline="'{id}', a header of the compiler or the system itself, is not found{at}",
            advice="The compiler's (or libclang's, or the C library's) own headers are not installed, or it looks in "
            "the wrong directory: "
            "install clang's resource headers, or set LLVM_INSTALL_DIR or CLANG_INSTALL_DIR.",
        ),
        "sources": Variant(
            headline="Headers of LLVM are included by their path in its sources, which no install has: '{id}' and "
            "others{at}",
            advice="Put the directory of LLVM's sources on the include path (check the submodule out), or include "
            'them as "mlir/..." and "llvm/...".',
        ),
        "versioned": Variant(
            headline="Headers of LLVM are included below '{id}', the directory of one version, which is not there{at}",
            advice='Leave that directory out of each #include ("llvm/IR/Value.h"): then the headers are those of the '
            "LLVM that is built against.",
        ),
        "another": Variant(
            advice="It is called as none of LLVM's headers is: install what has it, or see what of the project makes "
            "it.",
        ),
        "none": _of_machine(
            headline="'{id}', which every LLVM has, is not found{at}: its headers are not on the include path",
            advice="Install LLVM's development files (llvm-dev, llvm-devel; with them libclang-dev, libmlir-dev), or "
            "pass the directory that llvm-config --includedir prints: this is the environment, not an API.",
        ),
    },
    as_predicted="header-missing",
)
GENERATED_HEADER_MISSING: Final = _of_compilers(
    "generated-header-missing",
    "an `.inc` that is included before it is made: a missing dependency",
    Tier.HEADERS,
    headline="Generated header '{id}' does not exist when it is included{at}",
    advice="Make the library depend on the TableGen target that makes it: DEPENDS in its CMakeLists.txt.",
    variants={
        "by-protoc": Variant(
            advice="Run what makes it (protoc, or the project's rule for it) before this unit is compiled: it is none "
            "of LLVM's headers."
        ),
    },
)
HEADER_NOT_INCLUDED: Final = _of_compilers(
    "header-not-included",
    "a type is only declared: the header that defines it came with another one before",
    Tier.DECLARATIONS,
    subject=Subject.TYPE,
    headline="'{id}' is used but only declared: a header that defines it is no longer included{at}",
    advice="Include the header that defines it: LLVM's own headers no longer bring it along.",
    variants={
        "there": Variant(
            headline="{targets} {are} not declared here, and a header of the candidate has what is missed{at}",
            advice="Include {headers}, which declares it, or name its namespace.",
        ),
        "std-header": Variant(
            headline="{quoted_names} {are} not declared: no header that is included brings along the standard header "
            "that has it{at}",
            advice="Include the standard header that declares it{std_headers}; if the C++ standard that this LLVM asks "
            "for has taken it out, use what came instead.",
        ),
        "lost": Variant(
            headline="{includer} no longer includes what declares {some_names}{at}",
            advice="Include what is used: {headers}.",
        ),
    },
)
COMPILE_ERROR: Final = _of_compilers(
    "compile-error",
    "any other error of a compiler",
    Tier.OTHERS,
    confidence=Confidence.LIKELY,
    variants={
        "members": Variant(headline="{quoted_names} {are} not in '{scope}'{at}"),
        "absent": _of_machine(advice="Install what is asked for, or say where it is: the code may be as it should."),
        "ill-formed": Variant(
            headline="{tool_name} makes no valid C++ of {source_name}: {message} ({generated})",
            advice="The words there are the generator's own, none of the .td file's C++: look for what this dialect or "
            "operation asks for and others do not (usePropertiesForAttributes, say), and whether LLVM has mended it.",
        ),
        "mixed": _of_machine(
            headline="LLVM's own headers do not fit each other: '{id}' is not declared for {place_file}{at}",
            advice="Headers, generated headers and libraries must be of the same commit: rebuild LLVM, and look for a "
            "second version of it on the include path.",
        ),
        "refused": _of_machine(
            headline="LLVM's own header does not compile in this unit: {message}{at}",
            advice="The compiler, or the C++ standard (CMAKE_CXX_STANDARD, -std), may be too old for this LLVM (or too "
            "new), a macro of the project's may be in the "
            "way, headers of two LLVMs meet, or this LLVM is configured for another system: look at the include path.",
            confidence=Confidence.LIKELY,
        ),
    },
)

# -- generators and other programs of the build -----------------------------------------------------------------------

TABLEGEN: Final = _of_tablegen(
    "tablegen",
    "TableGen rejects a `.td` file",
    Tier.GENERATE,
    facts=(fact.NAME, fact.PROGRAM, fact.COMMAND, fact.FORM),
    subject=Subject.TABLEGEN,
    headline="TableGen: {message}{at}",
    advice="Look whether the .td files of this LLVM have it, and how they call it: it may be of another version than "
    "the project is written for.",
    variants={
        "refused": _of_machine(
            headline="LLVM's own .td file is refused by this TableGen: {message}{at}",
            advice="llvm-tblgen or mlir-tblgen and the .td files must be of one LLVM: look which tblgen is called, and "
            "at the include path.",
        ),
    },
)
TOOL_OPTION: Final = _of_programs(
    "tool-option",
    "a program of the build does not know an option",
    Tier.GENERATE,
    facts=(fact.TOOL, fact.OPTION, fact.NAME_KIND, fact.FORM, fact.NAMES),
    whose=Whose.DOWNSTREAM,
    subject=Subject.OPTION,
    headline="'{tool}' does not know the option '{option}'",
    advice="Look in the tool's --help for the option's successor.",
    variants={
        "several": Variant(headline="'{tool}' does not know the options {quoted_names}"),
        "component": Variant(
            headline="'{tool}' knows no component '{option}', and so prints nothing to link",
            advice="llvm-config --components lists what this LLVM has: take the successor, or leave it out.",
        ),
        "not-clang": _of_machine(
            headline="'{tool}' is the compiler, and the option '{option}' is clang's",
            advice="Compile with clang: configure anew, in an empty directory, with CMAKE_C_COMPILER and "
            "CMAKE_CXX_COMPILER set to the clang of this LLVM.",
        ),
        "pass": Variant(
            headline="'{tool}' does not know the pass '{option}'",
            advice="Look in its --print-passes for the pass's successor; a plugin's pass takes -load-pass-plugin and "
            "the name under which the plugin registers it.",
        ),
    },
    as_predicted="tool-option",
)
TOOL_MISSING: Final = _of_programs(
    "tool-missing",
    "a program of the build is not there",
    Tier.PACKAGES,
    facts=(fact.NAME, fact.TOOL, fact.NAME_KIND, fact.FORM, fact.SORT),
    whose=Whose.MACHINE,
    subject=Subject.PROGRAM,
    headline="The program '{id}' is not found or cannot be run{tests}",
    advice="Install it, or put the directory that has it on PATH.",
    variants={
        "lit": Variant(
            advice="An installed LLVM brings no lit: install the Python package lit of that LLVM's version, "
            "and set LLVM_EXTERNAL_LIT to its program in [build.cmake].",
        ),
        "format": Variant(
            headline="The program '{id}' is built for another machine than this one, which cannot run it{tests}",
            advice="Where LLVM is cross-compiled, its generators must be this machine's: LLVM_NATIVE_TOOL_DIR, or "
            "LLVM_TABLEGEN, CLANG_TABLEGEN and MLIR_TABLEGEN.",
        ),
        "program": Variant(
            headline="{message}{at}",
            advice="Install a build program that runs on this machine (as a wheel: pip install ninja), or name one by "
            "CMAKE_MAKE_PROGRAM; then configure anew, in an empty directory.",
        ),
    },
    as_predicted="tool-missing",
)
TOOL_ERROR: Final = _of_programs(
    "tool-error",
    "a program of the build fails, in its own words",
    Tier.OUTPUT,
    facts=(fact.TOOL, fact.FORM),
    confidence=Confidence.LIKELY,
    variants={
        "absent": _of_machine(
            advice="Install what it does not find, or say where that is, by an option that the message names: this is "
            "the environment, not an API.",
        ),
    },
)
SCRIPT_ERROR: Final = _of_programs(
    "script-error",
    "a script of the build fails",
    Tier.OTHERS,
    facts=(fact.FORM,),
    headline="A script of the build failed: {message}{in_edge}",
    confidence=Confidence.LIKELY,
    variants={"names": Variant(whose=Whose.DOWNSTREAM)},
)
BUILD_FILE_MISSING: Final = _of_build_tools(
    "build-file-missing",
    "ninja or make know no rule for a file",
    Tier.GENERATE,
    facts=(fact.NAME, fact.BY, fact.FORM),
    whose=Whose.DOWNSTREAM,
    subject=Subject.LIBRARY,
    headline="'{id}' does not exist and nothing makes it{by}",
    advice="If it is a library of LLVM, look for its new name; else make it a dependency.",
    variants={
        "file": Variant(advice="Make what makes it a dependency, or build the part of the project that does."),
        "installed": _of_machine(
            headline="The installed library '{name}' is named by a CMake package, and is not there{by}",
            advice="Install the package that has it (llvmgate doctor may know its name), or configure anew if it was "
            "there before: this is the environment, not an API.",
        ),
    },
)
BAZEL_ERROR: Final = _of_build_tools(
    "bazel-error",
    "Bazel refuses its own files",
    Tier.CONFIGURE,
    facts=(fact.FORM,),
    headline="Bazel: {message}{at}",
    variants={"machine": _of_machine(), "own": Variant(whose=Whose.DOWNSTREAM)},
)

CONFIGURE_ERROR: Final = _of_build_tools(
    "configure-error",
    "meson, a configure script or their like refuses to go on",
    Tier.CONFIGURE,
    facts=(fact.FORM,),
    headline="Configuring stops: {message}{at}",
)

# -- links ------------------------------------------------------------------------------------------------------------

SHARED_LINK: Final = _of_linkers(
    "shared-link",
    "a shared library uses symbols and does not link the library that defines them",
    Tier.LINKS,
    facts=(fact.LINKED, fact.DEFINED_BY, fact.SYMBOLS, fact.OBJECT),
    subject=Subject.LINK,
)
UNDEFINED_SYMBOL: Final = _of_linkers(
    "undefined-symbol",
    "a program does, in the same way; [linkcheck](linkcheck.md) calls what it predicts by the same two names",
    Tier.LINKS,
    facts=(fact.LINKED, fact.DEFINED_BY, fact.SYMBOLS, fact.OBJECT),
    subject=Subject.LINK,
)
ABI_MISMATCH: Final = _of_linkers(
    "abi-mismatch",
    "LLVM and this code differ in assertions (ABI-breaking checks) or RTTI",
    Tier.DECLARATIONS,
    facts=(fact.LINKED, fact.SYMBOLS, fact.SYMBOL, fact.BY, fact.FORM, fact.LIBRARY, fact.OBJECT),
    headline="LLVM and this code are built with different settings: '{id}' does not resolve",
    variants={
        "msvc": _of_machine(
            headline="Libraries and objects are built with different settings of MSVC's runtime: {message}",
            advice="Build all with one CMAKE_BUILD_TYPE (Debug or Release) and one CMAKE_MSVC_RUNTIME_LIBRARY, or use "
            "an LLVM that is built so.",
        ),
    },
)
LIBRARY_MISSING: Final = _of_linkers(
    "library-missing",
    "a link names a library that is not there",
    Tier.LINKS,
    facts=(fact.LIBRARY, fact.LINKED, fact.NAME_KIND, fact.FILE, fact.FORM, fact.NAMES),
    whose=Whose.DOWNSTREAM,
    subject=Subject.LIBRARY,
    headline="The linker does not find library '{id}'{in_edge}",
    advice="Look for the library's new name in LLVM, and change the LINK_LIBS entry.",
    variants={
        "absent": Variant(
            advice="Install the library (mostly its development package), or say where it lies: by -L or LIBRARY_PATH, "
            "for link.exe by LIB. One that the project makes itself is to be linked by its target.",
        ),
        "several": Variant(
            headline="The linker finds none of LLVM's libraries {quoted_names}{in_edge}",
            advice="Install the static libraries of LLVM and clang (libclang-dev, clang-devel), say where they are, or "
            "link libLLVM and libclang-cpp in their place.",
        ),
        "architecture": _of_machine(
            headline="Library '{id}' is of another architecture than the link, and was ignored{file}",
            advice="Use a library that is built for this architecture, or build for that of the library.",
        ),
        "lto": _of_machine(
            headline="Static libraries hold LTO bitcode that this linker does not read{file}",
            advice="Link with lld of that LLVM (-fuse-ld=lld), give the linker LLVM's plugin (LLVMgold.so), or use an "
            "LLVM that is built without LLVM_ENABLE_LTO.",
        ),
        "system": _of_machine(
            headline="The linker does not find '{id}', a library of the system that LLVM links{in_edge}",
            advice="Install its development package, or use an LLVM that is built without it: llvm-config "
            "--system-libs names what this one needs.",
        ),
        "compiler-rt": _of_machine(
            headline="'{id}', a runtime library of clang's own, is not installed{in_edge}",
            advice="Install compiler-rt of this clang and for this target (libclang-rt-dev, compiler-rt); an LLVM that "
            "is built from sources has it with LLVM_ENABLE_RUNTIMES=compiler-rt.",
        ),
        "object": _of_machine(
            headline="The linker does not find the file '{id}'{in_edge}",
            advice="Nothing has made it, or it lies elsewhere: build or install the part of the project that makes it.",
        ),
        "words": _of_machine(
            headline="The linker takes words of its command for files{in_edge}",
            advice="A path with a blank that a flag has unquoted, as AddLLVM's -rpath-link does, breaks into such "
            "words: build where no path has one. Else look for the flag that the words belong to.",
        ),
        "not-found": _of_machine(
            headline="CMake did not find what it links: '{id}'",
            advice="Install the static libraries of this LLVM that the project looks for, or point CMake to an LLVM "
            "that has them: find_library left NOTFOUND.",
        ),
        "whole": _of_machine(
            headline="This LLVM has no shared library '{id}', and the link asks for it{in_edge}",
            advice="Build LLVM with its shared library (LLVM_BUILD_LLVM_DYLIB=ON), or link its static archives "
            "(LLVM_LINK_LLVM_DYLIB=OFF, llvm-config --link-static).",
        ),
        "path": _of_machine(
            headline="The linker does not open '{id}': its path is too long for Windows",
            advice="Build in a directory with a shorter path, or allow long paths.",
        ),
    },
    as_predicted="library-missing",
)
DUPLICATE_SYMBOL: Final = _of_linkers(
    "duplicate-symbol",
    "two libraries define the same symbol",
    Tier.LINKS,
    facts=(fact.SYMBOL, fact.LIBRARY, fact.NAMES, fact.FORM),
    whose=Whose.DOWNSTREAM,
    subject=Subject.SYMBOL,
    headline="'{id}' is defined more than once{in_edge}",
    advice="Remove one of the definitions, or the library that brings the second one.",
    variants={"pair": Variant(headline="{some_names} {are} defined more than once, by {library}{in_edge}")},
)
LINK_ERROR: Final = _of_linkers(
    "link-error",
    "any other error of a linker",
    Tier.OTHERS,
    facts=(fact.LIBRARY, fact.FORM, fact.FILE, fact.NAMES),
    headline="The link fails{in_edge}: {message}",
    variants={
        "not-pic": Variant(
            headline="'{library}' is not position independent, and a shared library links it{in_edge}: recompile with "
            "-fPIC",
            advice="Compile it with POSITION_INDEPENDENT_CODE, or link a shared library in its place.",
            confidence=Confidence.CERTAIN,
        ),
    },
    confidence=Confidence.LIKELY,
)

# -- CMake ------------------------------------------------------------------------------------------------------------

CMAKE_TARGET_MISSING: Final = _of_cmake(
    "cmake-target-missing",
    "a target is named that no project and no package defines",
    Tier.CONFIGURE,
    facts=(fact.NAME, fact.NAMES, fact.BY),
    whose=Whose.DOWNSTREAM,
    subject=Subject.TARGET,
    headline="CMake target {targets} does not exist{by}{at}",
    advice="Look for the target's new name in LLVM, or check that the submodule's checkout is current.",
    as_predicted="library-missing",
)
CMAKE_PACKAGE: Final = _of_cmake(
    "cmake-package",
    "`find_package` does not get what it asks for",
    Tier.PACKAGES,
    facts=(fact.NAME, fact.SORT, fact.FILE, fact.REASON, fact.VERSION, fact.BY),
    variants={
        "incomplete": Variant(
            headline="The {by_name} install is incomplete: '{id}' names a file that does not exist{file}",
            advice="Use a complete install of it: this is the environment, not an API.",
        ),
        "static": Variant(
            headline="llvm-config names libraries that this LLVM does not have{file}",
            advice="Install LLVM's static libraries, or ask for the shared one (llvm-config --link-shared, "
            "LLVM_LINK_LLVM_DYLIB): this is the environment, not an API.",
        ),
        "refused": Variant(headline="CMake package '{id}' was found and refuses to be used{reason}{at}"),
        "interface": Variant(
            headline="'{id}' is not there, and '{by_name}' of the installed LLVM needs it{at}",
            advice="Install its development files, so that find_package finds it, or use an LLVM that is built "
            "without it: this is the environment, not an API.",
        ),
        "tool": Variant(
            headline="{message}{at}",
            advice="'{id}' is not found on this machine, or not with all that is asked for (version, modules, "
            "targets): install it, or say where it is{settings}.",
        ),
        "unlisted": Variant(
            headline="{message}{at}",
            advice="No repository of the package manager has it for this release of the system: add one that has "
            "(apt.llvm.org for Debian and Ubuntu), or ask for what this release has.",
        ),
        "unfit": Variant(
            headline="{message}{at}",
            advice="The project refuses this version by itself: widen what it accepts, once its code follows, or use "
            "an LLVM that it accepts.",
        ),
        "library": Variant(
            headline="CMake does not find the library '{id}' in the LLVM that is given",
            advice="Use an LLVM of the commit that the project asks for, with that library built; or look for its "
            "new name: find_library found nothing.",
        ),
        "version": Variant(
            headline="CMake package '{id}' is not there in the requested version {version}{reason}{at}",
            advice="Change the version that the project asks for, or use an LLVM that has it.",
        ),
        "absent": Variant(
            headline="CMake does not find the package '{id}'{at}",
            advice="Install it, or point CMake to it ({id}_DIR or CMAKE_PREFIX_PATH): this is the environment, not "
            "an API.",
        ),
    },
)
CMAKE_EXPORT: Final = _of_cmake(
    "cmake-export",
    "an exported target needs one that is in no export set",
    Tier.CONFIGURE,
    facts=(fact.NAME, fact.BY, fact.EXPORT),
    headline="Target '{id}' is in no export set, but the exported target '{by_name}' requires it{at}",
    advice="Install the library into the same export set, or do not make the exported target require it.",
)
CMAKE_COMMAND_MISSING: Final = _of_cmake(
    "cmake-command-missing",
    "a function or macro of CMake is not defined",
    Tier.PACKAGES,
    facts=(fact.NAME, fact.NAME_KIND, fact.SORT),
    subject=Subject.COMMAND,
    headline="CMake command '{id}' is unknown{at}",
    advice="Check that TableGen, AddLLVM and AddMLIR are included, and look for its new name.",
    variants={
        "another": Variant(
            advice="It is not called as LLVM's are: include the module that defines it; where the project downloads "
            "that, see whether it could.",
        ),
    },
    as_predicted="cmake-command-missing",
)
CMAKE_MODULE_MISSING: Final = _of_cmake(
    "cmake-module-missing",
    "a file or directory that CMake should read does not exist: often a submodule that is not checked out",
    Tier.PACKAGES,
    facts=(fact.NAME, fact.NAME_KIND, fact.SORT),
    whose=Whose.CHECKOUT,
    subject=Subject.MODULE,
    headline="CMake file or directory '{id}' does not exist{at}",
    advice="If it belongs to a submodule, check it out: git submodule update --init --recursive.",
    variants={
        "module": Variant(
            headline="CMake module '{id}' is not found{at}",
            advice="Put the directory that has it into CMAKE_MODULE_PATH before: LLVM's are in LLVM_CMAKE_DIR, MLIR's "
            "in MLIR_CMAKE_DIR.",
        ),
        "outside": Variant(
            advice="It is outside of the checkout: see which variable its path is made from. LLVM's own sources "
            "(LLVM_BUILD_MAIN_SRC_DIR) are no part of an installed LLVM.",
        ),
    },
    as_predicted="cmake-module-missing",
)
SOURCE_MISSING: Final = _of_cmake(
    "source-missing",
    "a source file that a target lists does not exist",
    Tier.CONFIGURE,
    facts=(fact.NAME, fact.SORT, fact.NAMES),
    headline="Source file '{id}' does not exist{at}",
    variants={
        "directory": Variant(
            headline="No sources are below '{id}': {some_names} do not exist{at}",
            advice="The directory is another one, or its submodule is not checked out: look at the variable that the "
            "listfiles take it from.",
        ),
    },
)
CMAKE_VERSION: Final = _of_cmake(
    "cmake-version",
    "CMake is too old or too new for the project",
    Tier.PACKAGES,
    facts=(fact.NAME, fact.SORT),
    headline="CMake's version does not fit: {message}{at}",
    variants={
        "old": _of_machine(advice="Install a newer CMake (as a wheel: pip install cmake), and configure anew."),
    },
)
COMPILER_BROKEN: Final = _of_cmake(
    "compiler-broken",
    "CMake finds no compiler that works",
    Tier.SURROUNDINGS,
    facts=(fact.NAME, fact.SORT),
    whose=Whose.MACHINE,
    headline="The {id} compiler does not work: {message}",
    advice="Install the compiler, or name one that is there and works: by CMAKE_C_COMPILER and CMAKE_CXX_COMPILER, or "
    "CC and CXX; then configure anew, in an empty directory.",
    variants={
        "program": Variant(
            headline="{message}{at}",
            advice="Install a program that is as new as is asked for and runs on this machine: this is the "
            "environment, not an API.",
        ),
    },
)
CMAKE_ERROR: Final = _of_cmake(
    "cmake-error",
    "any other error of CMake",
    Tier.CONFIGURE,
    facts=(fact.NAME, fact.SORT),
    headline="CMake: {message}{at}",
    confidence=Confidence.LIKELY,
    variants={
        "call": Variant(whose=Whose.DOWNSTREAM),
        "exists": Variant(
            headline="LLVM has a target '{id}' of its own now, and the project makes one of that name{at}",
            advice="Drop the project's target and use LLVM's, or give it another name.",
            whose=Whose.DOWNSTREAM,
            confidence=Confidence.CERTAIN,
        ),
        "denied": _of_machine(
            headline="Nobody may make the directory '{id}' that CMake is to install into{at}",
            advice="Say where to install: by CMAKE_INSTALL_PREFIX, or by --prefix or DESTDIR when installing.",
            confidence=Confidence.CERTAIN,
        ),
        "project": Variant(
            headline="LLVM's CMake does not know the project '{id}'{at}",
            advice="LLVM_ENABLE_PROJECTS takes LLVM's own projects of this version: runtimes go into "
            "LLVM_ENABLE_RUNTIMES, projects of others into LLVM_EXTERNAL_PROJECTS.",
            whose=Whose.DOWNSTREAM,
        ),
    },
)

# -- programs that were built -----------------------------------------------------------------------------------------

LOADER: Final = _of_loaders(
    "loader",
    "a program does not start: a shared library or a symbol is not found",
    Tier.LINKS,
    facts=(fact.LIBRARY, fact.PROGRAM, fact.SYMBOL, fact.VERSION, fact.BY, fact.FILE, fact.FORM),
    subject=Subject.SYMBOL,
    headline="{program} does not start: '{id}' is not found at run time{tests}",
    advice="Install the library with the program or set its RPATH, and check by running the installed tool.",
    variants={
        "runtime": _of_machine(
            headline="{program} needs a newer C++ runtime or C library than this machine has: '{id}' is not in "
            "it{file}",
            advice="Install a newer libstdc++ (or libc), or use an LLVM that is built for this system.",
        ),
        "installed": _of_machine(
            headline="{program} does not start: '{id}' is not found at run time{tests}",
            advice="What is installed does not fit together: install or upgrade the program and its libraries of one "
            "version, and look at LD_LIBRARY_PATH (on Windows, at PATH).",
        ),
        "plugin": Variant(
            headline="The plugin {library} does not load{missing}",
            advice="Build the plugin against the very LLVM that loads it: the same commit, C++ standard library and "
            "settings.",
        ),
        "plugin-own": Variant(
            headline="The plugin {library} does not load{missing}, and that is none of LLVM's",
            advice="Link the library that defines it into the plugin: what loads it brings LLVM only.",
        ),
        "not-clang": _of_machine(
            headline="GCC is the compiler, and the plugin {library} is clang's",
            advice="Compile with clang: configure anew, in an empty directory, with CMAKE_C_COMPILER and "
            "CMAKE_CXX_COMPILER set to the clang of this LLVM.",
        ),
        "module": Variant(
            headline="The Python module {library} needs '{symbol_name}', which no loaded library has",
            advice="Add the CAPI library that defines it to the module's EMBED_CAPI_LINK_LIBS; or an older library is "
            "loaded.",
        ),
        "llvms": _of_machine(
            headline="{library}, a program of LLVM's, needs '{symbol_name}', which the libLLVM that it loads does not "
            "have{tests}",
            advice="Program and libLLVM are of different builds (version, targets): install or rebuild both of one "
            "LLVM.",
        ),
        "rtti": Variant(
            headline="{library} needs '{symbol_name}', which no loaded library has{tests}: it is built with RTTI",
            advice="Compile with -fno-rtti, or use an LLVM that is built with RTTI (LLVM_ENABLE_RTTI); where both have "
            "it, LLVM is not linked.",
        ),
        "symbol": Variant(
            headline="{library} needs '{symbol_name}', which no loaded library has{tests}",
            advice="The library that is loaded is another one than at link time: use those of one LLVM.",
        ),
    },
)
LLVM_LINKED_TWICE: Final = _of_loaders(
    "llvm-linked-twice",
    "two copies of LLVM meet in one program",
    Tier.DECLARATIONS,
    facts=(fact.OPTION, fact.STORAGE, fact.FORM),
    headline="LLVM is in the program twice: {message}",
    advice="Link LLVM once: either libLLVM/libMLIR or the static archives, in all libraries of the program.",
    variants={
        "versions": _of_machine(
            headline="Two versions of LLVM meet in one program: {message}",
            advice="Use headers and libraries of the same version of LLVM for all: what is compiled against one cannot "
            "link another.",
        ),
    },
)
PROMISED_INTERFACE: Final = _of_programs(
    "promised-interface",
    "a dialect promises an interface that nobody registered",
    Tier.LINKS,
    facts=(fact.INTERFACE, fact.DIALECT),
    whose=Whose.DOWNSTREAM,
    subject=Subject.INTERFACE,
    headline="Dialect '{dialect}' promises the interface {interface}, and nobody registered it",
    advice="Register the external models of the dialect where the program fills its DialectRegistry.",
)
LLVM_FATAL: Final = _of_programs(
    "llvm-fatal",
    "a program ends with LLVM's own fatal error",
    Tier.OTHERS,
    facts=(fact.PROGRAM, fact.COMMAND, fact.FORM),
    whose=Whose.PROGRAM,
    headline="{program} was stopped by LLVM: {message}{tests}",
    variants={
        "unregistered": Variant(
            advice="Register the dialect where the program fills its DialectRegistry, and name it among the pass's "
            "dependent dialects; or the input is made for another version of MLIR.",
            whose=Whose.DOWNSTREAM,
        ),
    },
)
CRASH: Final = _of_programs(
    "crash",
    "a program fails an assertion, or crashes",
    Tier.OTHERS,
    facts=(fact.PROGRAM, fact.ASSERTION, fact.COMMAND),
    whose=Whose.PROGRAM,
    headline="{program} crashed: {message}{tests}{in_edge}",
    confidence=Confidence.LIKELY,
)

# -- tests ------------------------------------------------------------------------------------------------------------

FILECHECK: Final = _of_tests(
    "filecheck",
    "a test file expects other output; one finding per file, by its first line that is not met",
    Tier.OUTPUT,
    facts=(fact.TESTS,),
    advice="Compare the output with the CHECK lines: where only the printed form changed, update the tests.",
    confidence=Confidence.LIKELY,
)
IR_ERROR: Final = _of_tests(
    "ir-error",
    "a tool rejects its input",
    Tier.OTHERS,
    facts=(fact.PROGRAM, fact.COMMAND, fact.FORM, fact.FILE),
    whose=Whose.INPUT,
    headline="A tool rejects its input: {message}{tests}{at}",
    confidence=Confidence.LIKELY,
    variants={
        "version": _of_machine(
            headline="{program} cannot read what another version of LLVM wrote: {message}{file}",
            advice="Write and read bitcode and IR with the tools of one LLVM: older ones do not read what newer ones "
            "write.",
        ),
    },
)
TESTS_FAILED: Final = _of_tests(
    "tests-failed",
    "tests failed, and nothing says why",
    Tier.TESTS,
    facts=(fact.TESTS, fact.FORM),
    advice="Run one of the tests alone with lit -v to see its output.",
    variants={
        "configuration": Variant(
            advice="lit ends before the first test: mend that file as the exception says, or run the tests with the "
            "lit of the LLVM that the project is written for (pip install 'lit==22.*')."
        ),
    },
)

# -- checkouts and the machine ----------------------------------------------------------------------------------------

GIT_UNREACHABLE: Final = _of_git(
    "git-unreachable",
    "a pin that cannot be checked out",
    Tier.SURROUNDINGS,
    facts=(fact.REF, fact.SUBMODULE),
    headline="git cannot get '{id}': the pin is not on the remote{submodule}",
    advice="Pin a commit that a branch or tag of the remote contains, or push it there.",
)
GIT_ERROR: Final = _of_git(
    "git-error",
    "any other error of git",
    Tier.SURROUNDINGS,
    headline="git: {message}",
)
PATCH_FAILED: Final = _of_git(
    "patch-failed",
    "a carried patch does not apply any more",
    Tier.SURROUNDINGS,
    facts=(fact.FILE, fact.PATCH, fact.REPOSITORY, fact.REASON),
    headline="A carried patch no longer applies: '{id}'{to_file}{reason}{repository}",
    advice="Rebase the patch on the candidate, or drop it when upstream has taken it.",
)
NETWORK: Final = _of_machines(
    "network",
    "a host does not answer",
    Tier.SURROUNDINGS,
    facts=(fact.HOST, fact.NAME, fact.REASON, fact.SUBMODULE, fact.FORM),
    headline="The network failed: {message}{at}",
    advice="Run it again; where there is no network, give CMake a copy: FETCHCONTENT_SOURCE_DIR_<NAME>.",
    variants={
        "checksum": Variant(
            headline="The archive of '{id}' has another checksum than the pin asks for: {message}",
            advice="Make the pin's checksum that of the archive, once it is known to be the right one; hosts pack "
            "archives anew now and then.",
        ),
    },
)
OUT_OF_MEMORY: Final = _of_machines(
    "out-of-memory",
    "the machine has no memory left",
    Tier.GENERATE,
    facts=(fact.PROGRAM,),
    headline="The machine ran out of memory{in_edge}",
    advice="Not LLVM's fault: run fewer jobs at once, with LLVM_PARALLEL_LINK_JOBS=1, or on a larger machine.",
)
OUT_OF_DISK: Final = _of_machines(
    "out-of-disk",
    "the machine has no room left, or no file descriptors",
    Tier.SURROUNDINGS,
    headline="The machine ran out of disk space or open files{in_edge}",
    advice="Not LLVM's fault: make room on the disk, and run it again.",
)
COMPILER_CRASH: Final = _of_machines(
    "compiler-crash",
    "the compiler itself crashes",
    Tier.GENERATE,
    facts=(fact.PROGRAM, fact.FILE, fact.COMMAND, fact.ASSERTION, fact.FORM),
    headline="The compiler itself crashed{compiling}{in_edge}",
    advice="Not LLVM's fault: use another compiler, or report the crash to its makers.",
    variants={
        "backend": Variant(
            headline="The compiler itself fails{compiling}: {message}{in_edge}",
            advice="Nothing of the code's grammar: another target, other options or another release of the compiler "
            "may do; its makers want to know.",
        ),
        "linker": Variant(
            headline="The linker itself fails: {message}{in_edge}",
            advice="Not LLVM's fault: use another linker (-fuse-ld=lld) or a newer one, and look at the memory it has.",
        ),
    },
)
TIMEOUT: Final = _of_machines(
    "timeout",
    "a command did not end in time",
    Tier.OTHERS,
    headline="The command did not end in time",
)
INTERRUPTED: Final = _of_machines(
    "interrupted",
    "the build was ended from outside",
    Tier.OTHERS,
    headline="The build was interrupted before it came to its own end",
    advice="Nobody's code is at fault as far as the log goes: run it again.",
)

# -- what the gate itself compares ------------------------------------------------------------------------------------

CONFIGURATION_DEVIATES: Final = _of_the_gate(
    "configuration-deviates",
    "CMake made another build than the configuration asks for",
    Tier.OTHERS,
    whose=Whose.DOWNSTREAM,
)
CONFIGURATION_NOT_EFFECTIVE: Final = _of_the_gate(
    "configuration-not-effective",
    "the project would overwrite what the configuration asks for",
    Tier.OTHERS,
    whose=Whose.MACHINE,
)
TOOLCHAIN_CHANGED: Final = _of_the_gate(
    "toolchain-changed",
    "the candidate's LLVM is built with other settings than the baseline's",
    Tier.OTHERS,
    whose=Whose.MACHINE,
    confidence=Confidence.LIKELY,
)
LINKCHECK_DISAGREEMENT: Final = _of_the_gate(
    "linkcheck-disagreement",
    "the real linker and linkcheck differ: a defect of the gate",
    Tier.OTHERS,
)
UNRECOGNISED: Final = _of_programs(
    "unrecognised",
    "an edge failed and nobody understands why: its own output is shown",
    Tier.OUTPUT,
    facts=(fact.COMMAND,),
    confidence=Confidence.GUESS,
)
