"""What one LLVM offers to code that includes its headers: declarations with owners, and what includes what.

Lazy: the index of words says which headers to look at, and only these are parsed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.objects.cxx_names import names_a_class
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.declaration_cache import DeclarationCache
from pytest_llvmgate.surface.header_files import CommittedHeaders, HeaderFiles, InstalledHeaders
from pytest_llvmgate.surface.word_index import WordIndex, open_index

_MOST_PARSED: Final = 40
"""Headers that are parsed for one question: a name that more of them mention is looked for in the likeliest."""
_BIGGEST: Final = 6 << 20
_DEEPEST: Final = 8
"""Base classes of base classes that are followed."""
_TD: Final = re.compile(
    rb"^[ \t]*(?P<kind>class|def|defvar|multiclass|defm)[ \t]+(?P<name>\w+)(?P<rest>[^\n]*)", re.MULTILINE
)


@dataclass(kw_only=True)
class Surface:
    """One LLVM."""

    files: HeaderFiles
    cache: Path | None = None
    """Directory of the indexes and declarations; without one they are made in memory."""
    _parsed: dict[str, tuple[Declaration, ...]] = field(default_factory=dict)
    _found: dict[tuple[str, str], tuple[Declaration, ...]] = field(default_factory=dict)
    """Answers by name and scope: one error is asked about from many sides, and each question reads headers."""
    _classes: dict[tuple[str, tuple[str, ...]], Declaration | None] = field(default_factory=dict)
    """Classes by name and the scopes in which they are looked for."""

    @cached_property
    def headers(self) -> frozenset[str]:
        """Everything that can be included, by its name in an ``#include``."""
        return frozenset(self.files.contents)

    @cached_property
    def _index(self) -> WordIndex:
        return open_index(self.files, self.cache)

    @cached_property
    def _known(self) -> DeclarationCache:
        return DeclarationCache(self.cache)

    def words_from(self, start: str) -> frozenset[str]:
        """All identifiers of the headers that begin with ``start``."""
        return self._index.words_from(start)

    def mentioning(self, word: str) -> list[str]:
        """The headers that say an identifier."""
        return self._index.files_with(word)

    # -- declarations -------------------------------------------------------------------------------------------------

    def declarations(self, name: str, scope: str = "") -> tuple[Declaration, ...]:
        """Everything of that name that the likeliest headers declare; of ``scope`` alone where one is given."""
        if (name, scope) not in self._found:
            found = tuple(one for one in self._one_by_one(name, scope) if _is_of(one, scope))
            self._found[name, scope] = found or tuple(one for one in self._pasted(name) if _is_of(one, scope))
        return self._found[name, scope]

    def _pasted(self, name: str) -> Iterator[Declaration]:
        """An enumerator that a macro makes of pieces, one of which a ``.def`` file lists: ``DW_TAG_##NAME``."""
        for at in (match.end() for match in re.finditer(r"_(?=[A-Za-z])", name)):
            start, rest = name[:at], name[at:]
            for file in self.mentioning(start) if self.mentioning(rest) else ():
                text = self.content(file)
                line = text.count(b"\n", 0, max(0, text.find(f"{start}##".encode()))) + 1
                around = [one for one in self.declared_in(file) if one.form == "enum" and one.line <= line]
                if around:
                    yield Declaration(form="enumerator", name=name, owner=around[-1].owner, file=file, line=line)

    def _one_by_one(self, name: str, scope: str) -> Iterator[Declaration]:
        """What has that name, each header parsed when it is asked for."""
        there = (one for file, data in self._likely(name, scope) for one in self._declared_by(file, data))
        return (one for one in there if one.name == name)

    def declaring(self, name: str) -> list[str]:
        """The likeliest headers of those in which a line looks like a declaration of ``name``: none is parsed."""
        return [file for file, _ in self._likely(name, "")]

    def _likely(self, name: str, scope: str) -> Iterator[tuple[str, bytes]]:
        """Headers in which a line looks like a declaration of the name, the likeliest first, with their contents."""
        files = [file for file in self._index.files_with(name) if not file.endswith(".td")]
        around = scope.rpartition("::")[2]
        owner = around if names_a_class(around) else ""
        if owner and len(files) > 1:
            together = set(self._index.files_with(owner))
            files = [file for file in files if file in together]
        files.sort(key=lambda file: (_stem(file) != (owner or name).lower(), file.endswith(".inc"), len(file)))
        word = name.encode()
        return itertools.islice((one for one in self.files.read(files) if _may_declare(one[1], word)), _MOST_PARSED)

    def declared_in(self, file: str) -> tuple[Declaration, ...]:
        """What one header declares; of a ``.td`` file, its records."""
        return self._parsed[file] if file in self._parsed else self._declared_by(file, self.content(file))

    def _declared_by(self, file: str, data: bytes) -> tuple[Declaration, ...]:
        if file not in self._parsed:
            read = _records_in if file.endswith(".td") else self._known.declarations_in
            found = read(data) if len(data) <= _BIGGEST else []
            self._parsed[file] = tuple(replace(one, file=file) for one in found)
        return self._parsed[file]

    def content(self, file: str) -> bytes:
        """A header's text; empty where there is none."""
        return next((data for _, data in self.files.read([file])), b"")

    def said_of(self, declared: Declaration) -> str:
        """The comments and attributes in front of a declaration, and its first line."""
        lines = self.content(declared.file).decode("utf-8", "replace").split("\n")
        first = declared.line - 1
        while first > 0 and not _ENDS_ANOTHER.search(lines[first - 1]):
            first -= 1
        return "\n".join(lines[first : declared.line])

    def definition_of(self, name: str) -> Declaration | None:
        """The class (or enumeration, or alias) of that name, qualified or not: its definition before anything else."""
        scope, _, last = name.rpartition("::")
        if scope and (defined := self._class_of(last, [scope])) is not None:
            return defined
        found = [one for one in self.declarations(last, scope) if one.form in {"class", "enum", "alias", "typedef"}]
        found.sort(key=lambda one: (not one.is_definition, one.file.endswith(".inc"), one.owner.count("::")))
        return found[0] if found else None

    def _class_of(self, name: str, scopes: Sequence[str]) -> Declaration | None:
        """A class by its whole name, in one of some scopes: mostly in the first header that is looked at."""
        key = (name, tuple(scopes))
        if key not in self._classes:
            classes = (one for one in self._one_by_one(name, scopes[0]) if one.is_definition and one.form == "class")
            self._classes[key] = next((one for one in classes if one.owner in scopes), None)
        return self._classes[key]

    def members(self, owner: str) -> tuple[Declaration, ...]:
        """What a class declares itself."""
        defined = self.definition_of(owner)
        if defined is None or defined.form not in {"class", "enum"}:
            return ()
        return tuple(one for one in self.declared_in(defined.file) if one.owner == defined.qualified)

    def member(self, owner: str, name: str) -> tuple[Declaration, ...]:
        """The members of that name, of the class or of the nearest base class that has any."""
        named = (tuple(one for one in self.members(each) if one.name == name) for each in self.lineage(owner))
        return next((found for found in named if found), ())

    def visible_members(self, owner: str) -> tuple[Declaration, ...]:
        """What a class has, its base classes' members with it."""
        return tuple(one for each in self.lineage(owner) for one in self.members(each))

    def is_private(self, declared: Declaration) -> bool:
        """Whether only the class itself may use a member: the word above it and further to the left says so."""
        lines = self.content(declared.file).decode("utf-8", "replace").split("\n")[: declared.line]
        indent = len(lines[-1]) - len(lines[-1].lstrip()) if lines else 0
        above = (line for line in reversed(lines) if line.strip() and not line.startswith("#"))
        return next((line.strip() for line in above if not line.startswith(" " * indent)), "") == "private:"

    def named(self, name: str, scope: str = "") -> tuple[Declaration, ...]:
        """What has that name in a scope: in a class with its bases, else in a namespace; anywhere without a scope."""
        is_class = names_a_class(scope) and self.definition_of(scope) is not None
        return self.member(scope, name) if is_class else self.declarations(name, scope)

    def named_as(self, declared: Declaration) -> tuple[Declaration, ...]:
        """What has the name of another LLVM's declaration in its scope; of a record of TableGen, records."""
        if declared.form == "def":
            return tuple(one for one in self.records(declared.name) if one.name == declared.name)
        return self.declarations(declared.name, declared.owner)

    def lineage(self, owner: str) -> Iterator[str]:
        """A class and its base classes, the nearest first."""
        waiting, seen = [owner], set[str]()
        while waiting and len(seen) < _DEEPEST:
            current = waiting.pop(0)
            if current in seen:
                continue
            seen.add(current)
            yield current
            defined = self.definition_of(current)
            waiting += [self._seen_from(defined.owner, base) for base in defined.bases] if defined is not None else []

    def _seen_from(self, scope: str, name: str) -> str:
        """A class as it is written in a namespace, qualified where that namespace or one around it has it."""
        scopes = list(itertools.accumulate(scope.split("::"), "{}::{}".format))[::-1]
        defined = self._class_of(name, scopes) if name.isidentifier() and scope else None
        return defined.qualified if defined is not None else name.lstrip(":")

    def has_class(self, name: str) -> bool:
        """Whether a class of that name is defined, or made by TableGen of a definition."""
        return self.definition_of(name) is not None or bool(self.records(name.rpartition("::")[2]))

    # -- TableGen -----------------------------------------------------------------------------------------------------

    def records(self, name: str) -> tuple[Declaration, ...]:
        """``class`` and ``def`` of TableGen with that name; for a class of C++, the ``def`` that it is made of."""
        there = (one for file, data in self.files.read(self._td_files(name)) for one in self._declared_by(file, data))
        found = (one for one in there if one.name == name or _makes_class(one, name))
        return tuple(sorted(found, key=lambda one: (one.name != name, one.file)))

    def _td_files(self, name: str) -> list[str]:
        return [file for file in self._index.files_with(name) if file.endswith(".td")] or [
            file for file in self._index.names if file.endswith("Ops.td")
        ]

    # -- includes -----------------------------------------------------------------------------------------------------

    def included_by(self, header: str) -> tuple[str, ...]:
        """What a header includes directly, of this LLVM's headers."""
        return tuple(name for name in self._index.includes.get(header, ()) if name in self.headers)

    def to_include(self, file: str) -> str:
        """The header to include for what a file declares: of one that TableGen makes, the one that includes it."""
        if not file.endswith(".inc"):
            return file
        there = [name for name, files in self._index.includes.items() if file in files and not name.endswith(".inc")]
        beside = [name for name in there if name.rpartition("/")[0] == file.rpartition("/")[0]]
        return min(beside or there, key=len, default=file.removesuffix(".inc"))

    def reached_from(self, headers: Iterable[str]) -> frozenset[str]:
        """The headers that come with some others, directly or not, themselves included."""
        found: set[str] = set()
        waiting = list(headers)
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self.included_by(current)
        return frozenset(found)


