"""Outputs that say nothing new: the answer is that of reading every line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_llvmgate.findings import Diagnosis, diagnose, scanner
from pytest_llvmgate.findings.groups import MOST_SITES, SAMPLES, Group
from pytest_llvmgate.findings.repeats import _SURE, Habits

ERROR = """\
/p/lib/u{0}.cpp: In function 'int top()':
/p/lib/u{0}.cpp:{1}:5: error: 'class mlir::Value' has no member named 'gone{2}'
  {1} |   v.gone{2}();
      |     ^~~~~~~~
/opt/llvm/include/mlir/IR/Builders.h: In instantiation of 'OpTy create(Args&& ...) [with OpTy = X{2}]':
/p/lib/u{0}.cpp:{1}:32:   required from here
/opt/llvm/include/mlir/IR/Builders.h:509:16: error: no matching function for call to 'mlir::X{2}::build(int)'
  509 |     OpTy::build(*this, state);
      |     ~~~~~~~~~~~^~~~~~~~~~~~~
/opt/llvm/include/mlir/X.h.inc:4513:15: note: candidate: 'static void mlir::X{2}::build(mlir::OpBuilder&)'
"""
NEW = "/p/lib/u{0}.cpp:7:5: error: 'rare{0}' was not declared in this scope\n"
LAST = "ninja: build stopped: cannot make progress due to previous errors.\n"


def edges(count: int, *, rare: frozenset[int] = frozenset()) -> Iterator[bytes]:
    for number in range(1, count + 1):
        output = f"lib/CMakeFiles/D.dir/u{number}.cpp.o"
        text = (
            f"[{number}/{count + 9}] Building CXX object {output}\nFAILED: [code=1] {output}\n/usr/bin/c++ -c u.cpp\n"
        )
        text += "".join(ERROR.format(number, 100 + line, line % 4) for line in range(8))
        yield (text + NEW.format(number) * (number in rare)).encode()
    yield LAST.encode()


def in_bulk(monkeypatch: pytest.MonkeyPatch, **more: frozenset[int]) -> tuple[Diagnosis, Diagnosis, int]:
    """The same log read both ways, and how many edges were counted as a whole."""
    counted: list[bool] = []
    original = scanner.Scanner._is_nothing_new

    def noted(self: scanner.Scanner, output: bytes, number: int) -> bool:
        counted.append(original(self, output, number))
        return counted[-1]

    monkeypatch.setattr(scanner, "LEARN_AFTER", 100)
    monkeypatch.setattr(scanner.Scanner, "_is_nothing_new", noted)
    fast = diagnose(edges(900, **more))
    monkeypatch.setattr(scanner, "LEARN_AFTER", 10**9)
    slow = diagnose(edges(900, **more))
    return fast, slow, sum(counted)


def test_the_answer_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    fast, slow, counted = in_bulk(monkeypatch)
    assert counted > 300
    assert fast == slow


def test_what_is_new_is_read_wherever_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    rare = frozenset({3, 700, 899})
    fast, slow, counted = in_bulk(monkeypatch, rare=rare)
    assert counted > 300
    assert fast == slow
    found = {finding.identifier for finding in fast.findings}
    assert {f"rare{number}" for number in rare} <= found


KNOWN = "/p/a.cpp:1:2: error: gone"
AGAIN = "/q/b.cpp:3:4: error: again"
CODE = "    1 | int x;"


def habits(*, sites: int = MOST_SITES, times: int = _SURE) -> tuple[Habits, Group]:
    group = Group(kind="api-removed", identifier="gone", first=None)  # type: ignore[arg-type]
    group.sites = dict.fromkeys(range(sites))  # type: ignore[arg-type]
    group.samples = [None] * SAMPLES  # type: ignore[list-item]
    learned = Habits()
    for _ in range(times):
        learned.learn(KNOWN, group)
        learned.learn(AGAIN, None)
    return learned, group


def test_known_errors_and_their_lines() -> None:
    learned, group = habits()
    from_here = "/p/a.cpp:1:32:   required from here"
    lines = ["/p/a.cpp: In function 'f':", KNOWN, CODE, "/p/a.cpp:1:2: note: here", from_here, AGAIN, ""]
    assert learned.outcomes(lines) == [group, None]
    assert learned.outcomes([KNOWN, AGAIN.replace("/q/b.cpp:3", "/p/a.cpp:1")]) == [group, None]
    assert learned.outcomes([KNOWN, "1 error generated.", "compilation terminated."]) == [group]


@pytest.mark.parametrize(
    "lines",
    [
        ["/p/a.cpp:1:2: error: another"],
        [KNOWN, "ld: cannot find -lx"],
        [KNOWN, "    1 | #error no"],
        [KNOWN, "fatal error: too many errors emitted, stopping now"],
        [AGAIN],  # repeats nothing
        [KNOWN, AGAIN],  # repeats nothing that was said of its line
        [KNOWN, "/r/c.cpp:9:9:   required from here", AGAIN],
        [KNOWN, KNOWN],  # here the second one would repeat the first
        ["a.cpp: error: gone"],
    ],
)
def test_anything_else_is_read(lines: list[str]) -> None:
    assert habits()[0].outcomes(lines) is None


def test_a_group_that_still_keeps_places_is_read() -> None:
    assert habits(sites=MOST_SITES - 1)[0].outcomes([KNOWN]) is None


def test_a_habit_takes_time_and_one_exception_ends_it() -> None:
    learned, group = habits(times=_SURE - 1)
    assert learned.outcomes([KNOWN]) is None
    learned.learn(KNOWN, group)
    assert learned.outcomes([KNOWN]) == [group]
    learned.learn(KNOWN, None)
    assert learned.outcomes([KNOWN]) is None
