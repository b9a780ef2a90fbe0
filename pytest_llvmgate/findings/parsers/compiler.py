"""GCC, clang, MSVC and TableGen: ``file:line:column: error: message`` with its includes, instantiations and notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.findings.events import ERROR_LIMIT, Event, LineParser, View, summary
from pytest_llvmgate.findings.lines import plain_quotes
from pytest_llvmgate.findings.parsers import compiler_messages
from pytest_llvmgate.findings.parsers.absent import is_only_status
from pytest_llvmgate.findings.parsers.tests import expected_line, filecheck_event
from pytest_llvmgate.findings.parsers.translations import in_english
from pytest_llvmgate.kinds.catalogue import API_CHANGED, COMPILE_ERROR, FILECHECK, IR_ERROR, TABLEGEN
from pytest_llvmgate.kinds.facts import CLASS, COMPILER_SUGGESTS, FORM, HEADER, NAME, PURE, PURE_AT, SCOPE
from pytest_llvmgate.model import Location
from pytest_llvmgate.objects.cxx_names import bare_type, function_name, last_name
from pytest_llvmgate.owners.file_owners import is_in_llvm_install
from pytest_llvmgate.owners.llvms_names import is_llvms_symbol, mentions_llvms_name
from pytest_llvmgate.plain_file import source_lines

_IR_FILES: Final = (".mlir", ".ll", ".mir", ".bc", ".mlirbc", "<stdin>", "<unknown>", ".test", "within split at")

_SEVERITIES: Final = (
    r"fatal error|[Ee]rror|erreur(?: fatale)?|[Ff]ehler|schwerwiegender Fehler|errore(?: fatale)?|erro(?: fatal)?"
    r"|error fatal|ошибка|фатальная ошибка|помилка|критична помилка|ödesdigert fel"
    r"|错误|致命错误|錯誤|嚴重錯誤|エラー|致命的エラー|오류|fel|fejl|błąd|hiba|hata"
)
"""How GCC's translations call an error."""
_ENGLISH: Final = frozenset({"error", "Error", "fatal error"})
_HANDED_ON: Final = r"[^\n]{1,60}?[]:>|] {1,20}(?=[A-Za-z]:[\\/]|/)"
"""What a program puts in front that hands on what a compiler said: the path behind it is absolute."""
_GNU: Final = re.compile(
    rf"^(?:\d*> ?|{_HANDED_ON})?((?:[A-Za-z]:)?[^:\n]+?):(\d+)(?::(\d+))?: ?"
    rf"(?:internal )?({_SEVERITIES})\s?[:：]\s?(.*)$"  # noqa: RUF001
)
_TOOL_IR: Final = re.compile(r"^[^\s:]+: ([^:\n]+\.(?:ll|mir|mlir|bc)|<stdin>|-):(\d+):(\d+): error: (.*)$")
"""llc and its like put their own name in front."""
_SEVERITY_FIRST: Final = re.compile(r"^(?:fatal )?error: ((?:[A-Za-z]:)?[^:\s'\"]{1,500}\.\w{1,4}):(\d+):(\d+):? (.*)$")
"""How build systems print it that read the compiler's messages themselves."""
_LOC: Final = re.compile(
    r'^(?:\S+: )?loc\((?:callsite\()?(?:"[^"]*"\()?"(?P<path>[^"]+)":(?P<line>\d++):(?P<column>\d++)(?>.*?\): error:)'
    r" (?P<message>.*)$"
)
"""How MLIR prints a diagnostic for which it has no source."""
_MSVC: Final = re.compile(
    rf"^\s*+(?:\d++>|{_HANDED_ON})?\s*+((?:[A-Za-z]:)?[^:(\n]++)\((\d+)(?:,(\d+))?(?:-\d+)?(?:,\d+)?\)\s*+: (fatal"
    r" error|[Ee]rror)(?: ([A-Z]\w*+))? ?: ((?>(?:(?! \[[^\[\]]{1,500}proj\]$).)*))(?: \[[^\]]+proj\])?$"
)
_MSVC_BARE: Final = re.compile(
    r"^\s*+(?:\d+>)?((?:[A-Za-z]:)?[^:(\n]{1,400}?) : (?:[Cc]ommand line )?(?:fatal )?error (?P<code>[CD]\d+)\s?:"
    r" ((?>(?:(?! \[[^\[\]]{1,500}proj\]$).)*))(?: \[[^\]]+proj\])?$"
)
"""Of a file as a whole, or of the compiler: no line."""
_COMPILING: Final = re.compile(r"compiling source file '?([^')]+)'?")
_INCLUDED: Final = re.compile(r"^(?:In file included from|Included from| +from) ((?:[A-Za-z]:)?[^:\n]+):(\d+)")
_FRAME: Final = re.compile(r"^((?:[A-Za-z]:)?[^:\n]+):(\d+):(\d+):   (?:recursively )?required (?:from|by)")
_CLANG_FRAME: Final = re.compile(
    r"^((?:[A-Za-z]:)?[^:\n]+):(\d+):(\d+): note: (?:in instantiation|while|in (?:implicit|evaluation)"
    r"|.*requested here|expanded from|during)"
)
_MSVC_FRAME: Final = re.compile(r"^\s*+((?:[A-Za-z]:)?[^:(\n]++)\((\d+)(?:,\d+)?\): note: (?:see reference to|while)")
_HANDS_ON: Final = re.compile(r"^\s*\d+ \|.*(?:\w|>\(\w+\))\.\.\.\s*\)")
"""A source line that expands a pack of arguments in a call."""
_CODE: Final = re.compile(r"^\s*\d+ \| ?(.*)$")
_LIMIT: Final = re.compile(r"too many errors emitted|due to -fmax-errors|error count exceeds \d+|due to -Wfatal-errors")


