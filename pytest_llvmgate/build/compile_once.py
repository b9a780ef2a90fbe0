"""A compiler launcher: of equal compile commands of several configurations, one compiles, the others take its object.

CMake puts it before every compile command (``CMAKE_<LANG>_COMPILER_LAUNCHER``), as::

    python -I -S compile_once.py STORE BUILD LLVM MLIR LAUNCHER COMPILER ARGUMENTS...

BUILD, LLVM and MLIR are the roots in which configurations differ; LAUNCHER is a compiler cache to go through, or ``-``.
An object is taken over only where it is shown, not assumed, that the compiler would make the same one:

- The source is the same, and the command but for those roots, its outputs and what is the preprocessor's.
- The macros are the same, too, but for ``-D<target>_EXPORTS``, which CMake adds for the sources of plain shared
  libraries (its property DEFINE_SYMBOL). Every file that the object was made from is as it was then, equal to what this
  configuration has in its place, and found there; and none mentions one of those macros.
- Or else both units are preprocessed, and the texts are equal but for the roots in line markers (GCC's documentation,
  "Preprocessor Output").

So that objects need not name the roots, these are taken out of ``__FILE__``, and the build directory out of debug
information (``-fmacro-prefix-map``, ``-fdebug-prefix-map``); an object that names one all the same serves where that
root is the same. While another process compiles what is wanted here, the token of GNU make's jobserver is given back,
so that no core idles. Anything unusual about a command, and any trouble with the store, ends in plainly running the
compiler. Imports little: it is paid for every unit.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import select
import signal
import sys
import time
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Record = dict[str, Any]
    """Of an object: where it is, what it was made from, and what making it took."""

TAKEN = "llvmgate-taken.txt"
"""In the build directory: a line with the seconds that it took to compile, for each object that was taken over."""
_OUTPUTS = ("-o", "-MF", "-MT", "-MQ")
_PLAIN = re.compile(
    r"-(?:D|U|I|O|W(?![apl],)|m|g\d?$|std=|stdlib=|nostdinc|pedantic|ansi$|pthread$|pipe$|w$|c$|MD$|isystem$|iquote$"
    r"|idirafter$|-?target=|-sysroot="
    # not: what makes files besides the object, or takes some in that no dependency file names
    r"|f(?!auto-profile|callgraph|coverage|dump|module|opt-info|plugin|profile|save|stack-usage|syntax-only|test-coverage"
    r"|time-trace))"
)
_DIRECTORIES = ("-iquote", "-I", "-isystem", "-idirafter")
_WITH_VALUE = (*_DIRECTORIES, "-D", "-U")
_PREPROCESSOR = ("-D", "-U", "-nostdinc")
_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".C", ".c++")
_EXPORTS = re.compile(r"-D(\w+_EXPORTS)$")
_ENVIRONMENT = (
    "CPATH",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "GCC_EXEC_PREFIX",
    "COMPILER_PATH",
    "SOURCE_DATE_EPOCH",
)
_NAMES = {"{build}": ".", "{llvm}": "llvm", "{mlir}": "mlir"}
_LONGEST_PAUSE = 0.1
"""Seconds between two looks at a lock."""


class Unshareable(Exception):  # noqa: N818 - no error: the compiler runs as ever
    """The command is more than one object from one source, or asks for what an object alone does not give."""


class Unit:
    """One compile command, taken apart."""

    def __init__(self, command: list[str], roots: dict[str, str]) -> None:
        self.command = command
        self.roots = roots
        self.build = roots["{build}"]
        self.outputs: dict[str, str] = {}
        self.macros: list[str] = []
        self.searched: dict[str, str] = {}
        self.preprocessor: list[str] = []
        self.source = ""
        self._same = [_compiler(command[0])]
        words = iter(command[1:])
        for word in words:
            self._take_apart(word, words)
        if not self.source or not {"-o", "-MF"} <= self.outputs.keys() or {"-c", "-MD"} - set(command):
            raise Unshareable(command)

    def _take_apart(self, word: str, words: Iterator[str]) -> None:
        if word in _OUTPUTS:
            self.outputs[word] = next(words, "")
        elif match := _EXPORTS.match(word):
            self.macros.append(match[1])
        elif word[:1] not in "-@" and word.endswith(_SOURCES) and not self.source:
            self.source = word
            self._same.append(_general(word, self.roots))
        elif _PLAIN.match(word):
            value = next(words, "") if word in _WITH_VALUE else ""
            if word in _DIRECTORIES or word.startswith("-I"):
                self.searched[os.path.abspath(value or word[2:])] = word if value else "-I"
            else:
                part = self.preprocessor if word.startswith(_PREPROCESSOR) else self._same
                part += [_general(word, self.roots), _general(value, self.roots)]
        else:
            raise Unshareable(word)

    @property
    def includes(self) -> list[str]:
        """Directories in the order in which they are searched (GCC's documentation, "Directory Options")."""
        return sorted(self.searched, key=lambda each: _DIRECTORIES.index(self.searched[each]))

    @property
    def key(self) -> str:
        """The same for all commands that differ in nothing but roots, outputs and what is the preprocessor's."""
        environment = [f"{name}={os.environ[name]}" for name in _ENVIRONMENT if name in os.environ]
        parts = [_general(os.getcwd(), self.roots), *environment, *self._same]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]

    @property
    def own_record(self) -> str:
        """The name of the record that this configuration leaves."""
        return hashlib.sha256(self.build.encode("utf-8", "surrogateescape")).hexdigest()[:16] + ".json"


