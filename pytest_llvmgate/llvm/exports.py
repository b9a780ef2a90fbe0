"""The files that CMake's ``install(EXPORT)`` writes: which targets an install offers, what they link.

Their form is CMake's own (cmExportFileGenerator): one ``add_library(NAME TYPE IMPORTED)`` per target with its
properties in a file, and the places of what was built in one more file per build type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.plain_file import read_plain_text

_ADDED: Final = re.compile(r"^add_library\((?P<name>\S+) (?P<type>[A-Z]+) IMPORTED\)", re.MULTILINE)
_EXPORTING: Final = re.compile(r"^set\(CMAKE_IMPORT_FILE_VERSION ", re.MULTILINE)
_PROPERTIES: Final = re.compile(
    r"^set_target_properties\((?P<name>\S+) PROPERTIES\n(?P<body>(?:  .*\n)*?)(?P<end> *\)\n)", re.MULTILINE
)
_LINKS: Final = re.compile(r'^  INTERFACE_LINK_LIBRARIES "(?P<entries>(?:[^"\\]|\\.)*)"\n', re.MULTILINE)
_LOCATION: Final = re.compile(
    r'^  IMPORTED_LOCATION_(?P<type>\w+) "\$\{_IMPORT_PREFIX\}/(?P<path>[^"]+)"\n', re.MULTILINE
)
_SONAME: Final = re.compile(r'^  IMPORTED_SONAME_\w+ "(?P<name>[^"]+)"\n', re.MULTILINE)
_LANGUAGES: Final = re.compile(r"^  IMPORTED_LINK_INTERFACE_LANGUAGES_\w+ .*\n", re.MULTILINE)
_DEPENDENT: Final = re.compile(r'^  IMPORTED_LINK_DEPENDENT_LIBRARIES_\w+ "(?P<entries>[^"]*)"\n', re.MULTILINE)
_LINK_ONLY: Final = re.compile(r"\$<LINK_ONLY:([^<>]+)>")


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A library that an install offers to others."""

    name: str
    type: str
    """``STATIC``, ``SHARED``, ``MODULE``, ``INTERFACE``, ``OBJECT`` or ``UNKNOWN``."""
    links: tuple[str, ...] = ()
    """What it says its users link, ``$<LINK_ONLY:...>`` included."""
    location: Path | None = None
    """The file itself."""
    soname: str = ""
    needs: tuple[str, ...] = ()
    """The shared libraries that it was linked to and does not hand on."""

    @property
    def is_static(self) -> bool:
        """An archive."""
        return self.type == "STATIC" and self.location is not None

    @property
    def is_absent(self) -> bool:
        """An archive that is not there: distributions name some that lie in packages of their own."""
        return self.type == "STATIC" and self.location is not None and not self.location.is_file()


def private(entry: str) -> str | None:
    """What is inside ``$<LINK_ONLY:...>``, CMake's mark of a static library's PRIVATE entry; None for other entries."""
    match = _LINK_ONLY.fullmatch(entry)
    return match[1] if match else None


def export_files(package: Path) -> tuple[Path, ...]:
    """The export files of a package: those that name targets, and those that say where they are."""
    found = (path for path in sorted(package.glob("*.cmake")) if _EXPORTING.search(read(path)))
    return tuple(found)


def read(path: Path) -> str:
    """Text as CMake wrote it, whatever bytes its paths have."""
    return read_plain_text(path, errors="surrogateescape")


def read_exports(package: Path, root: Path) -> dict[str, Imported]:
    """The libraries of a package (its directory of ``*.cmake``) that is installed below ``root``, in their order."""
    text = "".join(read(path) for path in export_files(package))
    bodies: dict[str, str] = {}
    for match in _PROPERTIES.finditer(text):
        bodies[match["name"]] = bodies.get(match["name"], "") + match["body"]
    return {
        match["name"]: _imported(match["name"], match["type"], bodies.get(match["name"], ""), root)
        for match in _ADDED.finditer(text)
    }


