"""What the candidate's install offers: headers, declarations, CMake targets and commands, libraries, tool options.

Everything is read on demand and once per process: a diagnosis of a log without findings reads nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.surface.definers import library_name

_MOST_FILES: Final = 40_000
_BIGGEST_FILE: Final = 16 << 20
_HEADERS: Final = (".h", ".hpp", ".def")
_TARGET: Final = re.compile(r"^add_(?:library|executable)\((\S+)", re.MULTILINE)
_COMMAND: Final = re.compile(r"^\s*(?:function|macro)\s*\(\s*(\w+)", re.MULTILINE | re.IGNORECASE)
_HELP_TIMEOUT: Final = 20.0


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A line of the install that declares something."""

    file: str
    """As one would include it: ``mlir/IR/Builders.h``."""
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(kw_only=True)
class PrefixIndex:
    """An LLVM (and MLIR) install, possibly split over several prefixes."""

    prefixes: tuple[Path, ...]
    _texts: dict[str, str] = field(default_factory=dict)

    @cached_property
    def files(self) -> dict[str, Path]:
        """Every file below ``include``: as one would include it, to its path."""
        found: dict[str, Path] = {}
        for prefix in self.prefixes:
            root = prefix / "include"
            for directory, _, names in os.walk(root):
                relative = os.path.relpath(directory, root).replace(os.sep, "/")
                for name in names:
                    found.setdefault(name if relative == "." else f"{relative}/{name}", Path(directory, name))
                if len(found) > _MOST_FILES:
                    return found
        return found

    def text(self, name: str) -> str:
        """The content of an include file; empty when it cannot be read."""
        if name not in self._texts:
            path = self.files.get(name)
            try:
                small = path is not None and path.stat().st_size <= _BIGGEST_FILE
                self._texts[name] = path.read_text(encoding="utf-8", errors="replace") if path and small else ""
            except OSError:
                self._texts[name] = ""
        return self._texts[name]

    def headers(self) -> Iterator[str]:
        """Names of the headers that people write (not the generated ones)."""
        return (name for name in self.files if name.endswith(_HEADERS))

    # -- declarations -------------------------------------------------------------------------------------------------

    def declarations(self, name: str, *, limit: int = 40) -> list[Declared]:
        """Lines of headers that declare ``name`` as a function, class, alias or enumerator."""
        found: list[Declared] = []
        for file in self.headers():
            text = self.text(file)
            if name in text:
                found += _declaring_lines(file, text, name)
                if len(found) >= limit:
                    break
        return found

    def definitions_in_td(self, name: str) -> list[Declared]:
        """``class`` and ``def`` of TableGen with that name."""
        pattern = re.compile(rf"^\s*(?:class|def|defvar|multiclass|defm)\s+{re.escape(name)}\b", re.MULTILINE)
        found = []
        for file in self.files:
            if file.endswith(".td") and name in (text := self.text(file)):
                found += [_at(file, text, match.start()) for match in pattern.finditer(text)]
        return found

    def class_body(self, name: str) -> tuple[str, int, str] | None:
        """File, first line and text of the definition of a class (generated headers included)."""
        pattern = re.compile(
            rf"^\s*(?:template\s*<[^>]*>\s*)?(?:class|struct)\s+(?:\w+\s+)*?{re.escape(name)}\b(?![^{{;]*;)",
            re.MULTILINE,
        )
        for file in [*self.headers(), *(name for name in self.files if name.endswith(".h.inc"))]:
            if name not in (text := self.text(file)):
                continue
            if match := pattern.search(text):
                end = text.find("\n};", match.start())
                return file, text.count("\n", 0, match.end()) + 1, text[match.start() : end if end > 0 else None]
        return None

    def function_names(self, start: str) -> dict[str, str]:
        """Names of functions of MLIR and LLVM's support libraries that begin with a word, each with its header."""
        found: dict[str, str] = {}
        pattern = re.compile(rf"\b({re.escape(start)}\w{{3,}})\s*\(")
        for file in self.headers():
            if file.startswith(("mlir", "llvm/ADT", "llvm/Support")):
                text = self.text(file)
                if start in text:
                    for name in pattern.findall(text):
                        found.setdefault(name, file)
        return found

    # -- CMake --------------------------------------------------------------------------------------------------------

    @cached_property
    def _cmake_texts(self) -> list[tuple[str, str]]:
        found = []
        for prefix in self.prefixes:
            for path in sorted((prefix / "lib" / "cmake").rglob("*.cmake")):
                try:
                    found.append((path.name, path.read_text(encoding="utf-8", errors="replace")))
                except OSError:
                    continue
        return found

    @cached_property
    def targets(self) -> frozenset[str]:
        """The imported targets of the install's CMake packages."""
        return frozenset(name for _, text in self._cmake_texts for name in _TARGET.findall(text))

    @cached_property
    def commands(self) -> dict[str, str]:
        """CMake functions and macros, each with the file that defines it."""
        return {name.lower(): file for file, text in self._cmake_texts for name in _COMMAND.findall(text)}

    @cached_property
    def libraries(self) -> frozenset[str]:
        """Names of the library files."""
        directories = (prefix / "lib" for prefix in self.prefixes if (prefix / "lib").is_dir())
        names = (library_name(path.name) for directory in directories for path in directory.iterdir())
        return frozenset(name for name in names if name)

    def options(self, tool: str) -> list[str]:
        """The options that a program of the install lists in its help."""
        path = next((prefix / "bin" / tool for prefix in self.prefixes if (prefix / "bin" / tool).is_file()), None)
        if path is None:
            return []
        try:
            done = subprocess.run(
                [path, "--help-hidden"], capture_output=True, text=True, timeout=_HELP_TIMEOUT, check=False
            )
        except (OSError, subprocess.SubprocessError):
            return []
        return list(dict.fromkeys(re.findall(r"^\s+(--?[\w-]+)", done.stdout, re.MULTILINE)))


