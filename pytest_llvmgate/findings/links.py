"""Undefined references, all of them at once, grouped by the library that lacks and the library that defines them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.layers import Paths, edge_owner
from pytest_llvmgate.findings.parsers.shapes import function_name
from pytest_llvmgate.findings.scanner import Group
from pytest_llvmgate.model import Confidence, Finding, Layer, Location

KINDS: Final = frozenset({"undefined-symbol", "dso-missing"})
_ABI: Final = re.compile(r"ABIBreakingChecksE?\b|^(?:typeinfo for |_ZTI)(?:N?\d*)(?:llvm|mlir|4llvm|4mlir)")
_RTTI: Final = re.compile(r"^typeinfo for |^_ZTI")


def findings(paths: Paths, groups: Sequence[Group], log: str) -> list[Finding]:
    """Findings of all undefined references of a log."""
    by_link: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        if group.kind == "dso-missing":
            continue
        library = group.first.edge.library if group.first.edge else ""
        by_link.setdefault((library, _family(group.identifier)), []).append(group)
    return [_finding(paths, library, family, members, log) for (library, family), members in by_link.items()]


def _family(symbol: str) -> str:
    """Symbols that one library is likely to define: the namespace, or ``ABI`` and ``RTTI`` for settings that differ."""
    if "ABIBreakingChecks" in symbol:
        return "ABI"
    if _RTTI.search(symbol) and re.search(r"(?:for |N?4)(?:llvm|mlir)", symbol):
        return "RTTI"
    return namespace(symbol)


def namespace(symbol: str) -> str:
    """The namespace of a demangled symbol: up to the first part that begins like a class, or the last."""
    name = re.sub(
        r"^(?:vtable|VTT|typeinfo(?: name)?|guard variable|construction vtable|thunk) (?:for|to) ", "", symbol
    )
    parts = function_name(name).split("::")
    kept: list[str] = []
    for part in parts[:-1]:
        if part[:1].isupper():
            break
        kept.append(part)
    return "::".join(kept)


def _finding(paths: Paths, library: str, family: str, groups: Sequence[Group], log: str) -> Finding:
    first = groups[0].first
    symbols = list(dict.fromkeys(group.identifier for group in groups))
    owner = edge_owner(paths, first.edge)
    layer = owner.layer if owner else Layer.UNKNOWN
    kind = _kind(first, family)
    places = tuple(
        dict.fromkeys(_shown(paths, event) for group in groups for event in group.sites.values() if event.place)
    )
    return Finding(
        kind=kind,
        identifier=_identifier(kind, library, family, symbols),
        headline=_headline(kind, library, family, symbols),
        layer=layer,
        component=owner.component if owner else "",
        locations=places[:20],
        evidence=_evidence(groups),
        log=log,
        log_line=first.line,
        sites=sum(group.count for group in groups),
        confidence=Confidence.CERTAIN,
        facts={"library": library, "symbols": "\n".join(symbols[:200])},
    )


def _kind(event: Event, family: str) -> str:
    if family in {"ABI", "RTTI"}:
        return "abi-mismatch"
    return "shared-link" if event.edge is not None and event.edge.links == "shared" else "undefined-symbol"


def _identifier(kind: str, library: str, family: str, symbols: Sequence[str]) -> str:
    if kind == "abi-mismatch":
        return family
    return f"{library}: {family or symbols[0]}" if library else family or symbols[0]


def _headline(kind: str, library: str, family: str, symbols: Sequence[str]) -> str:
    who = f"'{library}'" if library else "The program"
    if family == "ABI":
        return "LLVM and this code differ in LLVM_ENABLE_ABI_BREAKING_CHECKS (assertions)"
    if family == "RTTI":
        return f"LLVM is built without RTTI and this code with it: {len(symbols)} typeinfo symbols do not resolve"
    what = f"'{symbols[0]}'" + (f" and {len(symbols) - 1} more symbols" if len(symbols) > 1 else "")
    if kind == "shared-link":
        return f"Shared library {who} uses {what} and does not link the library that defines them"
    return f"{who} does not link: {what} undefined"


def _shown(paths: Paths, event: Event) -> Location:
    assert event.place is not None  # noqa: S101 (the caller looked)
    return paths.location(event.place)[0]


def _evidence(groups: Sequence[Group]) -> tuple[str, ...]:
    lines: list[str] = []
    for group in groups[:8]:
        event = group.first
        lines += [*event.before, event.text, *event.detail[:3]]
    return tuple(dict.fromkeys(line.rstrip() for line in lines if line.strip()))[:24]
