"""How many probes a bisection takes, by class of culprit and length of history, beside halving and ``git bisect run``.

The judge is the miniature's oracle (no builds), the histories, the cheap stages and the search are the real ones; a
handful of real builds is in ``tests/real`` and ``tests/slow``. Usage:

    python benchmarks/bisection.py classes --commits 1000
    python benchmarks/bisection.py random --cases 200
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pytest_llvmgate.bisect.drive import Aim, SearchEnding
from pytest_llvmgate.bisect.outcome import Report
from pytest_llvmgate.bisect.probing import select_request
from pytest_llvmgate.bisect.whole_search import Bisect, SearchRequest
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import Config
from tests.miniature import CULPRITS, Miniature, create_synthetic
from tests.miniature.downstream import create_downstream
from tests.miniature.edits import ConflictError
from tests.miniature.history import _needs
from tests.support.oracle import Oracle

SCRIPT = """#!/bin/sh
sha=$(git rev-parse BISECT_HEAD)
echo "$sha" >> {directory}/asked
grep -q "$sha" {directory}/skip && exit 125
grep -q "$sha" {directory}/bad && exit 1
exit 0
"""


def place(directory: Path, commits: int, planted: dict[int, str]) -> tuple[Miniature, Config]:
    miniature = create_synthetic(directory / "llvm-project", commits, planted=planted)
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    return miniature, load_config(create_downstream(directory, miniature, llvm=llvm).config)


def search(config: Config, oracle: Oracle, stages: tuple[str, ...], **aim: object) -> Report:
    request = select_request(config, (), stages)
    asked = SearchRequest(request=request, aim=replace(Aim(), **aim), restart=True)
    return Bisect(config, asked).run(oracle.launch, oracle.wait)


def git_bisect(miniature: Miniature, directory: Path, bad: Iterable[str], skip: Iterable[str] = ()) -> int:
    """Judgements that ``git bisect run`` asks for, without the two ends."""
    (directory / "bad").write_text("\n".join(bad))
    (directory / "skip").write_text("\n".join(skip))
    (directory / "asked").write_text("")
    script = directory / "judge"
    script.write_text(SCRIPT.format(directory=directory))
    script.chmod(0o755)
    git = ("git", "-C", str(miniature.repository), "bisect")
    for words in (
        ("start", "--no-checkout", "--first-parent", miniature.head, miniature.base),
        ("run", str(script)),
        ("reset",),
    ):
        subprocess.run([*git, *words], capture_output=True, check=False)
    return len((directory / "asked").read_text().split())


def classes(commits: int, names: list[str]) -> None:
    print(f"{commits} commits; probes without the two ends; halving takes {math.ceil(math.log2(commits - 1))}")
    print(f"{'culprit':26} {'class':22} {'probes':>6} {'-n 2':>6} {'git':>4}  found  hints")
    for name in names or list(CULPRITS):
        with tempfile.TemporaryDirectory() as temporary:
            directory = Path(temporary)
            first = {2 + index: step for index, step in enumerate(dict.fromkeys(_needs(name)))}
            at = int(commits * (0.3 + 0.6 * random.Random(name).random()))
            miniature, config = place(directory, commits, first | {at: name})
            stages = ("llvm",) if CULPRITS[name].stage == "llvm" else ()
            oracle, two = Oracle(miniature, config), Oracle(miniature, config)
            report = search(config, oracle, stages)
            search(config, two, stages, count=2)
            found = report.outline.ending is SearchEnding.FOUND and report.first_bad.sha == miniature.sha(name)
            plain = git_bisect(miniature, directory, miniature.order[at:])
            weighing = report.outline.weighing
            hints = ", ".join(sorted({hint.why for hint in weighing.hints}))
            print(
                f"{name:26} {CULPRITS[name].kind:22} {len(oracle.asked) - 2:6} {len(two.asked) - 2:6} {plain:4}  "
                f"{found!s:5}  {hints}",
                flush=True,
            )


def drawn(chance: random.Random, commits: int) -> dict[int, str]:
    """One to three culprits and some windows in which LLVM is broken, where chance puts them."""
    names = chance.sample([name for name in CULPRITS if CULPRITS[name].stage != "llvm"], chance.randint(1, 3))
    planted: dict[int, str] = {}
    position = 2
    for name in names:
        for need in dict.fromkeys(_needs(name)):
            planted[position] = need
            position += 1
        planted[chance.choice([at for at in range(20, commits - 1) if at not in planted])] = name
    for broken, fixed in (("llvm-broken", "llvm-fixed"), ("install-broken", "install-fixed")):
        if chance.random() < 0.7:
            start = chance.randint(12, commits - 40)
            if chance.random() < 0.4:  # around a culprit
                start = max(12, max(planted) - chance.randint(1, 8))
            end = start + chance.randint(1, 30)
            if {start, end}.isdisjoint(planted) and end < commits - 1:
                planted |= {start: broken, end: fixed}
    return planted


def one_random(seed: int, commits: int) -> str:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as temporary:
        while True:
            try:
                miniature, config = place(Path(temporary) / str(chance.random()), commits, drawn(chance, commits))
                break
            except ConflictError:  # an order that no history can have
                continue
        ends = {miniature.base, miniature.head}

        def trouble(sha: str) -> str:
            unlucky = hashlib.sha256(f"{seed}{sha}".encode()).digest()[0] < 6
            return "the machine refused" if unlucky and sha not in ends else ""

        oracle = Oracle(miniature, config, trouble=trouble)
        report = search(config, oracle, (), count=1 + seed % 2)
        return outcome(miniature, report)


def outcome(miniature: Miniature, report: Report) -> str:
    ending = report.outline.ending
    if ending not in {SearchEnding.FOUND, SearchEnding.RANGE}:
        return ending.value
    key = report.outline.wanted.key
    names = [name for name in miniature.plan if name in CULPRITS]
    (truth,) = [name for name in names if (CULPRITS[name].kind, CULPRITS[name].identifier) == key]
    if ending is SearchEnding.FOUND:
        return "found, right" if report.first_bad.sha == miniature.sha(truth) else f"found, WRONG ({truth})"
    inside = miniature.index(report.last_good.sha) < miniature.index(truth) <= miniature.index(report.first_bad.sha)
    return "honest range" if inside else f"range, WRONG ({truth})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("classes", "random"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--commits", type=int, default=0)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    arguments = parser.parse_intermixed_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as cache:
        os.environ["LLVMGATE_CACHE"] = cache
        if arguments.what == "classes":
            classes(arguments.commits or 1000, arguments.names)
        else:
            endings = Counter(
                one_random(seed, arguments.commits or 200)
                for seed in range(arguments.first, arguments.first + arguments.cases)
            )
            print(f"{arguments.cases} planted culprits among {arguments.commits or 200} commits: {dict(endings)}")
    print(f"({time.monotonic() - started:.0f} s; load {os.getloadavg()[0]:.1f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
