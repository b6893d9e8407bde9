"""The feedback stage as a whole: are the problems of simulated people brought together, and what a message costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import mean, median, quantiles

from benchmarks.quality.measure import Measure
from contracts.errors import Rejected
from contracts.feedback import EnrichedFeedback
from contracts.topics import FEEDBACK, FEEDBACK_SCORED
from hypercare.evaluate.agreement import ami
from processors.feedback.category.categorise import Categoriser
from processors.feedback.stage import FeedbackStage
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Skipped
from processors.runtime.unkept import Unkept
from producers.simulate.people.talk import messages_only

SEEDS = 8
LONG_RUN = 40
"""Streams of 750 messages, one after the other, for the cost: some 30,000 live reports at the end."""
CAREFULLY = "noise that repeats a phrase counted as one group of its own"


def measures() -> list[Measure]:
    """Agreement of groups with the truth, and milliseconds a message."""
    categoriser = Categoriser.shipped()
    alone, by_phrase = zip(*(_agreement(seed, categoriser) for seed in range(1, SEEDS + 1)), strict=True)
    return [
        _of_groups("two problems in 12 wordings and half as much noise, simulated", alone, "every noise message alone"),
        _of_groups("the same", by_phrase, CAREFULLY),
        *_cost(categoriser),
    ]


def _of_groups(data: str, found: tuple[float, ...], how: str) -> Measure:
    note = f"{len(found)} seeds, {min(found):.2f} to {max(found):.2f}; {how}"
    return Measure(data, "adjusted mutual information of groups", round(median(found), 3), 0.80, 0.90, note=note)


def _agreement(seed: int, categoriser: Categoriser) -> tuple[float, float]:
    stage, said, truths = Unkept(FeedbackStage(b"measure", categoriser)), [], []
    for offset, message in enumerate(messages_only(seed)):
        feedback = _told(stage, message.raw, offset, message.at_ms)
        if feedback is not None and feedback.group is not None:
            said.append(feedback.group.group)
            truths.append(message.truth)
    alone = [truth["problem"] or f"alone {number}" for number, truth in enumerate(truths)]
    phrases = [truth["problem"] or f"{truth['topic']} {truth['wording']}" for truth in truths]
    return ami(alone, said), ami(phrases, said)


def _cost(categoriser: Categoriser) -> Iterator[Measure]:
    """The whole stage, from bytes to bytes, in processor time."""
    stage, took_ms = Unkept(FeedbackStage(b"measure", categoriser)), []
    for run in range(LONG_RUN):
        for offset, message in enumerate(messages_only(1_000 + run)):
            raw = message.raw.replace(b'"id":"', b'"id":"%d-' % run, 1)
            began = time.process_time()
            _told(stage, raw, offset, message.at_ms)
            took_ms.append(1_000 * (time.process_time() - began))
    last = took_ms[len(took_ms) // 2 :]
    note = f"{len(took_ms):,} messages, the later half; p99 {quantiles(last, n=100)[98]:.1f} ms, worst {max(last):.0f}"
    yield Measure("feedback stage", "cost of a message, ms", round(mean(last), 2), 10, 3, "lower", note)
    yield Measure("feedback stage", "p99 of a message, ms", round(quantiles(last, n=100)[98], 2), 50, 50, "lower")


def _told(stage: Unkept, raw: bytes, offset: int, at_ms: int) -> EnrichedFeedback | None:
    try:
        outputs = stage.process(PlainRecord(raw, topic=FEEDBACK.name, offset=offset, timestamp=at_ms))
    except (Rejected, Skipped):
        return None
    found = (output.value for output in outputs if output.topic == FEEDBACK_SCORED.name)
    return EnrichedFeedback.model_validate_json(next(found) or b"")
