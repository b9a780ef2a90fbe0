"""The verdict as SARIF 2.1.0 (OASIS), for GitHub's code scanning, Jenkins' warnings-ng, editors.

GitHub's limits are kept: 25,000 results a run, of which 5,000 are shown; rules are a tag each (GitHub Docs, "SARIF
support for code scanning").
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

from pytest_llvmgate import __version__
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.model import Verdict
from pytest_llvmgate.printable import cleaned
from pytest_llvmgate.verdict.problems import STAGE_FAILED, ReportedProblem, problems

_MOST: Final = 5_000
_LONGEST: Final = 4_000
"""Characters of a message."""


def render(verdict: Verdict) -> str:
    """The whole verdict as one SARIF log with one run."""
    found = list(islice(problems(cleaned(verdict)), _MOST))
    kinds = list(dict.fromkeys(problem.kind for problem in found))
    driver = {"name": "llvmgate", "semanticVersion": __version__, "rules": [_rule(kind) for kind in kinds]}
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "llvmgate/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "the downstream's checkout"}}},
        "properties": {"candidate": verdict.candidate.sha, "passes": verdict.passes},
        "results": [_result(problem, kinds) for problem in found],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1) + "\n"


def _rule(kind: str) -> dict[str, Any]:
    meaning = "a stage failed, and no cause was found" if kind == STAGE_FAILED else kind_of(kind).meaning or kind
    return {"id": kind, "shortDescription": {"text": meaning}, "defaultConfiguration": {"level": "error"}}


def _result(problem: ReportedProblem, kinds: Sequence[str]) -> dict[str, Any]:
    region = {"startLine": problem.place.line or 1}
    if problem.place.line and problem.place.column:
        region["startColumn"] = problem.place.column
    uri = quote(problem.place.path.encode("utf-8", "surrogateescape"), safe="/")
    result: dict[str, Any] = {
        "ruleId": problem.kind,
        "ruleIndex": kinds.index(problem.kind),
        "level": "warning" if problem.excused else "error",
        "message": {"text": problem.message[:_LONGEST]},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}, "region": region}}
        ],
        "partialFingerprints": {"llvmgate/v1": problem.fingerprint},
    }
    if problem.excused:
        result["suppressions"] = [{"kind": "external", "justification": "an agreed hold"}]
    return result
