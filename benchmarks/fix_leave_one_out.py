"""How far rules mined from part of a commit carry: the rest of the same commit, left out, must come out as it did.

``python benchmarks/fix_leave_one_out.py CLONE [--commits 150] [--since DATE] [--until DATE]`` walks the history of a
project that holds an interface and its users (tensorflow/mlir: LLVM's MLIR of 2018 and 2019). A commit counts where a
name goes away from a header, and files of at least two directories that used the name changed. For each directory in
turn the rules are mined from the others, and applied to every replaced place of its files that mentions the name. A
place is right where the tokens become those of the commit, part where the commit did that and more, wrong where they
become others, and else it is left.

No compiler is asked here: a rule that changes a place has no second chance, so this is a lower bound of what is right
and an upper one of what is wrong.
"""

from __future__ import annotations

import argparse
import difflib
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_llvmgate.fix.code_pieces import words_of
from pytest_llvmgate.fix.mining import mine
from pytest_llvmgate.fix.rewrite_rules import Edit, Rule, applied, matches
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.upstream.hunks import ChangedLines, replacements

_NAME = re.compile(r"\b[A-Za-z_]\w{3,}\b")
_KEYWORDS = frozenset({"const", "auto", "return", "static", "class", "struct", "void", "bool", "unsigned", "virtual"})


@dataclass
class Score:
    """What came of the places of one commit, or of all."""

    right: int = 0
    part: int = 0
    """The commit did more there; what the rule did is part of it."""
    wrong: int = 0
    left: int = 0
    examples: list[tuple[str, str, str]] = field(default_factory=list)
    """Wrong ones: before, made, wanted."""

    @property
    def places(self) -> int:
        return self.right + self.part + self.wrong + self.left


def tokens(text: str) -> list[str]:
    """What is compared: the code without white space and comments."""
    return [word.text for word in words_of(text)]


def gone_names(changes: Sequence[ChangedLines]) -> list[str]:
    """Names that a header's lines lose and that users elsewhere lose as well, the most used first."""
    lost_in_headers: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for change in changes:
        before, after = set(_NAME.findall(change.before)), set(_NAME.findall(change.after))
        names = before - after - _KEYWORDS
        lost.update(names)
        if change.file.endswith((".h", ".td")):
            lost_in_headers.update(names)
    return [name for name, count in lost.most_common() if count >= 3 and lost_in_headers[name]][:5]


def rewritten(change: ChangedLines, rules: Sequence[Rule]) -> str:
    """The old lines after the first rule of each kind that does anything; again, while something changes."""
    text = change.before
    for _ in range(6):
        for rule in rules:
            edits: list[Edit] = []
            for edit in sorted(matches(rule, text, 0, len(text)), key=lambda one: (one.start, one.end)):
                if not edits or edit.start >= edits[-1].end:
                    edits.append(edit)
            new, _ = applied(text, edits)
            if new != text:
                text = new
                break
        else:
            break
    return text


def score_commit(changes: Sequence[ChangedLines], name: str) -> Score | None:
    """Leave one directory out after the other; ``None`` where fewer than two have users."""
    about = [change for change in changes if re.search(rf"\b{name}\b", change.before)]
    groups: dict[str, list[ChangedLines]] = {}
    for change in about:
        groups.setdefault(change.file.rpartition("/")[0], []).append(change)
    if len(groups) < 2:
        return None
    score = Score()
    for directory, held_out in groups.items():
        others = [(one, "commit") for group, found in groups.items() if group != directory for one in found]
        rules = mine(others, {name}, trusted=frozenset({"commit"}))
        for change in held_out:
            made = rewritten(change, rules)
            if tokens(made) == tokens(change.before):
                score.left += 1
            elif tokens(made) == tokens(change.after):
                score.right += 1
            elif _is_part(change, made):
                score.part += 1
            else:
                score.wrong += 1
                score.examples.append((change.before, made, change.after))
    return score


def _is_part(change: ChangedLines, made: str) -> bool:
    """Whether the commit did more at that place than the rule: what the rule put there, the commit put there, too."""
    before, after, wanted = tokens(change.before), tokens(made), tokens(change.after)
    for tag, _, _, start, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        # With a token on either side: what was put has to stand where the commit has it.
        part = after[max(0, start - 1) : end + 1]
        if tag != "equal" and not any(wanted[at : at + len(part)] == part for at in range(len(wanted))):
            return False
    return True


def commits(repository: Repository, since: str, until: str) -> Iterator[tuple[str, list[ChangedLines]]]:
    """Every commit with its replacements, the newest first."""
    bounds = [*([f"--since={since}"] if since else []), *([f"--until={until}"] if until else [])]
    output = repository.run("log", "--no-merges", "--format=%x1e%h %s", "-p", "--unified=0", "--no-renames", *bounds)
    for part in output.decode("utf-8", "replace").split("\x1e")[1:]:
        title, _, diff = part.partition("\n")
        found = [one for one in replacements(diff) if one.file.endswith((".h", ".cpp", ".td", ".cc"))]
        if 4 <= len(found) <= 3000:
            yield title, found


def main() -> None:
    """Print a line per commit and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--commits", type=int, default=150, help="stop after so many that change an interface")
    parser.add_argument("--since", default="")
    parser.add_argument("--until", default="")
    parser.add_argument("--wrong", action="store_true", help="show every wrong place")
    arguments = parser.parse_args()
    started = time.monotonic()
    total, cured, counted = Score(), 0, 0
    for title, changes in commits(Repository.open(arguments.clone, bare=True), arguments.since, arguments.until):
        scores = [score for name in gone_names(changes) if (score := score_commit(changes, name)) is not None]
        if not scores:
            continue
        counted += 1
        best = max(scores, key=lambda one: one.places)
        cured += (best.right + best.part) * 2 > best.places
        for kind in ("right", "part", "wrong", "left"):
            setattr(total, kind, getattr(total, kind) + getattr(best, kind))
        print(
            f"{best.right:4} right {best.part:4} part {best.wrong:4} wrong {best.left:4} left  {title[:90]}", flush=True
        )
        for before, made, wanted in best.examples if arguments.wrong else ():
            print(f"    - {before}\n    * {made}\n    + {wanted}")
        if counted >= arguments.commits:
            break
    parts = {"right": total.right, "right and part of more": total.part, "wrong": total.wrong, "left": total.left}
    shares = ", ".join(f"{100 * part / max(1, total.places):.0f} % {name}" for name, part in parts.items())
    print(f"{counted} commits, {cured} of them mostly right; {total.places} places: {shares}")
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
