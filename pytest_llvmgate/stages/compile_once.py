"""A compiler launcher: of equal compile commands of several configurations, one compiles, the others take its object.

CMake puts it before every compile command (``CMAKE_<LANG>_COMPILER_LAUNCHER``), as::

    python -I -S compile_once.py STORE BUILD LLVM MLIR LAUNCHER... -- COMPILER ARGUMENTS...

These words must be the same in every round: ninja compiles anew what has another command. BUILD, LLVM and MLIR are the
roots in which configurations differ; LAUNCHER is what to compile through, if anything: a compiler cache, a farm. An
object is taken over only where it is shown, not assumed, that the compiler would make the same one, whenever and for
whichever state of the sources it was made. The compiler, the source, the environment and all options but the
preprocessor's are the same, everything that the object was made from is as it was, and no file has come since that may
hide one of these; and either

- the LLVM is the same one, the preprocessor's options are the same but for the build directory and for
  ``-D<target>_EXPORTS``, which CMake adds for the sources of plain shared libraries (its property DEFINE_SYMBOL); every
  input is equal to what this build has in its place; this build has no header that the other has not; and no input
  mentions one of those macros, or asks ``__has_include``,
- or both units are preprocessed, and the texts are equal but for the roots in line markers (GCC's documentation,
  "Preprocessor Output"), or the other one has nothing more than declarations of functions that this one does not use
  (``unused_declarations.py``).

So that objects need not name the roots, these are taken out of ``__FILE__`` and out of debug information
 (``-fmacro-prefix-map``, ``-fdebug-prefix-map``); an object that names one all the same serves where that
root is the same. A unit that does not compile so, and says why in terms of files, is compiled as it is asked for.

Every unit leaves a line that says whether it was taken over, what compiling it costs, and else why not.

While another process compiles what is wanted here, the token of GNU make's jobserver is given back, so that no core
idles. Anything unusual about a command, and any trouble with the store, ends in plainly running the compiler. Imports
little: it is paid for every unit.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
import re
import select
import signal
import stat
import sys
import time
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Record = dict[str, Any]
    """Of an object: where it is, what it was made from, and what making it took."""
    Places = list[tuple[str, str]]

UNITS = "llvmgate-units.txt"
"""In the build directory: a line of JSON for each unit of the last build, see :func:`say`."""
FORMAT = "2"
"""Of the records: part of every key."""
_OUTPUTS = ("-o", "-MF", "-MT", "-MQ")
_DIRECTORIES = ("-iquote", "-I", "-isystem", "-idirafter")
_WITH_VALUE = (*_DIRECTORIES, "-D", "-U")
_PREPROCESSOR = (*_DIRECTORIES, "-D", "-U", "-nostdinc")
_VALUES = (
    "abi-version|constexpr-[a-z-]+|diagnostics-color|error-limit|excess-precision|fp-contract|inline-limit|max-errors"
    "|message-length|sanitize|stack-protector|template-depth|tls-model|trivial-auto-var-init|visibility|arch|tune|cpu|fpu"
    "|abi|float-abi|fpmath|code-model|cmodel|prefer-vector-width|branch-protection"
)
# Not: what makes files besides the object, takes some in that no dependency file names, or hides what is in the object.
_PLAIN = re.compile(
    r"-(?:[DUIO].*|W(?![apl],).*|g(?:gdb|dwarf-[2-5])?[0-2]?|gline-tables-only|std=.*|stdlib=.*|nostdinc.*|pedantic.*|ansi|pthread|pipe|w|c|MD|isystem|iquote"
    r"|idirafter|-?target=.*|-sysroot=.*"
    r"|f(?!.*(?:auto-profile|callgraph|coverage|dump|embed|lto|module|opt-info|plugin|profile|save|stack-usage"
    rf"|syntax-only|time-trace))[\w+-]+|m(?!llvm)[\w.+-]+|[fm](?:{_VALUES})=[\w,.+-]+)"
)
_PRECOMPILED = re.compile(r"/cmake_pch\.h|\.[pg]ch$|^-include-pch$|^c(?:\+\+)?-header$")
"""CMake's name for one (its documentation, "target_precompile_headers"), and the compilers'."""
_WRAPPERS = ("ccache", "sccache", "distcc", "icecc", "recc")
_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".C", ".c++")
_HEADERS = ("", ".h", ".hh", ".hpp", ".hxx", ".inc", ".inl", ".ipp", ".tcc", ".def")
_EXPORTS = re.compile(r"-D(\w+_EXPORTS)$")
_OF_A_PROCESS = re.compile(
    r"MAKEFLAGS|MFLAGS|MAKELEVEL|PWD|OLDPWD|SHLVL|_|PYTEST_.*|CCACHE_.*|SCCACHE_.*|DISTCC_.*|LLVMGATE_COMMAND"
)
"""Environment variables that may differ: the others are part of every key."""
_TURN = "turn.lock"
"""Of units that may turn out to be the same, one compiles: who holds it."""
_NAMES = {"{build}": ".", "{llvm}": "llvm", "{mlir}": "mlir"}
_WORDS = {"{build}": "the build directory", "{llvm}": "LLVM's directory", "{mlir}": "MLIR's directory"}
_PIC = re.compile(r"-f(?:no-)?(?:pic|PIC|pie|PIE)")
"""One family, of which the last one counts (GCC's documentation, "Code Gen Options"; clang's driver does the same)."""
_NEVER_THE_SAME = re.compile(rb"\.incbin|\b__TIME(?:STAMP)?__\b|\b__DATE__\b")
"""What an object takes in that no list of inputs tells."""
_ABOUT_FILES = (b"__FILE__", b"No such file", b"file not found", b"prefix-map")
_KIB_OF_A_MIB = 1024
"""Of what getrusage(2) counts memory in, on Linux."""
_JUST_NOW = 5_000_000
"""Nanoseconds by which a file's time may lag behind the clock: a tick of the kernel's."""
_MANY = 20_000
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LONGEST_PAUSE = 0.1
"""Seconds between two looks at a lock."""
_PATIENCE = 2.0
"""Seconds between two looks at whether anybody is left who could give a core back."""


END = "--"
"""Between a launcher's words and the compiler."""
FIRST = "no other configuration had compiled it"
"""Why a unit was compiled that could not have been taken over."""


