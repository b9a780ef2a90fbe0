"""The JSON schema of the configuration, for editors and for validate-pyproject."""

from __future__ import annotations

from typing import Any, Final

from pytest_llvmgate.config.layout import FILE

_SCHEMA_ID: Final = "urn:pytest-llvmgate:configuration"


def json_schema() -> dict[str, Any]:
    """The whole schema of ``llvmgate.toml`` (JSON Schema draft-07)."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": _SCHEMA_ID,
        "title": "pytest-llvmgate configuration",
        **FILE.json_schema(),
    }


def validate_pyproject_schema(tool_name: str) -> dict[str, Any]:
    """Entry point ``validate_pyproject.tool_schema``: the schema of ``[tool.llvmgate]``."""
    return json_schema() | {"$id": f"urn:pytest-llvmgate:tool.{tool_name}"}
