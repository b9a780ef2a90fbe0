"""What is fixed about a toolchain before anything compiles: RTTI, exceptions, assertions, linkage, its utilities.

All of it stands in LLVMConfig.cmake and a header or two. Unsaid, a mismatch compiles for an hour and then fails at the
last link with a hundred ``typeinfo`` references, or as two hundred CMake errors about FileCheck.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.cmake.truth import is_false, truth
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import PREDICTED_BY
from pytest_llvmgate.llvm.prefix import package_variables
from pytest_llvmgate.model import Confidence, Finding, Layer
from pytest_llvmgate.owners.by_tree import Layers
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.preflight.guards import provides_for
from pytest_llvmgate.preflight.usage import Usage, Use, with_cmake_guards
from pytest_llvmgate.surface.provided import Provided

_ABI_CHECKS: Final = re.compile(r"^[ \t]*+#[ \t]*+define[ \t]++LLVM_ENABLE_ABI_BREAKING_CHECKS\s+(\d)", re.MULTILINE)
_SETTINGS: Final = (
    "LLVM_ENABLE_RTTI",
    "LLVM_ENABLE_EH",
    "LLVM_ENABLE_ASSERTIONS",
    "LLVM_ENABLE_SHARED_LIBS",
    "LLVM_LINK_LLVM_DYLIB",
    "LLVM_ENABLE_PIC",
    "LLVM_ENABLE_THREADS",
)
_SWITCHES: Final = {
    "LLVM_ENABLE_RTTI": "run-time type information",
    "LLVM_ENABLE_EH": "exceptions",
    "LLVM_ENABLE_ASSERTIONS": "assertions",
    "LLVM_ENABLE_ABI_BREAKING_CHECKS": "ABI-breaking checks",
    "LLVM_LINK_LLVM_DYLIB": "linking as one dylib",
    "LLVM_ENABLE_SHARED_LIBS": "shared libraries",
    "LLVM_ENABLE_PIC": "position-independent code",
}
_UTILITIES: Final = frozenset(
    {"FileCheck", "count", "not", "split-file", "yaml2obj", "obj2yaml", "llc", "lli", "opt", "llvm-symbolizer"}
    | {"llvm-tblgen", "mlir-linalg-ods-yaml-gen"}
    | {f"mlir-{name}" for name in ("opt", "translate", "runner", "cpu-runner", "reduce", "tblgen", "pdll")}
)
"""Programs of LLVM that downstreams' CMake files name as dependencies of their tests."""
_RENAMED: Final = {"mlir-cpu-runner": "mlir-runner"}
_TELLING: Final = frozenset({"FileCheck", "mlir-opt", "llc", "split-file", "lli"})
"""A command that names one of these means programs; ``not`` and ``count`` alone may be anything."""
_NEEDS_PROGRAMS: Final = re.compile(r"^(add_lit_testsuites?|add_dependencies|add_custom_target|set|list)$")


@dataclass(frozen=True, kw_only=True)
class ToolchainFacts:
    """Settings that an installed LLVM was built with."""

    label: str
    settings: Mapping[str, bool] = field(default_factory=dict)


def read_toolchain(llvm_dir: Path, *, label: str = "") -> ToolchainFacts:
    """The settings of the LLVM whose LLVMConfig.cmake lies in ``llvm_dir``."""
    values = package_variables(llvm_dir / "LLVMConfig.cmake")
    settings: dict[str, bool] = {name: not is_false(values[name]) for name in _SETTINGS if name in values}
    header = llvm_dir.parents[2] / "include/llvm/Config/abi-breaking.h"
    if header.is_file() and (match := _ABI_CHECKS.search(read_plain_text(header))):
        settings["LLVM_ENABLE_ABI_BREAKING_CHECKS"] = match[1] != "0"
    return ToolchainFacts(label=label or str(llvm_dir.parents[2]), settings=settings)


def planned_toolchain(options: Mapping[str, str], *, label: str) -> ToolchainFacts:
    """The settings that an LLVM will have which is yet to be built with these cache values.

    What they do not say is LLVM's default (llvm/CMakeLists.txt and HandleLLVMOptions: no RTTI, no exceptions, static,
    ABI-breaking checks with assertions).
    """
    plain = {name.partition(":")[0]: value for name, value in options.items()}

    def on(name: str) -> bool:
        return not is_false(plain.get(name, ""))

    checks = plain.get("LLVM_ABI_BREAKING_CHECKS", "WITH_ASSERTS").upper()
    settings = {name: on(name) for name in ("LLVM_ENABLE_RTTI", "LLVM_ENABLE_EH", "LLVM_LINK_LLVM_DYLIB")}
    settings |= {
        "LLVM_ENABLE_SHARED_LIBS": on("BUILD_SHARED_LIBS"),
        "LLVM_ENABLE_ABI_BREAKING_CHECKS": on("LLVM_ENABLE_ASSERTIONS")
        if checks == "WITH_ASSERTS"
        else checks == "FORCE_ON",
    }
    if "LLVM_ENABLE_ASSERTIONS" in plain:  # otherwise it hangs on the build type
        settings["LLVM_ENABLE_ASSERTIONS"] = on("LLVM_ENABLE_ASSERTIONS")
    return ToolchainFacts(label=label, settings=settings)


