"""Whose file it is: the one judge, for paths that tools print as well as for those of a tree at hand."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.model import Layer

_LLVM_ITSELF: Final = re.compile(r"llvm(?:-project|-toolchain)?(?:-?\d[\w.+-]*)?")
"""Names of a directory that is LLVM. ``llvm-dialects`` is a project of others."""
_LLVM_TREE: Final = re.compile(
    r"(?:^|/)(?:llvm-project(?:-[\w.-]+)?|llvm-toolchain-[\w.-]+|(?:llvm|mlir|clang)-\d{1,2}\.\d[\w.]{0,60}"
    r"|llvm/(?:tools|projects)/(?:mlir|clang|lld|polly|flang)|openmp/libomptarget"
    r"|llvm/(?:compiler-rt|libcxx|libcxxabi|libunwind|clang|mlir|lldb?|flang|polly)/(?:lib|include|src|source|tools))/"
    r"|^projects/(?:compiler-rt|libcxx|libcxxabi|libunwind|openmp)/"
)
_LLVMS_TOOLS: Final = (
    r"(?:addr2line|ar|as|bcanalyzer|bitcode-strip|c-test|cat|cfi-verify|cgdata|config|cov|ctxprof-util|cvtres|cxxdump"
    r"|cxxfilt|cxxmap|debuginfo-analyzer|debuginfod|debuginfod-find|diff|dis|driver|dwarfdump|dwarfutil|dwp|exegesis"
    r"|extract|go|gsymutil|ifs|ir2vec|jitlink|jitlistener|libtool-darwin|link|lipo|lto2?|mca?|ml|modextract|mt|nm|objcopy"
    r"|objdump|offload-\w+|opt-report|pdbutil|profdata|profgen|rc|readobj|readtapi|reduce|remark-size-diff|remarkutil"
    r"|rtdyld|shlib|sim|size|split|stress|strings|symbolizer|tapi-diff|tli-checker|undname|xray|[\w-]+-fuzzer)"
)
"""Directories ``llvm/tools/llvm-*`` of LLVM 13 to 22."""
_BESIDE_LLVM: Final = re.compile(
    r"(?:^|/)llvm(?:-project)?(?:-?\d[\w.+-]{0,60})?/(?:projects/(?!(?:compiler-rt|libcxx|libcxxabi|libunwind|libclc|libc"
    r"|openmp|mlir|clang|lld|polly|flang|lldb|pstl|parallel-libs|test-suite|runtimes|cross-project-tests|debuginfo-tests"
    rf"|llgo)/)|tools/(?=[^/]{{0,200}}[A-Z])|tools/(?=llvm-(?!{_LLVMS_TOOLS}/)))[^/]+/."
    r"|(?:^|/)llvm(?:-project)?(?:-?\d[\w.+-]{0,60})?/(?:(?:llvm|mlir|clang)/)?examples/[^/]+/."
    r"|(?:^|/)clang/tools/(?!(?:clang-|c-|cir-|apinotes|amdgpu-|nvptx-|offload-|arcmt-|scan-|diagtool|driver|libclang|extra)"
    r"[^/]{0,60}/)[^/]+/."
)
"""Where projects of others are put to be built in LLVM's tree, and examples, which people build against an installed
LLVM; LLVM's own tools have no capitals.
"""
_LLVM_ROOTS: Final = frozenset({"llvm", "mlir", "clang", "llvm-project", "runtimes"})
_LLVM_PREFIX: Final = re.compile(
    r"/include/(?:(?:llvm|clang)(?:-c)?-?\d+(?:\.\d+)?/)?(?:mlir|llvm|mlir-c|llvm-c|clang|clang-c|lld|lldb)/"
    r"|/lib(?:64)?/llvm[-/]?\d+/"
    r"|/lib/cmake/(?:mlir|llvm|clang|lld)/"
)
_LLVM_CMAKE: Final = re.compile(
    r"/lib/cmake/(?:mlir|llvm|clang|lld)/|(?:^|/)cmake/modules/(?:AddLLVM|AddMLIR|AddClang|TableGen|LLVMProcessSources"
    r"|LLVM-Config|HandleLLVMOptions|HandleLLVMStdlib|CheckCompilerVersion|DetermineGCCCompatible"
    r"|LLVMExternalProjectUtils)\.cmake$"
)
"""LLVM's modules, which CMake prints relative to ``llvm/`` in a build of LLVM's own tree."""
_BY_CUSTOM: Final = re.compile(
    r"(?:^|/)(?:third[_-]party|externals?|extern|deps(?!/[A-Z])|submodules|vendor|components?)/(?:src/)?(?P<name>[^/]+)/"
)
"""Directories of other projects by custom; what a package of Julia's calls after a module in ``deps`` is its own."""
_FETCHED: Final = re.compile(
    r"/_deps/(?P<cmake>[^/]+?)-(?:src|build|subbuild)/"
    r"|/(?:registry/src|git/checkouts)/(?:[^/]+/)?(?P<cargo>[a-zA-Z][^/]{0,200}?)-(?:\d+\.|[0-9a-f]{16}/)"
    r"|/pkg/mod/(?:[^/@]+/){0,9}(?P<go>[^/@]+)@v\d|(?:^|/)node_modules/(?P<npm>(?:@[^/]+/)?[^/]+)/"
)
"""Where CMake's FetchContent and package managers put the sources of other projects."""
_SYSTEM: Final = re.compile(
    r"^/usr/(?:include|lib/gcc|lib/x86_64|local/include)|/VC/Tools/MSVC/|/Windows Kits/"
    r"|/share/cmake(?:-[\d.]+)?/Modules/"
    r"|^/Library/Developer|/Microsoft Visual Studio/|/bits/|/c\+\+/v?\d+"
)


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A file, and whose it is."""

    layer: Layer
    path: str
    """Relative to the downstream's root where it lies inside."""
    component: str = ""
    system: bool = False
    """A header of the compiler or the operating system: never where the fault is."""
    generated: bool = False
    """Lies in the build directory."""

    @property
    def is_users(self) -> bool:
        """The people who read the finding can edit it."""
        return self.layer in {Layer.DOWNSTREAM, Layer.COMPONENT} and not self.system


