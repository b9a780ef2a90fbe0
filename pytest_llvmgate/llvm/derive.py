"""The shared flavour of an LLVM from its static one: its archives become shared libraries, its CMake packages say so.

LLVM compiles the same objects for both. What differs is what a library hands on to its users: ``llvm_add_library``
(AddLLVM.cmake) links PUBLIC when static and PRIVATE when shared, so an entry of LINK_LIBS without a keyword, and every
LINK_COMPONENTS after it, is offered by a static export and not by a shared one. Where a configured shared tree is at
hand, its CMake packages are taken; elsewhere they are the static ones rewritten by that rule, as far as it can be told.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.bonds import Bonds, read_bonds
from pytest_llvmgate.llvm.exports import Imported, export_files, private, read, read_exports, rewrite
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.llvm.relink import NO_DERIVING, RelinkError, Relinking, SharedLibrary, relink
from pytest_llvmgate.llvm.same_objects import CONFIG_HEADER
from pytest_llvmgate.llvm.system_packages import packages_of
from pytest_llvmgate.objects.elf import UnreadableObjectError
from pytest_llvmgate.wording import listed

VERSION: Final = "2"
"""Part of the cache key: raised when something else is derived."""
_DYLIBS: Final = frozenset({"LLVM", "MLIR", "clang-cpp"})
"""Libraries of libraries: no build with BUILD_SHARED_LIBS has them, and beside their parts all is there twice."""
_SETTINGS: Final = (("LLVM_ENABLE_SHARED_LIBS", "ON"), ("LLVM_LINK_LLVM_DYLIB", "OFF"), ("MLIR_LINK_MLIR_DYLIB", "OFF"))
_HEADER_SETTINGS: Final = (("LLVM_BUILD_SHARED_LIBS", True), ("LLVM_BUILD_LLVM_DYLIB", False))
_OURS: Final = "llvmgate-"
"""What the cache writes into its entries is of that entry alone."""
_SHOWN: Final = 4
_NEEDED: Final = ("MLIR", "LLVMCore", "LLVMSupport")
"""Whoever builds on LLVM needs these, and with them all that they take symbols from."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """A CMake package of the static install."""

    name: str
    """``llvm`` or ``mlir``."""
    directory: Path
    root: Path
    """The install prefix."""
    place: str
    """Of the prefix below the derived one's directory; empty for that directory itself."""
    libraries: Mapping[str, Imported]


