"""What was mended in components: a patch with a message each, and how the downstream carries it until they have it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from pytest_llvmgate.carry.offers import as_toml, proposed
from pytest_llvmgate.config.load import parse_config
from pytest_llvmgate.config.settings import CarrySpec, Config
from pytest_llvmgate.errors import ConfigError, GateError
from pytest_llvmgate.fix.cure_commits import Extra, message_of_cause
from pytest_llvmgate.fix.fix_outcome import Cause, FixOutcome
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.kinds.facts import CULPRIT

_LONGEST_REASON: Final = 300


@dataclass(frozen=True, kw_only=True)
class ComponentPatch:
    """What was mended in one submodule."""

    component: str
    """Its path below the top of the checkout."""
    diff: str
    causes: tuple[Cause, ...]

    @property
    def mail(self) -> str:
        """The diff as ``git am``, ``git apply`` and a ``[[carry]]`` take it."""
        subject, parts = "Follow LLVM", [message_of_cause(cause) for cause in self.causes]
        if len(parts) == 1:
            subject, _, parts[0] = parts[0].partition("\n")
        # A line of a message must not look like the beginning of a diff.
        body = "\n".join(parts).strip().replace("\n--- ", "\n - ").replace("\ndiff --git", "\n diff --git")
        head = f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nSubject: [PATCH] {subject}\n\n"
        return f"{head}{body}\n---\n{self.diff}" if body else f"{head}---\n{self.diff}"

    def carry(self, file: str, today: datetime.date | None = None) -> CarrySpec:
        """The carry of the patch, copied to ``file``."""
        what = "; ".join(dict.fromkeys(cause.finding.headline for cause in self.causes))
        culprits = dict.fromkeys(cause.finding.facts.get(CULPRIT, "") for cause in self.causes)
        return proposed(
            self.component,
            file,
            name=f"{self.component}-follows-llvm",
            reason=f"it has not followed LLVM yet: {what}"[:_LONGEST_REASON],
            cause=next(iter(culprits)) if len(culprits) == 1 else "",
            today=today,
        )


def component_patches(copy: WorkingCopy, outcome: FixOutcome) -> Iterator[ComponentPatch]:
    """Of every submodule in which something was mended."""
    for owner in copy.submodules:
        if diff := copy.patch(owner):
            causes = [cause for cause in outcome.causes if any(copy.owner_of(one.path) == owner for one in cause.kept)]
            yield ComponentPatch(component=owner, diff=diff, causes=tuple(causes))


def as_carries(patches: Sequence[ComponentPatch], config: Config, candidate: str) -> Iterator[Extra]:
    """A commit for each patch: its file, and the configuration with the table that carries it.

    Raises ``GateError`` where a component does not lie below the configuration, or a table cannot be added to that.
    """
    repository = Repository.open(config.root)
    below = f"{top}/" if (top := repository.relative(config.root)) else ""
    path, head = repository.relative(config.path), repository.head()
    text = (repository.read(path, commit=head) or b"").decode("utf-8", "surrogateescape")
    carries = config.carries
    for patch in patches:
        if not patch.component.startswith(below):
            raise GateError(f"{patch.component} does not lie below {config.path}, which cannot carry a patch on it")
        inner = replace(patch, component=patch.component.removeprefix(below))
        stem = "-".join(filter(None, ("patches/" + inner.component.replace("/", "-"), candidate[:12])))
        file = next(name for name in _numbered(stem, ".patch") if repository.entry(below + name, commit=head) is None)
        carry = inner.carry(file)
        taken = {one.name for one in carries}
        carry = replace(carry, name=next(name for name in _numbered(carry.name) if name not in taken))
        text = _with_table(config, text, carry)
        carries = (*carries, carry)
        yield Extra(
            message="\n".join([f"Carry a patch on {inner.component}", "", *map(message_of_cause, inner.causes)]),
            files={below + file: patch.mail, path: text},
        )


def _numbered(stem: str, end: str = "") -> Iterator[str]:
    yield f"{stem}{end}"
    yield from (f"{stem}-{number}{end}" for number in count(2))


def _with_table(config: Config, text: str, carry: CarrySpec) -> str:
    name = "tool.llvmgate.carry" if config.path.name == "pyproject.toml" else "carry"
    longer = f"{text.rstrip()}\n\n{as_toml(carry, name)}\n"
    try:
        parse_config(config.path, longer)
    except ConfigError as error:  # carries that are written inline, say
        raise GateError(
            f"no [[{name}]] can be added to the configuration: {error.problems[0].message}",
            where=str(config.path),
            hint="write its carries as tables",
        ) from None
    return longer
