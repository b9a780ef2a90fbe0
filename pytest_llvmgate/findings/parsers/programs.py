"""The dynamic loader, LLVM's own fatal errors and crashes, ninja, make, command-line tools and scripts."""

# ruff: noqa: ARG002  (all parsers share one interface)
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_llvmgate.findings.events import MAKE_FILE, MAKE_TARGET, MAKE_WHY, SUMMARY, Event, LineParser, View, summary
from pytest_llvmgate.findings.lines import first_group, plain_quotes
from pytest_llvmgate.findings.parsers import absent
from pytest_llvmgate.findings.parsers.compiler import tablegen_event
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.model import Location
from pytest_llvmgate.owners.file_owners import is_of_the_system

LIBRARY_GONE: Final = re.compile(
    r"(?<![^\s:'\"])(?P<lib>[^\s:'\"]++)(?:'|\")?: cannot open shared object file"
    r"|Library not loaded: (?P<lib2>\S+)|Error loading shared library (?P<lib3>[^:]{1,400}):"
    r"|UnsatisfiedLinkError: no (?P<lib4>\S+) in java[.]library[.]path"
)
_PROGRAM: Final = re.compile(
    r"^(?:[^:]*?:\s)?(?P<program>(?:[A-Za-z]:)?[^\s:]++): error while loading shared libraries"
)
_SYMBOL: Final = re.compile(
    r"symbol lookup error: (?P<lib>[^\s:]++): undefined symbol: (?P<symbol>[^\s,]+)"
    r"|Error relocating (?P<lib2>\S+): (?P<symbol2>\S+): symbol not found"
    r"|(?:(?<=Error: )|(?<![^\s'\"(])(?=/|lib))(?P<lib3>[^\s:'\"()]++(?<=\.so)(?>(?:\.\d++)*))"
    r": undefined symbol: (?P<symbol3>[^\s'\",)]+)"
    r"|dlopen\((?P<lib4>[^,()]++)[^()]*+\): [Ss]ymbol not found in flat namespace '?(?P<symbol5>[^\s']+)"
    r"|dlsym\([^,()]++, (?P<symbol7>[^()]++)\): symbol not found"
    r"|dlopen\((?P<lib5>[^,()]++)[^()]*+\): Symbol not found: (?P<symbol6>\S+)|Symbol not found: (?P<symbol4>\S+)"
)
_VERSION: Final = re.compile(
    r"(?:(?<![^\s:])(?P<lib>[^\s:]++): )?version '(?P<version>[\w.]++)' not found \(required by (?P<by>[^()]++)\)"
)
_RUNTIME: Final = re.compile(r"GLIBCXX_|CXXABI_|GLIBC_|GCC_\d")
"""Versions of the C++ runtime and the C library: the system's, not the project's."""
_PLUGIN: Final = re.compile(
    r"(?:Error opening '(?P<a>[^']+)'|Could not load library '(?P<b>[^']+)'|[Ff]ailed to load (?:passes from"
    r"|plugin) '?(?P<c>[^'\s]+)'?"
    r"|unable to load plugin '(?P<d>[^']+)(?:'|$)|cannot load plugin (?P<e>[^\s:]++))"
    r"(?:\. Request ignored\.)?[:;]? ?(?P<why>.*)"
)
_MISSED: Final = re.compile(
    r"undefined symbol: (?P<a>[^\s,']+)|[Ss]ymbol not found(?: in flat namespace)?:? '?(?P<b>[^\s']+)"
    r"|version '(?P<c>[\w.]+)' not found"
)
_TWICE: Final = re.compile(r"CommandLine Error: Option '(?P<option>[^']+)' registered more than once")
_CONFLICT: Final = re.compile(
    r"\blib(?:LLVM|MLIR|clang-cpp)(?P<one>[^\s,]*+), needed by [^\s,]++, may conflict with lib(?:LLVM|MLIR|clang-cpp)"
    r"(?P<other>\S*+)"
)
_STORAGE: Final = re.compile(r"can't create \w+ '(?P<name>[^']+)' because storage uniquer isn't initialized")
_PROMISED: Final = re.compile(
    r"checking for an interface \('?(?P<interface>[^'()]++)'?\) that was promised by dialect "
    r"'(?P<dialect>[^']+)' but never implemented"
)
_ASSERT: Final = re.compile(
    r"^(?>(?:.*?(?<= ))??(?P<path>[^\s:]++):(?P<line>\d++): )(?>.*?Assertion ')(?P<what>.+)' failed\.?"
)
_ASSERTED: Final = re.compile(
    r"Assertion failed: (?P<what>.{1,2000}?),(?: ?function \S+,)? file (?P<path>\S+), line (?P<line>\d+)"
    r"|^(?P<path2>[^\s(]++)\((?P<line2>\d++)\): Assertion [Ff]ail(?:ed|ure):? (?P<what2>.*)"
)
"""As macOS, Windows, and projects for themselves print them."""


