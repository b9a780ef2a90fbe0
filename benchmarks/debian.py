"""A source package of Debian's, on a machine whose apt lists binary packages only, and without being root."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

ETC: Final = Path("/etc/apt")
UPSTREAM: Final = "*.orig.tar.*"


def sources_of(text: str) -> str:
    """A list of archives of binary packages as a list of the same archives' source packages.

    Both forms of sources.list(5): lines that begin with ``deb``, and paragraphs with a field ``Types``. Debian's own
    archive is asked for its suite ``unstable`` too, which has the releases that a stable suite does not.
    """
    text = re.sub(r"(?m)^deb (.*)$", r"deb-src \1", text)
    text = re.sub(r"(?m)^deb-src ((?:\[.*\] )?\S+/debian/?) .*$", r"\g<0>\ndeb-src \1 unstable main", text)
    text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", text)
    return re.sub(r"(?m)^(URIs:.*/debian/?\nSuites:)", r"\1 unstable", text)


def upstream_tarball(package: str, work: Path) -> Path:
    """The upstream tarball of a source package, downloaded once.

    apt gets lists of its own below ``work``, made from the machine's, so that nothing of the machine is changed.

    Raises:
        SystemExit: No archive of the machine's apt has the package.

    """
    downloads = work / "debian"
    if not (found := sorted(downloads.glob(UPSTREAM))):
        options = _private(work / "apt")
        downloads.mkdir(parents=True, exist_ok=True)
        # One of several archives may be out of reach: what counts is whether the package is found.
        subprocess.run(["apt-get", *options, "--quiet", "update"], check=False)
        command = ["apt-get", *options, "--quiet", "source", "--download-only", "--tar-only", package]
        if subprocess.run(command, cwd=downloads, check=False).returncode:
            raise SystemExit(f"{package}: not a source package of the archives below {ETC}: pass a tarball instead")
        found = sorted(downloads.glob(UPSTREAM))
    return found[0]


def _private(directory: Path) -> list[str]:
    parts = directory / "sources"
    for each in (parts, directory / "lists/partial", directory / "cache"):
        each.mkdir(parents=True, exist_ok=True)
    for path in [ETC / "sources.list", *sorted((ETC / "sources.list.d").glob("*"))]:
        if path.suffix in {".list", ".sources"} and path.is_file():
            (parts / path.name).write_text(sources_of(path.read_text(encoding="utf-8")), encoding="utf-8")
    values = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": parts,
        "Dir::State::lists": directory / "lists",
        "Dir::Cache": directory / "cache",
        "APT::Sandbox::User": "root",  # else apt warns that its own user can't write here
    }
    return [word for name, value in values.items() for word in ("-o", f"{name}={value}")]