@dataclass(frozen=True, kw_only=True)
class Derived:
    """What was derived."""

    count: int
    """Libraries that were relinked."""
    doubts: tuple[str, ...]
    """What is not certain to be as in a true shared build, in words."""

    @property
    def remark(self) -> str:
        """For the report."""
        text = f"derived from the static flavour: {self.count} libraries relinked"
        return "; ".join([text, *(f"other than a true one: {doubt}" for doubt in self.doubts)])


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a configured shared tree of the same sources would install."""

    packages: ToolchainPrefix
    config_header: Path
    """Its ``llvm-config.h``."""


def derive(
    static: ToolchainPrefix, directory: Path, work: Relinking, *, true: Truth | None = None, owned: bool
) -> Derived:
    """Make the shared flavour of ``static`` in ``directory``.

    The files that stay the same are hard links to an install that is ``owned``, and symbolic links to one that is the
    user's.
    Raises :class:`RelinkError <pytest_llvmgate.llvm.relink.RelinkError>` when its objects do not allow it.
    """
    packages = _packages(static)
    bonds = _bonds(packages)
    libraries = _by_truth(packages, true.packages) if true else _by_rule(packages, bonds)
    if not libraries:
        raise SupplyError(
            "expected an LLVM with static archives to derive the shared flavour from, found none in its CMake exports",
            where=str(static.llvm_dir),
            hint="supply a static LLVM, or set derive = false in [llvm]",
        )
    together, left = _relinked(work, libraries, bonds, packages, static.version)
    if true and left.names:
        raise left.error()
    libraries = {name: library for name, library in libraries.items() if name not in left.names}
    _compose(packages, directory, libraries, owned=owned)
    _move(work.out, directory)
    if true:
        _true_packages(packages, true, directory)
        return Derived(count=len(libraries), doubts=tuple(_merged(together)))
    sonames = {name: library.soname for library in together for name in (library.name, *library.aliases)}
    named = {
        name: replace(library, soname=sonames[name], public=left.without(library.public))
        for name, library in libraries.items()
    }
    _rewritten_packages(packages, directory, named, left.gone)
    doubts = (*_merged(together), *_doubts(packages, libraries), *left.remarks())
    return Derived(count=len(libraries), doubts=doubts)


def _packages(static: ToolchainPrefix) -> tuple[Package, ...]:
    together = static.mlir_root == static.llvm_root
    return tuple(
        Package(
            name=name,
            directory=directory,
            root=root,
            place="" if together else f"{name}/",
            libraries=read_exports(directory, root),
        )
        for name, (directory, root) in zip(("llvm", "mlir"), static.places, strict=False)
    )


def _archives(packages: Sequence[Package]) -> Iterator[tuple[Package, Imported]]:
    for package in packages:
        for library in package.libraries.values():
            if library.is_static and not library.is_absent:
                yield package, library


def _all(packages: Sequence[Package]) -> dict[str, Imported]:
    return {name: library for package in packages for name, library in package.libraries.items()}


def _gone(packages: Sequence[Package]) -> frozenset[str]:
    known = _all(packages)
    return frozenset(name for name in _DYLIBS if name in known and known[name].type == "SHARED")


# -- what each library links, and what it hands on ----------------------------------------------------------------


def _by_truth(packages: Sequence[Package], true: ToolchainPrefix) -> dict[str, SharedLibrary]:
    """As the configured shared tree says it; system libraries, which its exports leave out, as the static ones say."""
    truth = {package.name: package for package in _packages(true)}
    known = _all(packages)
    found = {}
    for package, library in _archives(packages):
        shared = truth[package.name].libraries.get(library.name) if package.name in truth else None
        if shared is None or shared.location is None or shared.type != "SHARED":
            raise SupplyError(
                f"expected {library.name} to be a shared library in a shared build of this LLVM, it is none",
                hint="set derive = false in [llvm]",
            )
        system = [private(entry) or entry for entry in library.links if (private(entry) or entry) not in known]
        found[library.name] = SharedLibrary(
            name=library.name,
            archives=(_file(library),),
            path=package.place + shared.location.relative_to(truth[package.name].root).as_posix(),
            soname=shared.soname,
            public=shared.links,
            private=tuple(dict.fromkeys([*shared.needs, *(each for each in system if each not in shared.links)])),
        )
    return found


def _by_rule(packages: Sequence[Package], bonds: Bonds) -> dict[str, SharedLibrary]:
    gone = _gone(packages)
    known = _all(packages) if "MLIR" in gone else {}
    of_llvm = {library.name for package, library in _archives(packages) if package.name == "llvm"}
    found = {}
    for package, library in _archives(packages):
        # A build that links a library of libraries does not say which parts of it a library needs: its symbols do.
        asks = gone and (package.name != "llvm" or any((private(entry) or entry) in gone for entry in library.links))
        offered = bonds.needs.keys() if _reaches(library, "MLIR", known) else of_llvm
        parts = [name for name in bonds.needs[library.name] if name in offered] if asks else []
        found[library.name] = _ruled(package, library, parts, gone)
    return found


def _reaches(library: Imported, name: str, known: Mapping[str, Imported]) -> bool:
    """Whether a library of libraries is on a link line, by itself or through others: its parts are then all there."""
    waiting, seen = [library], {library.name}
    while waiting:
        entries = {private(entry) or entry for entry in waiting.pop().links}
        if name in entries:
            return name in known
        new = [known[entry] for entry in entries if entry in known and entry not in seen]
        seen.update(each.name for each in new)
        waiting += new
    return False


def _ruled(package: Package, library: Imported, parts: Sequence[str], gone: frozenset[str]) -> SharedLibrary:
    """By the rule of the module's text: LLVM's own libraries name no keyword, MLIR's are taken to say PUBLIC."""
    own = [private(entry) for entry in library.links if private(entry) not in {None, *gone}]
    rest = [entry for entry in library.links if private(entry) is None and entry not in gone]
    says_public = package.name != "llvm" and any(entry in package.libraries for entry in rest)
    offered, kept = (rest, own) if says_public else ([], [*rest, *own])
    # llvm_add_library puts the components behind LINK_LIBS: under the last keyword that those have.
    follows_public = says_public and any(entry in gone for entry in library.links)
    (offered if follows_public else kept).extend(part for part in parts if part not in {*offered, *kept})
    file = _file(library)
    name = f"{file.stem}.so"
    return SharedLibrary(
        name=library.name,
        archives=(file,),
        path=package.place + file.relative_to(package.root).with_name(name).as_posix(),
        soname=name,
        public=tuple(dict.fromkeys(offered)),
        private=tuple(dict.fromkeys(entry for entry in kept if entry is not None)),
    )


