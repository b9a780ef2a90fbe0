"""The verdict as Markdown: nothing from a log becomes markup, and it fits where GitHub shows it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.model import HELD, NOTE, ConfigurationInfo, Downstream, Layer, Location, Revision
from pytest_llvmgate.verdict.markdown import render
from tests.support.verdicts import COMMIT, FOUR, MISSING, SHA, failed, mhlo_breaks_shared, passed, skipped, verdict

EVIL = "[click](http://evil.example) ![](http://evil.example/t.png)"
HOSTILE = f"<img src=x onerror=alert(1)> @everyone {EVIL} | a |\n# big *b* `c` {EVIL} __d__ \\"


def test_the_whole_verdict() -> None:
    assert (
        render(mhlo_breaks_shared())
        == f"""\
## ❌ LLVM `ca7933e47d3a` (llvmorg-22.1.8)

ca7933e47d3a does not pass: 1 of 19 failed, 2 skipped{"  "}
**build breaks only with linkage=shared and mhlo=on**{"  "}

| configuration | configure | build | install | check |
| --- | --- | --- | --- | --- |
| `static-mhlo_on` | ✅ 12 s | ✅ 12 s | ✅ 12 s | ✅ 12 s |
| `static-mhlo_off` | ✅ 12 s | ✅ 12 s | ✅ 12 s | ✅ 12 s |
| `shared-mhlo_on` | ✅ 12 s | ❌ 12 s | ⚪ | ⚪ |
| `shared-mhlo_off` | ✅ 12 s | ✅ 12 s | ✅ 12 s | ✅ 12 s |

- ✅ pins `llvm-project`
- ✅ pins `stablehlo`
- ✅ llvm `default`

### 1. MhloDialect uses mlir::sparse_tensor::SparseTensorDialect and does not link MLIRSparseTensorDialect

shared-link in unknown; in `shared-mhlo_on`
- **Add MLIRSparseTensorDialect to LINK_LIBS of MhloDialect.**

<details><summary>evidence</summary>

```text
mhlo_ops.cc:(.text+0x118): undefined reference to `mlir::sparse_tensor'
collect2: error
```

</details>

log: `.llvmgate/ca7933e47d3a/shared-mhlo_on/logs/build.log:812`

candidate `{SHA}`{"  "}
baseline `b708aea0bc7127adf4ec643660699c8bcdde1273`{"  "}
downstream `{COMMIT}`{"  "}
cmake 4.4.0, ninja 1.13.0, c++ c++ (Debian 12.2.0-14) 12.2.0
"""
    )


@pytest.mark.parametrize(
    ("results", "mark"),
    [
        (passed("static-mhlo_on::build"), "✅"),
        ([failed("static-mhlo_on::build")], "❌"),
        ([skipped("static-mhlo_on::check", "static-mhlo_on::build")], "⚪"),
        ([failed("static-mhlo_on::build", facts={HELD: "until 2026-12-10"})], "✅"),
    ],
)
def test_the_first_mark_tells_it_all(results: list[object], mark: str) -> None:
    assert render(verdict(results)).startswith(f"## {mark} LLVM ")


def test_everything_that_a_cause_may_say() -> None:
    finding = replace(
        MISSING,
        layer=Layer.COMPONENT,
        component="stablehlo",
        sites=3,
        locations=tuple(Location(path="a.cpp", line=number) for number in range(1, 9)),
        evidence=tuple(f"line {number}" for number in range(30)),
        facts={NOT_FROM_THIS_BUMP: "yes"},
        log="",
    )
    text = render(verdict([failed("static-mhlo_on::build", findings=(finding,))]))
    assert "shared-link in component stablehlo, 3 sites; in `shared-mhlo_on`\n" in text
    assert "- not from this bump: the baseline has it, too\n" in text
    assert "- `a.cpp:5`\n" in text
    assert "a.cpp:6" not in text
    assert "line 19\n```" in text
    assert "log:" not in text