class CompilerParser(LineParser):
    """Messages with a place in a file."""

    name = "compiler"
    markers = (
        "rror: ", ": error", ": Error", "atal error:", "rreur: ", "rreur :", "Fehler: ", "rror C", "rror D",
        "rrore: ", "erro: ", "fatale :", "fatale: ",
        "шибка:", "помилка:", "错误：", "错误:", "錯誤：", "錯誤:", "エラー:", "오류:", "fel:",  # noqa: RUF001
        "fejl:", "błąd:", "hiba:", "hata:",
    )  # fmt: skip

    def parse(self, text: str, view: View) -> Event | None:
        if match := _GNU.match(text):
            path, line, column, severity, message = match.groups()
            code = ""
        elif match := _MSVC.match(text):
            path, line, column, severity, code, message = match.groups(default="")
        elif match := _TOOL_IR.match(text) or _LOC.match(text) or _SEVERITY_FIRST.match(text):
            path, line, column, message = match.groups()
            code, severity = "", "error"
        elif match := _MSVC_BARE.match(text):
            path, code, message = match.groups()
            line, column, severity = None, None, "error"
            code, message = "", f"{code}: {message}"
        else:
            return _limit(text) or _without_place(text)
        is_cut = message.startswith("'") and "'" not in message[1:]
        if is_cut or code.startswith(("LNK", "MSB", "TRK")) or message.startswith(_OF_ARGUMENT):
            return None
        if path == "<unknown>" and is_only_status(message):
            return summary(COMPILE_ERROR, "status", text)
        message = _GHCS_CODE.sub("", message)
        at = int(line) if line else None
        place = Location(path=path.strip().replace("\\", "/"), line=at, column=int(column) if column else None)
        event = self._event(place, message, severity)
        event.before = tuple(view.before)
        return event

    @staticmethod
    def _event(place: Location, message: str, severity: str) -> Event:
        if place.path.endswith((".td", ".pdll")):
            return tablegen_event(place, message)
        if "CHECK" in message and "string" in message:  # FileCheck, which speaks the same grammar
            return filecheck_event(place, message)
        if place.path.endswith(_IR_FILES):
            return Event(kind=IR_ERROR, identifier=compiler_messages.normalise(message), message=message, place=place)
        if severity not in _ENGLISH or severity == "fatal error":  # the system's words may be translated alone
            message = in_english(message)
        shape = compiler_messages.classify(message)
        event = Event(
            kind=shape.kind,
            identifier=shape.identifier,
            message=message,
            place=place,
            follow_on=shape.follow_on,
            facts={FORM: shape.form},
        )
        if shape.name:
            event.facts.update(name=shape.name, scope=shape.scope)
        if severity == "fatal error" and _LIMIT.search(message):
            event.kind, event.identifier = ERROR_LIMIT, ERROR_LIMIT
        return event

    def continues(self, event: Event, text: str) -> bool:
        """Source lines, carets and notes."""
        if _OF_ARGUMENT in text:
            return True
        if _AT_MARGIN.match(text) and event.place is not None and not any("^" in line for line in event.detail):
            return True
        if not event.detail and _is_rest(event, text):
            return True
        return text[:1] in {" ", "\t"} or ": note: " in text or text.startswith(("compilation terminated", "note:"))

    def finish(self, event: Event) -> Sequence[Event]:
        """Now that the notes are known, the frames are too."""
        if event.kind == FILECHECK:
            event.code = expected_line(event.detail)
            return (event,)
        while not event.message and event.detail and not event.detail[0].strip():
            event.detail.pop(0)
        if event.place is not None and event.detail and _is_rest(event, event.detail[0]):  # a terminal broke it
            event.message += event.detail.pop(0)
            event = self._joined(event)
        if _is_cut(event):
            event = self._joined(event)
        event.detail = _whole_notes(event.detail)
        if event.before or event.detail:
            event.frames, event.includes = frames(event.before, event.detail)
            event.includes = event.includes or _compiled(event)
            event.code = next((match[1] for line in event.detail if (match := _CODE.match(line))), "")
            event.code = event.code or _bare_code(event.detail)
            event.follow_on = event.follow_on or _is_substitution(event.before)
        if refine := _REFINEMENTS.get(event.form):
            refine(event)
        _name_operation(event)
        _name_class(event)
        _name_macro(event)
        if event.form == "static-assert" and not _is_about_llvm(event):
            event.kind = COMPILE_ERROR
        if not event.is_known:
            suggestion(event)
        return (event,)

    def _joined(self, event: Event) -> Event:
        """Clang wraps messages at the width of the terminal, and goes on in the next line, indented by six."""
        words = [event.message.strip()]
        while _is_cut(event):
            words.append(event.detail.pop(0).strip())
            event.message = plain_quotes(" ".join(filter(None, words)))
        if event.place is None:
            return event
        whole = self._event(event.place, event.message, "error")
        whole.line, whole.text, whole.edge = (
            event.line,
            f"{event.text.rstrip()} {' '.join(words[1:])}".strip(),
            event.edge,
        )
        whole.before, whole.detail, whole.is_known, whole.room = event.before, event.detail, event.is_known, event.room
        return whole


