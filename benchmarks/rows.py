"""What a run reports: rows of figures, each with what is expected of it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, or none where it could not be measured; its name then says why.

    ``must`` is what is acceptable and ``aim`` what is wanted: the least or, for times, memory and names that end
    with "at most", the most. A ``must`` that was not measured is not met.
    """

    name: str
    value: float | None
    unit: str
    must: float | None = None
    aim: float | None = None
    ok: bool = True


def show(row: Row) -> str:
    """A line for people."""
    wanted = f"   must {row.must:g}" if row.must is not None else ""
    value = "-" if row.value is None else f"{row.value:,.2f}"
    met = "" if row.ok else "   NOT MET" if row.value is not None else "   NOT MEASURED"
    return f"{row.name:<62} {value:>12} {row.unit:<16}{wanted}{met}"


def absent(name: str, why: str, unit: str, must: float | None = None) -> Row:
    """A row for what could not be measured."""
    return Row(f"{name}: not measured, {why}", None, unit, must, ok=must is None)


def median_of(name: str, figures: Sequence[float], *, unit: str = "ratio") -> list[Row]:
    """Median and the rounds around it, nothing being expected."""
    return _around(Row(f"{name}, median", statistics.median(figures), unit), name, figures)


def at_least(name: str, figures: Sequence[float], must: float, aim: float | None = None) -> list[Row]:
    """Median, which must not be lower, and the rounds around it."""
    median = statistics.median(figures)
    return _around(Row(f"{name}, median", median, "ratio", must, aim, median >= must), name, figures)


def at_most(name: str, figures: Sequence[float], must: float, *, unit: str = "ratio") -> list[Row]:
    """Median, which must not be higher, and the rounds around it."""
    median = statistics.median(figures)
    return _around(Row(f"{name}, median, at most", median, unit, must, ok=median <= must), name, figures)


def _around(median: Row, name: str, figures: Sequence[float]) -> list[Row]:
    return [
        median,
        Row(f"{name}, lowest round", min(figures), median.unit),
        Row(f"{name}, highest round", max(figures), median.unit),
    ]


def spread(figures: Sequence[float]) -> float:
    """Width of the figures as a share of their median."""
    return (max(figures) - min(figures)) / statistics.median(figures)