class LoaderParser(LineParser):
    """A program that does not start: a library is not found, or is another one than at link time."""

    name = "loader"
    markers = (
        ".so: undefined symbol", "shared object file", "ibrary not loaded", "symbol lookup error",
        "Error loading shared",
        "Error relocating", "ImportError: ", "' not found (required", "ymbol not found", "shared libraries",
        "Error opening '", "Could not load library '", "ailed to load passes", "ailed to load plugin",
        "unable to load plugin", "cannot load plugin", "UnsatisfiedLinkError",
    )  # fmt: skip

    def parse(self, text: str, view: View) -> Event | None:
        if event := _plugin(text):
            return event
        if match := LIBRARY_GONE.search(text):
            library = first_group(match).rpartition("/")[2]
            event = Event(kind=kinds.LOADER, identifier=library, message=text, facts={fact.LIBRARY: library})
            if program := _PROGRAM.match(text):
                event.facts[fact.PROGRAM] = program["program"].rpartition("/")[2]
                if _is_installed(program["program"]):
                    event.facts[fact.FORM] = "installed"
            return event
        if found := _SYMBOL.search(text):
            groups = found.groupdict()
            missed = next(value for key, value in groups.items() if value and key.startswith("symbol"))
            path = next((value for key, value in groups.items() if value and key.startswith("lib")), "")
            library = path.rpartition("/")[2]
            kind = kinds.ABI_MISMATCH if "ABIBreakingChecks" in missed else kinds.LOADER
            facts = {"symbol": missed, "library": library, "form": _form_of_missed(text, library, missed)}
            return Event(kind=kind, identifier=missed, message=text, facts=facts)
        if match := _VERSION.search(text):
            form = "runtime" if _RUNTIME.match(match["version"]) else "version"
            form = "installed" if form == "version" and _is_installed(match["by"]) else form
            by = match["by"].rpartition("/")[2]
            facts = {"version": match["version"], "program": by, "file": match["lib"] or "", "form": form}
            return Event(kind=kinds.LOADER, identifier=match["version"], message=text, facts=facts)
        return None

    def continues(self, event: Event, text: str) -> bool:
        """Why a plugin does not load may stand in the lines behind, quoted."""
        is_open = event.form == "plugin" and not event.facts.get("symbol")
        is_cut = (event.message.count("'") + sum(line.count("'") for line in event.detail)) % 2 == 1
        is_more = is_open and len(event.detail) < 3 and (is_cut or text.startswith(("'", "_Z", "__Z")))
        return is_more or super().continues(event, text)

    def finish(self, event: Event) -> Sequence[Event]:
        """The symbol that a plugin lacks, wherever it stands."""
        if event.form == "plugin" and not event.facts.get("symbol"):
            said = " ".join([event.message, *(line.strip() for line in event.detail)])
            if match := _PLUGIN.search("".join([event.message, *event.detail])):
                event.identifier = first_group(match).rpartition("/")[2]
                event.facts[fact.LIBRARY] = event.identifier
            if missed := _MISSED.search(said):
                event.facts["symbol"] = first_group(missed)
                event.identifier = f"{event.identifier}: {event.facts['symbol']}"
        if event.form == "plugin" and not _OF_LOADING.search(event.facts.get("symbol") or "llvm"):
            event.facts["form"] = "plugin-own"
        return (event,)


_OF_LOADING: Final = re.compile(
    r"(?:4llvm|5clang|4mlir|3lld)\d|(?:llvm|clang|mlir|lld)::|\bllvm$|LLVM|ABIBreaking|^_?_ZN?K?S[a-z0-9t]|__cxx|GLIBC|CXXABI|\.\d"
)
"""Symbols of what loads a plugin, or of the runtime; all others are the plugin's own to bring."""
_RTTI: Final = re.compile(r"^_?_ZTIN?\d+(?:llvm|mlir|clang|lld)\d")
_LLVMS_PROGRAM: Final = re.compile(
    r"^(?:(?:\w+-(?:\w+-){1,2}\w+-)?clang(?:\+\+)?|opt|llc|lld|ld\.lld|(?:llvm|mlir|lldb|clang)-[a-z-]+)(?:-\d+)?$"
)


def _is_installed(path: str) -> bool:
    """Whether a program or library is LLVM's or the system's own: nothing that the project has linked."""
    return is_of_the_system(path) or _LLVMS_PROGRAM.match(path.rpartition("/")[2].removesuffix(".exe")) is not None


def _form_of_missed(text: str, library: str, missed: str) -> str:
    """Who lacks the symbol, and of which sort it is: each has a remedy of its own."""
    if _LLVMS_PROGRAM.match(library):
        return "llvms"
    if _RTTI.match(missed):
        return "rtti"
    return "module" if _MODULE.search(text) else "symbol"


_MODULE: Final = re.compile(r"ImportError|\.cpython-|\.abi3\.|python_packages|\.pyd\b")


def _plugin(text: str) -> Event | None:
    """A plugin that opt or clang refuses: what it was to register is unknown afterwards."""
    match = _PLUGIN.search(text)
    if match is None:
        return None
    plugin = first_group(match).rpartition("/")[2]
    symbol = first_group(_MISSED.search(match["why"]))
    is_gcc = re.match(r"^(?:\S*/)?(?:cc1|g\+\+|gcc)", text) is not None and _OF_CLANG.search(f"{plugin} {symbol}")
    return Event(
        kind=kinds.LOADER, identifier=f"{plugin}: {symbol}" if symbol else plugin, message=text,
        facts={"form": "not-clang" if is_gcc else "plugin", "library": plugin, "symbol": symbol},
    )  # fmt: skip


_OF_CLANG: Final = re.compile(r"(?i)clang|llvm")