def _compiler(path: str) -> str:
    if not os.path.isabs(path):
        raise Unshareable(path)
    state = os.stat(path)
    return f"{os.path.realpath(path)} {state.st_size} {state.st_mtime_ns}"


def _general(text: str, roots: dict[str, str]) -> str:
    """A text with the roots taken out of it."""
    for name, root in roots.items():
        text = re.sub(re.escape(root) + r"(?![\w.-])", name, text)
    return text


def _moved(path: str, there: dict[str, str], here: dict[str, str]) -> str:
    """The place of a file in this configuration that the other has at ``path``."""
    for name, root in there.items():
        if path.startswith(f"{root}/"):
            return here[name] + path[len(root) :]
    return path


# -- what another configuration left ---------------------------------------------------------------------------------


def find(directory: str, unit: Unit) -> Record | None:
    """The record of an object that is what this command would make; None when there is none."""
    paths = [os.path.join(directory, name) for name in sorted(os.listdir(directory)) if name.endswith(".json")]
    there = {path: record for path in paths if _is_there(record := _read(path), unit)}
    for record in there.values():
        if _made_from_the_same(record, unit):
            return record
    for path, record in there.items():
        if not _asked_for(record, unit) and _reads_the_same(record, unit, path):
            return record
    return None


def _read(path: str) -> Record:
    with open(path, "rb") as stream:
        return json.loads(zlib.decompress(stream.read()))  # type: ignore[no-any-return]


def _is_there(record: Record, unit: Unit) -> bool:
    """Whether the object and all that it was made from are as they were, and it names no root that is another here."""
    return (
        record["roots"]["{build}"] != unit.build
        and _state(record["object"]) == record["state"]
        and all(_state(path) == state for path, state in record["inputs"])
        and all(record["roots"][name] == unit.roots[name] for name in record["names"])
    )


def _state(path: str) -> list[int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]


def _made_from_the_same(record: Record, unit: Unit) -> bool:
    pairs = [(path, _moved(path, record["roots"], unit.roots)) for path, _ in record["inputs"]]
    here = [path for _, path in pairs]
    return (
        unit.preprocessor == record["preprocessor"]
        and all(one == other or _equal(one, other) for one, other in pairs)
        and _found_alike(here, unit, record)
        and not _mentioned(set(unit.macros) ^ set(record["macros"]), here)
    )


def _equal(one: str, other: str) -> bool:
    try:
        if os.path.samefile(one, other):
            return True
        with open(one, "rb") as first, open(other, "rb") as second:
            return first.read() == second.read()
    except OSError:
        return False


def _found_alike(paths: list[str], unit: Unit, record: Record) -> bool:
    """Whether this command finds these files as the other found them in its place.

    Directories that only one of the two searches, and those of this build, might hold a file of a header's name.
    """
    theirs = {_moved(each, record["roots"], unit.roots): kind for each, kind in record["includes"]}
    common = [each for each in unit.includes if each in theirs]
    if common != [each for each in theirs if each in common] or any(
        theirs[each] != unit.searched[each] for each in common
    ):
        return False
    found = {each: [path for path in paths if path.startswith(f"{each}/")] for each in theirs}
    if any(found[each] for each in theirs if each not in common):
        return False
    names = {path[len(each) :] for each in common for path in found[each]}
    own = [each for each in unit.includes if each not in common or f"{each}/".startswith(f"{unit.build}/")]
    return not any(_hides(each, names, unit, record) for each in own)


