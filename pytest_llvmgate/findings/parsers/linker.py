"""Linkers: ld.bfd, gold, lld, mold, ld64 and link.exe, each in its own grammar."""

# ruff: noqa: ARG002, ARG004  (all parsers share one interface)
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_llvmgate.findings.events import DSO_MISSING, Event, LineParser, View, summary
from pytest_llvmgate.findings.lines import first_group
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.model import Location
from pytest_llvmgate.owners.llvms_names import moves_with_llvm

_UNDEFINED: Final = (
    re.compile(r"^(?>.*?undefined reference to symbol ')(?P<symbol>.+)'$"),
    re.compile(r"^(?>.*?undefined references? to ?')(?P<symbol>.+?)'(?: follow)?$"),
    re.compile(r"^(?>.*?'undefined references? to )(?P<symbol>[^']++)'?$"),
    re.compile(r"error: undefined (?:hidden |protected |internal )?symbol: (?P<symbol>.+)$"),
    re.compile(r"^(?>.*?undefined (?:hidden )?symbol ')(?P<symbol>[^']+)'$"),
    re.compile(r"error: undefined reference due to --no-allow-shlib-undefined: (?P<symbol>.+)$"),
    re.compile(r"^(?>.*?error: undefined reference: )(?P<symbol>(?>(?:(?! \(disallowed by).)+))"),
    re.compile(r"^(?>.*?unresolved external symbol )(?P<symbol>(?>(?:(?! referenced in function ).)+))"),
    re.compile(r"undefined symbol: (?P<symbol>\S+)$"),
    re.compile(r"^(?>.*?undefined reference to ')(?P<symbol>[^'(]++\()[^']*+$"),
    re.compile(
        r"^(?>.*?hidden symbol ')(?>(?P<symbol>.+?)' (?:in |isn't defined))(?:(?<=defined)|.* is referenced by DSO)"
    ),
)
_TRANSLATED: Final = re.compile(
    r"(?>.*?对 ?')(?P<zh>.+)'未定义的引用|(?>.*?undefinierter Verweis auf ?')(?P<de>.+)'$"
    r"|(?>.*?référence indéfinie vers ?')(?P<fr>.+)'$|(?>.*?referencia a ?')(?P<es>.+)' sin definir"
    r"|(?>.*?неопределённая ссылка на ?')(?P<ru>.+)'$|(?>.*?невизначене посилання на ?')(?P<uk>.+)'$"
    r"|(?>.*?riferimento non definito a ?')(?P<it>.+)'$|(?>.*?referência não definida para ?')(?P<pt>.+)'$"
    r"|(?>.*?odefinierad referens till ?')(?P<sv>.+)'$|[^']{0,400}'(?P<ja>.+)' に対する定義されていない参照"
    r"|(?>.*?LNK20(?:19|01)\s?:)(?: ?[^\"\x00-\x7f]{1,80} ?(?P<msvc2>[A-Za-z_?@$][A-Za-z0-9_?@$]*+)"
    r"|[^\"]{0,200}(?P<msvc>\"[^\"]++\"(?: \([^()]*+\))?))"
)
"""GNU ld's word on an undefined reference in other languages (``ld/po/*.po`` of binutils); of link.exe's, the number
tells what is said, and the symbol is the first quotation.
"""
_AT: Final = re.compile(
    r"(?:^|[ :(])(?P<path>(?:[A-Za-z]:)?[^:\s()]++(?<=\w)):(?:\((?P<section>\.[^()]*+)\)|(?P<line>\d++)|function )"
)
_USER: Final = re.compile(
    r"^(?:\S*[/\\]?ld(?:\.\w+)?: )?(?P<path>[^\s:()']++(?<=[\w])): (?:error: )?undefined reference"
)
"""A file without a place in it: a shared library, or an object without debug information."""
_OF_OBJECT: Final = re.compile(
    r"^\s*+(?:\d++>)?(?P<object>(?:[A-Za-z]:)?[^:()]++(?:\([^)]*+\))?)(?<= ): error LNK20(?:19|01)"
)
_LIBRARY: Final = re.compile(
    r"LNK1(?:104|181)\s?: [^']{0,400}'(?P<file>[^']{1,4000})'"
    r"|(?:unable to find library -l|cannot find -l|library not found(?: for)?:? (?:-l)?"
    r"|library '?-?l?(?=[^\s']++' not found)"
    r"|cannot open input file '|could not open '|cannot find |cannot open )(?P<name>[^\s:']++)"
)
"""In a translated message of link.exe, the quoted name is still the name."""
_LIBRARY_FILE: Final = re.compile(r"(?:^|[/\\])(?:lib)?([^/\\]+?)\.(?:so(?:\.\d+)*|a|dylib|lib|tbd)$")
_LINKER: Final = re.compile(
    r"^(?:\S*[/\\])?(?:ld(?:\.\w+)?|ld64\.lld|lld-link|wasm-ld|mold|ld-classic|collect2"
    r"|LINK)(?:\.exe)?\s?:(?: (?:fatal )?(?:error|fatal):| warning:)? ?(?P<message>.*)$"
)
_SUMMARY: Final = re.compile(
    r"^\s*+(?:collect2(?:\.exe)?: error: ld returned"
    r"|\S*?(?:clang|cc|c\+\+|gcc|g\+\+)[\w.+-]{0,40}: error: linker command failed"
    r"|(?:ld: )?symbol\(s\) not found|(?P<program>\S++) : fatal error LNK1120)"
)
_SAYS_SO: Final = re.compile(
    r"^(?:\S*[/\\-])?(?:ld(?:\.\w+)?|mold): |LNK\d{4}|library not found|cannot find -l|: file not recognized: "
)
"""A linker's, by what it says."""
_QUIET: Final = re.compile(
    r"warning: |note: |DWARF error|skipping incompatible|in function '"
    r"|: definition of |NOTE: |: usage: |[Pp]lease report"
)
_CONSEQUENCE: Final = re.compile(
    r"failed to set dynamic section sizes|too many errors emitted|final link failed"
    r"|bad value|vtable symbol may be undefined|: syntax error"
)
_NOT_PIC: Final = re.compile(
    r"^(?>.*?\breloc(?:ation)? ).*(?:recompile with -fPIC|can ?not be used when making)|: unsupported reloc \d+ against"
)
"""GNU ld, lld, mold and, with the second form, gold."""
_ARCHIVE: Final = re.compile(r"(?<!\S)(?P<file>[^\s:()\[\]]++(?:(?<=\.a)|(?<=\.lib)))(?=[(\[:]|\s|$)")
_WRONG_ARCHITECTURE: Final = re.compile(
    r"^(?>.*?ignoring file '?(?P<a>[^\s',]++)'?[,:] ).*?(?:found architecture|missing required architecture|building"
    r" for|file was built for)"
    r"|(?<![^\s'\"])(?P<b>[^\s'\"(]++(?<=[aobjlids]))(?:\([^()]*+\))?\s?: (?:fatal )?error LNK1112"
    r"|skipping incompatible (?P<c>\S+) when"
)
"""A library of another architecture, which the linker passes over: what it would have defined is missed."""
_LTO_OBJECT: Final = re.compile(
    r"(?:(?<![^\s])(?P<file>[^\s:()]++)(?:\([^()]*+\))?: )?plugin needed to handle lto object"
)
_TWICE: Final = re.compile(
    r"^(?>.*?multiple definition of ')(?P<a>.+?)'(?:;|:|$)|^(?>.*?duplicate symbol:? '?)(?P<b>.+?)'?$"
    r"|^(?>.*?LNK2005\s?: )\"?(?P<c>[^\"\s]++(?:(?<= )|[^\"]*+(?=\"))?)"
)
_DEFINER: Final = re.compile(
    r"(?<![^\s/\\:(])(?P<file>[^\s:()/\\'\"]++(?:(?<=\.a)|(?<=\.o)|(?<=\.obj)|(?<=\.lib)|(?<=\.dll)|(?<=\.dylib)))(?=[\s:(]|$)"
)
"""A file that defines a symbol, or the archive that has it."""
_VARYING: Final = re.compile(r"'[^']*+'|(?<![^\s'@])[^\s'@]++@[^\s']*+|(?<!\S)[^\s':]++(?<=\.o)(?=:)|(?<=version )\S++")
"""What differs in a sentence that a linker says of one symbol after another: quotations, versions, object files."""
_TRUNCATED: Final = re.compile(r"relocation truncated to fit: (?P<type>\w+)")
_MISMATCH: Final = re.compile(
    r"^(?>.*?LNK2038\s?:)[^']*+'(?P<what>[^']*+)'[^']*+'(?P<one>[^']*+)'.*'(?P<other>[^']*+)'[^']*+$"
)
"""Three quoted words, in whatever language."""
_REFUSED: Final = re.compile(
    r"(?P<path>/[^\s:()]++(?:(?<=\.o)|(?<=\.a)|(?<=\.so)|(?<=\.rlib)))(?:\([^()]++\))?: "
    r"|^(?P<path3>[^\s:]++): file not recognized|(?:unknown file type:? |file in )"
    r"'?(?P<path2>[^\s'(]++)"
)
"""A file that is wrong itself, as the linker says in front of everything else, or of the type."""
_DSO: Final = re.compile(
    r"^(?:\S*ld(?:\.\w+)?: )?(?P<library>\S+?): error adding symbols: (?:DSO missing|file in wrong)"
)


