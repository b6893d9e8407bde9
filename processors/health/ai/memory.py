"""What is remembered of one model at one provider: the last minutes, what is usual, and who answers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from contracts.windows import AI_COUNTS, LOG_TOKENS, AiSums
from processors.runtime.tables import TableSpec

MINUTE_S, HOUR_S = 60, 3_600
RECENT_MINUTES = 5
"""Minutes that are judged together; what is older is learned."""
USUAL_S = 6 * 3_600
"""Half-life of what is usual."""
WARM_S, WARM_CALLS = 600, 200
"""What is called usual must have been seen for ten minutes and in 200 calls."""
LARGEST_S = 30 * 86_400
"""Half-life of the dearest hour."""
MOST_ANSWERERS = 20
FORGOTTEN_S = 30 * 86_400
"""A response model that did not answer for so long is new when it comes back."""


@dataclass(slots=True)
class Use:
    """Sums with the names of `contracts.windows.AiSums`; decayed ones are no whole numbers."""

    calls: float = 0.0
    answered: float = 0.0
    limited: float = 0.0
    truncated: float = 0.0
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    cached_tokens: float = 0.0
    cost_microusd: float = 0.0
    measured: float = 0.0
    logs: float = 0.0
    log_squares: float = 0.0

    def add(self, other: Use | AiSums) -> None:
        """Add to it."""
        for name in AI_COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def decay(self, part: float) -> None:
        """Keep a part of it."""
        for name in AI_COUNTS:
            setattr(self, name, getattr(self, name) * part)

    @property
    def log_mean(self) -> float:
        """Mean of ln(1 + tokens) of an answer."""
        return self.logs / self.measured / LOG_TOKENS if self.measured else 0.0

    @property
    def log_deviation(self) -> float:
        """Standard deviation of ln(1 + tokens)."""
        if not self.measured:
            return 0.0
        return math.sqrt(max(0.0, self.log_squares / self.measured / LOG_TOKENS**2 - self.log_mean**2))

    @property
    def tokens(self) -> float:
        """Tokens of a typical answer: their geometric mean."""
        return math.expm1(self.log_mean)


@dataclass(slots=True)
class ModelUse:
    """A model at a provider; times are in seconds since 1970.

    ``recent`` is minute → use, ``answerers`` response model → time of its first and last answer, and how many.
    ``dearest`` is the largest hourly cost so far, in millionths of a dollar; an hour that was ``told`` of is not taken.
    """

    since: int
    until: int
    recent: dict[int, Use] = field(default_factory=dict)
    usual: Use = field(default_factory=Use)
    answerers: dict[str, list[int]] = field(default_factory=dict)
    hour: int = 0
    hour_microusd: float = 0.0
    dearest: float = 0.0
    told: bool = False

    @property
    def warm(self) -> bool:
        """Whether enough was seen to call anything usual."""
        return self.until - self.since >= WARM_S and self.usual.calls >= WARM_CALLS

    def take(self, start: int, sums: Iterable[AiSums]) -> None:
        """Take the sums of a window that begins then."""
        minute = start // MINUTE_S * MINUTE_S
        self._age(minute)
        for some in sums:
            self.recent.setdefault(minute, Use()).add(some)
            self.hour_microusd += some.cost_microusd
            self._answered(some, start)

    def now(self, end: int) -> Use:
        """The last minutes together."""
        total = Use()
        for minute, use in self.recent.items():
            if end - (RECENT_MINUTES + 1) * MINUTE_S < minute < end:
                total.add(use)
        return total

    def encode(self) -> bytes:
        """As it is stored."""
        recent = [[minute, *_numbers(use)] for minute, use in self.recent.items()]
        hour = [self.hour, self.hour_microusd, self.dearest, self.told]
        times = [self.since, self.until]
        return orjson.dumps([times, recent, _numbers(self.usual), self.answerers, hour])

    @classmethod
    def decode(cls, value: bytes) -> ModelUse:
        """Read it back."""
        (since, until), recent, usual, answerers, hour = orjson.loads(value)
        uses = {minute: Use(*numbers) for minute, *numbers in recent}
        return cls(since, until, uses, Use(*usual), answerers, *hour)

    def _age(self, minute: int) -> None:
        """Learn what is no longer recent, and begin the hour anew when it is over."""
        for old in [one for one in self.recent if one <= minute - (RECENT_MINUTES + 1) * MINUTE_S]:
            self.usual.decay(0.5 ** (max(0, old - self.until) / USUAL_S))
            self.usual.add(self.recent.pop(old))
            self.until = max(self.until, old)
        hour = minute // HOUR_S * HOUR_S
        if hour > self.hour:
            finished = 0.0 if self.told else self.hour_microusd
            self.dearest = max(self.dearest * 0.5 ** ((hour - self.hour) / LARGEST_S), finished)
            self.hour, self.hour_microusd, self.told = hour, 0.0, False

    def _answered(self, sums: AiSums, at: int) -> None:
        name = sums.response_model
        if not name or not sums.answered:
            return
        known = self.answerers.get(name)
        if known is None or at - known[1] > FORGOTTEN_S:
            if len(self.answerers) >= MOST_ANSWERERS:
                del self.answerers[min(self.answerers, key=lambda other: self.answerers[other][1])]
            known = [at, at, 0]
        self.answerers[name] = [known[0], at, known[2] + sums.answered]


MODELS: TableSpec[ModelUse] = TableSpec("models", encode=ModelUse.encode, decode=ModelUse.decode, capacity=5_000)


def _numbers(use: Use) -> list[float]:
    return [getattr(use, name) for name in AI_COUNTS]
