"""Rules over one model at one provider, each with a volume guard, and one over the providers of a project."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contracts.agreements import Limits
from contracts.calls import Blame
from contracts.findings import FindingKind
from processors.health.ai.memory import HOUR_S, ModelUse, Use
from processors.health.chances import chance_share_exceeds, poisson_score

FEW, FEW_WRONG = 20, 5
"""Calls of the last minutes below which nothing is judged, and calls that went wrong below which no share is."""
SURE = 0.99
LIMITED, CUT = 0.05, 0.1
"""Shares that a provider may turn away, and that may be cut off, even where it never happened before."""
TWICE = 2.0
"""A share, or the cost of an hour, is told when it is more than twice the usual."""
LONGER, SURE_Z = 1.5, 8.0
"""Answers are longer or shorter from this factor on, and at so many standard errors: answers of one kind come in runs,
so their errors are larger than those of chance."""
LEAST_DEVIATION = 0.05
"""Standard deviation of ln(tokens) at the least: answers of one length are no proof of another."""
CHEAP_USD = 1.0
"""Cost of an hour below which nobody is told."""
COST_KNOWN_S = 86_400
"""The dearest hour is known after a day."""
DRIFT_S = 3_600
"""How long another model that answers is news."""
MOSTLY, SELDOM = 0.5, 0.1
"""A provider has taken over when it has more than half of the calls that another had, and less than a tenth before."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one rule says: ``observed`` of ``calls`` where ``expected`` were usual; ``cause`` narrows further down."""

    kind: FindingKind
    calls: float
    observed: float
    expected: float
    score: float
    confidence: float
    blame: Blame = "unknown"
    cause: Mapping[str, str] = field(default_factory=dict)
    since: int | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)


def judged(use: ModelUse, end: int, limits: Limits) -> Iterator[Told]:
    """Everything that is unusual about a model now."""
    now = use.now(end)
    if now.calls >= FEW:
        for told in (
            _share("ai_rate_limited", (now.limited, now.calls), (use.usual.limited, use.usual.calls), LIMITED),
            _share("ai_truncated", (now.truncated, now.answered), (use.usual.truncated, use.usual.answered), CUT),
            _length(now, use),
        ):
            if told is not None:
                yield told
    yield from _drift(use, end)
    yield from _cost(use, limits)


def went_over(models: Mapping[tuple[str, str], ModelUse], end: int) -> Iterator[Told]:
    """A provider that had most of the calls, and one that has taken them over."""
    now, usual = _by_provider(models, end)
    calls, before = sum(now.values()), sum(usual.values())
    if calls < FEW or not any(use.warm for use in models.values()):
        return
    for provider, had in usual.items():
        lost = provider and had / before >= MOSTLY and now.get(provider, 0) / calls < MOSTLY * had / before
        for other, has in now.items():
            if lost and has / calls > MOSTLY * had / before and usual.get(other, 0) / before < SELDOM:
                expected = max(0.5, usual.get(other, 0) / before * calls)
                score = poisson_score(has, expected)
                cause = {"provider": provider, "taken_over_by": other}
                yield Told("ai_failover", calls, has, expected, score, 0.95, "third_party", cause)


def _share(kind: FindingKind, now: tuple[float, float], before: tuple[float, float], least: float) -> Told | None:
    """More than twice the usual share goes wrong, surely; each is how many went wrong, of how many."""
    (wrong, calls), usual = now, (before[0] + 0.5) / (before[1] + 100.0)
    if wrong < FEW_WRONG or wrong > calls:
        return None
    limit = min(0.95, max(least, TWICE * usual))
    chance = chance_share_exceeds(limit, round(wrong), round(calls))
    if chance <= SURE:
        return None
    blame: Blame = "third_party" if kind == "ai_rate_limited" else "unknown"
    return Told(kind, calls, wrong, usual * calls, poisson_score(wrong, usual * calls), chance, blame)


def _length(now: Use, use: ModelUse) -> Told | None:
    """Answers are much longer or shorter than they were."""
    if not use.warm or now.measured < FEW:
        return None
    change = now.log_mean - use.usual.log_mean
    error = max(LEAST_DEVIATION, use.usual.log_deviation) / math.sqrt(now.measured)
    if abs(change) < math.log(LONGER) or abs(change) / error < SURE_Z:
        return None
    numbers = {"tokens": round(now.tokens, 1), "usual_tokens": round(use.usual.tokens, 1)}
    usual = use.usual.tokens * now.measured
    tokens = now.tokens * now.measured
    return Told("ai_tokens", now.measured, tokens, usual, abs(change) / error, 0.95, numbers=numbers)


def _drift(use: ModelUse, end: int) -> Iterator[Told]:
    """Another model answers than ever before."""
    known_s = min((first for first, _, _ in use.answerers.values()), default=end)
    for name, (first, last, count) in use.answerers.items():
        new = first - known_s >= HOUR_S / 6 and end - first <= DRIFT_S and end - last <= HOUR_S / 6
        if new and use.warm and count >= FEW:
            yield Told(
                "ai_model_drift", count, count, 0.0, float(count), 0.95, "third_party", {"response_model": name}, first
            )


def _cost(use: ModelUse, limits: Limits) -> Iterator[Told]:
    """The hour costs more than was agreed, or than twice the dearest hour of the days before."""
    cost, dearest = use.hour_microusd / 1e6, use.dearest / 1e6
    known = use.until - use.since >= COST_KNOWN_S and dearest > 0
    if cost > limits.ai_cost or (known and cost > max(CHEAP_USD, TWICE * dearest)):
        numbers = {"cost_usd": round(cost, 4), "usual_cost_usd": round(dearest, 4)}
        if cost > limits.ai_cost:
            numbers["limit_cost_usd"] = limits.ai_cost
        usual = dearest if known else limits.ai_cost
        yield Told("ai_cost", use.now(use.until).calls, cost, usual, cost / usual, 0.9, since=use.hour, numbers=numbers)


def _by_provider(models: Mapping[tuple[str, str], ModelUse], end: int) -> tuple[dict[str, float], dict[str, float]]:
    now: dict[str, float] = {}
    usual: dict[str, float] = {}
    for (provider, _), use in models.items():
        now[provider] = now.get(provider, 0.0) + use.now(end).answered
        usual[provider] = usual.get(provider, 0.0) + use.usual.answered
    return now, {provider: answered for provider, answered in usual.items() if answered >= FEW}
