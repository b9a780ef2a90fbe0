"""An installed LLVM/MLIR: finding its CMake packages, reading what it is, and verifying that it is the candidate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.settings import RevisionRule
from pytest_llvmgate.errors import EXIT_USAGE, SupplyError
from pytest_llvmgate.git.revisions import is_sha
from pytest_llvmgate.plain_file import read_plain_text, text_of
from pytest_llvmgate.wording import listed

_LIBRARY_DIRECTORIES: Final = ("lib", "lib64")
_REVISION: Final = re.compile(r'^[ \t]*+#[ \t]*+define[ \t]++LLVM_REVISION[ \t]++"([^"\n]*+)"', re.MULTILINE)
_SETTING: Final = re.compile(
    r'^[ \t]*+set\(\s*+(\w++)(?:\s++"?([^")\s]*+(?>(?:\s++[^")\s]++)*))\s*+"?)?\s*+\)', re.MULTILINE
)
# The checks that CMake writes into export files (install(EXPORT), "<name>-<config>.cmake"), in upper case before 3.24.
# Distributions comment them out for what they put into other packages, so a comment is no check.
_CHECKED_TARGET: Final = re.compile(r"(?im)^[ \t]*list\(APPEND _(?:cmake_)?import_check_targets (\S+)")
_CHECKED_FILES: Final = re.compile(
    r"(?im)^[ \t]*list\(APPEND _(?:cmake_)?import_check_files_for_(\S+)((?:\s+\"[^\"]*\")+)"
)
_SETTINGS_SHOWN: Final = (
    "LLVM_PACKAGE_VERSION",
    "LLVM_BUILD_TYPE",
    "LLVM_ENABLE_ASSERTIONS",
    "LLVM_ENABLE_RTTI",
    "LLVM_ENABLE_EH",
    "LLVM_BUILD_SHARED_LIBS",
    "LLVM_LINK_LLVM_DYLIB",
    "LLVM_ENABLE_ABI_BREAKING_CHECKS",
)
_MISSING_SHOWN: Final = 3
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_RELEASE: Final = re.compile(r"llvmorg-(\d+\.\d+\.\d+)")
_VERSION_ASKED: Final = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,3}")


class PrefixError(SupplyError):
    """What is named as an installed LLVM is none, or half of one. Where a command was given it, that is bad input."""

    exit_code = EXIT_USAGE


@dataclass(frozen=True, kw_only=True)
class ToolchainPrefix:
    """An installed LLVM/MLIR as ``find_package`` sees it."""

    llvm_dir: Path
    """The directory of LLVMConfig.cmake, for ``LLVM_DIR``."""
    mlir_dir: Path | None
    """The directory of MLIRConfig.cmake, for ``MLIR_DIR``; None when the install has no MLIR."""
    revision: str = ""
    """What the install itself says it was built from; empty when it says nothing."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of LLVMConfig.cmake that downstreams depend on."""

    @property
    def packages(self) -> dict[str, Path]:
        """The install's CMake packages that downstreams ask for, by name, each with the directory for ``<name>_DIR``.

        Clang's and LLD's bring an LLVM of their own along: where CMake finds another install's, it takes that LLVM.
        """
        beside = {name: self.llvm_dir.parent / name.lower() for name in ("Clang", "LLD")}
        return {
            "LLVM": self.llvm_dir,
            **({"MLIR": self.mlir_dir} if self.mlir_dir else {}),
            **{name: path for name, path in beside.items() if (path / f"{name}Config.cmake").is_file()},
        }

    @property
    def llvm_root(self) -> Path:
        """The install prefix of LLVM."""
        return install_root(self.llvm_dir)

    @property
    def mlir_root(self) -> Path:
        """The install prefix of MLIR; LLVM's own where MLIR is not installed apart."""
        return install_root(self.mlir_dir) if self.mlir_dir else self.llvm_root

    @property
    def roots(self) -> tuple[Path, ...]:
        """The install prefixes, LLVM's first: one, or two where MLIR is installed apart."""
        return tuple(dict.fromkeys((self.llvm_root, self.mlir_root)))

    @property
    def places(self) -> tuple[tuple[Path, Path], ...]:
        """The directory of each CMake package of LLVM and MLIR, with the prefix that it is installed in."""
        found = (self.llvm_dir, self.llvm_root), (self.mlir_dir, self.mlir_root)
        return tuple((directory, root) for directory, root in found if directory is not None)

    @property
    def version(self) -> str:
        """LLVM's release version, e.g. ``22.1.8``."""
        return self.settings.get("LLVM_PACKAGE_VERSION", "")

    def lacks(self, name: str) -> str:
        """Why CMake does not find one of LLVM's packages here, in words; empty where it does."""
        if name not in self.packages:
            return f"has no {name}Config.cmake"
        try:
            _check_complete(self.packages[name])
        except PrefixError as error:
            return f"is incomplete ({error.problems[0].message})"
        return ""


