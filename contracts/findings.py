"""What the health stage finds, and the health of each window for charts."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from contracts.calls import Blame
from contracts.event import Event, Part
from contracts.limits import Count, Line, Milliseconds, Moment, Name

FindingKind = Literal[
    "errors",
    "latency",
    "volume_drop",
    "outage",
    "rate_limited",
    "auth_failures",
    "routing_failures",
    "blind_spot",
    "ai_rate_limited",
    "ai_truncated",
    "ai_tokens",
    "ai_model_drift",
    "ai_failover",
    "ai_cost",
    "volume_surge",
    "burn_rate",
    "forecast",
    "worse_than_before",
    "capacity",
    "error_logs",
    "logins",
    "data_access",
]
FindingState = Literal["opened", "updated", "closed"]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class Dimension(Part):
    """One attribute and its value."""

    attribute: Name
    value: Name


Cause = Annotated[tuple[Dimension, ...], Field(max_length=4)]
"""The calls concerned: all those with these values; empty for all calls of the project."""


class Rival(Part):
    """Another cause that explains the same, less well."""

    cause: Cause
    score: Finite


class Driver(Part):
    """What goes along with a service's own time: ``partial_r2`` is the variance explained beyond the others.

    Source: Cohen et al., "Applied Multiple Regression", 3.3.
    """

    name: Literal["rows", "bytes", "concurrency"]
    partial_r2: Share


class DeploymentBefore(Part):
    """A release that went live, or was taken back, shortly before the problem began."""

    at: AwareDatetime
    service: Name | None = None
    release: Name
    state: Name = "succeeded"


class VersionShare(Part):
    """One of the releases that ran side by side: how many of its calls went wrong."""

    release: Name
    calls: Count
    observed: Count


class Evidence(Part):
    """Numbers a person can check by hand against the calls in Elasticsearch, between ``since`` and ``until``.

    ``observed`` of ``calls`` went wrong where ``expected`` were usual; ``relative_risk`` is observed / expected;
    ``share_explained`` is the part of the project's whole excess that lies here; ``score`` is what the rule compares.
    """

    since: AwareDatetime
    until: AwareDatetime
    calls: Finite = 0
    observed: Finite = 0
    expected: Finite = 0
    relative_risk: Finite = 1
    share_explained: Share = 0
    score: Finite = 0
    usual_p95_ms: Milliseconds | None = None
    p95_ms: Milliseconds | None = None
    own_ms: Milliseconds | None = Field(None, description="mean time a call spends in the service itself, now")
    usual_own_ms: Milliseconds | None = None
    typical_ms: Milliseconds | None = Field(None, description="geometric mean of the latency, now")
    usual_typical_ms: Milliseconds | None = None
    limit_ms: Milliseconds | None = Field(None, description="the agreed limit that was exceeded or will be")
    burn_long: Finite | None = Field(None, description="how many times too fast the error budget burns, since `since`")
    burn_short: Finite | None = Field(None, description="the same over the last twelfth of that time")
    limit_share: Share | None = Field(None, description="the failing share that will be reached")
    breach_s: Finite | None = Field(None, description="seconds from `until` to the breach of the limit")
    earliest_s: Finite | None = None
    latest_s: Finite | None = Field(None, description="none where the limit may never be reached")
    before_share: Share | None = Field(None, description="failing share before the go-live, at this hour of the week")
    before_p95_ms: Milliseconds | None = None
    drivers: tuple[Driver, ...] = Field((), description="what the own time follows, strongest first")
    victims: tuple[Name, ...] = Field((), description="services that are slow only because they wait for it")
    failures: dict[Name, Count] = Field(default_factory=dict, description="how many failed how, as blame:code")
    rivals: tuple[Rival, ...] = ()
    detectors: tuple[Name, ...] = ()
    deployments: tuple[DeploymentBefore, ...] = Field((), description="what came shortly before, likeliest first")
    versions: tuple[VersionShare, ...] = Field((), description="releases side by side, busiest first")
    alerts: tuple[Name, ...] = Field((), description="alerts of other systems that fired meanwhile or shortly before")
    used: Finite | None = Field(None, description="used part of a resource, 1 for all of it")
    limit_used: Finite | None = None
    cost_usd: Finite | None = Field(None, description="cost of the calls to a model in the current hour, US dollars")
    usual_cost_usd: Finite | None = Field(None, description="the dearest hour before")
    limit_cost_usd: Finite | None = None
    tokens: Finite | None = Field(None, description="output tokens of a typical answer (geometric mean)")
    usual_tokens: Finite | None = None
    accounts: Finite | None = Field(None, description="accounts that failed to log in")
    travel_km: Finite | None = Field(None, description="distance between two log-ins, great circle")
    travel_s: Finite | None = None


class Finding(Event):
    """Something is wrong, or is right again; one event for each change.

    ``finding`` names it through its life, ``revision`` counts its changes. ``confidence`` is lowered while the
    baseline is still learning, and ``caveats`` say so. ``occurred_at`` is the end of the window that showed it.
    """

    ce_type: ClassVar[str] = "io.hypercare.finding.changed.v1"

    finding: Name
    revision: Count
    state: FindingState
    kind: FindingKind
    cause: Cause
    since: Moment = Field(description="when it began, as far as the windows tell")
    closed_at: Moment | None = None
    confidence: Share
    blame: Blame = "unknown"
    sentence: Line
    evidence: Evidence
    caveats: tuple[Name, ...] = ()
    origin: Line | None = Field(None, description="the import whose calls showed it; none for calls of the present")


class WindowHealth(Event):
    """One route at one upstream in one window; the events of a window add up.

    A ``correction`` is what came after the window had closed; it is negative where a reader of calls replaced what
    another had counted. ``failed`` is what the serving side answers for; percentiles are right within 1 %.
    """

    ce_type: ClassVar[str] = "io.hypercare.window.health.v1"

    correction: bool = False
    origin: Line | None = None
    route: Line = ""
    upstream: Name = ""
    calls: int
    failed: int
    client_errors: int = 0
    rate_limited: int = 0
    auth_failed: int = 0
    bytes: int = 0
    rows: int = 0
    p50_ms: Milliseconds | None = None
    p95_ms: Milliseconds | None = None
    p99_ms: Milliseconds | None = None
