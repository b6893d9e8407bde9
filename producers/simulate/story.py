"""Both stories at once, as files: payments that fail in one browser, and reports that a flooded database makes slow."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from producers.simulate.people.crowd import people
from producers.simulate.scenario import Scenario, scenario

CALLS_FILE, FEEDBACK_FILE, TRUTH_FILE = "calls.ndjson.gz", "feedback.ndjson", "truth.json"
START = datetime(2026, 6, 15, 9, tzinfo=UTC)
LENGTH, ONSET = timedelta(minutes=30), timedelta(minutes=12)
CAUSE = {"upstream": "pay-1.shop.example.com", "browser": "Mobile Safari"}
SEED, RATE, USERS, FAILS, PEOPLE, NOISE = 5, 30.0, 1_500, 0.6, 40, 0.5
"""At thirty calls a second one call in five hundred is a payment in that browser: few enough to hide in the average."""
TORN = (b'{"occurred_at": "2026-06-15T09:10:00Z", "request": {"me', b"upstream connect error or disconnect/reset")
BAD_TIME = b'{"id": "said-without-a-time", "occurred_at": "last Tuesday", "text": "It does not work"}'
"""Lines that cannot be read, as every log has some."""


@dataclass(frozen=True, slots=True)
class Story:
    """The truth about the files, and when the last call happened; ``said`` are ids of feedback with their times."""

    truth: dict[str, Any]
    last_call: datetime
    said: dict[str, datetime]

    @property
    def ends_before(self) -> timedelta:
        """How long before the last call the last piece of feedback was written."""
        return self.last_call - max(self.said.values())


def write_story(folder: Path, seed: int = SEED) -> Story:
    """Write calls, feedback and the truth about both into the folder; the same seed writes the same bytes."""
    made = scenario(
        "checkout+erp",
        seed=seed,
        start=START,
        duration=LENGTH,
        rate=RATE,
        onset=ONSET,
        failure_rate=FAILS,
        cause=CAUSE,
        users=USERS,
    )
    calls = list(made.calls())
    said = list(people(made, calls, seed=seed, per_problem=PEOPLE, noise=NOISE, until_ms=made.end_ms))
    folder.mkdir(parents=True, exist_ok=True)
    lines = [raw for _, raw in calls]
    lines[len(lines) // 2 : len(lines) // 2] = TORN
    (folder / CALLS_FILE).write_bytes(gzip.compress(b"\n".join(lines) + b"\n", 1, mtime=0))
    (folder / FEEDBACK_FILE).write_bytes(b"\n".join([*(one.raw for one in said), BAD_TIME]) + b"\n")
    truth = _truth(made, [one.truth for one in said])
    (folder / TRUTH_FILE).write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    times = {one.truth["id"]: datetime.fromisoformat(json.loads(one.raw)["occurred_at"]) for one in said}
    return Story(truth, datetime.fromtimestamp(calls[-1][0] / 1000, UTC), times)


def _truth(made: Scenario, said: list[dict[str, Any]]) -> dict[str, Any]:
    """What was planted, and which feedback is about it, by id."""
    planted = made.truth["faults"]
    names = [part.name for part in made.planted]
    about = {one["id"]: one["problem"] for one in said if one["problem"]}
    return {
        "seed": made.seed,
        "problems": [{**fault, "problem": name} for name, fault in zip(names, planted, strict=True)],
        "feedback": about,
        "other_feedback": len(said) - len(about),
    }
