"""Finds the combinations of attributes under which far more calls fail than usual.

For every combination of up to three attributes the failed calls are held against what its own past lets expect, by
the likelihood ratio of two Poisson rates: the scan statistic of Kulldorff (1997), with the past as uncertain as it is.
The past of a small combination says little, so it is shrunk towards what its mix of routes usually does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from contracts.windows import ATTRIBUTES
from processors.health.leaf_history import Leaves
from processors.health.rank import Region, ranked, told_apart

PSEUDO_CALLS = 1_000.0
"""Calls of its mix of routes that are added to a combination's own past: what routes do is known far better."""
SAMPLED = 4.0
"""Good calls behind one leaf of a sample: its square root scales how uncertain a number of calls is."""
FEWEST = 5
"""Failed calls below which nothing is called a cause."""
PROMISING = 6.0
"""Score against the mix of routes from which a combination's own past is looked up: well below any alarm."""
MOST_ATTRIBUTES = 3
ROUTE = ATTRIBUTES.index("route")

DENSE = 2**18
"""Combinations of codes up to which all are counted at once, which is far faster than to look for some."""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


def holds(leaves: Leaves, pairs: tuple[tuple[int, int], ...]) -> npt.NDArray[np.bool_]:
    """Which rows lie in a region."""
    mask = np.ones(len(leaves.codes), dtype=np.bool_)
    for attribute, code in pairs:
        mask &= leaves.codes[:, attribute] == code
    return mask


def scan(
    now: Leaves, past: Leaves, *, attributes: int = len(ATTRIBUTES), mix: int | None = ROUTE, most: int = 30
) -> list[Region]:
    """The regions that score best, best first, each with as few attributes as select the same failed calls.

    The first ``attributes`` columns of the codes are combined; ``mix`` is the one whose values have rates of their own
    that a combination with a short past is expected to share, if any.
    """
    if not now.sums[:, 1].any():
        return []
    codes = now.codes[:, :attributes].max(axis=0), past.codes[:, :attributes].max(axis=0, initial=0)
    sides = _Sides(
        _Side.of(now, attributes),
        _Side.of(now.where(now.sums[:, 1] > 0), attributes),
        _Side.of(past, attributes),
        [int(most) + 1 for most in np.maximum(*codes)],
        _prior(now, past, mix),
    )
    found: list[Region] = []
    for count in range(1, min(MOST_ATTRIBUTES, attributes) + 1):
        for some in combinations(range(attributes), count):
            found.extend(_regions(sides, some))
    return list(told_apart(ranked(found)))[:most]


@dataclass(frozen=True, slots=True)
class _Side:
    """Columns of codes, calls and failed calls."""

    columns: list[Numbers]
    calls: Floats
    bad: Floats

    @classmethod
    def of(cls, leaves: Leaves, attributes: int) -> _Side:
        columns = [leaves.codes[:, number].astype(np.int64) for number in range(attributes)]
        return cls(columns, leaves.sums[:, 0].astype(np.float64), leaves.sums[:, 1].astype(np.float64))

    def keys(self, attributes: tuple[int, ...], sizes: list[int]) -> Numbers:
        """One number for each combination of codes."""
        keys = self.columns[attributes[0]]
        for attribute in attributes[1:]:
            keys = keys * sizes[attribute] + self.columns[attribute]
        return keys


@dataclass(frozen=True, slots=True)
class _Sides:
    """Now and the past, how many codes each attribute has, and what each row of now lets expect."""

    now: _Side
    failed: _Side
    past: _Side
    sizes: list[int]
    prior: Floats


