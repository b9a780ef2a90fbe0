"""A compiler launcher: of equal compile commands of several configurations, one compiles, the others take its object.

CMake puts it before every compile command (``CMAKE_<LANG>_COMPILER_LAUNCHER``), as::

    python -I -S compile_once.py STORE BUILD LLVM MLIR LAUNCHER COMPILER ARGUMENTS...

STORE belongs to one state of the sources. BUILD, LLVM and MLIR are the roots in which configurations differ; LAUNCHER
is a compiler cache to go through, or ``-``. An object is taken over only where it is shown, not assumed, that the
compiler would make the same one. The compiler, the source, the environment and all options but the preprocessor's are
the same, and nothing that the object was made from has changed since; and either

- the LLVM is the same one, the preprocessor's options are the same but for the build directory and for
  ``-D<target>_EXPORTS``, which CMake adds for the sources of plain shared libraries (its property DEFINE_SYMBOL); every
  input is equal to what this build has in its place; this build has no header that the other has not; and no input
  mentions one of those macros, or asks ``__has_include``,
- or both units are preprocessed, and the texts are equal but for the roots in line markers (GCC's documentation,
  "Preprocessor Output").

So that objects need not name the roots, these are taken out of ``__FILE__``, and the build directory out of debug
information (``-fmacro-prefix-map``, ``-fdebug-prefix-map``); an object that names one all the same serves where that
root is the same. A unit that does not compile so, and says why in terms of files, is compiled as it is asked for.

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

TAKEN = "llvmgate-taken.txt"
"""In the build directory: a line with the seconds that it took to compile, for each object that was taken over."""
FORMAT = "1"
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
    r"-(?:[DUIO].*|W(?![apl],).*|g\d?|std=.*|stdlib=.*|nostdinc.*|pedantic.*|ansi|pthread|pipe|w|c|MD|isystem|iquote"
    r"|idirafter|-?target=.*|-sysroot=.*"
    r"|f(?!.*(?:auto-profile|callgraph|coverage|dump|embed|lto|module|opt-info|plugin|profile|save|stack-usage"
    rf"|syntax-only|time-trace))[\w+-]+|m(?!llvm)[\w.+-]+|[fm](?:{_VALUES})=[\w,.+-]+)"
)
_WRAPPERS = ("ccache", "sccache", "distcc", "icecc")
_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".C", ".c++")
_HEADERS = ("", ".h", ".hh", ".hpp", ".hxx", ".inc", ".inl", ".ipp", ".tcc", ".def")
_EXPORTS = re.compile(r"-D(\w+_EXPORTS)$")
_OF_A_PROCESS = re.compile(r"MAKEFLAGS|MFLAGS|MAKELEVEL|PWD|OLDPWD|SHLVL|_|PYTEST_.*|CCACHE_.*|SCCACHE_.*")
"""Environment variables that may differ: the others are part of every key."""
_NAMES = {"{build}": ".", "{llvm}": "llvm", "{mlir}": "mlir"}
_ABOUT_FILES = (b"__FILE__", b"No such file", b"file not found", b"prefix-map")
_JUST_NOW = 5_000_000
"""Nanoseconds by which a file's time may lag behind the clock: a tick of the kernel's."""
_MANY = 20_000
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LONGEST_PAUSE = 0.1
"""Seconds between two looks at a lock."""
_PATIENCE = 2.0
"""Seconds between two looks at whether anybody is left who could give a core back."""


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
        self.preprocessor: list[str] = []
        self.searched: list[str] = []
        self.source = ""
        self._same = [FORMAT, _compiler(command[0]), _general(command[0], roots)]
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
        elif not _PLAIN.fullmatch(word):
            raise Unshareable(word)
        elif word.startswith(_PREPROCESSOR):
            self._take_preprocessor(word, next(words, "") if word in _WITH_VALUE else "")
        else:
            self._same.append(_general(word, self.roots))

    def _take_preprocessor(self, word: str, value: str) -> None:
        """A macro that names a root differs where the root does; a directory below it does not."""
        if word.startswith(("-D", "-U")):
            self.preprocessor += [word, value]
            return
        self.preprocessor += [_general(word, self.roots), _general(value, self.roots)]
        if word.startswith(_DIRECTORIES):
            self.searched.append(os.path.abspath(value or word[2:]))

    @property
    def key(self) -> str:
        """The same for all commands that differ in nothing but roots, outputs and what is the preprocessor's."""
        environment = [
            f"{name}={value}" for name, value in sorted(os.environ.items()) if not _OF_A_PROCESS.fullmatch(name)
        ]
        general = [_general(each, self.roots) for each in (os.getcwd(), *environment)]
        return _digest("\0".join([*general, *self._same]))

    @functools.cached_property
    def text(self) -> str | None:
        """A digest of the preprocessed text."""
        return _preprocessed(self.command, os.getcwd(), self.roots)

    @property
    def turn(self) -> str:
        """The name of the lock: units whose macros differ need not wait for each other."""
        return _digest("\0".join(self.preprocessor)) + ".lock"

    @property
    def own_record(self) -> str:
        """The name of the record that this command leaves."""
        return _digest(os.path.join(self.build, self.outputs["-o"])) + ".record"


