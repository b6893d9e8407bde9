"""What the feedback stage understands of one piece of feedback: every decision with what it rests on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.calls import Outcome
from contracts.event import Part
from contracts.limits import Count, Id, Line, Moment, Name, Status

Share = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Words = Annotated[tuple[Name, ...], Field(max_length=12)]
"""Words of the text that decided, strongest first."""
CategoryName = Literal[
    "functional_bug", "performance", "usability", "feature_request", "security", "praise", "question", "other"
]
GroupDecision = Literal["exact", "copy", "reworded", "same_problem", "new", "analyst"]
MOST_LINKS = 3


class Category(Part):
    """What it is about. ``needs_triage``: no category is likely enough, a person should look."""

    name: CategoryName
    probability: Share
    words: Words = ()
    needs_triage: bool = False
    language_supported: bool = True
    by_analyst: bool = Field(default=False, description="said by a relabel command, not by the model")


class Security(Part):
    """How likely it speaks of a weakness that could be abused; ``restricted``: only few may read it."""

    probability: Share = 0
    words: Words = ()
    restricted: bool = False


class Severity(Part):
    """How bad it is for whoever wrote: ``from_text`` is a weak prior, ``value`` takes linked calls into account."""

    value: Share
    from_text: Share
    words: Words = ()


class Grouped(Part):
    """The group of reports about the same problem, and why it is this one.

    ``similarity`` is that to ``nearest``, the report that decided. Below the precision of a merge nothing is joined:
    then ``suggested`` names the group that it may belong to. ``reports`` and ``reporters`` are counted with this one.
    """

    group: Name
    decision: GroupDecision
    similarity: Share = 0
    reason: Line
    title: Line
    nearest: Id | None = None
    suggested: Name | None = None
    suggested_similarity: Share | None = None
    reports: Count = 1
    reporters: Count = 1


class CallLink(Part):
    """A call that this may be about; ``points`` are the sum of those in ``evidence``, natural log-odds."""

    call: Id
    occurred_at: Moment
    points: Points
    evidence: Annotated[dict[Name, Points], Field(max_length=16)] = Field(default_factory=dict)
    route: Line | None = None
    method: Name | None = None
    upstream: Name | None = None
    status: Status | None = None
    outcome: Outcome | None = None
    trace_id: Name | None = None


class KnownIssue(Part):
    """A known problem that this reports once more."""

    issue: Name
    title: Line
    workaround: Line | None = None
