"""What CMake really made, against what the configuration asked for.

A requested value is not an effective one: projects overwrite BUILD_SHARED_LIBS from LLVM's own setting, a normal
variable hides a cache entry, and another LLVM on the machine is found without a word. So the cache, CMake's own output
and the codemodel are read back.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.cache_entries import CacheEntry, read_cache
from pytest_llvmgate.cmake.codemodel import Codemodel
from pytest_llvmgate.cmake.file_api import read_codemodel
from pytest_llvmgate.cmake.truth import truth
from pytest_llvmgate.kinds.catalogue import CONFIGURATION_DEVIATES
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, install_root
from pytest_llvmgate.model import Confidence, Finding, Layer
from pytest_llvmgate.owners.by_tree import find_layers
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain
from pytest_llvmgate.stages.used_llvms import used_llvms

# https://cmake.org/cmake/help/latest/command/if.html#constant
_UNUSED: Final = re.compile(
    r"Manually-specified variables were not used by the project:[ \t\r]*+\n[ \t\r]*+\n((?>(?:[ ]++\S++\n)+))"
)
_FOR_NEWER_CMAKES: Final = frozenset({"CMAKE_POLICY_VERSION_MINIMUM"})
"""An older CMake, which needs no such value, says that the project did not use it."""
_USING: Final = re.compile(r"Using (LLVM|MLIR)Config\.cmake in: *(.+)")
# Which files CMake itself read: differs between a first run in a directory and a later one, and makes no other build.
_CMAKE_INPUTS: Final = re.compile(
    rb"^build (?>[^\n]*?: RERUN_CMAKE)[^\n]*+\n|^# A missing CMake input[^\n]*+\n++build [^\n]*+\n", re.MULTILINE
)
_TAKES_ITS_OWN: Final = (
    "flags or libraries come from an llvm-config or from a path of the project's own (llvmgate doctor names the line): "
    "let it take what find_package(LLVM) has found"
)
_CONFIGURED_SUFFIXES: Final = frozenset({".h", ".hpp", ".inc", ".def", ".td", ".py", ".cfg", ".cpp", ".cc", ".c"})


def deviation(message: str, hint: str) -> Finding:
    """One way in which the build is not what its configuration's name says."""
    return Finding(
        kind=CONFIGURATION_DEVIATES,
        identifier=message,
        headline=message,
        layer=Layer.DOWNSTREAM,
        confidence=Confidence.CERTAIN,
        advice=(hint,),
    )


def deviations(
    *, asked: Mapping[str, str], build_dir: Path, output: str, prefix: ToolchainPrefix
) -> tuple[Finding, ...]:
    """Compare the configured ``build_dir`` with the cache values ``asked`` for and with the verified ``prefix``.

    ``output`` is what CMake printed. Empty when everything is as asked.
    """
    cache = read_cache(build_dir)
    unused = set("".join(match[1] for match in _UNUSED.finditer(output)).split())
    codemodel = read_codemodel(build_dir)
    used = used_llvms(codemodel, build_dir, prefix)
    llvm = tuple(_llvm(prefix, cache, unused, output, is_used=used.is_candidate_used or bool(used.others)))
    taken = () if llvm else (deviation(message, _TAKES_ITS_OWN) for message in used.others)
    return (*_values(asked, cache, unused), *_linkage(asked, codemodel), *llvm, *taken)


def _values(asked: Mapping[str, str], cache: Mapping[str, CacheEntry], unused: set[str]) -> Iterator[Finding]:
    for name, value in asked.items():
        if name in _FOR_NEWER_CMAKES:
            continue
        entry = cache.get(name)
        if name in unused or entry is None:
            near = difflib.get_close_matches(name, set(cache) - {name}, n=1)
            hint = f"did you mean {near[0]}?" if near else "remove it from the configuration, or correct its name"
            yield deviation(f"{name}={value} is no option of this project: CMake did not use it", hint)
        elif not _same(value, entry):
            yield deviation(
                f"{name} was set to {value}, and is {entry.value} in CMakeCache.txt",
                f"the project overwrites it: look for set({name} ...) in its CMake files and for what it follows",
            )


def _same(asked: str, entry: CacheEntry) -> bool:
    truths = [truth(asked), truth(entry.value)]
    if None not in truths:
        return truths[0] == truths[1]
    if os.sep not in asked and entry.value.endswith(os.sep + asked):  # a program that CMake found on PATH: "g++"
        return True
    if entry.type in {"PATH", "FILEPATH"}:  # CMake makes these absolute (cmake -D, "PATH or FILEPATH")
        return os.path.realpath(asked) == os.path.realpath(entry.value)
    return asked == entry.value


def _linkage(asked: Mapping[str, str], codemodel: Codemodel) -> Iterator[Finding]:
    """BUILD_SHARED_LIBS against the kinds of libraries that CMake generated: a normal variable may hide the entry."""
    wanted = truth(asked["BUILD_SHARED_LIBS"]) if "BUILD_SHARED_LIBS" in asked else None
    if wanted is None:
        return
    asked_kind, other = ("SHARED", "STATIC") if wanted else ("STATIC", "SHARED")
    count = len(codemodel.of_type(f"{other}_LIBRARY"))
    if count and not codemodel.of_type(f"{asked_kind}_LIBRARY"):
        libraries = "the only library is" if count == 1 else f"all {count} libraries are"
        yield deviation(
            f"BUILD_SHARED_LIBS={'ON' if wanted else 'OFF'}, and {libraries} {other.lower()}",
            f"the project decides otherwise: look for add_library(... {other}) or a set(BUILD_SHARED_LIBS ...)",
        )