def is_refused(asked: str, version: str) -> bool:
    """Whether LLVM's packages of a version are not taken where ``find_package`` says ``asked`` first.

    The rule of ``LLVMConfigVersion.cmake``: the same major and minor version, and no lower patch. Of a range
    (``20...22``) it sees the lower end alone.
    """
    texts = asked.partition("...")[0], version.removesuffix("git")
    if not all(map(_VERSION_ASKED.fullmatch, texts)):
        return False
    wanted, had = ([*map(int, text.split(".")), 0, 0][:3] for text in texts)
    return wanted[:2] != had[:2] or wanted[2] > had[2]


def install_root(package_dir: Path) -> Path:
    """The prefix above ``lib/cmake/<name>``."""
    return package_dir.parents[2]


def names_revision(template: str) -> bool:
    """Whether every commit has an install of its own, by its place: ``template`` is ``llvm.prefix``."""
    return any(word in template for word in ("{sha}", "{short}", "{tag}"))


def distribution_prefixes(libraries: Path = Path("/usr/lib")) -> tuple[Path, ...]:
    """The LLVMs that Debian's and Ubuntu's ``-dev`` packages have installed here, oldest first."""
    found = libraries.glob("llvm-[0-9]*/lib/cmake/llvm/LLVMConfig.cmake")
    return tuple(sorted((config.parents[3] for config in found), key=lambda root: (len(root.name), root.name)))


def read_prefix(root: Path) -> ToolchainPrefix:
    """Read the install below ``root``: one prefix, or ``llvm/`` and ``mlir/`` side by side as in the wheels.

    Raises :class:`PrefixError` when there is none, or only half of one.
    """
    if not root.is_dir():
        raise PrefixError(
            f"expected an installed LLVM at {root}, found {'a file' if root.exists() else 'no such directory'}",
            hint="install the candidate there, or say in [llvm] where one is: a prefix, wheels, an archive or source",
        )
    llvm_dir = _package_dir(root, "llvm", "LLVMConfig.cmake")
    if llvm_dir is None:
        looked = " and ".join(f"{{.,llvm}}/{lib}/cmake/llvm" for lib in _LIBRARY_DIRECTORIES)
        raise PrefixError(
            f"expected an installed LLVM at {root}, found no LLVMConfig.cmake (in {looked})",
            hint="install LLVM with its CMake package (ninja install, or the -dev package of a distribution)",
        )
    mlir_dir = _package_dir(root, "mlir", "MLIRConfig.cmake")
    for package in (llvm_dir, mlir_dir):
        if package is not None:
            _check_complete(package)
    told = package_variables(llvm_dir / "LLVMConfig.cmake")
    return ToolchainPrefix(
        llvm_dir=llvm_dir,
        mlir_dir=mlir_dir,
        revision=_revision(install_root(llvm_dir)),
        settings={name: value for name, value in told.items() if name in _SETTINGS_SHOWN},
    )


