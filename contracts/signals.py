"""What is noticed beside the calls: deployments, alerts, uptime, resources, error logs, log-ins and use of data."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contracts.calls import Client
from contracts.event import Event, Part
from contracts.limits import Count, Line, Milliseconds, Moment, Name

SignalKind = Literal["deployment", "alert", "uptime", "resources", "error_log", "login", "usage"]
MOST_RESOURCES = 32
Used = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Resource = Annotated[str, Field(min_length=1, max_length=60)]


class Deployment(Part):
    """A version that went live, or was taken back; ``previous`` is what ran before.

    A planned one may say ``quiet_until``: incidents of its service that begin until then rest until then.
    """

    release: Name
    previous: Name | None = None
    state: Literal["succeeded", "failed", "rolled_back"] = "succeeded"
    quiet_until: Moment | None = Field(None, description="planned: trouble of the service until then is expected")


class Alert(Part):
    """A rule of another monitoring system that fires, or does not any more."""

    name: Name
    state: Literal["firing", "resolved"] = "firing"
    severity: Name | None = None
    summary: Line | None = None


class Uptime(Part):
    """One check of a monitor from outside."""

    monitor: Name
    up: bool
    latency_ms: Milliseconds | None = None
    reason: Line | None = None


class Resources(Part):
    """Used part of what there is, 0 to 1, by resource: ``cpu``, ``memory``, ``disk``, ``connections``, ``threads``."""

    instance: Name | None = None
    used: Annotated[dict[Resource, Used], Field(min_length=1, max_length=MOST_RESOURCES)]


class ErrorLog(Part):
    """Lines that a program logged as errors: ``count`` of the same type, which is the exception's or the logger's."""

    type: Name | None = None
    message: Line | None = None
    count: Annotated[Count, Field(ge=1)] = 1


class Location(Part):
    """Where an address is, in degrees (WGS 84)."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Login(Part):
    """An attempt to log in; ``account`` is stored as a keyed pseudonym, the client's address as its network."""

    account: Name
    ok: bool
    client: Client = Client()
    location: Location | None = None
    device: Name | None = Field(None, description="an id of the device; left out, its user agent stands for it")


class Usage(Part):
    """Data that an account read or wrote; ``data`` names it, such as ``customers``."""

    account: Name
    data: Name
    action: Literal["read", "write", "export", "delete"] = "read"
    rows: Count = 0
    bytes: Count = 0


class Signal(Event):
    """One thing that was noticed; the part that ``kind`` names is there, the others are not.

    ``service`` is what it concerns, named as in the calls' ``upstream.service``; none for the project as a whole.
    """

    ce_type: ClassVar[str] = "io.hypercare.signal.noticed.v1"

    kind: SignalKind
    service: Name | None = None
    deployment: Deployment | None = None
    alert: Alert | None = None
    uptime: Uptime | None = None
    resources: Resources | None = None
    error_log: ErrorLog | None = None
    login: Login | None = None
    usage: Usage | None = None

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        if getattr(self, self.kind) is None:
            raise ValueError(f"a signal of kind {self.kind} needs the field {self.kind}")
        return self
