"""What fails in the same way: a route at its upstream with an outcome and an error code, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.cloudevents import derived_id
from contracts.symptoms import Symptom
from processors.feedback.joining.words import words_of_failure, words_of_name, words_of_text

MOST_WORDS = 24
BUCKET_S = 300
BUCKETS = 12
"""An hour of counts, in pieces of five minutes."""
SLOW = "slow"
"""Outcome of a pattern of calls that went well and took too long."""
FAILED, MISTAKEN, LONG = 1, 2, 3
"""How calls end: nobody served them, they were refused, they took long. 0 is not known."""
ENDS = (FAILED, MISTAKEN, LONG)
_FIRST_SERVER_ERROR = 500
Key = tuple[str, str, str, str, str]


@dataclass(slots=True)
class Pattern:
    """``key`` is method, route, upstream, outcome and error code or status; ``recent`` are calls by bucket."""

    key: list[str]
    blame: str
    status: int
    seen_at: float
    calls: int = 0
    recent: dict[str, int] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    """Words of the upstream and the error, which people do not see."""

    @property
    def route(self) -> str:
        """Its route; empty where not known."""
        return self.key[1]

    def in_last_hour(self, now: float) -> int:
        """Calls that came in the last hour."""
        oldest = int(now) // BUCKET_S - BUCKETS + 1
        return sum(calls for bucket, calls in self.recent.items() if int(bucket) >= oldest)

    def count(self, now: float) -> None:
        """One more call of it came."""
        self.calls += 1
        self.seen_at = max(self.seen_at, now)
        bucket = str(int(now) // BUCKET_S)
        self.recent[bucket] = self.recent.get(bucket, 0) + 1
        while len(self.recent) > BUCKETS:
            del self.recent[min(self.recent, key=int)]


@dataclass(frozen=True, slots=True)
class FailingPattern:
    """A pattern as it is told of; ``calls`` are those that came as symptoms, ``reporters`` different people."""

    id: str
    method: str
    route: str
    upstream: str
    outcome: str
    code: str
    status: int
    blame: str
    calls: int
    reports: int = 0
    reporters: int = 0


def tell(project: str, pattern: Pattern, reports: int = 0, reporters: int = 0) -> FailingPattern:
    """A pattern as others see it; its id is the same whenever it comes again."""
    method, route, upstream, outcome, code = pattern.key
    name = derived_id("pattern", project, *pattern.key)
    return FailingPattern(
        name, method, route, upstream, outcome, code, pattern.status, pattern.blame, pattern.calls, reports, reporters
    )


def key_of(symptom: Symptom) -> Key:
    """The pattern that a symptom belongs to."""
    outcome = SLOW if symptom.outcome == "ok" else symptom.outcome
    code = "" if outcome == SLOW else symptom.code or str(symptom.status)
    return symptom.method or "", symptom.route or "", symptom.upstream or "", outcome, code


def key_in(pattern: Pattern) -> Key:
    """The key of a pattern."""
    method, route, upstream, outcome, code = pattern.key
    return method, route, upstream, outcome, code


def end_of(pattern: Pattern) -> int:
    """How its calls end, see `ENDS`."""
    outcome = pattern.key[3]
    if outcome == SLOW:
        return LONG
    served = pattern.status < _FIRST_SERVER_ERROR and outcome not in {"timeout", "aborted"}
    return MISTAKEN if served else FAILED


def pattern_of(symptom: Symptom, now: float) -> Pattern:
    """A pattern that was not seen before, without calls."""
    words = (*words_of_failure(symptom.outcome, symptom.status), *words_of_name(symptom.route))
    aside = (*words_of_name(symptom.upstream), *words_of_name(symptom.code), *words_of_text(symptom.message))
    return Pattern(
        list(key_of(symptom)),
        symptom.blame,
        symptom.status,
        now,
        words=list(dict.fromkeys(words))[:MOST_WORDS],
        aside=list(dict.fromkeys(aside))[:MOST_WORDS],
    )
