"""Passes whose base classes were generated all at once get their own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.fixable import fixable
from tests.unit.git_kit import git

GENERATED: Final = """\
#ifdef GEN_PASS_DEF_FOLD
namespace impl {
template <typename T> struct FoldBase { virtual void run() {} int here() { return 1; } };
}
#undef GEN_PASS_DEF_FOLD
#endif
#ifdef GEN_PASS_DECL_SPLIT
struct SplitOptions { int most; };
#undef GEN_PASS_DECL_SPLIT
#endif
#ifdef GEN_PASS_DEF_SPLIT
namespace impl {
template <typename T> struct SplitBase { SplitBase() {} SplitBase(SplitOptions) {} virtual void run() {} };
}
#undef GEN_PASS_DEF_SPLIT
#endif
#ifdef GEN_PASS_CLASSES
#error "GEN_PASS_CLASSES is deprecated; use per-pass macros"
#endif
"""
DETAIL: Final = """\
#pragma once
namespace mlir {
namespace small {
#define GEN_PASS_CLASSES
#include "small/Passes.h.inc"
} // namespace small
} // namespace mlir
"""


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))


def mended(directory: Path, units: dict[str, str]) -> Path:
    """The checkout after the fix, with every unit compiling."""
    project = fixable(directory, {"PassDetail.h": DETAIL, **units})
    header = project.build / "include/small/Passes.h.inc"
    header.parent.mkdir(parents=True)
    header.write_text(GENERATED)
    assert main(["fix", *project.arguments]) == 0
    git(project.root, "apply", str(project.build / "llvmgate-fix/small.patch"))
    return project.root


def test_a_pass_asks_for_its_own_base(tmp_path: Path) -> None:
    unit = (
        '#include "PassDetail.h"\n\nusing namespace mlir::small;\nnamespace {\n'
        "struct Fold : public FoldBase<Fold> {\n  void run() override { n = here(); }\n  int n = 0;\n};\n}\n"
        "void f() { Fold().run(); }\n"
    )
    root = mended(tmp_path, {"a.cpp": unit})
    text = (root / "a.cpp").read_text()
    assert '#define GEN_PASS_DEF_FOLD\n#include "small/Passes.h.inc"' in text
    assert "struct Fold : public mlir::small::impl::FoldBase<Fold> {" in text
    assert "GEN_PASS_CLASSES" not in (root / "PassDetail.h").read_text()


def test_two_passes_of_one_file_share_the_include(tmp_path: Path) -> None:
    """One of them has options, which are declared by another macro."""
    unit = (
        '#include "PassDetail.h"\nnamespace mlir::small {\nstruct Fold : FoldBase<Fold> {\n};\n'
        "struct Split : SplitBase<Split> {\n};\n}\n"
    )
    text = (mended(tmp_path, {"a.cpp": unit, "b.cpp": '#include "PassDetail.h"\n'}) / "a.cpp").read_text()
    assert text.count("small/Passes.h.inc") == 1
    assert "struct Fold : impl::FoldBase<Fold> {" in text
    assert "struct Split : impl::SplitBase<Split> {" in text