def _whole_notes(detail: list[str]) -> list[str]:
    """Clang wraps notes, too: in the middle of a phrase or of a quotation they go on in the next line."""
    whole: list[str] = []
    for line in detail:
        _, note, said = whole[-1].partition(": note: ") if whole and _WRAPPED.match(line) else ("", "", "")
        if note and (_CUT_NOTE.search(said) or plain_quotes(said).count("'") % 2):
            whole[-1] = f"{whole[-1].rstrip()} {line.strip()}"
        else:
            whole.append(line)
    return whole


def _is_rest(event: Event, text: str) -> bool:
    """Whether a message that no rule knows becomes one that is known with the next line, which begins at the margin."""
    if event.form != "other" or not text[:1].isalnum() or ": " in text:
        return False
    return compiler_messages.classify(event.message + text).form != "other"


_GHCS_CODE: Final = re.compile(r"^\[(?:GHC-\d++|-W[\w-]++(?:, -Werror=[\w-]++)?)\]\s*+")
_OF_ARGUMENT: Final = "  initializing argument "
"""How old GCCs go on behind an error, in one that calls itself an error, too."""
_AT_MARGIN: Final = re.compile(r"[A-Za-z_][^'\n]{0,300}[;{(,]$")
"""A source line that is not indented, as compilers show it that do not number them."""
_WRAPPED: Final = re.compile(r"^ {6}\S")
_CUT_NOTE: Final = re.compile(r" (?:from|to|of|for|in)\s*+$")
_UNFINISHED: Final = re.compile(
    r"(?:^|[ (,])(?:a|an|the|of|to|for|in|on|from|with|by|as|is|are|has|have|not|no|does|did|and|or|type|types"
    r"|class|function"
    r"|named|member|template|namespace|argument|parameter|candidate|call|undeclared|identifier|initialization|constructor"
    r"|reference|value|conversion|declaration|declared|definition|expression|('[^']*',?))$|,$"
)


