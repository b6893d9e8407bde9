"""How a route was before the go-live, so that "worse than the old system" has an answer."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.event import Event, Part
from contracts.limits import Count, Line, Milliseconds, Moment

HOURS_OF_WEEK = 168
FIRST_MONDAY = 96
"""Hours from the beginning of 1970, a Thursday, to the first Monday."""
Mean = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]


class HourBefore(Part):
    """One hour of the week, counted from Monday midnight UTC: mean calls in it, and failures where they are known."""

    hour: Annotated[int, Field(ge=0, lt=HOURS_OF_WEEK)]
    calls: Mean
    failed: Mean | None = None


class RouteBefore(Event):
    """One route, whatever its upstream was; a later one for the same route replaces it. ``occurred_at`` is its end.

    ``calls`` and ``failed`` are those that were looked at, ``hours`` their means by hour of the week.
    """

    ce_type: ClassVar[str] = "io.hypercare.route.before.v1"

    route: Line
    since: Moment
    calls: Count
    failed: Count
    p50_ms: Milliseconds | None = None
    p95_ms: Milliseconds | None = None
    hours: Annotated[tuple[HourBefore, ...], Field(max_length=HOURS_OF_WEEK)] = ()


def hour_of_week(seconds: float) -> int:
    """The hour of the week, counted from Monday midnight UTC, of a moment in seconds since 1970."""
    return int(seconds // 3_600 - FIRST_MONDAY) % HOURS_OF_WEEK
