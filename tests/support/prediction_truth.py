"""Prediction against truth: where the project is also built shared, what that build's log says of the same links.

A real build stops early where linkcheck does not: what depends on a library that failed is never linked (ninja's
``-k 0`` goes on with everything else), and lld stops at twenty symbols. So only links that were reached are compared,
and a link whose messages were cut off can only refute what it says itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.linkcheck.confirm import undefined_symbols
from pytest_llvmgate.linkcheck.prediction import LinkcheckResult
from pytest_llvmgate.model import Confidence, Finding, Layer

_FAILED: Final = re.compile(r"^FAILED: (?:\[code=-?\d+\] )?(?P<outputs>.+)$")
_EDGE: Final = re.compile(r"^\[\d+/\d+\] |^ninja: ")
_CUT_OFF: Final = re.compile(r"too many errors emitted|-error-limit=0")
_BLANK: Final = re.compile(r"\s+|\[abi:\w+\]")


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Pairs of (file that is linked, demangled symbol)."""

    reached: int
    """Links that the real build came to."""
    found: frozenset[tuple[str, str]]
    """Predicted, and the real build says so, too."""
    missed: frozenset[tuple[str, str]]
    false: frozenset[tuple[str, str]]
    not_reached: tuple[str, ...] = ()
    """Predicted to fail, and never linked, because something before them failed."""

    @property
    def agrees(self) -> bool:
        """Whether the prediction was right wherever the real build can tell."""
        return not self.missed and not self.false

    def __str__(self) -> str:
        more = f"; {len(self.not_reached)} predicted failures were not reached by the build" if self.not_reached else ""
        return (
            f"{len(self.found)} of {len(self.found) + len(self.missed)} undefined symbols of the shared build were "
            f"predicted, {len(self.false)} more were predicted wrongly, over {self.reached} links{more}"
        )


def compare_with_build(result: LinkcheckResult, shared_dir: Path, log: str) -> Agreement:
    """Compare a linkcheck with the log of a real shared build (``ninja -k 0``) in ``shared_dir``."""
    heard = dict(_failed_links(log))
    links = [link for link in result.links if not link.not_analysed]
    found, missed, false, not_reached, reached = set(), set(), set(), [], 0
    for link in links:
        predicted = {_plain(result.names.get(item.symbol, item.symbol)) for item in link.missing if link.is_refused}
        block = heard.get(link.output)
        if block is None and not (shared_dir / link.output).exists():
            if link.fails:
                not_reached.append(link.target)
            continue
        reached += 1
        said = {_plain(symbol) for symbol in undefined_symbols(block or "")}
        if link.not_found and not said:
            continue  # a linker that misses a library says nothing of symbols; that it fails was predicted
        found |= {(link.output, symbol) for symbol in said & predicted}
        missed |= {(link.output, symbol) for symbol in said - predicted}
        if block is None or not _CUT_OFF.search(block):
            false |= {(link.output, symbol) for symbol in predicted - said}
    return Agreement(
        reached=reached,
        found=frozenset(found),
        missed=frozenset(missed),
        false=frozenset(false),
        not_reached=tuple(not_reached),
    )


def _plain(symbol: str) -> str:
    """A demangled name without what demanglers write differently."""
    return _BLANK.sub("", symbol)


def _failed_links(log: str) -> Iterator[tuple[str, str]]:
    """Output and messages of every failed edge of a ninja log."""
    outputs: list[str] = []
    block: list[str] = []
    for line in log.splitlines():
        match = _FAILED.match(line)
        if match or _EDGE.match(line):
            yield from ((output, "\n".join(block)) for output in outputs)
            outputs, block = (match["outputs"].split() if match else []), []
        else:
            block.append(line)
    yield from ((output, "\n".join(block)) for output in outputs)


def disagreement_finding(agreement: Agreement, configuration: str = "") -> Finding:
    """The finding that says that the prediction was wrong."""
    lines = [
        *(f"missed: {output}: {symbol}" for output, symbol in sorted(agreement.missed)),
        *(f"false: {output}: {symbol}" for output, symbol in sorted(agreement.false)),
    ]
    return Finding(
        kind="linkcheck-disagreement",
        identifier=f"{len(agreement.missed)} missed, {len(agreement.false)} false",
        headline=f"linkcheck and the real shared build disagree: {agreement}",
        layer=Layer.UNKNOWN,
        evidence=tuple(lines[:40]),
        configurations=(configuration,) if configuration else (),
        confidence=Confidence.CERTAIN,
        advice=("this is a defect of pytest-llvmgate: please report it with these lines; the build is right",),
    )
