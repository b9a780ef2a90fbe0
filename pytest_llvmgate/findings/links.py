"""Undefined references, all of them at once, grouped by the library that lacks and the library that defines them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.cache_entries import read_cache
from pytest_llvmgate.cmake.link_entries import LinkEntry, declarations, find_entries
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.findings.case import Case
from pytest_llvmgate.findings.changes import INITIALIZE
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.events import DSO_MISSING, Edge, Event
from pytest_llvmgate.findings.groups import Group
from pytest_llvmgate.findings.known_llvms import known_llvms
from pytest_llvmgate.findings.layers import edge_owner, object_source, stops_in_llvms_build
from pytest_llvmgate.findings.texts import short_symbol
from pytest_llvmgate.kinds.catalogue import ABI_MISMATCH, SHARED_LINK, UNDEFINED_SYMBOL
from pytest_llvmgate.kinds.facts import DEFINED_BY, FAILED_EDGES, LINKED, OBJECT, SYMBOLS
from pytest_llvmgate.model import RUN_DIRECTORY, Confidence, Finding, Layer, Location
from pytest_llvmgate.objects.cxx_names import function_name
from pytest_llvmgate.owners.file_owners import Owner, belongs_elsewhere
from pytest_llvmgate.owners.llvms_names import is_llvms_symbol
from pytest_llvmgate.preflight.build_facts import read_toolchain
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.surface.definers import Definers, few_libraries
from pytest_llvmgate.surface.known_changes import CHANGES
from pytest_llvmgate.wording import counted, listed

KINDS: Final = frozenset({UNDEFINED_SYMBOL, DSO_MISSING})
_ABI_CHECKS: Final = "ABIBreakingChecks"
_SETTINGS_ADVICE: Final = {
    "CXX11": "Build both against the same ABI of libstdc++: -D_GLIBCXX_USE_CXX11_ABI=0 for an LLVM of the old one, or "
    "an LLVM that is built with this compiler.",
    "RUNTIME": "Compile and link with a compiler and a C++ runtime as new as those that LLVM was built with, or use an "
    "LLVM that is built on this system.",
    "BUILTINS": "Link what the compiler calls for arithmetic: libgcc, or libclang_rt.builtins of this target, which is "
    "installed or built with clang (--rtlib=compiler-rt).",
    "ABI": "Build both with the same LLVM_ENABLE_ASSERTIONS (or LLVM_ABI_BREAKING_CHECKS), against one LLVM.",
    "RTTI": "Where LLVM's LLVM_ENABLE_RTTI is OFF, compile with -fno-rtti or use an LLVM that is built with RTTI; "
    "where it is ON, link the library that defines the class.",
    "STDLIB": "Link with the C++ compiler (c++, not cc), and compile all with the C++ standard library that the "
    "libraries at hand were built with: libstdc++ or libc++ (-stdlib=libc++).",
    "INSTRUMENTED": "Link by the compiler, with the options that the parts were compiled with: -fsanitize, --coverage, "
    "-fprofile-instr-generate.",
    "DUMP": "Use an LLVM that has its dump methods (assertions, a debug build or LLVM_ENABLE_DUMP=ON), or call print() "
    "instead.",
    "VERSION": "Use headers and libraries of one version of LLVM (llvm-config --version, --includedir, --libdir), and "
    "compile anew what was compiled against another one.",
}
_ADVICE: Final = _SETTINGS_ADVICE | {
    "DEVICE": "Give the compiler the GPU's libraries of the version that this clang expects, and of the architecture "
    "of the build: ROCm's device libraries (--rocm-path), CUDA's libdevice and driver (CUDA_PATH).",
    "INTRINSIC": "An intrinsic is in no library: the LLVM that makes code of the module (opt, llc, clang, a JIT) does "
    "not know it: it is older than the one that the module is made for, or removed it. Use one of the same version.",
}
_SETTINGS: Final = frozenset(_SETTINGS_ADVICE)
"""Families of symbols whose remedy is another setting, not another library."""
_OF_MACHINE: Final = frozenset({"CXX11", "RUNTIME", "BUILTINS", "STDLIB", "VERSION", "DEVICE", "INTRINSIC"})
_CXX11: Final = re.compile(r"\[abi:cxx11\]|std::__cxx11::|NSt7__cxx11")
_RUNTIME: Final = re.compile(
    r"^(?:std::(?:__|condition_variable|filesystem|pmr|thread)"
    r"|_?_?__isPlatformVersionAtLeast|operator delete\(void\*, unsigned|_ZNSt|_ZNKSt|_ZSt|fstat"
    r"|__(?!imp_+(?:[A-Z]|accept|bind|connect|listen|socket|send|recv|select|closesocket|gethost|getaddr))[a-z]|_(?:alloca|chkstk))"
)
"""What the C++ runtime, its ABI library and compiler-rt define: names that C++ keeps for its implementation."""
_BUILTIN: Final = re.compile(
    r"_{2,3}(?:u?div|u?mod|u?divmod|mul|add|sub|neg|ash[lr]|lshr|c[lt]z|popcount|parity|fix|float|trunc|extend)"
    r"[a-z]{2,8}\d?$"
)
"""What compilers call for arithmetic that the processor does not have."""
_INSTRUMENTED: Final = re.compile(
    r"_{2,3}(?:asan|hwasan|lsan|msan|tsan|ubsan|sanitizer|gcov|llvm_(?:profile|gcov|gcda)|afl|sancov)_"
)
"""What compilers call in code that they instrument, where they are asked to."""
_CXX_ABI: Final = re.compile(r"__cx(?:a_|xabiv1::)|__gxx_|__dynamic_cast$")
"""What every program in C++ needs, and a link by the C compiler does not bring."""
_OF_STD: Final = re.compile(r"(?:(?:typeinfo|vtable|VTT)(?: name)? for )?std::")
_DEVICE: Final = re.compile(
    r"^_?(?:__(?:oclc|ockl|ocml|nv|nvvm|hip|cuda)_?[A-Za-z]|(?:cu|hip|hsa|nvrtc|nvPTX)(?:[A-Z]\w*|_\w+)(?:@\d+)?$)"
)
"""What the libraries of a GPU's maker define: those for the device, and the driver's."""
_INTRINSIC: Final = re.compile(r"_?llvm(?:\.\w+){2,}$")
_LIBCXX: Final = "std::__1::"
_WHOLE_LLVM: Final = re.compile(
    r"(?:(?<=\s)-lLLVM(?:-[\d.]+)?|/libLLVM(?:-[\d.]+)?\.(?:so|dylib)[\d.]{0,12})(?=\s|$)"
    r"|llvm-config[^`|;]{0,200} --libs\b"
)
"""All of LLVM on a link line: what is not in it then is in no library, but for the one that libLLVM leaves out."""
_TABLEGEN: Final = re.compile(
    r"llvm::(?:Record(?:Keeper|Val)?::|\w{0,12}Init::|Print(?:FatalError|FatalNote|Error|Note)\(|TableGenMain\("
    r"|emitSourceFileHeader\(|TableGen::)"
)
"""LLVMTableGen's: libLLVM has never had them (nm -D, LLVM 13 to 22), and add_tablegen links that library besides."""
_OTHERS: Final = re.compile(r"(?<![\w:])(?!(?:llvm|std|__gnu_cxx)::)[A-Za-z_]\w*+::")
"""A namespace beside LLVM's: ``llvm::ilist_traits<mlir::Operation>`` is in no library of LLVM's alone."""
_VERSIONED: Final = re.compile(r"@@?LLVM_\d")
"""A shared library asks for the symbol of the LLVM that it was linked with, and another one is there."""
_DUMP: Final = re.compile(r"^(?:llvm|mlir|clang)::[\w:]{1,200}::dump\(")
_MEANT: Final = re.compile(r"\(maybe you meant: (?P<names>.*)")
_MEMBER: Final = re.compile(r"(?:^|[/\\\s:])((?:lib)?[\w.+-]+\.(?:a|lib)(?:\[\d+\])?\([\w.+-]+\.(?:o|obj)\))")
_TYPEINFO: Final = re.compile(r"^(?:typeinfo for |_ZTI)")
_MOST_SYMBOLS: Final = 200
_MOST_LOCATIONS: Final = 20
_MOST_PLACES: Final = 6


