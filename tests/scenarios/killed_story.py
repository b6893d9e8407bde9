"""The two stories through real stages, any of which is killed at any moment: what became of it, to be compared.

``python -m tests.scenarios.killed_story --points 10 --seed 1`` plays them undisturbed, then with ten kills, on engines
of its own (or those that the environment names), and ends with 1 where anything differs.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import orjson
from confluent_kafka import Producer

from contracts.incidents import Incident
from contracts.topics import AUDIT, FEEDBACK, GATEWAY, INCIDENTS
from hypercare.incidents.audit_chain import verify_topic
from hypercare.topics import apply_topics
from producers.simulate.people.crowd import people
from producers.simulate.scenario import scenario
from producers.simulate.story import CAUSE, FAILS, NOISE, ONSET, PEOPLE, RATE, SEED, START, USERS
from tests.conftest import RunningEngines, running_engines
from tests.scenarios.engine_content import documents, read_topic
from tests.scenarios.workers import Workers, wait_until, workers

STAGES = ("telemetry", "health", "feedback", "incidents", "sink-incidents")
LENGTH = timedelta(minutes=26)
CHUNK = timedelta(minutes=4)
"""So much of the story is sent at a time; then everything is read before more comes, so that two runs see the same."""
FAULTS, STILL_S = 2, 12.0
"""The last windows close, and nothing is told any more."""
ALIKE = 0.9
"""Part of the complaints of an incident that have to be the same: what a call and a complaint that come at once are
joined by depends on which is read first."""
Event = tuple[int, str, bytes]


@dataclass(frozen=True)
class Ended:
    """What a run left: by cause, the state and kinds of evidence, and the complaints; and what is wrong."""

    incidents: dict[str, tuple[str, str, tuple[str, ...]]]
    complaints: dict[str, frozenset[str]]
    wrong: tuple[str, ...]
    kills: tuple[str, ...]

    def differences(self, other: Ended) -> list[str]:
        """In words; empty where the same came of both."""
        found = [*self.wrong, *other.wrong]
        for name in sorted(self.incidents | other.incidents):
            if self.incidents.get(name) != other.incidents.get(name):
                found.append(f"{name}: {self.incidents.get(name)} and {other.incidents.get(name)}")
                continue
            mine, theirs = self.complaints[name], other.complaints[name]
            if len(mine & theirs) < ALIKE * len(mine | theirs):
                found.append(f"{name}: complaints differ: {sorted(mine ^ theirs)}")
        return found


def events(project: str, seed: int = SEED) -> list[Event]:
    """Calls and feedback of both stories in the order of time, the last of them now."""
    made = scenario(
        "checkout+erp", seed=seed, start=START, duration=LENGTH, rate=RATE, onset=ONSET,
        failure_rate=FAILS, cause=CAUSE, users=USERS,
    )  # fmt: skip
    calls = list(made.calls())
    said = people(made, calls, seed=seed, per_problem=PEOPLE, noise=NOISE, until_ms=made.end_ms)
    both = [(at_ms, GATEWAY.name, raw) for at_ms, raw in calls] + [(one.at_ms, FEEDBACK.name, one.raw) for one in said]
    moved = datetime.now(UTC).replace(microsecond=0) - (START + LENGTH)
    return sorted(
        ((at_ms, topic, _moved(raw, moved, project)) for at_ms, topic, raw in both), key=lambda event: event[0]
    )


def _moved(raw: bytes, by: timedelta, project: str) -> bytes:
    """The same, so much later: what is drawn depends on the time of day, and both runs have to draw the same."""
    said = orjson.loads(raw)
    at = datetime.fromisoformat(said["occurred_at"]) + by
    return orjson.dumps({**said, "project": project, "occurred_at": at.isoformat()})


def play(engines: RunningEngines, home: Path, kills: int, seed: int) -> Ended:
    """Play the stories; ``kills`` stages drawn by the seed are killed, each while it works on what was just sent."""
    prefix, project, random = f"killed-{uuid.uuid4().hex[:8]}-", f"p{uuid.uuid4().hex[:10]}", Random(seed)
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=2)
    chunks = list(_chunks(events(project)))
    drawn = sorted(random.choices(range(len(chunks)), k=kills))
    told: list[str] = []
    with workers(engines.endpoints, home, prefix, {"HYPERCARE_SESSION_TIMEOUT_S": "6"}) as running:
        running.start(*STAGES)
        wait_until(lambda: all(running.has_begun(stage) for stage in STAGES), 90)
        for number, chunk in enumerate(chunks):
            _send(engines, prefix, project, chunk)
            told += [_kill(running, random) for _ in range(drawn.count(number))]
            running.wait_drained("telemetry", "health", "feedback")
        running.wait_drained("incidents")
        _wait_still(engines, prefix)
        running.wait_drained("feedback", "incidents", "sink-incidents")
        return _ended(engines, prefix, project, tuple(told))


def _chunks(found: list[Event]) -> Iterator[list[Event]]:
    first = found[0][0]
    for _, chunk in groupby(found, key=lambda event: (event[0] - first) // (1000 * int(CHUNK.total_seconds()))):
        yield list(chunk)


def _send(engines: RunningEngines, prefix: str, project: str, chunk: list[Event]) -> None:
    producer = Producer({"bootstrap.servers": engines.endpoints.kafka, "partitioner": "murmur2_random", "linger.ms": 5})
    for _, topic, value in chunk:
        producer.produce(prefix + topic, value, key=f"default/{project}" if topic == FEEDBACK.name else None)
        producer.poll(0)
    assert producer.flush(60) == 0


def _kill(running: Workers, random: Random) -> str:
    """Kill a stage at some moment of its work, and start it again."""
    stage, after = random.choice(STAGES), random.uniform(0.0, 1.5)
    time.sleep(after)
    running.end(stage, signal.SIGKILL)
    running.start(stage)
    wait_until(lambda: running.has_begun(stage), 60, lambda: running.log_of(stage))
    return f"{stage} after {after:.2f} s"


def _wait_still(engines: RunningEngines, prefix: str) -> None:
    """Wait until both causes have an incident and nothing urgent comes any more."""
    seen: list[Any] = [None, time.monotonic()]

    def still() -> bool:
        now = {name: (one.state, one.cause, one.feedback) for name, one in _last(engines, prefix)[0].items()}
        if now != seen[0]:
            seen[:] = [now, time.monotonic()]
        faults = sum(bool(cause) for _, cause, _ in now.values())
        return faults >= FAULTS and time.monotonic() > seen[1] + STILL_S

    wait_until(still, 120, lambda: f"not {FAULTS} incidents with a cause, or never still: {seen[0]}")


def _last(engines: RunningEngines, prefix: str) -> tuple[dict[str, Incident], list[str]]:
    """What was told last of each incident, and revisions that are missing or came twice."""
    found: dict[str, Incident] = {}
    wrong: list[str] = []
    for record in read_topic(engines.endpoints, prefix + INCIDENTS.name):
        incident = Incident.model_validate_json(record.value())
        before = found.get(incident.incident)
        if incident.revision != (before.revision + 1 if before else 1):
            wrong.append(f"{incident.incident}: revision {incident.revision} after {before.revision if before else 0}")
        found[incident.incident] = incident
    return found, wrong


def _ended(engines: RunningEngines, prefix: str, project: str, kills: tuple[str, ...]) -> Ended:
    told, wrong = _last(engines, prefix)
    verified = verify_topic(engines.endpoints.kafka, prefix=prefix)
    wrong += [f"audit: {broken}" for broken in verified.breaks]
    commands = [record.key() for record in read_topic(engines.endpoints, prefix + AUDIT.name)]
    wrong += [] if commands else ["audit: nothing was written"]
    indexed = documents(engines.endpoints, f"hypercare-incidents-default.{project}")
    revisions = {hit["_id"]: hit["_source"]["hypercare"]["incident"]["revision"] for hit in indexed}
    behind = {name for name, one in told.items() if not one.restricted and revisions.get(name) != one.revision}
    wrong += [f"{name}: the index has revision {revisions.get(name)} of {told[name].revision}" for name in behind]
    open_ones = {
        " + ".join(sorted(f"{each.attribute} {each.value}" for each in one.cause)): one
        for one in told.values()
        if one.merged_into is None and one.cause
    }
    return Ended(
        {
            name: (one.nature, one.state, tuple(sorted({item.kind for item in one.evidence if item.role == "cause"})))
            for name, one in open_ones.items()
        },
        {name: frozenset(one.feedback) for name, one in open_ones.items()},
        tuple(wrong),
        kills,
    )


def main() -> None:
    """Play both, print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10, help="how many times a stage is killed")
    parser.add_argument("--seed", type=int, default=1, help="draws which stage is killed, and when")
    options = parser.parse_args()
    with running_engines() as engines, tempfile.TemporaryDirectory(prefix="killed-story-") as folder:
        ends = []
        for kills in (0, options.points):
            home, began = Path(folder) / str(kills), time.monotonic()
            home.mkdir()
            ends.append(play(engines, home, kills, options.seed))
            _say(f"{kills} kills: {len(ends[-1].incidents)} incidents, {time.monotonic() - began:.0f} s")
            _say("\n".join([*(f"  killed {kill}" for kill in ends[-1].kills), *map(str, ends[-1].incidents.items())]))
    different = ends[0].differences(ends[1])
    _say("\n".join(different) or "the same incidents, complaints and audit")
    sys.exit(bool(different))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
