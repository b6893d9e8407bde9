"""Groups of feedback about the same problem, and what is reported against what is observed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.event import Event, Part
from contracts.limits import Count, Id, Line, Moment, Name
from contracts.understanding import CategoryName, Words

Finite = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seen = Literal["reported_and_observed", "observed_not_reported", "reported_telemetry_green"]
MOST_LISTED = 10


class Counted(Part):
    """A value and how often it occurs in the group."""

    value: Line
    count: Count


Listed = Annotated[tuple[Counted, ...], Field(max_length=MOST_LISTED)]


class FeedbackGroup(Event):
    """A group as it is now; one event for each change, ``revision`` counts them.

    ``title`` is a sentence of one of its reports, the most central one, or what an analyst called it.
    ``last_hour`` reports came in the hour before ``occurred_at`` where ``expected_hour`` were usual.
    """

    ce_type: ClassVar[str] = "io.hypercare.feedback.group.v1"

    group: Name
    revision: Count
    title: Line
    named_by_analyst: bool = False
    restricted: bool = False
    merged_into: Name | None = None
    category: CategoryName | None = None
    reports: Count
    reporters: Count
    first_at: Moment
    last_at: Moment
    last_hour: Count = 0
    expected_hour: Finite = 0
    words: Words = ()
    routes: Listed = ()
    releases: Listed = ()
    channels: Listed = ()
    languages: Listed = ()
    representatives: Annotated[tuple[Id, ...], Field(max_length=5)] = ()
    known_issue: Name | None = None


class ReportedObserved(Event):
    """A cell of the matrix of a route and journey, as it stands at ``occurred_at``.

    ``failing_calls`` counts failing and slow calls known in the last hour, ``reports`` complaints in the same time, and
    ``linked`` those with a call behind them.
    """

    ce_type: ClassVar[str] = "io.hypercare.feedback.matrix.v1"

    route: Line = ""
    upstream: Name = ""
    journey: Name = ""
    seen: Seen
    failing_calls: Count = 0
    reports: Count = 0
    linked: Count = 0
    reporters: Count = 0