class Unshareable(Exception):  # noqa: N818 - no error: the compiler runs as ever
    """The command is more than one object from one source, or asks for what an object alone does not give; says why."""


class Unit:
    """One compile command, taken apart."""

    def __init__(self, command: list[str], roots: dict[str, str]) -> None:
        self.command = command
        self.roots = roots
        self.build = roots["{build}"]
        self.outputs: dict[str, str] = {}
        self.macros: list[str] = []
        self.preprocessor: list[str] = []
        self.searched: list[str] = []
        self.places: Places = [(f"{self.build}/", "{build}/")]
        """Directories that another configuration has elsewhere, the longest first, and what they are called here."""
        self.source = ""
        self.options: list[str] = []
        self.compiler = _compiler(command[0])
        words = iter(command[1:])
        for word in words:
            self._take_apart(word, words)
        self.places.sort(key=lambda place: -len(place[0]))
        if not self.source or not {"-o", "-MF"} <= self.outputs.keys() or {"-c", "-MD"} - set(command):
            raise Unshareable("its command is not that of CMake for one object with its dependencies")

    def _take_apart(self, word: str, words: Iterator[str]) -> None:
        if word in _OUTPUTS:
            self.outputs[word] = next(words, "")
        elif match := _EXPORTS.match(word):
            self.macros.append(match[1])
        elif word[:1] not in "-@" and word.endswith(_SOURCES) and not self.source:
            self.source = word
        elif not _PLAIN.fullmatch(word):
            raise Unshareable(_why_apart(word, self.command))
        elif word.startswith(_PREPROCESSOR):
            self._take_preprocessor(word, next(words, "") if word in _WITH_VALUE else "")
        else:
            self.options.append(_general(word, self.roots))

    def _take_preprocessor(self, word: str, value: str) -> None:
        """A macro that names a root differs where the root does; a directory below it does not."""
        if word.startswith(("-D", "-U")):
            self.preprocessor += [word, value]
            return
        self.preprocessor += [_general(word, self.roots), _general(value, self.roots)]
        if word.startswith(_DIRECTORIES):
            self._take_directory(value or word[2:])

    def _take_directory(self, directory: str) -> None:
        """A place where headers are searched for. Only such places are LLVM's: a compiler that is installed beside LLVM
        brings headers, too, and these are the same files for every configuration.
        """
        self.searched.append(os.path.abspath(directory))
        for name in ("{mlir}", "{llvm}"):
            if f"{directory}/".startswith(f"{self.roots[name]}/"):
                self.places.append((f"{directory}/", f"{name}{directory[len(self.roots[name]) :]}/"))
                return

    @property
    def key(self) -> str:
        """The same for all commands that differ in nothing but roots, outputs and what is the preprocessor's."""
        environment = [
            f"{name}={_assembler(value) if name == 'PATH' and self.is_binary else value}"
            for name, value in sorted(os.environ.items())
            if not _OF_A_PROCESS.fullmatch(name)
        ]
        general = [_general(each, self.roots) for each in (os.getcwd(), *environment, self.source)]
        return _digest("\0".join([FORMAT, self.compiler, self.command[0], *general, *self.same]))

    @property
    def is_binary(self) -> bool:
        """Whether the compiler is no script, which may look for anything on PATH."""
        with open(self.command[0], "rb") as stream:
            return stream.read(2) != b"#!"

    @property
    def same(self) -> list[str]:
        """The options that must be the same: of several of one word the last, of ``-fPIC`` and its like the last."""
        pic = [word for word in self.options if _PIC.fullmatch(word)][-1:]
        last = dict.fromkeys(word for word in reversed(self.options) if not _PIC.fullmatch(word))
        return [*pic, *reversed(last)]

    @functools.cached_property
    def whole(self) -> bytes | None:
        """The preprocessed text."""
        return _preprocessed(self.command, os.getcwd(), self.roots, self.places)

    @property
    def text(self) -> str | None:
        """A digest of it."""
        return None if self.whole is None else _digest_of(self.whole)

    @property
    def own_record(self) -> str:
        """The name of the record that this command leaves."""
        return _digest(os.path.join(self.build, self.outputs["-o"])) + ".record"


