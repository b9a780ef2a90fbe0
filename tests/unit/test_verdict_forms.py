"""The forms of a verdict for services: SARIF, GitLab's code quality report, a comment; and their table."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_llvmgate.codec import loads
from pytest_llvmgate.model import HELD, Finding, Location, Verdict
from pytest_llvmgate.plugin.option_names import FORMS, JSON_FORMS
from pytest_llvmgate.verdict import code_quality, comment, sarif
from pytest_llvmgate.verdict.forms import render
from tests.support.verdicts import MISSING, failed, mhlo_breaks_shared, passed, verdict

TEXT = {"type": "object", "properties": {"text": {"type": "string", "minLength": 1}}, "required": ["text"]}
# What SARIF 2.1.0 (OASIS standard, section 3) demands of the parts that are written here, in words of our own.
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "automationDetails": {"type": "object", "properties": {"id": {"type": "string"}}},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "properties": {"shortDescription": TEXT},
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "locations"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "message": TEXT,
                                "suppressions": {
                                    "items": {
                                        "type": "object",
                                        "properties": {"kind": {"enum": ["inSource", "external"]}},
                                    }
                                },
                                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                                "locations": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "properties": {
                                                            "uri": {"type": "string", "pattern": r"^(?!/)[!-~]+$"}
                                                        }
                                                    },
                                                    "region": {
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1},
                                                            "startColumn": {"type": "integer", "minimum": 1},
                                                        }
                                                    },
                                                },
                                            }
                                        }
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def at(*locations: Location, **more: Any) -> Verdict:
    finding = replace(MISSING, locations=locations)
    return verdict([failed("shared-mhlo_on::build", findings=(finding,), **more)])


def as_sarif(told: Verdict) -> Any:
    document = json.loads(sarif.render(told))
    jsonschema.validate(document, SARIF)
    return document["runs"][0]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_had(form: str, tmp_path: Path) -> None:
    text = render(form, mhlo_breaks_shared(), tmp_path)
    assert "MhloDialect" in text
    if form in JSON_FORMS:
        json.loads(text)


def test_sarif_has_a_result_for_each_cause_at_its_place() -> None:
    run = as_sarif(at(Location(path="lib/IR/CMakeLists.txt", line=4, column=2)))
    [result] = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"]) == ("shared-link", "error")
    assert result["message"]["text"].startswith(MISSING.headline)
    assert place["artifactLocation"] == {"uri": "lib/IR/CMakeLists.txt", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 4, "startColumn": 2}
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "shared-link"


def test_a_verdict_that_passes_has_no_result() -> None:
    assert as_sarif(verdict(passed("static-mhlo_on::build")))["results"] == []


def test_a_failure_without_a_cause_is_a_result_too() -> None:
    told = verdict([failed("pins::mhlo", "expected a, found b", facts={"file": "x/version.txt", "line": "3"})])
    [result] = as_sarif(told)["results"]
    assert result["message"]["text"] == "pins::mhlo: expected a, found b"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}


OUTSIDE = ("/usr/include/x.h", "../x.h", "C:/x.h", ".llvmgate/abc/build/x.inc", "", "a/../../b")


@pytest.mark.parametrize("path", OUTSIDE)
def test_what_lies_outside_of_the_repository_is_told_at_the_configuration(path: str) -> None:
    [result] = as_sarif(at(Location(path=path, line=3)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "llvmgate.toml"


def test_a_path_of_any_bytes_is_a_uri() -> None:
    [result] = as_sarif(at(Location(path="a b/\udcff%é.cpp", line=3)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("%25%C3%A9.cpp")


def test_the_fingerprint_is_of_the_cause_alone() -> None:
    here, there = (as_sarif(at(Location(path="x.cpp", line=line)))["results"][0] for line in (3, 99))
    other = replace(MISSING, identifier="other")
    third = as_sarif(verdict([failed("shared-mhlo_on::build", findings=(other,))]))["results"][0]
    assert here["partialFingerprints"] == there["partialFingerprints"] != third["partialFingerprints"]


def test_what_is_held_is_a_warning_and_suppressed() -> None:
    [result] = as_sarif(at(facts={HELD: "until 2030"}))["results"]
    assert (result["level"], result["suppressions"][0]["kind"]) == ("warning", "external")


def test_a_thousand_causes_stay_within_githubs_limit() -> None:
    findings = tuple(replace(MISSING, identifier=str(number), headline="x" * 9000) for number in range(6000))
    run = as_sarif(verdict([failed("shared-mhlo_on::build", findings=findings)]))
    assert len(run["results"]) == 5000
    assert max(len(result["message"]["text"]) for result in run["results"]) == 4000


def test_gitlabs_report_has_what_gitlab_demands() -> None:
    [entry_] = json.loads(code_quality.render(at(Location(path="a.cpp", line=7))))
    assert entry_["location"] == {"path": "a.cpp", "lines": {"begin": 7}}
    assert entry_["severity"] == "major"
    assert entry_.keys() == {"description", "check_name", "fingerprint", "severity", "location"}


def test_a_comment_begins_with_its_marker_and_fits() -> None:
    finding = Finding(kind="shared-link", identifier="x", headline="y", evidence=("z" * 300,) * 20)
    many = tuple(replace(finding, identifier=str(number), headline=f"h{number}") for number in range(300))
    text = comment.render(verdict([failed("shared-mhlo_on::build", findings=many)]))
    assert text.startswith("<!-- llvmgate: verdict -->\n## ")
    assert len(text) < 65_536
    assert "Cut off here" in text


def test_json_is_the_verdict() -> None:
    told = mhlo_breaks_shared()
    assert loads(Verdict, render("json", told, Path())) == told