def _bonds(packages: Sequence[Package]) -> Bonds:
    try:
        return read_bonds({library.name: _file(library) for _, library in _archives(packages)})
    except UnreadableObjectError as error:
        raise RelinkError(
            f"no shared flavour can be derived from the static LLVM: {error}",
            hint="set derive = false in [llvm], and supply a shared LLVM of its own",
        ) from error


def _file(library: Imported) -> Path:
    if library.location is None:
        raise AssertionError(f"{library.name} has no file")
    return library.location


def _for_link(library: SharedLibrary, packages: Sequence[Package]) -> SharedLibrary:
    """With the files of other shared libraries, and what interface libraries stand for, in place of their names."""
    known = _all(packages)

    def meant(entries: Sequence[str], seen: frozenset[str] = frozenset()) -> Iterator[str]:
        for entry in entries:
            target = known.get(entry)
            if target is not None and target.is_absent:
                continue
            if target is None or target.is_static:
                yield entry
            elif target.location is not None:
                yield str(target.location)
            elif entry not in seen:
                yield from meant(target.links, seen | {entry})

    return replace(library, public=tuple(meant(library.public)), private=tuple(meant(library.private)))


def _together(libraries: Mapping[str, SharedLibrary], families: Sequence[Sequence[str]]) -> tuple[SharedLibrary, ...]:
    """What is linked: every library for itself, except that a family that shares hidden symbols is one file."""
    alone = dict(libraries)
    for family in families:
        members = [alone.pop(name) for name in family if name in alone]
        if not members:
            continue
        head = max(members, key=lambda member: member.archives[0].stat().st_size)
        rest = [member for member in members if member is not head]
        alone[head.name] = replace(
            head,
            archives=tuple(archive for member in members for archive in member.archives),
            public=_outside(family, (member.public for member in members)),
            private=_outside(family, (member.private for member in members)),
            aliases={member.name: member.path for member in rest},
        )
    return tuple(alone.values())


def _outside(family: Sequence[str], entries: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry for each in entries for entry in each if entry not in family))


def _merged(together: Sequence[SharedLibrary]) -> Iterator[str]:
    heads = [library.name for library in together if library.aliases]
    if heads:
        yield f"what hides its symbols when static is one library each: {listed(heads, _SHOWN)}"


def _doubts(packages: Sequence[Package], libraries: Mapping[str, SharedLibrary]) -> Iterator[str]:
    unsure = sum(bool(library.public) for library in libraries.values())
    if unsure:
        yield (
            f"whether LINK_LIBS of {unsure} libraries say PUBLIC (taken so; without a keyword a true shared LLVM "
            "offers less)"
        )
    gone = _gone(packages)
    old = [
        library.name
        for library in _all(packages).values()
        if library.type == "SHARED" and library.name not in gone and gone & {*library.links, *library.needs}
    ]
    if old:
        yield f"{listed(old, _SHOWN)} still load {' and '.join(sorted(gone))}"


