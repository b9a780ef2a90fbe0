"""C++ that stands in ``.td`` files: what is generated of it does not compile, and it is mended where it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.code_pieces import words_of
from pytest_llvmgate.fix.documented_rules import DOCUMENTED
from pytest_llvmgate.fix.fix_outcome import FileCures
from pytest_llvmgate.fix.rewrite_rules import Edit, Rule, applied, matches
from pytest_llvmgate.fix.statements import line_of, line_span
from pytest_llvmgate.fix.trials import Kept, Refused
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.model import Finding

_GENERATED: Final = re.compile(r"[^\n:]+\.inc:\d+:\d+: (?:fatal )?error: ")
_SHOWN: Final = re.compile(r" *\d+ \|(?P<code>.*)")
_PLACEHOLDER: Final = re.compile(r"\$(?=_[a-z])")
_NAMED: Final = re.compile(r"\bS(?=_[a-z])")


def told_code(finding: Finding) -> tuple[str, str]:
    """The ``.td`` file that an error in generated code leads to, and the line of that code; empty for others."""
    path = finding.locations[0].path if finding.locations else ""
    lines = zip(finding.evidence, finding.evidence[1:], strict=False)
    shown = (_SHOWN.fullmatch(code) for error, code in lines if _GENERATED.match(error))
    code = next((one["code"].strip() for one in shown if one is not None), "")
    return (path, code) if path.endswith(".td") and code else ("", "")


@dataclass(kw_only=True)
class TdCodeCures(FileCures):
    """Documented rules for such code, each kept where a unit that includes what is generated has no more to say."""

    copy: WorkingCopy
    still_told: Callable[[Finding], Collection[tuple[str, str]] | None]
    """Causes in code that is generated of the files as they are now; ``None`` where it could not be looked at."""

    def run(self, findings: Collection[Finding]) -> None:
        """Mend what can be mended."""
        self.found = {finding.key: finding for finding in findings}
        for finding in findings:
            told, code = told_code(finding)
            path = self.copy.path_of(self.copy.there(told), self.copy.root)
            for rule, edits in self._cures(path, code):
                if self._is_kept(finding, path, rule, edits):
                    break
            else:
                self.left |= {finding.key}

    def _cures(self, path: str, code: str) -> Iterator[tuple[Rule, list[Edit]]]:
        """Of every place that has that code: what TableGen names ``odsBuilder`` is written ``$_builder``."""
        text = _PLACEHOLDER.sub("S", self.copy.read(path))
        words = words_of(code)
        there = re.compile(
            r"\s*".join(rf"(?:{one.text}|S_\w+)" if one.is_name else re.escape(one.text) for one in words)
        )
        places = [one.span() for one in there.finditer(text)]
        for rule in (one for one in DOCUMENTED if one.words <= {word.text for word in words}):
            edits = [edit for place in places for edit in matches(rule, text, *place)]
            if edits:
                yield rule, [Edit(start=one.start, end=one.end, text=_NAMED.sub("$", one.text)) for one in edits]

    def _is_kept(self, finding: Finding, path: str, rule: Rule, edits: list[Edit]) -> bool:
        before = self.copy.snapshot()
        text = self.copy.read(path)
        new, _ = applied(text, edits)
        self.copy.write(path, new)
        line = line_of(text, edits[0].start)
        kept = Kept(
            cause=finding.key, path=path, line=line, source=rule.source, what=str(rule),
            before=text[slice(*line_span(text, line))], after=new[slice(*line_span(new, line))],
        )  # fmt: skip
        told = self.still_told(finding)
        if told is None or finding.key in told or not set(told) <= set(self.found):
            self.copy.restore(before)
            said = "nothing was generated" if told is None else "what is generated then does not compile either"
            self.refused.append(Refused.of(kept, said))
            return False
        self.kept.append(kept)
        return True