_NO_DECLARATION: Final = re.compile(
    r"^\s*(?://|\*|#include|return\b|else\b|if\b|assert\b|case\b|friend class\b|for\b|while\b"
    r"|using \w[\w:]*;)|=|\breturn\b|->|\.|!|\?|&&|\|\|"
)
"""What in front of a name on its line shows that the line uses the name rather than declares it."""
_CLASS: Final = re.compile(r"^\s*(?:template\s*<.*>\s*)?(?:class|struct|enum|enum class|union)\b[^;]*$")
_MOST_PER_FILE: Final = 40


def _declaring_lines(file: str, text: str, name: str) -> list[Declared]:
    found = []
    at = -1
    for _ in range(_MOST_PER_FILE):
        at = text.find(name, at + 1)
        if at < 0:
            break
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 2]
        if _is_word(before) or _is_word(after[:1]):
            continue
        declared = _at(file, text, at)
        if _declares(declared.text, name, after):
            found.append(declared)
    return found


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _declares(line: str, name: str, after: str) -> bool:
    front = line[: line.find(name)]
    if line.startswith((f"using {name} =", f"#define {name}")):
        return True
    if _CLASS.match(front):
        return not line.endswith(";")
    if not after.lstrip().startswith("(") or _NO_DECLARATION.search(front):
        return False
    return front.strip() != "" and not front.rstrip().endswith(("(", ",", "<", "::"))


def _at(file: str, text: str, offset: int) -> Declared:
    line = text.count("\n", 0, offset) + 1
    begin = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return Declared(file=file, line=line, text=text[begin : end if end >= 0 else None].strip())


@lru_cache(maxsize=4)
def index_of(prefixes: tuple[Path, ...]) -> PrefixIndex:
    """The index of some prefixes, made once per process."""
    return PrefixIndex(prefixes=prefixes)


def existing(prefixes: Sequence[Path]) -> tuple[Path, ...]:
    """The prefixes that are directories."""
    return tuple(dict.fromkeys(path for path in prefixes if path.is_dir()))