def is_llvm_directory(name: str) -> bool:
    """Whether a directory of that name, embedded in a project, is LLVM itself rather than a component."""
    return _LLVM_ITSELF.fullmatch(name) is not None


@dataclass(frozen=True, kw_only=True)
class FileOwners:
    """What is known of a downstream's directories, and whose a file is by that."""

    source: str = ""
    """The downstream's root, absolute; empty where it is not known."""
    build: str = ""
    """The build directory, absolute."""
    components: Mapping[str, str] = field(default_factory=dict)
    """Directory (absolute, or relative to the root or the build directory) to the component's name."""
    prefixes: tuple[str, ...] = ()
    """LLVM's installs."""
    everything_is_llvm: bool = False
    """What is built is LLVM itself."""
    knows_tree: bool = False
    """The tree was looked at: what is no component of it is the downstream's own, what lies outside the machine's."""

    def of(self, path: str) -> Owner:
        """The owner of a normalised path with forward slashes."""
        generated = bool(self.build) and path.startswith(f"{self.build}/")
        inside = self.relative(path)
        shown = path if inside is None else inside
        if _SYSTEM.search(path) and not _LLVM_PREFIX.search(path):
            return Owner(layer=Layer.MACHINE, path=shown, system=True)
        component = self._component(path, inside, generated=generated)
        is_llvms = component.lower().startswith("llvm") and is_in_llvm_install(path)
        if component and not is_llvms and not is_llvm_directory(component):
            return Owner(layer=Layer.COMPONENT, path=shown, component=component, generated=generated)
        if not component and not self.everything_is_llvm and _BESIDE_LLVM.search(path if inside is None else inside):
            return Owner(layer=Layer.DOWNSTREAM, path=shown, generated=generated)
        if component or self._is_llvm(path, inside):
            return Owner(layer=Layer.LLVM, path=shown)
        if self.knows_tree and inside is None and not generated and posixpath.isabs(path):
            return Owner(layer=Layer.MACHINE, path=shown)
        return Owner(layer=Layer.DOWNSTREAM, path=shown, generated=generated)

    def relative(self, path: str) -> str | None:
        """The path relative to the downstream's root, where it lies inside and is not made by the build."""
        if self.source and path.startswith(f"{self.source}/"):
            return path[len(self.source) + 1 :]
        return None if path.startswith("/") or path[1:3] == ":/" else path

    def _component(self, path: str, inside: str | None, *, generated: bool) -> str:
        local = path[len(self.build) + 1 :] if generated else (inside or path)
        for directory, name in sorted(self.components.items(), key=lambda item: -len(item[0])):
            if path.startswith(f"{directory}/") or local.startswith(f"{directory}/"):
                return name
        match = _FETCHED.search(path)
        if match is None and not self.knows_tree:
            match = _BY_CUSTOM.search(local if inside is not None or generated else path)
        return next(name for name in match.groups() if name) if match else ""

    def _is_llvm(self, path: str, inside: str | None) -> bool:
        if self.everything_is_llvm or any(path.startswith(f"{prefix}/") for prefix in self.prefixes):
            return True
        if _LLVM_CMAKE.search(path) or _LLVM_TREE.search(path if inside is None else inside):
            return True
        is_llvms_root = self.source.rpartition("/")[2] in _LLVM_ROOTS
        if inside is not None and is_llvms_root and _LLVM_TREE.search(f"{self.source}/"):
            return True
        return inside is None and is_in_llvm_install(path)


def is_llvms_module(path: str) -> bool:
    """Whether the path alone says that the file is one of LLVM's CMake modules."""
    return _LLVM_CMAKE.search(path) is not None


def is_in_llvm_install(path: str) -> bool:
    """Whether the path alone says that the file is of an installed LLVM."""
    return _LLVM_PREFIX.search(path) is not None


def is_of_the_system(path: str) -> bool:
    """Whether the path alone says that the system's packages brought the file: where nobody checks out a project."""
    return re.match(r"/(?:usr/)?lib(?:32|64|x32)?/|/usr/(?:bin|include|share)/", path) is not None


def belongs_elsewhere(component: str) -> str:
    """The step of advice for what is to be mended in a component."""
    return f"The change belongs into {component}: move its pin to a commit that has it, or carry a patch."
