"""``[gate] stop_after``: what is dear is left out where what is cheap has failed."""

from __future__ import annotations

import pytest

from tests.support.gated import Gated
from tests.support.toy import CONFIG, OTHER_SHA, SHA, make_llvm

WITH_PREFLIGHT = CONFIG.replace("[preflight]\nenabled = false\n", "").replace("../llvm", "../{sha}")
STOPS = f'{WITH_PREFLIGHT}\n[gate]\nstop_after = "preflight"\n'
ASKED = ("--llvm-sha=pinned", f"--llvm-baseline={OTHER_SHA}")
SELECTION = (*ASKED, "-rs", "-k", "preflight or (static-mhlo_off and (configure or build))")


@pytest.fixture(autouse=True)
def uses_what_is_gone(gated: Gated) -> None:
    (gated.root / "use.cpp").write_text('#include "llvm/Support/Gone.h"\n')
    make_llvm(gated.root.parent / SHA)
    header = make_llvm(gated.root.parent / OTHER_SHA, OTHER_SHA) / "include/llvm/Support/Gone.h"
    header.write_text("#pragma once\n")


def test_by_default_a_build_says_the_rest(gated: Gated) -> None:
    gated.configure(WITH_PREFLIGHT)
    gated.run(*SELECTION).assert_outcomes(failed=1, passed=2, deselected=16)


def test_nothing_is_built_after_a_preflight_that_failed(gated: Gated) -> None:
    gated.configure(STOPS)
    result = gated.run(*SELECTION)
    result.assert_outcomes(failed=1, skipped=2, deselected=16)
    assert "preflight::default failed: " in result.stdout.str()
    assert not (gated.root / ".llvmgate/111111111111/static-mhlo_off/build").exists()


def test_a_preflight_outside_of_the_selection_stops_too(gated: Gated) -> None:
    gated.configure(STOPS)
    result = gated.run(*ASKED, "-k", "static-mhlo_off and build")
    result.assert_outcomes(skipped=1, deselected=18)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_preflight_that_passes_stops_nothing(gated: Gated) -> None:
    gated.configure(STOPS)
    (gated.root / "use.cpp").unlink()
    gated.run(*SELECTION).assert_outcomes(passed=3, deselected=16)