def _imported(name: str, kind: str, body: str, root: Path) -> Imported:
    links, location, soname = _LINKS.search(body), _LOCATION.search(body), _SONAME.search(body)
    dependent = _DEPENDENT.search(body)
    return Imported(
        name=name,
        type=kind,
        links=_entries(links["entries"]) if links else (),
        location=root / location["path"] if location else None,
        soname=soname["name"] if soname else "",
        needs=_entries(dependent["entries"]) if dependent else (),
    )


def _entries(text: str) -> tuple[str, ...]:
    return tuple(entry for entry in text.replace("\\$", "$").split(";") if entry)


def rewrite(text: str, shared: Mapping[str, Imported], gone: frozenset[str]) -> str:
    """An export file with the targets of ``shared`` as they are there, and without those of ``gone``.

    A location of ``shared`` is relative to the install prefix.
    """
    for name in gone:
        text = _without(text, name)
    text = _ADDED.sub(
        lambda match: f"add_library({match['name']} SHARED IMPORTED)" if match["name"] in shared else match[0], text
    )
    text = _PROPERTIES.sub(lambda match: _properties(match, shared, gone), text)
    return _CHECKED.sub(lambda match: _checked(match, shared), text)


_CHECKED: Final = re.compile(
    r'^(list\(APPEND _(?:cmake_)?import_check_files_for_(?P<name>\S+)) "[^"]*" \)$', re.MULTILINE | re.IGNORECASE
)


def _checked(match: re.Match[str], shared: Mapping[str, Imported]) -> str:
    target = shared.get(match["name"])
    return f'{match[1]} "${{_IMPORT_PREFIX}}/{target.location}" )' if target else match[0]


def _properties(match: re.Match[str], shared: Mapping[str, Imported], gone: frozenset[str]) -> str:
    target = shared.get(match["name"])
    if target is None:
        body = _LINKS.sub(lambda links: _links_line(_left(links["entries"], gone)), match["body"])
    elif location := _LOCATION.search(match["body"]):
        body = _place(match["body"], location["type"], target)
    else:
        body = _LINKS.sub(lambda _: _links_line(target.links), match["body"])
    if not body.strip():
        return ""
    return f"set_target_properties({match['name']} PROPERTIES\n{body}{match['end']}"


def _place(body: str, build_type: str, target: Imported) -> str:
    needs = f'  IMPORTED_LINK_DEPENDENT_LIBRARIES_{build_type} "{";".join(target.needs)}"\n' if target.needs else ""
    lines = (
        f'{needs}  IMPORTED_LOCATION_{build_type} "${{_IMPORT_PREFIX}}/{target.location}"\n'
        f'  IMPORTED_SONAME_{build_type} "{target.soname}"\n'
    )
    return _LOCATION.sub(lambda _: lines, _LANGUAGES.sub("", body))


def _links_line(entries: tuple[str, ...]) -> str:
    text = ";".join(entries).replace("$", "\\$")
    return f'  INTERFACE_LINK_LIBRARIES "{text}"\n' if entries else ""


def _left(entries: str, gone: frozenset[str]) -> tuple[str, ...]:
    return tuple(each for each in _entries(entries) if (private(each) or each) not in gone)


def _without(text: str, name: str) -> str:
    """Without a target: where it is added, where its place is said, and in lists of names."""
    word = re.escape(name)
    text = re.sub(rf"(?m)^(?:# Create imported target {word}\n)?add_library\({word} [A-Z]+ IMPORTED\)\n", "", text)
    text = re.sub(rf"(?m)^set_target_properties\({word} PROPERTIES\n(?:  .*\n)*? *\)\n", "", text)
    text = re.sub(rf"(?m)^set_property\(TARGET {word} .*\n", "", text)
    text = re.sub(rf"(?mi)^list\(APPEND _(?:cmake_)?import_check_(?:targets {word} |files_for_{word} .*)\)\n", "", text)
    return re.sub(rf'(?m)^(foreach\(\S+ (?:IN ITEMS )?.*?)(?<=[ ;])("?){word}\2(?=[ ;)])[ ;]?', r"\1", text)
