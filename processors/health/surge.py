"""When a count that is never nothing, such as error logs or failed log-ins, is more than its own ups and downs.

Such counts come in bursts, so chance alone would call every burst a surge. A surge has to be beyond chance *and* beyond
the largest burst of the last days, which is the idea of `docs/decisions/0010-novelty-ratio.md`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

import orjson

from processors.health.chances import poisson_score

MINUTE_S = 60
SPANS = (1, 5)
"""Minutes that are looked at together; what is older is learned."""
USUAL_S = 6 * 3_600
"""Half-life of the usual rate."""
BURST_S = 3 * 86_400
"""Half-life of the largest burst that was no surge."""
TIMES, BEYOND, ALARM, FEWEST = 3.0, 1.5, 16.0, 10
"""A surge is three times the usual and half as much again as any burst, at a score of e^-16, and ten at least."""
ENDS = 1.5
"""Times the usual below which a surge is over; what lies between is a lull."""
READY_S, WARM_S = 600, 3_600
"""What is usual must have been seen for ten minutes, and for an hour to be sure of it."""
NEW_NORMAL_S = 3_600
"""A surge that lasts longer is learned: by then people know, and it is how things are. A shorter one never is."""
LEAST = 0.2
"""A rate below one in five minutes is taken for that: the first errors of a quiet program are no proof of much."""


@dataclass(frozen=True, slots=True)
class Rise:
    """More than usual: how many since when, how many were usual, and how unusual that is."""

    since: int
    observed: float
    expected: float
    score: float
    warm: bool


@dataclass(slots=True)
class Surge:
    """Counts of the last minutes as ``[minute, count]``, and what is usual a minute; times in seconds since 1970.

    ``bursts`` are the largest counts of each of `SPANS`.
    """

    since: int
    rows: list[list[int]] = field(default_factory=list)
    learned_until: int = 0
    usual: float = 0.0
    minutes: float = 0.0
    bursts: list[float] = field(default_factory=lambda: [0.0] * len(SPANS))
    rising_since: int = 0

    def take(self, at: int, count: int) -> None:
        """Count; what is older than the rows is counted with the oldest."""
        minute = at // MINUTE_S * MINUTE_S
        if self.rising_since and self.rows and minute - self.rows[-1][0] > SPANS[-1] * MINUTE_S:
            self._leave_out(until=minute)
        if not self.rows or minute > self.rows[-1][0]:
            self._learn(minute - (SPANS[-1] - 1) * MINUTE_S)
            self.rows.append([minute, 0])
        row = next((row for row in reversed(self.rows) if row[0] <= minute), self.rows[0])
        row[1] += count

    def rise(self, at: int) -> Rise | None:
        """What is beyond the usual in the last minute or the last five, if anything."""
        if self.learned_until - self.since < READY_S:
            return None
        rate, best = max(LEAST, self.usual / self.minutes if self.minutes else 0.0), None
        for span, burst in zip(SPANS, self.bursts, strict=True):
            start = (at // MINUTE_S + 1 - span) * MINUTE_S
            count, expected = self._count(start, at + 1), rate * span
            if count < max(FEWEST, TIMES * expected) or count <= BEYOND * burst:
                continue
            score = poisson_score(count, expected)
            if score >= ALARM and (best is None or score > best.score):
                best = Rise(start, count, expected, score, self.learned_until - self.since >= WARM_S)
        if best is not None:
            self.rising_since = self.rising_since or best.since
            return replace(best, since=self.rising_since)
        start = (at // MINUTE_S + 1 - SPANS[-1]) * MINUTE_S
        if self.rising_since and self._count(start, at + 1) < ENDS * rate * SPANS[-1]:
            self._leave_out(until=start)
        return None

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, value: bytes) -> Surge:
        """Read it back."""
        return cls(**orjson.loads(value))

    def _count(self, since: int, until: int) -> int:
        return sum(count for minute, count in self.rows if since <= minute < until)

    def _leave_out(self, until: int) -> None:
        """Forget a surge that is over, so that the next one like it is a surge again."""
        self.rows = [row for row in self.rows if row[0] < self.rising_since or row[0] >= until]
        self._learn(self.rising_since)
        self.learned_until, self.rising_since = max(until, self.learned_until), 0

    def _learn(self, until: int) -> None:
        """Take what is older than ``until`` into what is usual, unless it is a surge that lasts."""
        if self.rising_since:
            if until - self.rising_since < NEW_NORMAL_S:
                return
            self.rising_since = 0
        start = self.learned_until or self.since // MINUTE_S * MINUTE_S
        passed_s = max(0, until - start)
        usual, burst = 0.5 ** (passed_s / USUAL_S), 0.5 ** (passed_s / BURST_S)
        self.usual *= usual
        self.minutes = self.minutes * usual + passed_s / MINUTE_S
        self.bursts = [largest * burst for largest in self.bursts]
        for minute, count in self.rows:
            if minute < until:
                self.usual += count
                spans = (float(self._count(minute, minute + span * MINUTE_S)) for span in SPANS)
                self.bursts = [max(pair) for pair in zip(self.bursts, spans, strict=True)]
        self.rows = [row for row in self.rows if row[0] >= until]
        self.learned_until = max(start, until)