class LinkerParser(LineParser):
    """Undefined and duplicate symbols, missing libraries, everything else that a linker calls an error."""

    name = "linker"
    markers = (
        "ndefined ref", "ndefined sym", "unresolved external", "hidden symbol", "cannot find ",
        "unable to find library", "ibrary not found", "multiple definition", "duplicate symbol", "ld: ",
        "lld: error", "mold: ", "ld.gold: ", "ld.bfd: ", "lld-link", "LNK", "ld.lld: ", "ld returned",
        "linker command failed", "ignoring file", "未定义的引用", "undefinierter Verweis", "référence indéfinie",
        "sin definir", "неопределённая ссылка", "невизначене посилання", "riferimento non definito",
        "referência não definida", "odefinierad referens", "定義されていない参照", "skipping incompatible",
        "relocation R_", "relocation truncated", "dynamic R_", ": error: cannot open", "error adding symbols",
        "file format not recognized", "file not recognized", '", referenced from:',
    )  # fmt: skip

    def parse(self, text: str, view: View) -> Event | None:  # noqa: PLR0911 (one after the other)
        text = text.lstrip()  # rustc indents what its linker says
        if match := _WRONG_ARCHITECTURE.search(text):
            path = first_group(match)
            library = _LIBRARY_FILE.search(path)
            name = library[1] if library else path
            is_fatal = "LNK1112" in text
            return Event(kind=kinds.LIBRARY_MISSING, identifier=name, message=text, certain=is_fatal,
                         facts={"library": name, "form": "architecture", "file": path})  # fmt: skip
        if match := _LTO_OBJECT.search(text):
            facts = {fact.FORM: "lto", fact.FILE: match["file"] or ""}
            return Event(kind=kinds.LIBRARY_MISSING, identifier="LTO objects", message=text, certain=False, facts=facts)
        if match := _SUMMARY.match(text):
            event = summary(kinds.LINK_ERROR, "link", text)
            event.facts[fact.PROGRAM] = match["program"] or ""
            return event
        if match := _DSO.match(text):
            return self._dso(match, view)
        if symbol := _undefined_symbol(text):
            return self._undefined(text, symbol, view)
        if match := _MISMATCH.search(text):
            what = f"{match['what']} is '{match['one']}' here and '{match['other']}' there"
            return Event(kind=kinds.ABI_MISMATCH, identifier="MSVC", message=what, facts={fact.FORM: "msvc"})
        if text.startswith(_LD64) or _LD64_SYMBOL.match(text):  # its head may be cut off
            detail = [] if text.startswith(_LD64) else [text]
            return Event(kind=kinds.UNDEFINED_SYMBOL, identifier="", message=_LD64, detail=detail, room=2000)
        return self._other(text)

    def _undefined(self, text: str, symbol: str, view: View) -> Event | None:
        if "symbol lookup error" in text or "Error relocating" in text or "ImportError" in text:
            return None  # the dynamic loader's
        symbol = symbol.removeprefix("__declspec(dllimport) ").removesuffix("(")
        event = Event(kind=kinds.UNDEFINED_SYMBOL, identifier=symbol, message=text, facts={"symbol": symbol})
        if match := _OF_OBJECT.match(text):  # link.exe names the archive and the object in front
            event.facts["object"] = match["object"]
            event.place = Location(path=match["object"].replace("\\", "/"))
        elif match := _AT.search(text):
            line = match["line"]
            event.place = Location(path=match["path"].replace("\\", "/"), line=int(line) if line else None)
        elif match := _USER.match(text):
            event.place = Location(path=match["path"])
        if view.function and not text.startswith((">>>", "ld.lld", "mold")):
            event.before = (view.function,)
        return event

    @staticmethod
    def _dso(match: re.Match[str], view: View) -> Event:
        library = _LIBRARY_FILE.search(match["library"])
        name = library[1] if library else match["library"]
        return Event(kind=DSO_MISSING, identifier=name, message=match[0])

    @staticmethod
    def _other(text: str) -> Event | None:  # noqa: PLR0911 (one after the other)
        if "multiple definition of" in text or "duplicate symbol" in text or "LNK2005" in text:
            found = _TWICE.search(text)
            symbol = (found["a"] or found["b"] or found["c"]) if found else normalise(text)
            return Event(kind=kinds.DUPLICATE_SYMBOL, identifier=symbol, message=text, facts={fact.SYMBOL: symbol})
        if match := _TRUNCATED.search(text):
            return Event(kind=kinds.LINK_ERROR, identifier=f"truncated {match['type']}", message=text[match.start() :])
        match = _LINKER.match(text)
        message = match["message"] if match else text
        if not match and not _SAYS_SO.search(text):
            return None
        if _QUIET.search(message) or _QUIET.search(text):
            return None
        if found := _LIBRARY.search(text if "LNK1" in text else message):
            return _library(found["file"] or found["name"], text)
        if match := _NOT_PIC.search(text):
            return Event(kind=kinds.LINK_ERROR, identifier="", message=text, facts={fact.FORM: "not-pic"})
        file = _REFUSED.match(message)
        facts = {fact.FILE: first_group(file)} if file is not None else {}
        consequence = bool(_CONSEQUENCE.search(message))
        said, count = _VARYING.subn("...", message)
        identifier = normalise(said if count > 1 else message)
        return Event(kind=kinds.LINK_ERROR, identifier=identifier, message=text, follow_on=consequence, facts=facts)

    def continues(self, event: Event, text: str) -> bool:
        """``>>> referenced by`` of lld and mold, and ld64's indented lists."""
        return text.startswith((">>>", " ", "\t"))

    def finish(self, event: Event) -> Sequence[Event]:
        """Locations of lld and mold; one event per symbol of ld64's list."""
        if event.form == "not-pic":
            return (_of_an_archive(event),)
        if event.kind == kinds.DUPLICATE_SYMBOL:
            said = (match["file"] for line in (event.message, *event.detail) for match in _DEFINER.finditer(line))
            if files := list(dict.fromkeys(said)):
                event.facts.update({fact.LIBRARY: " and ".join(f"'{file}'" for file in files[:2]), fact.FORM: "pair"})
        if event.kind != kinds.UNDEFINED_SYMBOL:
            return (event,)
        if event.message == _LD64:
            return _ld64(event)
        if event.place is None:
            event.place = _referenced(event.detail)
        return (event,)


