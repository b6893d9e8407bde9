"""What one value of a series says, and how long a baseline remembers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

NOVEL = 1.12
"""Score from which a value is an alarm in the sense of the public series: an eighth beyond anything in memory. Chosen
on all of them at once; the quality report says what a threshold chosen on other series is worth. For thousands of
series at a time it is too low: there, `confidence` tells what chance would not make."""
RECORDS = ("profile", "profile", "swing", "swing", "drift")
"""The residuals that can break a record: up and down for profile and swing, either way for drift."""
PROFILE, SWING, DRIFT = 0, 2, 4
"""Where each residual begins in `RECORDS`."""
DAY_S = 86_400
RATIO_LIMIT = 1e3
"""Beyond this no chance is left, and logarithms of the gamma function lose their digits."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How long things are remembered: half-lives in steps.

    A step is one value, or ``step_s`` seconds where values come faster: neighbours closer than that repeat each other,
    so they must not make the memory shorter. Settled on 29 public series; what halving and doubling each of them costs
    stands in `docs/decisions/0010-novelty-ratio.md`.
    """

    step_s: float = 300.0
    week: float = 1.0
    """Hour of the week: last week's values are the reference as the hour begins, this hour's own soon after."""
    day: float = 6.0
    """Hour of the day: half an hour of five-minute values."""
    fast: float = 1.0
    """Short enough to follow a jump, long enough to let one odd value pass."""
    slow: float = 13.0
    """About an hour of five-minute values: what the fast average is held against."""
    drift: float = 34.0
    """About three hours: a departure from the daily rhythm that lasts."""
    greatest: float = 8_000.0
    """Four weeks of five-minute values: a record has to outlive what happens once a week."""
    mute: float = 50.0
    """About four hours: trouble that comes again so soon, no stronger, is the same trouble."""


USUAL = Tuning()


class Novelty(NamedTuple):
    """What one value says. ``departure``, ``greatest`` and ``expected`` are in the unit of the series."""

    score: float = 0.0
    """``ratio``, or 0 where that is no record or one as strong was told lately: what to hold against `NOVEL`."""
    ratio: float = 0.0
    """The greatest of the residuals' novelty ratios; 0 where nothing can be compared."""
    residual: str = ""
    """Whose: profile, swing or drift; empty where ``ratio`` is 0."""
    departure: float = 0.0
    """That residual: positive above what is usual, negative below."""
    greatest: float = 0.0
    """The greatest of its kind in memory before this value: ``ratio`` is their quotient. 0 if there was none."""
    expected: float | None = None
    """What the profile has for this hour; None while it has nothing."""
    steps: float = 0.0
    """How much was learned before this value, in steps of `Tuning`."""
    confidence: float = 0.0
    """0 to 1: how sure it is that chance does not make such a record; low while the series is young."""


def confidence(ratio: float, steps: float, *, span_s: float, tuning: Tuning = USUAL) -> float:
    """How sure a record of ``ratio`` is no chance, after ``steps`` that took ``span_s`` seconds.

    A further value exceeds ``ratio`` times the greatest of n values with an exponential tail M with the chance
    E exp(-ratio M) = Γ(n + 1) Γ(ratio + 1) / Γ(n + ratio + 1), for a ratio of 1 the 1 / (n + 1) of any newest value.
    Over a memory of n values and five kinds of records, chance alone makes 5 n times that many; what is left of 1 is
    the confidence. The memory is what its half-life lets last. Until a day was seen, any record may be the daily
    rhythm: half of that.
    """
    n = min(steps, tuning.greatest / math.log(2))
    if n < 1 or ratio <= 1:
        return 0.0
    q = min(ratio, RATIO_LIMIT)
    chance = math.exp(math.lgamma(n + 1) + math.lgamma(q + 1) - math.lgamma(n + q + 1))
    sure = max(0.0, 1.0 - len(RECORDS) * n * chance)
    return sure if span_s >= DAY_S else sure / 2
