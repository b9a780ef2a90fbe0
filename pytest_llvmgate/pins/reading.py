"""What reading a pin gives: the commit, where it was found, by which hops, and what stood in the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.errors import Problem
from pytest_llvmgate.git.revisions import shortened
from pytest_llvmgate.model import Location
from pytest_llvmgate.pins.syntax.found import TAG_PREFIX


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One step from the downstream towards an indirect pin."""

    what: str
    """``gitlink``, ``file`` (which names the commit) or ``vendored directory``."""
    where: Location
    """The place that names the next repository and its commit."""
    commit: str = ""
    """The commit of the component; empty for a vendored directory, which has none of its own."""
    store: Path | None = None
    """The local repository that the commit was read from."""
    url: str = ""
    """Where the component comes from, as ``.gitmodules`` says."""

    def __str__(self) -> str:
        return f"{self.where} @ {self.commit[:12]}" if self.commit else f"{self.where} ({self.what})"


@dataclass(frozen=True, kw_only=True)
class PinReading:
    """What one pin says, read at one state of the downstream."""

    spec: PinSpec
    text: str = ""
    """The commit as it is written: a SHA, an abbreviated one, or a tag."""
    sha: str | None = None
    """The full SHA that ``text`` stands for; ``None`` where it could not be read or resolved."""
    location: Location
    """File and line of the text, or the path of the gitlink, relative to the downstream's root."""
    reader: str = ""
    """Name of the reader that found it."""
    duplicates: tuple[Location, ...] = ()
    """Further places in the same file that say the same."""
    only_tags: bool = False
    """It stands where git takes no SHA, only a tag or a branch."""
    hops: tuple[Hop, ...] = ()
    problem: Problem | None = None
    """Why there is no commit, and the command that mends it."""
    warnings: tuple[Problem, ...] = ()
    """What else is odd: a checkout that stands elsewhere, an edited file in it."""

    @property
    def name(self) -> str:
        """The pin's name."""
        return self.spec.name

    @property
    def is_direct(self) -> bool:
        """Whether the downstream's own commit says it, with no component in between."""
        return self.spec.is_direct or (not self.spec.file and not self.hops)

    @property
    def short(self) -> str:
        """The commit as a table shows it."""
        return shortened(self.sha or self.text)

    @property
    def is_tag(self) -> bool:
        """Whether the commit is written as one of LLVM's tags."""
        return self.text.startswith(TAG_PREFIX)