def check_toolchain(
    facts: ToolchainFacts,
    *,
    usage: Usage,
    provided: Provided,
    layers: Layers,
    baseline: ToolchainFacts | None = None,
    wanted: Mapping[str, str] | None = None,
    configuration: str = "",
    told: Set[str] = frozenset(),
) -> tuple[Finding, ...]:
    """What can be said before compiling. ``wanted`` are the cache values that a configuration asks for, ``told`` are
    programs of which it is said elsewhere that LLVM has them no more.
    """
    wanted = wanted or {}
    names = (configuration,) if configuration else ()
    found = [
        *_missing_utilities(usage, provided, layers, told),
        *_asked_otherwise(facts, wanted),
        *_linkage(facts, wanted, usage, layers),
        *(_changes(facts, baseline) if baseline else ()),
    ]
    return tuple(
        replace(finding, configurations=names, facts={**finding.facts, PREDICTED_BY: "preflight"}) for finding in found
    )


def _missing_utilities(usage: Usage, provided: Provided, layers: Layers, told: Set[str]) -> Iterator[Finding]:
    """One finding for all utilities: they are missing together, from the install and not from LLVM."""
    if not provided.programs:
        return
    missing: dict[str, tuple[Use, ...]] = {}
    for name in _UTILITIES - provided.programs - usage.declared - told:
        uses = tuple(use for use in usage.words.get(name, ()) if _names_programs(usage, use))
        uses = tuple(use for use in with_cmake_guards(usage, uses) if not provides_for(use.guards, name))
        if uses:
            missing[name] = uses
    if not missing:
        return
    places = [use for name in sorted(missing) for use in missing[name]]
    listed = ", ".join(sorted(missing))
    yield Finding(
        kind=kinds.TOOL_MISSING,
        identifier=listed,
        headline=f"this LLVM install has no {listed}, which the project's CMake files depend on",
        layer=Layer.MACHINE,
        locations=tuple(layers.location(layers.root / use.file, use.line) for use in places[:20]),
        evidence=tuple(f"{use.file}:{use.line}" for use in places[:8]),
        sites=len(places),
        confidence=Confidence.LIKELY,
        advice=tuple(_on_utilities(missing, provided)),
    )


def _on_utilities(missing: Iterable[str], provided: Provided) -> Iterator[str]:
    renamed = {name: _RENAMED[name] for name in missing if _RENAMED.get(name) in provided.programs}
    yield from (f"LLVM renamed {old}: {new}" for old, new in renamed.items())
    if renamed.keys() != {*missing}:
        yield "install LLVM with LLVM_INSTALL_UTILS=ON (and LLVM_BUILD_UTILS=ON), or switch this project's tests off"
        yield "CMake reports this as hundreds of errors: they are one cause, and not a change of LLVM's API"


def _names_programs(usage: Usage, use: Use) -> bool:
    """Whether the command at a use is one that lists programs."""
    for command in usage.listfiles.get(use.file, ()):
        if command.line <= use.line <= command.end_line:
            words = set(command.words)
            return bool(_NEEDS_PROGRAMS.match(command.name)) and bool(words & _TELLING)
    return False


def _asked_otherwise(facts: ToolchainFacts, wanted: Mapping[str, str]) -> Iterator[Finding]:
    """A configuration asks for a setting that this LLVM was not built with."""
    for name in ("LLVM_ENABLE_RTTI", "LLVM_ENABLE_EH", "LLVM_ENABLE_ABI_BREAKING_CHECKS"):
        if name not in wanted or name not in facts.settings:
            continue
        asked = not is_false(wanted[name])
        if asked and not facts.settings[name]:
            yield Finding(
                kind=kinds.ABI_MISMATCH,
                identifier=name,
                headline=(
                    f"the configuration asks for {_SWITCHES[name]} ({name}=ON), and this LLVM was built without: what "
                    "derives from LLVM's classes will not link"
                ),
                layer=Layer.MACHINE,
                evidence=(f"{facts.label}: {name} is OFF",),
                confidence=Confidence.CERTAIN,
                advice=(f"use an LLVM built with {name}=ON, or do not ask for it",),
            )