class LlvmParser(LineParser):
    """``LLVM ERROR:``, assertions, and what LLVM prints when it crashes."""

    name = "llvm"
    markers = (
        "LLVM ERROR", "error in backend: ", "CommandLine Error", "Assertion ", "Stack dump:", "PLEASE submit",
        "storage uniquer",
        "UNREACHABLE executed", "AddressSanitizer", "Segmentation fault", "terminate called", "Subprocess aborted",
        "Aborted", "(core dumped)", "Illegal instruction", "Floating point exception", "Trace/breakpoint trap",
        "does not verify as",
        "does not apply to", "does not dominate", "does not match function",
        "bitcode signature", "bitcode version", "may conflict with lib", "incorrect arg", "(Producer: ",
        "Invalid summary version", "Corrupted bitcode",
        "incorrect ret", "must have elementtype", "does not have terminator", "terminator in the middle",
    )  # fmt: skip

    def parse(self, text: str, view: View) -> Event | None:  # noqa: PLR0911 (one after the other)
        if match := _TWICE.search(text):
            return _linked_twice(text.lstrip(": "), {fact.OPTION: match["option"]})
        if match := _CONFLICT.search(text):
            event = _linked_twice(match[0], {fact.FORM: "versions" if match["one"] != match["other"] else ""})
            event.certain = False
            return event
        if "(Producer: " in text and _BITCODE.search(text):
            who = _READS.match(text)
            facts = {
                fact.FORM: "version",
                fact.PROGRAM: who["tool"] if who else "",
                fact.FILE: (who["file"] or "") if who else "",
            }
            message = text.rpartition("rror: ")[2]
            pair = _BITCODE.search(message)  # of a writer and a reader: what it stumbles on does not matter
            identifier = normalise(pair[0] if pair else message)
            return Event(kind=kinds.IR_ERROR, identifier=identifier, message=message, facts=facts)
        if match := _SUMMARY_VERSION.search(text):
            facts = {fact.FORM: "version"}
            return Event(kind=kinds.IR_ERROR, identifier=normalise(match[0]), message=match[0], facts=facts)
        if match := _STORAGE.search(text):
            return _linked_twice(text, {fact.STORAGE: match["name"]})
        if match := _PROMISED.search(text):
            facts = {fact.INTERFACE: match["interface"], fact.DIALECT: match["dialect"]}
            return Event(
                kind=kinds.PROMISED_INTERFACE,
                identifier=f"{match['interface']} of {match['dialect']}",
                message=text,
                facts=facts,
            )
        if match := _ASSERT.search(text):
            place = Location(path=match["path"], line=int(match["line"]))
            program = text.partition(":")[0].rpartition("/")[2] if not text.startswith(match["path"]) else ""
            facts = {"program": program if " " not in program else "", "assertion": match["what"]}
            return Event(kind=kinds.CRASH, identifier=normalise(match["what"]), message=text, place=place, facts=facts)
        if text.startswith("Assertion failed: ") or "): Assertion " in text:
            return Event(kind=kinds.CRASH, identifier=normalise(text), message=text)
        return self._fatal(text)

    @staticmethod
    def _fatal(text: str) -> Event | None:  # noqa: C901, PLR0911 (one after the other)
        _, found, message = text.partition("LLVM ERROR: ")
        if found and "out of memory" not in message and "No space left" not in message:
            if "inconsistency in registered CommandLine options" in message:
                return Event(
                    kind=kinds.LLVM_LINKED_TWICE, identifier=kinds.LLVM_LINKED_TWICE, message=text, follow_on=True
                )
            facts = {fact.FORM: "unregistered"} if _UNREGISTERED.search(message) else {}
            return Event(kind=kinds.LLVM_FATAL, identifier=normalise(message), message=text, facts=facts)
        if match := _IN_BACKEND.search(text):
            facts = {fact.FORM: "backend"}
            return Event(kind=kinds.COMPILER_CRASH, identifier=normalise(match[1]), message=match[1], facts=facts)
        if match := _UNREACHABLE.match(text):
            place = Location(path=match["path"], line=int(match["line"]))
            return Event(
                kind=kinds.CRASH, identifier=normalise(match["what"]) or "UNREACHABLE", message=text, place=place
            )
        if match := re.search(r"ERROR: (?P<what>\w+Sanitizer: [\w-]+)", text):
            return Event(kind=kinds.CRASH, identifier=match["what"], message=text)
        if match := _VERIFIER.search(text):
            message = text[match.end("tool") :].strip(": ") if match["tool"] else text
            return Event(
                kind=kinds.IR_ERROR,
                identifier=normalise(message),
                message=message,
                facts={"program": match["tool"] or ""},
            )
        if text.startswith("terminate called after throwing"):
            return Event(kind=kinds.CRASH, identifier=normalise(text), message=text, certain=False)
        if text.startswith(("error: ", "fatal error: ")) and _BITCODE.search(text):
            message = text.partition("error: ")[2]
            return Event(kind=kinds.IR_ERROR, identifier=normalise(message), message=message)
        shells = _SHELLS_WORD.search(text)
        if shells is not None:
            facts = {fact.PROGRAM: shells["program"], fact.COMMAND: shells["command"][:2000]}
            identifier = f"{DUMP} of {shells['program']}"
            return Event(
                kind=kinds.CRASH,
                identifier=identifier,
                message=shells["signal"],
                follow_on=True,
                certain=False,
                facts=facts,
            )
        if text.startswith(("PLEASE submit", "Stack dump:", "PLEASE ATTACH")) or re.search(
            r"Segmentation fault|^Aborted|terminate called|\(core dumped\)", text
        ):
            return Event(kind=kinds.CRASH, identifier=DUMP, message=text, follow_on=True, certain=False, room=40)
        return None

    def continues(self, event: Event, text: str) -> bool:
        """The stack dump; what LLVM's verifier shows of the IR."""
        if event.kind == kinds.CRASH and event.identifier == DUMP:
            return text.startswith((" ", "\t", "PLEASE", "Stack dump")) or bool(re.match(r"\d+\.\s|#\d+ ", text))
        if event.kind == kinds.IR_ERROR and event.message.endswith("does not verify as correct!") and not event.detail:
            return True
        is_wrapped = event.kind == kinds.CRASH and event.message.endswith(",") and not event.detail
        return is_wrapped or super().continues(event, text)

    def finish(self, event: Event) -> Sequence[Event]:
        """A dump names the program and its arguments; llvm-as names the reason in the next line."""
        if event.kind == kinds.CRASH and (match := _ASSERTED.search(" ".join([event.message, *event.detail[:1]]))):
            what, path, line = (match[name] or match[f"{name}2"] for name in ("what", "path", "line"))
            event.place, event.identifier = Location(path=path, line=int(line)), normalise(what)
            event.facts.update({fact.ASSERTION: what})
        for line in event.detail:
            if match := _ARGUMENTS.search(line):
                event.facts.update(program=match["program"], command=match[0][:2000])
                break
        if event.identifier == DUMP and (frames := [match for line in event.detail if (match := _FRAME.match(line))]):
            event.identifier, event.message = f"{DUMP} in {frames[0]['name']}", f"in {frames[0]['name']}"
        if event.detail and event.message.startswith("terminate called") and "what():" in event.detail[0]:
            event.message = f"{event.detail[0].partition('what():')[2].strip()} ({event.message})"
            event.identifier = normalise(event.message)
        if event.identifier == "UNREACHABLE" and event.before:  # the reason stands in the line in front
            event.message = f"{event.before[-1].strip()} ({event.message})"
            event.identifier = normalise(event.before[-1])
        if event.kind == kinds.IR_ERROR and event.message.endswith("does not verify as correct!") and event.detail:
            event.message = plain_quotes(event.detail[0].strip())
            event.identifier = normalise(event.message)
        return (event,)


