"""The room's front door."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pytest_llvmgate.findings.causes import findings_of
from pytest_llvmgate.findings.context import Diagnosis, DiagnosisContext
from pytest_llvmgate.findings.groups import MOST_GROUPS, Scan
from pytest_llvmgate.findings.lines import blocks
from pytest_llvmgate.findings.ranking import ranked
from pytest_llvmgate.findings.registry import Registry, default_registry
from pytest_llvmgate.findings.scanner import Scanner
from pytest_llvmgate.findings.unrecognised import is_failed
from pytest_llvmgate.wording import counted


def diagnose(
    log: Path | Iterable[bytes], *, context: DiagnosisContext | None = None, registry: Registry | None = None
) -> Diagnosis:
    """Say why what ``log`` shows has failed. A log of a success has no findings.

    ``log`` is a file (plain, gzip or xz) or its bytes in any portions. Raises ``OSError`` when the file cannot be read;
    whatever bytes it holds are no error.
    """
    context = context or DiagnosisContext()
    registry = registry or default_registry()
    damage: list[str] = []
    scan = Scanner(registry.parsers).run(blocks(log, damage))
    name = context.log or (log.as_posix() if isinstance(log, Path) else "")
    findings = findings_of(scan, context, name)
    for rule in registry.rules:
        findings = rule(findings, context)
    failed = is_failed(scan, context)
    return Diagnosis(
        findings=ranked(findings),
        error_lines=tuple(scan.error_lines) if findings else (),
        hidden=(*damage, *hidden(scan, failed=failed)),
        edges=scan.edges,
        lines=scan.lines,
        errors=scan.errors,
    )


def hidden(scan: Scan, *, failed: bool) -> tuple[str, ...]:
    """What the log cannot show: sentences, each about one thing."""
    said = []
    edges = None if "unconfigured" in scan.marks else scan.edges  # then these are of what CMake built on its way
    if edges is not None and edges.failed and edges.not_reached:
        said.append(
            f"{edges.not_reached} of {edges.total} build edges were not reached: what they would have said is unknown"
        )
    if count := scan.stopped_units:
        said.append(
            f"{counted(count, 'unit')} stopped at the compiler's error limit: more errors lie behind it"
            " (-ferror-limit=0, -fmax-errors=0)"
        )
    if count := scan.untold:
        said.append(f"{counted(count, 'further error')} beyond the first {MOST_GROUPS:,} that differ are not told")
    if "interrupted" in scan.marks or "cancelled" in scan.marks:
        said.append("the build was interrupted: it did not come to its own end")
    elif edges is not None and edges.not_reached and "stopped" not in scan.marks:
        said.append(f"the log ends early, at edge {edges.finished} of {edges.total}")
    elif scan.ends_within_line and failed and edges is not None and "stopped" not in scan.marks:
        said.append("the log ends within a line")
    return tuple(said)