def _of_an_archive(event: Event) -> Event:
    """One archive is one cause, whatever symbols it has. lld names it behind ``in archive``, or else as the definer."""
    behind = sorted((line for line in event.detail if ".a" in line), key=lambda line: " in archive " not in line)
    archive = next((match for line in (event.message, *behind) if (match := _ARCHIVE.search(line))), None)
    file = archive["file"].replace("\\", "/") if archive else ""
    event.facts[fact.LIBRARY] = file.rpartition("/")[2] or "an object"
    if file.startswith("/"):
        event.facts[fact.FILE] = file
    event.identifier = f"{event.facts[fact.LIBRARY]} is not position independent"
    return event


def _undefined_symbol(text: str) -> str:
    """What a line says to be undefined, in whatever language; empty where it says no such thing."""
    match = _TRANSLATED.match(text) if not text.isascii() or "LNK20" in text else None
    if "undefined" in text.lower() or "unresolved external" in text or "hidden symbol" in text:
        found = next((match["symbol"] for pattern in _UNDEFINED if (match := pattern.search(text))), "")
        if found:
            return str(found)
    return first_group(match)


def _library(name: str, text: str) -> Event:
    found = _LIBRARY_FILE.search(name)
    bare = found[1] if found else name.removeprefix("-l")
    form = next((form for form, pattern in _LIBRARY_FORMS if pattern.search(bare)), "")
    if not form and not found and _WORD.search(text):
        return Event(kind=kinds.LIBRARY_MISSING, identifier="a word", message=text, facts={fact.FORM: "words"})
    is_named = f"-l{bare}" in text or not _OF_A_FILE.search(bare)
    if not form and is_named and not moves_with_llvm(bare):
        form = "absent"
    facts = {fact.LIBRARY: bare, **({fact.FORM: form} if form else {})}
    return Event(kind=kinds.LIBRARY_MISSING, identifier=bare, message=text, facts=facts)