def _why_apart(option: str, command: list[str]) -> str:
    """Why a command with this option shares nothing. A precompiled header is made by every build directory anew."""
    if any(_PRECOMPILED.search(word) for word in command):
        return "it makes or takes a precompiled header"
    return f"option {option.partition('=')[0]}: it may make or read more than an object"


def _digest(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:32]


def _compiler(path: str) -> str:
    real = os.path.realpath(path)
    if not os.path.isabs(path) or os.path.basename(real) in _WRAPPERS:
        raise Unshareable(f"the compiler is {path}: which one that is cannot be told")
    state = os.stat(real)
    return f"{real} {state.st_size} {state.st_mtime_ns}"


def _assembler(path: str) -> str:
    """The one that is found there: all that a compiler that is named by its own path looks for (GCC's documentation,
    "Environment Variables", and ``-print-prog-name=as``).
    """
    for directory in path.split(os.pathsep):
        if os.access(place := os.path.join(directory, "as"), os.X_OK):
            return _compiler(os.path.abspath(place))
    return ""


def _general(text: str, roots: dict[str, str]) -> str:
    """A text with the roots taken out of it."""
    for name, root in roots.items():
        text = re.sub(re.escape(root) + r"(?![\w.-])", name, text)
    return text


def _moved(path: str, places: Places, here: dict[str, str]) -> str:
    """The place of a file in this configuration that the other, whose places are given, has at ``path``."""
    for directory, name in places:
        if path.startswith(directory):
            root = name[: name.index("}") + 1]
            return here[root] + name[len(root) :] + path[len(directory) :]
    return path


# -- what another configuration left ---------------------------------------------------------------------------------