def _linked_twice(message: str, facts: dict[str, str]) -> Event:
    return Event(kind=kinds.LLVM_LINKED_TWICE, identifier=kinds.LLVM_LINKED_TWICE, message=message, facts=facts)


_IN_BACKEND: Final = re.compile(r"^(?:\S+: )?(?:fatal )?error: error in backend: (.*)$")
"""How clang hands on what stopped LLVM inside of it."""
_UNREGISTERED: Final = re.compile(r"unregistered dialect|isn't registered in this MLIRContext")
_SUMMARY_VERSION: Final = re.compile(r"Invalid summary version.{0,200}|[^:]{0,80}: Corrupted bitcode")
"""What ThinLTO says of bitcode that another version of LLVM wrote."""
DUMP: Final = "dump"
"""Identifier of a stack dump without a word on its reason; behind it may stand in which function, or of what."""
_SHELLS_WORD: Final = re.compile(
    r"^\S{0,500}: line \d+: +\d+ (?P<signal>Segmentation fault|Aborted|Illegal instruction"
    r"|Floating point exception|Trace/breakpoint trap)(?: +\(core dumped\))? +"
    r"(?P<command>(?:[^\s/]*/)*(?P<program>[^\s/]+).*)"
)
"""How bash tells which command of a script died."""
_FRAME: Final = re.compile(
    r"\s{0,2}#\d+ 0x[0-9a-f]+ (?P<name>(?!llvm::|std::|void llvm::|void std::)(?=[^(]*::)[^(]{1,300})\("
)
"""The innermost function of a stack dump that is neither the runtime's nor one of LLVM's and C++'s containers."""
_UNREACHABLE: Final = re.compile(
    r"(?P<what>(?>.*?(?=UNREACHABLE exec)))UNREACHABLE executed at (?P<path>[^:]++):(?P<line>\d++)"
)
_ARGUMENTS: Final = re.compile(r"Program arguments: (?:\S*[/\\])?(?P<program>[^\s/\\]+)(?: .*)?")
_VERIFIER: Final = re.compile(
    r"^(?:\S*/)?(?:(?P<tool>[\w.+-]+): )?(?:assembly parsed, but does not verify as correct!"
    r"|.{0,200}(?:does not apply to (?:functions?|parameters|return values|call sites)"
    r"|does not dominate all uses|does not match function (?:signature|type)|incorrect (?:argument|return) type"
    r"|terminator in the middle of a basic block"
    r"|must have elementtype attribute|does not have terminator)!?$)"
)
"""LLVM's verifier prints a sentence with an exclamation mark, then the value: no file, no word ``error``."""


