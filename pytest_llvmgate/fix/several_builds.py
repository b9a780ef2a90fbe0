"""One copy, several red builds of it: what is mended for one configuration is there for the next one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from pytest_llvmgate.fix.fix_outcome import Cause, FixOutcome, in_order
from pytest_llvmgate.fix.fixing import Fixing, FixRequest
from pytest_llvmgate.fix.working_copy import WorkingCopy


def fix_builds(
    requests: Sequence[FixRequest],
    copy: WorkingCopy,
    *,
    seconds: float,
    say: Callable[[str], None],
    save: Callable[[], None],
) -> FixOutcome:
    """Mend one build after the other within ``seconds``; ``save`` is called whenever a unit is done.

    Raises ``ToolError`` as :meth:`Fixing.run` does.
    """
    deadline = time.monotonic() + seconds
    outcomes = []
    for request in requests:
        if len(requests) > 1:
            say(f"{request.configuration}:")
        copy.build = request.build
        left = max(0.0, deadline - time.monotonic())
        outcomes.append(Fixing(request=replace(request, seconds=left), copy=copy, say=say, save=save).run())
    return outcomes[0] if len(outcomes) == 1 else _joined(outcomes)


def _joined(outcomes: Sequence[FixOutcome]) -> FixOutcome:
    causes: dict[tuple[str, str], Cause] = {}
    for cause in (one for outcome in outcomes for one in outcome.causes):
        before = causes.get(cause.finding.key)
        causes[cause.finding.key] = cause if before is None else _both(before, cause)
    return FixOutcome(
        causes=in_order(causes.values()),
        units=sum(one.units for one in outcomes),
        green=sum(one.green for one in outcomes),
        rules=tuple({str(rule): rule for one in outcomes for rule in one.rules}.values()),
        compilations=sum(one.compilations for one in outcomes),
        seconds=sum(one.seconds for one in outcomes),
        is_out_of_time=any(one.is_out_of_time for one in outcomes),
        broken=tuple(dict.fromkeys(path for one in outcomes for path in one.broken)),
        unseen=tuple(dict.fromkeys(name for one in outcomes for name in one.unseen)),
    )


def _both(one: Cause, other: Cause) -> Cause:
    return replace(
        one,
        kept=(*one.kept, *other.kept),
        refused=(*one.refused, *other.refused),
        left=max(one.left, other.left),
        blocks=one.blocks + other.blocks,
        verify=one.verify if one.left else other.verify,
    )
