"""What the demo's repositories tell: their commits and branches, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DOWNSTREAM: Final = "abacus"
COMPONENT: Final = "mini-mhlo"
SUBMODULE: Final = "third_party/mini-mhlo"

LLVM_22: Final = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
"""llvmorg-22.1.8: the candidate throughout."""
LLVM_21: Final = "b708aea0bc7127adf4ec643660699c8bcdde1273"
"""llvmorg-21.1.2: where the projects come from."""

AUTHORS: Final = {
    DOWNSTREAM: "The abacus developers <abacus@example.com>",
    COMPONENT: "The mini-mhlo developers <mini-mhlo@example.com>",
}


@dataclass(frozen=True, kw_only=True)
class DemoCommit:
    """One commit, and the step of the template that it brings."""

    step: str
    date: str
    title: str
    body: str = ""
    component: str | None = None
    """The component's step that the gitlink moves to."""

    @property
    def message(self) -> str:
        """The whole commit message."""
        return f"{self.title}\n\n{self.body}".strip() + "\n"


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A branch of the downstream, and what there is to see on it."""

    name: str
    starts_at: str
    """The step of the trunk."""
    commits: tuple[DemoCommit, ...] = ()
    shows: str
    commands: tuple[str, ...]


COMPONENT_HISTORY: Final = (
    DemoCommit(
        step="1-dialect", date="2025-10-06T10:12:00+02:00", title="Add the mhlo dialect and its legalization to arith"
    ),
    DemoCommit(
        step="2-leave-tanh",
        date="2026-06-29T15:40:00+02:00",
        title="Leave math.tanh to the backend",
        body=(
            "LLVM 22 has no populateExpandTanhPattern any more. Backends that have\n"
            "no tanh expand it themselves, so legalization can stop at math.tanh,\n"
            "with either LLVM.\n"
        ),
    ),
    DemoCommit(step="3-bump-llvm", date="2026-07-06T09:05:00+02:00", title="Bump LLVM to 22.1.8"),
    DemoCommit(
        step="4-verify-reshape", date="2026-07-20T17:21:00+02:00", title="Verify that mhlo.reshape keeps all elements"
    ),
    DemoCommit(
        step="5-link-shape-utils",
        date="2026-08-03T11:30:00+02:00",
        title="Link MhloDialect against MhloShapeUtils",
        body=(
            "The verifier of mhlo.reshape calls it. Static archives hid that: an\n"
            "executable that links MhloTransforms has both on its link line.\n"
        ),
    ),
)

TRUNK: Final = (
    DemoCommit(
        step="1-compiler", date="2025-10-07T14:00:00+02:00", title="Add the abacus dialect and its conversion to arith"
    ),
    DemoCommit(
        step="2-mini-mhlo",
        date="2025-10-27T10:45:00+01:00",
        title="Convert abacus to mhlo",
        body="mini-mhlo becomes a submodule; ABACUS_ENABLE_MHLO=OFF builds without it.\n",
        component="1-dialect",
    ),
    DemoCommit(
        step="3-llvmgate", date="2025-11-03T09:30:00+01:00", title="Try LLVM bumps with llvmgate before they are merged"
    ),
    DemoCommit(
        step="4-bump-llvm",
        date="2026-07-13T16:02:00+02:00",
        title="Bump LLVM to 22.1.8, and mini-mhlo with it",
        body="mini-mhlo leaves math.tanh alone now; the test follows.\n",
        component="3-bump-llvm",
    ),
)

_TRY: Final = f"pytest --llvm-sha={LLVM_22}"

BRANCHES: Final = (
    Branch(
        name="good",
        starts_at="4-bump-llvm",
        shows="The pins agree on the candidate, and all four configurations pass. main is the same commit.",
        commands=(_TRY,),
    ),
    Branch(
        name="pins-disagree",
        starts_at="3-llvmgate",
        commits=(
            DemoCommit(
                step="4-bump-llvm",
                date="2026-07-02T18:10:00+02:00",
                title="Bump LLVM to 22.1.8",
                body="mini-mhlo moves to the commit that builds with it.\n",
                component="2-leave-tanh",
            ),
        ),
        shows=(
            "The submodule's commit was developed with LLVM 21.1.2, while abacus moves to 22.1.8. "
            "The gate says so within a second; the builds would not have."
        ),
        commands=("llvmgate pins", f"{_TRY} -k pins", _TRY),
    ),
    Branch(
        name="shared-breaks",
        starts_at="4-bump-llvm",
        commits=(
            DemoCommit(
                step="5-update-mini-mhlo",
                date="2026-07-24T13:37:00+02:00",
                title="Update mini-mhlo: mhlo.reshape is verified",
                component="4-verify-reshape",
            ),
        ),
        shows=(
            "The pins agree and static builds pass, but MhloDialect does not link against a library that it calls: "
            "shared builds with mhlo=on fail at link time. The component's main branch has the fix."
        ),
        commands=(_TRY, f"git -C {SUBMODULE} checkout main", f"{_TRY} -k shared", "git submodule update"),
    ),
    Branch(
        name="api-breaks",
        starts_at="3-llvmgate",
        shows=(
            "Before the bump: the component calls a function that LLVM 22 has removed. "
            "mhlo=on does not compile with 22.1.8, mhlo=off passes, and everything passes with 21.1.2."
        ),
        commands=(_TRY, f"pytest --llvm-sha={LLVM_21}"),
    ),
)