# -- what this machine cannot link ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _LeftOut:
    """Libraries that are not derived, as they could not be linked here or take symbols from one that could not."""

    reasons: Mapping[str, str]
    """Of those that could not be linked."""
    names: frozenset[str]
    absent: frozenset[str]
    """Archives that the exports name and that are not there."""
    missing: frozenset[str]
    """What link lines name and this machine does not have."""
    version: str
    """LLVM's."""

    @property
    def gone(self) -> frozenset[str]:
        """The targets that the derived packages do not offer."""
        return self.names | self.absent

    def without(self, entries: Sequence[str]) -> tuple[str, ...]:
        """Entries of a link line without what is gone."""
        return tuple(entry for entry in entries if entry not in self.gone)

    @property
    def install(self) -> str:
        """The command that brings what is missing, as far as it is known."""
        return packages_of(sorted(self.missing | self.absent), self.version)

    def remarks(self) -> Iterator[str]:
        """For the report."""
        if self.names:
            install = f" ({self.install} brings what it takes)" if self.install else ""
            names = listed(sorted(self.names), _SHOWN)
            yield f"{names} left out: nothing else needs them, and they do not link here{install}"

    def error(self) -> RelinkError:
        """When what could not be linked is needed: all that is missing in one message."""
        name, reason = next(iter(self.reasons.items()))
        more = f"; so do {len(self.reasons) - 1} more" if len(self.reasons) > 1 else ""
        lacks = f"; missing on this machine: {', '.join(sorted(self.missing))}" if self.missing else ""
        lacks += (
            f"; archives that this LLVM names and does not have: {', '.join(sorted(self.absent))}"
            if self.absent
            else ""
        )
        return RelinkError(
            f"no shared flavour can be derived from the static LLVM: {name} does not link: {reason}{more}{lacks}",
            hint=f"{self.install}; or {NO_DERIVING}" if self.install else NO_DERIVING,
        )


def _relinked(
    work: Relinking, libraries: Mapping[str, SharedLibrary], bonds: Bonds, packages: Sequence[Package], version: str
) -> tuple[tuple[SharedLibrary, ...], _LeftOut]:
    """Link them; leave out what does not link and nothing of importance takes symbols from. Raises ``RelinkError``."""
    absent = frozenset(name for name, library in _all(packages).items() if library.is_absent)
    left = _LeftOut(reasons={}, names=frozenset(), absent=absent, missing=frozenset(), version=version)
    while True:
        there = {name: library for name, library in libraries.items() if name not in left.names}
        together = _together(there, bonds.families)
        links = (
            replace(each, public=left.without(each.public), private=left.without(each.private)) for each in together
        )
        attempt = relink(work, [_for_link(library, packages) for library in links])
        missing = left.missing | attempt.missing
        if not attempt.failed:
            return together, replace(left, missing=missing)
        members = {each.name: {each.name, *each.aliases} for each in together}
        failed = {name for head in attempt.failed for name in members[head]}
        reasons = {**left.reasons, **attempt.failed}
        left = replace(left, names=left.names | _dependents(failed, bonds), reasons=reasons, missing=missing)
        if any(name.startswith(_NEEDED) for name in left.names):
            to_blame = {name for name in failed if any(each.startswith(_NEEDED) for each in _dependents({name}, bonds))}
            raise replace(left, reasons={name: why for name, why in reasons.items() if name in to_blame}).error()


def _dependents(names: set[str], bonds: Bonds) -> frozenset[str]:
    """The libraries, and all that take symbols from them, directly or not."""
    found = set(names)
    while more := {name for name, needs in bonds.needs.items() if name not in found and not found.isdisjoint(needs)}:
        found |= more
    return frozenset(found)


