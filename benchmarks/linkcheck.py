"""Prediction against the real linker, with single LINK_LIBS entries removed from a project's CMake files.

    python benchmarks/linkcheck.py --build B [--removals 60] [--seed 1] [--linker lld]

B is a static build (CMake, ninja) whose objects exist. The source is copied, entries are removed from the copy one at a
time, the shared tree is configured anew, and every link is predicted and then done for real. Figures are (target,
symbol) pairs: found, missed, false; and how often the entry removed was the first suggestion. Nothing of B or of its
source is written to.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llvmgate.cmake import listfile
from pytest_llvmgate.cmake.cache_entries import read_cache
from pytest_llvmgate.linkcheck.confirm import Confirmation, confirm
from pytest_llvmgate.linkcheck.link_analysis import LinkAnalysis, LinkPrediction
from pytest_llvmgate.linkcheck.shared_tree import SharedTreeError, configure_shared_tree
from pytest_llvmgate.linkcheck.suggest import Suggester

KEYWORDS = {"PUBLIC", "PRIVATE", "INTERFACE", "general", "debug", "optimized"}
SECTIONS = {"LINK_LIBS", "LINK_COMPONENTS"}
OTHER_SECTIONS = {
    "DEPENDS",
    "ADDITIONAL_HEADER_DIRS",
    "ADDITIONAL_HEADERS",
    "PARTIAL_SOURCES_INTENDED",
    "SHARED",
    "STATIC",
}


@dataclass(frozen=True)
class Entry:
    file: Path
    line: int
    target: str
    text: str


def entries_of(source: Path) -> list[Entry]:
    """Every single link entry of the project's CMake files."""
    found = []
    for file in sorted(source.rglob("CMakeLists.txt")):
        for command in listfile.parse(file.read_text(errors="replace")):
            found += entries_of_command(file.relative_to(source), command)
    return found


def entries_of_command(file: Path, command: listfile.Command) -> list[Entry]:
    if not command.arguments:
        return []
    target = command.arguments[0].text
    inside = command.name == "target_link_libraries"
    found = []
    for argument in command.arguments[1:]:
        if argument.text in SECTIONS:
            inside = True
        elif argument.text in OTHER_SECTIONS:
            inside = False
        elif inside and argument.text not in KEYWORDS and "$" not in argument.text:
            found.append(Entry(file, argument.line, target, argument.text))
    return found


def without(source: Path, entry: Entry) -> str:
    """The text of the entry's file without that entry."""
    lines = (source / entry.file).read_text().split("\n")
    words = lines[entry.line - 1].split(entry.text)
    for cut in range(1, len(words)):
        before, after = entry.text.join(words[:cut]), entry.text.join(words[cut:])
        if not (before[-1:].isalnum() or after[:1].isalnum()):
            lines[entry.line - 1] = before + after
            return "\n".join(lines)
    raise ValueError(f"{entry} is not on its line")


class Bench:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.build = Path(arguments.build).absolute()
        self.jobs = arguments.jobs
        self.extra = [
            f"-DCMAKE_{kind}_LINKER_FLAGS=-fuse-ld={arguments.linker}" for kind in ("SHARED", "EXE", "MODULE")
        ]
        self.extra = self.extra if arguments.linker else []
        self.scratch = Path(arguments.scratch or f"{self.build}-linkcheck-bench").absolute()
        original = Path(read_cache(self.build)["CMAKE_HOME_DIRECTORY"].value)
        self.source = self.scratch / "source"
        shutil.rmtree(self.source, ignore_errors=True)
        shutil.copytree(original, self.source, ignore=shutil.ignore_patterns(".git"), symlinks=True)

    def analyse(self) -> tuple[LinkAnalysis, tuple[LinkPrediction, ...]]:
        cache = read_cache(self.build)
        carried = [
            f"-D{entry.name}:{entry.type.replace('UNINITIALIZED', 'STRING')}={entry.value}"
            for entry in cache.values()
            if entry.type in {"BOOL", "STRING", "PATH", "FILEPATH", "UNINITIALIZED"}
            and not entry.value.endswith("-NOTFOUND")
            if not (self.extra and entry.name.endswith("_LINKER_FLAGS"))
        ]
        command = ["cmake", "-G", "Ninja", "-S", str(self.source), *carried, *self.extra]
        tree = configure_shared_tree(self.build, self.scratch, command=command)
        analysis = LinkAnalysis(tree, self.build)
        return analysis, analysis.predict()

    def measure(self) -> tuple[tuple[LinkPrediction, ...], Confirmation, LinkAnalysis, float]:
        started = time.monotonic()
        analysis, prediction = self.analyse()
        seconds = time.monotonic() - started
        return prediction, confirm(analysis, prediction, jobs=self.jobs), analysis, seconds


