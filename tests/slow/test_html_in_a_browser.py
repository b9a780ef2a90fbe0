"""The HTML report in a real browser: nothing is fetched, every link leads somewhere, nothing runs over the edge.

Needs Chromium or Chrome (``apt-get install chromium``); without one, everything here is skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_llvmgate.model import Verdict
from pytest_llvmgate.verdict.html import render
from tests.support.verdicts import MISSING, failed, mhlo_breaks_shared, verdict

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER: Final = os.environ.get("LLVMGATE_TEST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), "")
pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium: LLVMGATE_TEST_BROWSER names one")

PROBE: Final = """
<script>
addEventListener("load", () => setTimeout(() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const colour = (what) => { const one = document.querySelector(what); return one ? getComputedStyle(one).color : ""; };
  const said = {
    mode: document.compatMode,
    width: innerWidth,
    needed: document.documentElement.scrollWidth,
    fetched: performance.getEntriesByType("resource").map((each) => each.name),
    dangling: all('a[href^="#"]').map((each) => each.hash.slice(1)).filter((name) => !document.getElementById(name)),
    elsewhere: all("a, link, img, script[src], iframe").map((each) => each.href || each.src || "")
      .filter((name) => name && !name.startsWith(location.href.split("#")[0])),
    open: all("details[open]").length,
    marks: all("mark").map((each) => each.textContent),
    visible: all("h1, h2, .finding, td").filter((each) => !each.getClientRects().length).length,
    colours: [colour("td.passed"), colour("td.failed"), colour("body")],
    background: getComputedStyle(document.documentElement).backgroundColor,
    inView: location.hash ? document.querySelector(location.hash).getBoundingClientRect().top < innerHeight : null,
  };
  document.body.setAttribute("data-said", JSON.stringify(said));
}, 50));
</script>
</body>"""

LOG: Final = "\n".join(
    [
        *(f"[{number}/391] Building CXX object lib/u{number}.cpp.o" for number in range(1, 300)),
        "FAILED: [code=1] lib/libMhloDialect.so",
        "mhlo_ops.cc:(.text+0x118): undefined reference to `mlir::sparse_tensor<unsigned long, "
        + "A, " * 120
        + "B>()'",
        "collect2: error: ld returned 1 exit status",
        "ninja: build stopped: cannot make progress due to previous errors.",
    ]
)

Look = Callable[..., dict[str, Any]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Show a page, and say what the browser made of it."""

    def shown(text: str, *, width: int = 1280, fragment: str = "", options: tuple[str, ...] = ()) -> dict[str, Any]:
        page = tmp_path / "report.html"
        page.write_text(text.replace("</body>", PROBE), encoding="utf-8")
        command = [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--proxy-server=127.0.0.1:9", f"--user-data-dir={tmp_path / 'profile'}",
            f"--window-size={width},900", "--virtual-time-budget=3000", *options, "--dump-dom",
            f"{page.as_uri()}{fragment}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        found = re.search(r'data-said="([^"]*)"', done.stdout)
        assert found is not None, done.stderr[-2000:]
        said: dict[str, Any] = json.loads(unescape(found[1]))
        return said

    return shown


@pytest.fixture
def report(tmp_path: Path) -> tuple[Verdict, str]:
    """A failing verdict with its log, as a page."""
    log = "logs/build.log"
    (tmp_path / "logs").mkdir()
    (tmp_path / log).write_text(LOG, encoding="utf-8")
    found = replace(MISSING, log=log, log_line=301)
    results = [
        replace(each, log=log, findings=(found,)) if each.node == "shared-mhlo_on::build" else each
        for each in mhlo_breaks_shared().results
    ]
    made = verdict(results)
    return made, render(made, root=tmp_path)


@pytest.mark.parametrize("width", [1280, 500])
def test_it_needs_nothing_and_fits(look: Look, report: tuple[Verdict, str], width: int) -> None:
    said = look(report[1], width=width)
    assert said["mode"] == "CSS1Compat"
    assert said["fetched"] == []
    assert said["elsewhere"] == []
    assert said["dangling"] == []
    assert said["visible"] == 0
    assert said["needed"] <= said["width"]


def test_logs_are_folded_and_a_link_unfolds_its_own(look: Look, report: tuple[Verdict, str]) -> None:
    assert look(report[1])["open"] == 0
    said = look(report[1], fragment="#log-shared-mhlo_on-build")
    assert said["open"] == 1
    assert said["inView"]
    assert any("undefined reference" in mark for mark in said["marks"])


def test_a_cause_leads_to_its_line_of_the_log(look: Look, report: tuple[Verdict, str]) -> None:
    assert 'href="#log-shared-mhlo_on-build-301"' in report[1]
    said = look(report[1], fragment="#log-shared-mhlo_on-build-301")
    assert said["open"] == 1
    assert said["inView"]


def test_passed_and_failed_look_different_in_light_and_dark(look: Look, report: tuple[Verdict, str]) -> None:
    light = look(report[1], options=("--blink-settings=preferredColorScheme=1",))
    dark = look(report[1], options=("--blink-settings=preferredColorScheme=0",))
    for said in (light, dark):
        assert len(set(said["colours"])) == 3
    assert light["colours"][2] != dark["colours"][2]


def test_what_a_log_says_is_text(look: Look, tmp_path: Path) -> None:
    evil = '<script>document.title="gone"</script><img src=x onerror=alert(1)>"\'</pre></details>'
    (tmp_path / "evil.log").write_text(f"error: {evil}\n", encoding="utf-8")
    finding = replace(MISSING, headline=evil, identifier=evil, evidence=(evil,), advice=(evil,), log="evil.log")
    made = verdict([failed("shared-mhlo_on::build", evil, findings=(finding,), log="evil.log", detail=evil)])
    said = look(render(made, root=tmp_path))
    assert said["fetched"] == []
    assert said["dangling"] == []
    assert said["elsewhere"] == []
    assert any(evil in mark for mark in said["marks"])
