"""Whole stories: is there one incident for each planted problem, how soon, how high, and with whose complaints."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from benchmarks.quality import quiet_day
from benchmarks.quality.measure import Measure
from contracts.incidents import OPEN, Incident
from contracts.topics import GATEWAY, INCIDENTS
from hypercare.evaluate.planted import is_exact, is_of
from hypercare.evaluate.whole import Said, Whole, said
from processors.incidents.score import ranking
from processors.runtime.stage import Outgoing
from producers.simulate.people.crowd import people
from producers.simulate.scenario import Scenario, scenario

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
QUIET, AFTER = timedelta(minutes=30), timedelta(minutes=20)
"""What is usual is learned in half an hour; after twenty minutes of trouble the list is looked at."""
RATE, USERS, PEOPLE, NOISE = 50.0, 2_000, 40, 1.0
BOTH = "checkout+erp"
STORIES = ("checkout", "erp", BOTH)
FIRST_TWO, FIRST_THREE = 2, 3
WITHIN = {"checkout": 5.0, "erp": 10.0}
ATTACHED, FOREIGN = 0.8, 0.02
NEVER = float("inf")
SETTLES_MS = 12_000
"""So long after the last call the last windows have closed."""


@dataclass(frozen=True)
class Found:
    """What became of one planted problem; ``minutes`` from its onset to the event that showed it."""

    problem: str
    incidents: int
    place: int
    exact: bool
    minutes: float
    attached: float
    foreign: float

    @property
    def right(self) -> bool:
        """One incident for the cause, exactly that, and in time."""
        return self.incidents == 1 and self.exact and self.minutes <= WITHIN[self.problem]


@dataclass(frozen=True)
class Begun:
    """Runs that were handed out, by story and seed."""

    runs: dict[tuple[str, int], Future[list[Found]]]
    days: list[Future[quiet_day.Day]]

    def measures(self) -> list[Measure]:
        """Wait for all of them."""
        ran = {asked: run.result() for asked, run in self.runs.items()}
        alone = {name: [run[0] for (story, _), run in ran.items() if story == name] for name in WITHIN}
        both = [_places(run) for (story, _), run in ran.items() if story == BOTH]
        data = "both at once, and noise"
        return [
            *_alone("checkout", alone["checkout"]),
            *_alone("erp", alone["erp"]),
            _share(data, "both in the first three", [place <= FIRST_THREE for place in both], (0.9, 0.95)),
            _share(data, "both in the first two", [place <= FIRST_TWO for place in both], (0.0, 0.9)),
            *quiet_day.measures([one.result() for one in self.days]),
        ]


def begin(pool: Executor, seeds: int) -> Begun:
    """Hand out each story, ``seeds`` runs each, with people who write about it and about anything else."""
    days = quiet_day.begin(pool, seeds)  # the longest first
    longest_first = reversed(STORIES)
    return Begun(
        {(name, seed): pool.submit(_run, (name, seed)) for name in longest_first for seed in range(seeds)}, days
    )


def _places(run: list[Found]) -> float:
    return max(one.place or NEVER for one in run)


def _alone(name: str, found: list[Found]) -> Iterator[Measure]:
    data = f"{name} with people who complain"
    soon = [one.minutes for one in found if one.minutes < NEVER]
    note = f"median {median(soon):.1f} min, worst {max(soon):.1f}" if soon else "never"
    yield _share(
        data,
        f"one incident, exact cause, within {WITHIN[name]:.0f} min",
        [one.right for one in found],
        (0.9, 0.95),
        note,
    )
    yield _share(data, "first in the list", [one.place == 1 for one in found], (0.9, 0.95))
    attached, foreign = [one.attached for one in found], [one.foreign for one in found]
    spread = f"{min(attached):.2f} to {max(attached):.2f}, in {_held(one >= ATTACHED for one in attached)}"
    yield Measure(data, "its complaints attached, median", round(median(attached), 3), ATTACHED, 0.9, note=spread)
    note = f"{min(foreign):.3f} to {max(foreign):.3f}, in {_held(one <= FOREIGN for one in foreign)}"
    yield Measure(data, "foreign complaints among them, median", round(median(foreign), 3), FOREIGN, 0.0, "lower", note)


def _held(held: Iterable[bool]) -> str:
    """In how many seeds a bound was kept."""
    every = list(held)
    return f"{sum(every)} of {len(every)} seeds within the bound"


def _share(data: str, what: str, held: list[bool], wanted: tuple[float, float], note: str = "") -> Measure:
    missed = [seed for seed, one in enumerate(held) if not one]
    return Measure(
        data, what, round(sum(held) / len(held), 3), *wanted, note=f"missed seeds {missed}; {note}".rstrip("; ")
    )


def _run(asked: tuple[str, int]) -> list[Found]:
    """Play a story through all stages, and hold the list against the truth."""
    name, seed = asked
    made = scenario(name, seed=seed, start=START, duration=QUIET + AFTER, rate=RATE, onset=QUIET, users=USERS)
    calls = list(made.calls())
    wrote = list(people(made, calls, seed=seed, per_problem=PEOPLE, noise=NOISE, until_ms=made.end_ms))
    events = heapq.merge(
        (Said(at_ms, GATEWAY.name, raw) for at_ms, raw in calls),
        said((one.at_ms, one.raw) for one in wrote),
        key=lambda event: event.at_ms,
    )
    whole, listed = Whole(calls=False), dict[str, Incident]()
    for output in _told(whole, events, made.end_ms + SETTLES_MS):
        if output.topic == INCIDENTS.name:
            incident = Incident.model_validate_json(output.value or b"")
            listed[incident.incident] = incident
    about = {one.truth["id"]: one.truth["problem"] for one in wrote}
    return [_found(fault, problem, listed, about) for problem, fault in _planted(made)]


def _told(whole: Whole, events: Iterable[Said], end_ms: int) -> Iterator[Outgoing]:
    yield from whole.run(events)
    yield from whole.pause(end_ms)


def _planted(made: Scenario) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return zip((part.name for part in made.planted), made.truth["faults"], strict=True)


def _found(
    fault: Mapping[str, Any], problem: str, listed: Mapping[str, Incident], about: Mapping[str, str | None]
) -> Found:
    ranked = sorted(
        (one for one in listed.values() if one.state in OPEN),
        key=lambda one: ranking(one.score, one.priority, one.incident),
    )
    mine = [one for one in ranked if is_of(one, fault)]
    if not mine:
        return Found(problem, 0, 0, exact=False, minutes=NEVER, attached=0.0, foreign=0.0)
    best = mine[0]
    hits = [about[name] == problem for name in best.feedback]
    written = sum(one == problem for one in about.values())
    return Found(
        problem,
        len(mine),
        ranked.index(best) + 1,
        exact=is_exact(best, fault),
        minutes=(best.noticed - datetime.fromisoformat(fault["onset"])).total_seconds() / 60,
        attached=sum(hits) / written if written else 1.0,
        foreign=1 - sum(hits) / len(hits) if hits else 0.0,
    )
