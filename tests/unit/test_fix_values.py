"""Values that are no pointers or no strings any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_fix_by_headers import mended


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("void f(std::string &s) { s += mlir::name(); }", "s += mlir::name().str();"),
        ("void f(std::ostream &o) { o << 1 << mlir::name() << 2; }", "o << 1 << mlir::name().str() << 2;"),
    ],
    ids=["sum", "stream"],
)
def test_what_is_no_standard_string_is_made_one_beside_an_operator(tmp_path: Path, code: str, wanted: str) -> None:
    name = "struct StringRef {{ std::string str() const; }};\n{0} name();"
    include = "}\n#include <iostream>\n#include <string>\nnamespace mlir {\n"
    before, after = (include + name.format(kind) for kind in ("std::string", "StringRef"))
    assert wanted in mended(tmp_path, before, after, f"{code}\n")


@pytest.mark.parametrize("kind", ["auto", "mlir::Name", "const mlir::Name"], ids=["auto", "named", "const"])
def test_what_was_handed_on_by_pointer_is_a_value(tmp_path: Path, kind: str) -> None:
    before, after = (f"struct Name {{ int n; }};\n{kind_of} name();" for kind_of in ("const Name *", "Name"))
    unit = f"int f() {{\n  const {kind.removeprefix('const ')} *name = mlir::name();\n  return name->n;\n}}\n"
    text = mended(tmp_path, before, after, unit)
    assert f"{kind.removeprefix('const ')} name = mlir::name();" in text
    assert "return name.n;" in text


def test_no_copy_is_made_of_what_is_pointed_to(tmp_path: Path) -> None:
    before, after = (f"struct Name {{}};\nvoid take(Name {sign}name);" for sign in ("*", ""))
    assert not mended(tmp_path, before, after, "void f(mlir::Name *name) { mlir::take(name); }\n")
