"""Judges series that are given as files: how unusual each value is, from it and earlier ones only.

Format of `hypercare evaluate series`: a folder with one ``NAME.csv`` or ``NAME.csv.gz`` a series, with the columns
``timestamp`` (ISO 8601; UTC where it names no zone) and ``value``. Each gives a ``NAME.csv`` with ``timestamp`` as it
was and ``score``; from `NOVEL` on it is an alarm. A value that is no finite number has score 0.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contracts.errors import Stop
from processors.health.series.baseline import SeriesBaseline
from processors.health.series.novelty import USUAL, Tuning

COLUMNS = ("timestamp", "value")


@dataclass(frozen=True, slots=True)
class Series:
    """One file: its name without endings, the timestamps as written, seconds since 1970, and values."""

    name: str
    timestamps: tuple[str, ...]
    times: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """How much was judged."""

    series: int
    values: int


def score_series_folder(source: Path, output: Path) -> Scored:
    """Judge every series of a folder into a folder of scores, made where it is missing.

    Raises `Stop` naming the file and line that cannot be read, or when there is nothing to read.
    """
    if output.resolve() == source.resolve():
        raise Stop(f"{output} holds the series themselves", fix="give another folder for the scores", exit_code=2)
    output.mkdir(parents=True, exist_ok=True)
    series = values = 0
    for one in read_series(source):
        write_scores(output, one, scores(one))
        series, values = series + 1, values + len(one.values)
    return Scored(series, values)


def scores(series: Series, tuning: Tuning = USUAL) -> list[float]:
    """The score of each value, in order."""
    baseline = SeriesBaseline()
    return [baseline.take(at, value, tuning).score for at, value in zip(series.times, series.values, strict=True)]


def write_scores(output: Path, series: Series, found: list[float]) -> None:
    """Write ``NAME.csv``, one row for each row of the series."""
    with (output / f"{series.name}.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("timestamp", "score"))
        out.writerows(zip(series.timestamps, found, strict=True))


def read_series(source: Path) -> Iterator[Series]:
    """Read the series of a folder in the order of their names; `Stop` for what cannot be read."""
    files = sorted(f for f in source.glob("*") if f.name.endswith((".csv", ".csv.gz"))) if source.is_dir() else []
    if not files:
        raise Stop(f"{source} holds no series", fix="give a folder of .csv or .csv.gz files", exit_code=2)
    names: dict[str, Path] = {}
    for file in files:
        name = file.name.removesuffix(".gz").removesuffix(".csv")
        if name in names:
            raise Stop(f"{names[name]} and {file} are the same series", fix="keep one of them", exit_code=2)
        names[name] = file
    for name, file in names.items():
        yield _read(name, file)


def _read(name: str, file: Path) -> Series:
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise Stop(f"{file}: {error}", fix="plain or gzip text in UTF-8 is read", exit_code=2) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        raise Stop(f"{file}: its columns are {reader.fieldnames}", fix=f"it needs {' and '.join(COLUMNS)}", exit_code=2)
    rows: list[tuple[str, float, float]] = []
    try:
        rows.extend((row["timestamp"], _seconds(row["timestamp"]), float(row["value"])) for row in reader)
    except (TypeError, ValueError, csv.Error) as error:
        fix = "a timestamp is ISO 8601, a value is a number or nan"
        raise Stop(f"{file}, line {reader.line_num}: {error}", fix=fix, exit_code=2) from error
    if not rows:
        raise Stop(f"{file} has no rows", fix="leave the file out", exit_code=2)
    timestamps, times, values = zip(*rows, strict=True)
    return Series(name, timestamps, times, values)


def _seconds(timestamp: str) -> float:
    time = datetime.fromisoformat(timestamp)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