class ToolParser(LineParser):
    """Programs that an edge runs: unknown options, missing tools, TableGen without a place, Python tracebacks."""

    name = "tool"
    markers = (
        "Unknown command line argument", "not found", "o such file", "ermission denied", "Error: ", "rror: ",
        "xception: ", "Error:", "Error) ", "unknown argument", "nrecognized command", "unknown option", "or the --",
        "or the -", "llvm-config", "unknown component name", "panicked at", "'-dialect'", "more than 1 dialect",
        "unable to execute command", "invalid linker name", "ould not execute", "ould not run", "ouldn't execute",
        "ouldn't run", "not installed?", "xec format error",
        "cannot execute binary", "Syntax error: ", "unknown pass name", "unknown function pass", "unknown module pass",
        "unknown loop pass", "cannot stat", " fatal   : ", "ptxas ", "nvlink ",
        "No module named",
    )  # fmt: skip

    _OPTION: Final = re.compile(
        r"^(?P<tool>[^\s:]+)(?: \(LLVM option parsing\))?: (?:(?:error: )?unknown component name: (?P<component>\S+)"
        r"|Unknown command line argument '(?P<option>[^']+)'"
        r"|[Ff]or the (?P<option2>--?+[\w-]++)\S*+ option: (?P<why>.*)"
        r"|unknown (?:\w+ )?pass name '(?P<pass>[^']+)')"
    )
    _DRIVER: Final = re.compile(
        r"^(?:.*[/\\])?(?P<tool>[\w.+-]+): (?:fatal )?error: (?:unknown argument:? "
        r"|unrecognized command[- ]line option |invalid value )'?(?P<option>[^\s']+)"
    )
    _MISSING: Final = re.compile(
        r"^(?:(?:\S*/)?(?:(?:ba|da|z|k|a)?sh|[gc]?make(?:\[\d+\])?|\S{1,200}\.sh): (?:line )?"
        r"|[^\s:]++: line (?=\d++: [^:]++: [Cc]ommand not found))(?:\d+: )?(?:exec: )?"
        r"(?P<tool>[^:*]+): (?P<why>(?:[Cc]ommand )?not found"
        r"|No such file or directory|[Pp]ermission denied|inaccessible or not found)"
        r"|^(?:/usr/bin/)?env: '?(?P<tool2>[^':]+)'?: No such file"
        r"|could not (?:execute|run): (?P<tool10>[\w./+-]+)|^\s*is '(?P<tool13>[\w.+-]+)' not installed\?"
        r"|[Cc]ould(?: not|n't) (?:execute|run):? '?(?P<tool14>[\w./+-]*\w)'?[.:,]? .{0,20}No such file"
        r"|(?P<format>(?<![^\s'])(?P<tool11>[^\s:']++): (?:\d+: )?(?:(?P=tool11): )?(?:[Ee]xec format error"
        r"|cannot execute binary file|Syntax error: (?:\"\(\"|word|Unterminated)))"
        r"|exec: \"(?P<tool6>[^\"]+)\": executable file not found|\blinker '(?P<tool7>[^']+)' not found"
        r"|FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<tool8>(?:/\S*/bin/)?[\w+-]+)'"
        r"|\bpython[\d.]*(?:\.exe)?: can't open file '(?P<tool12>/[^']*/bin/[^'/]+)': \[Errno 2\]"
        r"|^which: no (?P<tool9>[\w.+-]+) in \("
        r"|^(?P<tool3>'[^']+')(?: is not recognized as an internal|: command not found)"
        r"|unable to execute command: (?:posix_spawn failed: (?:No such file|(?P<format2>Exec format))"
        r"|Executable \"(?P<tool4>[^\"]+)\" doesn't exist)"
        r"|^(?:collect2|clang|gcc|g\+\+)[\w+.-]*: (?:fatal )?error: (?:cannot find"
        r"|invalid linker name in argument) '(?:-fuse-ld=)?(?P<tool5>[^']+)'"
    )
    _PYTHON: Final = re.compile(
        r"^(?:\s*+|E {3}|ERROR: )(?:LoadError: )?(?:\*\* \((?=\w{1,80}\) ))?"
        r"(?P<type>(?>(?:[A-Za-z_]\w*+\.)*)[A-Za-z_]*+"
        r"(?<=Error|ption|rrupt)|error(?=: \[Errno ))(?:: |\) )(?P<message>.*)$"
    )

    def continues(self, event: Event, text: str) -> bool:
        """The words of a panic stand in the line behind it; and that another exception came of this one."""
        if event.kind == kinds.SCRIPT_ERROR and text.startswith(CHAINED):
            return True
        is_panic = event.form == "panic" and not event.message
        return (is_panic and not event.detail and bool(text.strip())) or super().continues(event, text)

    def finish(self, event: Event) -> Sequence[Event]:
        """What a panic is about: LLVM or something else that is not there, or something of the script's own."""
        if event.form != "panic":
            return (event,)
        del event.facts["form"]
        event.message = event.message or next((line.strip() for line in event.detail), "")
        event.identifier = normalise(event.message)
        if name := absent.lacking_llvm(event.message) or absent.absent_thing(event.message):
            absent.say_absent(event, name)
        return (event,)

    _TBLGEN: Final = re.compile(r"^(?:(?>\S*?tblgen)\S*+(?<=:) )?(?:error|fatal error): (?P<message>.*)$")
    _TBLGEN_SAYS: Final = re.compile(
        r"^(?:(?>\S*?tblgen)\S*+(?<=:) )?error: (?P<message>(?:The class '[^']+' is not defined|Variable not defined"
        r"|Couldn't find (?:class|the|def)"
        r"|Value '[^']*' of type|Record '[^']+'|Unexpected overlap when generating).*)$"
    )
    """What only TableGen says, whether or not the command is shown."""
    _OTHER: Final = re.compile(
        r"^(?:\s*+(?:\d++>)?(?=[^\s:]++ :))?(?P<tool>(?>(?:[^\s:]|(?<![^\s>])[A-Za-z]:[/\\])+))\s?: "
        r"(?>(?>(?P<file>[^\s:'\"]++(?<=\.\w\w)|[^\s:'\"]++(?<=\.\w)): )?)"
        r"(?:(?:fatal error|error|fatal)\s?: +(?P<message>(?>(?:(?! \[[^\[\]]{1,500}proj\]$).)+))"
        r"|(?P<lacks>No such file or directory: '.*'))"
        r"|^(?P<device>nvcc|ptxas|nvlink|fatbinary) (?:fatal|error)\s++: (?P<said>.*)$"
    )
    """A program, the file that it reads, what is wrong. MSBuild indents it, and puts a blank behind the program."""

    def parse(self, text: str, view: View) -> Event | None:  # noqa: PLR0911 (one after the other)
        if match := self._OPTION.match(text) or self._DRIVER.match(text):
            groups = match.groupdict()
            option = groups["option"] or groups.get("option2") or groups.get("component") or groups.get("pass") or ""
            tool = match["tool"].rpartition("/")[2]
            form = next((one for one in ("pass", "component") if groups.get(one)), "")
            facts = {fact.TOOL: tool, fact.OPTION: option, **({fact.FORM: form} if form else _of_gcc(tool, option))}
            return Event(kind=kinds.TOOL_OPTION, identifier=f"{tool} {option}", message=text, facts=facts)
        if match := _PANIC.match(text):
            return _panic(match)
        if match := _NO_ARCHIVES.match(text):
            facts = {"name": "llvm-config", "sort": "static", "file": match["file"] or ""}
            return Event(kind=kinds.CMAKE_PACKAGE, identifier="llvm-config", message=text, facts=facts)
        if match := _SELECTED.match(text):
            return tablegen_event(None, match[1])
        if event := self._not_there(text):
            return event
        if match := self._PYTHON.match(text):
            return _exception(match, text, view)
        if (match := _NO_MODULE.search(text)) and absent.REPORT.match(text) is None:
            return Event(kind=kinds.SCRIPT_ERROR, identifier=normalise(match[0]), message=match[0], certain=False)
        return self._general(text, view)

    def _not_there(self, text: str) -> Event | None:
        """A file or a program that is not there, or not for this machine."""
        if match := _NO_FILE.match(text):
            facts = {fact.NAME: match["file"], fact.FORM: "file"}
            return Event(kind=kinds.BUILD_FILE_MISSING, identifier=normalise(match["file"]), message=text, facts=facts)
        match = self._MISSING.search(text)
        if match is not None and not (match["format"] and text.startswith("   ")):  # CMake quotes it
            tool = (
                next((text for name, text in match.groupdict().items() if text and name.startswith("tool")), "linker")
                .strip("' ")
                .rpartition("/")[2]
            )
            form = "format" if match["format"] or match["format2"] else "lit" if tool in {"lit", "llvm-lit"} else ""
            facts = {fact.TOOL: tool, **({fact.FORM: form} if form else {})}
            return Event(kind=kinds.TOOL_MISSING, identifier=tool, message=text, facts=facts)
        return None

    def _general(self, text: str, view: View) -> Event | None:
        match = self._TBLGEN_SAYS.match(text)
        if match is None and view.edge and "tblgen" in view.edge.command:
            match = self._TBLGEN.match(text)
        if match is not None:
            return tablegen_event(None, match["message"])
        match = self._OTHER.match(text)
        return _of_tool(match) if match is not None else None


