"""Rules of an enumerator, where the code has its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_fix_by_headers import _own_cache, mended

__all__ = ["_own_cache"]

BAG = """struct Index {{ enum At {{ Result = 0U, First, Whole = ~0U }}; enum class Kind {{ None }}; }};
struct Bag {{
{members}
}};
inline void a(Bag *bag) {{ {whole}; }}
inline void b(Bag *bag) {{ {result}; }}
inline void c(Bag *bag) {{ {kind}; }}
"""
BEFORE = BAG.format(
    members="  void addTo(unsigned at, int n);\n  void set(Index::Kind kind, int n);\n  void set(int kind, int n);",
    whole="bag->addTo(Index::Whole, 1)",
    result="bag->addTo(Index::Result, 2)",
    kind="bag->set(Index::Kind::None, 3)",
)
AFTER = BAG.format(
    members="  void addWhole(int n);\n  void addResult(int n);\n  void setNone(int n);",
    whole="bag->addWhole(1)",
    result="bag->addResult(2)",
    kind="bag->setNone(3)",
)


@pytest.mark.parametrize(
    ("code", "now"),
    [
        ("b->addTo(0, 7);", "b->addResult(7);"),
        ("b->addTo(~0U, 7);", "b->addWhole(7);"),
        ("b->addTo(-1, 7);", "b->addWhole(7);"),
        ("b->addTo(mlir::Index::Whole, 7);", "b->addWhole(7);"),
        ("unsigned at = mlir::Index::Result; b->addTo(at, 7);", "unsigned at = mlir::Index::Result; b->addResult(7);"),
        ("const int at{0}; b->addTo(at, 7);", "const int at{0}; b->addResult(7);"),
    ],
)
def test_a_value_is_that_of_the_enumerator(tmp_path: Path, code: str, now: str) -> None:
    unit = "void f(mlir::Bag *b) {{ {} }}\n"
    assert unit.format(now) in mended(tmp_path, BEFORE, AFTER, unit.format(code))


def test_an_edit_says_which_enumerator_its_source_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mended(tmp_path, BEFORE, AFTER, "void f(mlir::Bag *b) { b->addTo(0, 7); }\n")
    assert "from LLVM's own headers: mlir/X.h, of Index::Result" in capsys.readouterr().out


@pytest.mark.parametrize(
    "code",
    [
        "b->addTo(1, 7);",
        "unsigned at = 0; if (n) at = 1; b->addTo(at, 7);",
        "unsigned at = 0; ++at; b->addTo(at, 7);",
        "unsigned at = 0; next(at); b->addTo(at, 7);",
        "b->addTo(n, 7);",
        "b->set(0, 7);",
    ],
    ids=["first", "assigned", "counted", "handed on", "parameter", "scoped"],
)
def test_another_value_is_another_thing(tmp_path: Path, code: str) -> None:
    assert not mended(
        tmp_path, BEFORE, AFTER, f"void next(unsigned &);\nvoid f(mlir::Bag *b, unsigned n) {{ {code} }}\n"
    )
