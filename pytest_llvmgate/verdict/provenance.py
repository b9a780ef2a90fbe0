"""What a verdict stands on: where its LLVMs and objects are from, and what that saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_llvmgate import model
from pytest_llvmgate.codec import said
from pytest_llvmgate.wording import counted, duration

_REASONS_SHOWN: Final = 3
_WORTH_TELLING: Final = 600.0
"""Processor seconds: nobody asks what less was spent on."""
_SAVING_SHOWN: Final = 1.0
"""Seconds. What the cache saved of less is not worth a line."""
_GREATEST: Final = 1e12
"""Objects, or seconds, that anything may be about."""


def notes(verdict: model.Verdict) -> list[tuple[str, str]]:
    """What passed with a remark, and what may fail for a while: sentences, each with the node of what is held."""
    found = [("", result.facts[model.NOTE]) for result in verdict.results if model.NOTE in result.facts]
    found += [(result.node, result.facts[model.HELD]) for result in verdict.results if result.is_held]
    found += [("", text) for text in (*remarks(verdict), *verdict.notes)]
    if (seconds := saved(verdict)) >= _SAVING_SHOWN:
        found.append(("", f"the LLVM cache saved {duration(seconds)}"))
    return list(dict.fromkeys(found))


def remarks(verdict: model.Verdict) -> Iterator[str]:
    """``LLVM shared: derived from ...``, for every flavour that was not simply there; and how many objects were not
    compiled.
    """
    for result in verdict.results:
        if result.group == model.LLVM_GROUP and result.facts.get("remark"):
            yield f"LLVM {result.stage}: {result.facts['remark']}"
    builds = [result for result in verdict.results if result.group != model.LLVM_GROUP and not result.reused]
    if count := sum(int(_number(result, model.TAKEN)) for result in builds):
        objects = f"{counted(count, 'object')} derived from another configuration's, compared equal"
        yield f"{objects}: {_saved_compiling(builds, count)}"
    reasons = Counter[str]()
    for result in builds:
        reasons.update(said(dict[str, int], result.facts.get(model.NOT_SHARED, ""), {}))
    if common := reasons.most_common():
        shown = [f"{number} because {why}" for why, number in common[:_REASONS_SHOWN]]
        more = sum(number for _, number in common[_REASONS_SHOWN:])
        text = "; ".join([*shown, *([f"{more} for other reasons"] if more else [])])
        yield f"compiled although another configuration had compiled the like: {text} (llvmgate sharing lists them)"
    yield from _processor_times(verdict)


def _processor_times(verdict: model.Verdict) -> Iterator[str]:
    """What each configuration cost in this run, where there are several and it was not little."""
    run = [result for result in verdict.results if not result.reused]
    names = [each.name for each in verdict.configurations]
    seconds = {name: sum(result.processor for result in run if result.group == name) for name in names}
    known = {name: used for name, used in seconds.items() if used > 0}
    if len(known) > 1 and sum(known.values()) >= _WORTH_TELLING:
        each = ", ".join(f"{name} {duration(used)}" for name, used in known.items())
        yield f"processor time: {each}; {duration(sum(known.values()))} in all"


def _saved_compiling(builds: Sequence[model.StageResult], count: int) -> str:
    """In processor time. What a compiler cache gave in place of the compiler tells nothing of what compiling costs."""
    known = sum(int(_number(result, model.SAVED_OF)) for result in builds)
    if not known:
        return "a compiler cache hides how much compiling that saved"
    seconds = duration(sum(_number(result, model.SAVED) for result in builds))
    return f"{seconds} of compiling saved" if known == count else f"at least {seconds} of compiling saved"


def carried(verdict: model.Verdict) -> str:
    """``abc123 + 2 carried``: the candidate, and how many patches it was gated with."""
    results = (result for result in verdict.results if result.group == model.CARRY_GROUP)
    count = sum(int(_number(result, model.CARRIED)) for result in results)
    return f"{verdict.candidate.short} + {count} carried" if count else verdict.candidate.short


def saved(verdict: model.Verdict) -> float:
    """Seconds that the LLVM cache saved: what making its entries took when they were made."""
    return sum(_number(result, model.SAVED) for result in verdict.results if result.group == model.LLVM_GROUP)


def _number(result: model.StageResult, fact: str) -> float:
    try:
        number = float(result.facts.get(fact, "") or 0.0)
    except ValueError:  # JSON of somebody else's making
        return 0.0
    return number if 0 <= number <= _GREATEST else 0.0
