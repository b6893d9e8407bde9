"""The incidents stage with ten thousand open incidents: what an event costs, from bytes to bytes.

``python -m benchmarks.quality.incident_stage`` measures this alone, in under a minute; `make evaluate` does so too.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import mean, quantiles
from typing import Any

from benchmarks.quality.measure import Measure
from benchmarks.quality.state import resident_mb
from contracts.topics import FEEDBACK_SCORED, FINDINGS, SYMPTOMS
from processors.incidents.stage import IncidentsStage
from processors.runtime.collector import calm_the_collector
from processors.runtime.records import PlainRecord
from processors.runtime.tables import State

OPEN, EVENTS, PER_SECOND = 10_000, 20_000, 1_000
START = datetime(2026, 6, 15, 9, tzinfo=UTC)
MIX = (("symptom", 0.90), ("feedback", 0.09), ("finding", 0.01))
"""As a bad hour has them: failing calls, complaints, and now and then a finding that goes on."""


def measures() -> Iterator[Measure]:
    """Processor time of each event and of each tick, and what the state takes in memory and as it is stored."""
    calm_the_collector()  # as every worker does
    stage, random, before = IncidentsStage(b"measure"), Random(7), resident_mb()
    state = State(stage.tables)
    for number in range(OPEN):
        _feed(stage, state, FINDINGS.name, finding(number, 0, START), START)
    stage.tick(START, state)
    stored = sum(len(value or b"") + len(key) for key, value in state.take_changes())
    took, ticks = [], []
    for number in range(EVENTS):
        at = START + timedelta(seconds=number / PER_SECOND)
        topic, body = an_event(random, number, at)
        took.append(_feed(stage, state, topic, body, at))
        if number % (PER_SECOND // 4) == 0:
            began = time.process_time()
            stage.tick(at, state)
            ticks.append(1_000 * (time.process_time() - began))
            state.take_changes()
    name = f"incidents stage, {OPEN:,} open"
    note = f"mean {mean(took):.2f}, worst {max(took):.0f}; {EVENTS:,} events"
    yield Measure(name, "p99 of an event, ms", round(quantiles(took, n=100)[98], 2), 50, 50, "lower", note)
    yield Measure(name, "mean of an event, ms", round(mean(took), 3), 1, 0.5, "lower", f"at {PER_SECOND:,} a second")
    yield Measure(
        name, "p99 of a tick, ms", round(quantiles(ticks, n=100)[98], 1), 50, 50, "lower", f"worst {max(ticks):.0f}"
    )
    yield Measure(name, "memory of the state, MB", round(resident_mb() - before), 200, 120, "lower")
    yield Measure(name, "state as stored, MB", round(stored / 1e6, 1), 200, 120, "lower")


def _feed(stage: IncidentsStage, state: State, topic: str, body: dict[str, Any], at: datetime) -> float:
    record = PlainRecord(json.dumps(body).encode(), topic=topic, timestamp=int(at.timestamp() * 1_000))
    began = time.process_time()
    stage.process(record, state)
    return 1_000 * (time.process_time() - began)


def an_event(random: Random, number: int, at: datetime) -> tuple[str, dict[str, Any]]:
    """Topic and body of the next event about one of the incidents."""
    kind = random.choices([name for name, _ in MIX], [share for _, share in MIX])[0]
    which = random.randrange(OPEN)
    if kind == "symptom":
        return SYMPTOMS.name, _symptom(number, which, at)
    if kind == "finding":
        return FINDINGS.name, finding(which, number, at)
    return FEEDBACK_SCORED.name, _feedback(number, which, at)


def finding(which: int, number: int, at: datetime) -> dict[str, Any]:
    """What opens the incident of a number, or goes on about it."""
    said = at.isoformat()
    evidence = {"since": said, "until": said, "calls": 100, "observed": 20 + number % 50, "expected": 0.5}
    return {
        "id": f"f-{which}-{number}", "occurred_at": said, "finding": f"f-{which}", "revision": number,
        "state": "updated" if number else "opened", "kind": "errors", "since": START.isoformat(), "confidence": 0.95,
        "cause": [{"attribute": "upstream", "value": f"service-{which}"}], "sentence": "calls fail",
        "evidence": evidence,
    }  # fmt: skip


def _symptom(number: int, which: int, at: datetime) -> dict[str, Any]:
    return {
        "id": f"s-{number}", "call": f"c-{number}", "occurred_at": at.isoformat(), "route": f"/api/{which}",
        "method": "GET", "upstream": f"service-{which}", "status": 502, "outcome": "upstream_error",
        "browser": "Firefox", "os": "Windows", "user": f"p_{number % 5_000}", "trace_id": f"t-{number}",
    }  # fmt: skip


def _feedback(number: int, which: int, at: datetime) -> dict[str, Any]:
    link = {
        "call": f"c-{max(0, number - 50)}", "occurred_at": at.isoformat(), "by": "trace", "points": 5,
        "probability": 0.99, "lag_s": 5, "upstream": f"service-{which}", "outcome": "upstream_error",
    }  # fmt: skip
    return {
        "id": f"m-{number}", "occurred_at": at.isoformat(), "text": "It does not work any more", "channel": "in_app",
        "category": {"name": "functional_bug", "probability": 0.9}, "security": {"probability": 0.01},
        "severity": {"value": 0.6, "from_text": 0.6}, "reporter": {"pseudonym": f"p_{number % 5_000}"}, "links": [link],
        "group": {"group": f"g-{number % 300}", "decision": "new", "reason": "alike", "title": "It does not work"},
    }  # fmt: skip


if __name__ == "__main__":
    for measure in measures():
        sys.stdout.write(f"{measure.metric} = {measure.value:g} (wanted {measure.at_least:g}); {measure.note}\n")