def find(directory: str, unit: Unit) -> tuple[Record | None, str]:
    """The record of an object that is what this command would make; else None, and why there is none.

    The unit's own record comes first: a file that was changed and changed back gives the object that is still there.
    """
    names = [name for name in os.listdir(directory) if name.endswith(".record")]
    names.sort(key=lambda name: (name != unit.own_record, name))
    why, there = FIRST, {}
    for name in names:
        record = _read(os.path.join(directory, name))
        unfit = _unfit(record, unit) if record else "its record is torn"
        if record and not unfit:
            there[name] = record
        elif name != unit.own_record:
            why = unfit
    for name, record in there.items():
        if not (otherwise := _made_otherwise(record, unit)):
            return record, ""
        why = otherwise if name != unit.own_record else why
    for name, record in there.items():
        if not (otherwise := _reads_otherwise(record, unit, os.path.join(directory, name))):
            return record, ""
        why = otherwise if name != unit.own_record else why
    return None, why


def _read(path: str) -> Record | None:
    try:
        with open(path, "rb") as stream:
            return json.loads(zlib.decompress(stream.read()))  # type: ignore[no-any-return]
    except (OSError, ValueError, zlib.error):
        return None


def _unfit(record: Record, unit: Unit) -> str:
    """Why an object serves nobody, or not here; empty where it and all that it was made from are as they were."""
    if not _is(record["state"], record["object"]):
        return "the other object is gone"
    for path, state, digest in record["inputs"]:
        if not _is(state, path) and not (digest and _has_digest(path, digest)):
            return "a file that the other object was made from has changed since"
    for name in record["names"]:
        if record["roots"][name] != unit.roots[name]:
            return f"the other object names {_WORDS[name]}, which is another one here"
    return "a header has come since that may hide another" if _hidden_since(record) else ""


def _is(state: list[int], path: str) -> bool:
    try:
        return _state(path) == state
    except OSError:
        return False


def _state(path: str) -> list[int]:
    found = os.stat(path)
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def _has_digest(path: str, digest: str) -> bool:
    try:
        return _digest_of(_bytes(path)) == digest
    except OSError:
        return False


def _hidden_since(record: Record) -> bool:
    """Whether one of the names by which an input may have been included now means a younger file as well.

    The names are all ends of the inputs' paths, the places all directories of this project that were searched or
    included from; what is no file there costs no more than a look at the directory.
    """
    inputs = {os.path.normpath(path) for path, _, _ in record["inputs"]}
    ends: dict[str, list[str]] = {}
    for path in inputs:
        parts = path.split("/")
        for number in range(2, len(parts)):
            ends.setdefault(parts[number], []).append("/".join(parts[number:]))
    own = {os.path.dirname(path) for path, _, digest in record["inputs"] if digest}
    searched = {each for each in record["searched"] if not _is_elsewhere(f"{each}/", record["roots"])}
    for directory in own | searched:
        try:
            entries = os.listdir(directory)
        except OSError:
            continue
        for end in (end for entry in entries for end in ends.get(entry, ())):
            path = os.path.normpath(os.path.join(directory, end))
            if path not in inputs and _is_younger(directory, end, record["started"]):
                return True
    return False


def _is_younger(directory: str, end: str, started: int) -> bool:
    """Whether there is such a file, and it, or a directory on the way to it, has been touched since."""
    path, touched = directory, 0
    try:
        for part in end.split("/"):
            path = os.path.join(path, part)
            touched = max(touched, os.lstat(path).st_ctime_ns)
    except OSError:
        return False
    return touched > started - _JUST_NOW


def _made_otherwise(record: Record, unit: Unit) -> str:
    """Why this command may make another object, as far as that can be told without preprocessing; else empty."""
    there = record["roots"]
    if there["{llvm}"] != unit.roots["{llvm}"] or there["{mlir}"] != unit.roots["{mlir}"]:
        return "another LLVM"
    if record["asks"]:
        return "an input asks __has_include"
    if unit.preprocessor != record["preprocessor"]:
        return "other options of the preprocessor"
    pairs = [(path, _moved(path, record["places"], unit.roots)) for path, _, _ in record["inputs"]]
    here = [path for _, path in pairs]
    for one, other in pairs:
        if one != other and not _equal(one, other):
            return f"another {os.path.basename(other)}"
    if more := _more_headers(unit, here, there):
        return f"{os.path.basename(more)} is in this build alone, and may hide another header"
    macros = set(unit.macros) ^ set(record["macros"])
    return f"an input mentions {min(macros)}" if _mentioned(macros, here) else ""