def _linkage(facts: ToolchainFacts, wanted: Mapping[str, str], usage: Usage, layers: Layers) -> Iterator[Finding]:
    """A configuration that is called shared over a static LLVM."""
    asked = truth(wanted.get("BUILD_SHARED_LIBS", "")) is True
    if not asked or facts.settings.get("LLVM_ENABLE_SHARED_LIBS"):
        return
    takes_over = list(_takes_llvms_setting(usage))
    if facts.settings.get("LLVM_LINK_LLVM_DYLIB") and not takes_over:
        return
    if takes_over:
        headline = (
            "the configuration asks for BUILD_SHARED_LIBS=ON, this LLVM was built without, and the project takes "
            "LLVM's setting over its own: it would be built static"
        )
        advice = "use an LLVM that was built with BUILD_SHARED_LIBS=ON (another flavour)"
    else:
        headline = (
            "the configuration builds shared libraries over a static LLVM: each of them takes its own copy of LLVM in"
        )
        advice = (
            "registered options and dialects of two copies collide when both are loaded ('registered more than once'); "
            "use an LLVM built with BUILD_SHARED_LIBS=ON or as a dylib"
        )
    yield Finding(
        kind=kinds.CONFIGURATION_NOT_EFFECTIVE if takes_over else kinds.LLVM_LINKED_TWICE,
        identifier="BUILD_SHARED_LIBS",
        headline=headline,
        layer=Layer.MACHINE,
        locations=tuple(layers.location(layers.root / use.file, use.line) for use in takes_over[:5]),
        evidence=(f"{facts.label}: LLVM_ENABLE_SHARED_LIBS is OFF",),
        confidence=Confidence.CERTAIN if takes_over else Confidence.GUESS,
        advice=(advice,),
    )


def _takes_llvms_setting(usage: Usage) -> Iterator[Use]:
    """Where the project sets BUILD_SHARED_LIBS from LLVM's own setting."""
    for file, commands in usage.listfiles.items():
        for command in commands:
            words = " ".join(command.words)
            if (
                command.name in {"set", "option"}
                and command.words[:1] == ("BUILD_SHARED_LIBS",)
                and "LLVM_ENABLE_SHARED_LIBS" in words
            ):
                yield Use(file, command.line)


def _changes(facts: ToolchainFacts, baseline: ToolchainFacts) -> Iterator[Finding]:
    """Settings in which the candidate's toolchain differs from the baseline's."""
    changed = [
        name
        for name in (*_SETTINGS, "LLVM_ENABLE_ABI_BREAKING_CHECKS")
        if name in facts.settings and name in baseline.settings and facts.settings[name] != baseline.settings[name]
    ]
    if changed:
        states = {True: "OFF -> ON", False: "ON -> OFF"}
        text = ", ".join(f"{name} {states[facts.settings[name]]}" for name in changed)
        yield Finding(
            kind=kinds.TOOLCHAIN_CHANGED,
            identifier=", ".join(changed),
            headline=f"the candidate's toolchain is built differently from the baseline's: {text}",
            layer=Layer.MACHINE,
            evidence=(f"baseline: {baseline.label}", f"candidate: {facts.label}"),
            confidence=Confidence.GUESS,  # that a failure comes from it
            advice=("failures may come from this and not from the commit: compare LLVMs that are built alike",),
        )


def rtti_note(commands: Iterable[CompileCommand]) -> str:
    """What to say of these translation units over an LLVM without RTTI: nothing, unless most are compiled with it.

    What derives from LLVM's classes then does not link (typeinfo for llvm::...), which nothing else says before the
    last link. A unit here and there is on purpose (Python bindings).
    """
    units = [command for command in commands if command.file.suffix not in {".c", ".S", ".s"}]
    with_rtti = [unit.file.name for unit in units if _is_compiled_with_rtti(unit)]
    if len(with_rtti) * 2 <= len(units):
        return ""
    return (
        f"this LLVM is built without RTTI, and {len(with_rtti)} of {len(units)} translation units are compiled with it "
        f"({with_rtti[0]}): what derives from LLVM's classes will not link; include(HandleLLVMOptions), add -fno-rtti, "
        "or use an LLVM with RTTI"
    )


def _is_compiled_with_rtti(unit: CompileCommand) -> bool:
    words = [word for word in unit.arguments if word in {"-frtti", "-fno-rtti", "/GR-", "/GR"}]
    return not words or words[-1] in {"-frtti", "/GR"}
