"""The findings room: from a failed stage's log to ranked root causes."""

from pytest_llvmgate.findings.context import Diagnosis, DiagnosisContext, ErrorLine
from pytest_llvmgate.findings.diagnose import diagnose
from pytest_llvmgate.findings.registry import Registry, default_registry

__all__ = ["Diagnosis", "DiagnosisContext", "ErrorLine", "Registry", "default_registry", "diagnose"]