def _hides(directory: str, names: set[str], unit: Unit, record: Record) -> bool:
    """Whether a directory has a file of one of these names that the other command did not see there."""
    parents: dict[str, bool] = {}
    for name in names:
        parent = os.path.dirname(directory + name)
        if parent not in parents:
            parents[parent] = os.path.isdir(parent)
        if parents[parent] and os.path.exists(directory + name):
            there = _moved(directory, unit.roots, record["roots"])
            if there not in dict(record["includes"]) or not os.path.exists(there + name):
                return True
    return False


def _mentioned(macros: set[str], paths: list[str]) -> bool:
    if not macros:
        return False
    names = "|".join(map(re.escape, macros)).encode()
    pattern = re.compile(rb"##\s*_?EXPORTS\b|\b(?:" + names + rb")\b")  # "##_EXPORTS" could make any of them
    for path in paths:
        with open(path, "rb") as stream:
            text = stream.read()
        if b"EXPORTS" in text and pattern.search(text):
            return True
    return False


def _asked_for(record: Record, unit: Unit) -> bool:
    """Whether the source itself mentions a macro in which the two commands differ: it is there to make a difference."""
    options = set(unit.preprocessor) ^ set(record["preprocessor"])
    names = [re.escape(word[2:].partition("=")[0]) for word in options if word.startswith(("-D", "-U"))]
    if not names:
        return False
    with open(unit.source, encoding="utf-8", errors="replace") as stream:
        return re.search(rf"\b(?:{'|'.join(names)})\b", stream.read()) is not None


def _reads_the_same(record: Record, unit: Unit, path: str) -> bool:
    """Whether both units are the same text once they are preprocessed."""
    if "text" not in record:
        record["text"] = _preprocessed(record["command"], record["directory"], record["roots"])
        _write(path, record)
    return record["text"] is not None and record["text"] == _preprocessed(unit.command, os.getcwd(), unit.roots)


def _preprocessed(command: list[str], directory: str, roots: dict[str, str]) -> str | None:
    """A digest of a unit's preprocessed text, roots taken out of its line markers alone."""
    import subprocess

    words = iter(command)
    kept = [word for word in words if not (word in _OUTPUTS and next(words)) and word not in ("-c", "-MD")]
    done = subprocess.run([*kept, *prefix_maps(roots), "-E"], cwd=directory, capture_output=True, check=False)
    if done.returncode:
        return None
    digest = hashlib.sha256()
    for line in done.stdout.split(b"\n"):
        digest.update(_general_marker(line, roots) if line.startswith(b"# ") else line)
        digest.update(b"\n")
    return digest.hexdigest()


def _general_marker(line: bytes, roots: dict[str, str]) -> bytes:
    for name, root in roots.items():
        line = line.replace(os.fsencode(f"{root}/"), f"{name}/".encode())
    return line