def _records_in(data: bytes) -> list[Declaration]:
    return [
        Declaration(
            form="def",
            name=match["name"].decode(),
            signature=" ".join(match[0].decode("utf-8", "replace").split()).rstrip("{ "),
            line=data.count(b"\n", 0, match.start("name")) + 1,
        )
        for match in _TD.finditer(data)
    ]


def _makes_class(record: Declaration, name: str) -> bool:
    """``def Pear_GrowOp`` is what ``GrowOp`` is made of."""
    return record.signature.startswith("def ") and record.name.rpartition("_")[2] == name


_ENDS_ANOTHER: Final = re.compile(r"^(?!\s*(?://|/?\*)).*[;{}:]\s*(?://.*)?$|^\s*(?:#.*)?$")
"""A line that is no comment and ends what stands before a declaration, or an empty one."""
_USES: Final = re.compile(rb"\breturn\b|//|[=(.,!?<]|->|::$|&&|\|\|")
"""What in front of a name on its line shows that the line uses the name rather than declares it."""
_CONSTANT: Final = re.compile(rb"\s*(?:static|constexpr|inline|const|extern)\b[\w\s:]*$")
_TYPE_WORDS: Final = re.compile(rb"\b(?:class|struct|enum|union|using|typedef|define)\b")


def _may_declare(data: bytes, name: bytes) -> bool:
    """Whether any line looks like a declaration of ``name``: cheap, and never wrong about a line that is one."""
    at = data.find(name)
    while at >= 0:
        end = at + len(name)
        begin = data.rfind(b"\n", 0, at) + 1
        if not _is_word(data[at - 1 : at]) and not _is_word(data[end : end + 1]) and _declares(data, begin, at, end):
            return True
        at = data.find(name, end)
    return False


