"""What a search knows, kept in a file, so that an interrupted one goes on; and the log that can be replayed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.bisect.judge import Judgement, Wanted, judge
from pytest_llvmgate.bisect.probing import ProbeRequest, ProbeResult
from pytest_llvmgate.codec import dumps, to_plain
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.run_directory import DIRECTORY_NAME
from pytest_llvmgate.gate.seal import write_sealed
from pytest_llvmgate.plain_file import read_plain_text

_LINE: Final = re.compile(r"(?:git bisect )?(good|bad|skip|unrelated|old|new)[\s:]+'?([0-9a-f]{7,40})\b")
_SYNONYMS: Final = {"old": "good", "new": "bad", "unrelated": "skip"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One commit that was judged."""

    sha: str
    result: ProbeResult | None = None
    """None for what the user or a log said."""
    said: Mark | None = None
    """The mark that the user or a log gave."""


def judged_step(step: Step, wanted: Wanted) -> Judgement:
    """What a step means for a search."""
    if step.result is None:
        return Judgement(mark=step.said or Mark.SKIP, reason="as the log or the command line says")
    return judge(step.result, wanted)


@dataclass(frozen=True, kw_only=True)
class SearchState:
    """A search so far."""

    good: str
    bad: str
    """Full SHAs of the ends."""
    request: ProbeRequest
    source_state: str
    """Digest of the downstream's working tree: another tree is another search."""
    steps: tuple[Step, ...] = ()
    """In the order in which they ended."""
    schema: Literal[1] = 1
    """A state of another is not read."""

    def directory(self, root: Path) -> Path:
        """Where this search of a downstream keeps its files."""
        own = [self.good, self.bad, json.dumps(to_plain(self.request)), self.source_state]
        digest = hashlib.sha256("\n".join(own).encode()).hexdigest()[:8]
        return root / DIRECTORY_NAME / "bisect" / f"{self.good[:8]}-{self.bad[:8]}-{digest}"

    @property
    def probes(self) -> tuple[ProbeResult, ...]:
        """The results of what was really run."""
        return tuple(step.result for step in self.steps if step.result is not None)

    def step(self, sha: str) -> Step | None:
        """What is known of a commit, the latest first."""
        return next((step for step in reversed(self.steps) if step.sha == sha), None)

    def with_step(self, step: Step) -> SearchState:
        """The state with one more judged commit, which replaces what was known of it."""
        return replace(self, steps=(*(each for each in self.steps if each.sha != step.sha), step))


def save_state(root: Path, path: Path, state: SearchState) -> None:
    """Write what probes have shown, atomically and sealed. Raises ``OSError``."""
    probed = replace(state, steps=tuple(each for each in state.steps if each.result is not None))
    write_sealed(root, path, dumps(probed))


def read_log(path: Path) -> tuple[tuple[str, Mark], ...]:
    """The commits (7 to 40 digits) and marks in a log of ours or of ``git bisect log``. Raises ``GateError``."""
    try:
        text = read_plain_text(path)
    except OSError as error:
        raise GateError(f"the log cannot be read: {error.strerror or error}", where=str(path)) from error
    found: dict[str, Mark] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if not words or words.startswith(("#", "git bisect start", "status:")):
            continue
        match = _LINE.match(words)
        if match is None:
            raise GateError(
                f"expected a line like 'good <sha>' or 'git bisect good <sha>', found {words[:60]!r}",
                where=f"{path}:{number}",
            )
        found[match[2]] = Mark(_SYNONYMS.get(match[1], match[1]))
    return tuple(found.items())
