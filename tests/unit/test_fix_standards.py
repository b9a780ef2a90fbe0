"""Units that no edit of their code mends, and units that failed before any edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.fixable import fixable
from tests.unit.test_fix_by_headers import _own_cache

__all__ = ["_own_cache"]


def test_a_unit_that_needs_a_newer_standard_is_not_edited(tmp_path: Path) -> None:
    """What else is said there may only follow from it: nothing tells whether an edit is right."""
    header = "#pragma once\nnamespace mlir { inline int n(std::newer_t *) { return 1; } }\nnamespace std {}\n"
    headers = {"mlir/X.h": f"namespace std {{}}\n{header}", "mlir/Defined.h": "namespace mlir { struct Pass {}; }\n"}
    unit = '#include "mlir/X.h"\nmlir::Pass f();\n'
    project = fixable(tmp_path, {"a.cpp": unit}, headers=headers)
    assert main(["fix", *project.arguments]) == 1
    assert not (project.build / "llvmgate-fix/small.patch").exists()


def test_nothing_given_to_a_template_asks_for_no_newer_standard(tmp_path: Path) -> None:
    """``std::nullopt`` has no members in any; braces choose the overload that takes a range."""
    header = (
        "#pragma once\n#include <optional>\nnamespace mlir {\nstruct Range {};\ninline void add(Range) {}\n"
        "template <class R> void add(R &&r) { r.begin(); }\n}\n"
    )
    unit = '#include "mlir/X.h"\nvoid f() { mlir::add(std::nullopt); }\n'
    project = fixable(tmp_path, {"a.cpp": unit}, headers={"mlir/X.h": header})
    assert main(["fix", *project.arguments]) == 0
    assert "+void f() { mlir::add({}); }" in (project.build / "llvmgate-fix/small.patch").read_text()


def test_what_failed_before_the_edits_is_not_said_to_have_compiled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It includes a header that was edited, and the build did not come to it."""
    units = {
        "a.cpp": '#include "mine.h"\n',
        "b.cpp": '#include "mine.h"\nint g() { return never_was; }\n',
        "mine.h": '#pragma once\n#include "mlir/Gone.h"\n',
    }
    project = fixable(tmp_path, units, headers={"mlir/New/Gone.h": "#pragma once\n"})
    log = tmp_path / "build.log"
    log.write_text(
        "[1/2] c++ -o CMakeFiles/small.dir/a.cpp.o -c a.cpp\nFAILED: CMakeFiles/small.dir/a.cpp.o \n"
        "c++ -o CMakeFiles/small.dir/a.cpp.o -c a.cpp\nIn file included from a.cpp:1:\n"
        f"{project.root}/mine.h:2:10: fatal error: mlir/Gone.h: No such file or directory\n"
    )
    main(["fix", *project.arguments, str(log)])
    said = capsys.readouterr().out
    assert "compiled before" not in said
    assert "not looked at: 1 object" in said