def findings(case: Case, groups: Sequence[Group], *, program: str, said: str) -> list[Finding]:
    """Findings of all undefined references of a log.

    ``program`` is what the linker's last word names, ``said`` the log's end, which may have the command.
    """
    symbols = [group for group in groups if group.kind == UNDEFINED_SYMBOL]
    forced = {_link_of(group, above=1): group.identifier for group in groups if group.kind == DSO_MISSING}
    definer_of = _definers(symbols, forced, case.context)
    by_link: dict[tuple[str, str], list[Group]] = {}
    for library, members in _by_library(symbols).items():
        common = _common_family(members)
        is_other = any(map(_is_known_otherwise, members)) or _has_whole_llvm(members, said)
        if is_other and any(_ABI_CHECKS in group.identifier for group in members):
            common = common or "ABI"  # what else an LLVM with assertions has is missed for the same reason
        lacks_llvm = not is_other and _lacks_llvm(members)
        for group in members:
            family = common or _family(group, definer_of, case.context.prefixes, is_other=is_other)
            if lacks_llvm and family == "ABI":
                family = "llvm"
            by_link.setdefault((library, family), []).append(group)
    return [
        _Link(case=case, linked=library, family=family, groups=members, program=program).finding()
        for (library, family), members in by_link.items()
    ]


