"""Simulated faults whose truth is known: is the cause named, and how soon; and is quiet left alone."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, TypeVar

from benchmarks.quality.measure import Measure
from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from producers.simulate.asked import drawn_cause
from producers.simulate.faults import SlowCell
from producers.simulate.scenario import Planted, Scenario, scenario

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 6, 19, 6, tzinfo=UTC)
QUIET = timedelta(minutes=30)
"""What is usual is learned in half an hour."""
NEVER = float("inf")
SLOW_SHARE, SLOW_TIMES = 0.02, 3.0
"""A combination with one call in fifty takes three times as long."""
Result = TypeVar("Result")


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
class Begun:
    """All runs of all scenarios, on their way."""

    strong: list[Future[Case]]
    weak: list[Future[Case]]
    erp: list[Future[Case]]
    leaks: list[Future[float]]
    slow: list[Future[Case]]
    quiet: list[Future[Case]]
    weekend: list[Future[Case]]

    def measures(self) -> list[Measure]:
        """Wait for all of them."""
        return [
            *_soon("checkout, 20 % failures", _results(self.strong), 5, (0.9, 0.9)),
            *_soon("checkout, 5 % failures", _results(self.weak), 15, (0.7, 0.9)),
            *_soon("ERP, service and volume named", _results(self.erp), 10, (0.9, 0.9)),
            *_soon("a combination three times as slow", _results(self.slow), 5, (0.9, 0.95)),
            _announced(_results(self.leaks)),
            _quiet("null, 24 h at 20 calls/s", _results(self.quiet)),
            _quiet("null, Friday to Sunday at 10 calls/s", _results(self.weekend)),
        ]


def begin(pool: Executor, seeds: int) -> Begun:
    """All scenarios, ``seeds`` runs each (a day of quiet: a quarter of them, a weekend: a tenth), the longest first.

    So no process waits for another one at the end.
    """
    every, few, fewest = range(seeds), range(max(1, seeds // 4)), range(max(1, seeds // 10))
    return Begun(
        weekend=[pool.submit(_null, (seed, FRIDAY, 64, 10.0)) for seed in fewest],
        quiet=[pool.submit(_null, (seed, START, 24, 20.0)) for seed in few],
        leaks=[pool.submit(_leak, seed) for seed in every],
        weak=[pool.submit(_checkout, (seed, 0.05, 18)) for seed in every],
        strong=[pool.submit(_checkout, (seed, 0.2, 8)) for seed in every],
        slow=[pool.submit(_slow_cell, seed) for seed in every],
        erp=[pool.submit(_erp, seed) for seed in every],
    )


def _results(runs: list[Future[Result]]) -> list[Result]:
    return [run.result() for run in runs]


def _quiet(data: str, cases: list[Case]) -> Measure:
    note = f"{len(cases)} seeds, {sum(c.findings for c in cases)} findings of any kind, {_cost(cases)}"
    return Measure(data, "findings with confidence above .9", sum(c.sure for c in cases), 0, 0, "lower", note)


def _soon(data: str, cases: list[Case], within: int, wanted: tuple[float, float]) -> Iterable[Measure]:
    found = [case.minutes for case in cases if case.minutes < NEVER]
    share = sum(case.minutes <= within for case in cases) / len(cases)
    missed = [case.seed for case in cases if case.minutes > within]
    spread = f"median {median(found):.1f} min, worst {max(found):.1f}" if found else "never"
    note = f"{len(cases)} seeds, {spread}; missed seeds {missed}; {_cost(cases)}"
    yield Measure(data, f"exact cause first within {within} min", round(share, 3), *wanted, note=note)


def _announced(leads: list[float]) -> Measure:
    """``leads`` are minutes from the forecast to the latency finding; minus infinity where there was no forecast."""
    early = [lead for lead in leads if lead > 0]
    spread = f"by {median(early):.1f} min, least {min(early):.1f}" if early else "never"
    missed = [seed for seed, lead in enumerate(leads) if lead <= 0]
    share = round(len(early) / len(leads), 3)
    note = f"{len(leads)} seeds, {spread}; missed seeds {missed}"
    return Measure("slow leak over half an hour", "announced before the latency finding", share, 0.9, 1.0, note=note)


def _cost(cases: list[Case]) -> str:
    calls, seconds = sum(c.calls for c in cases), sum(c.seconds for c in cases)
    return f"{calls:,} calls, {1e6 * seconds / calls:.0f} µs a call with the simulation"


def _checkout(asked: tuple[int, float, int]) -> Case:
    seed, rate, minutes = asked
    made = scenario(
        "checkout", seed=seed, start=START, duration=QUIET + timedelta(minutes=minutes), onset=QUIET, failure_rate=rate
    )
    return _run(made, "errors")


def _erp(seed: int) -> Case:
    return _run(scenario("erp", seed=seed, start=START, duration=QUIET + timedelta(minutes=15), onset=QUIET), "latency")


def _slow_cell(seed: int) -> Case:
    made = scenario("null", seed=seed, start=START, duration=QUIET + timedelta(minutes=10))
    cause, onset = drawn_cause(made.world, seed, SLOW_SHARE), (START + QUIET).timestamp()
    fault = SlowCell(cause, SLOW_TIMES, onset, onset + 3_600)
    return _run(replace(made, planted=(Planted("slow", (fault,)),)), "latency")


def _null(asked: tuple[int, datetime, int, float]) -> Case:
    seed, start, hours, rate = asked
    return _run(scenario("null", seed=seed, start=start, duration=timedelta(hours=hours), rate=rate), "")


def _leak(seed: int) -> float:
    """Minutes from the announcement of the true cause to the latency finding, or to the end of the run."""
    length = QUIET + timedelta(minutes=25)
    made = scenario("slow-leak", seed=seed, start=START, duration=length, onset=QUIET)
    (fault,) = made.truth["faults"]
    told = slow = NEVER
    for finding in Pipeline().run(made.calls()):
        at = finding.occurred_at.timestamp() / 60
        cause = {dimension.attribute: dimension.value for dimension in finding.cause}
        if finding.kind == "forecast" and cause == fault["cause"]:
            told = min(told, at)
        if finding.kind == "latency":
            slow = min(slow, at)
    return min(slow, (START + length).timestamp() / 60) - told


def _run(made: Scenario, kind: str) -> Case:
    began = time.process_time()
    pipeline, current, calls = Pipeline(), _Current(made.truth["faults"], kind), 0

    def counted() -> Iterable[tuple[int, bytes]]:
        nonlocal calls
        for call in made.calls():
            calls += 1
            yield call

    for finding in pipeline.run(counted()):
        current.see(finding)
    onset = (START + QUIET).timestamp()
    minutes = (current.first_at - onset) / 60 if current.first_at else NEVER
    return Case(made.seed, minutes, current.opened, current.sure, time.process_time() - began, calls)


class _Current:
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