_NO_MODULE: Final = re.compile(r"\bNo module named '?[\w.]++'?")
"""Python's, told again by a program of Python's that goes on to say something of its own."""
_NO_FILE: Final = re.compile(
    r"^(?:\S*/)?[a-z]{1,20}: cannot (?:stat|open|access|remove|copy|find|create [a-z ]{1,20}) '(?P<file>[^']+)'"
    r"(?: for [a-z]+)?: No such file or directory$"
)
"""What the system's tools (install, cp, mv) say of a file that was not made."""
_MISSES_NAME: Final = re.compile(r"cannot import name |module '[^']+' has no attribute |'\w+' object has no attribute ")
"""Python of a name that a script uses and a module no longer has."""
_BITCODE: Final = re.compile(r"\(Producer: '[^']+' Reader: '[^']+'\)|^Invalid record$|bitcode (?:version|signature)")
"""What LLVM's reader of bitcode says of a file that it does not understand, with the two versions since LLVM 3.8."""
_READS: Final = re.compile(r"^(?:.*[/\\ ])?(?P<tool>[\w.+-]+): (?:(?P<file>[^:]{1,400}): )?error: ")
_NOT_A_FILE: Final = re.compile(r"no such file or directory: '(?P<option>/[A-Za-z]\w*:|-[^']+)")
_SAYS_WHERE: Final = re.compile(r"(?<![\w-])--?[a-z][\w-]*(?:path|dir|root|prefix)\b")
"""An option by which one says where something lies."""


def _of_tool(match: re.Match[str]) -> Event:
    """What a program says is wrong, in words of its own."""
    tool, file = match["device"] or re.split(r"[/\\]", match["tool"])[-1], match["file"] or ""
    message = match["message"] or match["lacks"] or match["said"]
    text = f"{tool}: {file}: {message}" if file else f"{tool}: {message}"
    facts = {fact.TOOL: tool}
    if option := _NOT_A_FILE.search(message):
        facts[fact.OPTION] = option["option"]
        return Event(kind=kinds.TOOL_OPTION, identifier=f"{tool} {option['option']}", message=text, facts=facts)
    if _BITCODE.search(message) or file.endswith(".bc"):
        facts = {fact.FORM: "version", fact.PROGRAM: tool, fact.FILE: file}
        return Event(kind=kinds.IR_ERROR, identifier=normalise(message), message=message, facts=facts)
    if absent.is_only_status(message):
        return summary(kinds.TOOL_ERROR, "status", text)
    if match["lacks"] or _SAYS_WHERE.search(message) or absent.is_about_the_machine(message):
        facts[fact.FORM] = "absent"
    return Event(
        kind=kinds.TOOL_ERROR,
        identifier=normalise(f"{tool}: {message}"),
        message=text,
        certain=bool(match["device"]),
        facts=facts,
    )


_NO_ARCHIVES: Final = re.compile(
    r"^(?:\S*/)?llvm-config(?:-[\d.]+)?: error: (?:missing: (?P<file>\S+)|component libraries and shared library)"
)
_SELECTED: Final = re.compile(
    r"^(?:\d+>)?((?:selected|no) dialect with '-dialect' .*|when more than 1 dialect is present.*)$"
)
"""What mlir-tblgen says without the word error."""
_PANIC: Final = re.compile(
    r"^\s*+thread '[^']{1,80}'(?: \(\d+\))? panicked at (?:'(?P<old>.*)',\s?)?"
    r"(?:(?P<path>(?:[A-Za-z]:)?[^\s:']+):(?P<line>\d+)(?::\d+)?:?|(?(old)|'(?P<open>[^']+)))$"
)
"""Rust's, of a build script: newer ones say why in the next line, older ones in a quotation of several lines."""


def _panic(match: re.Match[str]) -> Event:
    message = match["old"] or match["open"] or ""
    place = Location(path=match["path"], line=int(match["line"])) if match["path"] else None
    event = Event(kind=kinds.SCRIPT_ERROR, identifier=normalise(message), message=message, place=place, certain=False)
    event.facts["form"] = "panic"
    return event


_GCC: Final = re.compile(r"(?:[\w-]+-)?(?:gcc|g\+\+|cc1|cc1plus|c\+\+|cc)(?:-[\d.]+)?$")
_CLANGS_OPTION: Final = re.compile(
    r"-(?:mllvm|Xclang|fpass-plugin|stdlib|emit-llvm|-target|flto=thin|Weverything|f(?:no-)?legacy-pass-manager"
    r"|f(?:no-)?color-diagnostics|Qunused-arguments|fsycl|fopenmp-targets|ferror-limit|ftime-trace|fcaret-diagnostics"
    r"|fexperimental|-cuda|-hip|-offload|x(?:cuda|hip))"
)
"""What only clang's driver takes."""


def _of_gcc(tool: str, option: str) -> dict[str, str]:
    """GCC speaks of a ``-Wno-`` that it does not know only where something else is wrong."""
    if not _GCC.match(tool):
        return {}
    return (
        {fact.FORM: "not-clang"} if _CLANGS_OPTION.match(option) else {SUMMARY: "yes"} if option[:5] == "-Wno-" else {}
    )


def _exception(match: re.Match[str], text: str, view: View) -> Event:
    """What a script says that ends by an exception, which may be about something that is not there."""
    if absent.tells_status(match["message"]):
        return summary(kinds.SCRIPT_ERROR, "status", text)
    if name := absent.absent_thing(text):
        return _absent(name, text)
    identifier = normalise(f"{match['type']}: {match['message']}")
    facts = {fact.FORM: "names"} if _MISSES_NAME.match(match["message"]) else {}
    place = _python_place(view.before)
    return Event(
        kind=kinds.SCRIPT_ERROR,
        identifier=identifier,
        message=text,
        place=place,
        before=tuple(view.before),
        certain=False,
        facts=facts,
    )


CHAINED: Final = ("During handling of the above exception", "The above exception was the direct cause")
"""What Python says between an exception and the one that came of it."""


def _python_place(before: Sequence[str]) -> Location | None:
    """The innermost frame of a traceback that is the project's own file."""
    found = [match for line in before if (match := re.match(r'\s+File "([^"]+)", line (\d+)', line))]
    own = [match for match in found if "site-packages" not in match[1] and not match[1].startswith("<")]
    return Location(path=own[-1][1], line=int(own[-1][2])) if own else None


