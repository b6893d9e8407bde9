"""Everybody who writes during a scenario: those who met a problem, and those who write for any other reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush
from random import Random

from contracts.errors import Stop
from producers.simulate.people.channels import DEFAULT_SHARES, By, channel_for, delay_s
from producers.simulate.people.compose import Wish, compose
from producers.simulate.people.experience import Experience, experience
from producers.simulate.people.follow_up import follow_ups
from producers.simulate.people.noise import noise_wish
from producers.simulate.people.person import person
from producers.simulate.people.problems import problems_of
from producers.simulate.people.said import Said
from producers.simulate.scenario import Scenario
from producers.simulate.wire import Call

MOST_WORDINGS = 1_000
"""Any number at or above those of a list: a wording is chosen modulo its length."""


def people(
    scenario: Scenario,
    calls: Iterable[Call],
    *,
    seed: int,
    per_problem: int = 60,
    noise: float = 1.0,
    shares: Mapping[By, float] = DEFAULT_SHARES,
    until_ms: int | None = None,
) -> Iterator[Said]:
    """Read the calls of a scenario and yield what people write, in the order of time.

    About each problem ``per_problem`` different people write, as long as so many meet it, spread over its time; of
    everything else there are ``noise`` pieces for each of these. ``shares`` say how they refer to their call; where
    only programs are hit, which have no session, a reference that is not there becomes a weaker one. Letters come
    hours later, hence after the last call; what would come after ``until_ms`` is left out. Memory is bounded by the
    number of pieces. Raise `Stop` for a scenario whose calls have no users.
    """
    if not scenario.users:
        raise Stop("Nobody can write about calls that have no users.", fix="give the scenario users", exit_code=2)
    crowd = _Crowd(scenario, seed, per_problem, noise, shares)
    for at_ms, raw in calls:
        yield from crowd.written_before(at_ms, until_ms)
        crowd.sees(at_ms, raw)
    yield from crowd.written_before(None, until_ms)


class _Crowd:
    def __init__(
        self, scenario: Scenario, seed: int, per_problem: int, noise: float, shares: Mapping[By, float]
    ) -> None:
        self._name, self._seed, self._shares = f"said-{scenario.name}-{seed}", seed, shares
        self._random = Random(f"{seed}/people")
        self._number = 0
        self._pending: list[tuple[int, int, Said]] = []
        self._problems = problems_of(scenario)
        self._due = [_times(self._random, per_problem, problem.onset_ms, problem.end_ms) for problem in self._problems]
        self._wrote: list[set[str]] = [set() for _ in self._problems]
        self._wanted = [self._draw_by() for _ in self._problems]
        start_ms = int(scenario.start.timestamp() * 1000)
        others = round(noise * per_problem * max(1, len(self._problems)))
        self._noise = _times(self._random, others, start_ms, scenario.end_ms)

    def written_before(self, at_ms: int | None, until_ms: int | None) -> Iterator[Said]:
        """What is written before a moment, or all that is left."""
        while self._pending and (at_ms is None or self._pending[0][0] < at_ms):
            said = heappop(self._pending)[2]
            if until_ms is None or said.at_ms <= until_ms:
                yield said

    def sees(self, at_ms: int, raw: bytes) -> None:
        """Let whoever made the call write about it, if it is time that somebody does."""
        due = [number for number, times in enumerate(self._due) if times and times[-1] <= at_ms]
        if not due and not (self._noise and self._noise[-1] <= at_ms):
            return
        seen = experience(at_ms, raw)
        for number in due:
            if self._problems[number].is_met_by(seen):
                self._complain(number, seen)
        if self._noise and self._noise[-1] <= at_ms and not seen.inner and seen.session:
            self._noise.pop()
            wish = noise_wish(self._next(), seen, self._seed, [p.topic(seen) for p in self._problems], self._random)
            self._say(wish)

    def _complain(self, number: int, seen: Experience) -> None:
        problem, random = self._problems[number], self._random
        writer, wanted = seen.user or seen.session or seen.call, self._wanted[number]
        by = _possible(wanted, seen)
        if writer in self._wrote[number] or not (problem.of_programs or (seen.session and by == wanted)):
            return
        self._due[number].pop()
        self._wrote[number].add(writer)
        self._wanted[number] = self._draw_by()
        channel = channel_for(by, random)
        at_ms = seen.at_ms + int(1000 * delay_s(channel, random))
        who = person(self._seed, writer, seen.country)
        topic, wording = problem.topic(seen), random.randrange(MOST_WORDINGS)
        self._say(Wish(self._next(), who, channel, topic, wording, at_ms, by, problem.name, seen, about_call=True))

    def _draw_by(self) -> By:
        return self._random.choices(tuple(self._shares), tuple(self._shares.values()))[0]

    def _say(self, wish: Wish) -> None:
        said = compose(wish, self._random)
        for each in (said, *follow_ups(said, wish.who, self._next, self._random)):
            heappush(self._pending, (each.at_ms, int(each.truth["id"].rpartition("-")[2]), each))

    def _next(self) -> str:
        self._number += 1
        return f"{self._name}-{self._number}"


def _times(random: Random, count: int, first_ms: int, last_ms: int) -> list[int]:
    """Moments, latest first: who waits for one takes it from the end."""
    return sorted((random.randrange(first_ms, max(first_ms + 1, last_ms)) for _ in range(count)), reverse=True)


def _possible(by: By, seen: Experience) -> By:
    """The wanted reference, or the strongest weaker one that the call allows."""
    if by == "trace" and not (seen.trace_id or seen.request_id):
        by = "session"
    if by == "session" and not seen.session:
        by = "user"
    return "anonymous" if by == "user" and not seen.user else by
