"""What headers declare, kept by their content: to parse them is most of what a question to an LLVM costs.

One database in the user's cache. What cannot be read, written or understood costs the cache, not the answer.
"""

from __future__ import annotations

import hashlib
import json
import weakref
import zlib
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_llvmgate.surface import cxx_declarations
from pytest_llvmgate.surface.cxx_declarations import Declaration, can_parse, declarations_in

if TYPE_CHECKING:
    from sqlite3 import Connection

_MOST_KEPT: Final = 8_000
"""Headers whose declarations are kept, some 5 KB each; what came first goes first."""
_LONGEST: Final = 64 << 20
"""Bytes that one header's declarations may have: more is no text of ours."""


@dataclass(frozen=True)
class DeclarationCache:
    """The declarations of headers that were parsed before."""

    directory: Path | None
    """Without one, each header is parsed when it is asked for."""

    def declarations_in(self, text: bytes) -> list[Declaration]:
        """As :func:`~pytest_llvmgate.surface.cxx_declarations.declarations_in` finds them."""
        if self._database is None:
            return declarations_in(text)
        key = hashlib.sha256(_reader() + text).digest()
        known = _kept(self._database, key)
        if known is None:
            known = declarations_in(text)
            _keep(self._database, key, known)
        return known

    @cached_property
    def _database(self) -> Connection | None:
        """The open database; ``None`` where there is no place for one, or a Python without its module."""
        if self.directory is None or not can_parse():
            return None
        path = self.directory / "declarations.sqlite"
        try:
            _reader()  # a grammar that no package tells the version of keeps nothing
            self.directory.mkdir(parents=True, exist_ok=True)
            database = _opened(path) or _opened(path)  # one that is torn is made anew
        except (OSError, ImportError):
            return None
        if database is not None:
            weakref.finalize(self, database.close)  # a database that nobody closes is a warning since Python 3.13
        return database


def _opened(path: Path) -> Connection | None:
    """The database at ``path``; ``None``, and nothing is there any more, if it was none."""
    import sqlite3

    try:
        # Units are asked about from several threads, which SQLite itself lets in one at a time.
        database = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA synchronous = OFF")  # what a crash of the machine tears is made anew
        database.execute(
            "CREATE TABLE IF NOT EXISTS headers (id INTEGER PRIMARY KEY, content BLOB UNIQUE, declared BLOB)"
        )
    except sqlite3.OperationalError:  # it is locked, or cannot be written: another process may use it
        return None
    except sqlite3.DatabaseError:
        path.unlink()
        return None
    return database


def _kept(database: Connection, key: bytes) -> list[Declaration] | None:
    import sqlite3

    try:
        row = database.execute("SELECT declared FROM headers WHERE content = ?", (key,)).fetchone()
        text = zlib.decompressobj().decompress(row[0], _LONGEST) if row is not None else b"null"
        rows = json.loads(text)
        return None if rows is None else [_declaration(*one) for one in rows]
    except (sqlite3.Error, zlib.error, ValueError, TypeError):
        return None


def _keep(database: Connection, key: bytes, found: list[Declaration]) -> None:
    import sqlite3

    packed = zlib.compress(json.dumps([astuple(one) for one in found]).encode(), 1)
    with suppress(sqlite3.Error):
        try:
            database.execute("INSERT OR REPLACE INTO headers (content, declared) VALUES (?, ?)", (key, packed))
            database.execute("DELETE FROM headers WHERE id <= (SELECT max(id) FROM headers) - ?", (_MOST_KEPT,))
        except sqlite3.OperationalError:
            database.execute("PRAGMA busy_timeout = 0")  # who waited for another process in vain waits no more


def _declaration(*row: Any) -> Declaration:
    found = dict(zip(_FIELDS, row, strict=True))
    return Declaration(**{**found, "bases": tuple(found["bases"])})


_FIELDS: Final = tuple(field.name for field in fields(Declaration))


@cache
def _reader() -> bytes:
    """What tells one way to read headers from another: this version's rules, and the grammar's."""
    rules = Path(cxx_declarations.__file__).read_bytes()
    return hashlib.sha256(rules).digest() + metadata.version("tree-sitter-cpp").encode()