def _is_cut(event: Event) -> bool:
    """Whether the message goes on in the next line: it is empty, in the middle of a quotation or of a phrase."""
    message = event.message.strip()
    if not message and event.detail:
        return re.match(r" {2,8}[^\s|]", event.detail[0]) is not None
    if not event.detail or not _WRAPPED.match(event.detail[0]):
        return False
    if not message or message.count("'") % 2:
        return True
    is_code = len(event.detail) > 1 and re.fullmatch(r"[ |]*+[\^~][ ~^|]*+", event.detail[1]) is not None
    return not is_code and _UNFINISHED.search(message) is not None


def _compiled(event: Event) -> tuple[Location, ...]:
    """The unit that MSVC names behind an error in a header."""
    for line in (event.text, *event.detail):
        if match := _COMPILING.search(line):
            path = match[1].replace("\\", "/")
            return (Location(path=re.sub(r"^(?:\.\.?/)+", "", path)),)
    return ()


def _bare_code(detail: Sequence[str]) -> str:
    """The source line as older compilers show it: without its number, above the caret, or alone at the end."""
    if not detail or ": note:" in detail[0] or not (detail[0].startswith((" ", "\t")) or _AT_MARGIN.match(detail[0])):
        return ""
    has_caret = len(detail) > 1 and re.fullmatch(r"[ \t~]*+\^[~ ]*+", detail[1]) is not None
    return detail[0] if has_caret else ""


def _is_substitution(before: Sequence[str]) -> bool:
    """Whether GCC explains why a template does not fit: the error that it belongs to stands in front."""
    return any(": In substitution of" in line for line in before)


def _limit(text: str) -> Event | None:
    """What clang says when it stops, which has no place."""
    if _LIMIT.search(text) and text.startswith(("fatal error:", "compilation terminated")):
        return Event(kind=ERROR_LIMIT, identifier=ERROR_LIMIT, message=text)
    return None


_PLACELESS: Final = re.compile(r"^(?:fatal )?error: (?P<message>'.*|(?:no|use of|call to|implicit) .*)$")


def _without_place(text: str) -> Event | None:
    """A compiler's message that was cut out of its line: where it names something of LLVM's, that is said."""
    match = _PLACELESS.match(text)
    shape = compiler_messages.classify(match["message"]) if match is not None else None
    if match is None or shape is None or not is_llvms_symbol(shape.identifier):
        return None
    facts = {FORM: shape.form, NAME: shape.name, SCOPE: shape.scope}
    return Event(kind=shape.kind, identifier=shape.identifier, message=match["message"], certain=False, facts=facts)


def tablegen_event(place: Location | None, message: str) -> Event:
    """An error of TableGen: its identifier is what the message quotes."""
    quoted = re.search(r"(?<!\w)'([^']+)'", message)
    name = quoted[1] if quoted else ""
    event = Event(kind=TABLEGEN, identifier=compiler_messages.normalise(message), message=message, place=place)
    if name:
        event.facts[NAME] = name
    return event


def frames(before: Sequence[str], detail: Sequence[str]) -> tuple[tuple[Location, ...], tuple[Location, ...]]:
    """The places that the compiler came through: instantiations, and includes, innermost first each.

    GCC puts all of it in front of the message, clang the instantiations behind it. Includes behind it are a note's own.
    """
    inner: list[Location] = []
    includes: list[Location] = []
    for line in before:
        if "required " in line:
            if match := _FRAME.match(line):
                inner.append(_place(match))
        elif (line[:1] in {"I", " "} and "from " in line) and (match := _INCLUDED.match(line)):
            includes.append(_place(match))
    inner += _frames_behind(detail)
    if sum(line.startswith(("In file", "Included")) for line in before) > 1:
        includes.reverse()  # clang and TableGen repeat the words, outermost first; GCC says "from", innermost first
    return tuple(inner), tuple(includes)


def _frames_behind(detail: Sequence[str]) -> list[Location]:
    """Clang's and MSVC's instantiations. Templates that only hand a pack of arguments on are nobody's place to edit."""
    found: list[Location] = []
    forwarding: list[Location] = []
    for number, line in enumerate(detail):
        if "note: " in line and (match := _CLANG_FRAME.match(line) or _MSVC_FRAME.match(line)):
            source = detail[number + 1] if number + 1 < len(detail) else ""
            (forwarding if _HANDS_ON.search(source) else found).append(_place(match))
    return found or forwarding


