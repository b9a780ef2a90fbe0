"""What a configuration says of its linkage, and what that makes of a predicted break."""

from __future__ import annotations

from pytest_llvmgate.cmake.truth import truth
from pytest_llvmgate.config.settings import Config, Configuration, PredictionPolicy


def is_static(configuration: Configuration) -> bool:
    """Whether a configuration builds static libraries, as far as its own cache values tell."""
    return truth(configuration.values.get("BUILD_SHARED_LIBS", "OFF")) is not True


def linkcheck_policy(config: Config) -> PredictionPolicy:
    """What a predicted break does: fails where a configuration builds shared libraries, is reported elsewhere."""
    if config.linkcheck.policy is not None:
        return config.linkcheck.policy
    builds_shared = any(not is_static(each) for each in config.configurations)
    return PredictionPolicy.FAIL if builds_shared else PredictionPolicy.REPORT
