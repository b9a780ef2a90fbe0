"""Operations that have another name: told by their operands and by what both names share."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.surface.header_files import InstalledHeaders
from pytest_llvmgate.surface.heirs import heir_of
from pytest_llvmgate.surface.llvm_surface import Surface

FILE = "mlir/Dialect/Pear/PearOps.h.inc"


def dialect(root: Path, **operations: str) -> Surface:
    """An install whose one dialect has operations, each with its operands."""
    (root / "include" / FILE).parent.mkdir(parents=True)
    classes = (
        f"class {name} : public Op {{\npublic:\n"
        + "".join(f"  OpOperand &get{one}Mutable();\n" for one in operands.split())
        + "};\n"
        for name, operands in operations.items()
    )
    (root / "include" / FILE).write_text(f"namespace mlir::pear {{\n{''.join(classes)}}}\n")
    return Surface(files=InstalledHeaders((root,)))


@pytest.mark.parametrize(
    ("gone", "came", "heir"),
    [
        ("DivOp", {"IntDivOp": "Lhs Rhs"}, "IntDivOp"),
        ("ReduceProdOp", {"ReduceProductOp": "Lhs Rhs"}, "ReduceProductOp"),
        ("MaxFOp", {"MaximumFOp": "Lhs Rhs", "MaxNumFOp": "Lhs Rhs"}, "MaximumFOp"),
        ("DivOp", {"IntDivOp": "Lhs"}, None),
        ("DivOp", {"IntDivOp": "Lhs Rhs", "FloatDivOp": "Lhs Rhs"}, None),
        ("DivOp", {"DivCeilOp": "Lhs Rhs"}, None),
        ("CopyOp", {"MemoryCopyOp": "Lhs Rhs", "MemoryLoadOp": "Lhs"}, "MemoryCopyOp"),
    ],
)
def test_an_operation_is_known_again_by_its_operands_and_its_words(
    tmp_path: Path, gone: str, came: dict[str, str], heir: str | None
) -> None:
    before = dialect(tmp_path / "before", **{gone: "Lhs Rhs", "AddOp": "Lhs Rhs"})
    after = dialect(tmp_path / "after", AddOp="Lhs Rhs", **came)
    (declared,) = before.declarations(gone, "mlir::pear")
    found = heir_of(declared, before, after)
    assert (found.name if found else None) == heir


def test_a_word_by_which_the_dialect_told_its_operations_apart_makes_another_one(tmp_path: Path) -> None:
    before = dialect(tmp_path / "before", CopyOp="Lhs", MemoryLoadOp="Lhs")
    after = dialect(tmp_path / "after", MemoryCopyOp="Lhs", MemoryLoadOp="Lhs")
    (declared,) = before.declarations("CopyOp", "mlir::pear")
    assert heir_of(declared, before, after) is None