def _by_library(groups: Sequence[Group]) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    for group in groups:
        edge = group.first.edge
        found.setdefault(_shared_user(group) or (edge.linked_target if edge else ""), []).append(group)
    return found


def _shared_user(group: Group) -> str:
    """The shared library that lacks the symbol: the link in which it shows is another one, and not at fault."""
    path = group.first.place.path if group.first.place is not None else ""
    match = _SHARED.search(path) if is_llvms_symbol(group.identifier) else None
    return match["name"] if match is not None else ""


_SHARED: Final = re.compile(
    r"(?:^|/)(?:lib)?(?!LLVM|MLIR|clang|LTO|stdc|c\+\+)(?P<name>[^/]+?)\.(?:so(?:\.[\d.]{1,40})?|dylib)$"
)


def _link_of(group: Group, *, above: int = 0) -> str:
    """What the link makes, or in an excerpt that does not show it the line: a library is named below its symbol."""
    return group.first.edge.output if group.first.edge is not None else str(group.first.line - above)


def _definers(groups: Sequence[Group], forced: Mapping[str, str], context: DiagnosisContext) -> dict[str, str]:
    """Symbol to the library that defines it: as the linker itself says, or as the libraries at hand tell."""
    found = {group.identifier: forced[_link_of(group)] for group in groups if _link_of(group) in forced}
    places = [path for path in (context.build, *context.prefixes) if path is not None and path.is_dir()]
    left = [group.identifier for group in groups if group.identifier not in found][:_MOST_SYMBOLS]
    if not places or not left:
        return found
    definers = Definers(directories=places).find(left)
    return found | _cover({symbol: libraries for symbol, libraries in definers.items() if libraries})


