"""What the feedback stage understands of one piece of feedback: every decision with what it rests on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.calls import Blame, Outcome
from contracts.event import Part
from contracts.limits import Count, Id, Line, Moment, Name

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Points = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Words = Annotated[tuple[Name, ...], Field(max_length=12)]
"""Words of the text that decided, strongest first."""
CategoryName = Literal[
    "functional_bug", "performance", "usability", "feature_request", "security", "praise", "question", "other"
]
Tie = Literal["trace", "request", "session", "user", "anonymous"]
GroupDecision = Literal["exact", "copy", "reworded", "same_problem", "new", "analyst"]
MOST_LINKS = 3
MOST_CANDIDATES = 30


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

    ``similarity`` is that of the words of ``nearest``, the report that decided, ``confidence`` the probability that the
    group is right. Below the precision of a merge nothing is joined: then ``suggested`` names the group that it may
    belong to. ``evidence`` is in natural log-odds. ``reports``, ``reporters``, who are distinct
    people, and ``anonymous`` reports without a name are counted with this one.
    """

    group: Name
    decision: GroupDecision
    similarity: Share = 0
    confidence: Share = 0
    evidence: Annotated[dict[Name, Points], Field(max_length=16)] = Field(default_factory=dict)
    reason: Line
    title: Line
    nearest: Id | None = None
    suggested: Name | None = None
    suggested_similarity: Share | None = None
    restricted: bool = Field(default=False, description="the group's title may speak of a weakness")
    reports: Count = 1
    reporters: Count = 1
    anonymous: Count = 0


CallEnd = Outcome | Literal["slow"]
"""How a call ended for whoever waited: one that went well and is a symptom was slow."""


class CallLink(Part):
    """A call that this may be about, and what ties them: ``by`` the surest tie, ``lag_s`` from the call to the words.

    ``points`` are the sum of those in ``evidence``, natural log-odds; ``probability`` is this call's, among all known
    ones and none. Method, route and what follows are those of the failing pattern that the call is one of.
    """

    call: Id
    occurred_at: Moment
    by: Tie
    points: Points
    probability: Share
    lag_s: Seconds
    evidence: Annotated[dict[Name, Points], Field(max_length=16)] = Field(default_factory=dict)
    method: Name | None = None
    route: Line | None = None
    upstream: Name | None = None
    outcome: CallEnd | None = None
    code: Name | None = None
    blame: Blame | None = None


class Candidate(Part):
    """One more call that may be behind it, with the probability that it is."""

    call: Id
    probability: Share


class KnownIssue(Part):
    """A known problem that this reports once more."""

    issue: Name
    title: Line
    workaround: Line | None = None
