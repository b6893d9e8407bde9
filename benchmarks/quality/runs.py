"""One run of a scenario through the rules: how soon the truth stood first in the list, and what that took.

Faults that begin after the same half hour of quiet share it: the rules hear it once, and what they know then is copied
for each fault. What they find is the same to the byte as if each had been run from the beginning (a test holds that).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, takewhile
from typing import Any

from benchmarks.quality.leak import Leak, Watched, leak_of
from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from producers.simulate.asked import drawn_cause
from producers.simulate.faults import SlowCell
from producers.simulate.scenario import Planted, Scenario, scenario
from producers.simulate.wire import Call

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
QUIET = timedelta(minutes=30)
"""What is usual is learned in half an hour."""
NEVER = float("inf")
SLOW_SHARE, SLOW_TIMES = 0.02, 3.0
"""A combination with one call in fifty takes three times as long."""
STRONG, WEAK = (0.2, timedelta(minutes=8)), (0.05, timedelta(minutes=18))
"""Share of the checkout's calls that fail, and for how long it is watched."""
SLOW, LEAK, PEAK = timedelta(minutes=10), timedelta(minutes=25), timedelta(minutes=15)
SHARED = "shared"
"""What ids of calls begin with, which says by chance which good calls are sampled."""
ONSET_MS = int((START + QUIET).timestamp() * 1000)
DAY_FLUSH_MS = 5_000
"""On quiet days sums come every five seconds instead of each: nothing there has to be found soon."""


@dataclass(frozen=True)
class Case:
    """One run: minutes until the true cause stood first (infinite if it never did), findings, and seconds it took."""

    seed: int
    minutes: float
    findings: int
    sure: int
    seconds: float
    calls: int


@dataclass(frozen=True)
class Faults:
    """Runs of all faults after one half hour of quiet."""

    strong: Case
    weak: Case
    slow: Case
    leak: Leak


def faults(seed: int) -> Faults:
    """Hear the quiet once, then each fault."""
    quiet = Quiet(scenario("null", seed=seed, start=START, duration=QUIET))
    strong, weak = (
        scenario("checkout", seed=seed, start=START, duration=QUIET + length, onset=QUIET, failure_rate=rate)
        for rate, length in (STRONG, WEAK)
    )
    return Faults(
        run(strong, "errors", quiet),
        run(weak, "errors", quiet),
        run(slow_cell(seed), "latency", quiet),
        leak(seed, quiet),
    )


def slow_cell(seed: int) -> Scenario:
    """A quiet world with one combination that gets slow."""
    made = scenario("null", seed=seed, start=START, duration=QUIET + SLOW)
    cause, onset = drawn_cause(made.world, seed, SLOW_SHARE), (START + QUIET).timestamp()
    return replace(made, planted=(Planted("slow", (SlowCell(cause, SLOW_TIMES, onset, onset + 3_600),)),))


def erp(seed: int) -> Case:
    """The other world: its quiet is its own."""
    return run(scenario("erp", seed=seed, start=START, duration=QUIET + PEAK, onset=QUIET), "latency")


def null(asked: tuple[int, datetime, int, float]) -> Case:
    """So many hours of noise at so many calls a second."""
    seed, start, hours, rate = asked
    made = scenario("null", seed=seed, start=start, duration=timedelta(hours=hours), rate=rate)
    return run(made, "", flush_ms=DAY_FLUSH_MS)


def leak(seed: int, quiet: Quiet | None = None) -> Leak:
    """When a leak over half an hour was announced and found, and when it hurt."""
    made = scenario("slow-leak", seed=seed, start=START, duration=QUIET + LEAK, onset=QUIET)
    (fault,) = made.truth["faults"]
    watched = Watched(fault["cause"]["upstream"], ONSET_MS)
    return leak_of(fault["cause"], _begun(made, quiet, watched=watched).findings(), watched, made.end_ms)


