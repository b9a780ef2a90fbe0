"""The verdict as GitLab's code quality report (GitLab Docs, "Code Quality", report format)."""

from __future__ import annotations

import json

from pytest_llvmgate.model import Verdict
from pytest_llvmgate.printable import cleaned
from pytest_llvmgate.verdict.problems import problems


def render(verdict: Verdict) -> str:
    """A JSON array with one object per problem."""
    found = [
        {
            "description": problem.message.partition("\n")[0],
            "check_name": problem.kind,
            "fingerprint": problem.fingerprint,
            "severity": "minor" if problem.excused else "major",
            "location": {"path": problem.place.path, "lines": {"begin": problem.place.line or 1}},
        }
        for problem in problems(cleaned(verdict))
    ]
    return json.dumps(found, indent=1) + "\n"
