"""Libraries that a link lacks: linkcheck names them and the line, and then looks at the edited copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_llvmgate.cmake.link_entries import entry_for, with_entry
from pytest_llvmgate.cmake.listfile import parse
from pytest_llvmgate.fix.fix_outcome import FileCures
from pytest_llvmgate.fix.scratch_build import ScratchBuild
from pytest_llvmgate.fix.trials import Kept, Refused
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.kinds.catalogue import SHARED_LINK, UNDEFINED_SYMBOL
from pytest_llvmgate.linkcheck.link_analysis import LinkPrediction
from pytest_llvmgate.linkcheck.prediction import LinkcheckResult, finding_key, run_linkcheck
from pytest_llvmgate.linkcheck.shared_tree import LinkcheckOptions
from pytest_llvmgate.linkcheck.suggest import Suggestion
from pytest_llvmgate.model import Finding
from pytest_llvmgate.owners.by_tree import find_layers

_LINKS = frozenset({SHARED_LINK, UNDEFINED_SYMBOL})
_SOURCE = "linkcheck: the library that defines what is missing"


def is_about_links(finding: Finding) -> bool:
    """Whether a link lacks a library."""
    return finding.kind == SHARED_LINK


@dataclass(kw_only=True)
class LinkCures(FileCures):
    """Entries put where they are missing, round after round: a link that works lets others show what they lack."""

    copy: WorkingCopy
    scratch: ScratchBuild
    components: Sequence[tuple[str, str]]

    def run(self) -> None:
        """Raises ``GateError`` where the project cannot be configured as a shared build."""
        result = self._look()
        for _ in range(4):
            before = self.copy.snapshot()
            made = list(self._entered(result))
            if not made:
                break
            after = self._look()
            fresh = {one.key for one in after.findings} - {one.key for one in result.findings}
            gone = {one.key for one in result.findings} - {one.key for one in after.findings}
            good = [one for one in made if one.cause in gone]
            if fresh or not good:
                self.copy.restore(before)
                said = ", ".join(sorted(identifier for _, identifier in fresh)) or "linkcheck says the same"
                self.refused += [Refused.of(one, f"then: {said}") for one in made]
                break
            self.kept += made
            result = after
        self.left = frozenset(one.key for one in result.findings)

    def _look(self) -> LinkcheckResult:
        result = run_linkcheck(
            self.scratch.build,
            scratch=self.scratch.directory.with_name(f"{self.scratch.directory.name}-links"),
            options=LinkcheckOptions(command=self.scratch.command()),
            layers=find_layers(self.copy.root, [self.copy.root / path for _, path in self.components]),
        )
        result = replace(result, findings=tuple(one for one in result.findings if one.kind in _LINKS))
        self.found |= {one.key: one for one in result.findings}
        return result

    def _entered(self, result: LinkcheckResult) -> Iterator[Kept]:
        for link in result.links:
            for suggestion in result.suggestions.get(link.target, ()) if link.fails else ():
                if kept := self._enter(link, suggestion):
                    yield kept

    def _enter(self, link: LinkPrediction, suggestion: Suggestion) -> Kept | None:
        entry = suggestion.edit
        path = self.copy.path_of(str(entry.file), self.copy.root) if entry is not None else ""
        if entry is None or not path or suggestion.makes_cycle:
            return None
        text = self.copy.read(path)
        # Where it belongs by now: earlier ones may have moved the lines of the same file.
        here = entry_for(entry.file, tuple(parse(text)), target=link.target, library=suggestion.target_name)
        new = with_entry(text, here or entry)
        if new == text:
            return None
        self.copy.write(path, new)
        return Kept(
            cause=finding_key(link, suggestion.target_name), path=path, line=entry.line, source=_SOURCE, what=entry.how,
            before="", after=suggestion.target_name,
        )  # fmt: skip
