"""Every finding of the corpus through everything that shows, keeps or judges one: nothing is lost or contradicted."""

from __future__ import annotations

import html as html_text
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from pytest_llvmgate.codec import dumps, loads
from pytest_llvmgate.findings import diagnose, screen
from pytest_llvmgate.findings.ranking import merged
from pytest_llvmgate.kinds.catalogue import LIBRARY_MISSING, SHARED_LINK, UNDEFINED_SYMBOL
from pytest_llvmgate.kinds.facts import LINKED
from pytest_llvmgate.model import Finding, Verdict
from pytest_llvmgate.verdict import github, html, markdown, terminal
from pytest_llvmgate.verdict.agreement import BROKEN, agreement
from pytest_llvmgate.verdict.joining import read_reports
from pytest_llvmgate.wording import counted
from tests.corpus import report
from tests.support.verdicts import FOUR, failed, junit, passed, result, verdict

LOGS = [name for name in sorted(report.logs()) if diagnose(report.logs()[name]).findings]
SHARED, SIBLING = "shared-mhlo_on", "shared-mhlo_off"


@cache
def found(name: str) -> tuple[Finding, ...]:
    """The findings of a log, as a build of the gate would have them."""
    findings = diagnose(report.logs()[name]).findings
    return tuple(replace(finding, configurations=(SHARED,), log="logs/build.log") for finding in findings)


@cache
def gated(name: str) -> Verdict:
    """The verdict of a session in which a build failed so."""
    build = failed(f"{SHARED}::build", findings=found(name), log="logs/build.log")
    return verdict([*passed("static-mhlo_on::build"), build])


def plain(text: str) -> str:
    """A text without what renderings may change: white space, and what no terminal shows."""
    return re.sub(r"[^!-~\u00a1-\uffff]|\u200b", "", text)


def missing(finding: Finding, shown: str, *, places: int, steps: int = 99, evidence: int = 0) -> list[str]:
    """What of a finding a rendering does not show."""
    wanted = [
        finding.headline,
        finding.kind,
        str(finding.layer),
        finding.component,
        *map(str, finding.locations[:places]),
        *finding.advice[:steps],
        *finding.evidence[:evidence],
    ]
    return [each for each in wanted if plain(each) not in shown]


@pytest.mark.parametrize("name", LOGS)
def test_the_terminal_shows_the_first_and_counts_the_others(name: str) -> None:
    shown = plain("".join(terminal.render(gated(name), width=100_000)))
    first, others = gated(name).findings[:3], gated(name).findings[3:]
    assert [missing(finding, shown, places=1, evidence=2) for finding in first] == [[]] * len(first)
    assert plain(f"and {counted(len(others), 'more cause')}") in shown or not others


@pytest.mark.parametrize("name", LOGS)
def test_markdown_shows_all(name: str) -> None:
    text = re.sub(r"\\([\\`*\[\]~|_])", r"\1", markdown.render(gated(name)))
    shown = plain(html_text.unescape(text).replace("`", "'"))
    findings = [replace(each, headline=each.headline.replace("`", "'"), advice=()) for each in gated(name).findings]
    assert [missing(finding, shown, places=5) for finding in findings] == [[]] * len(findings)


@pytest.mark.parametrize("name", LOGS)
def test_the_page_shows_all(name: str) -> None:
    shown = plain(html_text.unescape(html.render(gated(name))))
    findings = gated(name).findings
    assert [missing(finding, shown, places=10, evidence=24) for finding in findings] == [[]] * len(findings)


@pytest.mark.parametrize("name", LOGS)
def test_github_gets_the_first_ten(name: str) -> None:
    commands = [unquote(line) for line in github.workflow_commands(gated(name)) if line.startswith("::error")]
    findings = gated(name).findings[:10]
    assert len(commands) == len(findings)
    for command, finding in zip(commands, findings, strict=True):
        assert plain(finding.headline) in plain(command)
        assert [step for step in finding.advice if plain(step) not in plain(command)] == []


@pytest.mark.parametrize("name", LOGS)
def test_explain_shows_the_first_in_full_and_names_the_next(name: str) -> None:
    diagnosis = replace(diagnose(report.logs()[name]), findings=found(name))
    shown = plain("".join(screen.render(diagnosis, "build.log", width=100_000)))
    for finding in diagnosis.findings[: screen.SHOWN_IN_FULL]:
        assert plain(finding.headline) in shown
        assert [step for step in finding.advice[:4] if plain(step) not in shown] == []
    for finding in diagnosis.findings[screen.SHOWN_IN_FULL :][: screen.MOST_LINES]:
        assert plain(finding.headline) in shown


@pytest.mark.parametrize("name", LOGS)
def test_json_and_junit_keep_all(name: str, tmp_path: Path) -> None:
    assert loads(Verdict, dumps(gated(name))) == gated(name)
    assert read_reports([junit(tmp_path / "a.xml", gated(name))]).findings == gated(name).findings


@pytest.mark.parametrize("name", LOGS)
def test_merging_loses_no_place_and_no_advice(name: str) -> None:
    """The same failure in a second configuration, with places and advice of its own."""
    others = [
        replace(each, configurations=(SIBLING,), locations=each.locations[::-1], advice=(*each.advice, "more"))
        for each in found(name)
    ]
    both = {finding.key: finding for finding in merged((*found(name), *others))}
    assert set(both) == {finding.key for finding in found(name)}
    for finding in found(name):
        kept = both[finding.key]
        assert set(kept.locations) >= set(finding.locations)
        assert {*finding.advice, "more"} <= set(kept.advice)
        assert kept.configurations == (SHARED, SIBLING)
        assert kept.facts.keys() >= finding.facts.keys()
        assert (kept.kind, kept.layer, kept.confidence) == (finding.kind, finding.layer, finding.confidence)


@pytest.mark.parametrize("name", LOGS)
def test_a_prediction_of_just_these_targets_is_never_called_wrong(name: str) -> None:
    links = [each for each in found(name) if each.kind in {SHARED_LINK, UNDEFINED_SYMBOL, LIBRARY_MISSING}]
    linked = sorted({target for each in links for target in each.facts.get(LINKED, "").split(", ") if target})
    build = failed(f"{SHARED}::build", findings=found(name))

    def said(*predicted: str) -> list[str]:
        linkcheck = result("static-mhlo_on::linkcheck", facts={BROKEN: json.dumps(predicted)})
        return list(agreement(FOUR, [linkcheck, build]))

    assert not any("defect" in sentence for sentence in said(*linked))
    assert any(f"missed {', '.join(linked)}," in sentence for sentence in said()) is bool(linked)
