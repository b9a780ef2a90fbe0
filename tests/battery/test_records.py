"""Records, changed at random: a session never ends with a pass that nothing but a record says.

``LLVMGATE_BATTERY`` is the number of rounds (default 60), ``LLVMGATE_BATTERY_SEED`` chooses them (default 7).
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_llvmgate.gate.run_directory import Workspace
from tests.support.gated import Gated
from tests.support.toy import SHA

ROUNDS = int(os.environ.get("LLVMGATE_BATTERY", "60"))
SEED = int(os.environ.get("LLVMGATE_BATTERY_SEED", "7"))
ASKED = ("--llvm-sha=pinned", "-k", "static-mhlo_off and (configure or build)")


def bytes_changed(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def piece_removed(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randint(1, 200) :]


CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    bytes_changed,
    piece_removed,
    lambda data, _: data.replace(b'"failed"', b'"passed"'),
    lambda data, _: data.replace(b'"failed"', b'"passed"').replace(b'"seal"', b'"was"'),
    lambda data, chance: data[: chance.randrange(len(data))],
    lambda data, chance: data * chance.randint(2, 5),
    lambda _data, chance: b"[" * chance.randint(1, 500_000),
    lambda _data, chance: chance.randbytes(5000),
    lambda data, _: data + b" ",
    lambda data, _: b"\xef\xbb\xbf" + data,
    lambda _data, _chance: b"",
    lambda _data, _chance: b"null",
)


@pytest.fixture(autouse=True)
def own_user_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.with_name(f"{tmp_path.name}-xdg")))


def test_no_change_of_a_record_makes_a_broken_build_pass(gated: Gated) -> None:
    (gated.root / "break-core").touch()
    gated.run(*ASKED).assert_outcomes(passed=1, failed=1, deselected=16)
    workspace = Workspace(gated.root, SHA)
    path = workspace.record("static-mhlo_off", "build")
    true = path.read_bytes()
    believed = workspace.read_record("static-mhlo_off", "build")
    assert believed is not None
    for number in range(max(100, ROUNDS)):
        chance = random.Random(f"{SEED}.{number}")
        change = CHANGES[number % len(CHANGES)]
        path.write_bytes(change(true, chance))
        found = workspace.read_record("static-mhlo_off", "build")
        assert found in (None, believed), f"round {number}"
        if number % 10 == 2:
            result = gated.run(*ASKED)
            assert result.ret == pytest.ExitCode.TESTS_FAILED, f"round {number}"  # never green; then: and nothing else
            result.assert_outcomes(passed=1, failed=1, deselected=16)