def _place(match: re.Match[str]) -> Location:
    return Location(path=match[1].replace("\\", "/"), line=int(match[2]))


_CREATED: Final = re.compile(
    r"\b(?:create|build|replaceOpWithNewOp|createOrFold)<(?P<op>[\w:]+)|\bOpTy = (?P<op2>[\w:]+)"
    r"|function template specialization '[^'<]*<(?P<op3>[\w:]+Op)[,>]"
)
_BUILDERS: Final = ("/IR/Builders.h", "/IR/PatternMatch.h", "/IR/ImplicitLocOpBuilder.h")


def _name_operation(event: Event) -> None:
    """An error inside of ``OpBuilder::create`` is about the builders of the operation that the instantiation names."""
    in_builder = event.place is not None and event.place.path.endswith(_BUILDERS)
    is_call = event.form == "no-match" and event.identifier in {"build", "create"}
    if event.form == "convert" and re.search(r"from '(?:const )?(?:std::|nullopt_t)", event.message):
        return  # LLVM's types no longer take this one: not the operation's builders have changed
    if not in_builder and not is_call:
        return
    for line in (*reversed(event.before), *event.detail):
        if match := _CREATED.search(line):
            operation = match["op"] or match["op2"] or match["op3"]
            event.kind, event.identifier = API_CHANGED, f"{operation}::build"
            event.facts.update(form="no-match", scope=operation, name="build")
            return


def _name_class(event: Event) -> None:
    """A call is of the class that its source line names, where the message does not."""
    column = event.place.column if event.place is not None and event.form == "no-match" else None
    shown = _QUALIFIED.match(event.code, column - 1) if column and not event.facts.get(SCOPE) else None
    if shown is not None and shown["name"] == event.facts.get(NAME):
        _name_subject(event, shown[0])


def _is_about_llvm(event: Event) -> bool:
    """Whether an assertion is LLVM's, or names something of LLVM's."""
    is_in_llvm = event.place is not None and is_in_llvm_install(f"/{event.place.path}")
    return is_in_llvm or mentions_llvms_name(event.message)


_EXPANDED: Final = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+):\d+: note: expanded from macro '(?P<name>\w+)'")


def _name_macro(event: Event) -> None:
    """What does not parse where a macro of LLVM's is expanded is about that macro."""
    if event.form not in {"syntax", "other"}:
        return
    for line in event.detail:
        match = _EXPANDED.match(line) if "expanded from macro" in line else None
        if match is not None and re.search(r"(?:^|/)(?:llvm|mlir|clang)(?:-c)?/[A-Z]\w*/", match["path"]):
            event.kind, event.identifier, event.follow_on = API_CHANGED, match["name"], False
            event.facts.update({FORM: "macro", NAME: match["name"], SCOPE: ""})
            return


_PURE: Final = re.compile(
    r"note:\s{5}'(?:virtual )?(?P<signature>[^']+?)(?: \[with [^']*)?'"
    r"|unimplemented pure virtual method '(?P<name>[^']+)' in '(?P<scope>[^']+)'"
)
_WITHIN: Final = re.compile(
    r"^(?P<path>[^:]+):(?P<line>\d+):\d+: note:\s+because the following virtual functions are pure"
)


def _refine_abstract(event: Event) -> None:
    """The functions that are pure say more than the class that lacks them; its place more than its use's."""
    pure = []
    for line in event.detail:
        if match := _PURE.search(line):
            own = f"{match['scope']}::{match['name']}"
            pure.append(function_name(match["signature"]) if match["signature"] else own)
            event.facts.setdefault(PURE_AT, _include_name(":".join(line.split(":")[:2])))
        elif match := _WITHIN.match(line):
            event.place = Location(path=match["path"].replace("\\", "/"), line=int(match["line"]))
    if pure:
        event.facts.update({CLASS: event.identifier, PURE: ", ".join(dict.fromkeys(pure))})
        event.facts.update(name=last_name(pure[0]), scope=pure[0].rpartition("::")[0])


def _include_name(place: str) -> str:
    """A place in an install, as one would include the file."""
    return place.rpartition("/include/")[2]


