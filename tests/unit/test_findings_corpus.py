"""The corpus: real failing logs against their hand-written truths.

``python -m tests.corpus.report`` prints the table.
"""

from __future__ import annotations

import pytest

from tests.corpus import report

LOGS = report.logs()
TRUTHS = report.truths()


@pytest.mark.parametrize("name", sorted(LOGS))
def test_a_log_shows_exactly_its_causes(name: str):
    judgement = report.judge(TRUTHS[name], LOGS[name])
    assert not judgement.missed
    assert not judgement.false
    assert not judgement.unsaid
    assert judgement.first_on_screen


def test_every_truth_has_its_log():
    assert set(TRUTHS) == set(LOGS)


def test_the_corpus_is_large_in_number_and_small_in_bytes():
    assert len(LOGS) >= 60
    assert sum(path.stat().st_size for path in LOGS.values()) < 3_000_000