def verify_revision(
    prefix: ToolchainPrefix,
    candidate: str,
    rule: RevisionRule,
    *,
    name: str = "",
    tagged: Iterable[tuple[str, str]] = (),
) -> str:
    """Compare the install's revision with the candidate and return a remark for the report (empty when all is plain).

    ``name`` is the candidate's tag, ``tagged`` the tags that the configuration knows, with their SHAs: what records no
    revision has a version all the same, which a release's tag says.
    Raises :class:`SupplyError` when they differ, or when the install names none and the config does not accept that.
    """
    header = prefix.llvm_root / "include/llvm/Support/VCSRevision.h"
    found = prefix.revision.lower()
    if not found:
        if rule is RevisionRule.UNRECORDED:
            _check_release(prefix, candidate, name, dict(tagged))
            return "the install records no revision; taken on trust (llvm.revision = 'unrecorded')"
        raise SupplyError(
            f"expected an LLVM of revision {candidate}, found an install that records none",
            where=str(header),
            hint='use an install that was built from git, or accept this one with revision = "unrecorded" in [llvm]',
        )
    if not is_sha(found) or not candidate.startswith(found):
        other = f", or ask for --llvm-sha={found[:12]}" if is_sha(found) else ""
        raise SupplyError(
            f"expected an LLVM of revision {candidate}, found {prefix.revision}",
            where=str(header),
            hint=f"point [llvm] at an install of {candidate[:12]}{other}",
        )
    return ""


def _check_release(prefix: ToolchainPrefix, candidate: str, tag: str, tagged: Mapping[str, str]) -> None:
    wanted, found = _RELEASE.match(tag), _VERSION.match(prefix.version)
    if wanted and found and wanted[1] != found[0]:
        raise SupplyError(
            f"expected LLVM {wanted[1]}, as {tag} says, found {prefix.version}",
            where=str(prefix.llvm_dir / "LLVMConfig.cmake"),
            hint=f"point [llvm] at an install of {tag}",
        )
    release = f"llvmorg-{prefix.version}"
    if tagged.get(release, candidate) != candidate:
        raise SupplyError(
            f"expected LLVM {candidate[:12]}, found {prefix.version}, which is {tagged[release][:12]} by [llvm.tags]",
            where=str(prefix.llvm_dir / "LLVMConfig.cmake"),
            hint=f"ask for --llvm-sha={release}, or point [llvm] at an install of {candidate[:12]}",
        )


def _package_dir(root: Path, name: str, config_file: str) -> Path | None:
    for base in (root, root / name):
        for library in _LIBRARY_DIRECTORIES:
            directory = base / library / "cmake" / name
            if (directory / config_file).is_file():
                return directory
    return None


def _check_complete(package: Path) -> None:
    """Raise :class:`PrefixError` when files that the CMake exports name are absent: the install was interrupted."""
    missing = [path for path in _exported_files(package) if not path.exists()]
    if not missing:
        return
    raise PrefixError(
        f"expected a whole install, found half of one: {len(missing)} files that its CMake exports name are absent: "
        f"{listed(missing, _MISSING_SHOWN)}",
        where=str(package),
        hint="install it again; a distribution's LLVM may need further packages (-dev and -tools)",
    )


def _exported_files(package: Path) -> Iterator[Path]:
    root = str(install_root(package))
    for exports in sorted(package.glob("*-*.cmake")):
        text = read_plain_text(exports)
        targets = set(_CHECKED_TARGET.findall(text))
        for match in _CHECKED_FILES.finditer(text):
            if match[1] not in targets:
                continue
            for name in re.findall(r'"([^"]*)"', match[2]):
                # An object library's entry is a list of its objects.
                yield from map(Path, name.replace("${_IMPORT_PREFIX}", root).split(";"))


def _revision(root: Path) -> str:
    match = _REVISION.search(text_of(root / "include/llvm/Support/VCSRevision.h"))
    return match[1] if match else ""


def package_variables(config: Path) -> dict[str, str]:
    """What a file of a CMake package sets to plain text: ``LLVMConfig.cmake``, ``MLIRConfig.cmake``."""
    return dict(_SETTING.findall(read_plain_text(config)))
