"""What a configuration says of its linkage, and what that makes of a predicted break."""

from __future__ import annotations

from typing import Final

from pytest_llvmgate.config.settings import Config, Configuration, PredictionPolicy

_TRUE_WORDS: Final = frozenset({"1", "ON", "YES", "TRUE", "Y"})
"""What CMake takes for true in any letter case (cmake-language(7), ``if(<constant>)``)."""


def is_static(configuration: Configuration) -> bool:
    """Whether a configuration builds static libraries, as far as its own cache values tell."""
    values = {name.partition(":")[0]: value for name, value in configuration.cmake.items()}
    return values.get("BUILD_SHARED_LIBS", "OFF").upper() not in _TRUE_WORDS


def linkcheck_policy(config: Config) -> PredictionPolicy:
    """What a predicted break does: fails where a configuration builds shared libraries, is reported elsewhere."""
    if config.linkcheck.policy is not None:
        return config.linkcheck.policy
    builds_shared = any(not is_static(each) for each in config.configurations)
    return PredictionPolicy.FAIL if builds_shared else PredictionPolicy.REPORT