# -- the derived install ------------------------------------------------------------------------------------------


def _compose(
    packages: Sequence[Package], directory: Path, libraries: Mapping[str, SharedLibrary], *, owned: bool
) -> None:
    """Everything but the archives and the packages, as links to where it is."""
    special = {path for library in libraries.values() for path in library.archives}
    for package in packages:
        special |= {package.directory, package.root / CONFIG_HEADER}
    bring: Callable[[Path, Path], None] = _hard_link if owned else (lambda source, target: target.symlink_to(source))
    for root, place in dict.fromkeys((package.root, package.place) for package in packages):
        _mirror(root, directory / place, special, bring)


def _mirror(source: Path, target: Path, special: set[Path], bring: Callable[[Path, Path], None]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for child in source.iterdir():
        if child in special or child.name.startswith(_OURS):
            continue
        if any(child in path.parents for path in special):
            _mirror(child, target / child.name, special, bring)
        else:
            bring(child, target / child.name)


def _hard_link(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=_link_file)
    else:
        _link_file(source, target)


def _link_file(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target, follow_symlinks=False)


def _move(made: Path, directory: Path) -> None:
    for source in sorted(made.rglob("*")):
        if source.is_symlink() or source.is_file():
            target = directory / source.relative_to(made)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.move(source, target)


def _true_packages(packages: Sequence[Package], true: Truth, directory: Path) -> None:
    sources = {package.name: package.directory for package in _packages(true.packages)}
    for package in packages:
        if package.name == "llvm" and (package.root / CONFIG_HEADER).is_file():
            shutil.copyfile(true.config_header, directory / package.place / CONFIG_HEADER)
    for package in packages:
        target = directory / package.place / package.directory.relative_to(package.root)
        shutil.copytree(sources[package.name], target, symlinks=True)


def _rewritten_packages(
    packages: Sequence[Package], directory: Path, libraries: Mapping[str, SharedLibrary], left: frozenset[str]
) -> None:
    gone = _gone(packages) | left
    for package in packages:
        target = directory / package.place / package.directory.relative_to(package.root)
        shutil.copytree(package.directory, target)
        names = [name for name in package.libraries if name in libraries]
        shared = {name: _as_shared(libraries[name], package, libraries) for name in names}
        for path in export_files(target):
            _write(path, rewrite(read(path), shared, gone))
        for name in ("LLVMConfig.cmake", "MLIRConfig.cmake"):
            if (target / name).is_file():
                _write(target / name, _settings(read(target / name), gone))
        if (package.root / CONFIG_HEADER).is_file():
            _write(directory / package.place / CONFIG_HEADER, _header(read(package.root / CONFIG_HEADER)))


def _as_shared(library: SharedLibrary, package: Package, libraries: Mapping[str, SharedLibrary]) -> Imported:
    return Imported(
        name=library.name,
        type="SHARED",
        location=Path(library.path.removeprefix(package.place)),
        soname=library.soname,
        links=library.public,
        needs=tuple(entry for entry in library.private if entry in libraries),
    )


def _settings(text: str, gone: frozenset[str]) -> str:
    for name, value in _SETTINGS:
        text = re.sub(rf"(?m)^set\({name} \S+\)", f"set({name} {value})", text)
    for name in gone:
        lists = rf"(?m)^(set\((?:LLVM_AVAILABLE_LIBS|MLIR_EXPORTED_TARGETS) .*?)(?<=[ ;\"]){name}(?=[;\")])(;?)"
        text = re.sub(lists, r"\1", text)
    return text


def _header(text: str) -> str:
    """CMake's ``#cmakedefine`` leaves a definition, or a comment in its place."""
    for name, value in _HEADER_SETTINGS:
        line = f"#define {name}" if value else f"/* #undef {name} */"
        text = re.sub(rf"(?m)^(?:#define {name}|/\* #undef {name} \*/).*$", line, text)
    return text


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