_DECLARED: Final = re.compile(
    r"^\s*\d+ \|(?>.*?(?<!\w)(?P<name>~?\w++)\s*+\()(?=(?>.*?\b(?:override|final)\b))"
    r"(?!(?>.*?\boverride\b).*\boverride\b)"
)
_HIDDEN: Final = re.compile(r"note: hidden overloaded virtual functions? '(?P<name>[\w:~]{1,300})' declared here")


def _refine_override(event: Event) -> None:
    """What overrides nothing is not named by clang, but notes, its source line or the file itself show it."""
    if NAME in event.facts:
        return
    hidden = next((match["name"] for line in event.detail if (match := _HIDDEN.search(line))), "")
    lines = (*event.detail, _declaration_at(event.place))
    shown = next((match["name"] for line in lines if (match := _DECLARED.match(line))), "")
    if hidden:
        _name_subject(event, hidden)
    elif shown:
        event.identifier = shown
        event.facts.update(name=shown, scope="")


def _declaration_at(place: Location | None) -> str:
    """The lines of the declaration that ends at a place, as a compiler shows one, where the file is at hand."""
    lines = _lines_up_to(place, _LINES_OF_A_DECLARATION) if place is not None else ()
    if not lines:
        return ""
    *above, last = [line.partition("//")[0] for line in lines]
    return f"1 | {re.split('[;{}]', ' '.join(above))[-1]} {last}"


_LINES_OF_A_DECLARATION: Final = 6


def _lines_up_to(place: Location, count: int) -> Sequence[str]:
    """The last lines up to a place, where the file is at hand."""
    if not place.line or not place.path.startswith("/"):
        return ()
    return source_lines(Path(place.path))[max(0, place.line - count) : place.line]


_IN_CALL: Final = re.compile(r"note:\s+in call to '(?P<signature>[^']+)'")
_NAME_THERE: Final = re.compile(r"(?P<name>[A-Za-z_][\w:]*+)")
_LAST_NAME: Final = re.compile(r"(?<![\w:])(?P<name>[A-Za-z_][\w:]*+)\s*+$")


def _refine_const(event: Event) -> None:
    """GCC names the function in a note."""
    for line in event.detail:
        if match := _IN_CALL.search(line):
            _name_subject(event, function_name(match["signature"]))
            return


def _name_subject(event: Event, name: str) -> None:
    """A qualified name as what the message is about."""
    event.identifier = name
    event.facts.update({NAME: last_name(name), SCOPE: name.rpartition("::")[0]})


def _refine_base(event: Event) -> None:
    """GCC's caret stands behind the name that is no class, clang's in front of it; without the line nobody names it."""
    column = event.place.column if event.place is not None else None
    is_in_front = event.message.endswith("name")
    match = None
    if column and event.code:
        match = (
            _NAME_THERE.match(event.code, column - 1) if is_in_front else _LAST_NAME.search(event.code[: column - 1])
        )
    if match is not None:
        _name_subject(event, match["name"])
        event.facts[FORM] = "undeclared"
    else:
        event.kind, event.follow_on = COMPILE_ERROR, not is_in_front


def _refine_undeclared(event: Event) -> None:
    """Of a namespace, the source line tells what is wanted in it: that is what an LLVM can be asked for."""
    place, name = event.place, event.identifier
    if place is None or not re.fullmatch(r"[a-z]\w*", name):
        return
    wanted = re.search(rf"(?<![\w:]){name}::(?P<name>[A-Za-z_]\w*+)", event.code or "".join(_lines_up_to(place, 1)))
    if wanted is not None:
        event.facts.update({NAME: wanted["name"], SCOPE: name})


def _refine_other(event: Event) -> None:
    """A function whose result is void now: the compiler does not name it, its source line does."""
    column = event.place.column if event.place is not None else None
    if not column or not _VOID.search(event.message):
        return
    match = _LAST_NAME.search(event.code[: column - 1])
    if match is not None:
        event.kind = API_CHANGED
        _name_subject(event, match["name"])
        event.facts[FORM] = "void"


def _refine_unnamed(event: Event) -> None:
    """Clang says of a call what is wrong with it, and which function it calls in a note."""
    if NAME in event.facts:
        return
    for line in event.detail:
        if match := _SAYS_WHICH.search(line):
            if match["name"]:
                _name_subject(event, match["name"])
                return
            event.message = f"{event.message} for template '{match['of']}'"
            event.identifier = compiler_messages.normalise(event.message)
            return


