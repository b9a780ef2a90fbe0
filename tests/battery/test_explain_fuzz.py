"""Thousands of mutated logs through explain: no traceback, no hang, no control, bounded memory."""

from __future__ import annotations

import random
import resource
import time
from pathlib import Path
from typing import Final

from pytest_llvmgate.findings import diagnose
from pytest_llvmgate.findings.screen import render
from pytest_llvmgate.printable import printable

LOGS: Final = sorted((Path(__file__).parents[1] / "corpus/logs").glob("*.log"))
INPUTS: Final = 5_000
PIECES: Final = (
    b"'", b'"', b"(", b"<", b"[", b": error: ", b"\x1b[31m", b"\x1b]8;;x\x07", b"\x1b", b"\xc2\x9b2J", b"\r", b"\0",
    b"\xff", b"\n", b"FAILED: ", b"[1/2] ", b"[9999999999999999999999/1] ", b"CMake Error at a:1 (b):\n  ",
    b"undefined reference to '", b"In file included from a:1:\n", b" required from here", b"note: ", b"::error::",
    b"##[error]", b"ld.lld: error: undefined symbol: ", b">>> referenced by ", b"LLVM ERROR: ", b"9" * 40,
    b":9999999999999999999999:1: error: x", b"\xe2\x80\xae", b"multiple definition of '", b"Assertion 'x' failed.",
)  # fmt: skip


def mutated(rng: random.Random, logs: list[bytes]) -> bytes:
    if rng.random() < 0.1:
        return rng.randbytes(rng.randrange(3000))
    if rng.random() < 0.2:
        return b"".join(rng.choices(PIECES, k=rng.randrange(1, 300)))
    whole = rng.choice(logs)
    start = rng.randrange(max(1, len(whole) - 20_000))
    log = bytearray(whole[start : start + 20_000])
    for _ in range(rng.randrange(1, 30)):
        at = rng.randrange(len(log) + 1)
        match rng.randrange(3):
            case 0:
                log[at:at] = rng.choice(PIECES) * rng.choice((1, 1, 1, 50))
            case 1:
                del log[at : at + rng.randrange(1, 200)]
            case _:
                log[at:at] = log[at : at + rng.randrange(1, 300)] * rng.randrange(1, 12)
    return bytes(log)


def test_mutated_logs() -> None:
    rng, logs, slowest = random.Random(14), [path.read_bytes() for path in LOGS], 0.0
    for number in range(INPUTS):
        data = mutated(rng, logs)
        start = time.process_time()
        text = "\n".join(render(diagnose([data]), "log", width=rng.choice((1, 20, 80, 120))))
        slowest = max(slowest, seconds := time.process_time() - start)
        assert printable(text) == text, number
        assert seconds < 5, (number, data[:300])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{INPUTS} logs, the slowest took {slowest:.2f} s, {memory} MB")
    assert memory < 300
