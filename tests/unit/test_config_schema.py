"""The JSON schema says what the loader says."""

from __future__ import annotations

import copy
import datetime
import re
import tomllib
from importlib import resources
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validate_pyproject.api import Validator
from validate_pyproject.errors import ValidationError

from pytest_llvmgate.config.json_schema import json_schema
from pytest_llvmgate.config.layout import FILE
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.shapes import INVALID, ListOf, Record, Spot, TableOf

SCHEMA = jsonschema.Draft7Validator(json_schema(), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
REFUSED = (Path(__file__).parent / "config_errors.txt").read_text(encoding="utf-8").split("\n=== ")[1:]
EVERYTHING = """
exclude = ["linkage=shared, mhlo=off", { mhlo = ["on", "off"], linkage = "shared" }]
[[pin]]
name = "llvm"
file = "utils/clone.sh"
reader = "git-checkout"
[[pin]]
name = "stablehlo"
component = "third_party/stablehlo"
group = "tests"
policy = "same-base"
reason = "patches"
until = 2026-12-10
key = "K"
pattern = "x"
only = "mhlo=on"
[[pin.through]]
file = "triton-hash.txt"
repository = "../triton"
reader = "sha-file"
key = "K"
pattern = "x"
url = "https://github.com/triton-lang/triton"
[llvm]
archive = "https://example.org/{sha8}.tar.xz"
checksum = "{archive}.sha256"
sha256 = { "llvmorg-22.1.8" = "0000000000000000000000000000000000000000000000000000000000000000" }
platform = "linux"
derive = false
supplier = "wheels"
prefix = "/opt/{sha}"
revision = "recorded"
repository = "../llvm-project"
main = "main"
[llvm.source]
store = "../store"
repository = "../llvm-project"
cmake = { LLVM_ENABLE_ASSERTIONS = true }
targets = ["mlir-opt"]
launcher = "auto"
flavours = { static = { cmake = { BUILD_SHARED_LIBS = false } } }
[llvm.tags]
"llvmorg-22.1.8" = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
[[llvm.wheels]]
revision = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
tag = "llvmorg-22.1.8"
requirements = ["xtc-llvm-dev==22.1.8.2"]
flavours = ["static"]
[axes.linkage]
static = { flavour = "static", cmake = { BUILD_SHARED_LIBS = false }, env = { A = "b" } }
shared = {}
[axes.mhlo]
on = { only = { linkage = ["static", "shared"] } }
off = {}
[[configuration]]
name = "asan"
options = { mhlo = "on" }
cmake = { "S:BOOL" = 1 }
env = { A = "c" }
flavour = "static"
[build]
source = "."
cmake = { CMAKE_BUILD_TYPE = "Release" }
env = { LC_ALL = "C" }
launcher = ["ccache", "--x"]
jobs = 64
share_objects = false
targets = ["all"]
install = true
install_targets = ["install"]
check = [["{build}/x", "--version"]]
[gate]
stop_after = "preflight"
[timeouts]
llvm = 1
regenerate = 4
configure = 2
build = 10
install = 3
check = 1.5
[linkcheck]
enabled = true
policy = "fail"
confirm = false
llvm = "shared"
[syntax]
enabled = true
precompile = true
[preflight]
enabled = true
policy = "report"
tablegen = false
[update]
cadence = "every 10 days"
siblings = ["../torch-mlir"]
[bump]
run = [["python3", "lock.py", "{sha}"]]
[roll]
branch = "updates/llvm-{short}"
fix = "never"
[[advice]]
match = "undefined reference"
text = "look there"
link = "https://example.org"
[[hold]]
until = "2026-12-10"
reason = "r"
configurations = { mhlo = "on" }
stages = ["build"]
pins = ["llvm"]
owner = "ada"
issue = "#1"
[[hold]]
until = "2026-12-10"
reason = "r"
findings = ["shared-link:mlir::f()"]
tests = ["MLIR :: a.mlir"]
[[carry]]
name = "files"
reason = "r"
until = "2026-12-10"
component = "third_party/stablehlo"
patches = ["patches/one.patch"]
cause = "ca7933e47d3a"
upstream = "ca7933e47d3a"
owner = "ada"
issue = "#1"
[[carry]]
name = "fork"
reason = "r"
until = "2026-12-10"
fork = "origin/main"
"""


def shape_is_accepted(document: Any) -> bool:
    """Whether every key by itself is what the loader expects."""
    return FILE.read(document, Spot((), lambda _: "", [])) is not INVALID


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema())


def test_every_key_is_described() -> None:
    def undescribed(schema: Any, path: str = "") -> list[str]:
        if not isinstance(schema, dict):
            return []
        properties = schema.get("properties", {})
        missing = [f"{path}.{name}" for name, each in properties.items() if not each.get("description")]
        inner = [*properties.values(), schema.get("items"), schema.get("additionalProperties")]
        return missing + [name for each in inner for name in undescribed(each, path)]

    assert undescribed(json_schema()) == []


def test_the_demos_configuration_is_valid() -> None:
    template = resources.files("pytest_llvmgate") / "demo/template/abacus/3-llvmgate/llvmgate.toml"
    document = tomllib.loads(template.read_text(encoding="utf-8"))
    SCHEMA.validate(document)
    assert shape_is_accepted(document)


