"""An assistant in front of a language model whose provider turns calls away, so that a dearer one takes over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from producers.simulate.asked import Asked
from producers.simulate.traffic.callers import Callers
from producers.simulate.traffic.traffic import arrivals
from producers.simulate.wire import Call
from producers.simulate.world import rhythm_at

ROUTES = {"/api/v1/assistant/chat": 80, "/api/v1/assistant/summary": 20}
SHARE, LEAST_A_S = 0.03, 0.4
"""Calls to the assistant among all; a quiet system has a talkative one, or nothing could be told."""
DRY_S = 60.0
"""How long the first provider takes to turn nearly everything away."""
TURNED_AWAY, NOBODY = 0.92, 0.12
"""Part of the calls that the first provider turns away with 429, and of these the part that nobody takes over."""
CUT = 0.35
"""Part of the second provider's answers that are cut off: it allows fewer tokens."""
USD_A_TOKEN, DEARER = 4e-6, 5.0


@dataclass(frozen=True, slots=True)
class Provider:
    """Invented: who it is, what is asked for, what answers, and how much it may say."""

    name: str
    host: str
    model: str
    answers: str
    most_tokens: int
    usd_a_token: float


FIRST = Provider("example-models", "models.example.net", "assistant-large", "assistant-large-05", 4_000, USD_A_TOKEN)
SECOND = Provider(
    "sample-intelligence", "api.sample.example.org", "helper-medium", "helper-medium-2", 180, DEARER * USD_A_TOKEN
)


@dataclass(frozen=True)
class Assistant:
    """Calls to the assistant all the time; from the onset on the second provider takes over."""

    asked: Asked

    def calls(self) -> Iterator[Call]:
        """Each is a call with ``ai``."""
        asked, random, callers = self.asked, Random(f"{self.asked.seed}/assistant"), Callers.of(self.asked)
        seconds = asked.duration.total_seconds()
        for number, at in enumerate(arrivals(asked.seed, 14, asked.start, seconds, self._rate)):
            away = random.random() < self._turned_away(at)
            lost = away and random.random() < NOBODY
            provider = SECOND if away and not lost else FIRST
            route = random.choices(tuple(ROUTES), tuple(ROUTES.values()))[0]
            fields = _answered(route, provider, random, retried=away)
            if lost:
                fields |= _refused(fields, random)
            yield callers.call(f"assistant-{asked.seed}-{number}", at, callers.someone(random), random, fields)

    def signals(self) -> Iterator[Call]:
        """Nobody signals anything."""
        return iter(())

    def truth(self) -> Mapping[str, Any]:
        """Who turned calls away, who took over, and at what price."""
        return {
            "kind": "ai_failover",
            "also": ["ai_rate_limited", "ai_truncated"],
            "cause": {"provider": FIRST.name, "taken_over_by": SECOND.name},
            "equivalents": [],
            "turned_away": TURNED_AWAY,
            "truncated": CUT,
            "times_dearer": DEARER,
        }

    def _rate(self, at: float) -> float:
        return max(LEAST_A_S, self.asked.rate * SHARE) * rhythm_at(at)

    def _turned_away(self, at: float) -> float:
        if not self.asked.onset <= at < self.asked.end:
            return 0.001
        return TURNED_AWAY * min(1.0, (at - self.asked.onset) / DRY_S)


def _answered(route: str, provider: Provider, random: Random, *, retried: bool) -> dict[str, Any]:
    asked_tokens, tokens = random.randrange(200, 1_500), round(160 * random.lognormvariate(0, 0.5))
    cut = provider is SECOND and random.random() < CUT
    tokens = provider.most_tokens if cut else min(tokens, provider.most_tokens)
    cost = (asked_tokens + 4 * tokens) * provider.usd_a_token
    took = 300 + 9 * tokens * random.lognormvariate(0, 0.2) + (350 if retried else 0)
    return {
        "request": {"method": "POST", "route": route},
        "response": {"status": 200, "bytes": 300 + 5 * tokens},
        "latency": {"total_ms": round(took, 3)},
        "upstream": {
            "service": provider.host,
            "statuses": [429, 200] if retried else [200],
            "retries": 1 if retried else 0,
        },
        "ai": {
            "provider": provider.name,
            "request_model": provider.model,
            "response_model": provider.answers,
            "input_tokens": asked_tokens,
            "output_tokens": tokens,
            "cost": round(cost, 6),
            "finish_reason": "length" if cut else "stop",
        },
    }


def _refused(fields: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Nobody takes over: the caller gets the 429."""
    asked = {name: fields["ai"][name] for name in ("provider", "request_model", "input_tokens")}
    return {
        "response": {"status": 429, "bytes": 200},
        "latency": {"total_ms": round(random.uniform(60, 250), 3)},
        "upstream": {**fields["upstream"], "statuses": [429, 429]},
        "ai": asked,
        "error": {"code": "rate_limit_exceeded", "component": "provider"},
    }
