"""Everything about quality in one report: ``make evaluate``.

What takes long runs in two processes at a time, the longest first. Then comes what is held against a limit of time or
memory, each part in a process of its own that has done nothing before: two at a time where the time of the process is
what counts, as on a machine that has work for all its cores, and alone where the clock on the wall does.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.quality import (
    categories,
    cost,
    feedback_stage,
    grouping,
    incident_stage,
    incidents,
    joining,
    localise,
    series,
    simulated,
    state,
)
from benchmarks.quality.measure import Measure
from processors.runtime.collector import calm_the_collector

DATA = Path(__file__).parents[3] / "shared" / "data"
WORKERS = 2
"""Processes at a time: as many as the smallest machine that this is meant for has cores."""
EVERY_S = 60.0
"""How far it is, is told so often: it takes half an hour."""
Part = Callable[[], Iterable[Measure]]
OF_THE_PROCESS: dict[str, Part] = {
    "feedback stage": feedback_stage.cost,
    "state": state.measures,
    "incidents stage": incident_stage.measures,
}
"""Parts that measure the time of their process, or its memory: the longest first."""
ON_THE_WALL: dict[str, Part] = {"cost": cost.measures}
"""Parts that read the clock: to ask for the time of the process costs as much as what is timed."""


class Told(ProcessPoolExecutor):
    """Processes that say now and then how much of what they were given is done."""

    given, done, told_at = 0, 0, 0.0

    def submit(self, /, *asked: Any, **named: Any) -> Future[Any]:
        """Hand out work."""
        future = super().submit(*asked, **named)
        self.given += 1
        future.add_done_callback(self._count)
        return future

    def _count(self, _: Future[Any]) -> None:
        self.done += 1
        if time.monotonic() >= self.told_at + EVERY_S:
            self.told_at = time.monotonic()
            _say(f"{self.done} of {self.given} parts and runs are done")


def main() -> None:
    """Print every measure; write them as JSON where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seeds", type=int, default=20, help="runs of each simulated scenario")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of public data with its scorers")
    options = parser.parse_args()
    began = time.monotonic()
    measures = _side_by_side(options.data, options.seeds)
    _say(f"all that is not timed: {(time.monotonic() - began) / 60:.1f} min")
    measures += _anew(OF_THE_PROCESS, WORKERS)
    measures += _anew(ON_THE_WALL, 1)
    for measure in measures:
        print(_line(measure))
    _say(f"all of it: {(time.monotonic() - began) / 60:.1f} min")
    if options.out:
        options.out.write_text(json.dumps([asdict(m) for m in measures], indent=1, ensure_ascii=False) + "\n")


def _side_by_side(data: Path, seeds: int) -> list[Measure]:
    with Told(WORKERS, initializer=calm_the_collector) as pool:  # as every worker does
        public = _on_public_data(pool, data)
        ours = [
            pool.submit(_timed, "joining", partial(joining.measures, seeds)),
            pool.submit(_timed, "categories of our own", categories.measures_of_our_own),
            pool.submit(_timed, "groups of simulated people", feedback_stage.agreement),
        ]
        begun, stories = simulated.begin(pool, seeds), incidents.begin(pool, seeds)
        measures = [measure for part in public for measure in part.result()]
        measures += [*begun.measures(), *stories.measures()]
        return [*measures, *(measure for part in ours for measure in part.result())]


def _anew(parts: dict[str, Part], at_a_time: int) -> list[Measure]:
    """The measures of parts, each in a process of its own: what another one left behind would count for it."""
    with ProcessPoolExecutor(at_a_time, get_context("spawn"), max_tasks_per_child=1) as pool:
        given = [pool.submit(_timed, name, part) for name, part in parts.items()]
        return [measure for part in given for measure in part.result()]


def _on_public_data(pool: Executor, data: Path) -> list[Future[list[Measure]]]:
    if not data.is_dir():
        print(f"skipped: {data} is not there, so nothing is scored on public data; give --data")
        return []
    parts = {"localise": localise, "series": series, "grouping": grouping, "categories": categories}
    return [pool.submit(_timed, name, partial(part.measures, data)) for name, part in parts.items()]


def _timed(name: str, part: Part) -> list[Measure]:
    """The measures of one part; says how long it took."""
    wall, processor = time.monotonic(), time.process_time()
    found = list(part())
    _say(f"{name}: {time.monotonic() - wall:.0f} s, {time.process_time() - processor:.0f} s of a processor")
    return found


def _say(what: str) -> None:
    print(f"[{os.getpid()}] {what}", flush=True)


def _line(measure: Measure) -> str:
    verdict = "ok" if measure.met else "NOT MET"
    return (
        f"{verdict:<8}{measure.data}: {measure.metric} = {measure.value:g} "
        f"(wanted {measure.at_least:g}, aim {measure.aim:g}); {measure.note}"
    )


if __name__ == "__main__":
    main()
