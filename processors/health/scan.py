"""Finds the combinations of attributes under which far more calls fail than usual.

For every combination of up to three attributes the failed calls are held against what its own past lets expect, by
the likelihood ratio of two Poisson rates: the scan statistic of Kulldorff (1997), with the past as uncertain as it is.
The past of a small combination says little, so it is shrunk towards what its mix of routes usually does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from contracts.windows import ATTRIBUTES, GOOD_SAMPLE
from processors.health.chances import poisson_scores
from processors.health.combinations import codes_of, counted, keys_of, places, size_of, sums_at
from processors.health.leaves import Leaves
from processors.health.past import Past, calm
from processors.health.rank import MOST_TOGETHER, Pairs, Region, freeman_tukey, ranked, told_apart

PSEUDO_CALLS = 1_000.0
"""Calls of its mix of routes that are added to a combination's own past: what routes do is known far better."""
CALM_PSEUDO_CALLS = 200.0
"""The same for its calm past: fewer, because what the mix usually does has the spells of trouble in it."""
FEWEST = 5
"""Failed calls below which nothing is called a cause."""
PROMISING = 6.0
"""Score against the mix of routes from which a combination's own past is looked up: well below any alarm."""
MOST_ATTRIBUTES = 3
CALM, SCORE = 3, 4
"""Columns of what `_judged` returns."""
ROUTE = ATTRIBUTES.index("route")

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


