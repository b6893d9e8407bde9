"""Groups of feedback about the same problem, and what is reported against what is observed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.event import Event, Part
from contracts.limits import Count, Id, Line, Moment, Name
from contracts.understanding import CategoryName, Words

Finite = Annotated[float, Field(ge=0, allow_inf_nan=False)]
MOST_LISTED = 10


class Counted(Part):
    """A value and how often it occurs in the group."""

    value: Line
    count: Count


Listed = Annotated[tuple[Counted, ...], Field(max_length=MOST_LISTED)]


class FeedbackGroup(Event):
    """A group as it is now; one event for each change, ``revision`` counts them.

    ``title`` is a sentence of one of its reports, the most central one, or what an analyst called it.
    ``reporters`` are distinct people, ``anonymous`` the reports of which nobody knows who wrote them.
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
    anonymous: Count = 0
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


class Cells(Part):
    """Complaints with failing calls behind them, failing calls nobody complained of, complaints without a call."""

    reported_and_observed: Count = 0
    observed_not_reported: Count = 0
    reported_telemetry_green: Count = 0


class ReportedObserved(Event):
    """A row of the matrix as it stands at ``occurred_at``: of a route, of a journey, or of the project as a whole.

    A failing call counts as reported when somebody complained of its pattern: same route, upstream and outcome.
    """

    ce_type: ClassVar[str] = "io.hypercare.feedback.matrix.v1"

    kind: Literal["project", "route", "journey"]
    name: Line = ""
    hour: Cells = Cells()
    total: Cells = Cells()
