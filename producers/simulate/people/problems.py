"""What of the planted faults people meet, and what they would call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from producers.simulate.asked import Asked
from producers.simulate.faults import Fault, Silence
from producers.simulate.people.experience import Experience
from producers.simulate.people.wordings.tongue import Kind
from producers.simulate.scenario import Scenario
from producers.simulate.traffic.assistant import SECOND, Assistant
from producers.simulate.visitors import PERSONAL

WORDS: Mapping[str, Kind] = {
    "pay": "payment",
    "cart": "payment",
    "order": "order",
    "ship": "notification",
    "offer": "upload",
    "user": "login",
    "login": "login",
    "search": "search",
    "report": "report",
    "stock": "report",
    "assistant": "assistant",
}
"""What people complain of when a route fails, by what the route is about; of others they say that the page fails."""
OK, FIRST_ERROR, TOO_MANY = 200, 400, 429
FELT_SLOW, FELT_AT_PEAK = 3.0, 2.0
"""How many times the usual a call has to take before somebody says so; at the peak everybody waits in turn."""


@dataclass(frozen=True)
class Problem:
    """One planted fault as people meet it; ``usual_ms`` by route is there where it is about slowness."""

    name: str
    cause: Mapping[str, str]
    onset_ms: int
    end_ms: int
    status: int | None = None
    usual_ms: Mapping[str, float] | None = None
    slow: float = FELT_SLOW
    kind: Kind | None = None

    @property
    def of_programs(self) -> bool:
        """Whether only programs of partners are hit, not persons."""
        return self.cause.get("consumer", PERSONAL[0]) not in PERSONAL

    def is_met_by(self, seen: Experience) -> bool:
        """Whether a person's call shows it."""
        if seen.inner or not self.onset_ms <= seen.at_ms < self.end_ms:
            return False
        if any(seen.values.get(attribute) != value for attribute, value in self.cause.items()):
            return False
        if self.usual_ms is None:
            return seen.status == self.status
        usual = self.usual_ms.get(seen.values.get("route", ""))
        return usual is not None and seen.status < FIRST_ERROR and seen.took_ms >= self.slow * usual

    def topic(self, seen: Experience) -> Kind:
        """What whoever made the call complains of."""
        if self.kind or self.usual_ms is not None:
            return self.kind or "slow"
        return "rate_limit" if self.status == TOO_MANY else WORDS.get(seen.word, "error")


def problems_of(scenario: Scenario) -> tuple[Problem, ...]:
    """The faults that people can meet; of a gateway that is silent nobody but its watchers hears."""
    start_ms = int(scenario.start.timestamp() * 1000)
    end_ms = scenario.end_ms
    met = [
        _problem(scenario, part.name, fault, end_ms)
        for part in scenario.planted
        for fault in part.faults
        if not isinstance(fault, Silence)
    ]
    met += [
        _cut_off(part.name, source.asked, end_ms)
        for part in scenario.planted
        for source in part.traffic
        if isinstance(source, Assistant)
    ]
    chain = scenario.chain
    if chain is not None:
        usual = {f"/{page}": chain.usual_page_ms for page in chain.truth()["victims"]}
        onset = start_ms + int(chain.onset.total_seconds() * 1000)
        met.append(Problem("erp", {}, onset, end_ms, usual_ms=usual, slow=FELT_AT_PEAK, kind="office"))
    return tuple(met)


def _cut_off(name: str, asked: Asked, last_ms: int) -> Problem:
    """An assistant whose answers end in the middle is answered with 200 all the same."""
    cause = {"provider": SECOND.name, "finish_reason": "length"}
    end_ms = min(last_ms, int(asked.end * 1000))
    return Problem(name, cause, int(asked.onset * 1000), end_ms, status=OK, kind="assistant")


def _problem(scenario: Scenario, name: str, fault: Fault, last_ms: int) -> Problem:
    truth, world = fault.truth(scenario.world), scenario.world
    onset_ms, end_ms = int(fault.onset * 1000), min(last_ms, int(fault.end * 1000))
    if truth["kind"] == "errors":
        return Problem(name, truth["cause"], onset_ms, end_ms, status=getattr(fault, "status", None))
    usual = dict(zip(world.names["route"], world.typical_ms.tolist(), strict=True))
    return Problem(name, truth["cause"], onset_ms, end_ms, usual_ms=usual)