def _cover(definers: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For every symbol one library, so that few libraries cover all."""
    symbols: dict[str, list[str]] = {}
    for symbol, libraries in definers.items():
        for library in libraries:
            symbols.setdefault(library, []).append(symbol)
    chosen = few_libraries(symbols, [symbol for symbol, libraries in definers.items() if libraries])
    return {symbol: choice.provider for choice in chosen for symbol in choice.symbols}


def _common_family(groups: Sequence[Group]) -> str:
    """A setting that shows in all that one link misses of LLVM's: which std::string, which C++ library."""
    if _is_of_other_string(groups):
        return "CXX11"
    names = [group.identifier for group in groups if is_llvms_symbol(group.identifier)]
    is_apples = any(group.first.text.startswith("Undefined symbols for") for group in groups)
    return "STDLIB" if names and not is_apples and all(_LIBCXX in name for name in names) else ""


def _of_runtime(group: Group) -> str:
    """What the C++ runtime defines, or the GPU's: in a prebuilt archive it is another runtime that is asked for."""
    symbol = group.identifier
    if _DEVICE.match(symbol) or _INTRINSIC.match(symbol):
        return "DEVICE" if _DEVICE.match(symbol) else "INTRINSIC"
    if _INSTRUMENTED.match(symbol):
        return "INSTRUMENTED"
    if _BUILTIN.match(symbol):
        return "BUILTINS"
    is_standards = _OF_STD.match(symbol) is not None and not _OTHERS.search(symbol) and "llvm::" not in symbol
    if is_standards or _RUNTIME.match(symbol) or _RUNTIME.match(function_name(symbol)):
        if _is_used_by_archive(group):
            return "RUNTIME"
        if "std::" in symbol or _CXX_ABI.match(function_name(symbol)):
            return "STDLIB"
    return ""


def _family(  # noqa: PLR0911 (one by one)
    group: Group, definer_of: Mapping[str, str], prefixes: Iterable[Path], *, is_other: bool
) -> str:
    """What symbols have in common that one remedy serves: the settings that differ, the definer, or the namespace."""
    symbol = group.identifier
    if runtime := _of_runtime(group):
        return runtime
    if _ABI_CHECKS in symbol and _links_llvm(group):
        return "ABI"
    if symbol in definer_of:
        return f"lib:{definer_of[symbol]}"
    if _TABLEGEN.match(symbol):
        return "lib:LLVMTableGen"
    is_typeinfo = _TYPEINFO.search(symbol) and re.search(r"(?:for |\d)(?:llvm|mlir|clang|lld)(?:::|\d)", symbol)
    if is_typeinfo and not _has_rtti(prefixes):
        return "RTTI"
    if _ABI_CHECKS in symbol:
        return "lib:LLVMSupport"
    if _DUMP.search(symbol):
        return "DUMP"
    if is_other and is_llvms_symbol(symbol):
        return "VERSION"
    name = namespace(symbol)
    root = name.partition("::")[0] or ("llvm" if re.match(r"_?LLVM[A-Z]", symbol) else "")
    return root if root in {"llvm", "clang"} or _shared_user(group) else name


def _has_rtti(prefixes: Iterable[Path]) -> bool | None:
    """Whether the LLVM at hand is built with RTTI, as its CMake package says; None where none says it."""
    packages = (config.parent for root in prefixes for config in root.glob("lib*/cmake/llvm/LLVMConfig.cmake"))
    said = (read_toolchain(package).settings.get("LLVM_ENABLE_RTTI") for package in packages)
    return next((one for one in said if one is not None), None)


def _lacks_llvm(groups: Sequence[Group]) -> bool:
    """Whether more of LLVM is missing than what depends on its settings: then LLVM as a whole is not linked."""
    is_shown = any(group.first.edge is not None and group.first.edge.command for group in groups)
    names = [group.identifier for group in groups if is_llvms_symbol(group.identifier)]
    return not is_shown and any(_ABI_CHECKS not in name and "Error" not in name for name in names)


def _is_known_otherwise(group: Group) -> bool:
    """Whether the library that should have the function is linked, and has none with these parameters."""
    symbol = group.identifier
    if not is_llvms_symbol(symbol):
        return False
    if _VERSIONED.search(symbol):
        return True
    name = function_name(symbol)
    meant = [match["names"] for sample in group.samples for line in sample.detail if (match := _MEANT.search(line))]
    return any(re.search(rf"(?:^|[\s,]){re.escape(name)}\(", names) for names in meant)


def _has_whole_llvm(groups: Sequence[Group], said: str) -> bool:
    """Whether a link that misses a function of LLVM's has all of LLVM. One command misses many: each is read once."""
    asking = [
        group
        for group in groups
        if is_llvms_symbol(group.identifier)
        and function_name(group.identifier).startswith("llvm::")
        and not _OTHERS.search(group.identifier)
        and not _TABLEGEN.match(group.identifier)
    ]
    commands = {group.first.edge.command if group.first.edge is not None else "" for group in asking}
    return any(_WHOLE_LLVM.search(command or said) for command in commands)


def _is_used_by_archive(group: Group) -> bool:
    """Whether the object that needs the symbol is of an archive: LLVM's, or another one that was built elsewhere."""
    lines = (line for sample in group.samples for line in (*sample.before, sample.text, *sample.detail))
    return any(_IN_ARCHIVE.search(line) for line in lines)


_IN_ARCHIVE: Final = re.compile(
    r"(?<![\w+-])(?:lib[\w+-]++(?>(?:\.[\w+-]++)*)(?<=\.a)|[\w+-]++\.(?:lib|rlib))(?:\[\d+\])?\("
)
_IN_LLVMS_ARCHIVE: Final = re.compile(r"(?<![\w+-])(?:lib)?(?:LLVM|MLIR|clang|lld)\w*+\.(?:a|lib)(?:\[\d+\])?\(")


def _links_llvm(group: Group) -> bool:
    """Whether the link has the library that defines the word on LLVM's checks; without a command, it may."""
    command = group.first.edge.command if group.first.edge is not None else ""
    return not command or re.search(r"(?:lib|-l)LLVM(?:Support|-\d+|\.so|\b)", command) is not None


def _is_of_other_string(groups: Sequence[Group]) -> bool:
    """Whether all that is missing of LLVM's has the new std::string in it, while LLVM's other symbols resolve.

    One symbol alone is as likely of a library that is not linked, and so is what LLVM's own archives miss.
    """
    names = [group.identifier for group in groups]
    is_of_string = len(names) > 1 and all(map(_CXX11.search, names)) and any(map(is_llvms_symbol, names))
    lines = (line for group in groups for line in (*group.first.before, group.first.text))
    return is_of_string and not any(map(_IN_LLVMS_ARCHIVE.search, lines))


def _more(symbols: Sequence[str]) -> str:
    return f" and {len(symbols) - 1} more" if len(symbols) > 1 else ""


def namespace(symbol: str) -> str:
    """The namespace of a demangled symbol: up to the first part that begins like a class, or the last."""
    name = re.sub(
        r"^(?:vtable|VTT|typeinfo(?: name)?|guard variable|construction vtable|thunk) (?:for|to) ", "", symbol
    )
    kept: list[str] = []
    for part in function_name(name).split("::")[:-1]:
        if part[:1].isupper():
            break
        kept.append(part)
    return "::".join(kept)


@dataclass(kw_only=True)
class _Link:
    """One library (or program) that lacks symbols of one family."""

    case: Case
    linked: str
    family: str
    groups: Sequence[Group]
    program: str

    def __post_init__(self) -> None:
        self.first = self.groups[0].first
        self.is_shared = bool(self.linked) and self.linked == _shared_user(self.groups[0])
        self.edge: Edge | None = None if self.is_shared else self.first.edge
        self.symbols = list(dict.fromkeys(group.identifier for group in self.groups))
        self.definer = self.family.removeprefix("lib:") if self.family.startswith("lib:") else ""

    @property
    def kind(self) -> str:
        if self.family in _SETTINGS:
            return ABI_MISMATCH
        is_shared = self.is_shared or (self.edge is not None and self.edge.links == "shared")
        return SHARED_LINK if is_shared else UNDEFINED_SYMBOL

    def finding(self) -> Finding:
        owner = edge_owner(self.case.paths, self.edge) or self._owner_of_object()
        place = self.places[0] if len(self.places) == 1 else None
        return Finding(
            kind=self.kind,
            identifier=self._identifier(),
            headline=self._headline(),
            layer=Layer.MACHINE if self.family in _OF_MACHINE else owner.layer if owner else self._default_layer(),
            component=owner.component if owner and self.family not in _OF_MACHINE else "",
            locations=self._locations(place),
            evidence=self._evidence(),
            log=self.case.log,
            log_line=min(group.first.line for group in self.groups),
            sites=sum(group.count for group in self.groups),
            configurations=self.case.configurations,
            confidence=Confidence.CERTAIN if self.definer or self._is_known_setting() else Confidence.LIKELY,
            advice=self._advice(place, owner),
            facts=self._facts(),
        )

    def _is_known_setting(self) -> bool:
        """Whether the settings differ for certain: a missing typeinfo alone is as likely of what is not linked."""
        is_told = self.family != "RTTI" or _has_rtti(self.case.context.prefixes) is False
        return self.kind == ABI_MISMATCH and is_told

    def _owner_of_object(self) -> Owner | None:
        for group in self.groups:
            for event in group.sites.values():
                if event.place is not None and (source := object_source(self.case.paths, _object_of(event))):
                    return self.case.paths.owner(source, by_cmake=True)
        return None

    def _facts(self) -> dict[str, str]:
        facts = {
            LINKED: self.linked,
            DEFINED_BY: self.definer,
            SYMBOLS: "\n".join(self.symbols[:_MOST_SYMBOLS]),
            FAILED_EDGES: str(len({output for group in self.groups for output in group.edges}) or ""),
        }
        return {key: value for key, value in facts.items() if value}

    def _identifier(self) -> str:
        if self.kind == ABI_MISMATCH:
            return self.family
        what = self.definer or self.family or self.symbols[0]
        return f"{self.linked} -> {what}" if self.linked else what

    def _headline(self) -> str:
        name = self.linked or self.program
        who = f"'{name}'" if name else "The program"
        if self.family in _SETTINGS:
            return self._headline_of_settings(who)
        what = f"'{short_symbol(self.symbols[0])}'{_more(self.symbols)}"
        shared = "Shared library " if self.kind == SHARED_LINK else ""
        if self.definer:
            return f"{shared}{who} does not link {self.definer}, which defines {what}"
        if self.kind == SHARED_LINK:
            them = "them" if len(self.symbols) > 1 else "it"
            return f"{shared}{who} uses {what} and does not link the library that defines {them}"
        users = f", used by {self.users}" if self.users else ""
        are = "are" if len(self.symbols) > 1 else "is"
        if self.family == "DEVICE":
            return f"{who} does not link: {what}, of the GPU's own libraries, {are} undefined{users}"
        return f"{who} does not link: {what} {are} undefined{users}"

    def _headline_of_settings(self, who: str) -> str:
        what = f"'{short_symbol(self.symbols[0])}'{_more(self.symbols)}"
        of = f" ({self.users})" if self.users else ""
        checks = next((symbol for symbol in self.symbols if _ABI_CHECKS in symbol), "")
        typeinfo = counted(len(self.symbols), "typeinfo symbol")
        inner = who.replace("The program", "the program")
        seems = "" if self._is_known_setting() else "seems to be "
        return {
            "CXX11": f"LLVM and {inner} are built with different ABIs of std::string (cxx11): {what} cannot resolve",
            "RUNTIME": f"Prebuilt libraries{of} need another, newer C++ runtime than {inner} links: {what} is not in "
            "it",
            "ABI": f"{who} and LLVM differ in their assertions setting: LLVM_ENABLE_ABI_BREAKING_CHECKS is not the "
            f"same ({checks})",
            "RTTI": f"{who} is built with RTTI and LLVM {seems}without: {typeinfo} cannot resolve",
            "STDLIB": f"{who} links another C++ standard library than its parts were compiled with, or none{of}: "
            f"{what} cannot resolve",
            "INSTRUMENTED": f"{who} is linked without what its parts were instrumented with{of}: {what} cannot resolve",
            "BUILTINS": f"{who} is linked without the compiler's own runtime{of}: {what} cannot resolve",
            "DUMP": f"{who} calls {what}{of}, and LLVM is built without such methods",
            "VERSION": f"{who} is compiled against another LLVM than it links{of}: {what} is not in it with these "
            "parameters",
        }[self.family]

    def _default_layer(self) -> Layer:
        """The remedy is on the link line, which is the project's where nothing shows another's."""
        is_llvms = self.case.context.stage == "llvm" or stops_in_llvms_build(self.case.scan, self.first.line)
        return Layer.LLVM if is_llvms else Layer.DOWNSTREAM

    @property
    def users(self) -> str:
        """The archive and the object in it that need the first symbol, as the linker names them."""
        event = self.first
        lines = (event.facts.get(OBJECT, ""), *event.before, event.text, *event.detail)
        found = (match[1] for line in lines if (match := _MEMBER.search(line)))
        return next(found, "")

    @cached_property
    def places(self) -> Sequence[LinkEntry]:
        """Where the library is to be named; several where nothing tells which file's target was built."""
        source = self.case.context.source
        if source is None or not self.linked or self.kind == ABI_MISMATCH or not source.is_dir():
            return ()
        options = _options(self.case.context.build)
        home = Path(options.get("CMAKE_HOME_DIRECTORY", source))
        # CMake need not begin where the repository does; and what it read may be another copy of the tree.
        is_inside = home.is_relative_to(source) and RUN_DIRECTORY not in home.relative_to(source).parts
        top = home if is_inside else source
        found = find_entries(source, self.linked, self.definer or "the library that defines them", self._built_in(top))
        return found if len(found) < 2 or not options else _reached(found, source, top, options) or found

    def _built_in(self, top: Path) -> Path | None:
        """The directory whose CMake file made the target, as the paths of its objects tell."""
        of_target = re.compile(rf"(?:^|[\s(])([^\s():]*?)/?CMakeFiles/(?:obj\.)?{re.escape(self.linked)}\.dir/")
        lines = (self.edge.command if self.edge is not None else "", *self._evidence())
        match = next((match for line in lines if (match := of_target.search(line))), None)
        if match is None:
            return None
        local = self.edge.directory if self.edge is not None else ""
        return top / (f"{match[1]}/".removeprefix(f"{self.case.paths.build}/") or local)

    def _advice(self, place: LinkEntry | None, owner: Owner | None) -> tuple[str, ...]:
        if self.family in _ADVICE:
            return (_ADVICE[self.family],)
        if known := _known_changes(self.symbols) or _gone_from_headers(self.symbols, self.case.context):
            return known
        steps = [self._step(place)]
        if len(self.places) > 1:
            files = [f"{self.case.paths.owner(one.file.as_posix()).path}:{one.line}" for one in self.places]
            named = listed(files, _MOST_PLACES)
            steps.append(f"Several files declare {self.linked}, and one of them was built: {named}.")
        if owner is not None and owner.layer is Layer.COMPONENT:
            steps.append(belongs_elsewhere(owner.component))
        return tuple(steps)

    def _step(self, place: LinkEntry | None) -> str:
        target = self.linked or "the target"
        if place is not None:
            return f"{self.case.paths.owner(place.file.as_posix()).path}:{place.line}: {place.how}."
        if self.definer == "LLVMTableGen" and self.edge is not None and _WHOLE_LLVM.search(self.edge.command):
            return (
                f"libLLVM is linked and leaves {self.definer} out, also where LLVM_LINK_COMPONENTS names it: link it "
                "besides (target_link_libraries), or say DISABLE_LLVM_LINK_LLVM_DYLIB in add_llvm_executable."
            )
        if self.definer.startswith("LLVM") and self.definer != "LLVM":
            return f"Add {self.definer.removeprefix('LLVM')} to the LINK_COMPONENTS of {target}."
        if not self.definer and all(map(is_llvms_symbol, self.symbols)) and self.edge is None and not self.is_shared:
            return (
                "Link LLVM's library that has them (llvm-config --libs); where it is linked, it is of another version "
                "than the headers, or built with other settings."
            )
        library = self.definer or "the library that defines them"
        return f"Add {library} to the LINK_LIBS (target_link_libraries) of {target}."

    def _locations(self, place: LinkEntry | None) -> tuple[Location, ...]:
        found: list[Location] = []
        if place is not None:
            found.append(Location(path=self.case.paths.owner(place.file.as_posix()).path, line=place.line))
        for group in self.groups:
            found += [shown for event in group.sites.values() if (shown := self._shown(event)) is not None]
        return tuple(dict.fromkeys(found))[:_MOST_LOCATIONS]

    def _shown(self, event: Event) -> Location | None:
        if event.place is None:
            return None
        if event.place.line is None and (source := object_source(self.case.paths, _object_of(event))):
            return Location(path=self.case.paths.owner(source, by_cmake=True).path)
        return self.case.paths.location(event.place)[0]

    def _evidence(self) -> tuple[str, ...]:
        lines: list[str] = []
        for group in self.groups[:8]:
            lines += [*group.first.before, group.first.text, *group.first.detail[:3]]
        return tuple(dict.fromkeys(line.rstrip() for line in lines if line.strip()))[:24]


def _options(build: Path | None) -> dict[str, str]:
    try:
        return {name: entry.value for name, entry in read_cache(build).items()} if build is not None else {}
    except ToolError:
        return {}


def _reached(entries: Sequence[LinkEntry], source: Path, top: Path, options: Mapping[str, str]) -> list[LinkEntry]:
    """Those in directories that CMake, which begins in ``top``, may come to with the options of the build."""
    below = top.relative_to(source).as_posix().removeprefix(".")
    files = {file.relative_to(source).as_posix(): commands for file, commands in declarations(source)}
    parts = BuiltParts(files, [options], top=below)
    homes = [entry.file.parent for entry in entries]
    return [
        entry
        for entry, home in zip(entries, homes, strict=True)
        if home == top or parts.adds(home.relative_to(source).as_posix())
    ]


def _object_of(event: Event) -> str:
    """The object file that refers to the symbol: GNU ld names it in the ``in function`` line."""
    for line in (*event.before, event.text):
        if match := re.search(r"(?:^|[\s(])([^\s():]++(?<=[obj]))\)?(?:: in function|:\S++(?<=:function) )", line):
            name = match[1]
            local = event.edge.directory if event.edge is not None and name.startswith("CMakeFiles/") else ""
            return f"{local}/{name}" if local else name
    return event.place.path if event.place is not None else ""


def _plain_names(symbols: Sequence[str]) -> list[str]:
    return [symbol.removeprefix("__imp_").lstrip("_") for symbol in symbols]


def _gone_from_headers(symbols: Sequence[str], context: DiagnosisContext) -> tuple[str, ...]:
    """What to call instead of functions of LLVM's C API that no header of the candidate says: no library has them."""
    difference = known_llvms(context).difference
    now = difference.candidate
    if now is None or not now.mentioning("LLVMContextCreate"):  # the C API's headers are not installed
        return ()
    names = [name for name in _plain_names(symbols)[:_MOST_ASKED] if re.match(r"LLVM[A-Z]", name)]
    gone = [name for name in names if not INITIALIZE.match(name) and not now.mentioning(name)]
    found = [(name, after) for name in gone[:_MOST_PLACES] if (after := difference.of_name(name).after) is not None]
    steps = [f"In the candidate: {after.name} ({after.where}), for {name}: {after.signature}" for name, after in found]
    said = f"No header of the candidate has {listed(gone, _MOST_PLACES)}: no library of LLVM's defines what they lack; "
    return (f"{said}if it is not LLVM's, link what defines it.", *steps) if gone else ()


_MOST_ASKED: Final = 40


def _known_changes(symbols: Sequence[str]) -> tuple[str, ...]:
    """What is known of functions of the C API: no library has them any more (C declares them), or a target's has."""
    names = _plain_names(symbols)
    known = [name for name in names if name in CHANGES and name.startswith("LLVM")]
    if 2 * len(known) > len(names):
        return tuple(dict.fromkeys(CHANGES[name] for name in known))
    found = [INITIALIZE.match(name) for name in names]
    targets = sorted({match["target"] for match in found if match is not None}) if all(found) else []
    asked = f"llvm-config --libs {' '.join(targets).lower()}"
    said = f"Link the libraries of LLVM's targets {', '.join(targets)} ({asked}), or an LLVM that is built with them."
    return (said,) if targets else ()