def _digest(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:32]


def _compiler(path: str) -> str:
    real = os.path.realpath(path)
    if not os.path.isabs(path) or os.path.basename(real) in _WRAPPERS:
        raise Unshareable(path)
    state = os.stat(real)
    return f"{real} {state.st_size} {state.st_mtime_ns}"


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
    names = [name for name in sorted(os.listdir(directory)) if name.endswith(".record") and name != unit.own_record]
    there = {name: record for name in names if _is_there(record := _read(os.path.join(directory, name)), unit)}
    for record in there.values():
        if _made_from_the_same(record, unit):
            return record
    for name, record in there.items():
        if not _asked_for(record, unit) and _reads_the_same(record, unit, os.path.join(directory, name)):
            return record
    return None


def _read(path: str) -> Record:
    with open(path, "rb") as stream:
        return json.loads(zlib.decompress(stream.read()))  # type: ignore[no-any-return]


def _is_there(record: Record, unit: Unit) -> bool:
    """Whether the object and all that it was made from are as they were, and it names no root that is another here."""
    return (
        _state(record["object"]) == record["state"]
        and all(_state(path) == state for path, state in record["inputs"])
        and all(record["roots"][name] == unit.roots[name] for name in record["names"])
    )


def _state(path: str) -> list[int]:
    found = os.stat(path)
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def _made_from_the_same(record: Record, unit: Unit) -> bool:
    there = record["roots"]
    if there["{llvm}"] != unit.roots["{llvm}"] or there["{mlir}"] != unit.roots["{mlir}"] or record["asks"]:
        return False
    pairs = [(path, _moved(path, there, unit.roots)) for path, _ in record["inputs"]]
    here = [path for _, path in pairs]
    return (
        unit.preprocessor == record["preprocessor"]
        and all(one == other or _equal(one, other) for one, other in pairs)
        and not _more_headers(unit, here, there)
        and not _mentioned(set(unit.macros) ^ set(record["macros"]), here)
    )


def _equal(one: str, other: str) -> bool:
    try:
        with open(one, "rb") as first, open(other, "rb") as second:
            return first.read() == second.read()
    except OSError:
        return False


def _more_headers(unit: Unit, inputs: list[str], there: dict[str, str]) -> bool:
    """Whether this build has a header, where headers are looked for, that the other build has not."""
    if there["{build}"] == unit.build:
        return False
    directories = {*unit.searched, *map(os.path.dirname, (*inputs, unit.source))}
    count = 0
    for directory in (each for each in directories if f"{each}/".startswith(f"{unit.build}/")):
        for parent, below, files in os.walk(directory):
            below[:] = [name for name in below if name != "CMakeFiles"]
            count += len(files)
            for name in files:
                path = os.path.join(parent, name)
                if os.path.splitext(name)[1] in _HEADERS and not os.path.exists(_moved(path, unit.roots, there)):
                    return True
            if count > _MANY:
                return True
    return False


def _mentioned(macros: set[str], paths: list[str]) -> bool:
    if not macros:
        return False
    names = "|".join(map(re.escape, macros)).encode()
    pattern = re.compile(rb"\b_?EXPORTS\b|\b(?:" + names + rb")\b")  # "x##_EXPORTS" could make any of them
    return any(b"EXPORTS" in text and pattern.search(text) for text in map(_bytes, paths))


