"""What a log of calls may tell, and what each format does tell: the table in docs/importing.md comes from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Fact = Literal[
    "method and path",
    "host",
    "request id",
    "route",
    "sizes",
    "whole time",
    "upstream's time",
    "upstream",
    "upstream's status",
    "retries",
    "client address",
    "country",
    "user agent",
    "consumer",
    "user",
    "trace",
    "sign-in",
    "gateway's own failures",
    "model and tokens",
    "cost",
]
FIELDS_OF_FACT: Final[dict[Fact, tuple[str, ...]]] = {
    "method and path": ("request.method", "request.path"),
    "host": ("request.host",),
    "request id": ("request.id",),
    "route": ("request.route",),
    "sizes": ("request.bytes", "response.bytes"),
    "whole time": ("latency.total_ms",),
    "upstream's time": ("latency.upstream_ms",),
    "upstream": ("upstream.service", "upstream.address"),
    "upstream's status": ("upstream.statuses",),
    "retries": ("upstream.retries",),
    "client address": ("client.ip",),
    "country": ("client.geo",),
    "user agent": ("client.user_agent",),
    "consumer": ("consumer",),
    "user": ("user",),
    "trace": ("trace.trace_id",),
    "sign-in": ("auth",),
    "gateway's own failures": ("outcome",),
    "model and tokens": ("ai.input_tokens",),
    "cost": ("ai.cost",),
}
"""Fields of `GatewayCall`, any of which holds the fact."""


@dataclass(frozen=True, slots=True, order=True)
class About:
    """A format in words, and what it cannot tell; everything else it tells where it is configured to."""

    format: str
    lacks: tuple[Fact, ...] = ()

    def tells(self, fact: Fact) -> bool:
        """Whether a log of this format can hold the fact."""
        return fact not in self.lacks
