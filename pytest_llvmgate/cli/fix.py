"""``llvmgate fix --build DIR``: mend what an LLVM bump broke, as others did it, each edit checked by the compiler."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO, GateError

if TYPE_CHECKING:
    from pytest_llvmgate.config.settings import Config
    from pytest_llvmgate.fix.fixing import FixOutcome, FixRequest
    from pytest_llvmgate.fix.working_copy import WorkingCopy

_BRANCH: Final = "llvmgate-fix"
OUTPUT: Final = "llvmgate-fix"
"""Directory below the build directory: patches, and the outcome that ``llvmgate brief`` reads."""
OUTCOME: Final = "outcome.json"
SCHEMA: Final = 1
"""Version of the JSON form."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("log", metavar="LOG", nargs="?", type=Path, help="the build's log: only what failed is checked")
    parser.add_argument(
        "--build", type=Path, required=True, metavar="DIR", help="a build directory, configured with the candidate"
    )
    parser.add_argument(
        "--source", type=Path, metavar="DIR", help="the checkout (default: as the build directory says)"
    )
    parser.add_argument(
        "--write",
        nargs="?",
        const=_BRANCH,
        metavar="BRANCH",
        help=f"commit the edits to a new branch (default: {_BRANCH})",
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help=f"where patches go (default: {OUTPUT} in the build directory)"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    parser.add_argument(
        "--seconds", type=float, default=3600.0, metavar="N", help="stop trying after so long (default: 3600)"
    )
    parser.add_argument(
        "-j", dest="jobs", type=int, default=0, metavar="N", help="units looked at side by side (default: a core each)"
    )
    known = parser.add_argument_group("what is known besides the build directory")
    known.add_argument(
        "--llvm",
        action="append",
        default=[],
        type=Path,
        metavar="PREFIX",
        help="the candidate's install (default: as the build directory says)",
    )
    known.add_argument(
        "--baseline-llvm", action="append", default=[], type=Path, metavar="PREFIX", help="the install that works"
    )
    known.add_argument(
        "--llvm-repository", type=Path, metavar="DIR", help="a clone of llvm-project: how LLVM's own users were changed"
    )
    known.add_argument("--baseline", default="", metavar="SHA", help="an LLVM commit that works (full SHA)")
    known.add_argument("--candidate", default="", metavar="SHA", help="the LLVM commit to move to (full SHA)")
    known.add_argument(
        "--sibling",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="a clone of a project that may have been there before; besides [update] siblings",
    )
    known.add_argument("--until", default="", metavar="DATE", help="what siblings did later does not count")


def run(arguments: argparse.Namespace) -> int:
    """Try, report, and write what was asked for. 0: every unit compiles; 1: something is left."""
    from pytest_llvmgate.fix.fix_text import report
    from pytest_llvmgate.fix.fixing import Fixing
    from pytest_llvmgate.fix.working_copy import WorkingCopy

    request = _request(arguments)
    with tempfile.TemporaryDirectory(prefix="llvmgate-fix-") as scratch:
        copy = WorkingCopy.make(request.source, request.build, Path(scratch) / "tree")
        outcome = Fixing(request=request, copy=copy, say=_say).run()
        output = arguments.output or request.build / OUTPUT
        written = _write(copy, outcome, request, output)
        print(json.dumps(_plain(copy, outcome, request), indent=1) if arguments.json else report(outcome))
        sys.stdout.flush()
        for line in written:
            _say(line)
        if arguments.write:
            _commit(copy, outcome, arguments.write)
    return EXIT_OK if outcome.is_whole else EXIT_VERDICT_NO


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _request(arguments: argparse.Namespace) -> FixRequest:
    from pytest_llvmgate.cmake.cache_entries import read_cache
    from pytest_llvmgate.config.settings import sibling_paths
    from pytest_llvmgate.fix.fixing import FixRequest

    build = arguments.build.resolve()
    cache = read_cache(build)
    source = (arguments.source or Path(cache["CMAKE_HOME_DIRECTORY"].value)).resolve()
    if not source.is_dir():
        raise GateError("expected a directory, found none", where=str(source), hint="name the checkout with --source")
    packages = [Path(cache[name].value) for name in ("LLVM_DIR", "MLIR_DIR") if name in cache]
    prefixes = [path.absolute() for path in arguments.llvm] or [path.parents[2] for path in packages if path.is_dir()]
    config = _config(source)
    shas = (arguments.baseline.lower(), arguments.candidate.lower())
    if any(shas) and not (all(shas) and arguments.llvm_repository):
        raise GateError("--llvm-repository, --baseline and --candidate belong together")
    return FixRequest(
        source=source,
        build=build,
        prefixes=tuple(dict.fromkeys(prefixes)),
        baseline_prefixes=tuple(path.absolute() for path in arguments.baseline_llvm),
        clone=arguments.llvm_repository,
        baseline=shas[0],
        candidate=shas[1],
        siblings=(*(sibling_paths(config) if config else ()), *(path.resolve() for path in arguments.sibling)),
        until=arguments.until,
        **_log(arguments.log, source, build, prefixes),
        components=tuple((pin.name, pin.component) for pin in config.pins if pin.component) if config else (),
        seconds=arguments.seconds,
        jobs=arguments.jobs,
    )


def _config(source: Path) -> Config | None:
    from pytest_llvmgate.config.load import find_config, load_config

    path = find_config(source)
    return load_config(path) if path is not None else None


def _log(log: Path | None, source: Path, build: Path, prefixes: Sequence[Path]) -> dict[str, Any]:
    """The objects that a log says could not be made, and what else it says."""
    if log is None:
        return {}
    from pytest_llvmgate.findings import DiagnosisContext, diagnose
    from pytest_llvmgate.findings.lines import blocks
    from pytest_llvmgate.findings.registry import installed_registry
    from pytest_llvmgate.findings.scanner import Scanner

    context = DiagnosisContext(source=source, build=build, prefixes=tuple(prefixes))
    try:
        scan = Scanner(installed_registry().parsers).run(blocks(log))
        said = diagnose(log, context=context, registry=installed_registry()).findings
    except OSError as error:
        raise GateError(f"the log cannot be read: {error.strerror or error}", where=str(log)) from None
    outputs = [output for edge in scan.failed_edges for output in edge.outputs]
    objects = frozenset(output for output in outputs if output.endswith((".o", ".obj")))
    if not said:
        raise GateError("the log shows no failure", where=str(log), hint="without a log, every unit is checked")
    is_of_configure = not scan.failed_edges  # then nothing was compiled, and any unit may fail
    return {"failed": None if is_of_configure else objects, "said": said}


def _write(copy: WorkingCopy, outcome: FixOutcome, request: FixRequest, output: Path) -> list[str]:
    """Patches, one for the downstream and one for each component, and the outcome; sentences about them."""
    from pytest_llvmgate.codec import write_atomically

    output.mkdir(parents=True, exist_ok=True)
    write_atomically(output / OUTCOME, json.dumps(_plain(copy, outcome, request), indent=1))
    said = []
    for owner in ("", *copy.submodules):
        path = output / f"{(owner or request.source.name).replace('/', '-')}.patch"
        path.unlink(missing_ok=True)  # an earlier run's
        if patch := copy.patch(owner):
            path.write_text(patch, encoding="utf-8")
            where = request.source / owner if owner else request.source
            said.append(f"patch: git -C {where} apply {path}")
    return said


def _plain(copy: WorkingCopy, outcome: FixOutcome, request: FixRequest) -> dict[str, Any]:
    from pytest_llvmgate.codec import to_plain

    patches = {owner or ".": patch for owner in ("", *copy.submodules) if (patch := copy.patch(owner))}
    plain = to_plain(outcome)
    assert isinstance(plain, dict)  # noqa: S101 (a dataclass)
    return {
        "schema": SCHEMA,
        "source": str(request.source),
        "build": str(request.build),
        "request": to_plain(request),
        **plain,
        "patches": patches,
    }


def _commit(copy: WorkingCopy, outcome: FixOutcome, branch: str) -> None:
    from pytest_llvmgate.fix.cure_commits import commit_cures

    titles = commit_cures(copy, outcome, branch)
    for title in titles:
        _say(f"commit on {branch}: {title}")
    if titles:
        _say(f"take them: git -C {copy.source} merge --ff-only {branch}")