def test_a_failure_without_a_finding_shows_its_details() -> None:
    text = render(verdict([failed("static-mhlo_on::build", "exit code 1", detail="first\nsecond")]))
    assert "### static-mhlo_on::build: exit code 1\n" in text
    assert "```text\nfirst\nsecond\n```" in text
    assert "<details>" not in render(verdict([failed("static-mhlo_on::build", "exit code 1")]))


def test_pins_holds_and_notes() -> None:
    results = [
        failed("pins::stablehlo", "names another commit", detail="a table"),
        failed("static-mhlo_on::build", facts={HELD: "until 2026-12-10: #12"}),
        *passed("static-mhlo_off::build", facts={NOTE: "2 libraries"}, reused=True),
    ]
    text = render(verdict(results, notes=("a remark",)))
    assert "- ❌ pins `stablehlo`: names another commit\n<details>" in text
    assert "| `static-mhlo_on` | 🟡 12 s |" in text
    assert "| `static-mhlo_off` | ✅ unchanged |" in text
    assert "- 2 libraries\n- 🟡 `static-mhlo_on::build`: until 2026-12-10: #12\n- a remark\n" in text


def test_little_is_known() -> None:
    text = render(replace(verdict(passed("pins::x"), ()), candidate=Revision(sha=SHA), toolchain={}))
    assert "| configuration" not in text
    assert "baseline" not in text


# Text stays text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("@user", "@\u200buser"),
        ("a | b", r"a \| b"),
        ("a\nb", "a b"),
        ("`f()'", r"\`f()'"),
        ("*x* ~y~ [z](w)", r"\*x\* \~y\~ \[z\](w)"),
        ("C:\\x", r"C:\\x"),
        ("__init__ _ZN4mlir mhlo_on _", r"\_\_init\_\_ \_ZN4mlir mhlo_on \_"),
    ],
)
def test_markup_is_escaped(text: str, shown: str) -> None:
    finding = replace(MISSING, headline=text)
    assert f"### 1. {shown}\n" in render(verdict([failed("static-mhlo_on::build", findings=(finding,))]))


def test_no_field_lets_markup_through() -> None:
    finding = replace(
        MISSING,
        kind=HOSTILE,
        headline=HOSTILE,
        component=HOSTILE,
        advice=(HOSTILE,),
        configurations=(HOSTILE,),
        locations=(Location(path=HOSTILE),),
        log=HOSTILE,
        evidence=("````", HOSTILE),
    )
    info = ConfigurationInfo(name=HOSTILE, flavour="", options={})
    results = [
        failed(f"{HOSTILE}::build", HOSTILE, findings=(finding,)),
        failed(f"{HOSTILE}::check", HOSTILE, detail=HOSTILE, facts={NOTE: HOSTILE}),
        failed(f"{HOSTILE}::configure", facts={HELD: HOSTILE}),
        failed(f"pins::{HOSTILE}", HOSTILE),
    ]
    more = {"patterns": (HOSTILE,), "notes": (HOSTILE,), "toolchain": {HOSTILE: HOSTILE}}
    text = render(verdict(results, [info], candidate=Revision(sha=SHA, name=HOSTILE), **more))
    outside = [line for line in fenced_out(text) if "evil" in line]
    assert outside
    for line in outside:
        spoken = line.split("`")[::2]  # what is in code spans is shown as it is
        assert not any(sign in part for part in spoken for sign in ("<img", "@everyone", "![](", "[click]("))


def fenced_out(text: str) -> list[str]:
    """The lines outside of fenced code."""
    lines, fence = [], ""
    for line in text.split("\n"):
        # CommonMark, "Fenced code blocks": at least as long as the opening one, and with nothing after it.
        ticks = re.fullmatch(r" {0,3}(`{3,}) *(text)?", line)
        if fence:
            fence = "" if ticks and not ticks[2] and len(ticks[1]) >= len(fence) else fence
        elif ticks:
            fence = ticks[1]
        else:
            lines.append(line)
    assert not fence, "every fence is closed"
    return lines


