"""Simulated people who complain of the calls that failed them: what the feedback stage would see, and the truth."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from contracts.cloudevents import open_envelope, read_event
from contracts.errors import Rejected
from contracts.feedback import Feedback
from contracts.symptoms import Symptom
from contracts.topics import SYMPTOMS
from processors.feedback.enrich import enrich
from processors.feedback.joining.complaint import Complaint, complaint_of
from processors.feedback.refuse import refuse
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Skipped
from processors.telemetry.stage import TelemetryStage
from processors.telemetry.symptoms import SymptomFinder
from producers.simulate.people.crowd import people
from producers.simulate.people.said import Said
from producers.simulate.scenario import scenario

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
SCENARIOS = (
    "checkout+outage@20-35+slow-leak+bad-release",
    "checkout+bad-release",
    "outage@20-50+slow-leak",
    "checkout+slow-leak",
)
LENGTH, ONSET = timedelta(minutes=70), timedelta(minutes=15)
RATE, USERS = 20.0, 1_500
PER_PROBLEM, NOISE = 60, 0.5
DESK = frozenset({"ticket", "email", "hotline"})
DESK_AHEAD_S = 150.0
"""The clock of the help desk against the gateway's."""
CATEGORISED, RIGHT = 0.8, 0.8
"""Part of the complaints whose category is known, and part of these where it is right."""
CATEGORIES = ("functional_bug", "performance", "usability", "feature_request", "praise", "question", "other")
KEY = b"joining"
TICK_S = 10.0


@dataclass(frozen=True, slots=True)
class Planted:
    """A complaint that comes ``at``, with the call that it is about, None for none, and what ties it to that."""

    at: float
    complaint: Complaint
    call: str | None
    by: str


Happened = Symptom | Planted | float
"""A symptom, a complaint, or only the time."""


def happened(seed: int, rate: float = RATE) -> Iterator[Happened]:
    """What one run brings, in the order of time."""
    name = SCENARIOS[seed % len(SCENARIOS)]
    made = scenario(name, seed=seed, start=START, duration=LENGTH, rate=rate, onset=ONSET, users=USERS)
    calls = list(made.calls())
    said = people(made, calls, seed=seed, per_problem=PER_PROBLEM, noise=NOISE)
    stages, dice, next_tick = _Stages(), Random(seed), START.timestamp()
    letters: Iterator[tuple[int, bytes | Said]] = ((one.at_ms, one) for one in said)
    for at_ms, one in heapq.merge(calls, letters, key=lambda event: event[0]):
        while at_ms / 1000 >= next_tick:
            yield next_tick
            next_tick += TICK_S
        with suppress(Skipped, Rejected):
            if isinstance(one, Said):
                yield from stages.complaint(one, dice)
            else:
                yield from stages.symptoms(at_ms, one)
    yield next_tick + 2_000


class _Stages:
    """The telemetry stage, and what the feedback stage does before it joins."""

    def __init__(self) -> None:
        self._telemetry = TelemetryStage(KEY, symptoms=SymptomFinder())
        self._offset = 0

    def symptoms(self, at_ms: int, raw: bytes) -> Iterator[Symptom]:
        self._offset += 1
        for output in self._telemetry.process(PlainRecord(raw, offset=self._offset, timestamp=at_ms)):
            if output.topic == SYMPTOMS.name:
                yield Symptom.model_validate_json(output.value or b"")

    def complaint(self, said: Said, dice: Random) -> Iterator[Planted]:
        self._offset += 1
        feedback = read_event(open_envelope(said.raw, None), Feedback)
        refuse(feedback)
        heard = complaint_of(enrich(feedback, KEY), _category(said, dice))
        ahead = DESK_AHEAD_S if heard.channel in DESK else 0.0
        yield Planted(said.at_ms / 1000, replace(heard, at=heard.at + ahead), said.truth["call"], said.truth["by"])


def _category(said: Said, dice: Random) -> str | None:
    if dice.random() >= CATEGORISED:
        return None
    return str(said.truth["category"]) if dice.random() < RIGHT else dice.choice(CATEGORIES)
