"""Reading the configuration: finding the file, parsing it, and reporting every error with file and line at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate.config import settings
from pytest_llvmgate.config.expand import Expansion
from pytest_llvmgate.config.layout import FILE
from pytest_llvmgate.config.shapes import INVALID, Spot, nearest, suggestion
from pytest_llvmgate.config.toml_lines import KeyPath, key_lines
from pytest_llvmgate.errors import ConfigError, Problem
from pytest_llvmgate.plain_file import read_plain
from pytest_llvmgate.user_expression import fault

CONFIG_NAME: Final = "llvmgate.toml"
_PYPROJECT_NAME: Final = "pyproject.toml"
_PLACEHOLDERS: Final = ("build", "install", "llvm", "mlir", "source")
"""What ``{...}`` in check commands, cache values and environment may name."""
_BUMP_PLACEHOLDERS: Final = ("sha", "short", "source")
_PREFIX_PLACEHOLDERS: Final = ("sha", "short", "tag", "flavour")
_ARCHIVE_PLACEHOLDERS: Final = ("sha", "sha8", "short", "tag", "version", "flavour", "platform")
_LARGEST: Final = 4 << 20
"""Bytes of a configuration."""
_EXAMPLES: Final = {
    settings.SupplierKind.PREFIX: 'prefix = "/opt/llvm/{sha}"',
    settings.SupplierKind.WHEELS: "[[llvm.wheels]] tables",
    settings.SupplierKind.ARCHIVE: 'archive = "https://example.org/llvm-{sha8}-{platform}.tar.zst"',
}
_REFERS_TO: Final = {
    "pin": ("axes", "exclude"),
    "axes": ("exclude",),
    "exclude": ("axes",),
    "configuration": ("axes", "exclude"),
    "hold": ("axes", "exclude", "pin"),
}
"""Section to all the sections without which its relations cannot be judged."""
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def find_config(start: Path) -> Path | None:
    """The configuration of the directory ``start`` or of the nearest directory above it.

    ``llvmgate.toml`` wins over ``[tool.llvmgate]`` in ``pyproject.toml``. The search ends at the git repository's root,
    so that a checkout inside another project never takes that project's file.
    """
    for directory in (start, *start.parents):
        if (directory / CONFIG_NAME).is_file():
            return directory / CONFIG_NAME
        if _has_our_table(directory / _PYPROJECT_NAME):
            return directory / _PYPROJECT_NAME
        if (directory / ".git").exists():
            return None
    return None


def _has_our_table(pyproject: Path) -> bool:
    """Whether it has a table ``[tool.llvmgate]``, or may have one and is broken: then loading it says how."""
    try:
        text = read_plain(pyproject, _LARGEST).decode("utf-8")
        return "llvmgate" in text and isinstance(tomllib.loads(text)["tool"]["llvmgate"], dict)
    except tomllib.TOMLDecodeError:
        return True
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False


def load_config(path: Path) -> settings.Config:
    """Read and check the configuration file ``path``. Raises :class:`ConfigError` with all its problems."""
    return parse_config(path, _read_text(path))


def parse_config(path: Path, text: str) -> settings.Config:
    """Check ``text`` as the configuration file ``path``. Raises :class:`ConfigError` with all its problems."""
    document = _parse(path, text)
    if path.name != _PYPROJECT_NAME:
        return _Loader(path, text, ()).load(document)
    tool = document.get("tool")
    if not isinstance(tool, dict) or "llvmgate" not in tool:
        hint = "run 'llvmgate init' in the downstream's root to write an llvmgate.toml"
        raise ConfigError((Problem(message="there is no table [tool.llvmgate]", where=shown(path), hint=hint),))
    return _Loader(path, text, ("tool", "llvmgate")).load(tool["llvmgate"])


def shown(path: Path) -> str:
    """A path as a user wants to read it: relative where it lies below the current directory."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


def _read_text(path: Path) -> str:
    try:
        return read_plain(path, _LARGEST).decode("utf-8")
    except FileNotFoundError:
        hint = "run 'llvmgate init' in the downstream's root to write a first one"
        raise ConfigError(
            (Problem(message="there is no such configuration file", where=shown(path), hint=hint),)
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        file = f"name the file in it: {shown(path / CONFIG_NAME)}" if path.is_dir() else None
        problem = Problem(message=f"cannot be read as UTF-8 text: {why}", where=shown(path), hint=file)
        raise ConfigError((problem,)) from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+), column (\d+)", str(error))
        where = f"{shown(path)}:{line[1]}:{line[2]}" if line else shown(path)
        message = re.sub(r" \(at (?:line|end)[^()]*+\)$", "", str(error))
        if not line:  # tomllib's other wording: "(at end of document)"
            where = f"{shown(path)}:{text.count(chr(10)) + 1}"
        is_twice = message.startswith(("Cannot", "Duplicate"))
        hint = "it is there already: keep one of the two; of what there may be several, such as pins, each has [[...]]"
        problem = Problem(message=f"this is not TOML: {message}", where=where, hint=hint if is_twice else None)
        raise ConfigError((problem,)) from None
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, arrays nested as deep
        raise ConfigError((Problem(message=f"this is beyond what TOML is for: {error}", where=shown(path)),)) from None