def _equal(one: str, other: str) -> bool:
    try:
        return _bytes(one) == _bytes(other)
    except OSError:
        return False


def _more_headers(unit: Unit, inputs: list[str], there: dict[str, str]) -> str:
    """A header, where headers are looked for, that this build has and the other has not; empty for none."""
    if there["{build}"] == unit.build:
        return ""
    directories = {*unit.searched, *map(os.path.dirname, (*inputs, unit.source))}
    count = 0
    for directory in (each for each in directories if f"{each}/".startswith(f"{unit.build}/")):
        for parent, below, files in os.walk(directory):
            below[:] = [name for name in below if name != "CMakeFiles"]
            count += len(files)
            for name in files:
                path = os.path.join(parent, name)
                other = there["{build}"] + path[len(unit.build) :]
                if os.path.splitext(name)[1] in _HEADERS and not os.path.exists(other):
                    return path
            if count > _MANY:
                return parent
    return ""


def _mentioned(macros: set[str], paths: list[str]) -> bool:
    if not macros:
        return False
    names = "|".join(map(re.escape, macros)).encode()
    pattern = re.compile(rb"\b_?EXPORTS\b|\b(?:" + names + rb")\b")  # "x##_EXPORTS" could make any of them
    return any(b"EXPORTS" in text and pattern.search(text) for text in map(_bytes, paths))


