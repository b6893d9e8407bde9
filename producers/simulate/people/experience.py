"""A call as the person behind it met it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from producers.simulate.browsers import OFFICE_AGENTS, Agent
from producers.simulate.world import BROWSERS, SEEN_AS

WORD = re.compile(r"^(?:/api/v1)?/([^/{}-]*).*$")
AGENT_OF: dict[str, Agent] = {agent.text: agent for agent in (*BROWSERS, *OFFICE_AGENTS)}
SEEN_OF = {agent.text: seen for agent, seen in zip(BROWSERS, SEEN_AS, strict=True)}


@dataclass(frozen=True, slots=True)
class Experience:
    """What of a raw call matters to who made it; ``inner`` says that a service made it, not a person."""

    at_ms: int
    call: str
    status: int
    took_ms: float
    values: dict[str, str]
    agent: Agent | None
    user: str | None
    session: str | None
    trace_id: str | None
    request_id: str | None
    inner: bool

    @property
    def word(self) -> str:
        """What the page is about: the first word of the route, or of the service where routes say nothing."""
        return WORD.sub(r"\1", self.values.get("route", ""))

    @property
    def country(self) -> str:
        """Country of the client, where known."""
        return self.values.get("country", "")


def experience(at_ms: int, raw: bytes) -> Experience:
    """Read one raw call."""
    call: dict[str, Any] = orjson.loads(raw)
    client, trace = call.get("client", {}), call.get("trace", {})
    text = client.get("user_agent", "")
    values = {
        "route": call["request"].get("route"),
        "upstream": call.get("upstream", {}).get("service"),
        "consumer": call.get("consumer"),
        "country": client.get("geo", {}).get("country_iso"),
        "release": call.get("release"),
        "instance": call.get("gateway", {}).get("instance"),
        "provider": call.get("ai", {}).get("provider"),
        "finish_reason": call.get("ai", {}).get("finish_reason"),
        **dict(zip(("browser", "os", "device"), SEEN_OF.get(text, ()), strict=False)),
    }
    return Experience(
        at_ms,
        call["id"],
        call["response"]["status"],
        call.get("latency", {}).get("total_ms", 0.0),
        {name: value for name, value in values.items() if value},
        AGENT_OF.get(text),
        call.get("user"),
        call.get("session"),
        trace.get("trace_id"),
        call["request"].get("id"),
        "caller" in call,
    )
