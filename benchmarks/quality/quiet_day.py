"""A day on which nothing fails, through all stages, with people who write as ever; nobody should be woken up."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.quality.measure import Measure
from contracts.incidents import Incident
from contracts.topics import GATEWAY, INCIDENTS
from hypercare.evaluate.whole import Said, Whole, said
from processors.runtime.stage import Outgoing
from producers.simulate.people.crowd import people
from producers.simulate.scenario import scenario

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
DAY, RATE, USERS, WRITE = timedelta(hours=24), 5.0, 2_000, 480
"""Twenty people an hour write, at five calls a second: praise, questions, wishes, spam, what seems a failure."""
ALARMS = frozenset({"S1", "S2"})
ASKED = frozenset({"security", "feature_request"})
SETTLES_MS = 12_000
A_TENTH = 10


@dataclass(frozen=True)
class Day:
    """What became of one; ``alarms`` and ``opened`` are titles, without those in ``asked_for``.

    Who reports a weakness on such a day, or wishes for something, is right to: an incident that rests mostly on
    such reports is no false one. It counts as ``asked_for``.
    """

    seed: int
    alarms: tuple[str, ...]
    opened: tuple[str, ...]
    asked_for: int
    calls: int
    wrote: int
    seconds: float


def begin(pool: Executor, seeds: int) -> list[Future[Day]]:
    """Hand out as many days as a tenth of the seeds."""
    return [pool.submit(day, seed) for seed in range(max(1, seeds // A_TENTH))]


def measures(days: list[Day]) -> Iterator[Measure]:
    """False alarms, which there must be none of, and false incidents of any severity."""
    calls, wrote = sum(one.calls for one in days), sum(one.wrote for one in days)
    data = f"null, {DAY.total_seconds() / 3600:.0f} h at {RATE:.0f} calls/s, people write"
    titles = Counter(title for one in days for title in one.opened)
    told = "; ".join(f"{count} {title}" for title, count in sorted(titles.items())) or "none"
    note = (
        f"{len(days)} days, {calls:,} calls, {wrote:,} pieces of feedback, "
        f"{sum(one.asked_for for one in days)} incidents rest on true reports of weaknesses or wishes; "
        f"{max(one.seconds for one in days):.0f} s of a processor a day"
    )
    yield Measure(data, "false incidents of S1 or S2", sum(len(one.alarms) for one in days), 0, 0, "lower", note)
    yield Measure(data, "false incidents a day", sum(len(one.opened) for one in days) / len(days), 3, 0, "lower", told)


def day(seed: int, length: timedelta = DAY, rate: float = RATE, write: int = WRITE) -> Day:
    """Play one day and see what the list held at any time of it."""
    began = time.process_time()
    made = scenario("null", seed=seed, start=START, duration=length, rate=rate, users=USERS)
    wrote = list(people(made, made.calls(), seed=seed, per_problem=write, noise=1.0, until_ms=made.end_ms))
    calls = 0

    def counted() -> Iterable[Said]:
        nonlocal calls
        for at_ms, raw in made.calls():
            calls += 1
            yield Said(at_ms, GATEWAY.name, raw)

    events = heapq.merge(counted(), said((one.at_ms, one.raw) for one in wrote), key=lambda event: event.at_ms)
    worst: dict[str, str] = {}
    last: dict[str, Incident] = {}
    whole = Whole(calls=False)
    for output in _played(whole, events, made.end_ms + SETTLES_MS):
        if output.topic == INCIDENTS.name:
            incident = Incident.model_validate_json(output.value or b"")
            last[incident.incident] = incident
            worst[incident.incident] = min(incident.severity, worst.get(incident.incident, incident.severity))
    asked = {one.truth["id"] for one in wrote if one.truth["category"] in ASKED}
    false = [name for name, incident in last.items() if not _asked_for(incident, asked)]
    return Day(
        seed,
        tuple(last[name].title for name in false if worst[name] in ALARMS),
        tuple(last[name].title for name in false),
        len(last) - len(false),
        calls,
        len(wrote),
        time.process_time() - began,
    )


def _played(whole: Whole, events: Iterable[Said], until_ms: int) -> Iterator[Outgoing]:
    yield from whole.run(events)
    yield from whole.pause(until_ms)


def _asked_for(incident: Incident, asked: Collection[str]) -> bool:
    """Whether it rests on reports alone, most of which are true ones."""
    true = sum(name in asked for name in incident.feedback)
    return incident.cause == () and 2 * true > len(incident.feedback)