def _llvm(
    prefix: ToolchainPrefix, cache: Mapping[str, CacheEntry], unused: set[str], output: str, *, is_used: bool
) -> Iterator[Finding]:
    """The LLVM that CMake found against the one that was verified.

    ``is_used``: an LLVM's headers or libraries are used. It may have been found by its llvm-config, then.
    """
    expected = prefix.packages
    found = {name: {cache[f"{name}_DIR"].value} for name in expected if f"{name}_DIR" in cache}
    for name, directory in _USING.findall(output):
        found.setdefault(name, set()).add(directory.strip())
    if {f"{name}_DIR" for name in expected if name in {"LLVM", "MLIR"}} <= unused and not is_used:
        yield deviation(
            "the project looked for no LLVM: CMake did not use LLVM_DIR" + (" or MLIR_DIR" if prefix.mlir_dir else ""),
            "the downstream must find its LLVM by find_package(LLVM) or find_package(MLIR), or be told which "
            "llvm-config to ask: {llvm} in [build.cmake] and [build.env] is where the candidate is installed",
        )
        return
    for name, directory in expected.items():
        for other in sorted(found.get(name, ())):
            if not _leads_to(other, directory):
                yield deviation(
                    f"CMake took another {name} than the candidate's: {other} instead of {directory}",
                    _why_another(name, Path(other), prefix, cache),
                )


def _leads_to(named: str, package: Path) -> bool:
    """Whether what a project calls its LLVM is the directory of the package or one above it, up to the install."""
    real = Path(os.path.realpath(package))
    return Path(os.path.realpath(named)) in {real, *real.parents[:3]}


def _why_another(name: str, other: Path, prefix: ToolchainPrefix, cache: Mapping[str, CacheEntry]) -> str:
    """Advice on a package of LLVM's that is another install's: it may have come with one that the candidate lacks."""
    root = install_root(Path(os.path.realpath(other)))
    for package in ("Clang", "LLD"):
        entry = cache.get(f"{package}_DIR")
        if package in prefix.packages or entry is None or not entry.value:
            continue
        if Path(os.path.realpath(entry.value)).is_relative_to(root):
            return (
                f"it came with {package}, which the project asks for, which {prefix.llvm_root} does not have and which "
                f"CMake found at {entry.value}: install the candidate with {package}"
            )
    refused = _version_refused(name, prefix, cache) if "CMAKE_HOME_DIRECTORY" in cache else ""
    return refused or f"the project resets {name}_DIR or searches elsewhere: let it honour -D{name}_DIR"


def _version_refused(name: str, prefix: ToolchainPrefix, cache: Mapping[str, CacheEntry]) -> str:
    """That the project asks for a version which the candidate's ``LLVMConfigVersion.cmake`` refuses."""
    from pytest_llvmgate.preflight.asked_versions import refused_versions
    from pytest_llvmgate.preflight.switched_off import BuiltParts
    from pytest_llvmgate.preflight.usage import scan
    from pytest_llvmgate.surface.file_tree import DirectoryTree

    layers = find_layers(Path(cache["CMAKE_HOME_DIRECTORY"].value))
    usage = scan(DirectoryTree(layers.root), skip=layers.llvms)
    parts = BuiltParts(usage.listfiles, [{each.name: each.value for each in cache.values()}])
    for finding in refused_versions(usage, parts, layers, prefix.version):
        if finding.identifier == name:
            place = finding.locations[0]
            return f"{place.path}:{place.line}: {finding.headline}, but looks further: {finding.advice[0]}"
    return ""


def graph_identity(build_dir: Path, directory: Path) -> str:
    """A digest of what CMake generated: the build graph and the files that it configured.

    ``directory``, the configuration's own, is taken out of the text, so that two configurations with the same digest
    are the same build.
    """
    digest = hashlib.sha256()
    graph = read_plain(build_dir / "build.ninja", LARGEST_MADE)
    own = str(directory).encode()
    for path in (build_dir / "build.ninja", build_dir / "CMakeFiles" / "rules.ninja"):
        if path.is_file():
            digest.update(_CMAKE_INPUTS.sub(b"", read_plain(path, LARGEST_MADE)).replace(own, b"{}"))
    for relative in _configured_files(build_dir):
        if os.fsencode(relative) in graph:  # an edge makes it, so it says nothing about the configuration
            continue
        digest.update(os.fsencode(relative))
        digest.update(read_plain(build_dir / relative, LARGEST_MADE).replace(own, b"{}"))
    return digest.hexdigest()


def _configured_files(build_dir: Path) -> list[str]:
    """Sources and headers in the build tree, relative and sorted; CMake's own files are left out."""
    found = []
    for parent, directories, files in os.walk(build_dir):
        directories[:] = [name for name in directories if name not in {"CMakeFiles", ".cmake", "Testing", "_deps"}]
        found += [
            os.path.relpath(Path(parent, name), build_dir)
            for name in files
            if Path(name).suffix in _CONFIGURED_SUFFIXES
        ]
    return sorted(found)