def _regions(sides: _Sides, attributes: tuple[int, ...]) -> Iterator[Region]:
    """Every region of these attributes where more failed than is to be expected."""
    sizes, size = sides.sizes, math.prod(sides.sizes[attribute] for attribute in attributes)
    failed = sides.failed.keys(attributes, sizes)
    regions, observed = _totals(failed, sides.failed.bad, size)
    enough = observed >= FEWEST
    if not enough.any():
        return
    regions, observed = regions[enough], observed[enough]
    keys = sides.now.keys(attributes, sizes)
    calls, usual = _sums_at(keys, regions, size, (sides.now.calls, sides.prior))
    calls, usual = _upper(calls, usual)
    promising = poisson_scores(observed, usual) >= PROMISING
    if not promising.any():
        return
    regions, observed, calls, usual = regions[promising], observed[promising], calls[promising], usual[promising]
    past_keys = sides.past.keys(attributes, sizes)
    past_calls, past_bad = _sums_at(past_keys, regions, size, (sides.past.calls, sides.past.bad))
    past_bad, past_calls = past_bad + PSEUDO_CALLS * usual / calls, past_calls + PSEUDO_CALLS
    expected = np.maximum(past_bad / past_calls * calls, 1e-6)
    scores = np.where(observed > expected, _two_rates(observed, calls, past_bad, past_calls), 0.0)
    for at in np.flatnonzero(scores > 0):
        pairs = _pairs(int(regions[at]), attributes, sizes)
        yield Region(pairs, float(calls[at]), float(observed[at]), float(expected[at]), float(scores[at]))


def _pairs(key: int, attributes: tuple[int, ...], sizes: list[int]) -> tuple[tuple[int, int], ...]:
    codes = []
    for attribute in reversed(attributes[1:]):
        key, code = divmod(key, sizes[attribute])
        codes.append(code)
    return tuple(zip(attributes, (key, *reversed(codes)), strict=True))


def _totals(keys: Numbers, weights: Floats, size: int) -> tuple[Numbers, Floats]:
    """The keys that occur, sorted, with the sum of their weights."""
    if size <= DENSE:
        sums = np.bincount(keys, weights, size)
        found = np.flatnonzero(sums)
        return found, sums[found].astype(np.float64)
    found, which = np.unique(keys, return_inverse=True)
    return found, np.bincount(which, weights, len(found)).astype(np.float64)


def _sums_at(keys: Numbers, regions: Numbers, size: int, weights: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Two sums over the rows of each region; regions are sorted."""
    if size <= DENSE:
        first, second = (np.bincount(keys, column, size)[regions].astype(np.float64) for column in weights)
        return first, second
    places = np.searchsorted(regions, keys)
    places[places == len(regions)] = 0
    inside = regions[places] == keys
    at = places[inside]
    first, second = (np.bincount(at, column[inside], len(regions)).astype(np.float64) for column in weights)
    return first, second


def _upper(calls: Floats, usual: Floats) -> tuple[Floats, Floats]:
    """Calls of a sample at its upper standard error, and what they let expect: no alarm for want of sampled calls."""
    upper = calls + np.sqrt(SAMPLED * calls) + SAMPLED
    return upper, usual * upper / calls


def poisson_scores(observed: Floats, expected: Floats) -> Floats:
    """O ln(O/E) - (O - E) where more was observed than expected, else 0."""
    safe = np.maximum(expected, 1e-6)
    scores: Floats = np.where(observed > safe, observed * np.log(observed / safe) - (observed - safe), 0.0)
    return scores


def _two_rates(observed: Floats, calls: Floats, past_bad: Floats, past_calls: Floats) -> Floats:
    """Log likelihood ratio of two Poisson rates against one; with a long past it is the scan statistic."""
    pooled = (observed + past_bad) / (calls + past_calls)
    score: Floats = observed * np.log(observed / (pooled * calls)) + past_bad * np.log(past_bad / (pooled * past_calls))
    return score


def _prior(now: Leaves, past: Leaves, mix: int | None) -> Floats:
    """Failed calls that each row's route lets expect, shrunk towards all routes together."""
    calls, bad = past.sums[:, 0].astype(np.float64), past.sums[:, 1].astype(np.float64)
    overall = (bad.sum() + 0.5) / (calls.sum() + 100.0)
    if mix is None:
        flat: Floats = overall * now.sums[:, 0]
        return flat
    values = int(max(now.codes[:, mix].max(initial=0), past.codes[:, mix].max(initial=0))) + 1
    value_calls, value_bad = (
        np.bincount(past.codes[:, mix], calls, values),
        np.bincount(past.codes[:, mix], bad, values),
    )
    rates = (value_bad + PSEUDO_CALLS * overall) / (value_calls + PSEUDO_CALLS)
    expected: Floats = rates[now.codes[:, mix]] * now.sums[:, 0]
    return expected
