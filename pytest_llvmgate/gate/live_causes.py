"""What can be said of a build's failures while it runs: a maintainer need not wait an hour for the first of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.settings import Config

_MOST: Final = 12
"""Causes told of one build; all of them are in its report."""
_SECONDS: Final = 10.0
"""Spent on telling, in one build: the cores are the build's."""


class LiveCauses:
    """Names the cause of each failed edge, once for each cause. Failing to tell never fails a stage."""

    def __init__(self, config: Config, group: str, build_dir: Path, tell: Callable[[str], None], *, root: Path) -> None:
        """``root`` is that of the tree that is built."""
        self._config = config
        self._root = root
        self._group = group
        self._build_dir = build_dir
        self._tell = tell
        self._known: set[tuple[str, ...]] = set()
        self._spent = 0.0

    def failed_edge(self, output: bytes) -> None:
        """Tell what the output of a failed edge shows, if it is new. LLVM is not asked: that is the report's part."""
        if len(self._known) >= _MOST or self._spent > _SECONDS:
            return
        started = time.monotonic()
        with suppress(Exception):
            self._diagnose(output)
        self._spent += time.monotonic() - started

    def _diagnose(self, output: bytes) -> None:
        from pytest_llvmgate.findings import DiagnosisContext, diagnose

        context = DiagnosisContext(
            stage="build",
            source=self._root,
            build=self._build_dir,
            components=self._config.named_components,
            configuration=self._group,
            exit_code=1,
        )
        for finding in diagnose([output], context=context).findings[:1]:
            if finding.key not in self._known:
                self._known.add(finding.key)
                self._tell(finding.headline)