def _bytes(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def _asked_for(record: Record, unit: Unit) -> bool:
    """Whether the source itself mentions a macro in which the two commands differ: it is there to make a difference."""
    options = set(unit.preprocessor) ^ set(record["preprocessor"])
    names = [re.escape(word[2:].partition("=")[0]) for word in options if word.startswith(("-D", "-U"))]
    return bool(names) and re.search(rf"\b(?:{'|'.join(names)})\b".encode(), _bytes(unit.source)) is not None


def _reads_the_same(record: Record, unit: Unit, path: str) -> bool:
    """Whether both units are the same text once they are preprocessed."""
    if "text" not in record:
        record["text"] = _preprocessed(record["command"], record["directory"], record["roots"])
        _write(path, record)
    return record["text"] is not None and record["text"] == unit.text


def _preprocessed(command: list[str], directory: str, roots: dict[str, str]) -> str | None:
    """A digest of a unit's preprocessed text, roots taken out of its line markers alone."""
    import subprocess

    words = iter(command)
    kept = [word for word in words if not (word in _OUTPUTS and next(words)) and word not in ("-c", "-MD")]
    done = subprocess.run([*kept, *prefix_maps(roots), "-E"], cwd=directory, capture_output=True, check=False)
    if done.returncode or b".incbin" in done.stdout:
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
    code = _bytes(record["object"])
    if _state(record["object"]) != record["state"]:
        raise Unshareable(record["object"])  # made anew at this very moment
    with open(f"{target}.taken", "wb") as sink:
        sink.write(code)
    os.replace(f"{target}.taken", target)
    inputs = [_moved(path, there, unit.roots) for path, _ in record["inputs"]]
    named = " \\\n ".join(path.replace("$", "$$").replace("#", "\\#").replace(" ", "\\ ") for path in inputs)
    with open(unit.outputs["-MF"], "wb") as stream:
        stream.write(os.fsencode(f"{unit.outputs.get('-MT', target)}: {named}\n"))
    warnings = record["warnings"]
    for name, root in there.items():
        warnings = warnings.replace(f"{root}/", f"{unit.roots[name]}/")
    sys.stderr.buffer.write(os.fsencode(warnings))
    with open(os.path.join(unit.build, TAKEN), "a", encoding="ascii") as lines:
        lines.write(f"{record['seconds']:.3f}\n")


def prefix_maps(roots: dict[str, str]) -> list[str]:
    """Options by which an object names no root. The compilers go by the last one that fits: the longest comes last."""
    macros = [f"-fmacro-prefix-map={root}/={_NAMES[name]}/" for name, root in reversed(roots.items())]
    return [*macros, f"-fdebug-prefix-map={roots['{build}']}={_NAMES['{build}']}"]


# -- compiling -------------------------------------------------------------------------------------------------------


def compile_and_record(directory: str, unit: Unit, command: list[str]) -> int:
    """Run the compiler; leave a record of the object for the other configurations."""
    import subprocess

    started, begun = time.time_ns(), time.monotonic()
    done = subprocess.run([*command, *prefix_maps(unit.roots)], stderr=subprocess.PIPE, check=False)
    if done.returncode > 0 and any(words in done.stderr for words in _ABOUT_FILES):
        return subprocess.run(command, check=False).returncode
    sys.stderr.buffer.write(done.stderr)
    sys.stderr.flush()
    if done.returncode == 0:
        try:  # noqa: SIM105 - contextlib is not worth its import here
            _record(directory, unit, done.stderr, (started, time.monotonic() - begun))
        except Exception:  # noqa: S110 - a full disk, say: the object is there, and the others make theirs
            pass
    elif done.returncode < 0:
        os.kill(os.getpid(), -done.returncode)
    return done.returncode


def _record(directory: str, unit: Unit, warnings: bytes, times: tuple[int, float]) -> None:
    target = os.path.join(os.getcwd(), unit.outputs["-o"])
    started, seconds = times
    inputs = [os.path.join(os.getcwd(), path) for path in dependencies(unit.outputs["-MF"])]
    states = [(path, _state(path)) for path in inputs]
    if any(modified > started - _JUST_NOW for _, (_, modified, _) in states):
        return  # changed while the compiler was at it: nobody knows what it saw
    # What LLVM and the system ask for is neither the one's nor the other's.
    elsewhere = (f"{unit.roots['{llvm}']}/", f"{unit.roots['{mlir}']}/", "/usr/")
    texts = [_bytes(path) for path in inputs if not path.startswith(elsewhere)]
    if any(b".incbin" in text for text in texts):
        return
    code = _bytes(target)
    record = {
        "object": target,
        "state": _state(target),
        "names": [name for name, root in unit.roots.items() if os.fsencode(root) in code],
        "asks": any(b"__has_include" in text or b"__has_embed" in text for text in texts),
        "inputs": states,
        "preprocessor": unit.preprocessor,
        "macros": unit.macros,
        "roots": unit.roots,
        "command": unit.command,
        "directory": os.getcwd(),
        "warnings": os.fsdecode(warnings),
        "seconds": seconds,
    }
    _write(os.path.join(directory, unit.own_record), record)


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


def find_in_turn(directory: str, unit: Unit) -> Record | None:
    """The record that another process leaves that is at this very unit. None: it is ours to compile, and locked."""
    lock = os.open(os.path.join(directory, unit.turn), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    if _locked(lock):
        return find(directory, unit)
    pool = _jobserver()
    _give_back(pool)
    pause = 0.01
    while not _locked(lock):
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, 2 * pause)
    record = find(directory, unit)
    if record is not None:
        os.close(lock)  # the next one need not wait until we have a core again
    _get_back(pool)
    return record


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
    return any(_is_build(name) for name in names)


def _is_build(process: str) -> bool:
    try:
        with open(f"/proc/{process}/comm", encoding="utf-8", errors="replace") as stream:
            return stream.read().strip() in ("ninja", "cmake")
    except OSError:
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
        record = find(directory, unit) or find_in_turn(directory, unit)
        if record is not None:
            take(record, unit)
            return 0
    except Exception:
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and what it executes would, too
            signal.signal(number, signal.SIG_DFL)
        os.execvp(whole[0], whole)
    return compile_and_record(directory, unit, whole)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