def choose(bench: Bench, prediction: Sequence[LinkPrediction], count: int, seed: int) -> list[Entry]:
    """Entries to remove: of targets with objects, for nothing can be told of others."""
    built = {link.target for link in prediction if not link.not_analysed}
    entries = [entry for entry in entries_of(bench.source) if entry.target in built]
    chosen = random.Random(seed).sample(entries, min(count, len(entries)))
    print(f"{len(entries)} entries, {len(chosen)} removed one at a time")
    return chosen


def refused(prediction: Sequence[LinkPrediction]) -> set[tuple[str, str]]:
    """Every target and symbol that a linker would refuse."""
    return {(link.target, missing.symbol) for link in prediction if link.is_refused for missing in link.missing}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--removals", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--linker", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--scratch", default="")
    parser.add_argument("--json", default="")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    rows = []
    total = {"found": 0, "missed": 0, "false": 0}
    prediction, confirmation, analysis, seconds = bench.measure()
    baseline = refused(prediction)
    print(f"{len(prediction)} links")
    print(f"linker {confirmation.linker}, real links {confirmation.seconds:.0f} s")
    rows.append(row(confirmation, seconds, target="baseline", removed="", new=0, suggestion=""))
    show(rows[-1])
    chosen = choose(bench, prediction, arguments.removals, arguments.seed)
    hits = asked = 0
    for entry in chosen:
        file = bench.source / entry.file
        text = file.read_text()
        file.write_text(without(bench.source, entry))
        try:
            prediction, confirmation, analysis, seconds = bench.measure()
        except SharedTreeError as error:
            print(f"{entry.target} -{entry.text}: does not configure: {str(error).splitlines()[0]}")
            continue
        finally:
            file.write_text(text)
        new = refused(prediction) - baseline
        first = ""
        if any(name == entry.target for name, _ in new):
            asked += 1
            found = Suggester(analysis).suggest(prediction).get(entry.target, ())
            names = [item.target_name for item in found]
            hit = entry.text in names or f"LLVM{entry.text}" in names
            hits += hit
            first = "suggested" if hit else f"suggested instead: {', '.join(names)}"
        rows.append(row(confirmation, seconds, target=entry.target, removed=entry.text, new=len(new), suggestion=first))
        show(rows[-1])
    for key in total:
        total[key] = sum(len(item[key]) if isinstance(item[key], list) else item[key] for item in rows)
    print(f"pairs: {total}; removals that break: {sum(1 for item in rows[1:] if item['new'])}")
    print(f"the entry removed is among the suggestions for its own target: {hits} of {asked}")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(rows, indent=1))


def row(c: Confirmation, seconds: float, **said: object) -> dict[str, object]:
    return {
        **said,
        "links": len([link for link in c.links if not link.skipped]),
        "found": len(c.found),
        "missed": sorted(c.missed),
        "false": sorted(c.false),
        "predict": round(seconds, 2),
        "other failures": [(link.target, link.output[-300:]) for link in c.links if link.output],
    }


def show(item: dict[str, object]) -> None:
    print(
        f"{item['target']} -{item['removed']}: {item['links']} links, found {item['found']}, "
        f"missed {len(item['missed'])}, false {len(item['false'])}, new {item['new']} {item['suggestion']}"
        f"{' OTHER FAILURES ' + str(item['other failures']) if item['other failures'] else ''}",
        flush=True,
    )


if __name__ == "__main__":
    main()
