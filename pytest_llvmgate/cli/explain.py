"""``llvmgate explain [LOG...] [--json] [--llvm PREFIX] [--source DIR] [--build DIR]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_llvmgate.cli import arguments as options
from pytest_llvmgate.cli.project import terminal_width
from pytest_llvmgate.errors import EXIT_OK, GateError

if TYPE_CHECKING:
    from pytest_llvmgate.config.settings import Config

_STANDARD_INPUT: Final = "-"
SCHEMA: Final = 1
"""Version of the JSON form."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "logs",
        metavar="LOG",
        nargs="*",
        default=[_STANDARD_INPUT],
        help="a file (plain, .gz or .xz); - is standard input",
    )
    options.add_json(parser, "the findings")
    known = parser.add_argument_group("what is known besides the log")
    llvm = "an LLVM or MLIR install in which successors are looked up; may be given several times"
    options.add_several(known, "--llvm", "PREFIX", llvm, options.directory)
    before = "the LLVM that the project built with before: what did not change from it to --llvm is no break of an API"
    options.add_several(known, "--baseline-llvm", "PREFIX", before, options.directory)
    options.add_path(known, "--source", "the project's root directory", kind=options.directory)
    options.add_path(known, "--build", "the build directory", kind=options.directory)
    options.add_several(known, "--component", "NAME=PATH", "an embedded project, relative to --source")
    known.add_argument(
        "--stage", default="", choices=["configure", "build", "install", "check", "llvm"], help="what the log is of"
    )
    history = parser.add_argument_group("which LLVM commit did it")
    options.add_llvm_history(history, "", "of the log")
    options.add_siblings(history)


def run(arguments: argparse.Namespace) -> int:
    """Print what the logs say. The exit code is 0 for failed builds too: explaining them was the task."""
    from pytest_llvmgate.findings import Diagnosis, diagnose
    from pytest_llvmgate.findings.lines import NO_TEXT
    from pytest_llvmgate.findings.registry import installed_registry

    config = _configured(arguments.source)
    context = _context(arguments, config)
    found: list[tuple[str, Diagnosis]] = []
    for name in arguments.logs:
        is_input = name == _STANDARD_INPUT
        shown = "standard input" if is_input else name
        named = replace(context, log=shown, configuration=shown if len(arguments.logs) > 1 else "")
        try:
            source = iter(partial(sys.stdin.buffer.read, 1 << 20), b"") if is_input else Path(name)
            diagnosis = diagnose(source, context=named, registry=installed_registry())
        except OSError as error:
            reason = error.strerror or str(error)
            raise GateError(
                f"the log cannot be read: {reason}", where=name, hint="give a text file, .gz, .xz, or -"
            ) from None
        if not diagnosis.findings and (not diagnosis.lines or NO_TEXT in diagnosis.hidden):
            wrong = "no text" if diagnosis.lines else "empty"
            raise GateError(f"the log is {wrong}", where=shown, hint="give the whole output of the build")
        found.append((shown, _blamed(diagnosis, arguments, config)))
    print(_as_json(found) if arguments.json else _as_text(found))
    return EXIT_OK


def _context(arguments: argparse.Namespace, config: Config | None) -> Any:
    from pytest_llvmgate.findings import DiagnosisContext

    components = config.named_components if config else {}
    return DiagnosisContext(
        stage=arguments.stage,
        source=arguments.source.absolute() if arguments.source else None,
        build=arguments.build.absolute() if arguments.build else None,
        components=components | dict(_component(text) for text in arguments.component),
        prefixes=tuple(_prefixes(arguments.llvm)),
        baseline_prefixes=tuple(_prefixes(arguments.baseline_llvm)),
        clone=arguments.llvm_repository,
        baseline_commit=arguments.baseline.lower(),
        candidate_commit=arguments.candidate.lower(),
        advice=config.advice if config else (),
    )


def _configured(source: Path | None) -> Config | None:
    """The project's own configuration, where it has one."""
    from pytest_llvmgate.config.load import find_config, load_config

    path = find_config(source.absolute()) if source is not None else None
    return load_config(path) if path is not None else None


def _prefixes(given: Iterable[Path]) -> Iterable[Path]:
    """The prefixes, and for a directory that holds ``llvm`` and ``mlir`` side by side, these two."""
    for path in given:
        parts = [path / name for name in ("llvm", "mlir") if (path / name / "include").is_dir()]
        yield from [part.absolute() for part in parts] or [path.absolute()]


def _component(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise GateError(f"expected NAME=PATH, found {text!r}", hint="e.g. --component stablehlo=third_party/stablehlo")
    return name, path


def _blamed(diagnosis: Any, arguments: argparse.Namespace, config: Config | None) -> Any:
    from pytest_llvmgate.config.settings import sibling_paths
    from pytest_llvmgate.upstream.migrations import add_migrations

    siblings = (*(sibling_paths(config) if config else ()), *(path.resolve() for path in arguments.sibling))
    findings = diagnosis.findings
    if history := options.llvm_history(arguments):
        from pytest_llvmgate.upstream.blame import blame

        try:
            findings = blame(findings, repository=history[0], baseline=history[1], candidate=history[2])
        except ValueError as error:
            raise GateError(str(error), hint="git rev-parse <commit> prints the full SHA") from None
    findings = add_migrations(findings, clone=arguments.llvm_repository, siblings=siblings)
    return replace(diagnosis, findings=findings)


def _as_text(found: list[tuple[str, Any]]) -> str:
    from pytest_llvmgate.findings.screen import render

    width = min(terminal_width(), 120)
    return "\n\n".join("\n".join(render(diagnosis, name, width=width)) for name, diagnosis in found)


def _as_json(found: list[tuple[str, Any]]) -> str:
    from pytest_llvmgate.codec import to_plain
    from pytest_llvmgate.findings.ranking import merged

    findings = merged(finding for _, diagnosis in found for finding in diagnosis.findings)
    logs = [
        {
            "log": name,
            **{key: to_plain(getattr(diagnosis, key)) for key in ("lines", "errors", "edges", "error_lines", "hidden")},
            "findings": [to_plain(finding.key) for finding in diagnosis.findings],
        }
        for name, diagnosis in found
    ]
    return json.dumps({"schema": SCHEMA, "findings": to_plain(findings), "logs": logs}, indent=1, ensure_ascii=False)