_WORD: Final = re.compile(r"(?:cannot find|cannot open) (?!-l)[^\s:]++: No such file or directory$")
"""GNU's linker and lld of what neither asks for a library nor has a name of one."""
_OF_A_FILE: Final = re.compile(r"[/\\.]")
"""What names of files have, and names of libraries only where ``-l`` says that it is one."""
_LIBRARY_FORMS: Final = (
    ("whole", re.compile(r"^(?:LLVM|MLIR|clang-cpp)(?:-[\d.]++\w*+)?$")),
    ("not-found", re.compile(r"-NOTFOUND$")),
    ("object", re.compile(r"\.(?:o|obj)$")),
    ("compiler-rt", re.compile(r"^clang_rt\.")),
    ("system", re.compile(
        r"^(?:z|zlib\w*|zstd\w*|xml2\w*|ffi\w*|edit|tinfo|terminfo|n?cursesw?|panelw?|pfm|z3|bsd|rt|dl|m|pthread|gcc_s|stdc\+\+|c\+\+"
        r"|c\+\+abi|gcc|gcc_eh|unwind|atomic|curl|iconv|intl|lzma|elf|dw)$"
    )),
)  # fmt: skip
"""``system``: what LLVM itself links, as llvm-config --system-libs names it."""
_REFERENCED: Final = re.compile(
    r"^>>> referenced by (?P<file>[^\s:]+)(?::(?P<line>\d+))?(?: \((?P<full>[^():]+):\d+\))?"
)
_OBJECT: Final = re.compile(r"^>>>\s+(?P<path>\S+\.(?:o|obj|a)(?:\(\S+\))?):\(")