def take(record: Record, unit: Unit) -> None:
    """Put the object, its dependencies and the compiler's warnings where a compiler would have put them."""
    there, target = record["roots"], unit.outputs["-o"]
    with open(record["object"], "rb") as source, open(f"{target}.taken", "wb") as sink:
        sink.write(source.read())
    os.replace(f"{target}.taken", target)
    inputs = [_moved(path, there, unit.roots) for path, _ in record["inputs"]]
    named = " \\\n ".join(path.replace("$", "$$").replace("#", "\\#").replace(" ", "\\ ") for path in inputs)
    with open(unit.outputs["-MF"], "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(f"{unit.outputs.get('-MT', target)}: {named}\n")
    warnings = record["warnings"]
    for name, root in there.items():
        warnings = warnings.replace(f"{root}/", f"{unit.roots[name]}/")
    sys.stderr.buffer.write(warnings.encode("utf-8", "surrogateescape"))
    with open(os.path.join(unit.build, TAKEN), "a", encoding="ascii") as stream:
        stream.write(f"{record['seconds']:.3f}\n")


def prefix_maps(roots: dict[str, str]) -> list[str]:
    """Options by which an object names no root. The compilers go by the last one that fits: the longest comes last."""
    macros = [f"-fmacro-prefix-map={root}={_NAMES[name]}" for name, root in reversed(roots.items())]
    return [*macros, f"-fdebug-prefix-map={roots['{build}']}={_NAMES['{build}']}"]


# -- compiling -------------------------------------------------------------------------------------------------------


def compile_and_record(directory: str, unit: Unit, command: list[str]) -> int:
    """Run the compiler; leave a record of the object for the other configurations."""
    import subprocess

    started = time.monotonic()
    done = subprocess.run([*command, *prefix_maps(unit.roots)], stderr=subprocess.PIPE, check=False)
    sys.stderr.buffer.write(done.stderr)
    sys.stderr.flush()
    if done.returncode == 0:
        try:  # noqa: SIM105 - contextlib is not worth its import here
            _record(directory, unit, done.stderr, time.monotonic() - started)
        except OSError:
            pass  # a full disk, say: the object is there, and the others make theirs
    elif done.returncode < 0:
        os.kill(os.getpid(), -done.returncode)
    return done.returncode


def _record(directory: str, unit: Unit, warnings: bytes, seconds: float) -> None:
    target = os.path.abspath(unit.outputs["-o"])
    with open(target, "rb") as stream:
        code = stream.read()
    inputs = [os.path.abspath(path) for path in dependencies(unit.outputs["-MF"])]
    record = {
        "object": target,
        "state": _state(target),
        "names": [name for name, root in unit.roots.items() if root.encode("utf-8", "surrogateescape") in code],
        "inputs": [(path, _state(path)) for path in inputs],
        "preprocessor": unit.preprocessor,
        "includes": [(each, unit.searched[each]) for each in unit.includes],
        "macros": unit.macros,
        "roots": unit.roots,
        "command": unit.command,
        "directory": os.getcwd(),
        "warnings": warnings.decode("utf-8", "surrogateescape"),
        "seconds": seconds,
    }
    _write(os.path.join(directory, unit.own_record), record)


def dependencies(path: str) -> list[str]:
    """The files that a dependency file names after its target (GCC's documentation, "-M", and make's quoting)."""
    with open(path, encoding="utf-8", errors="surrogateescape") as stream:
        text = stream.read().replace("\\\n", " ")
    words = re.findall(r"(?:\\[ #]|\$\$|[^\s])+", text.partition(": ")[2])
    return [re.sub(r"\\([ #])", r"\1", word).replace("$$", "$") for word in words]


def _write(path: str, record: Record) -> None:
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "wb") as stream:
        stream.write(zlib.compress(json.dumps(record).encode("ascii"), 1))  # a unit of MLIR has over a thousand inputs
    os.replace(temporary, path)


# -- taking turns ----------------------------------------------------------------------------------------------------


def wait_for_turn(lock: int) -> None:
    """Take the lock of a unit. Meanwhile the core is another's."""
    if _locked(lock):
        return
    pool = _jobserver()
    if pool is not None:
        os.write(pool, b"+")
    pause = 0.01
    while not _locked(lock):
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, 2 * pause)
    while pool is not None and not _token(pool):
        select.select([pool], [], [])


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
        return os.open(found[1], os.O_RDWR | os.O_NONBLOCK) if found else None
    except OSError:
        return None


def knows_prefix_maps(compiler: str, store: str) -> bool:
    """Whether a compiler has the options: GCC since 8, clang since 10. Asked once."""
    path = os.path.join(store, hashlib.sha256(_compiler(compiler).encode()).hexdigest()[:16])
    if not os.path.exists(path):
        import subprocess

        roots = dict.fromkeys(_NAMES, "/x")
        command = [compiler, *prefix_maps(roots), "-fsyntax-only", "-x", "c++", os.devnull]
        done = subprocess.run(command, capture_output=True, check=False)
        with open(f"{path}.{os.getpid()}", "w", encoding="ascii") as stream:
            stream.write("" if done.returncode else "yes")
        os.replace(f"{path}.{os.getpid()}", path)
    return os.path.getsize(path) > 0


def main(arguments: list[str]) -> int:
    """Take an object over, or compile."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback into the log of a build that is interrupted
    store, build, llvm, mlir, launcher, *command = arguments
    whole = command if launcher == "-" else [launcher, *command]
    try:
        # One root may lie inside of another: the longest first.
        roots = sorted({"{build}": build, "{mlir}": mlir, "{llvm}": llvm}.items(), key=lambda each: -len(each[1]))
        unit = Unit(command, dict(roots))
        directory = os.path.join(store, unit.key)
        os.makedirs(directory, exist_ok=True)
        if not knows_prefix_maps(command[0], store):
            raise Unshareable(command[0])
        record = find(directory, unit)
        if record is None:
            wait_for_turn(os.open(os.path.join(directory, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666))
            record = find(directory, unit)
        if record is not None:
            take(record, unit)
            return 0
    except (Unshareable, OSError, ValueError, KeyError, zlib.error):
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and what it executes would, too
            signal.signal(number, signal.SIG_DFL)
        os.execvp(whole[0], whole)
    return compile_and_record(directory, unit, whole)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