class BuildToolParser(LineParser):
    """ninja, make and MSBuild about their own graph."""

    name = "build-tool"
    markers = ("ninja: ", "*** ", "error MSB", "fatal error U1077")

    _NEEDED: Final = re.compile(
        r"^ninja: error: '(?P<name>[^']+)', needed by '(?P<by>[^']+)', missing and no known rule to make it"
    )
    _MAKE_RULE: Final = re.compile(
        r"^(?:\S{0,200}make(?:\[\d+\])?: )?\*\*\* (?!\[)[^':]{1,80}'(?P<name>[^']+)'"
        r"(?:[^'.]{1,80}'(?P<by>[^']+)')?[^']{0,80}[.\u3002]"
    )
    """No rule for a target, in the words of any language: make's other complaints name a line, or nothing."""
    _MAKE: Final = re.compile(
        r"^\S*make(?:\[\d+\])?: \*\*\* \[(?:(?P<file>[^\]]*?):(?P<line>\d+): )?(?P<target>[^\]]+)\] (?P<why>.*)$"
    )

    _MAKE_SAYS: Final = re.compile(r"^(?P<path>[^\s:]++):(?P<line>\d++): \*\*\* (?:ERROR: )?(?P<said>.*\S)\s++Stop\.$")
    """What a makefile says itself when it stops."""
    _MSBUILD: Final = re.compile(
        r"^\s*(?:\d++>)?(?>\S.*?: error MSB\d++: )(?P<message>(?:Custom build for"
        r" '(?P<what>[^']+)')?(?>(?:(?! \[[^\[\]]{1,500}proj\]$).)*))(?: \[[^\]]+proj\])?$"
    )

    def parse(self, text: str, view: View) -> Event | None:  # noqa: PLR0911 (one after the other)
        if match := self._NEEDED.match(text) or self._MAKE_RULE.search(text):
            name, by = match["name"], match["by"] or ""
            facts = {fact.NAME: name, fact.BY: by, **({} if _OF_A_LIBRARY.search(name) else {fact.FORM: "file"})}
            return Event(kind=kinds.BUILD_FILE_MISSING, identifier=normalise(name), message=text, facts=facts)
        if match := self._MAKE_SAYS.match(text):
            place, said = Location(path=match["path"], line=int(match["line"])), match["said"]
            if name := absent.lacking_llvm(said):
                return _absent(name, said, place)
            return Event(kind=kinds.CONFIGURE_ERROR, identifier=normalise(said), message=said, place=place)
        if text.startswith("ninja: error: rebuilding"):  # because an edge, shown above, failed
            return summary(kinds.TOOL_ERROR, "ninja", text)
        if match := self._MSBUILD.match(text):
            what = match["what"] or match["message"]
            return Event(kind=kinds.TOOL_ERROR, identifier=normalise(f"MSBuild: {what}"), message=match["message"])
        if match := re.match(r"^ninja: error: unknown target '(?P<name>[^']+)'", text):
            return Event(
                kind=kinds.CMAKE_TARGET_MISSING,
                identifier=match["name"],
                message=text,
                facts={fact.NAME: match["name"]},
            )
        if match := re.match(r"^ninja: error: (?:loading 'build\.ninja': )?(?P<message>.*)", text):
            return Event(kind=kinds.TOOL_ERROR, identifier=f"ninja: {normalise(match['message'])}", message=text)
        if match := self._MAKE.match(text):
            facts = {
                SUMMARY: "yes",
                MAKE_TARGET: match["target"],
                MAKE_WHY: match["why"],
                MAKE_FILE: match["file"] or "",
            }
            return Event(kind=kinds.TOOL_ERROR, identifier="make", message=text, certain=False, facts=facts)
        return None


_OF_A_LIBRARY: Final = re.compile(r"\.(?:a|so|lib|dylib|dll)\b|^(?:LLVM|MLIR|clang|lld)\w*$")
_SAID: Final = re.compile(
    r"^(?P<path>(?:\S*/)?meson\.build):(?P<line>\d+):(?:\d+:)? ERROR: (?P<meson>.*)$"
    r"|^configure(?::\d+)?: error: (?!in '[^']*+':$)(?P<configure>.*)$"
    r"|^(?P<qmake>Project ERROR: .*)$|^(?P<scons>scons: \*\*\* .*)$"
)
"""What meson, configure scripts and their like say when they stop."""
_SENTENCE: Final = re.compile(
    r"^\s*+(?:[\w.+-]++: )?(?:fatal |build )?(?:[Ee]rror|ERROR|[A-Z]\w*+(?<=Error|ption))(?:\[\w+\])?: (?P<plain>.*)$"
)
"""An error without a place in a file, whoever says it."""


class ConfigureParser(LineParser):
    """meson, autoconf and others that look at the machine before anything is built."""

    name = "configure"
    markers = (
        "ERROR: ", "rror: ", "xception: ", "failed to run custom build", "scons: ***", "ersion of LLVM", "LLVM version",
    )  # fmt: skip

    def parse(self, text: str, view: View) -> Event | None:
        match = _SAID.match(text)
        if match is None:
            return _without_llvm(text)
        message = match[match.lastgroup or 0].strip()
        place = Location(path=match["path"], line=int(match["line"])) if match["path"] else None
        if name := absent.lacking_llvm(message):
            return _absent(name, message, place)
        return Event(kind=kinds.CONFIGURE_ERROR, identifier=normalise(message), message=message, place=place)

    def continues(self, event: Event, text: str) -> bool:
        """Lines that are indented; behind a colon, or where a version is the matter, those that are not, too."""
        is_more = event.message.endswith(":") or (event.kind == kinds.CMAKE_PACKAGE and not event.certain)
        return super().continues(event, text) or (
            is_more and bool(text.strip()) and len(event.detail) < _MOST_OF_SENTENCE
        )

    def finish(self, event: Event) -> Sequence[Event]:
        """A sentence goes on in the lines behind it, to its full stop."""
        is_open = event.kind == kinds.CMAKE_PACKAGE or event.message.endswith(":")
        for line in event.detail[:6] if is_open else ():
            if event.message.endswith((".", "]")) or (event.message.endswith("!") and event.certain) or "-->" in line:
                break
            event.message = f"{event.message} {line.strip()}"
        return (event,)


