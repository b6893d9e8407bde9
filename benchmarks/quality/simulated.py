"""Simulated faults whose truth is known: is the cause named, and how soon; and is quiet left alone."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from benchmarks.quality.leak import Leak
from benchmarks.quality.measure import Measure
from benchmarks.quality.runs import NEVER, ONSET_MS, START, Case, Faults, erp, faults, null

FRIDAY = datetime(2026, 6, 19, 6, tzinfo=UTC)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Begun:
    """All runs of all scenarios, on their way."""

    faults: list[Future[Faults]]
    erp: list[Future[Case]]
    quiet: list[Future[Case]]
    weekend: list[Future[Case]]

    def measures(self) -> list[Measure]:
        """Wait for all of them."""
        ran = _results(self.faults)
        return [
            *_soon("checkout, 20 % failures", [one.strong for one in ran], 5, (0.9, 0.9)),
            *_soon("checkout, 5 % failures", [one.weak for one in ran], 15, (0.7, 0.9)),
            *_soon("ERP, service and volume named", _results(self.erp), 10, (0.9, 0.9)),
            *_soon("a combination three times as slow", [one.slow for one in ran], 5, (0.9, 0.95)),
            *_announced([one.leak for one in ran]),
            _quiet("null, 24 h at 20 calls/s", _results(self.quiet)),
            _quiet("null, Friday to Sunday at 10 calls/s", _results(self.weekend)),
        ]


def begin(pool: Executor, seeds: int) -> Begun:
    """All scenarios, ``seeds`` runs each (of a quiet day a quarter, of a weekend a twentieth), the longest first.

    So no process waits for another one at the end.
    """
    every, few, fewest = range(seeds), range(max(1, seeds // 4)), range(max(1, seeds // 20))
    return Begun(
        weekend=[pool.submit(null, (seed, FRIDAY, 64, 10.0)) for seed in fewest],
        quiet=[pool.submit(null, (seed, START, 24, 20.0)) for seed in few],
        faults=[pool.submit(faults, seed) for seed in every],
        erp=[pool.submit(erp, seed) for seed in every],
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


def _announced(leaks: list[Leak]) -> Iterable[Measure]:
    """Against the first latency finding, which may tell of a mean that has risen; and against when it hurts."""
    hurt = [one.hurts - ONSET_MS / 60_000 for one in leaks]
    named = sum(one.named_before_it_hurts > 0 for one in leaks)
    yield _ahead("announced before the latency finding", [one.before_finding for one in leaks], (0.9, 1.0))
    yield _ahead(
        "announced before a fifth of its calls takes 1.5 times what the slowest twentieth took",
        [one.forecast_before_it_hurts for one in leaks],
        (0.0, 0.9),
        f"that is {median(hurt):.1f} min after its onset, {min(hurt):.1f} to {max(hurt):.1f}; "
        f"by then a forecast or a finding of its mean named the service in {named}",
    )


def _ahead(metric: str, leads: list[float], wanted: tuple[float, float], more: str = "") -> Measure:
    """``leads`` are minutes; minus infinity where there was no forecast."""
    early = [lead for lead in leads if lead > 0]
    spread = f"by {median(early):.1f} min, least {min(early):.1f}" if early else "never"
    missed = [seed for seed, lead in enumerate(leads) if lead <= 0]
    note = f"{len(leads)} seeds, {spread}; missed seeds {missed}; {more}".rstrip("; ")
    return Measure("slow leak over half an hour", metric, round(len(early) / len(leads), 3), *wanted, note=note)


def _cost(cases: list[Case]) -> str:
    calls, seconds = sum(c.calls for c in cases), sum(c.seconds for c in cases)
    return f"{calls:,} calls, {1e6 * seconds / calls:.0f} µs a call with the simulation"