def _sound_sections(document: Any) -> dict[str, Any]:
    """The sections without an error of their own whose relations can still be checked, to report those errors, too."""
    if not isinstance(document, dict):
        return {}
    ignored = Spot((), lambda _: "", [])
    read = {name: key.shape.read(document[name], ignored) for name, key in FILE.keys.items() if name in document}
    unsound = {name for name, value in read.items() if value is INVALID}
    unsound |= {nearest(name, FILE.keys) or "" for name in document.keys() - FILE.keys.keys()}  # there, but misspelt
    return {name: value for name, value in read.items() if not unsound & {name, *_REFERS_TO.get(name, ())}}


class _Loader:
    """Turns one parsed document into a :class:`Config`, collecting problems on the way."""

    def __init__(self, path: Path, text: str, prefix: KeyPath) -> None:
        self.path = path
        self.shown_path = shown(path)
        self.problems: list[Problem] = []
        self.prefix = prefix
        self.lines: Callable[[], Mapping[KeyPath, int]] = cache(lambda: key_lines(text))
        self.root = Spot((), self.where, self.problems)

    def line(self, path: KeyPath) -> int:
        """The line of the nearest key at or above ``path``; 1 for the document."""
        full = (*self.prefix, *path)
        while full and full not in self.lines():
            full = full[:-1]
        return self.lines().get(full, 1)

    def where(self, path: KeyPath) -> str:
        return f"{self.shown_path}:{self.line(path)}"

    def spot(self, *path: str | int) -> Spot:
        return Spot(path, self.where, self.problems)

    def load(self, document: dict[str, Any]) -> settings.Config:
        data = FILE.read(document, self.root)
        if data is INVALID:
            data = _sound_sections(document)
        expansion = Expansion(data, self.spot, self.line)
        configurations = expansion.configurations()
        config = settings.Config(
            path=self.path,
            pins=self._pins(data, expansion),
            llvm=self._llvm(data.get("llvm", {})),
            build=self._build(data.get("build", {})),
            axes=expansion.axes,
            configurations=configurations,
            gate=settings.GateSpec(**data.get("gate", {})),
            timeouts=settings.Timeouts(**data.get("timeouts", {})),
            linkcheck=settings.LinkcheckSpec(**data.get("linkcheck", {})),
            preflight=settings.PreflightSpec(**data.get("preflight", {})),
            syntax=settings.SyntaxSpec(**data.get("syntax", {})),
            holds=self._holds(data, expansion),
            carries=self._carries(data),
            advice=self._advice(data.get("advice", ())),
            update=settings.UpdateSpec(**data.get("update", {})),
            bump=settings.BumpSpec(**data.get("bump", {})),
            roll=settings.RollSpec(**data.get("roll", {})),
        )
        self._check_placeholders(data)
        if self.problems:
            raise ConfigError(_in_file_order(self.problems))
        return config

    def _pins(self, data: dict[str, Any], expansion: Expansion) -> tuple[settings.PinSpec, ...]:
        pins: list[settings.PinSpec] = []
        for index, table in enumerate(data.get("pin", ())):
            spot = self.spot("pin", index)
            values = table | {
                "through": tuple(settings.HopSpec(**hop) for hop in table.get("through", ())),
                "line": self.line(spot.path),
            }
            if "file" not in table and "component" not in table:
                spot.complain("a pin needs a 'file', or a 'component' whose gitlink is the pin")
            if table["name"] in {pin.name for pin in pins}:
                spot.child("name").complain(f"the name {table['name']!r} is taken by another pin")
            expansion.check_selector(table.get("only", {}), spot.child("only"))
            pins.append(settings.PinSpec(**values))
        return tuple(pins)

    def _llvm(self, table: dict[str, Any]) -> settings.LlvmSpec:
        if not table:
            return settings.LlvmSpec()
        supplier = table["supplier"]
        if supplier is settings.SupplierKind.SOURCE:
            self._check_source(table)
        elif not table.get(supplier):
            hint = f"add {_EXAMPLES.get(supplier, f'{supplier} = ...')}"
            self.spot("llvm").complain(f"supplier '{supplier}' needs the key '{supplier}'", hint)
        own = {"wheels": self._wheels(table.get("wheels", ())), "source": _source(table.get("source", {}))}
        return settings.LlvmSpec(**table | own)

    def _check_source(self, table: dict[str, Any]) -> None:
        source = table.get("source", {})
        if not source.get("repository") and not table.get("repository"):
            self.spot("llvm").complain(
                "supplier 'source' needs a repository of llvm-project",
                'add repository = "path/to/llvm-project", or source.repository with a clone or a URL',
            )

    def _wheels(self, tables: tuple[dict[str, Any], ...]) -> tuple[settings.WheelSet, ...]:
        served: dict[tuple[str, str], int] = {}
        sets = []
        for index, table in enumerate(tables):
            spot = self.spot("llvm", "wheels", index)
            for flavour in table.get("flavours") or ("*",):
                first = served.setdefault((table["revision"], flavour), index)
                if first != index:
                    line = self.line(("llvm", "wheels", first))
                    spot.complain(f"revision {table['revision'][:12]} has wheels in line {line} already")
            sets.append(settings.WheelSet(**table, line=self.line(spot.path)))
        return tuple(sets)

    def _build(self, table: dict[str, Any]) -> settings.BuildSpec:
        source = self.path.parent / table.get("source", ".")
        if table and not _is_directory(source):
            self.spot("build", "source").complain(f"expected a directory, found none at {source}")
        return settings.BuildSpec(**table)

    def _advice(self, tables: tuple[dict[str, Any], ...]) -> tuple[settings.AdviceSpec, ...]:
        for index, table in enumerate(tables):
            if wrong := fault(table["match"]):
                self.spot("advice", index, "match").complain(
                    f"expected a regular expression, found a broken one: {wrong}"
                )
        return tuple(settings.AdviceSpec(**table) for table in tables)

    def _holds(self, data: dict[str, Any], expansion: Expansion) -> tuple[settings.Hold, ...]:
        pins = [table["name"] for table in data.get("pin", ())]
        holds = []
        for index, table in enumerate(data.get("hold", ())):
            spot = self.spot("hold", index)
            expansion.check_selector(table.get("configurations", {}), spot.child("configurations"))
            for position, name in enumerate(table.get("pins", ())):
                if name not in pins:
                    spot.child("pins").child(position).complain(f"no pin is named {name!r}", suggestion(name, pins))
            if table.get("pins") and (table.get("findings") or table.get("tests")):
                spot.complain("a hold on 'pins' has no 'findings' and no 'tests'", "write two tables")
            if "tests-failed:tests" in table.get("findings", ()):
                spot.child("findings").complain("'tests-failed:tests' is any test", "name the tests: tests = [...]")
            holds.append(settings.Hold(**table, line=self.line(spot.path)))
        return tuple(holds)

    def _carries(self, data: dict[str, Any]) -> tuple[settings.CarrySpec, ...]:
        supplier = data.get("llvm", {}).get("supplier", "")
        carries: list[settings.CarrySpec] = []
        for index, table in enumerate(data.get("carry", ())):
            spot = self.spot("carry", index)
            if ("patches" in table) == ("fork" in table):
                spot.complain("a carry needs either 'patches' or 'fork'")
            if table["name"] in {carry.name for carry in carries}:
                spot.child("name").complain(f"the name {table['name']!r} is taken by another carry")
            if "component" not in table and "patches" in table and supplier not in ("", settings.SupplierKind.SOURCE):
                spot.complain(
                    f"supplier '{supplier}' takes LLVM as it is, and patches nothing",
                    "build LLVM with supplier = 'source', or name the 'component' that is patched",
                )
            carries.append(settings.CarrySpec(**table, line=self.line(spot.path)))
        return tuple(carries)

    def _check_placeholders(self, data: dict[str, Any]) -> None:
        prefix = data.get("llvm", {}).get("prefix", "")
        self._check_text(prefix, _PREFIX_PLACEHOLDERS, self.spot("llvm", "prefix"))
        archive, checksum = (data.get("llvm", {}).get(key, "") for key in ("archive", "checksum"))
        self._check_text(archive, _ARCHIVE_PLACEHOLDERS, self.spot("llvm", "archive"))
        self._check_text(checksum, (*_ARCHIVE_PLACEHOLDERS, "archive"), self.spot("llvm", "checksum"))
        for table, key, known in (("build", "check", _PLACEHOLDERS), ("bump", "run", _BUMP_PLACEHOLDERS)):
            for index, command in enumerate(data.get(table, {}).get(key, ())):
                for position, word in enumerate(command):
                    self._check_text(word, known, self.spot(table, key, index, position))

    @staticmethod
    def _check_text(text: str, known: tuple[str, ...], spot: Spot) -> None:
        for name in _PLACEHOLDER.findall(text):
            if name not in known:
                spot.complain(f"unknown placeholder {{{name}}}", suggestion(name, known))


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that no file system takes
        return False


def _in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By line, and each once: several configurations may show the same one."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: int((problem.where or "").rpartition(":")[2])))


def _source(table: dict[str, Any]) -> settings.SourceSpec:
    flavours = {name: flavour.get("cmake", {}) for name, flavour in table.get("flavours", {}).items()}
    return settings.SourceSpec(**table | {"flavours": flavours})


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace ``{name}`` by its value; braces around anything that is not one of ``values`` stay as they are."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)