_MOST_OF_SENTENCE: Final = 3
"""Lines behind the first one that a sentence takes where they are not indented."""


def _absent(name: str, message: str, place: Location | None = None) -> Event:
    """LLVM, or a part of it, is not on this machine."""
    event = Event(kind=kinds.CMAKE_PACKAGE, identifier=name, message=message, place=place)
    absent.say_absent(event, name)
    return event


def _without_llvm(text: str) -> Event | None:
    """Any script's sentence that there is no LLVM, or none of a version that serves."""
    match = _SENTENCE.match(text)
    said = match["plain"] if match is not None else "" if absent.REPORT.match(text.lstrip()) else text.strip()
    name = absent.lacking_llvm(said)
    if not name and match is not None and absent.is_only_status(said):
        return summary(kinds.TOOL_ERROR, "status", text)
    event = _absent(name, said) if name else None
    if event is not None and match is None:
        event.certain = False
    return event


_BAZEL_PATCH: Final = re.compile(
    r"Error applying patch (?P<patch>\S+?): ?(?:in patch applied to (?P<file>\S+?): )?(?P<why>.*)"
)
_EXTERNAL: Final = re.compile(r"^.*?/external/([\w.+~-]+)/")


class BazelParser(LineParser):
    """Bazel about its own targets; what compilers print below speaks for itself."""

    name = "bazel"
    markers = (
        "ERROR: /", "ERROR: ~/", "ERROR: no such", "ERROR: Analysis of", "ERROR: Build did NOT", "ERROR: Skipping",
        "ERROR: An error occurred", " :: Error loading", "Error in ", "ERROR: Error computing",
    )  # fmt: skip

    _PLACED: Final = re.compile(r"^ERROR: (?P<path>[/~][^:\s]+):(?P<line>\d+):\d+: (?P<message>.*)$")
    _BARE: Final = re.compile(r"^ERROR: (?P<message>(?:no such|Skipping|Analysis of|\S+ :: Error loading).*)$")

    def parse(self, text: str, view: View) -> Event | None:  # noqa: PLR0911 (one after the other)
        if match := re.match(r"^ERROR: An error occurred during the fetch of repository '(?P<name>[^']+)'", text):
            return Event(kind=kinds.BAZEL_ERROR, identifier=f"fetch of {match['name']}", message=text, certain=False,
                         facts={"name": match["name"]}, room=60)  # fmt: skip
        if match := re.match(r"^Error in (?P<rule>\w+): (?P<message>.*)$", text):
            facts = {"form": "machine"} if match["message"].startswith("Failed to execute") else {}
            return Event(
                kind=kinds.BAZEL_ERROR, identifier=normalise(match["message"]), message=match["message"], facts=facts
            )
        if text.startswith(("ERROR: Error computing", "ERROR: Build did NOT")):
            return summary(kinds.BAZEL_ERROR, "bazel", text)
        if match := self._PLACED.match(text):
            if "failed: (" in match["message"] or absent.is_only_status(match["message"]):
                return summary(kinds.BAZEL_ERROR, "bazel", text)
            place = Location(path=match["path"], line=int(match["line"]))
            return Event(
                kind=kinds.BAZEL_ERROR,
                identifier=normalise(match["message"]),
                message=_WITHIN.sub("", match["message"]),
                place=place,
            )
        if match := self._BARE.match(text):
            return _unfetched(match["message"])
        return None

    def continues(self, event: Event, text: str) -> bool:
        """What bazel wraps, or quotes of the tool that it ran."""
        if text[:1] in {" ", "\t"}:
            return True
        is_patch = event.message.startswith("Error applying patch") or event.text.startswith("Error in patch")
        return is_patch and text.startswith(("in patch applied to", "could not apply", "error applying"))

    def finish(self, event: Event) -> Sequence[Event]:
        """A carried patch that does not apply any more is a cause with a name."""
        said = " ".join([event.message, *(line.strip() for line in event.detail)])
        match = _BAZEL_PATCH.search(said)
        if match is None:
            return (event,)
        file = match["file"] or ""
        event.kind, event.identifier, event.follow_on = (
            kinds.PATCH_FAILED,
            match["patch"].rpartition("external/")[2],
            False,
        )
        event.certain, event.message = True, " ".join(said.split())
        inside = _EXTERNAL.match(file)
        line = re.search(r"near line (\d+)", said)
        event.facts.update(file=_EXTERNAL.sub("", file), patch=match["patch"], repository=inside[1] if inside else "",
                           reason=f"near line {line[1]}" if line else "")  # fmt: skip
        return (event,)


_WITHIN: Final = re.compile(r"^.*: at \S+:\d+:\d+: ")
"""What Bazel was about, down to the line that it did not understand."""
_CHECKSUM: Final = re.compile(r"Checksum was (?P<was>\w+) but wanted (?P<wanted>\w+)")
_DOWNLOAD: Final = re.compile(
    r"^(?>.*?IOException: Error downloading )\[(?P<url>[^\]]++)\](?>.*? to \S++ )(?P<why>.*)$"
)


_STEPS: Final = re.compile(
    r"^(?:\S++ :: Error loading option \S+: |(?>(?:(?:Skipping|error loading package|error loading package under"
    r" directory) '[^']*+': )*)(?<=: ))"
)
"""What Bazel was about, one inside the other, when it read the project's own files."""


def _unfetched(message: str) -> Event:
    """A package that is not there, mostly because an archive could not be had."""
    download = _DOWNLOAD.search(message)
    if download is None:
        reason = _STEPS.sub("", message)
        facts = {fact.FORM: "own"} if reason != message else {}
        return Event(
            kind=kinds.BAZEL_ERROR, identifier=normalise(reason), message=reason, follow_on=not facts, facts=facts
        )
    host = re.match(r"https?://([\w.-]+)", download["url"])
    name = re.search(r"no such package '@*([^/']+)", message)
    facts = {"host": host[1] if host else "", "name": name[1] if name else "", "reason": download["why"]}
    if _CHECKSUM.search(download["why"]):
        facts["form"] = "checksum"
    return Event(kind=kinds.NETWORK, identifier=facts["name"] or facts["host"], message=download["why"], facts=facts)
