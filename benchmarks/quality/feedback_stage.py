"""The feedback stage as a whole: are the problems of simulated people brought together, and what a message costs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from statistics import mean, median, quantiles
from typing import Any

from benchmarks.quality.measure import Measure
from contracts.errors import Rejected
from contracts.feedback import EnrichedFeedback
from contracts.topics import FEEDBACK, FEEDBACK_SCORED
from hypercare.evaluate.agreement import ami
from processors.feedback.category.categorise import Categoriser
from processors.feedback.stage import FeedbackStage
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.tables import State
from processors.runtime.unkept import Unkept
from producers.simulate.people.said import Said
from producers.simulate.people.talk import messages_only

SEEDS = 8
LONG_RUN = 40
"""Streams of 750 messages, one after the other, for the cost: some 30,000 live reports at the end."""
MOST_TICKS = 60
"""Of a second each, until all that waits is told again: a dozen are enough."""
CAREFULLY = "noise that repeats a phrase counted as one group of its own"


def measures() -> list[Measure]:
    """Agreement of groups with the truth, and milliseconds a message."""
    return [*agreement(), *cost()]


def agreement() -> list[Measure]:
    """Agreement of groups with the truth: not timed."""
    categoriser = Categoriser.shipped()
    alone, by_phrase = zip(*(_agreement(seed, categoriser) for seed in range(1, SEEDS + 1)), strict=True)
    return [
        _of_groups("two problems in 12 wordings and half as much noise, simulated", alone, "every noise message alone"),
        _of_groups("the same", by_phrase, CAREFULLY),
    ]


def _of_groups(data: str, found: tuple[float, ...], how: str) -> Measure:
    note = f"{len(found)} seeds, {min(found):.2f} to {max(found):.2f}; {how}"
    return Measure(data, "adjusted mutual information of groups", round(median(found), 3), 0.80, 0.90, note=note)


def _agreement(seed: int, categoriser: Categoriser) -> tuple[float, float]:
    """By the groups that each piece is in at the end, as its document tells them."""
    said = list(messages_only(seed))
    told = list(settled(said, categoriser))
    truths = [truth for truth, _ in told]
    groups = [feedback.group.group for _, feedback in told if feedback.group is not None]
    alone = [truth["problem"] or f"alone {number}" for number, truth in enumerate(truths)]
    phrases = [truth["problem"] or f"{truth['topic']} {truth['wording']}" for truth in truths]
    return ami(alone, groups), ami(phrases, groups)


def settled(said: Sequence[Said], categoriser: Categoriser) -> Iterator[tuple[dict[str, Any], EnrichedFeedback]]:
    """The truth of each piece that was taken in, and its last revision once nothing waits to be told again."""
    stage, state = FeedbackStage(b"measure", categoriser), State(FeedbackStage.tables)
    latest: dict[str, EnrichedFeedback] = {}
    for offset, message in enumerate(said):
        outputs: list[Outgoing] = []
        with suppress(Rejected, Skipped):
            record = PlainRecord(message.raw, topic=FEEDBACK.name, offset=offset, timestamp=message.at_ms)
            outputs += stage.process(record, state)
        outputs += stage.tick(datetime.fromtimestamp(message.at_ms / 1_000, UTC), state)
        latest |= {found.id: found for found in _scored(outputs)}
    for second in range(MOST_TICKS):
        outputs = list(stage.tick(datetime.fromtimestamp(said[-1].at_ms / 1_000 + second, UTC), state))
        latest |= {found.id: found for found in _scored(outputs)}
        if not outputs:
            break
    yield from ((message.truth, latest[message.truth["id"]]) for message in said if message.truth["id"] in latest)


def _scored(outputs: Sequence[Outgoing]) -> Iterator[EnrichedFeedback]:
    for output in outputs:
        if output.topic == FEEDBACK_SCORED.name:
            yield EnrichedFeedback.model_validate_json(output.value or b"")


def cost() -> Iterator[Measure]:
    """Milliseconds a message, of the whole stage, from bytes to bytes, in processor time."""
    stage, took_ms = Unkept(FeedbackStage(b"measure", Categoriser.shipped())), []
    for run in range(LONG_RUN):
        for offset, message in enumerate(messages_only(1_000 + run)):
            raw = message.raw.replace(b'"id":"', b'"id":"%d-' % run, 1)
            began = time.process_time()
            with suppress(Rejected, Skipped):
                stage.process(PlainRecord(raw, topic=FEEDBACK.name, offset=offset, timestamp=message.at_ms))
            took_ms.append(1_000 * (time.process_time() - began))
    last = took_ms[len(took_ms) // 2 :]
    note = f"{len(took_ms):,} messages, the later half; p99 {quantiles(last, n=100)[98]:.1f} ms, worst {max(last):.0f}"
    yield Measure("feedback stage", "cost of a message, ms", round(mean(last), 2), 10, 3, "lower", note)
    yield Measure("feedback stage", "p99 of a message, ms", round(quantiles(last, n=100)[98], 2), 50, 50, "lower")