@given(st.lists(st.sampled_from(["`", "```", " ````", "`````` ", "```text", "a ``` b", "", "</details>"]), min_size=1))
def test_no_evidence_ends_its_fence(evidence: list[str]) -> None:
    finding = replace(MISSING, evidence=tuple(evidence))
    text = render(verdict([failed("static-mhlo_on::build", findings=(finding,))]))
    assert fenced_out(text).count("</details>") == 1


# Size


def test_it_stays_below_githubs_limit_and_ends_well() -> None:
    findings = tuple(
        replace(MISSING, identifier=str(number), headline=f"cause {number}", evidence=("é" * 9_000,))
        for number in range(200)
    )
    text = render(verdict([failed("static-mhlo_on::build", findings=findings)]))
    assert 800_000 < len(text.encode()) < 1 << 20
    assert fenced_out(text).count("<details><summary>evidence</summary>") == fenced_out(text).count("</details>")
    assert "\n*Cut off here; the JSON verdict and the JUnit file have the rest.*\n\ncandidate `ca7933" in text


def test_one_endless_detail_is_cut() -> None:
    detail = "\n".join(f"line {number}" for number in range(500_000))
    text = render(verdict([failed("static-mhlo_on::build", detail=detail), failed("pins::x", detail=detail)]))
    assert len(text.encode()) < 60_000
    assert text.count("\n...\n```\n") == 2


def test_many_configurations() -> None:
    infos = [replace(FOUR[0], name=f"c{number}") for number in range(300)]
    assert render(verdict(passed(*(f"{info.name}::build" for info in infos)), infos)).count("\n| `c") == 300


RAW = (
    "<img src=x onerror=alert(1)>\r\r# H\r\n\n- [a](javascript:b) `x` https://evil.example www.evil.example"
    " @all\r```\r<b>"
)


def test_nothing_of_a_stranger_is_markup() -> None:
    finding = replace(
        MISSING,
        kind=RAW,
        headline=f"# {RAW}",
        component=RAW,
        advice=(RAW, f"1. {RAW}"),
        evidence=(RAW,),
        locations=(Location(path=RAW),),
        configurations=(RAW,),
        log=RAW,
    )
    results = [
        failed(f"{RAW}::build", RAW, findings=(finding,)),
        failed(f"{RAW}|::{RAW}|", RAW, detail=RAW, facts={HELD: RAW, NOTE: RAW}),
        failed(f"pins::{RAW}", RAW, detail=RAW),
    ]
    info = ConfigurationInfo(name=RAW, flavour=RAW, options={})
    whole = verdict(
        results,
        [info],
        patterns=(RAW,),
        notes=(RAW, f"- {RAW}"),
        toolchain={RAW: RAW},
        candidate=Revision(sha=RAW, name=RAW),
        baseline=Revision(sha=RAW, name=RAW),
        downstream=Downstream(root="", commit=RAW, branch=RAW, dirty=False),
    )
    text = render(whole)
    assert "\r" not in text
    lines = outside_of_fences(text)
    assert {line for line in lines if line.startswith("<")} <= {
        "<details><summary>evidence</summary>",
        "<details><summary>details</summary>",
        "</details>",
    }
    plain = [re.sub(r"`[^`]*`", "", re.sub(r"\\.", "", line)) for line in lines if not line.startswith("<")]
    assert not any(each in line for line in plain for each in ("<", "https://", "www.", "](", "@all", "`"))
    assert not any(re.match(r"(?:[-*] )?(?:# H|[-+] [-+#])|\d\. ", line) for line in plain)


def outside_of_fences(text: str) -> list[str]:
    found, fence = [], ""
    for line in text.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif line.startswith("```"):
            fence = line.removesuffix("text")
        else:
            found.append(line)
    assert not fence
    return found
