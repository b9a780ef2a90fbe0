"""The verdict as one HTML page."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.model import HELD, NOTE, ConfigurationInfo, Location, Revision
from pytest_llvmgate.verdict.html import render
from tests.support.verdicts import MISSING, SHA, failed, mhlo_breaks_shared, passed, skipped, verdict

VOID = {"meta"}


class Page(HTMLParser):
    """The elements and texts of a page, which must be well nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.seen if (value := attributes.get(attribute))]


def test_the_page_is_whole_and_needs_nothing_from_elsewhere() -> None:
    text = render(mhlo_breaks_shared())
    page = Page(text)
    assert text.startswith("<!doctype html>\n")
    assert not page.values("src")
    assert all(link.startswith("#") for link in page.values("href"))
    assert {"script", "link", "iframe"}.isdisjoint(tag for tag, _ in page.seen)
    assert "url(" not in text
    assert "build breaks only with linkage=shared and mhlo=on" in page.texts


@pytest.mark.parametrize(
    ("results", "words", "look"),
    [
        (passed("static-mhlo_on::build"), "passes", "passed"),
        ([failed("static-mhlo_on::build")], "does not pass", "failed"),
        ([skipped("static-mhlo_on::check", "static-mhlo_on::build")], "is undecided", "held"),
    ],
)
def test_the_title_and_the_colour(results: list[object], words: str, look: str) -> None:
    text = render(verdict(results))
    assert f"<title>LLVM ca7933e47d3a: {words}</title>" in text
    assert f'<p class="{look}">ca7933e47d3a {words}' in text


def test_nothing_from_a_log_becomes_markup() -> None:
    evil = "</pre><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    finding = replace(
        MISSING,
        kind=evil,
        headline=evil,
        component=evil,
        advice=(evil,),
        evidence=(evil,),
        locations=(Location(path=evil),),
        configurations=(evil,),
    )
    results = [
        failed(f"{evil}::build", evil, findings=(finding,), log=evil),
        failed(f"{evil}::check", facts={HELD: evil, NOTE: evil}),
        failed(f"pins::{evil}", evil, detail=evil, facts={"origin": evil}),
    ]
    info = ConfigurationInfo(name=evil, flavour=evil, options={})
    more = {"patterns": (evil,), "notes": (evil,), "toolchain": {evil: evil}, "candidate": Revision(sha=SHA, name=evil)}
    page = Page(render(verdict(results, [info], **more), root=Path("/nowhere")))
    assert {"script", "img"}.isdisjoint(tag for tag, _ in page.seen)
    assert not page.values("onerror")
    assert sum(evil in text for text in page.texts) > 10, "and all of it is readable"


def test_cells_tell_the_state() -> None:
    results = [
        *passed("static-mhlo_on::build", reused=True),
        *passed("static-mhlo_off::build"),
        failed("shared-mhlo_on::build", "held reason", facts={HELD: "until 2026-12-10"}),
        skipped("shared-mhlo_off::build", "shared-mhlo_off::configure"),
        failed("shared-mhlo_off::configure"),
    ]
    text = render(verdict(results))
    for cell in (
        '<td class="passed" title="">unchanged</td>',
        '<td class="passed" title="">passed 12 s</td>',
        '<td class="held" title="held reason">held 12 s</td>',
        '<td class="skipped" title="shared-mhlo_off::configure failed">not run</td>',
        '<td class="failed" title="it broke">failed 12 s</td>',
        "<td></td>",
    ):
        assert cell in text


def test_pins_notes_and_what_is_old() -> None:
    finding = replace(MISSING, facts={NOT_FROM_THIS_BUMP: "yes"}, sites=3, evidence=())
    results = [
        *passed("llvm::default", facts={"origin": "wheels (from the cache)", "saved": "300.0"}),
        failed("pins::stablehlo", "another commit", detail="a table"),
        *passed("static-mhlo_on::linkcheck", facts={NOTE: "2 libraries"}),
        failed("static-mhlo_on::build", findings=(finding,)),
    ]
    texts = Page(render(verdict(results, notes=("a remark",)))).texts
    for text in (
        "wheels (from the cache)",
        "another commit",
        "a table",
        "2 libraries",
        "a remark",
        "not from this bump: the baseline has it, too",
        "the LLVM cache saved 5:00 min",
    ):
        assert text in texts


def test_the_longest_stage_comes_first() -> None:
    results = [*passed("static-mhlo_on::configure", duration=1), *passed("static-mhlo_on::build", duration=90)]
    text = render(verdict(results))
    rows = [
        text.index(f"static-mhlo_on::{row}") for row in ("build</code></td><td>90 s", "configure</code></td><td>1.0 s")
    ]
    assert rows == sorted(rows)
    assert 'style="width:300px"' in text
    assert 'style="width:3px"' in text


def test_what_took_no_time_has_no_bar() -> None:
    text = render(verdict(passed("pins::x", duration=0.01), ()))
    assert "<h2>Time</h2>" not in text
    assert "<th>configuration</th>" not in text


# Logs


@pytest.fixture
def log(tmp_path: Path) -> Path:
    lines = [f"line {number}" for number in range(1, 301)]
    lines[199] = "a.cpp:3:1: error: <gone>"
    path = tmp_path / ".llvmgate/build.log"
    path.parent.mkdir()
    path.write_text("\n".join(lines))
    return path


def with_log(root: Path) -> str:
    return render(verdict([failed("static-mhlo_on::build", log=".llvmgate/build.log")]), root=root)


def test_the_log_of_a_failed_stage_has_its_head_and_its_errors(log: Path) -> None:
    text = with_log(log.parents[1])
    assert "<mark>a.cpp:3:1: error: &lt;gone&gt;</mark>" in text
    shown = {number for number in range(1, 301) if f" line {number}</span>" in text}
    assert shown == {*range(1, 41), *range(188, 213)} - {200}
    assert "... 147 lines ..." in text
    assert "... 88 lines ..." in text


def test_a_failed_cell_leads_to_its_log(log: Path) -> None:
    page = Page(with_log(log.parents[1]))
    [link] = page.values("href")
    assert link.removeprefix("#") in page.values("id")


def test_a_log_that_is_gone_is_left_out(tmp_path: Path) -> None:
    assert "<summary>" not in with_log(tmp_path)


def test_without_a_root_there_are_no_logs() -> None:
    assert "<h2>Logs</h2>" not in render(verdict([failed("static-mhlo_on::build", log="build.log")]))


def test_an_endless_log_is_cut(log: Path) -> None:
    log.write_text("x: error: y\n" * 100_000)
    text = with_log(log.parents[1])
    assert text.count("<mark>") == 1500
    assert "... 98500 lines ..." in text


def test_links_lead_to_logs_that_are_shown_and_to_lines_that_are_there(tmp_path: Path) -> None:
    (tmp_path / ".llvmgate").mkdir()
    (tmp_path / ".llvmgate/a.log").write_text("one\nerror: two\n", encoding="utf-8")
    causes = tuple(
        replace(MISSING, identifier=str(line), log=log, log_line=line)
        for log, line in ((".llvmgate/a.log", 1), (".llvmgate/a.log", 9))
    )
    made = verdict(
        [
            failed("static-mhlo_on::build", findings=causes, log=".llvmgate/a.log"),
            failed("shared-mhlo_on::build", log="gone.log"),
        ]
    )
    assert sorted(Page(render(made, root=tmp_path)).values("href")) == [
        "#log-static-mhlo_on-build",
        "#log-static-mhlo_on-build-1",
    ]
    assert Page(render(made)).values("href") == []
