"""How right the diagnosis is: ``python -m tests.corpus.report [--details]``.

Every log of the corpus is diagnosed as ``llvmgate explain`` would do it, without any further knowledge, and compared
with its hand-written truth. A cause is *found* when a finding has its class, layer, subject and place; *missed* when
none has; a finding that belongs to no cause is *false*.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_llvmgate.findings import Diagnosis, diagnose
from pytest_llvmgate.findings.screen import render
from pytest_llvmgate.model import Finding

HERE = Path(__file__).parent
SCREEN = 30
"""Lines that a maintainer sees without scrolling."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    kind: str
    layer: str
    about: str
    component: str = ""
    at: str = ""
    evidence: str = ""

    def is_met_by(self, finding: Finding) -> bool:
        return (
            finding.kind == self.kind
            and finding.layer == self.layer
            and (not self.component or finding.component == self.component)
            and (self.about in finding.identifier or self.about in finding.headline)
            and (not self.at or any(self._is_at(str(place)) for place in finding.locations))
            and (not self.evidence or any(self.evidence in line for line in finding.evidence))
        )

    def _is_at(self, place: str) -> bool:
        return place == self.at or place.startswith(f"{self.at}:")


@dataclass(frozen=True, kw_only=True)
class Truth:
    name: str
    causes: tuple[Cause, ...]
    more: bool = False
    """There are more causes than are written down, so that further findings are not false."""
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One log against its truth."""

    truth: Truth
    diagnosis: Diagnosis
    found: tuple[Cause, ...]
    missed: tuple[Cause, ...]
    false: tuple[Finding, ...]
    first_on_screen: bool
    unsaid: tuple[str, ...]
    """What is hidden and was not said."""

    @property
    def is_right(self) -> bool:
        return not (self.missed or self.false or self.unsaid) and self.first_on_screen


@dataclass
class Row:
    found: int = 0
    missed: int = 0
    false: int = 0
    names: list[str] = field(default_factory=list)


def truths() -> dict[str, Truth]:
    found: dict[str, Truth] = {}
    for path in sorted((HERE / "truths").glob("*.toml")):
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            assert name not in found, f"{name} has two truths"
            found[name] = _truth(name, table)
    return found


def _truth(name: str, table: Mapping[str, Any]) -> Truth:
    return Truth(
        name=name,
        causes=tuple(Cause(**cause) for cause in table["causes"]),
        more=table.get("more", False),
        hidden=tuple(table.get("hidden", ())),
    )


def logs() -> dict[str, Path]:
    return {path.name.partition(".log")[0]: path for path in sorted((HERE / "logs").glob("*.log*"))}


def judge(truth: Truth, log: Path) -> Judgement:
    diagnosis = diagnose(log)
    found, missed, left = [], [], list(diagnosis.findings)
    for cause in truth.causes:
        match = next((finding for finding in left if cause.is_met_by(finding)), None)
        (missed if match is None else found).append(cause)
        if match is not None:
            left.remove(match)
    return Judgement(
        truth=truth,
        diagnosis=diagnosis,
        found=tuple(found),
        missed=tuple(missed),
        false=() if truth.more else tuple(left),
        first_on_screen=_first_on_screen(truth, diagnosis),
        unsaid=tuple(text for text in truth.hidden if not any(text in said for said in diagnosis.hidden)),
    )


def _first_on_screen(truth: Truth, diagnosis: Diagnosis) -> bool:
    """Whether the first screen has the headline of a finding that meets the first true cause."""
    if not truth.causes:
        return not diagnosis.findings
    screen = " ".join(" ".join(list(render(diagnosis, "log", width=80))[:SCREEN]).split())
    met = [finding for finding in diagnosis.findings if truth.causes[0].is_met_by(finding)]
    return any(" ".join(finding.headline.split()) in screen for finding in met)


def judgements() -> Iterator[Judgement]:
    known = truths()
    for name, log in logs().items():
        if name in known:
            yield judge(known[name], log)


def table(judged: Sequence[Judgement]) -> dict[str, Row]:
    rows: dict[str, Row] = defaultdict(Row)
    for judgement in judged:
        for cause in judgement.found:
            rows[cause.kind].found += 1
        for cause in judgement.missed:
            rows[cause.kind].missed += 1
            rows[cause.kind].names.append(judgement.truth.name)
        for finding in judgement.false:
            rows[finding.kind].false += 1
            rows[finding.kind].names.append(judgement.truth.name)
    return dict(sorted(rows.items()))


def report(judged: Sequence[Judgement]) -> Iterator[str]:
    yield f"{'class':26} {'found':>6} {'missed':>7} {'false':>6}"
    rows = table(judged)
    for kind, row in rows.items():
        yield f"{kind:26} {row.found:6} {row.missed:7} {row.false:6}  {', '.join(dict.fromkeys(row.names))}".rstrip()
    total = Row(*(sum(getattr(row, name) for row in rows.values()) for name in ("found", "missed", "false")))
    yield f"{'all':26} {total.found:6} {total.missed:7} {total.false:6}"
    failing = [judgement for judgement in judged if judgement.truth.causes]
    on_screen = sum(judgement.first_on_screen for judgement in failing)
    passed = [judgement for judgement in judged if not judgement.truth.causes]
    lines = sum(judgement.diagnosis.lines for judgement in failing)
    errors = sum(judgement.diagnosis.errors for judgement in failing)
    findings = sum(len(judgement.diagnosis.findings) for judgement in failing)
    yield ""
    right = sum(judgement.is_right for judgement in judged)
    yield f"logs: {len(failing)} of failures, {len(passed)} of successes; {right} wholly right"
    yield f"first screen has the true first cause: {on_screen} of {len(failing)}"
    yield f"successes without findings: {sum(not j.diagnosis.findings for j in passed)} of {len(passed)}"
    yield f"lines {lines:,} -> errors {errors:,} -> findings {findings:,}"
    unsaid = [judgement for judgement in judged if judgement.unsaid]
    names = ", ".join(judgement.truth.name for judgement in unsaid)
    yield f"hidden things left unsaid: {sum(len(judgement.unsaid) for judgement in unsaid)} {names}".rstrip()


def details(judged: Sequence[Judgement]) -> Iterator[str]:
    for judgement in judged:
        if judgement.is_right:
            continue
        yield f"== {judgement.truth.name}" + ("" if judgement.first_on_screen else "  (not on the first screen)")
        yield from (f"   missed {cause}" for cause in judgement.missed)
        for finding in judgement.false:
            places = ", ".join(map(str, finding.locations[:3]))
            yield f"   false  [{finding.kind}] {finding.identifier} {finding.layer}/{finding.component} {places}"
            yield f"          {finding.headline}"
        yield from (f"   unsaid {text}" for text in judgement.unsaid)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--details", action="store_true", help="every log that is not wholly right")
    arguments = parser.parse_args()
    judged = list(judgements())
    print("\n".join(report(judged)))
    without = sorted(set(logs()) - set(truths()))
    if without:
        print(f"logs without a truth: {', '.join(without)}")
    if arguments.details:
        print("\n".join(details(judged)))


if __name__ == "__main__":
    main()
