"""All that a stage's outcome depends on, as one digest: equal means that there is nothing to do."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from typing import Final

from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.gate.session import Session
from pytest_llvmgate.model import StageResult
from pytest_llvmgate.stages.build_tools import Tools
from pytest_llvmgate.stages.stage_plan import CONFIRM, LINKCHECK, SYNTAX, linkcheck_policy

_RECORD_VERSION: Final = "1"
"""Part of every fingerprint: raised when a stage comes to do other work."""
_BUILD_VARIABLES: Final = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CMAKE_PREFIX_PATH", "PATH")


def fingerprint(
    stage: str,
    *,
    config: Config,
    configuration: Configuration,
    session: Session,
    tools: Tools,
    before: StageResult,
    more: object = None,
) -> str:
    """The digest of a stage's own inputs and of ``before``, the result of the stage that it stands on.

    ``more`` is what else linkcheck looks at.
    """
    own: Mapping[str, Mapping[str, object]] = {
        "configure": _configure_inputs(config, configuration, session, tools, before),
        SYNTAX: {"precompile": config.syntax.precompile},
        "build": {"targets": config.build.targets},
        LINKCHECK: {"policy": linkcheck_policy(config), "llvm": config.linkcheck.llvm, "over": more},
        CONFIRM: {},
        "install": {"targets": config.build.install_targets},
        "check": {"commands": config.build.check},
    }
    inputs = {"version": _RECORD_VERSION, "stage": stage, "before": before.fingerprint, **own[stage]}
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


def _configure_inputs(
    config: Config, configuration: Configuration, session: Session, tools: Tools, llvm: StageResult
) -> Mapping[str, object]:
    return {
        "source": session.source_state,
        "root": str(config.root),
        "cmake": dict(configuration.cmake),
        "env": dict(configuration.env),
        "tools": tools,
        "platform": platform.platform(),
        "machine-env": {name: os.environ.get(name, "") for name in _BUILD_VARIABLES},
        "llvm": llvm.facts.get("prefix", ""),
    }