def _refine_conversion(event: Event) -> None:
    """GCC calls a constructor in vain: that is no conversion where no candidate is one, besides copying and moving."""
    called = _CALLED.search(event.message)
    notes = [plain_quotes(line) for line in event.detail if "candidate" in line or "no known conversion" in line]
    taken = {last_name(bare_type(match[1])) for line in notes if (match := _TAKEN.search(line))}
    if not called or not notes or taken - {event.facts[NAME]} or any(map(_OF_TEMPLATE.search, event.detail)):
        return
    event.identifier = function_name(called[1])
    event.facts.update({FORM: "no-match", SCOPE: event.identifier.rpartition("::")[0]})


_CALLED: Final = re.compile(r"^no matching function for call to '([^']++)'")
_TAKEN: Final = re.compile(r"no known conversion for argument \d++ from '[^']++'(?: \{aka '[^']++'\})? to '([^']++)'")
_OF_TEMPLATE: Final = re.compile(r"note: +template argument deduction/substitution failed")
_QUALIFIED: Final = re.compile(r"(?>(?:\w+::)+)(?P<name>\w++)")
_SAYS_WHICH: Final = re.compile(
    r"note: '(?P<name>[\w:~]{1,300}+)' (?:declared here|has been (?:explicitly )?marked deleted here)"
    r"|note: provided for 'template<[^']*>\s*(?:class|struct) (?P<of>[\w:]++)'"
)
LLVMS_NOTE: Final = re.compile(
    r"^(?:[^:\n]*?/include/)?(?P<file>(?:llvm|mlir|clang|lld)(?:-c)?/[^:\n]{1,400}):(?P<line>\d++):(?:\d++:)? note: +"
    r"(?P<said>.*)"
)
"""What is noted at a place in a header of LLVM's, and the file as one would include it."""
_BEFORE: Final = re.compile(r"previous (?:definition|declaration)\b|'[^']*' previously (?:declared|defined) here")
_ELABORATED: Final = re.compile(r"'(?:enum|struct|union) (?P<name>\w++)'")
_LAST_DECLARED: Final = re.compile(r"(?<!\w)(?P<name>[A-Za-z_]\w*+)\s*+;\s*+$")


def _refine_redefinition(event: Event) -> None:
    """What LLVM declares as well; of a typedef the source line shows the name."""
    notes = (match for line in event.detail if (match := LLVMS_NOTE.match(line)) and _BEFORE.match(match["said"]))
    where = next((f"{match['file']}:{match['line']}" for match in notes), "")
    shown = _LAST_DECLARED.search(event.code) or _ELABORATED.search(event.message)
    name = event.facts.get(NAME) or (shown["name"] if shown is not None else "")
    if where and name:
        event.kind, event.identifier = API_CHANGED, event.identifier if NAME in event.facts else name
        event.facts.update({FORM: "taken", NAME: name, HEADER: where})


_VOID: Final = re.compile(
    r"void value not ignored|with an rvalue of type 'void'|has incomplete type 'void'|type 'void' cannot be"
)

_REFINEMENTS: Final = {
    "other": _refine_other,
    "abstract": _refine_abstract,
    "override": _refine_override,
    "const": _refine_const,
    "convert": _refine_conversion,
    "deleted": _refine_unnamed,
    "no-match": _refine_unnamed,
    "base": _refine_base,
    "undeclared": _refine_undeclared,
    "redefinition": _refine_redefinition,
}


_MEANT: Final = re.compile(
    r"(?:did you mean|suggested alternative:?|you probably meant)(?: the \w+ member)?[: ]+'([^']+)'"
)
_ALTERNATIVE: Final = re.compile(r"note:\s+'([\w:]+)'(?: declared here)?$")


def suggestion(event: Event) -> None:
    """Record what the compiler itself proposes: a hint for the successor search, now and then a misleading one."""
    for line in (event.message, *event.detail):
        if ("mean" in line or "suggested" in line) and (match := _MEANT.search(line)):
            event.facts[COMPILER_SUGGESTS] = match[1]
            return
    found = next((match[1] for line in event.detail if (match := _ALTERNATIVE.search(line))), "")
    if found and any("suggested alternative" in line for line in event.detail):
        event.facts[COMPILER_SUGGESTS] = found
