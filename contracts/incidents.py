"""An incident: what is wrong, how it is known, how much it matters and why, and how far its mending is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.calls import Blame
from contracts.event import Event, Part
from contracts.findings import Cause
from contracts.limits import Count, Id, Line, Milliseconds, Moment, Name, Status
from contracts.scores import Score
from contracts.scoring import Priority, SeverityLevel
from contracts.understanding import CallEnd, Tie

Share = Annotated[float, Field(ge=0, le=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
IncidentState = Literal[
    "new",
    "triaged",
    "in_progress",
    "fix_deployed",
    "verifying",
    "resolved",
    "closed",
    "deferred",
    "suppressed",
    "rejected",
    "merged",
]
OPEN: frozenset[IncidentState] = frozenset({"new", "triaged", "in_progress", "fix_deployed", "verifying"})
"""States of which somebody has to do something; the others rest, or are over."""
Duration = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Nature = Literal["malfunction", "security", "cost", "telemetry", "request"]
"""Evidence of another nature is never the same incident."""
EvidenceKind = Literal["finding", "group", "alert"]
MOST_EVIDENCE, MOST_SAMPLES, MOST_MEMBERS, MOST_RELATED = 50, 5, 500, 20


class EvidenceItem(Part):
    """One thing that shows the incident, and why it belongs here.

    ``confidence`` is that of the finding, or of the group. ``count`` are its calls that went wrong or its reports,
    ``people`` who reported and gave a name. A ``symptom`` follows from the cause: it is slow or fails because it waits.
    """

    kind: EvidenceKind
    id: Name
    role: Literal["cause", "symptom"] = "cause"
    what: Line
    reason: Line
    by: Name = "system"
    since: Moment
    last_at: Moment
    active: bool = True
    confidence: Share = 0
    count: Count = 0
    people: Count = 0
    cause: Cause = ()


class Override(Part):
    """What a person decided against the computed value; both are kept."""

    severity: SeverityLevel | None = None
    priority: Priority | None = None
    actor: Name
    reason: Line
    at: Moment
    until: Moment | None = None


class TimeTarget(Part):
    """By when something has to be done, and whether it was: ``soon`` is the warning before the breach."""

    what: Literal["acknowledge", "communicate", "fix"]
    due_at: Moment
    met_at: Moment | None = None
    state: Literal["waiting", "soon", "late", "met"] = "waiting"


class Attribution(Part):
    """Whether a release brought it: ``caused`` by it, ``older`` than it, ``unrelated`` where none came near."""

    verdict: Literal["caused", "older", "unrelated"]
    release: Name | None = None
    at: Moment | None = None
    reason: Line


class Past(Part):
    """An incident of the past with the same signature, and how it ended."""

    incident: Name
    title: Line
    ended_at: Moment
    ended: IncidentState


class Verification(Part):
    """How long the signature has to stay away after a fix, and why so long: from its own rate before."""

    since: Moment
    quiet_s: Annotated[Finite, Field(ge=0)]
    reason: Line


class SampleCall(Part):
    """One of the calls concerned, with what it takes to find it elsewhere."""

    call: Id
    at: Moment
    method: Name | None = None
    route: Line | None = None
    upstream: Name | None = None
    status: Status | None = None
    outcome: CallEnd | None = None
    code: Name | None = None
    message: Line | None = None
    total_ms: Milliseconds | None = None
    trace_id: Name | None = None
    request_id: Id | None = None
    browser: Name | None = None
    os: Name | None = None
    country: Name | None = None
    release: Name | None = None


class Message(Part):
    """What somebody wrote of it, masked, and the call behind it where there is one."""

    feedback: Id
    at: Moment
    channel: Name
    text: Line
    language: Name | None = None
    call: Id | None = None
    by: Tie | None = None


class Incident(Event):
    """An incident as it is now; the whole of it, each time it changes.

    ``revision`` grows with every change, ``state_version`` only when a command or a transition changes it: a command
    names the one it saw. ``cause`` says which calls are concerned, empty where telemetry shows none. ``onset`` is when
    it began as far as is known, ``opened_at`` when it was noticed. ``rank`` is its place among the open incidents of
    its project when this was told, 0 where it is not open. ``severity`` and ``priority`` are the computed ones unless
    overridden. ``feedback`` are the latest reports attached, whose authors are owed an answer.
    """

    ce_type: ClassVar[str] = "io.hypercare.incident.changed.v1"

    incident: Name
    revision: Count
    state_version: Count
    state: IncidentState
    until: Moment | None = Field(None, description="when a deferred or suppressed one comes back")
    nature: Nature
    title: Line
    sentence: Line = Field(description="why it stands where it stands")
    cause: Cause = ()
    blame: Blame = "unknown"
    severity: SeverityLevel
    priority: Priority
    score: Score
    rank: Count = 0
    override: Override | None = None
    restricted: bool = False
    regressed: bool = False
    escalating: bool = False
    workaround: Line | None = None
    owner: Name | None = None
    onset: Moment
    opened_at: Moment
    noticed_at: Moment | None = Field(None, description="time of the event that showed it first; in a replay, the past")
    state_since: Moment
    acknowledged_at: Moment | None = Field(None, description="when somebody first looked after it, or it ended before")
    resolved_at: Moment | None = Field(None, description="when it was resolved; gone while it is open again")
    to_acknowledge_s: Duration | None = Field(None, description="seconds from the opening until it was acknowledged")
    to_resolve_s: Duration | None = Field(None, description="seconds from the opening until it was resolved")
    last_evidence_at: Moment
    closed_reason: Line | None = None
    calls: Count = Field(0, description="calls concerned, in the finding that shows it best")
    observed: Count = Field(0, description="of these went wrong")
    expected: Annotated[Finite, Field(ge=0)] = 0
    users: Count = 0
    reports: Count = 0
    reporters: Count = Field(0, description="distinct people who reported it")
    anonymous: Count = Field(0, description="reports of which nobody knows who wrote them")
    evidence: Annotated[tuple[EvidenceItem, ...], Field(max_length=MOST_EVIDENCE)] = ()
    linked: Line | None = Field(None, description="calls behind its complaints, in words, where nothing was found yet")
    victims: Annotated[tuple[Name, ...], Field(max_length=MOST_RELATED)] = ()
    related: Annotated[tuple[Name, ...], Field(max_length=MOST_RELATED)] = ()
    merged_into: Name | None = None
    same_as_past: Past | None = None
    attribution: Attribution | None = None
    targets: tuple[TimeTarget, ...] = ()
    verification: Verification | None = None
    fix_release: Name | None = None
    samples: Annotated[tuple[SampleCall, ...], Field(max_length=MOST_SAMPLES)] = ()
    messages: Annotated[tuple[Message, ...], Field(max_length=MOST_SAMPLES)] = ()
    feedback: Annotated[tuple[Id, ...], Field(max_length=MOST_MEMBERS)] = ()

    @property
    def noticed(self) -> datetime:
        """When it was seen first, by the time of events: of a past that is played again, in the past."""
        return self.noticed_at or self.opened_at
