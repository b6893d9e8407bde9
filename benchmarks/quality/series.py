"""Public labelled series (Numenta Anomaly Benchmark), whose anomalies are to be found as they happen.

The score over all series takes the best threshold for just these, as the benchmark does. The other one is what can be
expected elsewhere: the series are split into random halves, the threshold and the constants are chosen on one half, and
the score is that of the other half. Which residuals there are was settled on all of them and is not part of the choice.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.quality.measure import Measure
from hypercare.evaluate.series import Series, read_series, score_series_folder, scores, write_scores
from processors.health.series.baseline import SeriesBaseline
from processors.health.series.novelty import NOVEL, Tuning

PROFILE = "standard"
SPLITS = 20
"""Each split gives two scores, one for either half."""
SEED = 5
CHOICES = tuple(
    Tuning(greatest=greatest, slow=slow, day=day)
    for greatest, slow, day in product((4_000.0, 8_000.0, 16_000.0), (7.0, 13.0, 26.0), (3.0, 6.0, 12.0))
)
"""Constants to choose among: half, once and twice the product's own, for those three that matter most."""
Points = dict[str, list[Any]]


def measures(data: Path) -> list[Measure]:
    """The score on all series, the one on series that had no say in constants and threshold, time and state."""
    source = data / "series"
    with tempfile.TemporaryDirectory() as folder:
        scored = score_series_folder(source, Path(folder))
        best = nab_scores(data, Path(folder))
        fixed = nab_scores(data, Path(folder), "--threshold", str(NOVEL))
    series = list(read_series(source))
    began = time.process_time()
    for one in series:
        scores(one)
    took_us = 1e6 * (time.process_time() - began) / scored.values
    others = _cross_validated(_loaded(data / "score_series.py"), series)
    spread = f"sd {statistics.stdev(others):.1f}, {min(others):.1f} to {max(others):.1f} over {len(others)} halves"
    note = f"{scored.series} series; {fixed[PROFILE]:.1f} at the product's threshold; " + ", ".join(
        f"{name} {value:.1f}" for name, value in best.items() if name != PROFILE
    )
    return [
        Measure("series", "NAB score", best[PROFILE], 62, 72, note=note),
        Measure("series", "NAB score, chosen on other series", round(statistics.mean(others), 3), 57, 63, note=spread),
        Measure("series", "µs a value", round(took_us, 2), 20, 20, "lower", f"{scored.values} values, one process"),
        Measure("series", "bytes of state", len(SeriesBaseline().encode()), 2048, 2048, "lower", "a series, stored"),
    ]


def nab_scores(data: Path, predictions: Path, *options: str) -> dict[str, float]:
    """What the scorer beside the data says of predictions, by profile."""
    command = [sys.executable, str(data / "score_series.py"), str(predictions), *options]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {name: float(score) for name, score in re.findall(r"^(\S+)\s+(-?\d+\.\d+)\s+threshold", said, re.MULTILINE)}


def _loaded(scorer: Path) -> Any:
    """The scorer as a module: thousands of ratings are too many for a process each."""
    spec = importlib.util.spec_from_file_location("score_series", scorer)
    if spec is None or spec.loader is None:
        raise ImportError(f"{scorer} cannot be loaded")
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    return judge


def _cross_validated(judge: Any, series: list[Series]) -> list[float]:
    """Scores of halves with the constants and threshold that were best on the other half."""
    points = [_points(judge, series, tuning) for tuning in CHOICES]
    rng = random.Random(SEED)
    found = []
    for _ in range(SPLITS):
        names = sorted(points[0])
        rng.shuffle(names)
        halves = names[: len(names) // 2], names[len(names) // 2 :]
        for chosen_on, scored_on in (halves, halves[::-1]):
            rated = [_rate(judge, some, chosen_on, None) for some in points]
            best = max(range(len(CHOICES)), key=lambda number: rated[number][0])
            found.append(_rate(judge, points[best], scored_on, rated[best][1])[0])
    return found


def _labels(judge: Any) -> dict[str, list[list[str]]]:
    """The labelled windows of each series."""
    found: dict[str, list[list[str]]] = json.loads((judge.DATA / "windows.json").read_text(encoding="utf-8"))
    return found


def _points(judge: Any, series: list[Series], tuning: Tuning) -> Points:
    """The scorer's weighed points of each series."""
    weighed = {}
    with tempfile.TemporaryDirectory() as folder:
        for one in series:
            write_scores(Path(folder), one, scores(one, tuning))
            weighed[one.name] = judge.weigh(Path(folder) / f"{one.name}.csv", _labels(judge)[one.name])
    return weighed


def _rate(judge: Any, points: Points, names: list[str], threshold: float | None) -> tuple[float, float]:
    """The score of some of the series, and its threshold: the given one, or the best where none is given."""
    together = sorted((point for name in names for point in points[name]), key=lambda point: -point[0])
    windows = sum(len(_labels(judge)[name]) for name in names)
    score, used, *_ = judge.rate(together, windows, PROFILE, threshold)
    return score, used
