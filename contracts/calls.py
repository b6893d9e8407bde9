"""One API call: as a gateway saw it, and as the telemetry stage understands it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.event import Event, Part
from contracts.limits import MAX_ATTEMPTS, Count, Id, Line, Milliseconds, Name, Status

Outcome = Literal[
    "ok",
    "client_error",
    "rate_limited",
    "auth_failed",
    "gateway_error",
    "upstream_error",
    "timeout",
    "aborted",
]
Blame = Literal["none", "client", "gateway", "upstream", "third_party", "unknown"]
"""On whose side a failed call failed; ``unknown`` when the log does not tell."""
SERVING_FAILURES: frozenset[Outcome] = frozenset({"gateway_error", "upstream_error", "timeout"})
"""Outcomes the serving side answers for; refused clients and rate limits are told apart from them."""
DeviceClass = Literal["desktop", "mobile", "tablet", "tv", "bot", "program", "unknown"]


class Gateway(Part):
    """The gateway that served the call."""

    product: Name | None = None
    instance: Name | None = None


class Request(Part):
    """What was asked."""

    id: Id | None = None
    method: Annotated[str, Field(max_length=32)] | None = None
    route: Line | None = Field(None, description="low-cardinality template, such as /orders/{id}")
    path: Line | None = None
    query: Line | None = None
    host: Name | None = None
    scheme: Name | None = None
    bytes: Count | None = None


class Response(Part):
    """What was answered; status 0 when the client went away first."""

    status: Status
    bytes: Count | None = None


class Latency(Part):
    """Where the time went, in milliseconds."""

    total_ms: Milliseconds | None = None
    upstream_ms: Milliseconds | None = None
    gateway_ms: Milliseconds | None = None


class Upstream(Part):
    """The service behind the gateway and the attempts made at it."""

    service: Name | None = None
    address: Name | None = None
    statuses: Annotated[tuple[Status, ...], Field(max_length=MAX_ATTEMPTS)] = ()
    retries: Count | None = None


class Geo(Part):
    """Where the client is, as the gateway knows it."""

    country_iso: Annotated[str, Field(max_length=2)] | None = None
    region: Name | None = None
    city: Name | None = None


class Client(Part):
    """Who called, technically; ``ip`` is truncated before it is stored."""

    ip: Annotated[str, Field(max_length=64)] | None = None
    geo: Geo | None = None
    user_agent: Line | None = None


class Caller(Part):
    """The service that made the call, for calls between services."""

    service: Name | None = None


class Trace(Part):
    """W3C trace context."""

    trace_id: Annotated[str, Field(max_length=64)] | None = None
    span_id: Annotated[str, Field(max_length=32)] | None = None
    parent_span_id: Annotated[str, Field(max_length=32)] | None = None


class Auth(Part):
    """How the caller proved who it is, and whether that worked."""

    method: Name | None = None
    ok: bool | None = None


class Ai(Part):
    """A call to a language model; ``cost`` in US dollars."""

    provider: Name | None = None
    request_model: Name | None = None
    response_model: Name | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cached_tokens: Count | None = None
    cost: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = None
    finish_reason: Name | None = None


class Failure(Part):
    """What the gateway said went wrong."""

    code: Name | None = None
    component: Name | None = None
    message: Line | None = None


class GatewayCall(Event):
    """One API call as the gateway saw it."""

    ce_type: ClassVar[str] = "io.hypercare.gateway.called.v1"

    gateway: Gateway = Gateway()
    request: Request
    response: Response
    latency: Latency = Latency()
    outcome: Outcome | None = Field(None, description="left out, it is derived from the statuses")
    upstream: Upstream = Upstream()
    client: Client = Client()
    consumer: Name | None = None
    caller: Caller | None = None
    user: Name | None = None
    session: Name | None = None
    trace: Trace = Trace()
    rows: Count | None = Field(None, description="records read or written, where known")
    release: Name | None = None
    auth: Auth | None = None
    ai: Ai | None = None
    error: Failure | None = None


class UserAgent(Part):
    """What the user agent string says."""

    browser: Name | None = None
    browser_version: Name | None = None
    os: Name | None = None
    os_version: Name | None = None
    device: DeviceClass = "unknown"


class EnrichedCall(GatewayCall):
    """A call with its route, outcome, blame and client understood, and nothing personal or secret left in it.

    ``user`` and ``session`` are keyed pseudonyms, ``client.ip`` is truncated to its network, secrets in the
    path, query and error are masked. ``notes`` says what was changed or could not be worked out.
    """

    ce_type: ClassVar[str] = "io.hypercare.gateway.call_enriched.v1"

    outcome: Outcome
    blame: Blame = "none"
    user_agent: UserAgent = UserAgent()
    origin: Line | None = Field(None, description="CloudEvents source of the raw event")
    notes: tuple[Name, ...] = ()