def keys_of(shape: Any) -> set[tuple[str, ...]]:
    """Every path of keys that the layout knows."""
    if isinstance(shape, Record):
        return {(name, *rest) for name, key in shape.keys.items() for rest in {(), *keys_of(key.shape)}}
    return keys_of(shape.item) if isinstance(shape, ListOf | TableOf) else set()


def keys_in(shape: Any, value: Any) -> set[tuple[str, ...]]:
    """Those of them that a document has."""
    if isinstance(shape, Record):
        parts = {name: keys_in(key.shape, value[name]) for name, key in shape.keys.items() if name in value}
        return {(name, *rest) for name, found in parts.items() for rest in {(), *found}}
    if isinstance(shape, ListOf | TableOf):
        elements = value if isinstance(value, list) else value.values()
        return {path for element in elements for path in keys_in(shape.item, element)}
    return set()


def test_the_document_with_everything_has_everything() -> None:
    assert keys_of(FILE) - keys_in(FILE, tomllib.loads(EVERYTHING)) == set()


def test_a_document_with_everything_is_accepted_by_both(cwd: Path) -> None:
    SCHEMA.validate(tomllib.loads(EVERYTHING))
    (cwd / "llvmgate.toml").write_text(EVERYTHING.replace(', { mhlo = ["on", "off"], linkage = "shared" }', ""))
    load_config(cwd / "llvmgate.toml")


NOT_JSON = ("NUL", "2026-12-10T10:00:00")
"""What JSON schema cannot say of TOML."""


@pytest.mark.parametrize(
    "text",
    [pytest.param(f"# {each}", id=each.partition("\n")[0]) for each in REFUSED if not any(x in each for x in NOT_JSON)],
)
def test_what_the_loader_refuses_in_a_key_the_schema_refuses(text: str) -> None:
    document = tomllib.loads(text)
    assert SCHEMA.is_valid(document) == shape_is_accepted(document)


VALUES = st.sampled_from(
    [
        "", " ", "x", "on", "a b", "-x", "a=b", "a=b, c=d", "a=b,", "=b", "a=", "a==b", "_a=b", "a=b=c", "a = b ,c=d ",
        "/abs", "..", "a/..", "../a", "a/../b", "..a", "a..", ".", "A_B:BOOL", "1x", "equal", "prefix", "wheels",
        "2026-12-10", "2026-13-10", "20261210", "2026-W50-4", "a==1", "a>=1", "a==1 --hash=sha256:" + "0" * 64,
        "a" * 40, "A" * 40, "a" * 41, "build", "pins",
        0, 1, -1, 0.0, 1.5, float("inf"), True, False, datetime.date(2026, 12, 10),
        [], ["x"], ["a==1"], [1], [[]], [["x"]], [{}], {}, {"x": "y"}, {"x": 1}, {"x": ["y"]}, {"a b": "c"}, {"x": {}},
    ]
).map(copy.deepcopy)  # fmt: skip


@given(st.data())
def test_the_schema_and_the_loader_agree_on_changed_documents(data: st.DataObject) -> None:
    document = copy.deepcopy(tomllib.loads(EVERYTHING))
    for _ in range(data.draw(st.integers(1, 2), label="changes")):
        place: Any = document
        while True:
            keys = list(place if isinstance(place, dict) else range(len(place)))
            key = data.draw(st.sampled_from(keys), label="key")
            inner = place[key]
            if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 3), label="stop") == 0:
                break
            place = inner
        change = data.draw(st.sampled_from(["replace", "replace", "replace", "delete", "add"]), label="change")
        if change == "delete":
            del place[key]
        elif change == "add" and isinstance(place, dict):
            place[data.draw(st.sampled_from(["x", "a b", "1", "", "pin", "name"]), label="new")] = data.draw(VALUES)
        else:
            place[key] = data.draw(VALUES, label="value")
        if not document:
            return
    assert SCHEMA.is_valid(document) == shape_is_accepted(document)


# validate-pyproject


def validate(text: str) -> None:
    Validator()(tomllib.loads(text))


def test_the_entry_point_gives_the_schema() -> None:
    [entry] = entry_points(group="validate_pyproject.tool_schema", name="llvmgate")
    schema = entry.load()("llvmgate")
    assert schema["properties"].keys() == json_schema()["properties"].keys()
    assert schema["$id"] != json_schema()["$id"]


def test_validate_pyproject_accepts_what_the_loader_accepts() -> None:
    tables = re.sub(r"(?m)^(\[+)(?=[a-z])", r"\1tool.llvmgate.", EVERYTHING)
    validate(f"[tool.llvmgate]{tables}")


@pytest.mark.parametrize(
    "text",
    ["[tool.llvmgate]\npins = []", "[tool.llvmgate.timeouts]\nbuild = 'long'", "[[tool.llvmgate.pin]]\nfile = 'f'"],
)
def test_validate_pyproject_refuses_what_the_loader_refuses(text: str) -> None:
    with pytest.raises(ValidationError):
        validate(text)