def _bytes(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def _reads_otherwise(record: Record, unit: Unit, path: str) -> str:
    """Why both units are not the same text once they are preprocessed; empty where they are."""
    if asked := _asked_for(record, unit):
        return f"the source mentions {asked}, which differs"
    whole = None
    if "text" not in record:
        whole = _preprocessed_again(record)
        record["text"] = None if whole is None else _digest_of(whole)
        _write(path, record)
    if record["text"] is not None and unit.text in (record["text"], *record.get("alike", ())):
        return ""
    if record["text"] is not None and not record["asks"] and _declares_more(whole or _preprocessed_again(record), unit):
        record["alike"] = [*record.get("alike", ()), unit.text]  # the configurations to come need not ask again
        _write(path, record)
        return ""
    names = ", ".join(sorted(_differing_macros(record, unit))[:3])
    return f"another text once it is preprocessed{f' ({names})' if names else ''}"


def _preprocessed_again(record: Record) -> bytes | None:
    return _preprocessed(record["command"], record["directory"], record["roots"], record["places"])


def _declares_more(other: bytes | None, unit: Unit) -> bool:
    """Whether the other unit is this one with functions declared besides that it does not use."""
    if other is None or unit.whole is None or len(other) <= len(unit.whole):
        return False
    sys.path.insert(0, os.path.dirname(__file__))  # which is not there: python is started without it
    import importlib

    return bool(importlib.import_module("unused_declarations").only_declares_more(other, unit.whole))


def _differing_macros(record: Record, unit: Unit) -> set[str]:
    options = set(unit.preprocessor) ^ set(record["preprocessor"])
    return {word[2:].partition("=")[0] for word in options if word.startswith(("-D", "-U"))}


def _asked_for(record: Record, unit: Unit) -> str:
    """A macro that the source itself mentions and that differs: it is there to make a difference."""
    names = "|".join(map(re.escape, _differing_macros(record, unit)))
    found = re.search(rf"\b(?:{names})\b".encode(), _bytes(unit.source)) if names else None
    return os.fsdecode(found[0]) if found else ""


def _preprocessed(command: list[str], directory: str, roots: dict[str, str], places: Places) -> bytes | None:
    """A unit's preprocessed text, roots taken out of its line markers alone."""
    import subprocess

    words = iter(command)
    kept = [word for word in words if not (word in _OUTPUTS and next(words)) and word not in ("-c", "-MD")]
    done = subprocess.run([*kept, *prefix_maps(roots), "-E"], cwd=directory, capture_output=True, check=False)
    if done.returncode or b".incbin" in done.stdout:
        return None
    first, *others = (b"\n" + done.stdout).split(b"\n# ")
    return b"\n# ".join([first, *(_general_marker(each, places) for each in others)])[1:]


def _general_marker(text: bytes, places: Places) -> bytes:
    """A text that begins with a line marker, with roots taken out of that line."""
    line, end, rest = text.partition(b"\n")
    for directory, name in places:
        line = line.replace(b'"' + os.fsencode(directory), b'"' + name.encode())
    return line + end + rest


def take(record: Record, unit: Unit) -> None:
    """Put the object, its dependencies and the compiler's warnings where a compiler would have put them."""
    there, target = record["roots"], unit.outputs["-o"]
    code = _bytes(record["object"])
    if not _is(record["state"], record["object"]):
        raise Unshareable("the other object was made anew at this very moment")
    with open(f"{target}.taken", "wb") as sink:
        sink.write(code)
    os.replace(f"{target}.taken", target)
    inputs = [_moved(path, record["places"], unit.roots) for path, _, _ in record["inputs"]]
    named = " \\\n ".join(path.replace("$", "$$").replace("#", "\\#").replace(" ", "\\ ") for path in inputs)
    with open(unit.outputs["-MF"], "wb") as stream:
        stream.write(os.fsencode(f"{unit.outputs.get('-MT', target)}: {named}\n"))
    warnings = record["warnings"]
    for name, root in there.items():
        warnings = warnings.replace(f"{root}/", f"{unit.roots[name]}/")
    sys.stderr.buffer.write(os.fsencode(warnings))


def say(
    unit: Unit | None, build: str, command: list[str], *, why: str = "", seconds: float | None = None, peak: int = 0
) -> None:
    """One line for a unit: ``o`` its object, ``s`` its source, ``w`` why it was compiled (taken over where there is
    none), ``t`` the processor seconds that compiling takes where they are known, ``m`` the MiB of memory that it took
    here, if it was compiled here, ``k`` what it must share with another.
    """
    if f"{os.getcwd()}/".startswith(f"{build}/CMakeFiles/"):
        return  # CMake tries something out
    object_, source = (_after(option, command) for option in ("-o", "-c"))
    line: Record = {"o": object_, "s": unit.source if unit else source, "w": why, "t": seconds}
    if peak:
        line["m"] = peak
    if unit:
        line["k"] = [unit.command[0], *unit.same]
    with open(os.path.join(build, UNITS), "a", encoding="ascii") as lines:
        lines.write(f"{json.dumps(line)}\n")


def _after(option: str, command: list[str]) -> str:
    place = command.index(option) + 1 if option in command else len(command)
    return command[place] if place < len(command) else ""


def prefix_maps(roots: dict[str, str]) -> list[str]:
    """Options by which an object names no root. The compilers go by the last one that fits: the longest comes last."""
    macros = [f"-fmacro-prefix-map={root}/={_NAMES[name]}/" for name, root in reversed(roots.items())]
    return [*macros, *(f"-fdebug-prefix-map={root}={_NAMES[name]}" for name, root in reversed(roots.items()))]


# -- compiling -------------------------------------------------------------------------------------------------------


def compile_and_record(directory: str, unit: Unit, command: list[str], why: str) -> int:
    """Run the compiler; leave a record of the object for the other configurations, and say why it had to run."""
    import resource
    import subprocess

    started, log = time.time_ns(), _cache_log(command)
    environment = {**os.environ, "CCACHE_STATSLOG": log} if log else None
    done = subprocess.run([*command, *prefix_maps(unit.roots)], stderr=subprocess.PIPE, env=environment, check=False)
    if done.returncode > 0 and any(words in done.stderr for words in _ABOUT_FILES):
        return subprocess.run(command, check=False).returncode
    sys.stderr.buffer.write(done.stderr)
    sys.stderr.flush()
    if done.returncode == 0:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        before = _read(os.path.join(directory, unit.own_record)) or {"seconds": None}
        seconds = used.ru_utime + used.ru_stime if _was_compiled(command, unit, log) else before["seconds"]
        try:
            say(unit, unit.build, unit.command, why=why, seconds=seconds, peak=used.ru_maxrss // _KIB_OF_A_MIB)
            _record(directory, unit, done.stderr, started, seconds)
        except Exception:  # noqa: S110 - a full disk, say: the object is there, and the others make theirs
            pass
    elif done.returncode < 0:
        os.kill(os.getpid(), -done.returncode)
    return done.returncode


def _cache_log(command: list[str]) -> str:
    """Where ccache says whether it had to compile (ccache's manual, "stats_log"); empty for other launchers."""
    is_ccache = os.path.basename(command[0]) == "ccache" and "CCACHE_STATSLOG" not in os.environ
    return os.path.join(os.getcwd(), f"llvmgate-ccache-{os.getpid()}.txt") if is_ccache else ""


def _was_compiled(command: list[str], unit: Unit, log: str) -> bool:
    """Whether the compiler ran, and not a cache in its place: only then is its time what compiling costs."""
    if command == unit.command or (log and "CCACHE_DISABLE" in os.environ):
        return True
    if not log:
        return False
    try:
        text = _bytes(log)
        os.unlink(log)
    except OSError:
        return False
    return b"\ncache_miss\n" in text


def _record(directory: str, unit: Unit, warnings: bytes, started: int, seconds: float | None) -> None:
    target = os.path.join(os.getcwd(), unit.outputs["-o"])
    inputs = [os.path.join(os.getcwd(), path) for path in dependencies(unit.outputs["-MF"])]
    states = {path: _state(path) for path in inputs}
    if any(modified > started - _JUST_NOW for _, modified, _ in states.values()):
        return  # changed while the compiler was at it: nobody knows what it saw
    texts = {path: _bytes(path) for path in inputs if not _is_elsewhere(path, unit.roots)}
    if any(_NEVER_THE_SAME.search(text) for text in texts.values()):
        return
    digests = {path: _digest_of(text) for path, text in texts.items()}
    code = _bytes(target)
    record = {
        "object": target,
        "state": _state(target),
        "started": started,
        "names": [name for name, root in unit.roots.items() if os.fsencode(root) in code],
        "asks": any(b"__has_include" in text or b"__has_embed" in text for text in texts.values()),
        "inputs": [(path, state, digests.get(path, "")) for path, state in states.items()],
        "preprocessor": unit.preprocessor,
        "searched": unit.searched,
        "places": unit.places,
        "macros": unit.macros,
        "roots": unit.roots,
        "command": unit.command,
        "directory": os.getcwd(),
        "warnings": os.fsdecode(warnings),
        "seconds": seconds,
    }
    if record["asks"]:  # the answers may be others by the time that another configuration comes
        record["text"] = unit.text
    _write(os.path.join(directory, unit.own_record), record)


def _is_elsewhere(path: str, roots: dict[str, str]) -> bool:
    """Whether a file is LLVM's or the system's: what those ask for is neither one configuration's nor another's."""
    return path.startswith((f"{roots['{llvm}']}/", f"{roots['{mlir}']}/", "/usr/"))


def _digest_of(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]


def dependencies(path: str) -> list[str]:
    """The files that a dependency file names after its target (GCC's documentation, "-M", and make's quoting)."""
    text = os.fsdecode(_bytes(path)).replace("\\\n", " ")
    words = re.findall(r"(?:\\[ #]|\$\$|[^\s])+", text.partition(": ")[2])
    return [re.sub(r"\\([ #])", r"\1", word).replace("$$", "$") for word in words]


def _write(path: str, record: Record) -> None:
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "wb") as stream:
        stream.write(zlib.compress(json.dumps(record).encode("ascii"), 1))  # a unit of MLIR has over a thousand inputs
    os.replace(temporary, path)


# -- taking turns ----------------------------------------------------------------------------------------------------


def find_in_turn(directory: str, unit: Unit) -> tuple[Record | None, str]:
    """As :func:`find`, once no other process is at this very unit. None: it is ours to compile, and locked."""
    lock = os.open(os.path.join(directory, _TURN), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    if _locked(lock):
        return find(directory, unit)
    pool = _jobserver()
    _give_back(pool)
    pause = 0.01
    while not _locked(lock):
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, 2 * pause)
    record, why = find(directory, unit)
    if record is not None:
        os.close(lock)  # the next one need not wait until we have a core again
    _get_back(pool)
    return record, why


def _give_back(pool: int | None) -> None:
    if pool is None:
        return

    def leave(number: int, _: object) -> None:
        _token(pool)  # the build gives a token back for a command that is ended, too
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for number in _ENDING:
        signal.signal(number, leave)
    os.write(pool, b"+")


def _get_back(pool: int | None) -> None:
    if pool is None:
        return
    while not _token(pool):
        ready, _, _ = select.select([pool], [], [], _PATIENCE)
        if not ready and not _anybody_else():
            break  # who had it was killed
    for number in _ENDING:
        signal.signal(number, signal.SIG_DFL)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _token(pool: int) -> bool:
    try:
        return bool(os.read(pool, 1))
    except BlockingIOError:
        return False


def _jobserver() -> int | None:
    """The pool of cores that this build takes part in (GNU make's manual, "POSIX Jobserver Interaction")."""
    found = re.search(r"--jobserver-auth=fifo:(\S+)", os.environ.get("MAKEFLAGS", ""))
    try:
        is_pool = found is not None and stat.S_ISFIFO(os.stat(found[1]).st_mode)
        return os.open(found[1], os.O_RDWR | os.O_NONBLOCK) if found and is_pool else None
    except OSError:
        return None


def _anybody_else() -> bool:
    """Whether another build goes on that may give a core back (proc(5)); taken for granted where none can be seen."""
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getppid()]
    except OSError:
        return True
    for name in names:
        try:
            if _bytes(f"/proc/{name}/comm").strip() in (b"ninja", b"cmake"):
                return True
        except OSError:
            continue
    return False