def _referenced(detail: Sequence[str]) -> Location | None:
    """The first ``>>> referenced by``: a source line where there is debug information, else the object file."""
    for line in detail:
        if (match := _REFERENCED.match(line)) and match["line"]:
            return Location(path=match["full"] or match["file"], line=int(match["line"]))
    for line in detail:
        if match := _OBJECT.match(line):
            return Location(path=match["path"])
    return next((Location(path=match["file"]) for line in detail if (match := _REFERENCED.match(line))), None)


_LD64: Final = "Undefined symbols for architecture"
_LD64_SYMBOL: Final = re.compile(r'^\s*+"(?P<symbol>.+)", referenced from:')


def _ld64(event: Event) -> Sequence[Event]:
    events = []
    for line in event.detail:
        if match := _LD64_SYMBOL.match(line):
            facts = {fact.SYMBOL: match["symbol"]}
            undefined = Event(
                kind=kinds.UNDEFINED_SYMBOL, identifier=match["symbol"], message=line.strip(), facts=facts
            )
            undefined.detail.append(line)
            events.append(undefined)
        elif events:
            events[-1].detail.append(line)
            if events[-1].place is None and (match := re.search(r" in (?:\S*\()?(\S+?\.o)\)?$", line)):
                events[-1].place = Location(path=match[1])
    return events
