"""What a patch says it changes, and the refusal of patches that change what none may.

A patch comes with a pull request. git refuses paths that lead out of a tree, and newer versions more; what is refused
here, is refused with any version, before git sees the patch, and with the place in the file. The forms are those of
git-diff(1), "Generating patch text with -p", and of the plain unified diff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.errors import SupplyError

_AT: Final = re.compile(rb"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
_NAMED: Final = (b"rename from ", b"rename to ", b"copy from ", b"copy to ")
_MODE: Final = re.compile(rb"(?:new file mode|new mode|old mode|deleted file mode|index \S{1,130})\s{1,9}([0-7]{5,20})")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", '"': '"', "\\": "\\"}
_KIND: Final = 0o170000
_LINK: Final = 0o120000
_GITLINK: Final = 0o160000
"""What a mode's first digits say (git-fast-import(1))."""
_DOT_GIT: Final = re.compile(r"\.git[ .]*|git~[0-9]{1,4}", re.IGNORECASE)
"""What some file system takes for ``.git`` (git's own fsck checks, CVE-2014-9390)."""
LARGEST: Final = 16 << 20
"""Bytes of a patch."""


class BadPatchError(SupplyError):
    """A patch that is none, or that changes what no patch may."""


@dataclass(kw_only=True)
class FileChange:
    """What a patch does to one file."""

    line: int
    """Of the patch where it begins, 1-based."""
    head: list[bytes] = field(default_factory=list)
    """The lines before its first hunk."""
    paths: list[str] = field(default_factory=list)
    """As written, without their first component."""
    hunks: list[tuple[int, list[bytes]]] = field(default_factory=list)
    """Line of the patch, and the lines of the hunk."""

    @property
    def path(self) -> str:
        """The file, as it is called afterwards; before, where it goes."""
        return self.paths[-1] if self.paths else ""

    @property
    def whole(self) -> bytes:
        """The change of this file as git writes one, whatever wrote it: what patch-ids are made from."""
        return b"\n".join((*self._head_of_git(), *(line for _, hunk in self.hunks for line in hunk), b""))

    def _head_of_git(self) -> Iterator[bytes]:
        path = self.path.encode("utf-8", "surrogateescape")
        old, new = (any(line.startswith(sign + b" /dev/null") for line in self.head) for sign in (b"---", b"+++"))
        modes = [line.rstrip() for line in self.head if _MODE.match(line) and not line.startswith(b"index ")]
        yield b"diff --git a/%s b/%s" % (path, path)
        yield from modes or ((b"new file mode 100644",) if old else (b"deleted file mode 100644",) if new else ())
        yield b"--- /dev/null" if old else b"--- a/" + path
        yield b"+++ /dev/null" if new else b"+++ b/" + path

    def alone(self, hunk: int) -> bytes:
        """A patch of this one hunk."""
        return b"\n".join((*self.head, *self.hunks[hunk][1], b""))


def file_changes(content: bytes, name: str) -> tuple[FileChange, ...]:
    """The files that a patch changes, in its order.

    Raises :class:`BadPatchError` for one that changes nothing, that is torn or binary, that leads out of its tree or
    into git's own files, or makes a link or a submodule. ``name`` is what it is called.
    """
    if len(content) > LARGEST:
        raise BadPatchError(f"expected a patch of at most {LARGEST >> 20} MiB, found {len(content) >> 20}", where=name)
    changes = tuple(_PatchReader(content.split(b"\n"), name).read())
    if not changes:
        raise BadPatchError(
            "expected a patch, found no change in it", where=name, hint="write it with: git format-patch -1 COMMIT"
        )
    for change in changes:
        _check(change, name)
    return changes


