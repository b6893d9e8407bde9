"""The two stories through real stages, any of which is killed at any moment: what became of it, to be compared.

``python -m tests.scenarios.killed_story --points 10 --seed 1 2`` plays them undisturbed, then twice with ten kills, on
engines of its own (or those that the environment names), and ends with 1 where anything differs (`story_end.Ended`).
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import orjson
from confluent_kafka import Producer

from contracts.topics import FEEDBACK, GATEWAY
from contracts.windows import WINDOW_S
from hypercare.topics import apply_topics
from producers.simulate.people.crowd import people
from producers.simulate.scenario import scenario
from producers.simulate.story import CAUSE, FAILS, NOISE, ONSET, PEOPLE, RATE, SEED, START, USERS
from tests.conftest import RunningEngines, running_engines
from tests.scenarios.story_end import Ended, ended, told
from tests.scenarios.workers import Workers, wait_until, workers

STAGES = ("telemetry", "health", "feedback", "incidents", "sink-incidents")
LENGTH = timedelta(minutes=26)
CHUNK = timedelta(minutes=4)
"""So much of the story is sent at a time; then everything is read before more comes, so that two runs see the same."""
FAULTS, STILL_S = 2, 12.0
"""The last windows close, and nothing is told any more."""
PARTITIONS = 4
Event = tuple[int, str, bytes]


def events(project: str, by: timedelta, length: timedelta = LENGTH, seed: int = SEED) -> list[Event]:
    """Calls and feedback of both stories in the order of time, so much later than the story has them."""
    made = scenario(
        "checkout+erp", seed=seed, start=START, duration=length, rate=RATE, onset=ONSET,
        failure_rate=FAILS, cause=CAUSE, users=USERS,
    )  # fmt: skip
    calls = list(made.calls())
    said = people(made, calls, seed=seed, per_problem=PEOPLE, noise=NOISE, until_ms=made.end_ms)
    both = [(at_ms, GATEWAY.name, raw) for at_ms, raw in calls] + [(one.at_ms, FEEDBACK.name, one.raw) for one in said]
    return sorted(((at_ms, topic, _moved(raw, by, project)) for at_ms, topic, raw in both), key=lambda event: event[0])


def until_now(length: timedelta = LENGTH) -> timedelta:
    """By how much the story has to be later to end now, in whole windows.

    Runs that are compared have to be moved by the same: searches begin at every full half minute.
    """
    window = timedelta(seconds=WINDOW_S)
    return (datetime.now(UTC) - (START + length)) // window * window


def _moved(raw: bytes, by: timedelta, project: str) -> bytes:
    """The same, so much later: what is drawn depends on the time of day, and both runs have to draw the same."""
    said = orjson.loads(raw)
    at = datetime.fromisoformat(said["occurred_at"]) + by
    return orjson.dumps({**said, "project": project, "occurred_at": at.isoformat()})


def play(
    engines: RunningEngines,
    home: Path,
    by: timedelta,
    kills: int,
    seed: int,
    *,
    length: timedelta = LENGTH,
    chunk: timedelta = CHUNK,
) -> Ended:
    """Play the stories so much later; ``kills`` stages that the seed draws are killed while they work.

    Of the story ``length`` is played, in pieces of ``chunk``: the next is sent when the last one has been read.
    """
    prefix, project, random = f"killed-{uuid.uuid4().hex[:8]}-", f"p{uuid.uuid4().hex[:10]}", Random(seed)
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=PARTITIONS)
    chunks = list(_chunks(events(project, by, length), START + by, chunk))
    drawn = sorted(random.choices(range(len(chunks)), k=kills))
    killed: list[str] = []
    with workers(engines.endpoints, home, prefix, {"HYPERCARE_SESSION_TIMEOUT_S": "6"}) as running:
        running.start(*STAGES)
        wait_until(lambda: all(running.has_begun(stage) for stage in STAGES), 90)
        for number, sent in enumerate(chunks):
            _send(engines, prefix, project, sent)
            killed += [_kill(running, random) for _ in range(drawn.count(number))]
            running.wait_drained("telemetry", "health", "feedback")
        running.wait_drained("incidents")
        _wait_still(engines, prefix)
        running.wait_drained("feedback", "incidents", "sink-incidents")
        return ended(engines, prefix, project, START + by, tuple(killed))


def _chunks(found: list[Event], began: datetime, length: timedelta) -> Iterator[list[Event]]:
    first, length_ms = int(1000 * began.timestamp()), int(1000 * length.total_seconds())
    for _, chunk in groupby(found, key=lambda event: (event[0] - first) // length_ms):
        yield list(chunk)


def _send(engines: RunningEngines, prefix: str, project: str, chunk: list[Event]) -> None:
    producer = Producer({"bootstrap.servers": engines.endpoints.kafka, "partitioner": "murmur2_random", "linger.ms": 5})
    for at_ms, topic, value in chunk:
        if topic == FEEDBACK.name:
            producer.produce(prefix + topic, value, key=f"default/{project}")
        else:
            producer.produce(prefix + topic, value, partition=at_ms % PARTITIONS)
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
        now = {name: (one.state, one.cause, one.feedback) for name, one in told(engines, prefix)[0].items()}
        if now != seen[0]:
            seen[:] = [now, time.monotonic()]
        faults = sum(bool(cause) for _, cause, _ in now.values())
        return faults >= FAULTS and time.monotonic() > seen[1] + STILL_S

    wait_until(still, 120, lambda: f"not {FAULTS} incidents with a cause, or never still: {seen[0]}")


def main() -> None:
    """Play both, print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10, help="how many times a stage is killed")
    parser.add_argument("--seed", type=int, nargs="+", default=[1], help="each draws which stages are killed, and when")
    options = parser.parse_args()
    different: list[str] = []
    with running_engines() as engines, tempfile.TemporaryDirectory(prefix="killed-story-") as folder:
        by = until_now()
        undisturbed = _played(engines, Path(folder) / "0", by, 0, 0)
        for seed in options.seed:
            found = undisturbed.differences(_played(engines, Path(folder) / f"seed-{seed}", by, options.points, seed))
            _say("\n".join(f"DIFFERENT {one}" for one in found) or "the same incidents, complaints and audit")
            different += found
    sys.exit(bool(different))


def _played(engines: RunningEngines, home: Path, by: timedelta, kills: int, seed: int) -> Ended:
    home.mkdir()
    began = time.monotonic()
    end = play(engines, home, by, kills, seed)
    _say(f"{kills} kills, seed {seed}: {len(end.incidents)} incidents, {time.monotonic() - began:.0f} s")
    _say("\n".join([*(f"  killed {kill}" for kill in end.kills), *map(str, end.incidents.items())]))
    return end


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