def run(made: Scenario, kind: str, quiet: Quiet | None = None, *, flush_ms: int | None = None) -> Case:
    """When the truth stood first among findings of ``kind``."""
    began = time.process_time()
    playing, current = _begun(made, quiet, flush_ms), Current(made.truth["faults"], kind)
    for finding in playing.findings():
        current.see(finding)
    minutes = (current.first_at - ONSET_MS / 1000) / 60 if current.first_at else NEVER
    seconds = time.process_time() - began
    return Case(made.seed, minutes, current.opened, current.sure, seconds, playing.heard)


@dataclass
class Playing:
    """A pipeline, what it said already, and the calls that are to come; ``heard`` counts those that came."""

    pipeline: Pipeline
    calls: Iterable[Call]
    said: tuple[Finding, ...] = ()
    heard: int = 0

    def findings(self) -> Iterator[Finding]:
        """Everything that is said, from the beginning on."""
        yield from self.said
        yield from self.pipeline.run(self._counted())

    def _counted(self) -> Iterator[Call]:
        for call in self.calls:
            self.heard += 1
            yield call


@dataclass
class Quiet:
    """What the rules know after the quiet of one seed; it is heard when it is first asked for."""

    made: Scenario
    _pipeline: Pipeline | None = None
    _said: tuple[Finding, ...] = field(default=())

    def followed_by(self, made: Scenario, watched: Watched | None = None) -> Playing:
        """Go on from there, with the calls of another scenario of the same world and seed.

        Who watches its calls sees those of the quiet, too; else they are not even drawn again.
        """
        if self._pipeline is None:
            self._pipeline = Pipeline()
            self._said = tuple(self._pipeline.run(takewhile(_is_quiet, named_alike(self.made).calls())))
        calls = watched.of(named_alike(made).calls()) if watched else named_alike(made).calls(ONSET_MS)
        later = dropwhile(_is_quiet, calls)
        return Playing(deepcopy(self._pipeline), later, self._said)


def named_alike(made: Scenario) -> Scenario:
    """The same scenario with ids that do not tell which one it is."""
    return replace(made, name=SHARED)


def _is_quiet(call: Call) -> bool:
    return call[0] < ONSET_MS


def _begun(made: Scenario, quiet: Quiet | None, flush_ms: int | None = None, watched: Watched | None = None) -> Playing:
    if quiet is not None:
        return quiet.followed_by(made, watched)
    pipeline, calls = Pipeline() if flush_ms is None else Pipeline(flush_ms=flush_ms), named_alike(made).calls()
    return Playing(pipeline, watched.of(calls) if watched else calls)


class Current:
    """The list of open findings, surest and strongest first, and when the truth came to stand at its head."""

    def __init__(self, faults: list[dict[str, Any]], kind: str) -> None:
        self._kind = kind
        self._truths = [cause for fault in faults for cause in (fault["cause"], *fault["equivalents"])]
        self._drivers = {fault["driver"] for fault in faults if "driver" in fault}
        self._open: dict[str, Finding] = {}
        self.opened = self.sure = 0
        self.first_at = 0.0

    def see(self, finding: Finding) -> None:
        """Take a change in."""
        if finding.state == "opened":
            self.opened += 1
            self.sure += finding.confidence > 0.9
        if finding.state == "closed":
            self._open.pop(finding.finding, None)
        else:
            self._open[finding.finding] = finding
        head = max(self._of_kind(), key=lambda f: (f.confidence, f.evidence.score), default=None)
        if head is not None and not self.first_at and self._is_true(head):
            self.first_at = finding.occurred_at.timestamp()

    def _of_kind(self) -> list[Finding]:
        return [finding for finding in self._open.values() if finding.kind == self._kind]

    def _is_true(self, finding: Finding) -> bool:
        said = {dimension.attribute: dimension.value for dimension in finding.cause}
        driven = not self._drivers or any(
            driver.name in self._drivers and driver.partial_r2 > 0.3 for driver in finding.evidence.drivers[:1]
        )
        return said in self._truths and driven