class _PatchReader:
    def __init__(self, lines: list[bytes], name: str) -> None:
        self.lines = lines
        self.name = name

    def read(self) -> Iterator[FileChange]:
        change: FileChange | None = None
        at = 0
        while at < len(self.lines):
            line = self.lines[at].rstrip(b"\r")
            is_pair = line.startswith(b"--- ") and self._next(at).startswith(b"+++ ")
            is_part = change is not None and _is_gits(change) and not change.hunks
            if line.startswith(b"diff --git ") or (is_pair and not is_part):
                if change is not None and (change.hunks or _is_gits(change)):
                    yield change
                change = FileChange(line=at + 1, paths=_names_of_git(line))
            if change is None:
                at += 1
            elif match := _AT.match(line):
                at = self._hunk(change, at, match)
            else:
                self._head(change, at, line)
                at += 1
        if change is not None and (change.hunks or _is_gits(change)):
            yield change

    def _next(self, at: int) -> bytes:
        return self.lines[at + 1] if at + 1 < len(self.lines) else b""

    def _head(self, change: FileChange, at: int, line: bytes) -> None:
        if line.startswith((b"GIT binary patch", b"Binary files ")):
            raise self._bad(at, "expected a text patch, found a binary one", "carry the change of sources alone")
        if change.hunks:
            return  # between a hunk and the next file: a mail's signature
        change.head.append(self.lines[at])
        if line.startswith((b"--- ", b"+++ ")):
            path = _stripped(_unquoted(line[4:].split(b"\t")[0]))
            change.paths += [path] if path else []
        elif named := next((word for word in _NAMED if line.startswith(word)), b""):
            change.paths.append(_unquoted(line[len(named) :]))
        elif (mode := _MODE.match(line)) and int(mode[1], 8) & _KIND in (_LINK, _GITLINK):
            what = "a symbolic link" if int(mode[1], 8) & _KIND == _LINK else "a submodule"
            raise self._bad(at, f"expected a change of files, found one of {what}", "carry the change of files alone")

    def _hunk(self, change: FileChange, at: int, match: re.Match[bytes]) -> int:
        """Read the hunk that begins at ``at``; where the next line is."""
        start = at
        old, new = (int(number) if number is not None else 1 for number in match.groups())
        at += 1
        while old > 0 or new > 0:
            if at >= len(self.lines):
                raise self._bad(start, "expected a whole hunk, found that the patch ends in it", "write the patch anew")
            sign = self.lines[at][:1]
            if sign not in (b" ", b"-", b"+", b"\\", b"", b"\r"):
                raise self._bad(at, "expected a line of a hunk, found something else", "write the patch anew")
            old -= sign in (b" ", b"-", b"", b"\r")
            new -= sign in (b" ", b"+", b"", b"\r")
            at += 1
        while at < len(self.lines) and self.lines[at].startswith(b"\\"):
            at += 1
        change.hunks.append((start + 1, self.lines[start:at]))
        return at

    def _bad(self, at: int, message: str, hint: str) -> BadPatchError:
        return BadPatchError(message, where=f"{self.name}:{at + 1}", hint=hint)


def _is_gits(change: FileChange) -> bool:
    """Whether it begins as git's do, which say what they change even without a hunk (a mode, a rename)."""
    return bool(change.head) and change.head[0].startswith(b"diff --git ")


def _names_of_git(line: bytes) -> list[str]:
    """The name in ``diff --git a/x b/x``, which is all there is where only a mode changes."""
    both = line.removeprefix(b"diff --git ")
    half = len(both) // 2
    names = [_stripped(_unquoted(name)) for name in (both[:half], both[half + 1 :])]
    return names if both != line and names[0] == names[1] else []


def _stripped(path: str) -> str:
    """Without the first component, which is ``a`` or ``b`` (``git apply -p1``); empty for no file."""
    return "" if path == "/dev/null" else path.partition("/")[2] if not path.startswith("/") else path


def _unquoted(raw: bytes) -> str:
    """A path as git quotes it (git-config(1), ``core.quotePath``)."""
    text = raw.rstrip(b"\r").decode("utf-8", "surrogateescape")
    if not (len(text) > 1 and text[0] == text[-1] == '"'):
        return text
    parts = re.sub(r"\\([0-7]{3}|.)", lambda match: _escaped(match[1]), text[1:-1])
    is_latin = all(ord(character) < 0x100 for character in parts)
    return parts.encode("latin-1").decode("utf-8", "surrogateescape") if is_latin else parts


def _escaped(code: str) -> str:
    return chr(int(code, 8) & 0xFF) if len(code) == 3 else _ESCAPES.get(code, code)


def _check(change: FileChange, name: str) -> None:
    where = f"{name}:{change.line}"
    if not change.paths:
        raise BadPatchError("expected the names of the files that change, found none", where=where)
    for path in change.paths:
        parts = path.split("/")
        if path.startswith("/") or ".." in parts or "\\" in path or re.match(r"[A-Za-z]:", path):
            raise BadPatchError(f"expected paths inside the tree, found {path!r}", where=where)
        if not all(parts) or "." in parts:
            raise BadPatchError(f"expected a plain path, found {path!r}", where=where)
        if any(_DOT_GIT.fullmatch(part) for part in parts):
            raise BadPatchError(f"expected a change of files, found one of git's own: {path!r}", where=where)
