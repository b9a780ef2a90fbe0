"""What every rendering says of the LLVM and of objects: how they were come by, and what that saved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_llvmgate.model import Verdict
from pytest_llvmgate.verdict import html, markdown, terminal
from pytest_llvmgate.verdict.provenance import saved
from tests.support.verdicts import result, verdict

DERIVED = {
    "origin": "derived (from the cache) from source",
    "version": "22.1.8",
    "remark": "derived from the static flavour: 516 libraries relinked",
    "saved": "125.0",
}


def shown(found: Verdict) -> dict[str, str]:
    return {
        "terminal": "\n".join(terminal.render(found, width=120)),
        "markdown": markdown.render(found),
        "html": html.render(found),
    }


@pytest.fixture
def texts() -> dict[str, str]:
    static = {"origin": "source (from the cache)", "version": "22.1.8", "saved": "1000.0"}
    return shown(verdict([result("llvm::static", facts=static), result("llvm::shared", facts=DERIVED)]))


@pytest.mark.parametrize("where", ["terminal", "markdown", "html"])
def test_what_was_derived_and_what_the_cache_saved(texts: dict[str, str], where: str) -> None:
    assert "LLVM shared: derived from the static flavour: 516 libraries relinked" in texts[where]
    assert "LLVM cache saved 18:45 min" in texts[where]


def test_the_line_of_a_derived_flavour(texts: dict[str, str]) -> None:
    line = "static 22.1.8 from source (from the cache), shared 22.1.8 derived (from the cache) from source"
    assert line in texts["terminal"]


@pytest.mark.parametrize("text", ["", "0.0", "much", "-5"])
def test_nothing_saved(text: str) -> None:
    found = verdict([result("llvm::static", facts={"origin": "prefix /opt", "saved": text})])
    assert saved(found) == 0
    assert "saved" not in shown(found)["terminal"]


@pytest.mark.parametrize("where", ["terminal", "markdown", "html"])
def test_objects_that_were_taken_over(where: str) -> None:
    builds = [
        result(f"{name}::build", facts={"taken": "6", "saved": "28.0", "saved-of": "6"})
        for name in ("static", "shared")
    ]
    text = shown(verdict(builds))[where]
    assert "12 objects derived from another configuration's, compared equal: 56 s of compiling saved" in text.replace(
        "&#39;", "'"
    )
    assert "LLVM cache" not in text


@pytest.mark.parametrize(
    ("known", "sentence"), [("4", "at least 28 s of compiling saved"), ("0", "a compiler cache hides how much")]
)
def test_what_a_compiler_cache_hides_is_not_made_up(known: str, sentence: str) -> None:
    facts = {"taken": "6", "saved": "28.0" if known != "0" else "0.0", "saved-of": known}
    assert sentence in shown(verdict([result("static::build", facts=facts)]))["terminal"]


def test_a_build_that_is_unchanged_has_taken_nothing_over() -> None:
    facts = {"taken": "6", "saved": "28.0", "saved-of": "6", "not-shared": '{"another text": 3}'}
    text = shown(verdict([replace(result("static::build", facts=facts), reused=True)]))["terminal"]
    assert "saved" not in text
    assert "another text" not in text


def test_why_objects_were_not_shared_is_counted() -> None:
    builds = [
        result(f"{name}::build", facts={"not-shared": '{"another text": 3, "odd": 1, "x": 1, "y": 1}'})
        for name in ("static", "shared")
    ]
    builds.append(result("third::build", facts={"not-shared": "[torn"}))
    text = " ".join(shown(verdict(builds))["terminal"].split())
    assert "6 because another text; 2 because odd; 2 because x; 2 for other reasons" in text


def cost(seconds: float, *, reused: bool = False) -> Verdict:
    results = [
        result("static-mhlo_on::configure", processor=5.0),
        result("static-mhlo_on::build", processor=seconds),
        result("shared-mhlo_on::build", processor=130.0, reused=reused),
    ]
    return verdict(results)


@pytest.mark.parametrize("where", ["terminal", "markdown", "html"])
def test_a_long_run_tells_what_each_configuration_cost(where: str) -> None:
    assert (
        "processor time: static-mhlo_on 10:05 min, shared-mhlo_on 2:10 min; 12:15 min in all"
        in shown(cost(600.0))[where]
    )


@pytest.mark.parametrize("found", [cost(60.0), cost(600.0, reused=True)])
def test_neither_a_short_run_nor_one_of_a_single_configuration_does(found: Verdict) -> None:
    assert "processor time" not in shown(found)["terminal"]
