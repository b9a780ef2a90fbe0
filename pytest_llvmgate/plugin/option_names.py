"""Names under which the gate's options and the gate itself are known to pytest. Imports nothing that takes time."""

from __future__ import annotations

from typing import Final

OPTION: Final = "llvm_sha"
ACTIVE: Final = "llvmgate-active"
"""The active gate, with pytest's plugin manager."""
JUNIT_PROPERTIES: Final = "llvm_junit_properties"
FORMS: Final = {
    "json": "the verdict as JSON",
    "html": "the verdict as one HTML file",
    "markdown": "the verdict as Markdown",
    "comment": "the verdict as a pull request's comment, with a marker to update it by",
    "sarif": "the causes as SARIF 2.1.0, for code scanning",
    "code-quality": "the causes as GitLab's code quality report",
}
"""Name, as in ``--llvm-NAME FILE`` and ``report --NAME``, to what is written; ``verdict.forms`` renders it."""
JSON_FORMS: Final = frozenset({"json", "sarif", "code-quality"})