def holds(leaves: Leaves, pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Which rows lie in a region."""
    mask = np.ones(len(leaves.codes), dtype=np.bool_)
    for attribute, code in pairs:
        mask &= leaves.codes[:, attribute] == code
    return mask


def scan(
    now: Leaves,
    past: Sequence[Leaves],
    *,
    attributes: int = len(ATTRIBUTES),
    mix: int | None = ROUTE,
    other: int | None = 0,
    most: int = 30,
    together: int = MOST_ATTRIBUTES,
) -> list[Region]:
    """The regions that explain best what fails, best first, each with as few attributes as select the same calls.

    ``past`` comes in blocks of time of about the same length. The first ``attributes`` columns of the codes are
    combined; ``mix`` is the one whose values have rates of their own that a combination with a short past is expected
    to share, if any; ``other`` is the code that stands for many values and is no cause, if any; up to ``together``
    attributes make a combination.
    """
    if not now.sums[:, 1].any():
        return []
    before = Past.of(past, attributes)
    sides = _Sides(
        _Side.of(now, attributes),
        _Side.of(now.where(now.sums[:, 1] > 0), attributes),
        before,
        _prior(now, before, mix),
        other,
    )
    found: list[Region] = []
    failing: set[tuple[int, ...]] = {()}
    for count in range(1, min(together, attributes) + 1):
        several = [  # where fewer attributes have no region in which enough failed, more have none either
            some for some in combinations(range(attributes), count) if failing.issuperset(combinations(some, count - 1))
        ]
        enough = list(_enough(sides, several))
        failing.update(suspects.attributes for suspects in enough)
        for suspects in _hopeful(enough):
            found.extend(_regions(sides, suspects))
    return list(told_apart(ranked(found, partial(_within, now))))[:most]


def _within(leaves: Leaves, part: Pairs, whole: Pairs) -> bool:
    return not (holds(leaves, part) & ~holds(leaves, whole)).any()


@dataclass(frozen=True, slots=True)
class _Side:
    """Columns of codes, calls and failed calls, and how many codes each attribute has."""

    columns: list[Numbers]
    calls: Floats
    bad: Floats
    variance: Floats | None
    sizes: list[int]

    @classmethod
    def of(cls, leaves: Leaves, attributes: int) -> _Side:
        columns = [leaves.codes[:, number].astype(np.int64) for number in range(attributes)]
        calls, bad = leaves.sums[:, 0].astype(np.float64), leaves.sums[:, 1].astype(np.float64)
        variance = None if leaves.variance is None else leaves.variance.astype(np.float64)
        return cls(columns, calls, bad, variance, [1 + int(column.max(initial=0)) for column in columns])


@dataclass(frozen=True, slots=True)
class _Sides:
    """Now and the past, and what each row of now lets expect."""

    now: _Side
    failed: _Side
    past: Past
    prior: Floats
    other: int | None


class _Suspects(NamedTuple):
    """Regions of the same attributes, sorted: codes (regions, attributes), failed calls, and those usual by the mix."""

    attributes: tuple[int, ...]
    codes: Numbers
    observed: Floats
    usual: Floats


def _enough(sides: _Sides, several: list[tuple[int, ...]]) -> Iterator[_Suspects]:
    """The regions in which enough failed to be looked at."""
    sizes = sides.now.sizes
    for attributes, keys, sums in counted(sides.failed.columns, several, sizes, sides.failed.bad, FEWEST):
        codes = codes_of(keys, attributes, sizes)
        named = (codes != sides.other).all(axis=1)
        if named.any():
            regions, size = keys[named], size_of(attributes, sizes)
            (usual,) = sums_at(keys_of(sides.now.columns, attributes, sizes), regions, size, (sides.prior,))
            yield _Suspects(attributes, codes[named], sums[named], usual)


def _hopeful(enough: list[_Suspects]) -> Iterator[_Suspects]:
    """Those that may fail more than their mix of routes: most do not, and a sample's error lets expect only more."""
    if not enough:
        return
    observed, usual = (np.concatenate([getattr(some, side) for some in enough]) for side in ("observed", "usual"))
    hopeful = poisson_scores(observed, usual) >= PROMISING
    if hopeful.any():
        ends = np.cumsum([len(some.observed) for some in enough])
        for some, chosen in zip(enough, np.split(hopeful, ends), strict=False):
            if chosen.any():
                yield _Suspects(some.attributes, some.codes[chosen], some.observed[chosen], some.usual[chosen])


def _regions(sides: _Sides, suspects: _Suspects) -> Iterator[Region]:
    """Every region of these attributes where more failed than is to be expected."""
    attributes, codes, observed, usual = suspects
    sizes = [max(sides_of) for sides_of in zip(sides.now.sizes, sides.past.sizes, strict=True)]
    size = size_of(attributes, sizes)
    regions = keys_of(list(codes.T), tuple(range(len(attributes))), [sizes[attribute] for attribute in attributes])
    keys = keys_of(sides.now.columns, attributes, sizes)
    (calls,) = sums_at(keys, regions, size, (sides.now.calls,))
    if sides.now.variance is not None:
        (variance,) = sums_at(keys, regions, size, (sides.now.variance,))
        calls, usual = _upper(calls, usual, variance)
    promising = poisson_scores(observed, usual) >= PROMISING
    if not promising.any():
        return
    regions, observed, codes, calls = regions[promising], observed[promising], codes[promising], calls[promising]
    at = places(keys_of(sides.past.columns, attributes, sizes), regions, size)
    numbers = _judged(observed, calls, usual[promising] / calls, sides.past.by_block(at, len(regions)))
    worth = freeman_tukey(observed, numbers[:, CALM])
    for best in np.argsort(-worth, kind="stable")[:MOST_TOGETHER]:
        if numbers[best, SCORE] > 0:
            pairs = tuple(zip(attributes, codes[best].tolist(), strict=True))
            seen, failed, expected, at_rest, score = numbers[best].tolist()
            yield Region(pairs, seen, failed, expected, at_rest, score, float(worth[best]))


def _judged(observed: Floats, calls: Floats, usual: Floats, past: tuple[Floats, Floats]) -> Floats:
    """Calls, observed, expected, calm and score of each region, in columns; ``usual`` is its rate by its mix."""
    (past_calls, past_bad), (calm_calls, calm_bad) = (side.sum(axis=1) for side in past), calm(*past)
    past_bad, past_calls = past_bad + PSEUDO_CALLS * usual, past_calls + PSEUDO_CALLS
    expected = np.maximum(past_bad / past_calls * calls, 1e-6)
    scores = np.where(observed > expected, _two_rates(observed, calls, past_bad, past_calls), 0.0)
    at_rest = (calm_bad + CALM_PSEUDO_CALLS * usual) / (calm_calls + CALM_PSEUDO_CALLS) * calls
    return np.column_stack([calls, observed, expected, at_rest, scores])


def _upper(calls: Floats, usual: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Calls of a sample at its upper standard error, and what they let expect: no alarm for want of sampled calls.

    Where none was sampled there may still have been one.
    """
    upper = calls + np.sqrt(variance) + GOOD_SAMPLE
    return upper, usual * upper / calls


def _two_rates(observed: Floats, calls: Floats, past_bad: Floats, past_calls: Floats) -> Floats:
    """Log likelihood ratio of two Poisson rates against one; with a long past it is the scan statistic."""
    pooled = (observed + past_bad) / (calls + past_calls)
    score: Floats = observed * np.log(observed / (pooled * calls)) + past_bad * np.log(past_bad / (pooled * past_calls))
    return score


def _prior(now: Leaves, past: Past, mix: int | None) -> Floats:
    """Failed calls that each row's route lets expect, shrunk towards all routes together."""
    overall = (past.bad.sum() + 0.5) / (past.calls.sum() + 100.0)
    if mix is None:
        flat: Floats = overall * now.sums[:, 0]
        return flat
    routes = past.column(mix)
    values = int(max(now.codes[:, mix].max(initial=0), routes.max(initial=0))) + 1
    value_calls, value_bad = (np.bincount(routes, side, values) for side in (past.calls, past.bad))
    rates = (value_bad + PSEUDO_CALLS * overall) / (value_calls + PSEUDO_CALLS)
    expected: Floats = rates[now.codes[:, mix]] * now.sums[:, 0]
    return expected