def knows_prefix_maps(compiler: str, store: str) -> bool:
    """Whether a compiler has the options: GCC since 8, clang since 10. Asked once."""
    path = os.path.join(store, _digest(_compiler(compiler)))
    if not os.path.exists(path):
        import subprocess

        command = [compiler, *prefix_maps(dict.fromkeys(_NAMES, "/x")), "-fsyntax-only", "-x", "c++", os.devnull]
        done = subprocess.run(command, capture_output=True, check=False)
        with open(f"{path}.{os.getpid()}", "w", encoding="ascii") as stream:
            stream.write("" if done.returncode else "yes")
        os.replace(f"{path}.{os.getpid()}", path)
    return os.path.getsize(path) > 0


def main(arguments: list[str]) -> int:
    """Take an object over, or compile."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback into the log of a build that is interrupted
    store, build, llvm, mlir, *whole = arguments
    end = whole.index(END)
    command = whole[end + 1 :]
    whole[end : end + 1] = []
    unit = None
    try:
        # One root may lie inside of another: the longest first.
        roots = sorted({"{build}": build, "{mlir}": mlir, "{llvm}": llvm}.items(), key=lambda each: -len(each[1]))
        unit = Unit(command, dict(roots))
        directory = os.path.join(store, unit.key)
        os.makedirs(directory, exist_ok=True)
        if not knows_prefix_maps(command[0], store):
            raise Unshareable("the compiler knows no -fmacro-prefix-map")
        record, why = find(directory, unit)
        if record is None:
            record, why = find_in_turn(directory, unit)
        if record is not None:
            take(record, unit)
            say(unit, build, command, seconds=record["seconds"])
            if record["object"] == os.path.join(os.getcwd(), unit.outputs["-o"]):  # another file, with the same bytes
                _write(os.path.join(directory, unit.own_record), {**record, "state": _state(record["object"])})
            return 0
    except Exception as error:
        leave_alone(unit, build, command, error)
        os.execvp(whole[0], whole)
    return compile_and_record(directory, unit, whole, why)


def leave_alone(unit: Unit | None, build: str, command: list[str], error: Exception) -> None:
    """Before the compiler takes this process's place: say why."""
    why = str(error) if isinstance(error, Unshareable) else f"the store of objects: {error}"
    try:  # noqa: SIM105 - contextlib is not worth its import here
        say(unit, build, command, why=why)
    except OSError:
        pass
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and what it executes would, too
        signal.signal(number, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