def _declares(data: bytes, begin: int, at: int, end: int) -> bool:
    front, after = data[begin:at], data[end : end + 40].lstrip()[:1]
    if _TYPE_WORDS.search(front):  # a forward declaration says nothing of what is in a class
        stop = data.find(b"\n", end)
        return not (b"typedef" not in front and data[end:stop].strip() == b";")
    if after == b"(":
        return not _USES.search(_without_template(front))
    is_constant = after == b"=" and _CONSTANT.match(front) is not None
    return is_constant or (not front.strip() and after in {b",", b"=", b"}", b"/", b""})  # an enumerator


def _without_template(front: bytes) -> bytes:
    """A return type's template arguments hold commas and brackets."""
    while b"<" in front and b">" in front:
        stop = front.find(b">")
        start = front.rfind(b"<", 0, stop)
        if start < 0:
            break
        front = front[:start] + front[stop + 1 :]
    return front


def _is_word(char: bytes) -> bool:
    return char.isalnum() or char == b"_"


def _is_of(declared: Declaration, scope: str) -> bool:
    """Whether a declaration belongs to a scope that may be written shorter, or longer by an inline namespace."""
    owner = declared.owner
    return owner == scope or owner.endswith(f"::{scope}") or scope.endswith(f"::{owner}") or not scope


def _stem(file: str) -> str:
    return file.rpartition("/")[2].partition(".")[0].lower()


@lru_cache(maxsize=8)
def surface_of_install(prefixes: tuple[Path, ...]) -> Surface:
    """The surface of an install (or of an LLVM's and an MLIR's side by side), once per process."""
    return Surface(files=InstalledHeaders(prefixes), cache=cache_root() / "surface")


def surface_of_commit(files: CommittedHeaders) -> Surface:
    """The surface of a commit of a clone: without what TableGen would make."""
    return Surface(files=files, cache=cache_root() / "surface")
